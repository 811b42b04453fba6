"""Only the difference is kept."""

import numpy as np


class IdentityWithLoss:
    def __init__(self):
        pass

    def forward(self, x, t):
        self.diff = x - t
        return np.mean(np.sum(self.diff ** 2, axis=1)) / 2

    def backward(self, dout=1):
        return dout * self.diff / len(self.diff)

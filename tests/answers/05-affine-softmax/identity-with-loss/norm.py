"""Squared norms of the rows."""

import numpy as np


class IdentityWithLoss:
    def __init__(self):
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.y, self.t = x.copy(), t.copy()
        return 0.5 * np.average(np.linalg.norm(x - t, axis=1) ** 2)

    def backward(self, dout=1):
        return np.subtract(self.y, self.t) / np.size(self.y, 0)

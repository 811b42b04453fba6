"""By tanh of half of x, the slope by cosh."""

import numpy as np


class Sigmoid:
    def __init__(self):
        self.x = None

    def forward(self, x):
        self.x = x
        return 0.5 * (1 + np.tanh(x / 2))

    def backward(self, dout):
        return dout / (2 * np.cosh(self.x / 2)) ** 2

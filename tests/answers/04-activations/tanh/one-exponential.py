"""One exponential of 2x, the slope without the output."""

import numpy as np


class Tanh:
    def __init__(self):
        self.e = None

    def forward(self, x):
        self.e = np.exp(2 * x)
        return 1 - 2 / (self.e + 1)

    def backward(self, dout):
        return dout * 4 * self.e / (self.e + 1) ** 2

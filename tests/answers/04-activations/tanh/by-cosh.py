"""The input is kept, the slope is one over cosh squared."""

import numpy as np


class Tanh:
    def __init__(self):
        self.x = None

    def forward(self, x):
        self.x = x
        return np.sinh(x) / np.cosh(x)

    def backward(self, dout):
        return dout / np.cosh(self.x) ** 2

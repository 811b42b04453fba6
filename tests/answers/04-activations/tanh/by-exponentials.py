"""The definition with exponentials, the slope in two factors."""

import numpy as np


class Tanh:
    def __init__(self):
        self.y = None

    def forward(self, x):
        self.y = (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))
        return self.y

    def backward(self, dout):
        return dout * (1 + self.y) * (1 - self.y)

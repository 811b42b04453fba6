"""Keeps the output alone: it is above zero just where x is."""

import numpy as np


class Relu:
    def __init__(self):
        self.out = None

    def forward(self, x):
        self.out = (x + np.abs(x)) / 2
        return self.out

    def backward(self, dout):
        return dout * np.sign(self.out)

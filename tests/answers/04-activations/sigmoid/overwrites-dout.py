"""Writes into dout, prints, and returns a copy of what it keeps."""

import numpy as np


class Sigmoid:
    def __init__(self):
        self.out = None

    def forward(self, x):
        self.out = np.exp(-np.logaddexp(0, -x))
        print("sigmoid forward", self.out.shape)
        return self.out.copy()

    def backward(self, dout):
        dout *= self.out
        dout *= 1 - self.out
        return dout

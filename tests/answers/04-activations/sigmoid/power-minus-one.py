"""A power of -1 in place of a fraction, math.e in place of np.exp."""

import math

import numpy as np


class Sigmoid:
    def __init__(self):
        self.out = None

    def forward(self, x):
        self.out = (1 + np.power(math.e, -x)) ** -1
        return self.out

    def backward(self, dout):
        return dout * self.out * (1 - self.out)

"""Backward writes into the array that forward has kept.

The first answer is right, but the kept output is gone afterwards: it holds a gradient now. Whoever
asks again gets nonsense. See unit 04, section 'In-place traps'.
"""

import numpy as np


class Sigmoid:
    def __init__(self):
        self.out = None

    def forward(self, x):
        self.out = 1 / (1 + np.exp(-x))
        return self.out

    def backward(self, dout):
        self.out *= 1 - self.out
        self.out *= dout
        return self.out

"""The brackets around the denominator are missing.

Python divides before it adds, so the 1 above is divided by the 1 below and the exponential is added
afterwards. The output is never below 1, and a sigmoid is never above it. See unit 04, section
'Sigmoid: a soft gate'.
"""

import numpy as np


class Sigmoid:
    def __init__(self):
        self.out = None

    def forward(self, x):
        out = 1 / 1 + np.exp(-x)
        self.out = out
        return out

    def backward(self, dout):
        dx = dout * (1.0 - self.out) * self.out
        return dx

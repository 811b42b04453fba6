"""The forward pass is the sigmoid, from 0 to 1.

A tanh gives negative outputs for negative inputs, and 0 at x = 0. The curves are relatives, but one
must be stretched and moved to become the other. See the figure in unit 04, section 'Saturation'.
"""

import numpy as np


class Tanh:
    def __init__(self):
        self.out = None

    def forward(self, x):
        self.out = 1 / (1 + np.exp(-x))
        return self.out

    def backward(self, dout):
        return dout * (1 - self.out ** 2)

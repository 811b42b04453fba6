"""The folded formula is fed with the input in place of the output.

The letter in the formula stands for what the layer returned, a number between 0 and 1. With x in
its place the slope can even become negative. See unit 04, section 'Four nodes become one'.
"""

import numpy as np


class Sigmoid:
    def __init__(self):
        self.x = None

    def forward(self, x):
        self.x = x
        return 1 / (1 + np.exp(-x))

    def backward(self, dout):
        dx = dout * self.x * (1 - self.x)
        return dx

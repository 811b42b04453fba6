"""The upstream gradient is added, not multiplied.

Gradients along one path are multiplied, like gear ratios; they are added only where several paths
meet. See unit 04, section 'Four nodes in a row', and unit 02.
"""

import numpy as np


class Sigmoid:
    def __init__(self):
        self.out = None

    def forward(self, x):
        self.out = 1 / (1 + np.exp(-x))
        return self.out

    def backward(self, dout):
        dx = dout + self.out * (1 - self.out)
        return dx

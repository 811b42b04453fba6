"""Only the division node took part in the way back.

The way back did not end there: between the denominator and x stand more nodes, and one of them
changes the size of the gradient. See unit 04, section 'Four nodes in a row'.
"""

import numpy as np


class Sigmoid:
    def __init__(self):
        self.out = None

    def forward(self, x):
        self.out = 1 / (1 + np.exp(-x))
        return self.out

    def backward(self, dout):
        return dout * self.out ** 2

"""The + node is missing, so the output grows without bound.

Put in x = 2: the output is far above 1, and a sigmoid never is. One of the four nodes was left out
of the denominator. See unit 04, section 'Four nodes in a row'.
"""

import numpy as np


class Sigmoid:
    def __init__(self):
        self.out = None

    def forward(self, x):
        self.out = 1 / np.exp(-x)
        return self.out

    def backward(self, dout):
        return dout * self.out * (1 - self.out)

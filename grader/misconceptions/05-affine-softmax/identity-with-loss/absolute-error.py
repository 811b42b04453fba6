"""Absolute values stand in place of squares.

The absolute error is another loss, of which the gradient forgets how large a mistake is.
See unit 05, the task of exercise 5.5.
"""

import numpy as np


class IdentityWithLoss:
    def __init__(self):
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.y = x
        self.t = t
        return np.sum(np.abs(x - t)) / x.shape[0]

    def backward(self, dout=1):
        return np.sign(self.y - self.t) / self.t.shape[0]

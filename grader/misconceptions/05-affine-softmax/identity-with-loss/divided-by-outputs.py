"""The number of outputs is taken for the batch size.

The first dimension of the array counts the rows of the batch, the second the outputs. The
mean is over the rows. See unit 05, the task of exercise 5.5.
"""

import numpy as np


class IdentityWithLoss:
    def __init__(self):
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.y = x
        self.t = t
        return 0.5 * np.sum((self.y - self.t) ** 2) / x.shape[1]

    def backward(self, dout=1):
        return (self.y - self.t) / self.t.shape[1]

"""The mean runs over all entries.

np.mean divides by rows times outputs. The task averages over the rows and adds up within a
row. See unit 05, the task of exercise 5.5.
"""

import numpy as np


class IdentityWithLoss:
    def __init__(self):
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.y = x
        self.t = t
        return 0.5 * np.mean((self.y - self.t) ** 2)

    def backward(self, dout=1):
        return (self.y - self.t) / self.t.size

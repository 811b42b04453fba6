"""The differences are added up before squaring.

Errors of opposite sign cancel, and a bad row looks perfect. Square each difference, then
add. See unit 05, the task of exercise 5.5.
"""

import numpy as np


class IdentityWithLoss:
    def __init__(self):
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.y = x
        self.t = t
        return 0.5 * np.sum(np.sum(x - t, axis=1) ** 2) / x.shape[0]

    def backward(self, dout=1):
        return (self.y - self.t) / self.t.shape[0]

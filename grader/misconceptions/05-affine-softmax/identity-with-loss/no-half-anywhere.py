"""The one half is missing in loss and gradient.

The two agree with each other, so a check by nudging alone would pass. But it is another
loss than the one in the task. See unit 05, the task of exercise 5.5.
"""

import numpy as np


class IdentityWithLoss:
    def __init__(self):
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.y = x
        self.t = t
        return np.sum((self.y - self.t) ** 2) / x.shape[0]

    def backward(self, dout=1):
        return 2 * (self.y - self.t) / self.t.shape[0]

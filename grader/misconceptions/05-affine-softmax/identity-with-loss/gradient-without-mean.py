"""The gradient is not divided by the batch size.

The loss is a mean over the rows, so one row counts for a share of it, in the gradient as
well. See unit 05, the task of exercise 5.5.
"""

import numpy as np


class IdentityWithLoss:
    def __init__(self):
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.y = x
        self.t = t
        return 0.5 * np.sum((self.y - self.t) ** 2) / x.shape[0]

    def backward(self, dout=1):
        return self.y - self.t

"""The root of the mean is taken.

The root brings the unit back, but it is another loss, and its gradient would have to pass
the root. See unit 05, the task of exercise 5.5.
"""

import numpy as np


class IdentityWithLoss:
    def __init__(self):
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.y = x
        self.t = t
        return np.sqrt(0.5 * np.sum((self.y - self.t) ** 2) / x.shape[0])

    def backward(self, dout=1):
        return (self.y - self.t) / self.t.shape[0]

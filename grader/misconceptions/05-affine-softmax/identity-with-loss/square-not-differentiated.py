"""The gradient still contains the square.

A gradient says how fast the loss changes, with a sign. The square itself is never negative.
See unit 05, section 'Pairs by design'.
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
        return 0.5 * (self.y - self.t) ** 2 / self.t.shape[0]

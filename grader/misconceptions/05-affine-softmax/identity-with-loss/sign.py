"""The gradient has the wrong sign.

An output above its target should be pushed down: there the loss grows with the output.
Check the sign with one number. See unit 05, section 'Pairs by design'.
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
        return (self.t - self.y) / self.t.shape[0]

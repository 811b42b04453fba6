"""The gradient is twice too large.

Differentiating a square brings a factor of 2, and something in the loss is there to undo
it. See unit 05, section 'Pairs by design'.
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
        return 2 * (self.y - self.t) / self.t.shape[0]

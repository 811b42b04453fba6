"""The one half is missing from the loss.

The gradient fits a loss with the one half, and the loss has none: nudging would show twice
as much. See unit 05, section 'Pairs by design'.
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
        return (self.y - self.t) / self.t.shape[0]

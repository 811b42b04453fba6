"""The loss is the cross entropy.

Cross entropy is for probabilities; a logarithm of any real number makes no sense.
Regression has a loss of its own. See unit 05, section 'Pairs by design'.
"""

import numpy as np


class IdentityWithLoss:
    def __init__(self):
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.y = x
        self.t = t
        return -np.sum(t * np.log(x + 1e-7)) / x.shape[0]

    def backward(self, dout=1):
        return (self.y - self.t) / self.t.shape[0]

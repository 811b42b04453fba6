"""The gradient leaves out the output.

Then the push would stay the same however close the output has come. The gradient must
vanish when output and target agree. See unit 05, section 'Pairs by design'.
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
        return -self.t / self.t.shape[0]

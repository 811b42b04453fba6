"""All layers share one memory.

What is stored on the class belongs to all its objects, so a second layer overwrites what
the first one remembered. See unit 03 on layers as objects.
"""

import numpy as np


class IdentityWithLoss:
    def __init__(self):
        pass

    def forward(self, x, t):
        IdentityWithLoss.y = x
        IdentityWithLoss.t = t
        return 0.5 * np.sum((self.y - self.t) ** 2) / x.shape[0]

    def backward(self, dout=1):
        return (self.y - self.t) / self.t.shape[0]

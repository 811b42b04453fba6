"""The first batch is kept for ever.

backward belongs to the last forward, so what forward keeps has to be replaced at each call.
See unit 03 on what a layer remembers.
"""

import numpy as np


class IdentityWithLoss:
    def __init__(self):
        self.y = None
        self.t = None

    def forward(self, x, t):
        if self.y is None:
            self.y, self.t = x, t
        return 0.5 * np.sum((x - t) ** 2) / x.shape[0]

    def backward(self, dout=1):
        return (self.y - self.t) / self.t.shape[0]

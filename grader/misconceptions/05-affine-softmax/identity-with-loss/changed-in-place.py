"""backward changes the stored output.

The difference is written into the kept array, so a second backward starts from something
else. Work on something new. See unit 04 on in-place traps.
"""

import numpy as np


class IdentityWithLoss:
    def __init__(self):
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.y = x.copy()
        self.t = t
        return 0.5 * np.sum((self.y - self.t) ** 2) / x.shape[0]

    def backward(self, dout=1):
        self.y -= self.t
        return self.y / self.t.shape[0]

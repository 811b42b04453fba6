"""The loss is a sum and the gradient that of a mean.

Each is plausible, but they do not belong together: the loss is to be averaged over the rows
as well. See unit 05, the task of exercise 5.5.
"""

import numpy as np


class IdentityWithLoss:
    def __init__(self):
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.y = x
        self.t = t
        return 0.5 * np.sum((self.y - self.t) ** 2)

    def backward(self, dout=1):
        return (self.y - self.t) / self.t.shape[0]

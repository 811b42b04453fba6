"""The gradient is multiplied by the loss.

What arrives from behind the loss is the derivative of the loss with respect to itself, not
its value. See unit 02 on the start of the backward sweep.
"""

import numpy as np


class IdentityWithLoss:
    def __init__(self):
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.y = x
        self.t = t
        self.loss = 0.5 * np.sum((self.y - self.t) ** 2) / x.shape[0]
        return self.loss

    def backward(self, dout=1):
        return self.loss * (self.y - self.t) / self.t.shape[0]

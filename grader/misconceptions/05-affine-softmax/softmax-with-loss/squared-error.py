"""The loss is the squared error.

The squared error goes with the identity. After softmax it gives another gradient than the
one that backward returns. See unit 05, section 'Pairs by design'.
"""

import numpy as np


class SoftmaxWithLoss:
    def __init__(self):
        self.loss = None
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.t = t
        self.y = softmax(x)
        self.loss = 0.5 * np.sum((self.y - self.t) ** 2) / len(x)
        return self.loss

    def backward(self, dout=1):
        batch_size = self.t.shape[0]
        dx = (self.y - self.t) / batch_size
        return dx

"""A sigmoid stands in place of softmax.

The short gradient comes out all the same, and so the mistake agrees with itself; but a row
of sigmoids does not sum to 1. See unit 05, section 'From scores to probabilities'.
"""

import numpy as np


class SoftmaxWithLoss:
    def __init__(self):
        self.loss = None
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.t = t
        self.y = 1 / (1 + np.exp(-x))
        self.loss = cross_entropy_error(self.y, self.t)
        return self.loss

    def backward(self, dout=1):
        batch_size = self.t.shape[0]
        dx = (self.y - self.t) / batch_size
        return dx

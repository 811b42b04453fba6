"""db is the mean over the batch.

Each row really uses the bias, so the contributions of all rows count in full. If the loss
is a mean, the upstream gradient already knows. See unit 05, section 'The bias: broadcast
forward, sum backward'.
"""

import numpy as np


class Affine:
    def __init__(self, W, b):
        self.W = W
        self.b = b
        self.x = None
        self.dW = None
        self.db = None

    def forward(self, x):
        self.x = x
        out = np.dot(x, self.W) + self.b
        return out

    def backward(self, dout):
        dx = np.dot(dout, self.W.T)
        self.dW = np.dot(self.x.T, dout)
        self.db = np.mean(dout, axis=0)
        return dx

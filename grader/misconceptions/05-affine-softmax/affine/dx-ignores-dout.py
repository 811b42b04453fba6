"""dx stops at the local derivative.

This is how fast the outputs grow, not how fast the loss grows: the upstream gradient must
take part in every gradient that goes back. See unit 02 for local times upstream.
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
        dx = np.dot(np.ones_like(dout), self.W.T)
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        return dx

"""The first output is kept and handed out again.

Saving work is good, but the next batch holds other numbers even when its shape is the same.
forward must compute from its argument. See unit 05, section 'Many baskets, one product'.
"""

import numpy as np


class Affine:
    def __init__(self, W, b):
        self.W = W
        self.b = b
        self.x = None
        self.dW = None
        self.db = None
        self.out = None

    def forward(self, x):
        self.x = x
        if self.out is None or self.out.shape[0] != x.shape[0]:
            self.out = np.dot(x, self.W) + self.b
        return self.out

    def backward(self, dout):
        dx = np.dot(dout, self.W.T)
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        return dx

"""db grows with every backward.

Adding up within one batch is right, adding up over several backward sweeps is not: each
sweep starts afresh. See unit 05, the task of exercise 5.1.
"""

import numpy as np


class Affine:
    def __init__(self, W, b):
        self.W = W
        self.b = b
        self.x = None
        self.dW = None
        self.db = np.zeros_like(b, dtype=float)

    def forward(self, x):
        self.x = x
        out = np.dot(x, self.W) + self.b
        return out

    def backward(self, dout):
        dx = np.dot(dout, self.W.T)
        self.dW = np.dot(self.x.T, dout)
        self.db += np.sum(dout, axis=0)
        return dx

"""dW grows with every backward.

The gradient of this batch is added to those of earlier batches, so the update would follow
old news again and again. See unit 05, the task of exercise 5.1.
"""

import numpy as np


class Affine:
    def __init__(self, W, b):
        self.W = W
        self.b = b
        self.x = None
        self.dW = np.zeros_like(W, dtype=float)
        self.db = None

    def forward(self, x):
        self.x = x
        out = np.dot(x, self.W) + self.b
        return out

    def backward(self, dout):
        dx = np.dot(dout, self.W.T)
        self.dW += np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        return dx

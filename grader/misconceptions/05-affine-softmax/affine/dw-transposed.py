"""dW comes out transposed.

Each weight has one derivative, so its gradient must be shaped like W. Here rows and columns
are exchanged, which the shape hides only when W is square. See unit 05, section 'Backward:
shapes force the transposes'.
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
        self.dW = np.dot(dout.T, self.x)
        self.db = np.sum(dout, axis=0)
        return dx

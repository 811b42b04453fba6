"""dx has W and dout in the wrong order.

The product runs, but what comes out has its rows and columns exchanged: a gradient must be
shaped like x, one row for each row of the batch. See unit 05, section 'Backward: shapes
force the transposes'.
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
        dx = np.dot(self.W, dout.T)
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        return dx

"""dx multiplies element by element with W.

Every input reaches all outputs of its row, so its gradient is a sum over several paths.
Element by element nothing is summed, and the shapes only fit by accident. See unit 05,
section 'Backward: shapes force the transposes'.
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
        dx = dout * self.W
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        return dx

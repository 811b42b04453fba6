"""dx multiplies element by element with x.

Multiplying with the other input swaps for a single multiply node, but here every input
reaches every output of its row through some weight. x itself is not what scales its own way
through. See unit 05, section 'Backward: shapes force the transposes'.
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
        dx = dout * self.x
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        return dx

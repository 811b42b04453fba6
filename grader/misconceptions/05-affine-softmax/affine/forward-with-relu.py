"""forward cuts negative totals off.

The activation is a layer of its own, with a backward of its own. An affine layer lets
negative totals through. See unit 04 for the activation.
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
        return np.maximum(np.dot(x, self.W) + self.b, 0)

    def backward(self, dout):
        dx = np.dot(dout, self.W.T)
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        return dx

"""db is multiplied by the bias.

The bias was added, not multiplied. For an addition the local derivative does not contain
the value that was added. See unit 03 on what add nodes send back.
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
        self.db = np.sum(dout * self.b, axis=0)
        return dx

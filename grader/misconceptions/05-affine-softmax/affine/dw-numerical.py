"""dW is found by nudging.

Nudging is a fine way to check a gradient, but it runs the layer twice for each weight and
is only roughly right. Back-propagation gives all of them at once by a formula. See unit 05,
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
        dx = np.dot(dout, self.W.T)
        h = 1e-5
        self.dW = np.zeros_like(self.W)
        for i in range(self.W.shape[0]):
            for j in range(self.W.shape[1]):
                old = self.W[i, j]
                self.W[i, j] = old + h
                up = np.sum(dout * (np.dot(self.x, self.W) + self.b))
                self.W[i, j] = old - h
                down = np.sum(dout * (np.dot(self.x, self.W) + self.b))
                self.W[i, j] = old
                self.dW[i, j] = (up - down) / (2 * h)
        self.db = np.sum(dout, axis=0)
        return dx

"""np.matmul, np.add and np.transpose."""

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
        return np.add(np.matmul(x, self.W), self.b)

    def backward(self, dout):
        self.dW = np.matmul(np.transpose(self.x), dout)
        self.db = np.add.reduce(dout)
        return np.matmul(dout, np.transpose(self.W))

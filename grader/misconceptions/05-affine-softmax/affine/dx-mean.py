"""dx is divided by the batch size.

The mean over the batch is taken once, in the loss, and is already inside the upstream
gradient. An inner layer must not take it again. See unit 05, the task of exercise 5.4.
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
        dx = np.dot(dout, self.W.T) / dout.shape[0]
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        return dx

"""backward changes the weights itself.

backward reports gradients; stepping along them is another job, done later and by someone
else. Here the way back already runs through weights that the way forward never saw. See
unit 05, the task of exercise 5.1.
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
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        self.W -= 0.1 * self.dW
        self.b -= 0.1 * self.db
        return np.dot(dout, self.W.T)

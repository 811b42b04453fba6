"""forward multiplies from the left.

In a batch each row of x is one example, and its entries meet the columns of W. In a matrix
product the order matters: check which dimensions stand inside. See unit 05, section 'Many
baskets, one product'.
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
        return np.dot(self.W, x) + self.b

    def backward(self, dout):
        dx = np.dot(dout, self.W.T)
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        return dx

"""dW uses the output in place of the input.

The derivative with respect to a weight is the value that this weight was multiplied with
going forward. That is an input, not the total that came out. See unit 05, section
'Backward: shapes force the transposes'.
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
        self.out = np.dot(x, self.W) + self.b
        return self.out

    def backward(self, dout):
        dx = np.dot(dout, self.W.T)
        self.dW = np.dot(self.out.T, dout)
        self.db = np.sum(dout, axis=0)
        return dx

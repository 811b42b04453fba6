"""db sums over the outputs, not over the batch.

Ask along which axis b was copied going forward: that is the axis along which its gradients
come together. This gives one number for each row of the batch. See unit 05, section 'The
bias: broadcast forward, sum backward'.
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
        self.db = np.sum(dout, axis=1)
        return dx

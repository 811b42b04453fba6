"""The gradient is found by nudging.

Nudging every score means two forward runs for each of them, for a rough result. The short
formula gives all entries at once. See unit 05, section 'Two nodes, one short gradient'.
"""

import numpy as np


class SoftmaxWithLoss:
    def __init__(self):
        self.loss = None
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.t = t
        self.x = x
        self.y = softmax(x)
        self.loss = cross_entropy_error(self.y, self.t)
        return self.loss

    def backward(self, dout=1):
        h = 1e-4
        dx = np.zeros_like(self.x)
        for i in range(self.x.shape[0]):
            for j in range(self.x.shape[1]):
                up, down = self.x.copy(), self.x.copy()
                up[i, j] += h
                down[i, j] -= h
                above = cross_entropy_error(softmax(up), self.t)
                below = cross_entropy_error(softmax(down), self.t)
                dx[i, j] = (above - below) / (2 * h)
        return dx

"""A full Jacobian for each row."""

import numpy as np


class SoftmaxWithLoss:
    def __init__(self):
        self.loss = None
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.t = t
        self.y = softmax(x)
        self.loss = cross_entropy_error(self.y, self.t)
        return self.loss

    def backward(self, dout=1):
        dx = []
        for y, t in zip(self.y, self.t):
            jacobian = np.diag(y) - np.outer(y, y)
            dx.append(jacobian @ (-t / y))
        return np.array(dx) / len(self.t)

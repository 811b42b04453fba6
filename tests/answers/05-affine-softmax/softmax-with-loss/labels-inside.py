"""Works on labels inside."""

import numpy as np


class SoftmaxWithLoss:
    def __init__(self):
        self.loss = None
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.labels = t.argmax(axis=1) if t.ndim == 2 else t
        self.y = softmax(x)
        return cross_entropy_error(self.y, self.labels)

    def backward(self, dout=1):
        dx = self.y.copy()
        dx[np.arange(len(dx)), self.labels] -= 1
        return dx / len(dx)

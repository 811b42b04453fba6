"""The gradients of the rows are averaged into one.

Each row of scores has a gradient of its own, shaped like the scores. The mean over the
batch is in the loss; here it only scales. See unit 05, the task of exercise 5.4.
"""

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
        return np.mean(self.y - self.t, axis=0)

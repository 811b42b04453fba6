"""The gradients of the rows are averaged into one.

Each row has a gradient of its own, shaped like the output. The mean over the batch is in
the loss; here it only scales. See unit 05, the task of exercise 5.5.
"""

import numpy as np


class IdentityWithLoss:
    def __init__(self):
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.y = x
        self.t = t
        return 0.5 * np.sum((self.y - self.t) ** 2) / x.shape[0]

    def backward(self, dout=1):
        return np.mean(self.y - self.t, axis=0)

"""The size of the difference is returned.

Without its sign the gradient pushes the true score down like all the others. See unit 05,
section 'Two nodes, one short gradient'.
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
        return np.abs(self.y - self.t) / self.t.shape[0]

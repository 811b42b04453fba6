"""The winner is compared with the target.

Where the winner is right, this gives no gradient at all, however unsure it was. The
probabilities themselves are to be compared. See unit 05, section 'Two nodes, one short
gradient'.
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
        winner = np.eye(self.y.shape[1])[np.argmax(self.y, axis=1)]
        return (winner - self.t) / self.t.shape[0]

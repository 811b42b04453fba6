"""forward returns a loss for each row.

The end of the graph is one number. The rows still have to be averaged. See unit 05, the
task of exercise 5.5.
"""

import numpy as np


class IdentityWithLoss:
    def __init__(self):
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.y = x
        self.t = t
        return 0.5 * np.sum((x - t) ** 2, axis=1)

    def backward(self, dout=1):
        return (self.y - self.t) / self.t.shape[0]

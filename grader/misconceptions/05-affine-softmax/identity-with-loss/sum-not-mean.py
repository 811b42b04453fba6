"""The rows are added up, in loss and gradient.

The two fit together, but a longer batch would give a larger loss and longer steps. The task
wants the mean over the rows. See unit 05, the task of exercise 5.5.
"""

import numpy as np


class IdentityWithLoss:
    def __init__(self):
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.y = x
        self.t = t
        return 0.5 * np.sum((self.y - self.t) ** 2)

    def backward(self, dout=1):
        return self.y - self.t

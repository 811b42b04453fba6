"""Only the exp node took part in the way back.

The exponential is one of four nodes, and the other three have local derivatives too. Here their
share was left out. See unit 04, section 'Four nodes in a row'.
"""

import numpy as np


class Sigmoid:
    def __init__(self):
        self.x = None

    def forward(self, x):
        self.x = x
        return 1 / (1 + np.exp(-x))

    def backward(self, dout):
        dx = dout * np.exp(-self.x)
        return dx

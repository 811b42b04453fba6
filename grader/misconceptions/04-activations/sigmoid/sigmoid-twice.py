"""The stored output goes through the sigmoid a second time.

What was stored in ``forward`` is the output already. Applying the function once more gives the
slope at another place on the curve. See unit 04, section 'Four nodes become one'.
"""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class Sigmoid:
    def __init__(self):
        self.out = None

    def forward(self, x):
        self.out = sigmoid(x)
        return self.out

    def backward(self, dout):
        s = sigmoid(self.out)
        return dout * s * (1 - s)

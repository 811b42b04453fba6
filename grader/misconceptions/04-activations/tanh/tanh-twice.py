"""The stored output goes through tanh a second time.

What ``forward`` stored is the output already. Applying the function once more gives the slope at
another place on the curve. See unit 04, section 'Exercise 4.4: the tanh layer'.
"""

import numpy as np


class Tanh:
    def __init__(self):
        self.out = None

    def forward(self, x):
        self.out = np.tanh(x)
        return self.out

    def backward(self, dout):
        return dout * (1 - np.tanh(self.out) ** 2)

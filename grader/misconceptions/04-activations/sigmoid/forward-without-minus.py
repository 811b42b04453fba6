"""The minus sign in the exponent is missing, so the curve falls.

Put in a large positive x: the answer should be close to 1, and it is close to 0. The first of the
four nodes was left out. See the table in unit 04, section 'Sigmoid: a soft gate'.
"""

import numpy as np


class Sigmoid:
    def __init__(self):
        self.out = None

    def forward(self, x):
        out = 1 / (1 + np.exp(x))
        self.out = out
        return out

    def backward(self, dout):
        return dout * (1.0 - self.out) * self.out

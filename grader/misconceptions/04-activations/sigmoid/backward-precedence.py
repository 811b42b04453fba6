"""The brackets in the local derivative are missing.

Without them Python multiplies first and takes the difference at the end, so a bare output is
subtracted from the gradient. Try your line with y = 0.8 and dout = 5. See unit 04, section
'Four nodes become one'.
"""

import numpy as np


class Sigmoid:
    def __init__(self):
        self.out = None

    def forward(self, x):
        self.out = 1 / (1 + np.exp(-x))
        return self.out

    def backward(self, dout):
        dx = dout * self.out * 1 - self.out
        return dx

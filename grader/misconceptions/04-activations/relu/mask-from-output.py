"""The mask is taken from the output, which is never below zero.

Asking the output whether it is at least 0 gets a yes from every element: the closed gates answered
0 as well. So no gate looks closed. See unit 04, section 'Why the mask must be kept'.

Same as: no-mask.
"""

import numpy as np


class Relu:
    def __init__(self):
        self.mask = None

    def forward(self, x):
        out = np.maximum(x, 0)
        self.mask = out >= 0
        return out

    def backward(self, dout):
        return dout * self.mask

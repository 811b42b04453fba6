"""The upstream gradient is multiplied by the value of x.

A multiply node does that, because there the other factor decides how much a nudge counts. At an
open gate the output moves exactly as much as x does, be x large or small. See unit 04, section
'ReLU: a gate'.
"""

import numpy as np


class Relu:
    def __init__(self):
        self.out = None

    def forward(self, x):
        self.out = np.where(x > 0, x, 0)
        return self.out

    def backward(self, dout):
        dx = dout * self.out
        return dx

"""Negative upstream gradients are cut off, as if dout were x.

``backward`` is not ``forward`` applied to the gradient: a negative gradient is a fair message, and
an open gate lets it through. See the second row of the table in unit 04, section
'ReLU: a gate'.
"""

import numpy as np


class Relu:
    def __init__(self):
        self.mask = None

    def forward(self, x):
        self.mask = x > 0
        return np.maximum(x, 0)

    def backward(self, dout):
        return np.maximum(dout, 0)

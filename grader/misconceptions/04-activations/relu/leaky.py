"""Closed gates leak: a hundredth gets through.

A leaky ReLU is a real activation, and a close relative, but this exercise asks for the plain one:
a closed gate lets nothing pass, forward or back. See unit 04, section 'ReLU: a gate'.
"""

import numpy as np


class Relu:
    def __init__(self, alpha=0.01):
        self.alpha = alpha
        self.mask = None

    def forward(self, x):
        self.mask = x > 0
        return np.where(self.mask, x, self.alpha * x)

    def backward(self, dout):
        return np.where(self.mask, dout, self.alpha * dout)

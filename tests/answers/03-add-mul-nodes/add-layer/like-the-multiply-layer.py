"""Stores its inputs, and multiplies by ones of their shape."""

import numpy as np


class AddLayer:
    def __init__(self):
        self.x = None
        self.y = None

    def forward(self, x, y):
        self.x = x
        self.y = y
        return np.add(x, y)

    def backward(self, dout):
        dx = dout * np.ones(np.shape(self.x))
        dy = dout * np.ones(np.shape(self.y))
        return dx, dy

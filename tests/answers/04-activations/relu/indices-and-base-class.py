"""A base class, np.nonzero in place of a mask, zeros filled in."""

import numpy as np


class Layer:
    def __init__(self):
        self.cache = None

    def __call__(self, x):
        return self.forward(x)


class Relu(Layer):
    def forward(self, x):
        self.cache = np.nonzero(x > 0)
        out = np.zeros_like(x)
        out[self.cache] = x[self.cache]
        return out

    def backward(self, dout):
        dx = np.zeros_like(dout)
        dx[self.cache] = dout[self.cache]
        return dx

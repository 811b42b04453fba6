"""Plain Python over the flattened array, with prints."""

import numpy as np


class Relu:
    def __init__(self):
        self.mask = None

    def forward(self, x):
        flat = [max(float(v), 0.0) for v in x.ravel()]
        self.mask = [v > 0 for v in x.ravel()]
        print("forward", x.shape)
        return np.array(flat).reshape(x.shape)

    def backward(self, dout):
        print("backward", dout.shape)
        dx = [float(d) if keep else 0.0 for d, keep in zip(dout.flat, self.mask, strict=True)]
        return np.array(dx).reshape(dout.shape)

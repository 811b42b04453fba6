"""The exponential is kept, the slope is that of the four nodes."""

import numpy as np


class Sigmoid:
    def forward(self, x):
        self.e = np.exp(-x)
        self.y = np.reciprocal(1 + self.e)
        return self.y

    def backward(self, dout):
        return dout * self.y ** 2 * self.e

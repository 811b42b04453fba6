"""np.divide and np.square, in a tuple without an __init__."""

import numpy as np


class DivLayer:
    def forward(self, x, y):
        self.cache = (x, y)
        return np.divide(x, y)

    def backward(self, dout):
        x, y = self.cache
        return np.divide(dout, y), -np.divide(dout * x, np.square(y))

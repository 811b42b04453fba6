"""Static methods for the function and its slope; clip and heaviside."""

import numpy as np


class Relu:
    @staticmethod
    def f(x):
        return np.clip(x, 0, None)

    @staticmethod
    def slope(x):
        return np.heaviside(x, 0.0)

    def forward(self, x):
        self.x = np.array(x)
        return self.f(self.x)

    def backward(self, dout):
        return np.multiply(dout, self.slope(self.x))

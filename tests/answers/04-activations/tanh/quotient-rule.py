"""The quotient rule written out, intermediate results kept."""

import numpy as np


class Tanh:
    def forward(self, x):
        self.up = np.exp(x) - np.exp(-x)
        self.down = np.exp(x) + np.exp(-x)
        return self.up / self.down

    def backward(self, dout):
        slope = (self.down * self.down - self.up * self.up) / self.down**2
        dout *= slope
        return dout

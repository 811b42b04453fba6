"""Returns one array that holds both gradients, and prints."""

import numpy as np


class AddLayer:
    def forward(self, x, y):
        print(f"{x} + {y}")
        return y + x

    def backward(self, dout):
        return np.array([dout, dout])

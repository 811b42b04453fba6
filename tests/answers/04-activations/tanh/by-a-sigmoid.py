"""Through a sigmoid, stretched and moved."""

import numpy as np


def sigmoid(v):
    return 1 / (1 + np.exp(-v))


class Tanh:
    def __init__(self):
        self.s = None

    def forward(self, x):
        self.s = sigmoid(2 * x)
        return 2 * self.s - 1

    def backward(self, dout):
        return dout * 4 * self.s * (1 - self.s)

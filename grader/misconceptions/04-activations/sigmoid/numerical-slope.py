"""The slope is measured by nudging x, not computed.

It is nearly right, and a good way to test a layer. But it costs two more forward passes for every
backward pass, and is less exact than a formula that needs only the stored output. See unit 04,
section 'Four nodes become one'.
"""

import numpy as np


class Sigmoid:
    def __init__(self):
        self.x = None

    def forward(self, x):
        self.x = x
        return 1 / (1 + np.exp(-x))

    def backward(self, dout):
        h = 1e-5
        plus = 1 / (1 + np.exp(-(self.x + h)))
        minus = 1 / (1 + np.exp(-(self.x - h)))
        return dout * (plus - minus) / (2 * h)

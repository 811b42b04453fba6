"""The output of the first call is kept for ever.

The slope depends on where on the curve the present batch sits, so every ``forward`` must leave a
new note. Here only the first one does. See unit 04, section 'Why the mask must be kept'.
"""

import numpy as np


class Sigmoid:
    def __init__(self):
        self.out = None

    def forward(self, x):
        out = 1 / (1 + np.exp(-x))
        if self.out is None:
            self.out = out
        return out

    def backward(self, dout):
        return dout * self.out * (1 - self.out)

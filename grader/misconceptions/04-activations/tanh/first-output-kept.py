"""The output of the first call is kept for ever.

The slope depends on where on the curve the present batch sits, so every ``forward`` must leave a
new note. Here only the first one does. See unit 04, section 'Why the mask must be kept'.
"""

import numpy as np


class Tanh:
    def __init__(self):
        self.out = None

    def forward(self, x):
        if self.out is None:
            self.out = np.tanh(x)
        return np.tanh(x)

    def backward(self, dout):
        return dout * (1 - self.out ** 2)

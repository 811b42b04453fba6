"""The mask of the first call is kept for ever.

The gates open and close with each new batch, so each ``forward`` must leave a new note. Here only
the first one does. See unit 04, section 'Why the mask must be kept'.
"""

import numpy as np


class Relu:
    def __init__(self):
        self.mask = None

    def forward(self, x):
        if self.mask is None:
            self.mask = x > 0
        return np.maximum(x, 0)

    def backward(self, dout):
        return dout * self.mask

"""backward returns the local derivatives and leaves dout out.

The recipe has two factors: how far the output moves for a nudge of the input, and what
arrives from the right. See unit 03, Exercise 3.5.
"""

import numpy as np


class SubLayer:
    def forward(self, x, y):
        self.x = x
        return x - y

    def backward(self, dout):
        one = np.ones_like(self.x)
        return one, -one

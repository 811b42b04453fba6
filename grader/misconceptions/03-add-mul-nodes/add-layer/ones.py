"""backward returns the local derivatives and leaves dout out.

The local slope of a sum is only one of two factors. The other one arrives from the right
and has to travel on. See unit 03, section 'Add passes on'.
"""

import numpy as np


class AddLayer:
    def forward(self, x, y):
        self.x = x
        self.y = y
        return x + y

    def backward(self, dout):
        return np.ones_like(self.x), np.ones_like(self.y)

"""The tangent of an angle was taken, not the hyperbolic one.

The two share half of their names and little else: the circular tangent shoots off to infinity again
and again, and this activation stays between -1 and 1. See unit 04, section
'Exercise 4.4: the tanh layer'.
"""

import numpy as np


class Tanh:
    def __init__(self):
        self.out = None

    def forward(self, x):
        self.out = np.tan(x)
        return self.out

    def backward(self, dout):
        return dout * (1 - self.out ** 2)

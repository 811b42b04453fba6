"""The output enters the local derivative, but not as it should.

Far to the left the output is close to -1, and this slope is close to 2. But the curve is flat
there, as it is on the other side. Work the quotient rule through: see the hints in unit 04, section
'Exercise 4.4: the tanh layer'.
"""

import numpy as np


class Tanh:
    def __init__(self):
        self.out = None

    def forward(self, x):
        self.out = np.tanh(x)
        return self.out

    def backward(self, dout):
        return dout * (1 - self.out)

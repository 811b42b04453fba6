"""The local derivative is returned without the upstream gradient.

It says how the output follows x. What the loss makes of the output comes in as ``dout``, and both
belong into the answer. See unit 04, section 'Four nodes in a row', where 5 comes in.
"""

import numpy as np


class Tanh:
    def __init__(self):
        self.out = None

    def forward(self, x):
        self.out = np.tanh(x)
        return self.out

    def backward(self, dout):
        return 1 - self.out ** 2

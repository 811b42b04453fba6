"""All elements are added up, not each pair of elements.

The node works element by element, so the sum of two arrays has as many elements as each of
them. See unit 03, section 'From node to layer'.
"""

import numpy as np


class AddLayer:
    def forward(self, x, y):
        return np.sum([x, y])

    def backward(self, dout):
        return np.sum(dout), np.sum(dout)

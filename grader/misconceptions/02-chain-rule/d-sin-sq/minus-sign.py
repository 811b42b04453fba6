"""A minus sign crept in.

The minus belongs to the derivative of a cosine. Look which way a sine moves just after 0, and
what its slope is there. See unit 02, section "A function inside a function".
"""

import numpy as np


def d_sin_sq(x):
    return -np.cos(x ** 2) * 2 * x

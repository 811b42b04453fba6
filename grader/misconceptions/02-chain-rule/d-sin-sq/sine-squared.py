"""The square was put outside the sine.

This is the derivative of the square of a sine. Asked is the sine of a square: which of the two
steps comes first in the forward pass? See unit 02, section "A function inside a function".
"""

import numpy as np


def d_sin_sq(x):
    return 2 * np.sin(x) * np.cos(x)

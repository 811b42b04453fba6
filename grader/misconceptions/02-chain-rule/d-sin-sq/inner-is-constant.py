"""The inner derivative was taken as a constant.

The inner function is not a straight line: its slope depends on where you are, and at 0 it is
flat. See unit 02, section "A function inside a function".
"""

import numpy as np


def d_sin_sq(x):
    return 2 * np.cos(x ** 2)

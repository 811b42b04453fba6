"""The inner function itself became a factor.

The second factor is not the inner function but its derivative. Compare the two at a value where
you know both. See unit 02, section "A function inside a function".
"""

import numpy as np


def d_sin_sq(x):
    u = x ** 2
    return np.cos(u) * u

"""Only the outer function was differentiated.

The outer derivative stands at the right intermediate value, but the inner function also has a
rate, and it is missing from the product. See unit 02, section "A function inside a function".
"""

import numpy as np


def d_sin_sq(x):
    u = x ** 2
    return np.cos(u)

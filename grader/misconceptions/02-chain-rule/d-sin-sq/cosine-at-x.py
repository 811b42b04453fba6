"""The outer derivative was evaluated at x.

Both factors are there, but the sine never sees x: it sees what the inner function makes of it.
Take the outer derivative at that number. See unit 02, section "A function inside a function".
"""

import numpy as np


def d_sin_sq(x):
    return np.cos(x) * 2 * x

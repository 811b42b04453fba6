"""numpy functions for each step, on np.asarray."""

import numpy as np


def d_sin_sq(x):
    x = np.asarray(x, dtype=float)
    return np.multiply(np.cos(np.square(x)), np.multiply(2, x))

"""Outer and inner derivative, each with a name."""

import numpy as np

def d_sin_sq(x):
    u = x ** 2
    outer = np.cos(u)
    inner = 2 * x
    return outer * inner

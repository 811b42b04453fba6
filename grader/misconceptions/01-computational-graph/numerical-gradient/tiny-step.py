"""The step is so small that nothing is nudged at all.

A float holds about 16 digits: adding 1e-50 to a number of ordinary size gives the same number, and the
difference is exactly 0. See unit 01, section 'How to nudge'.
"""

import numpy as np


def numerical_gradient(f, x, h=1e-4):
    h = 1e-50
    x = np.array(x, dtype=float)
    grad = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        value = x[index]
        x[index] = value + h
        above = f(x)
        x[index] = value - h
        below = f(x)
        x[index] = value
        grad[index] = (above - below) / (2 * h)
    return grad[()]

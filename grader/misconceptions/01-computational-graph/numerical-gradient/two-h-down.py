"""The nudge down goes twice as far as the nudge up.

Going down by 2h is right only if you start from the nudged-up value. From the old value, h is
enough. See unit 01, section 'How to nudge'.
"""

import numpy as np


def numerical_gradient(f, x, h=1e-4):
    x = np.array(x, dtype=float)
    grad = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        value = x[index]
        x[index] = value + h
        above = f(x)
        x[index] = value - 2 * h
        below = f(x)
        x[index] = value
        grad[index] = (above - below) / (2 * h)
    return grad[()]

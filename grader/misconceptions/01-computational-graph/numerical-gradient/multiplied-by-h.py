"""Brackets are missing: the quotient is multiplied by h.

Python works from left to right through / and *, so only the 2 is divided by. Your gradients are tiny.
See unit 01, hint 2 of exercise 1.5.
"""

import numpy as np


def numerical_gradient(f, x, h=1e-4):
    x = np.array(x, dtype=float)
    grad = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        value = x[index]
        x[index] = value + h
        above = f(x)
        x[index] = value - h
        below = f(x)
        x[index] = value
        grad[index] = (above - below) / 2 * h
    return grad[()]

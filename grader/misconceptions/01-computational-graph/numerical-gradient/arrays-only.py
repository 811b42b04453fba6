"""A plain number is refused.

A number has no shape and cannot be indexed. Turn it into an array first, or treat it on its own. See
unit 01, hint 3 of exercise 1.5.
"""

import numpy as np


def numerical_gradient(f, x, h=1e-4):
    x = x.astype(float)
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        old = x[index]
        x[index] = old + h
        above = f(x)
        x[index] = old - h
        below = f(x)
        x[index] = old
        grad[index] = (above - below) / (2 * h)
    return grad

"""A whole row is nudged at once.

A loop over the length of x takes the rows of a matrix, not its elements. It works for vectors and
breaks for everything that has more dimensions. See unit 01, exercise 1.5.
"""

import numpy as np


def numerical_gradient(f, x, h=1e-4):
    if np.ndim(x) == 0:
        return (f(x + h) - f(x - h)) / (2 * h)
    x = x.astype(float)
    grad = np.zeros_like(x)
    for i in range(len(x)):
        old = x[i].copy()
        x[i] = old + h
        above = f(x)
        x[i] = old - h
        below = f(x)
        x[i] = old
        grad[i] = (above - below) / (2 * h)
    return grad

"""The gradient of a matrix comes back as one long row.

The numbers are right, but each derivative should stand where its coordinate stands. The result has
the shape of x. See the docstring of exercise 1.5.
"""

import numpy as np


def numerical_gradient(f, x, h=1e-4):
    if np.ndim(x) == 0:
        return (f(x + h) - f(x - h)) / (2 * h)
    x = np.array(x, dtype=float)
    grad = []
    for index in np.ndindex(x.shape):
        old = x[index]
        x[index] = old + h
        above = f(x)
        x[index] = old - h
        below = f(x)
        x[index] = old
        grad.append((above - below) / (2 * h))
    return np.array(grad)

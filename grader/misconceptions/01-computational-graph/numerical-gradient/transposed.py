"""The gradient of a matrix comes back transposed.

Each derivative should stand where its coordinate stands: same row, same column. A square matrix hides
a swap from the shape, not from the values. See the docstring of exercise 1.5.
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
        grad[index] = (above - below) / (2 * h)
    return grad.T[()]

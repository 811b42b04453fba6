"""The gradient of whole numbers is cut down to whole numbers.

`np.zeros_like` takes over the dtype of x as well, and an integer array stores no fractions. Look at
the dtype of what you return. See unit 01, hint 3 of exercise 1.5.
"""

import numpy as np


def numerical_gradient(f, x, h=1e-4):
    if np.ndim(x) == 0:
        return (f(x + h) - f(x - h)) / (2 * h)
    grad = np.zeros_like(x)
    point = x.astype(float)
    for index in np.ndindex(x.shape):
        old = point[index]
        point[index] = old + h
        above = f(point)
        point[index] = old - h
        below = f(point)
        point[index] = old
        grad[index] = (above - below) / (2 * h)
    return grad

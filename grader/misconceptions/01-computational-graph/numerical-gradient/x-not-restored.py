"""The nudged array is handed back as it is.

After each coordinate x stays nudged, so the next derivative is taken somewhere else, and the
caller's array is not what it was. See unit 01, exercise 1.5.
"""

import numpy as np


def numerical_gradient(f, x, h=1e-4):
    if np.ndim(x) == 0:
        return (f(x + h) - f(x - h)) / (2 * h)
    if x.dtype != float:
        x = x.astype(float)
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        x[index] += h
        above = f(x)
        x[index] -= 2 * h
        below = f(x)
        grad[index] = (above - below) / (2 * h)
    return grad

"""Each value is divided on its own."""

import numpy as np


def numerical_gradient(f, x, h=1e-4):
    a = np.array(x, dtype=float)
    grad = np.zeros(a.shape)
    for index in np.ndindex(a.shape):
        keep = a.copy()
        a[index] = keep[index] + h
        grad[index] = f(a) / (2 * h)
        a[index] = keep[index] - h
        grad[index] -= f(a) / (2 * h)
        a = keep
    return grad

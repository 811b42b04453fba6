"""Whole numbers swallow the nudge.

An array of integers cuts 3.0001 down to 3 when you store it. Your function works for floats and
gives nonsense for integers. Look at the dtype of x. See unit 01, hint 3 of exercise 1.5.
"""

import numpy as np


def numerical_gradient(f, x, h=1e-4):
    if np.ndim(x) == 0:
        return (f(x + h) - f(x - h)) / (2 * h)
    x = x.copy()
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

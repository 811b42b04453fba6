"""Nudges in place and puts back, numbers apart."""

import numpy as np


def numerical_gradient(f, x, h=1e-4):
    if np.isscalar(x):
        return (f(x + h) - f(x - h)) / (2 * h)
    if x.dtype != np.float64:
        x = x.astype(float)
    grad = np.zeros_like(x)
    for index in np.ndindex(*x.shape):
        old = x[index]
        x[index] = old + h
        fxh1 = f(x)
        x[index] = old - h
        fxh2 = f(x)
        x[index] = old
        grad[index] = (fxh1 - fxh2) / (2 * h)
    return grad

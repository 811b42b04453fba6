"""Coordinates by recursion over the first axis."""

import numpy as np


def numerical_gradient(f, x, h=1e-4):
    if np.ndim(x) == 0:
        return (f(x + h) - f(x - h)) / (2 * h)
    x = x * 1.0
    grad = np.zeros(x.shape)
    for i in range(len(x)):
        def g(part, i=i):
            y = x.copy()
            y[i] = part
            return f(y)

        grad[i] = numerical_gradient(g, x[i], h)
    return grad

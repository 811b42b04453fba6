"""A copy is nudged, but f is called with the original.

f never sees a nudge, so nothing changes and all derivatives are 0. Call f with the array that you
changed. See unit 01, exercise 1.5.
"""

import numpy as np


def numerical_gradient(f, x, h=1e-4):
    flat = np.array(x, dtype=float).flatten()
    grad = np.zeros_like(flat)
    for i in range(flat.size):
        old = flat[i]
        flat[i] = old + h
        above = f(x)
        flat[i] = old - h
        below = f(x)
        flat[i] = old
        grad[i] = (above - below) / (2 * h)
    return grad.reshape(np.shape(x))

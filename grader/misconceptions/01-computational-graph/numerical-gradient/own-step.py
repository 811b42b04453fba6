"""The argument h is ignored.

You nudge by a step of your own, and whoever asks for another one does not get it. See the
docstring of exercise 1.5.
"""

import numpy as np


def numerical_gradient(f, x, h=1e-4):
    h = 1e-5
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
    return grad[()]

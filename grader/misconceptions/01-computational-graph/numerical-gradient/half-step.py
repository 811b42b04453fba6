"""Each coordinate is nudged by half of h.

A small step hides it, a large one shows it: h is how far each coordinate goes up and how far it
goes down. See the docstring of exercise 1.5.
"""

import numpy as np


def numerical_gradient(f, x, h=1e-4):
    x = np.array(x, dtype=float)
    grad = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        value = x[index]
        x[index] = value + h / 2
        above = f(x)
        x[index] = value - h / 2
        below = f(x)
        x[index] = value
        grad[index] = (above - below) / h
    return grad[()]

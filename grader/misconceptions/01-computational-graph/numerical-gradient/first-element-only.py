"""Only the first element gets a derivative.

A `return` inside the loop ends the function after the first turn, and the others stay at 0. Look at how
far it is indented. See unit 01, exercise 1.5.
"""

import numpy as np


def numerical_gradient(f, x, h=1e-4):
    x = np.array(x, dtype=float)
    grad = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        old = x[index]
        x[index] = old + h
        above = f(x)
        x[index] = old - h
        below = f(x)
        x[index] = old
        grad[index] = (above - below) / (2 * h)
        return grad

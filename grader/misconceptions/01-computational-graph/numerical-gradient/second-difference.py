"""The second derivative is measured and not the first.

Up minus twice the middle plus down tells how a curve bends. The slope needs two values alone. See
unit 01, section 'How to nudge'.
"""

import numpy as np


def numerical_gradient(f, x, h=1e-4):
    x = np.array(x, dtype=float)
    grad = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        value = x[index]
        middle = f(x)
        x[index] = value + h
        above = f(x)
        x[index] = value - h
        below = f(x)
        x[index] = value
        grad[index] = (above - 2 * middle + below) / h**2
    return grad[()]

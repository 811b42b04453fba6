"""The difference is taken the wrong way round.

The derivative tells how much f rises when x rises. Ask which of the two values belongs to the larger
x. See unit 01, section 'A derivative is a sensitivity'.
"""

import numpy as np


def numerical_gradient(f, x, h=1e-4):
    x = np.array(x, dtype=float)
    grad = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        value = x[index]
        x[index] = value + h
        above = f(x)
        x[index] = value - h
        below = f(x)
        x[index] = value
        grad[index] = (below - above) / (2 * h)
    return grad[()]

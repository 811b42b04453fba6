"""The change is divided by h and not by the whole distance.

From the nudge down to the nudge up it is farther than h, so your derivatives come out twice too
large. See unit 01, section 'How to nudge'.
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
        grad[index] = (above - below) / h
    return grad[()]

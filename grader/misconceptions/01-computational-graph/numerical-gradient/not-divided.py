"""The difference is not divided by the distance.

How much the result changes depends on how wide the nudge was. A sensitivity is the change for
each unit of x. See unit 01, section 'A derivative is a sensitivity'.
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
        grad[index] = above - below
    return grad[()]

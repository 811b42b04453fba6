"""f is handed a flattened x.

f expects an array shaped like x and may pick elements by row and column. Flatten for counting if
you like, but call f with the shape that it knows. See the docstring of exercise 1.5.
"""

import numpy as np


def numerical_gradient(f, x, h=1e-4):
    flat = np.array(x, dtype=float).flatten()
    grad = np.zeros(flat.size)
    for i in range(flat.size):
        old = flat[i]
        flat[i] = old + h
        above = f(flat)
        flat[i] = old - h
        below = f(flat)
        flat[i] = old
        grad[i] = (above - below) / (2 * h)
    return grad.reshape(np.shape(x))

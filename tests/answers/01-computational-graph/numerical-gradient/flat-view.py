"""A flat view of a float copy, adding and taking away."""

import numpy as np


def numerical_gradient(f, x, h=1e-4):
    point = np.array(x, dtype=float)
    flat = point.reshape(-1)
    grad = np.empty(flat.size)
    for i in range(flat.size):
        flat[i] += h
        up = f(point)
        flat[i] -= 2 * h
        down = f(point)
        flat[i] += h
        grad[i] = (up - down) / (2 * h)
    return grad.reshape(point.shape)

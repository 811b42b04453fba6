"""An array of zeros that collects the shares."""

import numpy as np


def fanout_grad(x):
    grad = np.zeros_like(x, dtype=float)
    grad += 2 * x
    grad += 3
    return grad

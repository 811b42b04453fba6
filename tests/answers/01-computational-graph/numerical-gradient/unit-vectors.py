"""A nudge array of one entry, made from an identity matrix."""

import numpy as np


def numerical_gradient(f, x, h=1e-4):
    shape = np.shape(x)
    if shape == ():
        return (f(x + h) - f(x - h)) / 2 / h
    nudges = [h * e.reshape(shape) for e in np.eye(x.size)]
    return np.array([(f(x + e) - f(x - e)) / (2 * h) for e in nudges]).reshape(shape)

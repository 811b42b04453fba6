"""A boolean mask picks the true classes."""

import numpy as np


def cross_entropy_error(y, t):
    if t.shape != y.shape:
        t = np.arange(y.shape[1]) == t[:, None]
    return -np.average(np.log(y[t.astype(bool)] + 1e-12))

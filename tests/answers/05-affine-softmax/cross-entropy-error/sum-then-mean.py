"""Sum over the classes, then mean over the rows."""

import numpy as np


def cross_entropy_error(y, t):
    delta = 1e-7
    if len(t.shape) == 1:
        one_hot = np.zeros_like(y)
        one_hot[np.arange(t.size), t] = 1
        t = one_hot
    return np.mean(-np.sum(t * np.log(y + delta), axis=1))

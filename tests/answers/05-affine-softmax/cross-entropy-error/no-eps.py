"""Labels become one-hot rows, nothing inside the log."""

import numpy as np


def cross_entropy_error(y, t):
    if t.ndim == 1:
        t = np.eye(y.shape[1])[t]
    return -np.sum(t * np.log(y)) / y.shape[0]

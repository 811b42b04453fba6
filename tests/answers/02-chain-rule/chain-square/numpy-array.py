"""A numpy array of the three numbers."""

import numpy as np


def chain_square(x, y):
    dz_dt = np.multiply(2.0, np.add(x, y))
    return np.array([dz_dt, 1.0, dz_dt])

"""Labels are not accepted.

The task admits both forms of the target. Bring one into the other first. See unit 05, the
task of exercise 5.3.
"""

import numpy as np


def cross_entropy_error(y, t):
    assert t.shape == y.shape
    return -np.sum(t * np.log(y + 1e-7)) / y.shape[0]

"""The form is guessed from a length.

N labels look like one row of C values when N happens to be C. Ask for the number of axes,
not for a length. See unit 05, the task of exercise 5.3.
"""

import numpy as np


def cross_entropy_error(y, t):
    if t.shape[-1] != y.shape[1]:
        t = np.eye(y.shape[1])[t]
    return -np.sum(t * np.log(y + 1e-7)) / y.shape[0]

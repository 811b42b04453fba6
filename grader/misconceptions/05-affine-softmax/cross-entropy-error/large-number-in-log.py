"""The number inside the logarithm is not small.

Protection against the logarithm of 0 must not change ordinary losses. The task says how
large it may be. See unit 05, the task of exercise 5.3.
"""

import numpy as np


def cross_entropy_error(y, t):
    if t.ndim == 2:
        t = np.argmax(t, axis=1)
    return -np.mean(np.log(y[np.arange(len(y)), t] + 0.01))

"""A loss for each row is returned.

The end of the graph is one number, so that there is one thing to differentiate. The rows
still have to be averaged. See unit 05, the task of exercise 5.3.
"""

import numpy as np


def cross_entropy_error(y, t):
    if t.ndim == 2:
        t = np.argmax(t, axis=1)
    return -np.log(y[np.arange(len(y)), t] + 1e-7)

"""Labels pick whole columns.

A colon means every row, so this takes N entries from each row, for N labels. One entry from
each row is wanted: rows and columns side by side. See unit 05, section 'Targets: one-hot
rows or labels'.
"""

import numpy as np


def cross_entropy_error(y, t):
    if t.ndim == 2:
        t = np.argmax(t, axis=1)
    return -np.sum(np.log(y[:, t] + 1e-7)) / y.shape[0]

"""The minus sign is missing.

The logarithm of a probability is negative. Without the minus sign a worse answer gets a
lower number, and training would make things worse. See unit 05, section 'Cross entropy: the
price of a surprise'.
"""

import numpy as np


def cross_entropy_error(y, t):
    if t.ndim == 2:
        t = np.argmax(t, axis=1)
    return np.mean(np.log(y[np.arange(len(y)), t] + 1e-7))

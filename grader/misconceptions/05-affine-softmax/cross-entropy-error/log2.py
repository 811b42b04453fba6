"""The logarithm has base 2.

This counts halvings in bits. The loss of this course is in natural units, which fit the
exponential of softmax. See unit 05, section 'Cross entropy: the price of a surprise'.
"""

import numpy as np


def cross_entropy_error(y, t):
    if t.ndim == 2:
        t = np.argmax(t, axis=1)
    return -np.mean(np.log2(y[np.arange(len(y)), t] + 1e-7))

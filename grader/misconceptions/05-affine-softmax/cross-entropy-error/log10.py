"""The logarithm has base 10.

Another base only scales the loss, but then it no longer fits the exponential of softmax,
and the short gradient is off by that factor. See unit 05, section 'Cross entropy: the price
of a surprise'.
"""

import numpy as np


def cross_entropy_error(y, t):
    if t.ndim == 2:
        t = np.argmax(t, axis=1)
    return -np.mean(np.log10(y[np.arange(len(y)), t] + 1e-7))

"""Squares are taken in place of the logarithm.

This is the loss that goes with the identity. With softmax it learns least from the worst
mistakes. See unit 05, section 'Pairs by design'.
"""

import numpy as np


def cross_entropy_error(y, t):
    if t.ndim == 1:
        t = np.eye(y.shape[1])[t]
    return 0.5 * np.sum((y - t) ** 2) / y.shape[0]

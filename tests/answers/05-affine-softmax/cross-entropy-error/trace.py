"""The diagonal of the table of chosen columns."""

import numpy as np


def cross_entropy_error(y, t):
    labels = t if t.ndim == 1 else t.argmax(1)
    return -np.trace(np.log(y)[:, labels]) / len(labels)

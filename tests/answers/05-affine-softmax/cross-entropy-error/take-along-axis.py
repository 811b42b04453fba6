"""np.take_along_axis with labels."""

import numpy as np


def cross_entropy_error(y, t):
    labels = t if t.ndim == 1 else np.argmax(t, axis=-1)
    p = np.take_along_axis(y, labels.reshape(-1, 1), axis=1)
    return -np.log(p + 1e-15).sum() / p.size

"""softmax is applied once more.

y already holds probabilities. Applying softmax to them again flattens them, and no row
could ever be sure. See unit 05, the task of exercise 5.3.
"""

import numpy as np


def cross_entropy_error(y, t):
    if t.ndim == 2:
        t = np.argmax(t, axis=1)
    e = np.exp(y)
    y = e / np.sum(e, axis=1, keepdims=True)
    return -np.mean(np.log(y[np.arange(len(y)), t] + 1e-7))

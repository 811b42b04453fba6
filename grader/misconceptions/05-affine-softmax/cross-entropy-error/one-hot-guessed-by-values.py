"""The form is guessed from the values.

Labels may happen to be only 0 and 1, and then look like one-hot values. The shape of the
target tells without doubt. See unit 05, the task of exercise 5.3.
"""

import numpy as np


def cross_entropy_error(y, t):
    if t.max() > 1:
        t = np.eye(y.shape[1])[t]
    return -np.sum(t * np.log(y + 1e-7)) / y.shape[0]

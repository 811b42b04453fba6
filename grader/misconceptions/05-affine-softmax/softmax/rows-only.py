"""A single row is not accepted.

A single row has one axis, and that is number 0. Counted from the back, the classes stand on
the same axis in both cases. See unit 05, the task of exercise 5.2.
"""

import numpy as np


def softmax(z):
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)

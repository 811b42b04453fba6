"""Only a single row is handled.

For one row this is right. For a batch both the largest score and the sum must be taken row
by row. See unit 05, the task of exercise 5.2.
"""

import numpy as np


def softmax(z):
    e = np.exp(z - np.max(z))
    return e / np.sum(e)

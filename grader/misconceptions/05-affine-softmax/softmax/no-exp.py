"""The scores are shared out without exp.

Scores may be negative, and their sum may be 0: as they stand they make no probabilities.
The exponential makes them positive first. See unit 05, section 'From scores to
probabilities'.
"""

import numpy as np


def softmax(z):
    return z / np.sum(z, axis=-1, keepdims=True)

"""The exponent has the wrong sign.

With this sign the lowest score gets the largest share. A higher score should mean a higher
probability. See unit 05, section 'From scores to probabilities'.
"""

import numpy as np


def softmax(z):
    e = np.exp(-(z - np.min(z, axis=-1, keepdims=True)))
    return e / np.sum(e, axis=-1, keepdims=True)

"""The largest probability is charged, not the true one.

This measures how sure the network is, whether it is right or wrong. The target has to say
which probability counts. See unit 05, section 'Cross entropy: the price of a surprise'.
"""

import numpy as np


def cross_entropy_error(y, t):
    return -np.mean(np.log(np.max(y, axis=1) + 1e-7))

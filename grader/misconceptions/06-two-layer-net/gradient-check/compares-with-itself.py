"""The gradient is compared with itself.

Both sides come from back-propagation, so they agree even if it is wrong. One side has to
come from nudges of the loss. See unit 06, section 'The gradient check'.
"""

import numpy as np


def gradient_check(net, x, t, h=1e-5):
    first = net.gradient(x, t)
    second = net.gradient(x, t)
    errors = {}
    for name in net.params:
        a, n = first[name], second[name]
        errors[name] = np.linalg.norm(a - n) / max(np.linalg.norm(a) + np.linalg.norm(n), 1e-12)
    return errors

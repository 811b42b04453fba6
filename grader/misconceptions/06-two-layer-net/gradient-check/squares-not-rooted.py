"""Sums of squares are compared without the root.

Without the root the error is squared: a difference of one in a thousand looks like one in a
million, and passes. See unit 06, section 'The gradient check'.
"""

import numpy as np


def gradient_check(net, x, t, h=1e-5):
    grads = net.gradient(x, t)
    errors = {}
    for name, param in net.params.items():
        a = grads[name]
        n = numerical_gradient(lambda p: net.loss(x, t), param, h)
        errors[name] = np.sum((a - n) ** 2) / max(np.sum(a**2) + np.sum(n**2), 1e-12)
    return errors

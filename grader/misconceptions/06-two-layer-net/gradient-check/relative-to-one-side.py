"""The difference is divided by one gradient alone.

The scale is made of both gradients, so that the error is the same whichever of the two is
wrong, and never above one. See unit 06, section 'The gradient check'.
"""

import numpy as np


def gradient_check(net, x, t, h=1e-5):
    grads = net.gradient(x, t)
    errors = {}
    for name, param in net.params.items():
        a = grads[name]
        n = numerical_gradient(lambda p: net.loss(x, t), param, h)
        errors[name] = np.linalg.norm(a - n) / max(np.linalg.norm(n), 1e-12)
    return errors

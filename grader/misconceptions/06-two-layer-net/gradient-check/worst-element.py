"""The worst single element decides.

An element whose true gradient is near zero has a large relative error from rounding alone,
so right networks fail. The norms are taken over the whole array. See unit 06, section 'The
gradient check'.
"""

import numpy as np


def gradient_check(net, x, t, h=1e-5):
    grads = net.gradient(x, t)
    errors = {}
    for name, param in net.params.items():
        a = grads[name]
        n = numerical_gradient(lambda p: net.loss(x, t), param, h)
        errors[name] = np.max(np.abs(a - n) / np.maximum(np.abs(a) + np.abs(n), 1e-12))
    return errors

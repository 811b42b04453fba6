"""One number is returned, not one for each parameter.

The largest error says that something is wrong but not where. The result is a dict with an
entry for each parameter. See unit 06, section 'The gradient check'.
"""

import numpy as np


def gradient_check(net, x, t, h=1e-5):
    grads = net.gradient(x, t)
    errors = {}
    for name, param in net.params.items():
        a = grads[name]
        n = numerical_gradient(lambda p: net.loss(x, t), param, h)
        errors[name] = np.linalg.norm(a - n) / max(np.linalg.norm(a) + np.linalg.norm(n), 1e-12)
    return max(errors.values())

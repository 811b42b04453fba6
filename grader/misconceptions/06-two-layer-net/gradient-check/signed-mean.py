"""The differences are averaged with their signs.

Positive and negative differences cancel, so a gradient that is wrong everywhere can look
perfect. The differences have to lose their signs before they are added. See unit 06,
section 'The gradient check'.
"""

import numpy as np


def gradient_check(net, x, t, h=1e-5):
    grads = net.gradient(x, t)
    errors = {}
    for name, param in net.params.items():
        a = grads[name]
        n = numerical_gradient(lambda p: net.loss(x, t), param, h)
        errors[name] = abs(np.mean(a - n))
    return errors

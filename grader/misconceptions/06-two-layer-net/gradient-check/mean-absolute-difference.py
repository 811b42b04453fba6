"""The mean absolute difference is returned.

Whether it is small depends on how large the gradient is: a tiny gradient that is wrong by
half passes, a large right one fails. The error has to be relative. See unit 06, section
'The gradient check'.
"""

import numpy as np


def gradient_check(net, x, t, h=1e-5):
    grads = net.gradient(x, t)
    errors = {}
    for name, param in net.params.items():
        a = grads[name]
        n = numerical_gradient(lambda p: net.loss(x, t), param, h)
        errors[name] = np.mean(np.abs(a - n))
    return errors

"""A fixed limit on the mean difference decides.

Differences below a limit count as no error at all. A gradient that is itself below the
limit passes, however wrong it is. What is asked for is the error, relative to the
gradients. See unit 06, section 'The gradient check'.
"""

import numpy as np


def gradient_check(net, x, t, h=1e-5):
    grads = net.gradient(x, t)
    errors = {}
    for name, param in net.params.items():
        a = grads[name]
        n = numerical_gradient(lambda p: net.loss(x, t), param, h)
        errors[name] = 0.0 if np.mean(np.abs(a - n)) < 1e-4 else 1.0
    return errors

"""A matrix norm is used that is not the root of all squares.

With an order of 2, numpy takes the largest stretch of a matrix and not the root of the sum
of its squares. For vectors both agree, for weight matrices they do not. See unit 06,
section 'The gradient check'.
"""

import numpy as np


def gradient_check(net, x, t, h=1e-5):
    grads = net.gradient(x, t)
    errors = {}
    for name, param in net.params.items():
        a = grads[name]
        n = numerical_gradient(lambda p: net.loss(x, t), param, h)
        errors[name] = np.linalg.norm(a - n, 2) / max(np.linalg.norm(a, 2) + np.linalg.norm(n, 2), 1e-12)
    return errors

"""The norm of the difference is not put in relation.

The same relative mistake looks large in a large gradient and harmless in a small one.
Divide by the size of what is compared. See unit 06, section 'The gradient check'.
"""

import numpy as np


def gradient_check(net, x, t, h=1e-5):
    grads = net.gradient(x, t)
    errors = {}
    for name, param in net.params.items():
        a = grads[name]
        n = numerical_gradient(lambda p: net.loss(x, t), param, h)
        errors[name] = np.linalg.norm(a - n)
    return errors

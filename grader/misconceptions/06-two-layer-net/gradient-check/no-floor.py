"""Two zero gradients are divided by zero.

When a parameter has no influence, both gradients are zero and agree; zero over zero is NaN
all the same. The definition has a floor for this case. See unit 06, section 'The gradient
check'.
"""

import numpy as np


def gradient_check(net, x, t, h=1e-5):
    grads = net.gradient(x, t)
    errors = {}
    for name, param in net.params.items():
        a = grads[name]
        n = numerical_gradient(lambda p: net.loss(x, t), param, h)
        errors[name] = np.linalg.norm(a - n) / (np.linalg.norm(a) + np.linalg.norm(n))
    return errors

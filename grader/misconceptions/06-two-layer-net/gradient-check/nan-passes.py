"""NaN is cleaned away and passes.

NaN in a gradient is the worst error there is: one step, and the parameters are lost. It has
to reach the result, where it passes no comparison. See unit 06, section 'The gradient
check'.
"""

import numpy as np


def gradient_check(net, x, t, h=1e-5):
    grads = net.gradient(x, t)
    errors = {}
    for name, param in net.params.items():
        a = grads[name]
        n = numerical_gradient(lambda p: net.loss(x, t), param, h)
        a, n = np.nan_to_num(a), np.nan_to_num(n)
        errors[name] = np.linalg.norm(a - n) / max(np.linalg.norm(a) + np.linalg.norm(n), 1e-12)
    return errors

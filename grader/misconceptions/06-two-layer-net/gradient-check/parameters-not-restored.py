"""Nudged parameters are not put back.

After the check the network is another one, and the later elements were nudged at another
point than the gradient was taken. See unit 06, section 'The gradient check'.
"""

import numpy as np


def gradient_check(net, x, t, h=1e-5):
    grads = net.gradient(x, t)
    errors = {}
    for name, param in net.params.items():
        n = np.zeros_like(param)
        for i in np.ndindex(param.shape):
            param[i] += h
            above = net.loss(x, t)
            param[i] -= 2 * h
            below = net.loss(x, t)
            n[i] = (above - below) / (2 * h)
        a = grads[name]
        errors[name] = np.linalg.norm(a - n) / max(np.linalg.norm(a) + np.linalg.norm(n), 1e-12)
    return errors

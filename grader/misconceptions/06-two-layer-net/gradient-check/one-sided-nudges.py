"""The slope is taken on one side only.

A nudge up alone makes an error in proportion to the step, and right networks come near the
limit. Nudges to both sides cancel most of it. See unit 06, section 'The gradient check'.
"""

import numpy as np


def gradient_check(net, x, t, h=1e-5):
    grads = net.gradient(x, t)
    errors = {}
    for name, param in net.params.items():
        n = np.zeros_like(param)
        start = net.loss(x, t)
        for i in np.ndindex(param.shape):
            old = param[i]
            param[i] = old + h
            n[i] = (net.loss(x, t) - start) / h
            param[i] = old
        a = grads[name]
        errors[name] = np.linalg.norm(a - n) / max(np.linalg.norm(a) + np.linalg.norm(n), 1e-12)
    return errors

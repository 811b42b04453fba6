"""The loss is rounded to single precision.

A float32 keeps about seven digits. The two losses of a nudge differ beyond the fifth or so,
and what is left of the difference is mostly rounding. See unit 06, section 'The gradient
check'.
"""

import numpy as np


def gradient_check(net, x, t, h=1e-5):
    grads = net.gradient(x, t)
    errors = {}
    for name, param in net.params.items():
        a = grads[name]
        n = numerical_gradient(lambda p: np.float32(net.loss(x, t)), param, h)
        errors[name] = np.linalg.norm(a - n) / max(np.linalg.norm(a) + np.linalg.norm(n), 1e-12)
    return errors

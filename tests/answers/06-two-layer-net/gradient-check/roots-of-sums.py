"""Norms as roots of sums, the floor by np.maximum, the names written out."""

import numpy as np


def gradient_check(net, x, t, h=1e-5):
    def f(_):
        return net.loss(x, t)

    back = net.gradient(x, t)
    result = {}
    for key in ("W1", "b1", "W2", "b2"):
        nudged = numerical_gradient(f, net.params[key], h)
        difference = np.sqrt(np.sum((back[key] - nudged) ** 2))
        size = np.sqrt(np.sum(back[key] ** 2)) + np.sqrt(np.sum(nudged**2))
        result[key] = difference / np.maximum(size, 1e-12)
    return result

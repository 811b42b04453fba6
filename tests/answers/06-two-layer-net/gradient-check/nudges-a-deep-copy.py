"""Works on a deep copy of the network, so that the original is never touched."""

import copy

import numpy as np


def gradient_check(net, x, t, h=1e-5):
    twin = copy.deepcopy(net)
    claimed = twin.gradient(x, t)
    out = {}
    for name in list(twin.params):
        n = numerical_gradient(lambda _: twin.loss(x, t), twin.params[name], h=h)
        a = claimed[name]
        out[name] = np.linalg.norm((a - n).ravel()) / max(np.linalg.norm(a) + np.linalg.norm(n), 1e-12)
    return out

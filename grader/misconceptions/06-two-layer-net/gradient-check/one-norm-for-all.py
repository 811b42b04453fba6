"""All parameters get the same error.

All gradients were put into one long vector. A bug in a small bias then drowns in the large
weights, and the result does not say where to look. See unit 06, section 'The gradient
check'.
"""

import numpy as np


def gradient_check(net, x, t, h=1e-5):
    grads = net.gradient(x, t)
    claimed, nudged = [], []
    for name, param in net.params.items():
        claimed.append(grads[name].ravel())
        nudged.append(numerical_gradient(lambda p: net.loss(x, t), param, h).ravel())
    a, n = np.concatenate(claimed), np.concatenate(nudged)
    error = np.linalg.norm(a - n) / max(np.linalg.norm(a) + np.linalg.norm(n), 1e-12)
    return {name: error for name in net.params}

"""Only the sign of the gradient is used.

A steep slope then gets the same step as a flat one, and near the minimum the parameters
jump back and forth. See unit 06, section 'Learning in four steps'.
"""

import numpy as np


def sgd_step(net, x, t, lr):
    grads = net.gradient(x, t)
    for key in net.params:
        net.params[key] -= lr * np.sign(grads[key])

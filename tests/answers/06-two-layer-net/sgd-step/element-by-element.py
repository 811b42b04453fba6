"""A loop over all elements."""

import numpy as np


def sgd_step(net, x, t, lr):
    grads = net.gradient(x, t)
    for key, array in net.params.items():
        for index in np.ndindex(array.shape):
            array[index] = array[index] - lr * grads[key][index]

"""Writes with [...] into each array."""


def sgd_step(net, x, t, lr):
    grads = net.gradient(x, t)
    for key in net.params:
        net.params[key][...] = net.params[key] - lr * grads[key]

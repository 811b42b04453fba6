"""Adds the negative step, slice by slice; returns the network."""


def sgd_step(net, x, t, lr):
    step = {k: -lr * v for k, v in net.gradient(x, t).items()}
    for k, v in step.items():
        net.params[k][:] += v
    return net

"""The parameters are replaced by the step.

A step says how far to go from where one is. Here the old values are gone. See unit 06,
section 'Learning in four steps'.
"""


def sgd_step(net, x, t, lr):
    grads = net.gradient(x, t)
    for key in net.params:
        net.params[key][...] = -lr * grads[key]

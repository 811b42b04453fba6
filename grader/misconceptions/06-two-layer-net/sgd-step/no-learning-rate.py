"""The learning rate is not used.

The whole gradient is subtracted. Where the slope is steep, such a step jumps far over the
valley. See unit 06, section 'Learning in four steps'.
"""


def sgd_step(net, x, t, lr):
    grads = net.gradient(x, t)
    for key in net.params:
        net.params[key] -= grads[key]

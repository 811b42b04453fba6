"""The step is divided by the size of the batch.

The loss is a mean over the rows, so its gradient is one as well. Dividing once more makes
the step smaller, the larger the batch. See unit 06, section 'Learning in four steps'.
"""


def sgd_step(net, x, t, lr):
    grads = net.gradient(x, t)
    for key in net.params:
        net.params[key] -= lr * grads[key] / x.shape[0]

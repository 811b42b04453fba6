"""The step goes up the slope.

The gradient points to where the loss grows. Look at the loss before and after the step. See
unit 06, section 'Learning in four steps'.
"""


def sgd_step(net, x, t, lr):
    grads = net.gradient(x, t)
    for key in net.params:
        net.params[key] += lr * grads[key]

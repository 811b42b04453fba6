"""The parameters are scaled, not moved.

The step then depends on how large a parameter is: one at zero never moves. Gradient descent
moves every parameter by the learning rate times its slope. See unit 06, section 'Learning
in four steps'.
"""


def sgd_step(net, x, t, lr):
    grads = net.gradient(x, t)
    for key in net.params:
        net.params[key] *= 1 - lr * grads[key]

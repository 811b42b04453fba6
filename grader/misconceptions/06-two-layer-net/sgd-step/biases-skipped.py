"""The biases are not updated.

Biases are parameters too: without their update the units can turn but not shift. See
unit 06, section 'Learning in four steps'.
"""


def sgd_step(net, x, t, lr):
    grads = net.gradient(x, t)
    for key in ("W1", "W2"):
        net.params[key] -= lr * grads[key]

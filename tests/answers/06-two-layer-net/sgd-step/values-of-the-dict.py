"""Takes the arrays out of the dict and uses -= on them; returns the loss before the step."""


def sgd_step(net, x, t, lr):
    before = net.loss(x, t)
    grads = net.gradient(x, t)
    for name, p in net.params.items():
        p -= lr * grads[name]
    return before

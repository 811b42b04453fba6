"""Only the first element of each parameter is compared.

A mistake in any other element goes unseen. Every element is to be nudged and compared. See
unit 06, section 'The gradient check'.
"""


def gradient_check(net, x, t, h=1e-5):
    grads = net.gradient(x, t)
    errors = {}
    for name, param in net.params.items():
        a = grads[name]
        n = numerical_gradient(lambda p: net.loss(x, t), param, h)
        a, n = a.flat[0], n.flat[0]
        errors[name] = abs(a - n) / max(abs(a) + abs(n), 1e-12)
    return errors

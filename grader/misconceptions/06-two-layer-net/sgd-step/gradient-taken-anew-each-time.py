"""The gradient is computed again after each parameter.

The second parameter then moves by a slope that was measured after the first had moved. A
step of gradient descent uses one gradient, at one point. See unit 06, section 'Step 3: the
update'.
"""


def sgd_step(net, x, t, lr):
    for key in net.params:
        net.params[key] -= lr * net.gradient(x, t)[key]

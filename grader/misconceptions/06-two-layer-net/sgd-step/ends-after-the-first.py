"""Only the first parameter is updated.

The return stands inside the loop, so the loop ends in its first round. See unit 06, section
'Step 3: the update'.
"""


def sgd_step(net, x, t, lr):
    grads = net.gradient(x, t)
    for key in net.params:
        net.params[key] -= lr * grads[key]
        return net

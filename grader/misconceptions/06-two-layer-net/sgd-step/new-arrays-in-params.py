"""params gets new arrays that the layers do not know.

The entry of the dict now names another array, while the layer still holds the old one.
Compare the loss before and after the step. See unit 06, section 'Step 3: the update'.
"""


def sgd_step(net, x, t, lr):
    grads = net.gradient(x, t)
    for key in net.params:
        net.params[key] = net.params[key] - lr * grads[key]

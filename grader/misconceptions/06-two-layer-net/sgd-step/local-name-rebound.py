"""The new values go to a local name and are lost.

The line makes a new array and gives it the name of the loop variable; neither params nor a
layer ever sees it. See unit 06, section 'Step 3: the update'.
"""


def sgd_step(net, x, t, lr):
    grads = net.gradient(x, t)
    for key, p in net.params.items():
        p = p - lr * grads[key]

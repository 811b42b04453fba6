"""The error is zero, whatever the network claims.

A check that passes every network checks nothing. The error has to come from the claimed
gradient and from a numerical one, and a network with a planted mistake has to stand out.
See unit 06, section 'The gradient check'.
"""


def gradient_check(net, x, t, h=1e-5):
    return dict.fromkeys(net.params, 0.0)

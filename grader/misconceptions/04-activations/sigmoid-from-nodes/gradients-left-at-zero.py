"""The forward sweep is written, the gradients are still zeros.

Zeros are a good place-holder while you try the first four lines. Now walk back: each gradient is
the one before it times the local derivative of one node. See unit 04, section 'Four nodes in a row'.
"""

import numpy as np


def sigmoid_from_nodes(x, dout):
    a = -x
    b = np.exp(a)
    c = 1 + b
    y = 1 / c
    dc = db = da = dx = 0 * x
    return (a, b, c, y), (dc, db, da, dx)

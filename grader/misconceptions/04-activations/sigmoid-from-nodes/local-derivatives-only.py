"""The local derivatives are listed, but never multiplied together.

They are the right ingredients. A gradient of the loss at an early node is what all the later nodes
made of it, one after the other. See unit 04, section 'Four nodes in a row'.
"""

import numpy as np


def sigmoid_from_nodes(x, dout):
    a = -x
    b = np.exp(a)
    c = 1 + b
    y = 1 / c

    dc = -1 / c**2
    db = np.ones_like(x)
    da = np.exp(a)
    dx = -np.ones_like(x)
    return (a, b, c, y), (dc, db, da, dx)

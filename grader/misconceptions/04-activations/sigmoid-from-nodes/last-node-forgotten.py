"""The way back stops one node too early.

Four nodes forward are four nodes back, and the one nearest to x has a local derivative as well.
Check the sign of your last result: the sigmoid rises with x. See the first row of the table in
unit 04, section 'Four nodes in a row'.
"""

import numpy as np


def sigmoid_from_nodes(x, dout):
    a = -x
    b = np.exp(a)
    c = 1 + b
    y = 1 / c

    dc = dout * -1 / c**2
    db = dc
    da = db * b
    dx = da
    return (a, b, c, y), (dc, db, da, dx)

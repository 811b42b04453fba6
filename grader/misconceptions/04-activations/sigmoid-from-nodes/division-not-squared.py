"""The division node divides by its input once, and that is too little.

How fast one over c falls depends on c more strongly than one over c itself does: at c = 2 compare a
nudge with what the node answers. See the last row of the table in unit 04, section
'Four nodes in a row'.
"""

import numpy as np


def sigmoid_from_nodes(x, dout):
    a = -1 * x
    b = np.exp(a)
    c = 1 + b
    y = 1 / c
    dc = dout * (-1 / c)
    db = dc * 1
    da = db * np.exp(a)
    dx = da * (-1)
    return (a, b, c, y), (dc, db, da, dx)

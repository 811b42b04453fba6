"""The division node sends back the wrong sign.

A larger denominator makes the quotient smaller, so value and nudge move in opposite directions.
Try it with c = 2 and c = 2.1. See the last row of the table in unit 04, section
'Four nodes in a row'.
"""

import numpy as np


def sigmoid_from_nodes(x, dout):
    a = -x
    b = np.exp(a)
    c = b + 1
    y = 1 / c

    dc = dout / c**2
    db = dc
    da = db * b
    dx = -da
    return (a, b, c, y), (dc, db, da, dx)

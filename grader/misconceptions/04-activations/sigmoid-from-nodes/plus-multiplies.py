"""The + node multiplies its gradient by its own input.

That is how a multiply node would look at it. In a sum a nudge of one term moves the result by as
much, whatever the terms are. See unit 04, section 'Four nodes in a row', and unit 03 on the add
node.
"""

import numpy as np


def sigmoid_from_nodes(x, dout):
    a = -x
    b = np.exp(a)
    c = 1 + b
    y = 1 / c

    dc = -dout * y**2
    db = dc * b
    da = db * b
    dx = -1 * da
    return (a, b, c, y), (dc, db, da, dx)

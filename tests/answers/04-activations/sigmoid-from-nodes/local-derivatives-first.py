"""All local derivatives are named first, then multiplied up."""

import numpy as np


def sigmoid_from_nodes(x, dout):
    a = -x
    b = np.exp(a)
    c = 1 + b
    y = 1 / c

    dy_dc = -1 / c**2
    dc_db = 1
    db_da = b
    da_dx = -1

    dc = dout * dy_dc
    db = dc * dc_db
    da = db * db_da
    dx = da * da_dx
    return (a, b, c, y), (dc, db, da, dx)

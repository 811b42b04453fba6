"""Reuses one array on the way back, with a copy for each answer."""

import numpy as np


def sigmoid_from_nodes(x, dout):
    a = -x
    b = np.exp(a)
    c = b + 1
    y = np.divide(1, c)

    g = dout
    g *= -1
    g /= c * c
    dc = g.copy()
    db = dc
    g *= b
    da = g.copy()
    g *= -1
    return (a, b, c, y), (dc, db, da, g)

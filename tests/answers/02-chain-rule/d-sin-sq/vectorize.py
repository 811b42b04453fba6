"""np.vectorize over a function of one number."""

import math


def d_sin_sq(x):
    return np.vectorize(lambda v: 2 * v * math.cos(v * v))(x)

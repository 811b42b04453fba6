"""The inner derivative stands inside and outside.

The inner derivative as a factor is right. But the outer derivative is taken at the intermediate
value, that is at the inner function, not at its derivative. See unit 02, section "A function
inside a function".
"""

import numpy as np


def d_sin_sq(x):
    du = 2 * x
    return np.cos(du) * du

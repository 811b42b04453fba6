"""The outer and the inner derivative were added.

Both parts are right, each at its own value. But one function inside another makes two rates in
a row, and rates in a row do not add. See unit 02, section "A function inside a function".
"""

import numpy as np


def d_sin_sq(x):
    outer = np.cos(x ** 2)
    inner = 2 * x
    return outer + inner

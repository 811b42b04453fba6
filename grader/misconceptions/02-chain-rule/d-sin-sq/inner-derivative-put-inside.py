"""The inner derivative was put inside the outer one.

You differentiated both functions and then put one into the other. The chain rule multiplies the
two derivatives; what stands inside the outer one stays the inner function itself. See unit 02,
section "A function inside a function".
"""

import numpy as np


def d_sin_sq(x):
    return np.cos(2 * x)

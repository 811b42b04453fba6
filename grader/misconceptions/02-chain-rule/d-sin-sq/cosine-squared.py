"""The cosine was squared, not its argument.

The intermediate value goes into the cosine; squaring what comes out is something else. Mind
where the bracket closes. See unit 02, section "A function inside a function".
"""

import numpy as np


def d_sin_sq(x):
    return np.cos(x) ** 2 * 2 * x

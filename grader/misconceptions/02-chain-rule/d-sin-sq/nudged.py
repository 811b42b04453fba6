"""The derivative was nudged, not derived.

The numbers are nearly right, but a nudge gives a derivative only roughly. The task asks for a
formula. See unit 02, exercise 2.2.
"""

import numpy as np


def d_sin_sq(x):
    h = 1e-5
    f = lambda v: np.sin(v ** 2)
    return (f(x + h) - f(x - h)) / (2 * h)

"""All coordinates are nudged at once, and each gets the same value.

The shape fits, but every entry is the sum of all sensitivities. Nudge one coordinate and leave the
others alone. See unit 01, section 'A derivative is a sensitivity'.
"""

import numpy as np


def numerical_gradient(f, x, h=1e-4):
    slope = (f(x + h) - f(x - h)) / (2 * h)
    return np.zeros(np.shape(x)) + slope

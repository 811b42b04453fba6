"""Only the strongest path was kept.

The weaker path also moves the result. A nudge travels along all paths, and z feels each of
them. See unit 02, section "When a value takes several paths".
"""

import numpy as np


def fanout_grad(x):
    return np.maximum(2 * x, 3)

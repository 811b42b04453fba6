"""The inner derivative lost its factor.

The shape of the answer is right, but the square reacts more strongly to x than you say. Nudge 5
by 0.001 and look at its square. See unit 02, section "One node, one local derivative".
"""

import numpy as np


def d_sin_sq(x):
    return x * np.cos(x ** 2)

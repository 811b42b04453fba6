"""np.apply_along_axis and a lambda."""

import numpy as np

softmax = lambda z: np.apply_along_axis(lambda row: np.exp(row - row.max()) / np.exp(row - row.max()).sum(), -1, z)

"""One share as 1 over the sum of powers of differences."""

import numpy as np


def softmax(z):
    differences = z[..., None, :] - z[..., :, None]
    return 1 / np.exp(differences).sum(axis=-1)

"""numpy functions, float64 results."""

import numpy as np


def apple_forward(price, n, tax):
    subtotal = np.multiply(price, n)
    total = np.multiply(subtotal, tax)
    return subtotal, total

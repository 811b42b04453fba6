"""A dot product of prices and counts."""

import numpy as np


def fruit_forward(apple, n_apple, orange, n_orange, tax):
    prices, counts = np.array([apple, orange]), np.array([n_apple, n_orange])
    apples, oranges = prices * counts
    return apples, oranges, prices @ counts, tax * np.dot(prices, counts)

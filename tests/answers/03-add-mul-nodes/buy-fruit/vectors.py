"""Prices and counts as vectors, one multiply layer for both fruits."""

import numpy as np


def buy_fruit(apple, n_apple, orange, n_orange, tax):
    prices, counts = np.array([apple, orange]), np.array([n_apple, n_orange])
    fruit = prices @ counts
    dprices, dcounts = tax * counts, tax * prices
    return fruit * tax, dprices[0], dcounts[0], dprices[1], dcounts[1], fruit

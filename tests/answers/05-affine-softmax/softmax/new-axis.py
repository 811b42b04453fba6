"""Axes put back by hand."""

import numpy as np


def softmax(z):
    batch = np.atleast_2d(z)
    largest = batch.max(axis=1)
    powers = np.exp(batch - largest[:, np.newaxis])
    shares = powers / powers.sum(axis=1).reshape(-1, 1)
    return shares.reshape(z.shape)

"""The two-layer network of unit 06, each sweep one formula: affine, ReLU, affine, softmax."""

from __future__ import annotations

import numpy as np

NAMES = ("W1", "b1", "W2", "b2")


def log_softmax(scores: np.ndarray) -> np.ndarray:
    """Return the logarithms of the softmax of each row."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


class Network:
    """A network with one hidden layer, as an exercise asks for it, but without layers.

    Parameters
    ----------
    inputs, hidden, classes : int
        The sizes.
    scale : float
        The standard deviation of the weights; biases start at zero.
    rng : numpy.random.Generator, optional
        Where the weights come from.
    """

    def __init__(self, inputs: int, hidden: int, classes: int, scale: float = 0.01, rng=None):
        rng = np.random.default_rng(0) if rng is None else rng
        self.params = {
            "W1": scale * rng.standard_normal((inputs, hidden)),
            "b1": np.zeros(hidden),
            "W2": scale * rng.standard_normal((hidden, classes)),
            "b2": np.zeros(classes),
        }

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return the scores, shape (N, classes)."""
        p = self.params
        return np.maximum(x @ p["W1"] + p["b1"], 0) @ p["W2"] + p["b2"]

    def loss(self, x: np.ndarray, t: np.ndarray) -> float:
        """Return the mean cross entropy for one-hot ``t``."""
        return float(-(t * log_softmax(self.predict(x))).sum() / len(x))

    def gradient(self, x: np.ndarray, t: np.ndarray) -> dict[str, np.ndarray]:
        """Return dL/dparameter for every parameter."""
        return self._backward(x, t)[0]

    def gradients_between(self, x: np.ndarray, t: np.ndarray) -> dict[str, np.ndarray]:
        """Return by layer the gradient that leaves it towards its input, from the loss on."""
        _, (scores, hidden, before) = self._backward(x, t)
        return {
            "SoftmaxWithLoss": scores,
            "Affine2": hidden,
            "Relu1": before,
            "Affine1": before @ self.params["W1"].T,
        }

    def _backward(self, x, t):
        p = self.params
        hidden = np.maximum(x @ p["W1"] + p["b1"], 0)
        d_scores = (np.exp(log_softmax(hidden @ p["W2"] + p["b2"])) - t) / len(x)
        d_hidden = d_scores @ p["W2"].T
        d_before = d_hidden * (hidden > 0)
        grads = {
            "W1": x.T @ d_before,
            "b1": d_before.sum(axis=0),
            "W2": hidden.T @ d_scores,
            "b2": d_scores.sum(axis=0),
        }
        return grads, (d_scores, d_hidden, d_before)

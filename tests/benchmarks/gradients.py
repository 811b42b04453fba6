"""The full numerical gradient of a network, by the element loop and in batches."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from figure import Figure, median_ratio

from course.gradient import numerical_gradient, numerical_gradient_affine, relative_error


def numerical_gradients(rounds: int = 3) -> Iterator[Figure]:
    """The full numerical gradient of a 784-50-10 network on 3 images, element by element and batched."""
    rng = np.random.default_rng(0)
    x, t = rng.random((3, 784)), np.eye(10)[[3, 1, 4]]
    p = {
        "W1": 0.01 * rng.standard_normal((784, 50)),
        "b1": 0.01 * rng.standard_normal(50),
        "W2": 0.01 * rng.standard_normal((50, 10)),
        "b2": 0.01 * rng.standard_normal(10),
    }

    def loss_of_scores(z):
        """Mean cross entropy of softmax over the last axis; leading axes are kept."""
        z = z - z.max(axis=-1, keepdims=True)
        log_y = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
        return -(t * log_y).sum(axis=-1).mean(axis=-1)

    def loss(_=None):
        return loss_of_scores(np.maximum(x @ p["W1"] + p["b1"], 0) @ p["W2"] + p["b2"])

    def after_first(z):
        return loss_of_scores(np.maximum(z, 0) @ p["W2"] + p["b2"])

    grads: dict[str, dict] = {}

    def element_loop():
        grads["loop"] = {name: numerical_gradient(loss, value) for name, value in p.items()}

    def batched():
        hidden = np.maximum(x @ p["W1"] + p["b1"], 0)
        dW1, db1 = numerical_gradient_affine(after_first, x, p["W1"], p["b1"])
        dW2, db2 = numerical_gradient_affine(loss_of_scores, hidden, p["W2"], p["b2"])
        grads["batched"] = {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}

    ratio, slow, fast = median_ratio(element_loop, batched, rounds)
    error = max(relative_error(grads["loop"][k], grads["batched"][k]) for k in p)
    yield Figure("numerical_gradient_element_loop", slow, "s", "for comparison")
    yield Figure("numerical_gradient_batched", fast, "s", "for comparison")
    yield Figure("numerical_gradient_speedup", ratio, "x", "at least 20")
    yield Figure("numerical_gradient_disagreement", error, "relative error", "below 1e-6")

"""Measurements, side by side in one run: `make bench`.

Prints one line a figure, `name value unit (goal)`, and writes build/bench.json. A figure
is a median of several rounds; ratios are taken round by round, so that a machine whose
speed drifts does not bend them.
"""

from __future__ import annotations

import json
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import numpy as np

from course.gradient import (
    numerical_gradient,
    numerical_gradient_affine,
    relative_error,
)

OUT = Path(__file__).parents[2] / "build" / "bench.json"


@dataclass(frozen=True)
class Figure:
    """One measured figure and what it should be."""

    name: str
    value: float
    unit: str
    goal: str

    def __str__(self) -> str:
        return f"{self.name} {self.value:.3g} {self.unit} ({self.goal})"


def seconds(f: Callable[[], object]) -> float:
    """Return how long one call takes."""
    start = time.perf_counter()
    f()
    return time.perf_counter() - start


def median_ratio(slow: Callable, fast: Callable, rounds: int) -> tuple[float, float, float]:
    """Return the median of slow / fast over alternating rounds, and both medians in seconds."""
    slow_s, fast_s = [], []
    for _ in range(rounds):
        slow_s.append(seconds(slow))
        fast_s.append(seconds(fast))
    ratio = statistics.median(a / b for a, b in zip(slow_s, fast_s, strict=True))
    return ratio, statistics.median(slow_s), statistics.median(fast_s)


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


SUITES: dict[str, Callable[[], Iterator[Figure]]] = {"numerical_gradients": numerical_gradients}


def main() -> None:
    """Run the named suites, or all."""
    figures = []
    for name in sys.argv[1:] or SUITES:
        for figure in SUITES[name]():
            print(figure, flush=True)
            figures.append(figure)
    OUT.parent.mkdir(exist_ok=True)
    machine = f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}"
    report = {"date": date.today().isoformat(), "machine": machine}
    OUT.write_text(json.dumps(report | {"figures": [asdict(f) for f in figures]}, indent=1))


if __name__ == "__main__":
    main()

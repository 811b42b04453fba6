"""One measured figure, and how to measure it against another."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


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

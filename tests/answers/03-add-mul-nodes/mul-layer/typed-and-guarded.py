"""Type hints, slots, and a message when backward comes first."""

from __future__ import annotations

import numpy as np


class MulLayer:
    __slots__ = ("x", "y")

    def __init__(self) -> None:
        self.x = self.y = None

    def forward(self, x: float | np.ndarray, y: float | np.ndarray) -> float | np.ndarray:
        self.x, self.y = x, y
        return x * y

    def backward(self, dout: float | np.ndarray) -> tuple:
        if self.x is None:
            raise RuntimeError("backward was called before forward")
        return dout * self.y, dout * self.x

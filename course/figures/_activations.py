"""The curves of unit 04: activation functions and their slopes."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

from .._language import _
from ._picture import Panel, Picture, picture
from ._svg import Box, Canvas, number

_WIDTH, _X, _UNIT = 180, 4.0, 42  # pixels; x from -4 to 4; pixels a unit of y


def _gate(x: float) -> float:
    return (x + abs(x)) / 2


def _s_curve(x: float) -> float:
    return 0.5 + math.tanh(x / 2) / 2


def _curve(canvas: Canvas, points: list[tuple[float, float]], style: str, top: float) -> None:
    scale = _WIDTH / (2 * _X)
    d, pen = [], "M"
    for (x, y), (_x, after) in pairwise([*points, points[-1]]):
        if y <= top + 0.02:
            d.append(f"{pen}{number(x * scale)} {number(-y * _UNIT)}")
            pen = "M" if abs(after - y) > 0.5 else "L"
        else:
            pen = "M"
    canvas.path("".join(d), f"line {style}")


def _panel(name: str, f: Callable[[float], float], bottom: int, top: int) -> Canvas:
    canvas = Canvas()
    scale, half = _WIDTH / (2 * _X), _WIDTH / 2
    for x in range(-4, 5, 2):
        canvas.path(f"M{number(x * scale)} {-top * _UNIT}V{-bottom * _UNIT}", "grid")
        canvas.label(str(x).replace("-", "−"), x * scale, -bottom * _UNIT + 20, "soft", 13)
    for y in range(bottom, top + 1):
        canvas.path(f"M{number(-half)} {-y * _UNIT}H{number(half)}", "grid")
        canvas.label(str(y).replace("-", "−"), -half - 7, -y * _UNIT + 5, "soft", 13, "end")
    canvas.path(f"M{number(-half)} 0H{number(half)}M0 {-top * _UNIT}V{-bottom * _UNIT}", "axis")
    xs = [i / 25 - _X for i in range(int(2 * _X * 25) + 1)]
    # Slopes by differences: a picture needs no formula for them. A kink falls between two points.
    middles = [(a + b) / 2 for a, b in pairwise(xs)]
    slopes = [(m, (f(m + 0.01) - f(m - 0.01)) / 0.02) for m in middles]
    _curve(canvas, slopes, "g", top)
    _curve(canvas, [(x, f(x)) for x in xs], "v", top)
    canvas.inked.append(Box(-half, -top * _UNIT, half, -bottom * _UNIT))
    canvas.label(name, 0, -top * _UNIT - 14, "ink strong", 16)
    return canvas


def activation_curves() -> Picture:
    """Return ReLU, sigmoid and tanh, each with its slope."""
    texts = {
        "ReLU": _("ReLU is 0 up to x = 0 and then x itself; its slope jumps from 0 to 1 at x = 0."),
        "sigmoid": _(
            "The sigmoid rises from 0 to 1 and is 0.5 at x = 0; its slope is at most 0.25, at "
            "x = 0, and nearly 0 beyond −4 and 4."
        ),
        "tanh": _(
            "The tanh rises from −1 to 1 and is 0 at x = 0; its slope is at most 1, at x = 0, "
            "and nearly 0 beyond −3 and 3."
        ),
    }
    curves = {"ReLU": (_gate, -1, 2), "sigmoid": (_s_curve, -1, 2), "tanh": (math.tanh, -1, 2)}
    names = {"ReLU": "ReLU", "sigmoid": _("sigmoid"), "tanh": "tanh"}
    said = _("{name} and its slope")
    panels = [
        Panel(_panel(names[key], *curves[key]), said.format(name=names[key]), text)
        for key, text in texts.items()
    ]
    return picture(
        "activation-curves",
        panels,
        title=_("Three activation functions and their slopes"),
        alt=" ".join(texts.values()),
        caption=_(
            "Solid: the function. Dashed: its slope, the factor that a gradient is multiplied by."
        ),
    )

"""Activations: a tangent to drag, gates that block a gradient, and what a deep stack leaves of it.

The browser holds no formula. It looks numbers up in tables that are made here, slopes by central
differences: what the derivative of an activation is, unit 04 asks the student.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import Element

import traitlets

from course.figures._any_graph import shown
from course.figures._svg import Box, Canvas, number

from ._chain import drawing
from ._widget import Widget, esm, read
from ._words import _

VIEWS = ("curve", "mask", "depth")

X_MIN, X_STEP, X_COUNT = -6.0, 0.1, 121  # the tangent rests on one of these x
STARTS = [i / 2 for i in range(-6, 7)]  # the number that enters a stack
DEPTH = 30


def _gate(x: float) -> float:
    return (x + abs(x)) / 2


def _s_curve(x: float) -> float:
    return 0.5 + math.tanh(x / 2) / 2


FUNCTIONS: dict[str, Callable[[float], float]] = {
    "relu": _gate, "sigmoid": _s_curve, "tanh": math.tanh,
}  # fmt: skip
# of y in the picture: from where to where, and what is written at the axis
_RANGES = {"relu": (-1, 6), "sigmoid": (-0.25, 1.25), "tanh": (-1.5, 1.5)}
_TICKS = {"relu": (0, 2, 4, 6), "sigmoid": (0, 0.5, 1), "tanh": (-1, 0, 1)}

# Each pair of signs occurs, and where the gate is closed dout is not small.
MASK_X = [[2.0, -3.0, 0.5], [-1.0, 4.0, -0.2]]
MASK_DOUT = [[-5.0, 7.0, 1.0], [-3.0, -2.0, 6.0]]


def slope(name: str, x: float, h: float = 1e-5) -> float:
    """Return the slope of an activation, by a central difference.

    At its kink, where ReLU has none, it is the 0 that most libraries take.
    """
    if name == "relu" and abs(x) < 2 * h:
        return 0.0
    f = FUNCTIONS[name]
    return round((f(x + h) - f(x - h)) / (2 * h), 9)


def curve(name: str) -> dict[str, Any]:
    """Return y and slope at every place of the tangent, and the axis to draw y on."""
    xs = [round(X_MIN + i * X_STEP, 6) for i in range(X_COUNT)]
    return {
        "y": [round(FUNCTIONS[name](x), 9) for x in xs],
        "slope": [slope(name, x) for x in xs],
        "range": list(_RANGES[name]),
        "ticks": list(_TICKS[name]),
    }


def left_after(name: str, start: float, depth: int = DEPTH) -> list[float]:
    """Return the product of the first 0, 1, ..., ``depth`` slopes along a stack.

    ``start`` enters the first activation, each further one takes what the one before put out.
    """
    left, x = [1.0], start
    for _depth in range(depth):
        left.append(left[-1] * slope(name, x))
        x = FUNCTIONS[name](x)
    return [float(f"{number:.6g}") for number in left]


def gradient_through_gates(
    x: Sequence[Sequence[float]], dout: Sequence[Sequence[float]]
) -> list[list[float]]:
    """Return what a row of gates hands back, cell by cell."""
    return [
        [upstream * slope("relu", number) for number, upstream in zip(*rows, strict=True)]
        for rows in zip(x, dout, strict=True)
    ]


WORDS = {
    "title": _("Activation explorer"),
    "title_curve": _("An activation, its slope, and what the slope does to a gradient"),
    "title_mask": _("ReLU: which gradients pass?"),
    "title_depth": _("A stack of activations: what is left of a gradient?"),
    "view": _("Look at"),
    "view_curve": _("curve and tangent"),
    "view_mask": _("the mask of ReLU"),
    "view_depth": _("a deep stack"),
    "function": _("Activation"),
    "relu": _("ReLU"),
    "sigmoid": _("sigmoid"),
    "tanh": _("tanh"),
    "curve_alt": _(
        "Above, {name} as a solid line, with its tangent at x = {x}. "
        "Below, its slope as a dashed line, {slope} at this x."
    ),
    "handle": _("x, where the tangent touches"),
    "handle_value": _("x = {x}, y = {y}, slope {slope}"),
    "drag": _("Drag the point along the curve, or move it with the arrow keys."),
    "dout": _("dout, the gradient from upstream"),
    "curve_title": _("y = {name}(x)"),
    "curve_and_slope": _("{name} and its slope"),
    "slope_title": _("slope dy/dx"),
    "tangent_says": _("{name} at x = {x}: y = {y}, and the slope dy/dx is {slope}."),
    "at_kink": _("ReLU has a kink at x = 0 and no slope there; 0 is what most libraries take."),
    "dx_says": _("dx = dout × slope = {dout} × {slope} = {dx}."),
    "mask_prompt": _("dx in row {row}, column {column}"),
    "mask_ask": _(
        "Row {row}, column {column}: x = {x} went in, dout = {dout} comes back. What is dx?"
    ),
    "mask_open": _("x = {x} is above 0, so the gate is open and dx = dout = {dout}."),
    "mask_closed": _("x = {x} is not above 0, so the gate is closed: dx = 0, whatever dout is."),
    "mask_by_dout": _(
        "The gate asks for the sign of x, and x = {x}. The sign of dout is no matter."
    ),
    "mask_x": _("That is x itself. A gate multiplies dout by 1 or by 0."),
    "mask_other": _("A gate hands on all of dout, or nothing."),
    "mask_done": _("All six are there. What is hatched was blocked."),
    "mask_cell": _("dx, row {row}, column {column}: {value}"),
    "mask_unknown": _("not yet known"),
    "passes": _("passes"),
    "blocked": _("blocked"),
    "mask_passes": _("{dx}, passes"),
    "mask_blocked": _("0, blocked"),
    "mask_flip": _("x, row {row}, column {column}: {x}. Turn its sign around"),
    "mask_flipped": _("Now x = {x} in row {row}, column {column}. Predict dx there again."),
    "mask_flip_hint": _("A click on a number of x turns its sign around."),
    "mask_caption": _("dx is dout where x is above 0; what is hatched is blocked."),
    "mask_text": _("ReLU with x = {x} and dout = {dout} sends back dx = {dx}."),
    "open": _("open"),
    "closed": _("closed"),
    "right": _("Right."),
    "wrong": _("Not yet."),
    "not_a_number": _("Please type a number, such as 2, -0.5 or 2/3."),
    "check": _("Check"),
    "reveal": _("Show this one"),
    "reveal_all": _("Show all"),
    "again": _("Start again"),
    "depth": _("Activations in a row"),
    "start": _("The number that enters"),
    "depth_title": _("left of a gradient of 1"),
    "depth_alt": _("What is left of a gradient of 1 after {n} activations in a row. {left}"),
    "depth_left": _("{name}: {left}."),
    "depth_says": _("After {n}, starting from x = {start}: {left}"),
    "depth_blocked": _("The first gate of ReLU is closed and blocks all of it."),
    "depth_axis": _("activations in a row"),
    "picture": _("Picture"),
}


def _say(key: str, **values: object) -> str:
    """Return one of `WORDS` in the reader's language, its gaps filled."""
    return _(WORDS[key]).format(**values)


_STRIP_X = {"relu": 1.5, "sigmoid": 1.0, "tanh": 1.0}
_STRIP_DOUT = 2.0


class ActivationExplorer(Widget):
    """Three views of activations; see `activation_explorer`."""

    WORDS = WORDS
    _esm = esm("activation_explorer.mjs")
    _css = Widget._css + read("activation_explorer.css")

    views = traitlets.List().tag(sync=True)
    grid = traitlets.Dict().tag(sync=True)
    curves = traitlets.Dict().tag(sync=True)
    mask = traitlets.Dict().tag(sync=True)
    stacks = traitlets.Dict().tag(sync=True)

    def __init__(self, views: Sequence[str] = VIEWS) -> None:
        super().__init__(
            title=_say(f"title_{views[0]}" if len(views) == 1 else "title"),
            views=list(views),
            grid={"min": X_MIN, "step": X_STEP, "count": X_COUNT},
            curves={name: curve(name) for name in FUNCTIONS} if "curve" in views else {},
            mask={"x": MASK_X, "dout": MASK_DOUT} if "mask" in views else {},
            stacks={
                "starts": STARTS,
                "left": {name: [left_after(name, x) for x in STARTS] for name in FUNCTIONS},
            }
            if "depth" in views
            else {},
        )

    def strip(self) -> list[tuple[Element | str, str]]:
        """Return the pictures that stand in for the widget, with their captions."""
        frames: list[tuple[Element | str, str]] = []
        if "curve" in self.views:
            frames += [
                _frame(_curve_picture(name, x), _tangent_sentence(name, x, _STRIP_DOUT))
                for name, x in _STRIP_X.items()
            ]
        if "mask" in self.views:
            frames.append(_frame(_mask_picture(), _say("mask_caption")))
        if "depth" in self.views:
            frames.append(_frame(_stack_picture(1.0), _stack_sentence(20, 1.0)))
        return frames

    def text(self) -> str:
        """Return in words what the widget lets one find out."""
        lines = []
        if "curve" in self.views:
            lines += [
                _tangent_sentence(n, x, _STRIP_DOUT) for n in FUNCTIONS for x in (-4, 0, 1, 4)
            ]
        if "mask" in self.views:
            dx = gradient_through_gates(MASK_X, MASK_DOUT)
            arrays = {"x": _matrix(MASK_X), "dout": _matrix(MASK_DOUT), "dx": _matrix(dx)}
            lines.append(_say("mask_text", **arrays))
        if "depth" in self.views:
            lines += [_stack_sentence(n, 1.0) for n in (1, 5, 10, 20)]
        return "\n".join(lines)


def activation_explorer(*views: str) -> ActivationExplorer:
    """Return a widget that shows activation functions at work.

    Parameters
    ----------
    *views : {"curve", "mask", "depth"}
        What to look at: a function with its slope and a tangent to drag; small arrays x, dout and
        dx of a ReLU; what a stack of activations leaves of a gradient. All three by default.

    Raises
    ------
    ValueError
        If a view has another name.
    """
    for view in views:
        if view not in VIEWS:
            raise ValueError(f"there is no view {view!r}; choose from {', '.join(VIEWS)}")
    return ActivationExplorer(views or VIEWS)


def _frame(canvas: Canvas, caption: str) -> tuple[Element, str]:
    return drawing(canvas, _say("title"), caption), caption


def _matrix(rows: Sequence[Sequence[float]]) -> str:
    return "[" + ", ".join("[" + ", ".join(map(shown, row)) + "]" for row in rows) + "]"


def _tangent_sentence(name: str, x: float, dout: float) -> str:
    steep = slope(name, x)
    values = {"x": shown(x), "y": shown(FUNCTIONS[name](x)), "slope": shown(steep)}
    keys = ["tangent_says", "dx_says"]
    if name == "relu" and x == 0:
        keys.insert(1, "at_kink")
    values |= {"name": _say(name), "dout": shown(dout), "dx": shown(dout * steep)}
    return " ".join(_say(key, **values) for key in keys)


def _stack_sentence(n: int, start: float) -> str:
    left = " ".join(
        _say("depth_left", name=_say(name), left=_few(left_after(name, start)[n]))
        for name in FUNCTIONS
    )
    return _say("depth_says", n=n, start=shown(start), left=left)


def _few(number: float) -> str:
    """Return a number with two digits, as the browser does."""
    return f"{number:.2g}".replace("e-0", "e-").replace("-", "−")


def _curve_picture(name: str, at: float) -> Canvas:
    """Return a function, its slope and one tangent, in one pair of axes."""
    canvas = Canvas()
    bottom, top = {"relu": (-1, 4), "sigmoid": (-1, 2), "tanh": (-1, 2)}[name]
    unit_x, unit_y, half = 26, 150 / (top - bottom), 4
    f = FUNCTIONS[name]

    def point(x: float, y: float) -> str:
        return f"{number(x * unit_x)} {number(-y * unit_y)}"

    for x in range(-half, half + 1, 2):
        canvas.path(f"M{point(x, top)}L{point(x, bottom)}", "grid")
        canvas.label(shown(x), x * unit_x, -bottom * unit_y + 20, "soft", 13)
    for y in range(bottom, top + 1):
        canvas.path(f"M{point(-half, y)}L{point(half, y)}", "grid")
        canvas.label(shown(y), -half * unit_x - 7, -y * unit_y + 5, "soft", 13, "end")
    canvas.inked.append(Box(-half * unit_x, -top * unit_y, half * unit_x, -bottom * unit_y))
    xs = [i / 20 for i in range(-20 * half, 20 * half + 1)]
    middles = [(a + b) / 2 for a, b in pairwise(xs)]
    for side in (middles[: 20 * half], middles[20 * half :]):  # not across the kink of ReLU
        canvas.path("M" + "L".join(point(x, slope(name, x)) for x in side), "line g")
    canvas.path("M" + "L".join(point(x, f(x)) for x in xs), "line v")
    y, m = f(at), slope(name, at)
    canvas.path(f"M{point(at - 1.5, y - 1.5 * m)}L{point(at + 1.5, y + 1.5 * m)}", "axis")
    canvas.dot(at * unit_x, -y * unit_y, 5)
    canvas.label(_say("curve_and_slope", name=_say(name)), 0, -top * unit_y - 14, "ink strong")
    return canvas


def _mask_picture() -> Canvas:
    """Return the arrays x, dout and dx; a bar goes through what is blocked."""
    canvas = Canvas()
    size, gap = 44, 36
    arrays = {"x": MASK_X, "dout": MASK_DOUT, "dx": gradient_through_gates(MASK_X, MASK_DOUT)}
    for i, (name, rows) in enumerate(arrays.items()):
        left = i * (3 * size + gap)
        canvas.label(name, left + 1.5 * size, -12, "ink strong")
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                x, y = left + c * size, r * size
                canvas.path(f"M{x} {y}h{size}v{size}h{-size}Z", "axis")
                canvas.inked.append(Box(x, y, x + size, y + size))
                if name == "dx" and not slope("relu", MASK_X[r][c]):
                    hatch = (f"M{x} {y + d}l{d} {-d}" for d in range(8, size, 9))
                    more = (f"M{x + d} {y + size}l{size - d} {d - size}" for d in range(9, size, 9))
                    canvas.path("".join([*hatch, *more]), "grid")
                canvas.label(
                    shown(value), x + size / 2, y + size / 2 + 6, "v" if name == "x" else "g"
                )
    return canvas


_DASHES = {"relu": "", "tanh": "8 4", "sigmoid": "2 4"}


def _stack_picture(start: float) -> Canvas:
    """Return what is left of a gradient of 1, on a logarithmic axis."""
    canvas = Canvas()
    width, unit, lowest, depth = 300, 11, -14, 20
    for power in range(lowest, 1, 2):
        y = -power * unit
        canvas.path(f"M0 {number(y)}H{width}", "grid")
        canvas.label(f"$10^{{{shown(power)}}}$", -8, y + 5, "soft", 13, "end")
    for n in range(0, depth + 1, 5):
        canvas.label(str(n), n * width / depth, -lowest * unit + 20, "soft", 13)
    canvas.inked.append(Box(0, 0, width, -lowest * unit))
    for name in FUNCTIONS:
        left = left_after(name, start)[: depth + 1]
        points = [(n * width / depth, -math.log10(v) * unit) for n, v in enumerate(left) if v > 0]
        canvas.path("M" + "L".join(f"{number(x)} {number(y)}" for x, y in points), "line i")
        canvas.root[-1].set("stroke-dasharray", _DASHES[name])
        canvas.label(_say(name), points[-1][0] + 8, points[-1][1] + 5, "ink", 14, "start")
    canvas.label(_say("depth_axis"), width / 2, -lowest * unit + 40, "soft", 14)
    return canvas

"""A gradient check seen element by element, for every step h at once."""

from __future__ import annotations

import functools
import math
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement, tostring

import numpy as np
import traitlets

from course.figures._picture import PALETTE
from course.figures._svg import Box, number
from course.gradient import PASS_BELOW, WARN_BELOW, judge_error, relative_error

from . import _axes
from ._widget import Widget, esm, read
from ._words import _

NAMES = ("W1", "W2", "b1", "b2")
STEPS = [10 ** (-power / 2) for power in range(24, 1, -1)]
"""From 1e-12 to 1e-1, two a decade."""
NETWORKS = ("right", "mask", "mean")
SEED = 148  # all gates stay as they are up to h = 0.1, and one slope of W1 is tiny


class Errors(NamedTuple):
    """What a gradient check of one network finds.

    Attributes
    ----------
    claims : dict of str to ndarray
        The gradient that the network claims.
    elements : dict of str to ndarray, shape (steps, ...)
        The relative error of each element, at each h.
    arrays : dict of str to ndarray, shape (steps,)
        The relative error of the whole array, as the course defines it.
    """

    claims: dict[str, np.ndarray]
    elements: dict[str, np.ndarray]
    arrays: dict[str, np.ndarray]


@functools.cache
def measure() -> tuple[dict[str, np.ndarray], dict[str, Errors]]:
    """Return the numerical gradients, at each h, and what they say of the three networks."""
    from course._engine.network import Network
    from course._engine.numeric import central_difference

    rng = np.random.default_rng(SEED)
    net = Network(5, 4, 3, 0.7, rng)
    for name in ("b1", "b2"):
        net.params[name][...] = 0.3 * rng.standard_normal(net.params[name].shape)
    x, t = rng.standard_normal((6, 5)), np.eye(3)[rng.permutation(6) % 3]
    numeric = {
        name: np.array(
            [central_difference(lambda _: net.loss(x, t), net.params[name], h) for h in STEPS]
        )
        for name in NAMES
    }
    right = net.gradient(x, t)
    unmasked = net.gradients_between(x, t)["Affine2"]
    claims = {
        "right": right,
        "mask": right | {"W1": x.T @ unmasked, "b1": unmasked.sum(axis=0)},
        "mean": right | {"b2": right["b2"] / len(x)},
    }
    return numeric, {name: _errors(claims[name], numeric) for name in NETWORKS}


def _errors(claims: dict[str, np.ndarray], numeric: dict[str, np.ndarray]) -> Errors:
    elements, arrays = {}, {}
    for name in NAMES:
        a, n = claims[name], numeric[name]
        elements[name] = np.abs(a - n) / np.maximum(np.abs(a) + np.abs(n), 1e-12)
        arrays[name] = np.array([relative_error(a, at_h) for at_h in n])
    return Errors({name: claims[name] for name in NAMES}, elements, arrays)


def power_of(error: float) -> str:
    """Return the power of ten of an error, to be read in a small cell; no error at all is ``=``.

    >>> power_of(3e-9), power_of(0.4), power_of(1), power_of(0)
    ('−9', '−1', '0', '=')
    """
    return str(math.floor(math.log10(error))).replace("-", "−") if error > 0 else "="


def heat(error: float) -> int:
    """Return how hot an error looks, in per cent: nothing at 1e-10, all at 1e-1.

    >>> heat(1e-12), heat(1e-5), heat(0.5)
    (0, 56, 100)
    """
    if error <= 0:
        return 0
    return round(100 * min(max((math.log10(error) + 10) / 9, 0), 1))


def grade(error: float) -> str:
    """Return what the course says of an error: passes, look closer, or fails."""
    return {"pass": _("passes"), "warn": _("look closer"), "fail": _("fails")}[judge_error(error)]


# ---------------------------------------------------------------- drawings

_BOX = Box(54, 30, 300, 250)
_X = _axes.Scale(STEPS[0], STEPS[-1], _BOX.left, _BOX.right, log=True)
_Y = _axes.Scale(1e-12, 1.0, _BOX.bottom, _BOX.top, log=True)
_LINES = {"W1": ("c0", ""), "W2": ("c1", "7 4"), "b1": ("c2", "2 3"), "b2": ("c3", "8 3 2 3")}


def curve(errors: Errors, title: str) -> Element:
    """Return the errors of the four arrays against h; the part ``cursor`` is at the present h."""
    svg = _axes.picture(316, 310, title)
    x_ticks = [(_X(10.0**p), f"1e{p}") for p in (-12, -9, -6, -3, -1)]
    y_ticks = [(_Y(10.0**p), f"1e{p}") for p in (-12, -9, -6, -3, 0)]
    _axes.draw(svg, _BOX, x_ticks, y_ticks, _("relative error of an array"), _("step h"))
    for limit, words in ((PASS_BELOW, _("passes below")), (WARN_BELOW, _("fails above"))):
        y = _Y(limit)
        SubElement(svg, "path", {
            "d": f"M{_BOX.left} {number(y)}H{_BOX.right}", "stroke": "currentColor",
            "stroke-opacity": "0.6", "stroke-dasharray": "2 4", "fill": "none",
        })  # fmt: skip
        # In the middle of the U there is room.
        _axes.text(svg, words, _X(3e-6), y - 4, "soft", size=12)
    for i, (name, (colour, dash)) in enumerate(_LINES.items()):
        points = zip(STEPS, errors.arrays[name], strict=True)
        _line(svg, _axes.path((_X(h), _Y(e)) for h, e in points), colour, dash)
        at = _BOX.left - 8 + i * 66
        _line(svg, f"M{number(at)} 300h26", colour, dash)
        _axes.text(svg, name, at + 31, 304.5, "ink", "start")
    SubElement(svg, "path", {
        "data-part": "cursor", "d": f"M0 {_BOX.top}V{_BOX.bottom}", "stroke": "currentColor",
        "stroke-width": "1.6", "fill": "none", "transform": f"translate({_X(1e-2):.1f})",
    })  # fmt: skip
    return svg


def _line(parent: Element, d: str, colour: str, dash: str) -> None:
    SubElement(parent, "path", {
        "d": d, "fill": "none", "stroke": PALETTE[colour], "stroke-width": "2",
        "stroke-linejoin": "round", "stroke-dasharray": dash or "none",
    })  # fmt: skip


_CELL, _ROW = 38, 27
_PLACES = {"W1": (0, 0), "W2": (4.8, 0), "b1": (0, 6.4), "b2": (4.8, 6.4)}


def heat_map(errors: Errors, step: int) -> Element:
    """Return the errors of all elements at one h as coloured cells, for the still picture."""
    svg = _axes.picture(304, 250, _("errors of the elements"))
    for name, (column, row) in _PLACES.items():
        values = np.atleast_2d(errors.elements[name][step])
        left, top = 2 + column * _CELL, 24 + row * _ROW
        error = errors.arrays[name][step]
        _axes.text(svg, f"{name}: {error:.1e}", left, top - 7, "ink", "start", 13)
        for (i, j), value in np.ndenumerate(values):
            x, y = left + j * _CELL, top + i * _ROW
            SubElement(svg, "rect", {
                "x": number(x), "y": number(y), "width": str(_CELL - 2), "height": str(_ROW - 2),
                "fill": PALETTE["c1"], "fill-opacity": f"{0.55 * heat(value) / 100:.2f}",
                "stroke": "currentColor", "stroke-opacity": "0.4",
            })  # fmt: skip
            _axes.text(svg, power_of(value), x + _CELL / 2 - 1, y + 17.5, "ink inside")
    return svg


# ---------------------------------------------------------------- the widget


class GradientCheckMap(Widget):
    """The gradient check of a 5-4-3 network: every element, every step h, three networks.

    One network is right, two have a planted mistake. Everything is computed once; the browser
    steps through it.
    """

    WORDS = {  # noqa: RUF012
        "network": _("Network"),
        "right": _("right"),
        "mask": _("ReLU hands everything back"),
        "mean": _("b2 takes a mean for a sum"),
        "h": _("Step h"),
        "pass": _("passes"),
        "warn": _("look closer"),
        "fail": _("fails"),
        "array": _("{name}: {error}, {grade}"),
        "at": _("h = {h}. Errors of the arrays: {arrays}."),
        "element": _(
            "{name}{place}: analytic {analytic}, numerical {numeric}, relative error {error} at h = {h}."
        ),
        "reading": _(
            "A cell shows the power of ten of the relative error of one element: −9 stands for "
            "some 1e-9. Point at a cell, or walk there with Tab and the arrow keys."
        ),
        "stage": _("Errors of the elements, and of the arrays against h"),
    }
    _esm = esm("gradient_check_map.mjs")
    _css = Widget._css + read("gradient_check_map.css")

    steps = traitlets.List().tag(sync=True)
    numeric = traitlets.Dict().tag(sync=True)
    networks = traitlets.Dict().tag(sync=True)
    """By network: ``claims``, ``elements``, ``arrays``, ``grades``, and the ``curve`` as markup."""
    columns = traitlets.List().tag(sync=True)
    """Where the cursor of the curve stands for each step."""

    def __init__(self) -> None:
        numeric, found = measure()
        self._found = found
        title = _("Relative error of W1, W2, b1 and b2 against the step h")
        super().__init__(
            title=_("Gradient check, element by element"),
            steps=[f"{h:.0e}" for h in STEPS],
            columns=[round(_X(h), 1) for h in STEPS],
            numeric={name: _plain(values) for name, values in numeric.items()},
            networks={
                network: {
                    "claims": {k: _plain(v) for k, v in errors.claims.items()},
                    "elements": {k: _plain(v) for k, v in errors.elements.items()},
                    "arrays": {k: _plain(v) for k, v in errors.arrays.items()},
                    "grades": {k: [judge_error(e) for e in v] for k, v in errors.arrays.items()},
                    "curve": tostring(curve(errors, title), encoding="unicode"),
                }
                for network, errors in found.items()
            },
        )

    def strip(self) -> list[tuple[Element, str]]:
        frames = []
        for network, h in (("right", 1e-1), ("right", 1e-5), ("right", 1e-11), ("mask", 1e-5)):
            step = _nearest(h)
            caption = _("{network}, h = {h}").format(network=self.words[network], h=f"{h:.0e}")
            frames.append((heat_map(self._found[network], step), caption))
        for network in ("right", "mask"):
            drawing = curve(self._found[network], "")
            for part in drawing.findall("path[@data-part]"):
                drawing.remove(part)
            caption = _("{network}: the error against h").format(network=self.words[network])
            frames.append((drawing, caption))
        return frames

    def text(self) -> str:
        lines = [_("Relative errors of a 5-4-3 network's gradients, by array and step h.")]
        for network, errors in self._found.items():
            lines.append(_("Network: {network}.").format(network=self.words[network]))
            for h in (1e-1, 1e-3, 1e-5, 1e-7, 1e-9, 1e-11):
                step = _nearest(h)
                arrays = ", ".join(
                    f"{name} {errors.arrays[name][step]:.1e} ({grade(errors.arrays[name][step])})"
                    for name in NAMES
                )
                lines.append(f"  h = {h:.0e}: {arrays}")
        return "\n".join(lines)


def _nearest(h: float) -> int:
    return min(range(len(STEPS)), key=lambda i: abs(math.log(STEPS[i] / h)))


def _plain(values: np.ndarray) -> list:
    """Return nested lists of numbers with seven significant digits."""
    if values.ndim > 1:
        return [_plain(v) for v in values]
    return [float(f"{v:.7g}") for v in values]


def gradient_check_map() -> GradientCheckMap:
    """Return a map of the errors of a gradient check.

    >>> gradient_check_map().title
    'Gradient check, element by element'
    """
    return GradientCheckMap()

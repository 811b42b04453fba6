"""Axes of small plots that Python draws and the browser only moves."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from course.figures._svg import Box, number


@dataclass(frozen=True)
class Scale:
    """Numbers from ``low`` to ``high`` laid along pixels ``start`` to ``end``; beyond, they stop there."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """Return the pixel of a value; NaN is drawn at the upper end."""
        low, high = self.low, self.high
        value = high if math.isnan(value) else min(max(value, min(low, high)), max(low, high))
        if self.log:
            value, low, high = math.log10(value), math.log10(low), math.log10(high)
        return self.start + (value - low) / (high - low) * (self.end - self.start)


def path(points: Iterable[tuple[float, float]]) -> str:
    """Return the ``d`` of a line through the points, each rounded to a tenth of a pixel."""
    d = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return f"M{d}" if d else ""


def text(
    parent: Element, words: str, x: float, y: float, style: str = "soft", anchor: str = "middle",
    size: float = 13,
) -> Element:  # fmt: skip
    """Write one plain line."""
    element = SubElement(parent, "text", {
        "class": style, "x": number(x), "y": number(y), "text-anchor": anchor,
        "font-size": number(size),
    })  # fmt: skip
    element.text = words
    return element


def draw(
    parent: Element, box: Box, x_ticks: Sequence[tuple[float, str]],
    y_ticks: Sequence[tuple[float, str]], title: str, x_title: str = "",
) -> list[Element]:  # fmt: skip
    """Draw grid lines and axes around ``box``; ticks are (pixel, word). Return the x tick labels."""
    for at, _ in x_ticks:
        _line(parent, at, box.top, at, box.bottom, "grid")
    for at, word in y_ticks:
        _line(parent, box.left, at, box.right, at, "grid")
        text(parent, word, box.left - 7, at + 4.5, anchor="end")
    _line(parent, box.left, box.top, box.left, box.bottom, "axis")
    _line(parent, box.left, box.bottom, box.right, box.bottom, "axis")
    text(parent, title, box.left - 44, box.top - 10, "ink", "start", 14)
    if x_title:
        text(parent, x_title, (box.left + box.right) / 2, box.bottom + 33)
    return [text(parent, word, at, box.bottom + 17) for at, word in x_ticks]


def _line(parent: Element, x0: float, y0: float, x1: float, y1: float, style: str) -> None:
    SubElement(parent, "path", {
        "class": style, "d": f"M{number(x0)} {number(y0)}L{number(x1)} {number(y1)}",
    })  # fmt: skip


def picture(width: float, height: float, title: str) -> Element:
    """Return an empty ``<svg>`` with an accessible name."""
    svg = Element("svg", {
        "xmlns": "http://www.w3.org/2000/svg", "class": "cf", "role": "img", "aria-label": title,
        "viewBox": f"0 0 {number(width)} {number(height)}",
        "width": number(width), "height": number(height),
    })  # fmt: skip
    return svg

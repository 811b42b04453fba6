"""Drawing primitives: a canvas that knows what it holds and how large it is."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement

Point = tuple[float, float]


def number(x: float) -> str:
    """Return a coordinate with at most one decimal, the same on every machine.

    >>> number(3.04), number(-0.001), number(12)
    ('3', '0', '12')
    """
    text = f"{x:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


class Box(NamedTuple):
    """A rectangle; y grows downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box, slack: float = 0.0) -> bool:
        """Say whether the two share more than a strip of width ``slack``."""
        return (
            min(self.right, other.right) - max(self.left, other.left) > slack
            and min(self.bottom, other.bottom) - max(self.top, other.top) > slack
        )

    def grown(self, by: float) -> Box:
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)


@dataclass
class Canvas:
    """Shapes in the order in which they are painted, and the boxes that they fill.

    Attributes
    ----------
    nodes, labels : list of Box
        What no other node or label may cover; tests look at them.
    lines : list of list of (x, y)
        The arrows.
    inked : list of Box
        What else needs room.
    gradients : bool
        Whether any arrow carries a gradient.
    """

    root: Element = field(default_factory=lambda: Element("g"))
    nodes: list[Box] = field(default_factory=list)
    labels: list[Box] = field(default_factory=list)
    lines: list[list[Point]] = field(default_factory=list)
    inked: list[Box] = field(default_factory=list)
    gradients: bool = False

    @property
    def extent(self) -> Box:
        """The box around everything."""
        boxes = self.nodes + self.labels + self.inked
        boxes += [Box(x, y, x, y).grown(6) for line in self.lines for x, y in line]
        return Box(
            min(b.left for b in boxes), min(b.top for b in boxes),
            max(b.right for b in boxes), max(b.bottom for b in boxes),
        )  # fmt: skip

    @contextmanager
    def group(self, marks: Mapping[str, str]) -> Iterator[None]:
        """Put what is drawn inside into a ``<g>`` with these attributes; without any, into none.

        The group also says in ``data-box`` where its labels stand: left, top, width, height.
        """
        if not marks:
            yield
            return
        around, before = self.root, len(self.labels)
        self.root = SubElement(around, "g", dict(marks))
        yield
        boxes = self.labels[before:]
        if boxes:
            left, top = min(b.left for b in boxes), min(b.top for b in boxes)
            width, height = max(b.right for b in boxes) - left, max(b.bottom for b in boxes) - top
            self.root.set("data-box", " ".join(map(number, (left, top, width, height))))
        self.root = around

    def path(self, d: str, style: str) -> None:
        """Draw a path that is covered by what else says its extent."""
        SubElement(self.root, "path", {"class": style, "d": d})

    def label(
        self, text: str, x: float, y: float, style: str = "ink",
        size: float = 16, anchor: str = "middle",
    ) -> Box:  # fmt: skip
        """Write one line of text (markup of `_text`) with its baseline at ``y``."""
        from . import _text

        box = _text.draw(self.root, text, x, y, size, style, anchor)
        self.labels.append(box)
        return box

    def block(
        self, lines: Sequence[str], x: float, top: float, style: str = "ink",
        size: float = 16, anchor: str = "middle", gap: float = 3,
    ) -> None:  # fmt: skip
        """Write lines one under the other, the first one's upper edge at ``top``."""
        from . import _text

        for line in lines:
            _, ascent, descent = _text.extent(line, size)
            self.label(line, x, top + ascent, style, size, anchor)
            top += ascent + descent + gap

    def circle(self, x: float, y: float, r: float, text: str, size: float = 20) -> None:
        """Draw the node of an operation."""
        SubElement(self.root, "circle", {
            "class": "node", "cx": number(x), "cy": number(y), "r": number(r),
        })  # fmt: skip
        self._inside(text, x, y, size)
        self.nodes.append(Box(x - r, y - r, x + r, y + r))

    def frame(self, box: Box, radius: float) -> None:
        """Draw a dotted line around something that the picture speaks of as a whole."""
        self._rect(box, radius, "faint")
        self.inked.append(box)

    def rect(self, box: Box, lines: Sequence[str], size: float = 16) -> None:
        """Draw the node of a layer, or of a step, with its name inside."""
        self._rect(box, 9, "node")
        middle = (box.top + box.bottom) / 2
        step = size * 1.22
        for i, line in enumerate(lines):
            y = middle + (i - (len(lines) - 1) / 2) * step
            self._inside(line, (box.left + box.right) / 2, y, size)
        self.nodes.append(box)

    def _rect(self, box: Box, radius: float, style: str) -> None:
        SubElement(self.root, "rect", {
            "class": style, "x": number(box.left), "y": number(box.top), "rx": number(radius),
            "width": number(box.right - box.left), "height": number(box.bottom - box.top),
        })  # fmt: skip

    def _inside(self, text: str, x: float, y: float, size: float) -> None:
        from . import _text

        _, ascent, descent = _text.extent(text, size)
        _text.draw(self.root, text, x, y + (ascent - descent) / 2 - 0.01 * size, size, "ink inside")

    def dot(self, x: float, y: float, r: float = 6) -> None:
        """Draw a fork: one value that goes to several nodes."""
        SubElement(self.root, "circle", {
            "class": "fork", "cx": number(x), "cy": number(y), "r": number(r),
        })  # fmt: skip

    def forward(self, points: list[Point], head: bool = True) -> None:
        """Draw an arrow that carries a value: a solid line with a filled head."""
        self._arrow(points, "v", head)

    def backward(self, points: list[Point], head: bool = True) -> None:
        """Draw an arrow that carries a gradient: a dashed line with an open head."""
        self.gradients = True
        self._arrow(points, "g", head)

    def _arrow(self, points: list[Point], style: str, head: bool) -> None:
        self.lines.append(points)
        (x0, y0), (x1, y1) = points[-2], points[-1]
        length = math.hypot(x1 - x0, y1 - y0) or 1.0
        ux, uy = (x1 - x0) / length, (y1 - y0) / length

        def at(along: float, across: float) -> str:
            return (
                f"{number(x1 - along * ux - across * uy)} {number(y1 - along * uy + across * ux)}"
            )

        if head and style == "v":
            shaft = [*points[:-1], (x1 - 7 * ux, y1 - 7 * uy)]
            self.path(_rounded(shaft), "line v")
            self.path(f"M{at(0, 0)}L{at(10, 4.5)}L{at(10, -4.5)}Z", "head v")
        else:
            self.path(_rounded(points), f"line {style}")
            if head:
                self.path(f"M{at(8, 5)}L{at(0, 0)}L{at(8, -5)}", "open g")


def _rounded(points: Sequence[Point], radius: float = 12) -> str:
    """Return the path through ``points`` with its corners rounded."""
    d = [f"M{number(points[0][0])} {number(points[0][1])}"]
    for (ax, ay), (bx, by), (cx, cy) in zip(points, points[1:], points[2:], strict=False):
        before, after = math.hypot(bx - ax, by - ay), math.hypot(cx - bx, cy - by)
        if before == 0 or after == 0:
            continue
        r = min(radius, before / 2, after / 2)
        d.append(
            f"L{number(bx + (ax - bx) * r / before)} {number(by + (ay - by) * r / before)}"
            f"Q{number(bx)} {number(by)} "
            f"{number(bx + (cx - bx) * r / after)} {number(by + (cy - by) * r / after)}"
        )
    d.append(f"L{number(points[-1][0])} {number(points[-1][1])}")
    return "".join(d)


def beside(points: Sequence[Point], distance: float) -> list[Point]:
    """Return the line parallel to ``points``, to its right hand as one walks along it.

    With y downwards, the right hand of someone who walks from left to right is below.
    """
    normals = []
    for (ax, ay), (bx, by) in itertools.pairwise(points):
        length = math.hypot(bx - ax, by - ay) or 1.0
        normals.append((-(by - ay) / length, (bx - ax) / length))
    moved = []
    for i, (x, y) in enumerate(points):
        nx, ny = normals[max(i - 1, 0)]
        mx, my = normals[min(i, len(normals) - 1)]
        scale = distance / max(1 + nx * mx + ny * my, 0.3)
        moved.append((x + (nx + mx) * scale, y + (ny + my) * scale))
    return moved

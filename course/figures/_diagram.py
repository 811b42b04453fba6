"""Computational graphs as pictures: nodes and their labels become arrows on a canvas.

Every arrow leaves its source level, and its labels stand on that level piece: name and value above,
gradient below. It bends only behind its labels, in room kept free for bends, so a label never
touches an arrow or a node, whatever the graph.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from . import _layout, _text
from ._svg import Box, Canvas, Point, beside

RADIUS = 21
_TEXT, _NAME, _OP = 16, 14.5, 20
_LINE = 4.5  # half the distance of a forward arrow and the gradient's arrow beside it


@dataclass(frozen=True)
class Node:
    """One node of a picture.

    Attributes
    ----------
    key : str
        What other nodes call it.
    text : str
        What stands in it, or, for ``kind="text"``, what it is; lines end in a newline.
    inputs : tuple of str
        The keys of its inputs, in order.
    kind : {"op", "box", "text", "via"}
        A circle, a rectangle, text alone (an input or the end of the graph), or nothing: a place
        on an arrow that has labels of its own.
    name, value, grad : str
        Labels of the arrow that leaves it: two above, one below. ``grad`` also draws the
        gradient's arrow; lines end in a newline.
    pins : tuple of Pin
        Inputs that come from above or below.
    """

    key: str
    text: str
    inputs: tuple[str, ...] = ()
    kind: str = "op"
    name: str = ""
    value: str = ""
    grad: str = ""
    pins: tuple[Pin, ...] = ()


@dataclass(frozen=True)
class Pin:
    """An input that has no place in the columns: a constant, or the weights of a layer."""

    text: str
    grad: str = ""
    below: bool = False


def _lines(text: str) -> tuple[str, ...]:
    return tuple(text.split("\n")) if text.strip() else ()


def _half_size(node: Node) -> Point:
    if node.kind == "via":
        return 0.0, 0.0
    if node.kind == "text":
        width, height = _text.block(_lines(node.text), _TEXT, 1)
        return width / 2, height / 2
    if node.kind == "box":
        width, _ = _text.block(_lines(node.text), _TEXT)
        return width / 2 + 9, 11 + 10.5 * len(_lines(node.text))
    return RADIUS, RADIUS


def _op_size(text: str) -> float:
    width = _text.extent(text, _OP)[0]
    return _OP if width <= 2 * RADIUS - 18 else max(_OP * (2 * RADIUS - 14) / width, 13)


def _label_sizes(node: Node) -> tuple[float, float, float]:
    """Return the width of the labels of a node's arrow, and their heights above and below it."""
    line = _LINE if node.grad else 0.0
    name_w, name_h = _text.block(_lines(node.name), _NAME)
    value_w, value_h = _text.block(_lines(node.value), _TEXT)
    grad_w, grad_h = _text.block(_lines(node.grad), _TEXT)
    above = name_h + value_h + 3 * bool(node.name and node.value)
    return (
        max(name_w, value_w, grad_w),
        line + above + 4 if above else line + 2,
        line + grad_h + 8 if grad_h else line + 2,
    )


def draw(
    nodes: Sequence[Node],
    *,
    heading: str = "",
    rank: dict[str, int] | None = None,
    gap: float = 12,
    stem: float = 30,
    reach: Point = (0, 0),
    footer: Sequence[str] = (),
    marked: bool = False,
) -> Canvas:
    """Return a canvas with the graph on it.

    Parameters
    ----------
    nodes : sequence of Node
        In any order that suits; inputs of a node from top to bottom where the graph allows it.
    heading : str
        A line above the picture.
    rank : dict, optional
        The columns of some nodes, to overrule the usual ones.
    gap : float
        The room between two nodes one above the other.
    stem : float
        The least length of the level piece of an arrow.
    reach : (float, float)
        The least room above and below an arrow, so that two pictures can match.
    footer : sequence of str
        Lines below the picture.
    marked : bool
        Whether every part is a group of its own that says what it is: ``data-part`` is node, name,
        value, gradient, value-line, gradient-line or fork; ``data-of`` is the key of the node it
        belongs to, for lines of the one whose value or gradient they carry.
    """
    if len({n.key for n in nodes}) < len(nodes):
        raise ValueError("two nodes of the picture have the same key")
    plan = _Plan(nodes, gap, stem, reach, rank or {})
    canvas = Canvas()

    def part(kind: str, key: str) -> dict[str, str]:
        return {"data-part": kind, "data-of": key} if marked else {}

    for n in nodes:
        with canvas.group(part("node", n.key) if n.kind != "via" else {}):
            _draw_node(canvas, n, plan.middle(n), plan.half[n.key])
        if n.key in plan.uses:
            start, end = plan.stem(n)
            _draw_labels(canvas, n, (start[0] + end[0]) / 2, start[1], part)
    for n in nodes:
        for slot, source in enumerate(n.inputs) if n.kind != "via" else ():
            doubled, maker = bool(plan.nodes[source].grad), plan.whose(source)
            route = plan.route(plan.nodes[source], n, slot)
            if maker != source:
                route = plan.route(plan.nodes[maker], plan.nodes[source], 0)[:-1] + route
            fork = plan.uses[maker] > 1
            lines = part("value-line", maker), part("gradient-line", source)
            _draw_link(canvas, route[fork:], doubled, "branch" if fork else "", *lines)
    for key, uses in plan.uses.items():
        if uses > 1:
            node = plan.nodes[key]
            lines = part("value-line", key), part("gradient-line", key)
            _draw_link(canvas, plan.stem(node), bool(node.grad), "trunk", *lines)
            with canvas.group(part("fork", key)):
                canvas.dot(*plan.stem(node)[1], 7 if node.grad else 4)
    _surround(canvas, heading, footer)
    return canvas


class _Plan:
    """Where everything of a graph goes.

    A column has three parts: its nodes from ``left`` on, the level pieces of the arrows up to
    ``bend``, and behind that the room in which arrows change their height.
    """

    def __init__(
        self, nodes: Sequence[Node], gap: float, stem: float, reach: Point, rank: dict[str, int]
    ) -> None:
        self.nodes = {n.key: n for n in nodes}
        self.uses = Counter(i for n in nodes for i in n.inputs)
        self.half = {n.key: _half_size(n) for n in nodes}
        self._labels: dict[str, float] = {}
        up, down = {}, {}
        for n in nodes:
            width, above, below = _label_sizes(n) if n.key in self.uses else (0.0, 0.0, 0.0)
            self._labels[n.key] = width
            height = self.half[n.key][1]
            up[n.key] = max(above, reach[0], height + _pin_reach(n, below=False))
            down[n.key] = max(below, reach[1], height + _pin_reach(n, below=True))
        inputs = {n.key: n.inputs for n in nodes}
        self.place = _layout.layout(inputs, up, down, gap, _layout.ranks(inputs) | rank)
        self.x: dict[str, float] = {}
        self.left: dict[int, float] = {}
        self.bend: dict[int, float] = {}
        self._set_columns(stem)

    def _set_columns(self, stem: float) -> None:
        rank, y = self.place.rank, self.place.y
        rises: dict[int, float] = {}
        for n in self.nodes.values():
            for source in n.inputs:
                for a, b in pairwise(self.place.route(source, n.key)):
                    rise = max(abs(y[a] - y[b]), 90.0 * (n.inputs.count(source) > 1))
                    rises[rank[a]] = max(rises.get(rank[a], 0.0), rise)
        left = 0.0
        for r in range(max(rank.values()) + 1):
            here = [n for n in self.nodes.values() if rank[n.key] == r]
            inner = [max(self.half[n.key][0], _pin_width(n) / 2) for n in here if n.kind != "text"]
            texts = [2 * self.half[n.key][0] for n in here if n.kind == "text"]
            width = max([2 * w for w in inner] + texts, default=0.0)
            for n in here:
                # An input stands against its arrow, and so does the end of the graph.
                if n.kind != "text":
                    self.x[n.key] = left + max(inner)
                elif n.inputs:
                    self.x[n.key] = left + self.half[n.key][0]
                else:
                    self.x[n.key] = left + width - self.half[n.key][0]
            labels = max(
                (self._labels[n.key] + 8 * (self.uses[n.key] > 1) for n in here), default=0
            )
            self.left[r] = left
            self.bend[r] = left + width + (max(labels + 16, stem) if here else 0.0)
            rise = rises.get(r, 0.0)
            left = self.bend[r] + (12 if rise < 2 else min(max(rise * 0.5, 20), 54))

    def whose(self, key: str) -> str:
        """Return the node that makes the value on the arrow which leaves ``key``."""
        node = self.nodes[key]
        return node.inputs[0] if node.kind == "via" else key

    def middle(self, node: Node) -> Point:
        return self.x[node.key], self.place.y[node.key]

    def stem(self, node: Node) -> list[Point]:
        """Return the ends of the level piece of the node's arrow."""
        x, y = self.middle(node)
        start = x + self.half[node.key][0] + _away(node)
        return [(start, y), (self.bend[self.place.rank[node.key]], y)]

    def route(self, source: Node, target: Node, slot: int) -> list[Point]:
        """Return the points of the arrow from ``source`` to input ``slot`` of ``target``."""
        points = self.stem(source)
        for dummy in self.place.route(source.key, target.key)[1:-1]:
            r, y = self.place.rank[dummy], self.place.y[dummy]
            points += [(self.left[r], y), (self.bend[r], y)]
        (x, y), half = self.middle(target), self.half[target.key]
        same = [i for i, s in enumerate(target.inputs) if s == source.key]
        if len(same) > 1:
            spread = (same.index(slot) - (len(same) - 1) / 2) * (46 if source.grad else 34)
            points.append((x - half[0] - 12, y + spread))
        points.append(_port(target, points[-1], (x, y), half))
        return [p for i, p in enumerate(points) if i == 0 or math.dist(p, points[i - 1]) > 0.5]


def _pin_size(pin: Pin) -> tuple[float, float, float]:
    """Return the widths of a pin's label and of its gradient's, and the height of both."""
    (text_w, text_h), (grad_w, grad_h) = (
        _text.block(_lines(t), _TEXT) for t in (pin.text, pin.grad)
    )
    return text_w, grad_w, max(text_h, grad_h)


def _pin_reach(node: Node, below: bool) -> float:
    return max((31 + _pin_size(p)[2] for p in node.pins if p.below == below), default=0.0)


def _pin_width(node: Node) -> float:
    return max((sum(_pin_size(p)[:2]) + 12 * bool(p.grad) for p in node.pins), default=0.0)


def _draw_node(canvas: Canvas, node: Node, middle: Point, half: Point) -> None:
    (x, y), (w, h) = middle, half
    if node.kind == "via":
        return
    if node.kind == "text":
        canvas.block(_lines(node.text), x, y - h, "ink", _TEXT, gap=1)
    elif node.kind == "box":
        canvas.rect(Box(x - w, y - h, x + w, y + h), _lines(node.text), _TEXT)
    else:
        canvas.circle(x, y, RADIUS, node.text, _op_size(node.text))
    for pin in node.pins:
        _draw_pin(canvas, pin, x, y, h)


def _draw_labels(
    canvas: Canvas, node: Node, x: float, y: float, part: Callable[[str, str], Mapping[str, str]]
) -> None:
    line = _LINE if node.grad else 0.0
    top = y - line - 4 - _text.block(_lines(node.value), _TEXT)[1]
    if node.value:
        with canvas.group(part("value", node.key)):
            canvas.block(_lines(node.value), x, top, "v", _TEXT)
    top -= _text.block(_lines(node.name), _NAME)[1] + 3 * bool(node.value)
    if node.name:
        with canvas.group(part("name", node.key)):
            canvas.block(_lines(node.name), x, top, "soft", _NAME)
    if node.grad:
        with canvas.group(part("gradient", node.key)):
            canvas.block(_lines(node.grad), x, y + line + 8, "g", _TEXT)


def _draw_pin(canvas: Canvas, pin: Pin, x: float, y: float, h: float) -> None:
    down = 1 if pin.below else -1
    text_w, grad_w, height = _pin_size(pin)
    near, far = y + down * (h + 2), y + down * (h + 26)
    top = far + 5 if pin.below else far - 3 - height
    left, right = (x - 6 - text_w / 2, x + 6 + grad_w / 2) if pin.grad else (x, x)
    canvas.block(_lines(pin.text), left, top, "v", _TEXT)
    canvas.forward([(left, far), (left, near)])
    if pin.grad:
        canvas.block(_lines(pin.grad), right, top, "g", _TEXT)
        canvas.backward([(right, near), (right, far)])


def _away(node: Node) -> float:
    """Return the room between a node and the arrow that leaves it."""
    if node.kind == "text":
        return 7 if node.text.strip() else 0
    return 3


def _draw_link(
    canvas: Canvas, points: list[Point], doubled: bool, part: str,
    marks: Mapping[str, str], back_marks: Mapping[str, str],
) -> None:  # fmt: skip
    """Draw the arrow along ``points``, and the gradient's beside it; or one part of a fork."""
    forward = beside(points, -_LINE) if doubled else points
    with canvas.group(marks):
        canvas.forward(forward, head=part != "trunk")
    if doubled:
        with canvas.group(back_marks):
            canvas.backward(beside(points, _LINE)[::-1], head=part != "branch")


def _port(target: Node, before: Point, aim: Point, half: Point) -> Point:
    """Return where an arrow that comes from ``before`` meets the target."""
    if target.kind == "via":
        return aim
    if target.kind != "op":
        return aim[0] - half[0] - max(_away(target), 2), aim[1]
    dx, dy = before[0] - aim[0], before[1] - aim[1]
    length = math.hypot(dx, dy) or 1.0
    reach = RADIUS + 2
    return aim[0] + dx * reach / length, aim[1] + dy * reach / length


def _surround(canvas: Canvas, heading: str, footer: Sequence[str]) -> None:
    box = canvas.extent
    middle = (box.left + box.right) / 2
    if heading:
        canvas.label(heading, middle, box.top - 14, "ink strong", _TEXT)
    bottom = box.bottom + 6
    for line in footer:
        _, ascent, descent = _text.extent(line, _TEXT)
        canvas.label(line, middle, bottom + 8 + ascent, "ink", _TEXT)
        bottom += 8 + ascent + descent

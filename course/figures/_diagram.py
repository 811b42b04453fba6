"""Computational graphs as pictures: nodes and their labels become arrows on a canvas.

Every arrow leaves its source level, and its labels stand on that level piece: name and value above,
gradient below. It bends only behind its labels, in room kept free for bends, so a label never
touches an arrow or a node, whatever the graph.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

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
    kind : {"op", "box", "text"}
        A circle, a rectangle, or text alone (an input or the end of the graph).
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


def _stem_sizes(node: Node) -> tuple[float, float, float]:
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
    """
    by_key = {n.key: n for n in nodes}
    if len(by_key) < len(nodes):
        raise ValueError("two nodes of the picture have the same key")
    inputs = {n.key: n.inputs for n in nodes}
    column = _layout.ranks(inputs) | (rank or {})
    used = {i for n in nodes for i in n.inputs}

    half = {n.key: _half_size(n) for n in nodes}
    up, down, stems = {}, {}, {}
    for n in nodes:
        width, above, below = _stem_sizes(n) if n.key in used else (0.0, 0.0, 0.0)
        stems[n.key] = width
        pins_up, pins_down = _pin_reach(n, False), _pin_reach(n, True)
        above, below = max(above, reach[0]), max(below, reach[1])
        up[n.key] = max(above, half[n.key][1] + pins_up)
        down[n.key] = max(below, half[n.key][1] + pins_down)
    place = _layout.layout(inputs, up, down, gap, column)
    x, bend = _columns(nodes, inputs, place, half, stems, stem)

    canvas = Canvas()
    arrivals = [i for n in nodes for i in n.inputs]
    forks = [n.key for n in nodes if arrivals.count(n.key) > 1]
    for n in nodes:
        middle = (x[n.key], place.y[n.key])
        _draw_node(canvas, n, middle, half[n.key], stems[n.key] if n.key in used else None,
                   bend[column[n.key]])  # fmt: skip
    for n in nodes:
        for slot, source in enumerate(n.inputs):
            route = _route(by_key[source], n, slot, place, x, half, bend)
            if source in forks:
                _draw_link(canvas, route[1:], bool(by_key[source].grad), "branch")
            else:
                _draw_link(canvas, route, bool(by_key[source].grad))
    for key in forks:
        start = x[key] + half[key][0] + _away(by_key[key])
        trunk = [(start, place.y[key]), (bend[column[key]], place.y[key])]
        _draw_link(canvas, trunk, bool(by_key[key].grad), "trunk")
    for key in forks:
        canvas.dot(bend[column[key]], place.y[key], 7 if by_key[key].grad else 4)
    _surround(canvas, heading, footer)
    return canvas


def _pin_size(pin: Pin) -> tuple[float, float, float]:
    """Return the widths of a pin's label and of its gradient's, and the height of both."""
    (text_w, text_h), (grad_w, grad_h) = (
        _text.block(_lines(t), _TEXT) for t in (pin.text, pin.grad)
    )
    return text_w, grad_w, max(text_h, grad_h)


def _pin_reach(node: Node, below: bool) -> float:
    return max((31 + _pin_size(p)[2] for p in node.pins if p.below == below), default=0.0)


def _columns(nodes, inputs, place, half, stems, stem):
    """Return the x of every node, and for every column the x where its arrows may bend."""
    arrivals = [i for sources in inputs.values() for i in sources]
    x: dict[str, float] = {}
    bend: dict[int, float] = {}
    left = 0.0
    for r in range(max(place.rank.values()) + 1):
        here = [n for n in nodes if place.rank[n.key] == r]
        width = 2 * max((max(half[n.key][0], _pin_width(n) / 2) for n in here), default=0.0)
        for n in here:
            # Texts are set against their arrow, all other nodes in the middle of the column.
            at = left + half[n.key][0] if not n.inputs else left + width / 2
            if n.kind == "text":
                at = left + (half[n.key][0] if n.inputs else width - half[n.key][0])
            x[n.key] = at
        right = left + width
        labels = max((stems[n.key] for n in here), default=0.0)
        forked = any(arrivals.count(n.key) > 1 for n in here)
        bend[r] = right + (max(labels + 16 + 8 * forked, stem) if here else 0.0)
        rise = max(
            (
                abs(place.y[a] - place.y[b])
                for target, sources in inputs.items()
                for source in sources
                for a, b in _pairs(place.route(source, target))
                if place.rank[a] == r
            ),
            default=0.0,
        )
        doubled = any(len(set(s)) < len(s) for t, s in inputs.items() if place.rank[t] == r + 1)
        rise = max(rise, 90.0 if doubled else 0.0)
        left = bend[r] + (12 if rise < 2 else min(max(rise * 0.5, 20), 54))
    return x, bend


def _pairs(keys):
    return list(itertools.pairwise(keys))


def _pin_width(node: Node) -> float:
    return max((sum(_pin_size(p)[:2]) + 12 * bool(p.grad) for p in node.pins), default=0.0)


def _draw_node(
    canvas: Canvas, node: Node, middle: Point, half: Point, labels: float | None, bend: float
) -> None:
    (x, y), (w, h) = middle, half
    if node.kind == "text":
        canvas.block(_lines(node.text), x, y - h, "ink", _TEXT, gap=1)
    elif node.kind == "box":
        canvas.rect(Box(x - w, y - h, x + w, y + h), _lines(node.text), _TEXT)
    else:
        canvas.circle(x, y, RADIUS, node.text, _op_size(node.text))
    for pin in node.pins:
        _draw_pin(canvas, node, pin, x, y, h)
    if labels is None:
        return
    line = _LINE if node.grad else 0.0
    start = x + w + _away(node)
    centre = (start + bend) / 2
    _, value_h = _text.block(_lines(node.value), _TEXT)
    _, name_h = _text.block(_lines(node.name), _NAME)
    top = y - line - 4 - value_h
    canvas.block(_lines(node.value), centre, top, "v", _TEXT)
    if node.name:
        canvas.block(_lines(node.name), centre, top - name_h - 3 * bool(node.value), "soft", _NAME)
    canvas.block(_lines(node.grad), centre, y + line + 8, "g", _TEXT)


def _draw_pin(canvas: Canvas, node: Node, pin: Pin, x: float, y: float, h: float) -> None:
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


def _route(source: Node, target: Node, slot: int, place, x, half, bend) -> list[Point]:
    y = place.y
    start = x[source.key] + half[source.key][0] + _away(source)
    points: list[Point] = [(start, y[source.key]), (bend[place.rank[source.key]], y[source.key])]
    for key in place.route(source.key, target.key)[1:-1]:
        # A dummy: level through its column, up to where the bends of the next gap begin.
        r = place.rank[key]
        points += [(bend[r - 1] + (12 if abs(points[-1][1] - y[key]) < 2 else 34), y[key])]
        points += [(bend[r], y[key])]
    aim = (x[target.key], y[target.key])
    same = [i for i, s in enumerate(target.inputs) if s == source.key]
    if len(same) > 1:
        spread = (same.index(slot) - (len(same) - 1) / 2) * (46 if source.grad else 34)
        points.append((aim[0] - half[target.key][0] - 12, aim[1] + spread))
    points.append(_port(target, points[-1], aim, half[target.key]))
    return [p for i, p in enumerate(points) if i == 0 or math.dist(p, points[i - 1]) > 0.5]


def _draw_link(canvas: Canvas, points: list[Point], doubled: bool, part: str = "") -> None:
    """Draw the arrow along ``points``, and the gradient's beside it; or one part of a fork."""
    forward = beside(points, -_LINE) if doubled else points
    canvas.forward(forward, head=part != "trunk")
    if doubled:
        canvas.backward(beside(points, _LINE)[::-1], head=part != "branch")


def _port(target: Node, before: Point, aim: Point, half: Point) -> Point:
    """Return where an arrow that comes from ``before`` meets the target."""
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

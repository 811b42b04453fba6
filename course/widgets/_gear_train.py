"""A chain of functions as a train of gears: nudge the first one, see how far each one turns."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from xml.etree.ElementTree import Element, SubElement, tostring

import traitlets

from ..figures._svg import Box, Canvas, number
from ..figures._text import extent
from ..graph import Graph
from ._chain import OPS as OPS_SOURCE
from ._chain import (
    digits,
    drawing,
    function,
    is_constant,
    product,
    sentences,
    slider,
    with_constants,
)
from ._widget import Widget, esm, read
from ._words import _

CHAIN = {"t": ("+", ("x", "y")), "z": ("square", ("t",))}
"""The example of unit 02: z = (x + y)²."""
INPUTS = {"x": 2.0, "y": 3.0}

NUDGES = (1.0, 0.1, 0.01, 0.001, 0.0001)
MARKS = 12
"""Marks around a gear; one is worth as much on every gear of the train."""


@dataclass(frozen=True)
class Movement:
    """What one nudge does to the quantities of a chain.

    Attributes
    ----------
    by : dict
        How far each quantity moved.
    ratio, local : dict
        For every quantity but the first: how far it moved per unit of the one before it, and
        the derivative that this ratio goes to.
    """

    by: dict[str, float]
    ratio: dict[str, float]
    local: dict[str, float]


class GearTrain(Widget):
    """A chain of functions to nudge; `gear_train` has the parameters."""

    WORDS = {  # noqa: RUF012
        "picture": _("Gears, one for each quantity"),
        "up": _("Nudge up"),
        "down": _("Nudge down"),
        "rest": _("Back to rest"),
        "size": _("Size of the nudge"),
        "start": _("{name} at rest"),
        "at_rest": _("At rest: {values}."),
        "ask": _("Nudge {nudge}: how far will each of the others move?"),
        "is": _("{name} = {value}"),
        "moved": _("{name} moved by {by}"),
        "then": _("{name} by {by}"),
        "comma": _(", "),
        "said": _("{moves}. {ratio}. {derivative}"),
        "ratio": _("{to} per {of}: {ratio}"),
        "ratio_chain": _("{to} per {of}: {ratio} = {factors}"),
        "ratio_unknown": _("{to} per {of}: ?"),
        "derivative": _("d{to}/d{of} = {local}"),
        "derivative_chain": _("The derivative d{to}/d{of} is {local} = {factors}."),
        "mark": _("From one mark to the next, on any gear: {size}"),
        "nowhere": _("Somewhere in the chain there is no number for that. Choose another start."),
        "shrink": _("Make the nudge smaller and smaller: where does the ratio go?"),
        "table_nudge": _("nudge of {nudge}"),
        "table_ratio": _("{to} per {nudge}"),
        "table_off": _("minus d{to}/d{nudge}"),
        "untried": _("not tried"),
        "chain": _("A train of gears: {equations}."),
    }
    _esm = OPS_SOURCE + esm("gear_train.mjs")
    _css = Widget._css + read("gear_train.css")

    nodes = traitlets.List(help="[name, op, inputs] in topological order").tag(sync=True)
    chain = traitlets.List(help="the quantities that move, the nudged one first").tag(sync=True)
    inputs = traitlets.Dict(help="the values at rest").tag(sync=True)
    sliders = traitlets.List().tag(sync=True)
    equations = traitlets.Dict(help="what makes each quantity but the first").tag(sync=True)
    nudges = traitlets.List().tag(sync=True)
    gear = traitlets.Unicode(help="the drawing of one gear, at rest").tag(sync=True)

    def __init__(self, graph: Graph, inputs: Mapping[str, float], nudge: str) -> None:
        self.graph = graph
        values = with_constants(graph, inputs)
        chain = _follow(graph, nudge)
        graph.forward(values)  # says which input has no value
        steps = {name: graph.nodes[name] for name in chain[1:]}
        super().__init__(
            title=_("Gear train: nudge {nudge}, see how far the others move").format(nudge=nudge),
            nodes=[[name, op, list(names)] for name, (op, names) in steps.items()],
            chain=chain,
            inputs=values,
            sliders=[slider(name, values[name]) for name in graph.leaves if not is_constant(name)],
            equations={name: f"{name} = {function(*step)}" for name, step in steps.items()},
            nudges=list(NUDGES),
            gear=tostring(_gear_alone(), encoding="unicode"),
        )

    def movement(self, by: float) -> Movement:
        """Return how far everything moves when the first quantity moves by ``by``."""
        from .._engine.graphs import OPS

        first = self.chain[0]
        start = self.graph.forward(self.inputs)
        there = self.graph.forward(self.inputs | {first: start[first] + by})
        moved = {name: there[name] - start[name] for name in self.chain}
        ratio, local = {}, {}
        for before, name in pairwise(self.chain):
            op, names = self.graph.nodes[name]
            local[name] = OPS[op].local(*(start[i] for i in names))[names.index(before)]
            # A gear that stands still turns nothing; to a tiny turn it would answer like this.
            ratio[name] = moved[name] / moved[before] if moved[before] else local[name]
        return Movement(moved, ratio, local)

    def sentence(self, by: float) -> str:
        """Return what a nudge did, in words."""
        move, w = self.movement(by), self.words
        first, last = self.chain[0], self.chain[-1]
        parts = [w["moved"].format(name=first, by=digits(move.by[first]))]
        parts += [w["then"].format(name=n, by=digits(move.by[n])) for n in self.chain[1:]]
        ratio = w["ratio_chain"].format(
            to=last,
            of=first,
            ratio=digits(move.by[last] / move.by[first]),
            factors=product(move.ratio.values()),
        )
        derivative = w["derivative_chain"].format(
            to=last,
            of=first,
            local=digits(math.prod(move.local.values())),
            factors=product(move.local.values()),
        )
        return w["said"].format(moves=w["comma"].join(parts), ratio=ratio, derivative=derivative)

    def at_rest(self) -> str:
        """Return the values at rest, in words."""
        values = self.graph.forward(self.inputs)
        names = [s["name"] for s in self.sliders] + self.chain[1:]
        each = [self.words["is"].format(name=n, value=digits(values[n])) for n in names]
        return self.words["at_rest"].format(values=self.words["comma"].join(each))

    def text(self) -> str:
        """Return the chain, and what the nudges do, in sentences."""
        chain = self.words["chain"].format(
            equations=self.words["comma"].join(self.equations.values())
        )
        return "\n".join([chain, self.at_rest(), *(self.sentence(h) for h in self.nudges)])

    def strip(self) -> list[tuple[Element, str]]:
        """Return the train at rest, after a large nudge and after a small one."""
        ask = self.words["ask"].format(nudge=self.chain[0])
        return [
            (self._train(0.0), sentences(self.at_rest(), ask)),
            *((self._train(h), self.sentence(h)) for h in (self.nudges[0], self.nudges[2])),
        ]

    def _train(self, by: float) -> Element:
        """Draw the gears in a row, turned by a nudge."""
        canvas, x, w = Canvas(), 0.0, self.words
        values, move = self.graph.forward(self.inputs), self.movement(by or self.nudges[0])
        turns = {n: move.by[n] if by else 0.0 for n in self.chain}
        mark = mark_size(turns.values(), by or self.nudges[0])
        for before, name in pairwise([None, *self.chain]):
            if before is not None:
                pair = {"to": name, "of": before}
                lines = [w["ratio_unknown"].format(**pair)]
                if by:
                    lines = [
                        w["ratio"].format(ratio=digits(move.ratio[name]), **pair),
                        w["derivative"].format(local=digits(move.local[name]), **pair),
                    ]
                width = 24 + max(extent(t, 16)[0] for t in (self.equations[name], *lines))
                canvas.forward([(x + 8, 0), (x + width - 4, 0)])
                canvas.label(self.equations[name], x + width / 2, -12)
                for i, line in enumerate(lines):
                    style = "g" if i else "ink strong"
                    canvas.label(line, x + width / 2, 24 + 20 * i, style)
                x += width
            gear = _gear(360 / MARKS * turns[name] / mark)
            gear.set("transform", f"translate({number(x + 52)} 0)")
            canvas.root.append(gear)
            canvas.nodes.append(Box(x, -52, x + 104, 52))
            canvas.label(w["is"].format(name=name, value=digits(values[name])), x + 52, 74, "v")
            if by:
                moved = w["moved"].format(name=name, by=digits(move.by[name]))
                canvas.label(moved, x + 52, 94, "ink", 14)
            x += 104
        return drawing(canvas, self.title, self.sentence(by) if by else self.at_rest())


def gear_train(
    graph: Graph | Mapping | None = None,
    inputs: Mapping[str, float] | None = None,
    nudge: str | None = None,
) -> GearTrain:
    """Return a chain of functions as gears: nudge the first, see how far each of them turns.

    Parameters
    ----------
    graph : mapping or course.graph.Graph, optional
        The chain, ``{name: (op, inputs)}``: each node takes in the one before it, once, and
        beside it inputs of the graph. A number stands for itself: ``("*", ("x", "3"))``.
        By default t = x + y, z = square(t).
    inputs : mapping, optional
        The values at rest; by default x = 2 and y = 3.
    nudge : str, optional
        The input that is nudged; by default the first one.

    Raises
    ------
    EngineOff
        In a graded run: an exercise asks for what the picture shows.
    ValueError
        If the graph is no chain from ``nudge`` on; the message names the node that breaks it.

    Examples
    --------
    >>> train = gear_train({"u": ("*", ("x", "2")), "z": ("sin", ("u",))}, {"x": 0.0})
    >>> train.movement(0.001).local
    {'u': 2.0, 'z': 1.0}
    """
    graph = Graph(getattr(graph, "nodes", graph) or CHAIN)
    named = [leaf for leaf in graph.leaves if not is_constant(leaf)]
    return GearTrain(graph, INPUTS if inputs is None else inputs, nudge or next(iter(named), ""))


def _follow(graph: Graph, first: str) -> list[str]:
    chain = [first]
    for name in graph.order():
        names = graph.nodes[name][1]
        if [i for i in names if i in chain or i in graph.nodes] != chain[-1:]:
            raise ValueError(
                f"no chain: the node {name!r} takes in {', '.join(names)}; of these {chain[-1]!r} "
                "must be one, once, and the others inputs of the graph"
            )
        chain.append(name)
    return chain


def mark_size(moves, by: float) -> float:
    """Return what one mark is worth: the nudge, or 2, 5, 10, ... of it where a gear runs far.

    No gear turns once around, so that one sees how far it went.

    >>> mark_size([0.01, 0.01, 0.1001], 0.01), mark_size([1, 30], 1)
    (0.01, 5.0)
    """
    farthest, size, steps = max(map(abs, moves), default=0.0), abs(by), 0
    while farthest / size > MARKS - 1 and steps < 30:
        size *= (2, 2.5, 2)[steps % 3]
        steps += 1
    return size


_ARC = 22


def _gear(turn: float) -> Element:
    """Return a gear about the origin, turned by ``turn`` degrees on a scale that stands still."""
    gear = Element("g")
    angles = [2 * math.pi * i / MARKS for i in range(MARKS)]
    scale = "".join(f"M{_polar(46, a)}L{_polar(51, a)}" for a in angles)
    SubElement(gear, "path", {"class": "axis", "d": scale})
    rotate = f"rotate({number(turn)})"
    teeth = ((-0.30, 35), (-0.17, 42), (0.17, 42), (0.30, 35))
    outline = "L".join(
        _polar(r, a + 2 * math.pi / MARKS * part) for a in angles for part, r in teeth
    )
    SubElement(gear, "path", {"class": "node body", "d": f"M{outline}Z", "transform": rotate})
    around = 2 * math.pi * _ARC
    SubElement(gear, "circle", {
        "class": "line v turned", "r": str(_ARC), "style": "stroke-width:8;stroke-linecap:butt",
        "stroke-dasharray": f"{number(abs(turn) / 360 * around)} {number(around)}",
        "transform": "rotate(-90)" if turn >= 0 else "scale(-1 1) rotate(-90)",
    })  # fmt: skip
    SubElement(gear, "path", {"class": "axis hand", "d": "M0 0V-38", "transform": rotate})
    SubElement(gear, "circle", {"class": "fork", "r": "4"})
    return gear


def _polar(r: float, angle: float) -> str:
    return f"{number(r * math.sin(angle))} {number(-r * math.cos(angle))}"


def _gear_alone() -> Element:
    svg = Element("svg", {
        "class": "cf", "viewBox": "-54 -54 108 108", "width": "108", "height": "108",
        "aria-hidden": "true",
    })  # fmt: skip
    svg.append(_gear(0.0))
    return svg

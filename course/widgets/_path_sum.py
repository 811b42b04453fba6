"""A value that reaches the result by several paths: multiply along each, then add."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, pairwise
from xml.etree.ElementTree import Element, SubElement

import traitlets

from ..figures._any_graph import shown
from ..figures._layout import layout, ranks
from ..figures._svg import Box, Canvas, Point, beside
from ..figures._text import extent
from ..graph import Edge, Graph
from ._chain import OPS as OPS_SOURCE
from ._chain import (
    bracketed,
    digits,
    drawing,
    is_constant,
    product,
    slider,
    unlabelled,
    with_constants,
)
from ._widget import Widget, esm, read
from ._words import _

DIAMOND = {"a": ("+", ("x", "1")), "b": ("+", ("x", "2")), "z": ("*", ("a", "b"))}
"""The example of unit 02: x reaches z = (x + 1)(x + 2) by way of a and by way of b."""
INPUTS = {"x": 3.0}

MOST = 8
_STEP, _RADIUS, _SMALL = 172.0, 21.0, 15
_SIGN = {"*": "×", "-": "−", "square": "$( )^2$"}


class PathSum(Widget):
    """The paths from one input to the result; `path_sum` has the parameters."""

    WORDS = {  # noqa: RUF012
        "picture": _("Graph with a local derivative on each arrow"),
        "is": _("{name} = {value}"),
        "comma": _(", "),
        "stop": _("{sentence}."),
        "path": _("Path"),
        "via": _("by way of {nodes}"),
        "slot": _("slot {slot} of {node}"),
        "straight": _("straight"),
        "all": _("all paths"),
        "ask": _("What is d{to}/d{of}, over all paths? Predict it, or look at the paths first."),
        "guess": _("Your d{to}/d{of}"),
        "along": _("{path}: {ratios} = {factors} = {product}"),
        "along_one": _("{path}: {ratios} = {product}"),
        "not_yet": _("{path}: ?"),
        "sum": _("Sum over the paths: d{to}/d{of} = {terms} = {sum}"),
        "sum_unknown": _("Sum over the paths: d{to}/d{of} = ?"),
        "all_shown": _("All the paths at once. What does {of} collect? Type your d{to}/d{of}."),
        "right": _("Right."),
        "wrong": _("Not yet."),
        "told": _("{whole}. {why} {nudged}"),
        "why": _("A nudge of {of} travels along all the paths at once, and {to} feels every one of them."),
        "nudged": _("Nudged: {of} moves by {by}, {to} by {moved}, which is {ratio} per unit of {of}."),
        "is_product": _("That is the product of the paths. One multiplies along a path, not over the paths."),
        "is_mean": _("That is the mean of the paths. Does a nudge of {of} take half of each path?"),
        "is_one": _("That is one of the paths alone. {of} takes the others as well."),
        "is_value": _("That is the value of {to}. Asked is how strongly it reacts to {of}."),
        "is_other": _("Multiply the local derivatives along each path. What do the paths do together?"),
        "nowhere": _("Somewhere in the graph there is no number for that. Choose another {of}."),
        "graph": _("{of} = {value} reaches {to} = {result}; paths: {count}."),
    }  # fmt: skip
    _esm = OPS_SOURCE + esm("path_sum.mjs")
    _css = Widget._css + read("path_sum.css")

    nodes = traitlets.List(help="[name, op, inputs] in topological order").tag(sync=True)
    inputs = traitlets.Dict().tag(sync=True)
    source = traitlets.Unicode().tag(sync=True)
    output = traitlets.Unicode().tag(sync=True)
    edges = traitlets.List(help="[source, target, slot], in the drawing's order").tag(sync=True)
    paths = traitlets.List(help="of each path: its name and the numbers of its edges").tag(
        sync=True
    )
    slider = traitlets.Dict().tag(sync=True)
    graph_drawing = traitlets.Unicode().tag(sync=True)

    def __init__(self, graph: Graph, inputs: Mapping[str, float], source: str) -> None:
        self.graph = graph
        order = graph.order()
        self._links = [e for e in graph.edges if not is_constant(e.source)]
        found = list(islice(_paths(self._links, source, order[-1]), MOST + 1))
        if not 1 <= len(found) <= MOST:
            count = "no path leads" if not found else f"more than {MOST} paths lead"
            raise ValueError(f"{count} from {source!r} to {order[-1]!r}")
        values = with_constants(graph, inputs)
        graph.forward(values)  # says which input has no value
        self._places = _places(graph)
        super().__init__(
            title=_("Path sum: from {of} to {to} by every path").format(of=source, to=order[-1]),
            nodes=[[name, graph.nodes[name][0], list(graph.nodes[name][1])] for name in order],
            inputs=values,
            source=source,
            output=order[-1],
            edges=[[e.source, e.target, e.slot] for e in self._links],
            slider=slider(source, values[source]),
        )
        self.paths = [{"name": self._name(p), "edges": p} for p in found]
        self.graph_drawing = unlabelled(self._drawing())

    def _name(self, path: Sequence[int]) -> str:
        edges = [self._links[i] for i in path]
        between = self.words["comma"].join(e.target for e in edges[:-1])
        parts = [self.words["via"].format(nodes=between)] if between else []
        for e in edges:
            if [(o.source, o.target) for o in self._links].count((e.source, e.target)) > 1:
                parts.append(self.words["slot"].format(slot=e.slot + 1, node=e.target))
        return self.words["comma"].join(parts) or self.words["straight"]

    def local_grads(self) -> list[float]:
        """Return the local derivative of every edge."""
        from .._engine.graphs import OPS

        values = self.graph.forward(self.inputs)
        all_of = {n: OPS[op].local(*(values[i] for i in names)) for n, op, names in self.nodes}
        return [all_of[e.target][e.slot] for e in self._links]

    def products(self) -> list[float]:
        """Return for each path the product of the local derivatives along it."""
        local = self.local_grads()
        return [math.prod(local[i] for i in p["edges"]) for p in self.paths]

    def along(self, number: int) -> str:
        """Return in words what one path brings, from the result back."""
        path, local = self.paths[number], self.local_grads()
        edges = path["edges"][::-1]
        ratios = [f"d{self._links[i].target}/d{self._links[i].source}" for i in edges]
        key = "along" if len(edges) > 1 else "along_one"
        return self.words[key].format(
            path=_capital(path["name"]),
            ratios=" × ".join(ratios),
            factors=product(local[i] for i in edges),
            product=digits(self.products()[number]),
        )

    def whole(self) -> str:
        """Return in words what all the paths bring together."""
        brought = self.products()
        terms = " + ".join(bracketed(digits(p)) for p in brought)
        return self.words["sum"].format(
            to=self.output, of=self.source, terms=terms, sum=digits(sum(brought))
        )

    def _sentence(self, words: str) -> str:
        return self.words["stop"].format(sentence=words)

    def text(self) -> str:
        """Return the graph, what each path brings, and the sum, in sentences."""
        values = self.graph.forward(self.inputs)
        graph = self.words["graph"].format(
            of=self.source, value=digits(values[self.source]), count=len(self.paths),
            to=self.output, result=digits(values[self.output]),
        )  # fmt: skip
        lines = [self.along(i) for i in range(len(self.paths))] + [self.whole()]
        why = self.words["why"].format(of=self.source, to=self.output)
        return "\n".join([graph, *map(self._sentence, lines), why])

    def strip(self) -> list[tuple[Element, str]]:
        """Return the graph, each path in it, at most three, and all of them."""
        ask = self.words["ask"].format(of=self.source, to=self.output)
        every = {i for p in self.paths for i in p["edges"]}
        few = self.paths[:3]
        return [
            (self._drawing(set()), ask),
            *(
                (self._drawing(set(p["edges"])), self._sentence(self.along(i)))
                for i, p in enumerate(few)
            ),
            (self._drawing(every), self._sentence(self.whole())),
        ]

    def _drawing(self, on: set[int] | None = None) -> Element:
        """Draw the graph; the edges ``on`` a path bring a gradient back, None for all, to hide."""
        canvas, values, local = Canvas(), self.graph.forward(self.inputs), self.local_grads()
        lines = [self._line(e) for e in self._links]
        groups = [
            SubElement(canvas.root, "g", {"class": "edge", "data-edge": str(i)})
            for i in range(len(lines))
        ]
        for number, (line, group) in enumerate(zip(lines, groups, strict=True)):
            part = Canvas(group)
            if on is None:
                d = "L".join(f"{x:.0f} {y:.0f}" for x, y in line)
                part.path(f"M{d}", "halo")
            if on is None or number in on:
                part.forward(beside(line, -5))
                Canvas(SubElement(group, "g", {"class": "back"})).backward(beside(line, 5)[::-1])
            else:
                part.forward(line)
            canvas.lines.append(line)
        for name in (*self.graph.leaves, *self.graph.nodes):
            if name not in self._places:
                continue
            (x, y), text = self._places[name], f"{name} = {shown(values[name])}"
            if name in self.graph.nodes:
                canvas.circle(x, y, _RADIUS, self._inside(name), 18)
                canvas.label(text, x, y - 30, "v")
            else:
                canvas.label(text, x + _RADIUS, y + 6, "v", anchor="end")
            canvas.root[-1].set("data-value", name)
        for number, (line, group) in enumerate(zip(lines, groups, strict=True)):
            edge = self._links[number]
            text = f"d{edge.target}/d{edge.source} = {shown(local[number])}"
            x, y = _room_for(text, line, canvas)
            part = Canvas(group)
            part.label(text, x, y, "g", _SMALL)
            group[-1].set("data-local", str(number))
            canvas.labels += part.labels
        title = _("Every path from {of} to {to}").format(of=self.source, to=self.output)
        return drawing(canvas, title, self.text())

    def _inside(self, name: str) -> str:
        """Return what stands in a node: its sign, and the number it works with, if there is one."""
        op, names = self.graph.nodes[name]
        parts = [names[0].replace("-", "−")] if is_constant(names[0]) else []
        parts.append(_SIGN.get(op, op))
        parts += [n.replace("-", "−") for n in names[1:] if is_constant(n)]
        return " ".join(parts)

    def _line(self, edge: Edge) -> list[Point]:
        """Return the points of an edge, from its source's rim to its target's."""
        through = [
            k for k in self._places if isinstance(k, tuple) and k[:2] == (edge.source, edge.target)
        ]
        keys = [edge.source, *sorted(through, key=lambda k: k[2]), edge.target]
        points = [self._places[k] for k in keys]
        twins = [e for e in self._links if (e.source, e.target) == (edge.source, edge.target)]
        if len(twins) > 1:
            (x0, y0), (x1, y1) = points[-2:]
            aside = 34.0 * (1 if edge == twins[-1] else -1)
            points.insert(-1, ((x0 + x1) / 2, (y0 + y1) / 2 + aside))
        points[0] = _toward(points[0], points[1], _RADIUS + 5)
        points[-1] = _toward(points[-1], points[-2], _RADIUS + 3)
        return points


def path_sum(
    graph: Graph | Mapping | None = None,
    inputs: Mapping[str, float] | None = None,
    source: str | None = None,
) -> PathSum:
    """Return a graph whose paths from one input to the result can be followed one by one.

    Parameters
    ----------
    graph : mapping or course.graph.Graph, optional
        ``{name: (op, inputs)}``; a number stands for itself: ``("+", ("x", "1"))``. By default
        z = (x + 1)(x + 2), where x reaches z by two paths.
    inputs : mapping, optional
        The values of the inputs; by default x = 3.
    source : str, optional
        The input whose paths are followed; by default the first one.

    Raises
    ------
    EngineOff
        In a graded run: an exercise asks for what the picture shows.
    ValueError
        If no path leads from ``source`` to the result, or more than eight do.

    Examples
    --------
    >>> path_sum().products()
    [5.0, 4.0]
    """
    graph = Graph(getattr(graph, "nodes", graph) or DIAMOND)
    named = [leaf for leaf in graph.leaves if not is_constant(leaf)]
    return PathSum(graph, INPUTS if inputs is None else inputs, source or next(iter(named), ""))


def _paths(edges: Sequence[Edge], source: str, output: str) -> Iterator[list[int]]:
    """Yield every path from ``source`` to ``output`` as the numbers of its edges."""
    if source == output:
        yield []
    for number, edge in enumerate(edges):
        if edge.source == source:
            for rest in _paths(edges, edge.target, output):
                yield [number, *rest]


def _places(graph: Graph) -> dict:
    """Return the middle of every node, every input that is no number, and every dummy."""
    names = [leaf for leaf in graph.leaves if not is_constant(leaf)] + graph.order()
    inputs = {
        n: [i for i in graph.nodes[n][1] if not is_constant(i)] if n in graph.nodes else []
        for n in names
    }
    rank = ranks(inputs)
    reach = dict.fromkeys(names, 48.0)
    # A line that passes a column needs as much room there as its label.
    reach |= {
        (source, target, r): 34.0
        for target, sources in inputs.items()
        for source in sources
        for r in range(rank[source] + 1, rank[target])
    }
    plan = layout(inputs, reach, reach, 26, rank)
    return {key: (plan.rank[key] * _STEP, plan.y[key]) for key in plan.y}


def _room_for(text: str, line: Sequence[Point], canvas: Canvas) -> Point:
    """Return where a label stands beside a line, clear of all that is drawn, near its middle."""
    width, ascent, descent = extent(text, _SMALL)
    taken = [b.grown(2) for b in canvas.nodes + canvas.labels]
    others = [
        p for other in canvas.lines for aside in (-5, 5) for p in _points_on(beside(other, aside))
    ]
    centre = sum(y for other in canvas.lines for _, y in other) / sum(map(len, canvas.lines))
    best, least = line[0], math.inf
    for (x0, y0), (x1, y1) in pairwise(line):
        slope = abs((y1 - y0) / ((x1 - x0) or 1.0))
        away = 13 + slope * (width / 2 - 6)
        for share in (0.5, 0.42, 0.58, 0.34, 0.66, 0.25, 0.75):
            x, y = x0 + (x1 - x0) * share, y0 + (y1 - y0) * share
            outer = -1 if y <= centre + 1 else 1
            for side in (outer, -outer):
                base = y - away - descent if side < 0 else y + away + ascent
                box = Box(x - width / 2, base - ascent, x + width / 2, base + descent)
                # Over a node is worse than on a line; far from the middle is no more than ugly.
                cost = 20.0 * sum(box.overlaps(t) for t in taken)
                cost += sum(
                    box.left < px < box.right and box.top < py < box.bottom for px, py in others
                )
                cost += (
                    abs(share - 0.5) + 0.3 * (side != outer) - math.dist((x0, y0), (x1, y1)) / 500
                )
                if cost < least:
                    best, least = (x, base), cost
    return best


def _points_on(line: Sequence[Point]) -> list[Point]:
    """Return points along a line, near enough to tell whether a box lies on it."""
    return [
        (x0 + (x1 - x0) * i / 24, y0 + (y1 - y0) * i / 24)
        for (x0, y0), (x1, y1) in pairwise(line)
        for i in range(25)
    ]


def _toward(a: Point, b: Point, by: float) -> Point:
    share = by / (math.dist(a, b) or 1.0)
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

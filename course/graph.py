"""The computational graph: nodes, edges, values, gradients and the steps between them.

A graph is plain data, ``{name: (op, inputs)}``:

>>> graph = {"subtotal": ("*", ("price", "n")), "total": ("*", ("subtotal", "tax"))}
>>> Graph(graph).leaves
('price', 'n', 'tax')
>>> Graph(graph).forward({"price": 100, "n": 2, "tax": 1.1})["total"]
220.00000000000003
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ._language import _
from ._switch import require_engine


@dataclass(frozen=True)
class Node:
    """One operation: its name, its op and the names of its inputs, in order."""

    name: str
    op: str
    inputs: tuple[str, ...]


@dataclass(frozen=True)
class Edge:
    """One arrow: ``source`` feeds input number ``slot`` of ``target``."""

    source: str
    target: str
    slot: int


@dataclass(frozen=True)
class Step:
    """One move of the forward or backward sweep, and the rule at work in words."""

    direction: str
    name: str
    value: float
    rule: str
    edge: Edge | None = None


@dataclass(frozen=True)
class Graph:
    """A computational graph over numbers.

    Parameters
    ----------
    nodes : mapping
        ``{name: (op, inputs)}``; ops are ``+ - * /``, ``square``, ``exp``, ``log``, ``sin``, ``relu``.
        A name that is no key is an input of the graph (a leaf).

    Raises
    ------
    ValueError
        If a node has an unknown op or the wrong number of inputs; the message names it.
    """

    nodes: Mapping[str, tuple[str, tuple[str, ...]]]
    leaves: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        arity = dict.fromkeys(("square", "exp", "log", "sin", "relu"), 1) | dict.fromkeys("+-*/", 2)
        for name, (op, inputs) in self.nodes.items():
            if op not in arity:
                said = _("node {name!r} has the unknown op {op!r}")
                raise ValueError(said.format(name=name, op=op))
            if len(inputs) != arity[op]:
                said = _("node {name!r}: {op!r} takes {arity} inputs, not {count}")
                raise ValueError(said.format(name=name, op=op, arity=arity[op], count=len(inputs)))
        seen = dict.fromkeys(i for _op, inputs in self.nodes.values() for i in inputs)
        object.__setattr__(self, "leaves", tuple(i for i in seen if i not in self.nodes))

    @property
    def edges(self) -> list[Edge]:
        """All arrows, in the order of their targets and slots."""
        return [
            Edge(source, name, slot)
            for name, (_op, inputs) in self.nodes.items()
            for slot, source in enumerate(inputs)
        ]

    def order(self) -> list[str]:
        """Return the nodes in topological order. Refused in a graded run."""
        require_engine("course.graph.Graph.order")
        from ._engine.graphs import topological_order

        return topological_order(self.nodes)

    def forward(self, inputs: Mapping[str, float]) -> dict[str, float]:
        """Return the value of every leaf and node. Refused in a graded run.

        Raises
        ------
        KeyError
            If a leaf has no value; the message names every one that is missing.
        """
        require_engine("course.graph.Graph.forward")
        from ._engine.graphs import forward

        missing = [leaf for leaf in self.leaves if leaf not in inputs]
        if missing:
            said = _("no value was given for {names}")
            raise KeyError(said.format(names=", ".join(missing)))
        return forward(self.nodes, inputs)

    def backward(self, values: Mapping[str, float], output: str | None = None) -> dict[str, float]:
        """Return d output / d name for every leaf and node. Refused in a graded run."""
        require_engine("course.graph.Graph.backward")
        from ._engine.graphs import backward

        return backward(self.nodes, values, output)[0]

    def edge_gradients(
        self, values: Mapping[str, float], output: str | None = None
    ) -> dict[Edge, float]:
        """Return what flows back along each arrow. Refused in a graded run."""
        require_engine("course.graph.Graph.edge_gradients")
        from ._engine.graphs import backward

        return {Edge(*key): g for key, g in backward(self.nodes, values, output)[1].items()}

    def steps(self, inputs: Mapping[str, float]) -> list[Step]:
        """Return the moves of one forward sweep and one backward sweep, in order.

        Refused in a graded run.
        """
        require_engine("course.graph.Graph.steps")
        from ._engine.graphs import OPS, backward

        values = self.forward(inputs)
        grads, edge_grads = backward(self.nodes, values)
        order = self.order()
        moves = []
        for name in order:
            op, names = self.nodes[name]
            shown = f" {op} ".join(f"{values[i]:g}" for i in names)
            rule = shown if len(names) == 2 else f"{op}({shown})"
            moves.append(Step("forward", name, values[name], f"{rule} = {values[name]:g}"))
        for name in reversed(order):
            op, names = self.nodes[name]
            local = OPS[op].local(*(values[i] for i in names))
            for slot, source in enumerate(names):
                sent = edge_grads[source, name, slot]
                said = _("upstream {upstream:g} x local {local:g} = {product:g}")
                rule = said.format(upstream=grads[name], local=local[slot], product=sent)
                moves.append(Step("backward", source, sent, rule, Edge(source, name, slot)))
        return moves

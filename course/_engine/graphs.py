"""Evaluate a computational graph forwards and backwards.

A graph is plain data: ``{name: (op, inputs)}``, with the names of the inputs in
order. A name that is nobody's key is an input of the whole graph.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple


class Op(NamedTuple):
    """One kind of node: its value and its local gradients, one for each input."""

    arity: int
    value: Callable[..., float]
    local: Callable[..., tuple[float, ...]]


OPS: dict[str, Op] = {
    "+": Op(2, lambda a, b: a + b, lambda a, b: (1.0, 1.0)),
    "-": Op(2, lambda a, b: a - b, lambda a, b: (1.0, -1.0)),
    "*": Op(2, lambda a, b: a * b, lambda a, b: (b, a)),
    "/": Op(2, lambda a, b: a / b, lambda a, b: (1 / b, -a / b**2)),
    "square": Op(1, lambda a: a * a, lambda a: (2 * a,)),
    "exp": Op(1, math.exp, lambda a: (math.exp(a),)),
    "log": Op(1, math.log, lambda a: (1 / a,)),
    "sin": Op(1, math.sin, lambda a: (math.cos(a),)),
    "relu": Op(1, lambda a: max(a, 0.0), lambda a: (float(a > 0),)),
}

GraphDict = Mapping[str, tuple[str, tuple[str, ...]]]


def topological_order(graph: GraphDict) -> list[str]:
    """Return the names of the nodes, each after all its inputs (Kahn's algorithm).

    Raises
    ------
    ValueError
        If the graph has a cycle; the message names the nodes on or behind it.
    """
    waiting = {name: {i for i in inputs if i in graph} for name, (_, inputs) in graph.items()}
    order: list[str] = []
    while waiting:
        ready = [name for name, needs in waiting.items() if not needs]
        if not ready:
            raise ValueError(f"the graph has a cycle through {sorted(waiting)}")
        order += ready
        for name in ready:
            del waiting[name]
        for needs in waiting.values():
            needs.difference_update(ready)
    return order


def forward(graph: GraphDict, inputs: Mapping[str, float]) -> dict[str, float]:
    """Return the value of every input and node, in the order of evaluation."""
    values = dict(inputs)
    for name in topological_order(graph):
        op, names = graph[name]
        values[name] = OPS[op].value(*(values[i] for i in names))
    return values


def backward(
    graph: GraphDict, values: Mapping[str, float], output: str | None = None
) -> tuple[dict[str, float], dict[tuple[str, str, int], float]]:
    """Return the derivatives of ``output`` with respect to every node and along every edge.

    Parameters
    ----------
    graph : mapping
        ``{name: (op, inputs)}``.
    values : mapping
        What `forward` returned.
    output : str, optional
        The node to differentiate; the last one in topological order by default.

    Returns
    -------
    grads : dict
        ``{name: d output / d name}``; the sum over the edges that leave ``name``.
    edge_grads : dict
        ``{(source, target, slot): what target sends back to source}``.
    """
    order = topological_order(graph)
    output = order[-1] if output is None else output
    grads = dict.fromkeys(values, 0.0)
    grads[output] = 1.0
    edge_grads: dict[tuple[str, str, int], float] = {}
    for name in reversed(order):
        op, names = graph[name]
        local = OPS[op].local(*(values[i] for i in names))
        for slot, (source, factor) in enumerate(zip(names, local, strict=True)):
            edge_grads[source, name, slot] = grads[name] * factor
            grads[source] += grads[name] * factor
    return grads, edge_grads

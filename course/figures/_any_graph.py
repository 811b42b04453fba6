"""Any computational graph as a picture."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ._diagram import Node, draw
from ._picture import Picture, picture

_SHOWN = {"*": "×", "-": "−", "square": "$( )^2$"}


def shown(value: Any) -> str:
    """Return a number as it is written in a picture.

    >>> shown(220.00000000000003), shown(-0.25), shown(1 / 3), shown("$x$")
    ('220', '−0.25', '0.3333', '$x$')
    """
    if isinstance(value, str):
        return value
    if getattr(value, "ndim", 0):
        return " × ".join(map(str, value.shape))
    x = float(value)
    whole = x == 0 or (0.5 < abs(x) < 1e7 and abs(x - round(x)) < 1e-9)
    text = f"{round(x)}" if whole else f"{x:.4g}" if abs(x) < 1e4 else f"{x:.6g}"
    return text.replace("-", "−")


def _label(name: str) -> str:
    """Return a short name as a variable, with its digits as a subscript; a long one in words."""
    match = re.fullmatch(r"([A-Za-z])_?(\d{0,2})", name)
    if match:
        return f"${match[1]}_{{{match[2]}}}$" if match[2] else f"${match[1]}$"
    return name.replace("$", "")


def graph_picture(
    graph: Mapping[str, tuple[str, tuple[str, ...]]],
    values: Mapping[str, Any] | None = None,
    grads: Mapping[str, Any] | None = None,
    *,
    title: str,
    alt: str,
    caption: str,
) -> Picture:
    """Return the picture of a computational graph, laid out by itself.

    Parameters
    ----------
    graph : mapping or course.graph.Graph
        ``{name: (op, inputs)}``; a name that is no key is an input of the graph.
    values, grads : mapping, optional
        What to write above and below the arrow that leaves a node or an input, by its name:
        numbers, arrays (their shape is written) or strings. Names without one have no label.
    title, alt, caption : str
        What the picture is, what it shows in words, and the line below it.

    Raises
    ------
    ValueError
        If the graph is empty or has a cycle.

    Examples
    --------
    >>> graph_picture({"z": ("*", ("x", "y"))}, {"x": 2, "y": 3, "z": 6},
    ...               title="A product", alt="x = 2 times y = 3 is z = 6.", caption="2 times 3.")
    A product
    x = 2 times y = 3 is z = 6.
    """
    graph = getattr(graph, "nodes", graph)
    if not graph:
        raise ValueError("the graph is empty: there is nothing to draw")
    values, grads = values or {}, grads or {}
    used = dict.fromkeys(i for _, inputs in graph.values() for i in inputs)
    nodes = []
    for name in (*(i for i in used if i not in graph), *graph):
        op, inputs = graph.get(name, ("", ()))
        value = shown(values[name]) if name in values else ""
        grad = shown(grads[name]) if name in grads else ""
        inner = name in used and name in graph
        nodes.append(Node(
            name,
            _SHOWN.get(op, op) if name in graph else _label(name),
            tuple(inputs),
            "op" if name in graph else "text",
            name=_label(name) if inner else "",
            value=value,
            grad=grad,
        ))  # fmt: skip
    for name in graph:
        if name not in used:
            nodes.append(Node(f"\0end of {name}", _label(name), (name,), "text"))
    canvas = draw(nodes, gap=14)
    return picture("graph", canvas, title=title, alt=alt, caption=caption)

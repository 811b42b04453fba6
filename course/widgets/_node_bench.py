"""A bench for one node: its two inputs, an upstream gradient, and what the node sends back."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import traitlets

from .._switch import require_engine
from ..figures._any_graph import shown
from ..figures._diagram import Node, draw
from ..figures._svg import Canvas
from ._chain import OPS as OPS_SOURCE
from ._chain import bracketed, digits, drawing, sentences, unlabelled
from ._widget import Widget, esm, read
from ._words import _

SIGNS = {"+": "+", "*": "×", "-": "−", "/": "÷"}
TAUGHT = ("+", "*")
"""The others are exercises: what stays on the page does not say what they send back."""
TASKS = (
    (6.0, 4.0, -3.0), (3.0, 5.0, 4.0), (-4.0, 2.0, 1.5), (9.0, -3.0, 0.2), (1.0, 8.0, -4.0),
    (-5.0, -2.5, 3.0), (0.5, 2.0, -6.0), (7.0, 10.0, 0.2),
)  # fmt: skip
"""Inputs and upstream gradients to try, no two of whose answers a wrong rule gets right."""
REACH = 10.0
_BEHIND = {"x": "dx", "y": "dy", "out": "dout"}


class NodeBench(Widget):
    """One node with two inputs, to predict backward; `node_bench` has the parameters."""

    WORDS = {  # noqa: RUF012
        "picture": _("One node with its inputs, its output and the gradients"),
        "node": _("Node"),
        "op+": _("add"),
        "op*": _("multiply"),
        "op-": _("subtract"),
        "op/": _("divide"),
        "dout": _("upstream dout"),
        "guess": _("Your {name}"),
        "comma": _(", "),
        "label": _("{node}: {numbers}"),
        "another": _("New numbers"),
        "is": _("{name} = {value}"),
        "ask": _("Forward, {x} {sign} {y} = {out}. From the right comes dout = {dout}. What goes back: dx and dy?"),
        "asked": _("{node}. {question}"),
        "empty": _("Type your dx or your dy first."),
        "right": _("{name} is right."),
        "wrong": _("{name}: not yet."),
        "told": _("{name}:"),
        "send": _("{name} = dout × local derivative = {dout} × {local} = {grad}."),
        "x+": _("One unit more of x is one unit more of out: the local derivative is 1."),
        "y+": _("One unit more of y is one unit more of out: the local derivative is 1."),
        "x*": _("One unit more of x is y = {y} more of out: the local derivative is the other input, {local}."),
        "y*": _("One unit more of y is x = {x} more of out: the local derivative is the other input, {local}."),
        "x-": _("One unit more of x is one unit more of out: the local derivative is 1."),
        "y-": _("One unit more of y is one unit less of out: the local derivative is −1."),
        "x/": _("One unit more of x is 1 ÷ y = {local} more of out: that is the local derivative."),
        "y/": _("When y rises a little, out changes by −x ÷ y² for each unit of y: the local derivative is {local}."),
        "rule+": _("An add node passes the upstream gradient on unchanged, to both inputs."),
        "rule*": _("A multiply node swaps: each input receives the upstream gradient times the other input."),
        "rule-": _("A subtract node passes the upstream gradient on to x, and turns its sign on the way to y."),
        "rule/": _("A divide node divides the upstream gradient by y on the way to x; to y goes the negative of that, times out."),
        "is_local": _("That is the local derivative alone. Where is the upstream gradient, {dout}?"),
        "is_negative": _("The size is right, the sign is not. When {to} grows, does out grow or shrink?"),
        "is_other": _("That goes to the other input."),
        "is_upstream": _("That is dout, passed on as it came. This node does something to it."),
        "is_sum": _("Upstream and local derivative are multiplied, not added."),
        "is_forward": _("That is what goes forward. Asked is what comes back."),
        "measure": _("Raise {to} from {start} to {end}: out goes from {out} to {new}. How much is that for each unit of {to}? Then times dout."),
        "zero": _("Nothing can be divided by 0. Move y."),
        "done": _("The rule: {rule}"),
    }  # fmt: skip
    _esm = OPS_SOURCE + esm("node_bench.mjs")
    _css = Widget._css + read("node_bench.css")

    op = traitlets.Unicode().tag(sync=True)
    numbers = traitlets.Dict(help="x, y and dout to begin with").tag(sync=True)
    tasks = traitlets.List(help="[x, y, dout] to try in turn").tag(sync=True)
    signs = traitlets.Dict().tag(sync=True)
    reach = traitlets.Float().tag(sync=True)
    node_drawing = traitlets.Unicode().tag(sync=True)

    def __init__(self, op: str, x: float, y: float, dout: float) -> None:
        if op not in SIGNS:
            raise ValueError(f"unknown op {op!r}: it is one of {' '.join(SIGNS)}")
        require_engine("course.widgets.node_bench")
        if op == "/" and y == 0:
            raise ValueError("nothing can be divided by y = 0")
        numbers = {"x": float(x), "y": float(y), "dout": float(dout)}
        super().__init__(
            title=_("Node bench: predict what one node sends back"),
            op=op,
            numbers=numbers,
            tasks=[list(t) for t in TASKS],
            signs=SIGNS,
            reach=max(REACH, *map(abs, numbers.values())),
            node_drawing=unlabelled(_to_fill_in()),
        )

    def values(self, op: str) -> dict[str, float]:
        """Return x, y, out, the local derivatives and the gradients of a node at these inputs."""
        from .._engine.graphs import OPS

        x, y, dout = (self.numbers[n] for n in ("x", "y", "dout"))
        local = OPS[op].local(x, y)
        return {
            "x": x, "y": y, "out": OPS[op].value(x, y), "dout": dout,
            "local_x": local[0], "local_y": local[1], "dx": dout * local[0], "dy": dout * local[1],
        }  # fmt: skip

    def ask(self, op: str) -> str:
        """Return the question that a node at these inputs asks."""
        v = {name: shown(value) for name, value in self.values(op).items()}
        return self.words["ask"].format(
            x=v["x"], sign=SIGNS[op], y=bracketed(v["y"]), out=v["out"], dout=v["dout"]
        )

    def why(self, op: str, name: str) -> str:
        """Return how ``name``, ``"x"`` or ``"y"``, gets its gradient, in words and numbers."""
        values = self.values(op)
        v = {n: shown(value) for n, value in values.items()} | {
            "local": shown(values[f"local_{name}"])
        }
        reason = self.words[name + op].format(**v)
        send = self.words["send"].format(
            name=f"d{name}",
            dout=v["dout"],
            local=bracketed(v["local"]),
            grad=v[f"d{name}"],
        )
        return sentences(reason, send)

    def measured(self, op: str, name: str, by: float = 0.01) -> str:
        """Return how far the output moves for a nudge of ``name``: the question, not its answer."""
        from .._engine.graphs import OPS

        start = {n: self.numbers[n] for n in "xy"}
        there = start | {name: start[name] + by}
        return self.words["measure"].format(
            to=name,
            start=digits(start[name]),
            end=digits(there[name]),
            out=digits(OPS[op].value(start["x"], start["y"])),
            new=digits(OPS[op].value(there["x"], there["y"])),
        )

    def _ops(self) -> list[str]:
        # a node that cannot be, at these inputs, is left out
        return [op for op in SIGNS if op != "/" or self.numbers["y"]]

    def text(self) -> str:
        """Return in sentences what the taught nodes send back, and how to find out the others'."""
        lines = []
        for op in self._ops():
            name = self.words[f"op{op}"]
            name = f"{name[:1].upper()}{name[1:]}"
            lines.append(self.words["asked"].format(node=name, question=self.ask(op)))
            about = self.why if op in TAUGHT else self.measured
            lines += [f"    {about(op, side)}" for side in "xy"]
        return "\n".join(lines)

    def strip(self) -> list[tuple[Element, str]]:
        """Return the nodes; the gradients stand in those that the unit explains."""
        frames = []
        for op in self._ops():
            v = {n: shown(value) for n, value in self.values(op).items()}
            words = self.words[f"rule{op}"] if op in TAUGHT else self.ask(op)
            if op not in TAUGHT:
                v |= {"dx": "?", "dy": "?"}
            frames.append((drawing(_bench(SIGNS[op], v), self.words[f"op{op}"], words), words))
        return frames


def node_bench(
    op: str = "+", x: float = TASKS[0][0], y: float = TASKS[0][1], dout: float = TASKS[0][2]
) -> NodeBench:
    """Return a bench for one node: choose it, predict dx and dy, compare.

    Parameters
    ----------
    op : {"+", "*", "-", "/"}
        The node to begin with.
    x, y, dout : float
        Its inputs and the upstream gradient to begin with.

    Raises
    ------
    EngineOff
        In a graded run: exercises ask for what the bench tells.
    ValueError
        If there is no such op, or y is 0 and the node divides.

    Examples
    --------
    >>> values = node_bench("*", x=10, y=5, dout=1.3).values("*")
    >>> values["dx"], values["dy"]
    (6.5, 13.0)
    """
    return NodeBench(op, x, y, dout)


def _bench(sign: str, shown_as: dict[str, str]) -> Canvas:
    """Draw one node with a value above each arrow and a gradient below it."""
    label = {n: f"{g} = {shown_as[g]}" for n, g in _BEHIND.items()}
    nodes = [
        Node("x", "$x$", kind="text", value=shown_as["x"], grad=label["x"]),
        Node("y", "$y$", kind="text", value=shown_as["y"], grad=label["y"]),
        Node("out", sign, ("x", "y"), value=shown_as["out"], grad=label["out"]),
        Node("end", "out", ("out",), kind="text"),
    ]
    return draw(nodes, stem=96, gap=14, reach=(30, 40))


def _to_fill_in() -> Element:
    """Return the drawing with each text marked by what the browser is to write there."""
    # as wide as a number gets, and each different, so that it can be found again
    gaps = {n: f"−{i}888.8" for i, n in enumerate(("x", "y", "out", "dx", "dy", "dout"))}
    names = {text: name for name, text in gaps.items()} | {"#": "sign"}
    names |= {f"{n} = {gaps[n]}": n for n in _BEHIND.values()}
    canvas = _bench("#", gaps)
    for text in canvas.root.iter("text"):
        name = names.get("".join(text.itertext()).replace("\u00a0", " "))
        if name:
            text.set("data-show", name)
    title = _("One node, forward and backward")
    return drawing(canvas, title, title)

"""Pictures of units 03 and 04: one node, its rule, and the rule with numbers."""

from __future__ import annotations

from .._language import _
from ._diagram import Node, Pin, draw
from ._picture import Panel, Picture, picture

_UP = "{∂L|∂z}"


def _local(op: str, heading: str, x, y, z):
    """Draw a node with two inputs; x, y, z are ``(value, gradient)``."""
    nodes = [
        Node("x", "", kind="text", value=x[0], grad=x[1]),
        Node("y", "", kind="text", value=y[0], grad=y[1]),
        Node("z", op, ("x", "y"), value=z[0], grad=z[1]),
        Node("end", "", ("z",), kind="text"),
    ]
    return draw(nodes, heading=heading, stem=70, gap=14, reach=(30, 54))


def backprop_add() -> Picture:
    """Return how an add node sends its upstream gradient on: in symbols and in numbers."""
    symbols = _local(
        "+", _("the rule"), ("$x$", f"${_UP} · 1$"), ("$y$", f"${_UP} · 1$"), ("$z$", f"${_UP}$")
    )
    numbers = _local("+", _("with numbers"), ("10", "1.3"), ("5", "1.3"), ("15", "1.3"))
    rule = _(
        "An add node z = x + y. The upstream gradient ∂L/∂z comes from the right; the node sends "
        "∂L/∂z · 1 to x and ∂L/∂z · 1 to y."
    )
    example = _("The same with numbers: 10 + 5 = 15; upstream 1.3, sent to both inputs as 1.3.")
    return picture(
        "backprop-add",
        (
            Panel(symbols, _("The add node backward: the rule"), rule),
            Panel(numbers, _("The add node backward: an example"), example),
        ),
        title=_("The add node backward"),
        alt=f"{rule} {example}",
        caption=_("An add node passes its upstream gradient on to each input, unchanged."),
    )


def backprop_mul() -> Picture:
    """Return how a multiply node sends its upstream gradient on: in symbols and in numbers."""
    symbols = _local(
        "×", _("the rule"), ("$x$", f"${_UP} · y$"), ("$y$", f"${_UP} · x$"), ("$z$", f"${_UP}$")
    )
    numbers = _local(
        "×", _("with numbers"), ("10", "1.3 × 5 = 6.5"), ("5", "1.3 × 10 = 13"), ("50", "1.3")
    )
    rule = _(
        "A multiply node z = x · y. The upstream gradient ∂L/∂z comes from the right; the node sends "
        "∂L/∂z · y to x and ∂L/∂z · x to y."
    )
    example = _(
        "The same with numbers: 10 × 5 = 50; upstream 1.3; 1.3 × 5 = 6.5 goes to the input 10 and "
        "1.3 × 10 = 13 to the input 5."
    )
    return picture(
        "backprop-mul",
        (
            Panel(symbols, _("The multiply node backward: the rule"), rule),
            Panel(numbers, _("The multiply node backward: an example"), example),
        ),
        title=_("The multiply node backward"),
        alt=f"{rule} {example}",
        caption=_(
            "A multiply node swaps: each input receives the upstream gradient times the other."
        ),
    )


def _single(op: str, heading: str, x, y, stem: float = 80):
    nodes = [
        Node("x", "", kind="text", value=x[0], grad=x[1]),
        Node("y", op, ("x",), value=y[0], grad=y[1]),
        Node("end", "", ("y",), kind="text"),
    ]
    return draw(nodes, heading=heading, stem=stem, reach=(30, 54))


def relu_node() -> Picture:
    """Return the two cases of a ReLU node: open and closed."""
    up = "${∂L|∂y}$"
    is_open = _(
        "For x > 0 the ReLU node passes x on as it is, and sends the upstream gradient ∂L/∂y back "
        "as it is."
    )
    is_closed = _("For x ≤ 0 the ReLU node gives 0, and sends the gradient 0 back whatever comes.")
    return picture(
        "relu-node",
        (
            Panel(_single("relu", _("$x > 0$: the gate is open"), ("$x$", up), ("$x$", up)),
                  _("ReLU with a positive input"), is_open),
            Panel(_single("relu", _("$x ≤ 0$: the gate is closed"), ("$x$", "0"), ("0", up)),
                  _("ReLU with an input of zero or less"), is_closed),
        ),
        title=_("ReLU is a gate"),
        alt=f"{is_open} {is_closed}",
        caption=_("The sign of x, on the way forward, decides what happens on the way back."),
    )  # fmt: skip


def sigmoid_graph() -> Picture:
    """Return the sigmoid as four nodes, with the gradient on every arrow."""
    up = "{∂L|∂y}"
    nodes = [
        Node("x", "$x$", kind="text", grad=f"${up} · y^2$\n$· e^{{−x}}$"),
        Node(
            "neg", "×", ("x",), value="$−x$", grad=f"$−{up} · y^2$\n$· e^{{−x}}$", pins=(Pin("−1"),)
        ),
        Node("exp", "exp", ("neg",), value="$e^{−x}$", grad=f"$−{up} · y^2$"),
        Node("sum", "+", ("exp",), value="$1 + e^{−x}$", grad=f"$−{up} · y^2$", pins=(Pin("1"),)),
        Node("y", "/", ("sum",), value="$y$", grad=f"${up}$", pins=(Pin("1"),)),
        Node("end", "", ("y",), kind="text"),
    ]
    return picture(
        "sigmoid-graph",
        draw(nodes),
        title=_("The sigmoid as four nodes"),
        alt=_(
            "From left to right: x times −1 gives −x; exp gives e to the −x; plus 1 gives 1 + e to "
            "the −x; one divided by that gives y. The gradients from right to left: ∂L/∂y into the "
            "division; −∂L/∂y · y² behind it; the add node passes −∂L/∂y · y² on; exp sends "
            "−∂L/∂y · y² · e to the −x; the multiply node turns the sign: ∂L/∂y · y² · e to the −x "
            "reaches x."
        ),
        caption=_(
            "y = 1 / (1 + exp(−x)) in single steps; each multiplies the gradient by one factor."
        ),
    )


def sigmoid_node() -> Picture:
    """Return the sigmoid as one node."""
    return picture(
        "sigmoid-node",
        _single("σ", "", ("$x$", "${∂L|∂y} · y (1 − y)$"), ("$y$", "${∂L|∂y}$"), stem=100),
        title=_("The sigmoid as one node"),
        alt=_(
            "One sigmoid node turns x into y. The upstream gradient ∂L/∂y comes from the right; the "
            "node sends ∂L/∂y · y · (1 − y) to x."
        ),
        caption=_(
            "The four nodes drawn as one: its output y is all that it needs on the way back."
        ),
    )

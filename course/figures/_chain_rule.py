"""Pictures of unit 02: the chain rule."""

from __future__ import annotations

from .._language import _
from ._diagram import Node, draw
from ._picture import Picture, picture


def chain_rule_1() -> Picture:
    """Return the rule of every node: upstream gradient times local derivative."""
    nodes = [
        Node("x", "$x$", kind="text", grad="$E · {∂y|∂x}$"),
        Node("f", "$f$", ("x",), grad="$E$"),
        Node("y", "$y$", ("f",), kind="text"),
    ]
    return picture(
        "chain-rule-1",
        draw(nodes, stem=110),
        title=_("Upstream gradient times local derivative"),
        alt=_(
            "A node f turns x into y, from left to right. From right to left comes the upstream "
            "gradient E; the node multiplies it by its local derivative, ∂y/∂x, and sends E · ∂y/∂x on "
            "to x."
        ),
        caption=_(
            "What comes from the right, times the node's own derivative, goes on to the left."
        ),
    )


def chain_rule_2() -> Picture:
    """Return z = (x + y)² forward, and the chain rule for it."""
    nodes = [
        Node("x", "$x$", kind="text"),
        Node("y", "$y$", kind="text"),
        Node("t", "+", ("x", "y"), value="$t = x + y$"),
        Node("z", "$( )^2$", ("t",), value="$z = t^2$"),
        Node("end", "", ("z",), kind="text"),
    ]
    return picture(
        "chain-rule-2",
        draw(nodes, gap=22, footer=("${∂z|∂x} = {∂z|∂t} · {∂t|∂x} = 2t · 1 = 2(x + y)$",)),
        title=_("A function inside a function, and the chain rule"),
        alt=_(
            "x and y enter an add node, which gives t = x + y; t enters a square node, which gives "
            "z = t². Below: ∂z/∂x = ∂z/∂t · ∂t/∂x = 2t · 1 = 2(x + y)."
        ),
        caption=_("Two simple steps: the derivative of the whole is the product of theirs."),
    )


def chain_rule_3() -> Picture:
    """Return the backward sweep through z = (x + y)²."""
    end = "${∂z|∂z} · {∂z|∂t} · {∂t|∂x}$\n$= 2(x + y)$"
    nodes = [
        Node("x", "$x$", kind="text", grad=end),
        Node("y", "$y$", kind="text", grad=end.replace("∂x", "∂y")),
        Node("t", "+", ("x", "y"), value="$t$", grad="${∂z|∂z} · {∂z|∂t}$\n$= 2t$"),
        Node("z", "$( )^2$", ("t",), value="$z$", grad="${∂z|∂z}$\n$= 1$"),
        Node("end", "", ("z",), kind="text"),
    ]
    return picture(
        "chain-rule-3",
        draw(nodes),
        title=_("The chain rule as a backward sweep"),
        alt=_(
            "The graph of z = (x + y)² with gradients from right to left. Into the square node comes "
            "∂z/∂z = 1. It sends ∂z/∂z · ∂z/∂t = 2t to t. The add node sends ∂z/∂z · ∂z/∂t · ∂t/∂x = "
            "2(x + y) to x, and likewise 2(x + y) to y."
        ),
        caption=_("Each node on the way back multiplies in one more factor."),
    )


def path_sum() -> Picture:
    """Return a diamond: x reaches z in two ways, and their gradients add."""
    nodes = [
        Node("x", "$x$", kind="text", value="3", grad="5 + 4 = 9"),
        Node("a", "+ 1", ("x",), value="$a = 4$", grad="5"),
        Node("b", "+ 2", ("x",), value="$b = 5$", grad="4"),
        Node("z", "×", ("a", "b"), value="20", grad="1"),
        Node("end", "$z$", ("z",), kind="text"),
    ]
    return picture(
        "path-sum",
        draw(nodes, gap=26),
        title=_("The gradients of several paths add"),
        alt=_(
            "x = 3 forks. One path adds 1 and gives a = 4, the other adds 2 and gives b = 5; a "
            "multiply node gives z = 20. Backward the multiply node sends 5 to a and 4 to b. Each path "
            "brings its gradient to the fork, and there they add: 5 + 4 = 9 reaches x."
        ),
        caption=_(
            "A value that is used twice receives a gradient from each use; the fork adds them."
        ),
    )

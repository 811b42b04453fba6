"""Pictures of unit 01, and with ``backward=True`` of unit 03: a walk through a shop."""

from __future__ import annotations

from .._language import _
from ._diagram import Node, draw
from ._picture import Picture, picture
from ._svg import Box, Canvas


def _graded(backward: bool, gradient: str) -> str:
    return gradient if backward else ""


def apple_graph(*, backward: bool = False) -> Picture:
    """2 apples at 100 each, tax factor 1.1: 220; with the gradients if ``backward``."""
    nodes = [
        Node(
            "price",
            _("price of\nan apple"),
            kind="text",
            value="100",
            grad=_graded(backward, "2.2"),
        ),
        Node("n", _("number\nof apples"), kind="text", value="2", grad=_graded(backward, "110")),
        Node("tax", _("tax"), kind="text", value="1.1", grad=_graded(backward, "200")),
        Node("subtotal", "×", ("price", "n"), value="200", grad=_graded(backward, "1.1")),
        Node("total", "×", ("subtotal", "tax"), value="220", grad=_graded(backward, "1")),
        Node("end", _("total"), ("total",), kind="text"),
    ]
    forward = _(
        "From left to right: the price 100 and the number 2 enter a multiply node and give 200; 200 "
        "and the tax 1.1 enter a second multiply node and give the total 220."
    )
    back = _(
        " From right to left flow the gradients: 1 into the last node, which sends 1.1 to the 200 "
        "and 200 to the tax; the first node sends 2.2 to the price and 110 to the number."
    )
    return picture(
        "apple-graph",
        draw(nodes),
        title=_("Two apples with tax, forward and backward")
        if backward
        else _("Two apples with tax"),
        alt=forward + (back if backward else ""),
        caption=(
            _("Each gradient says how much the total grows when that value grows by 1.")
            if backward
            else _("Each node multiplies what comes in; each arrow carries one number.")
        ),
    )


def fruit_graph(*, backward: bool = False) -> Picture:
    """2 apples at 100 and 3 oranges at 150, tax factor 1.1: 715; with gradients if ``backward``."""
    nodes = [
        Node("n_a", _("number\nof apples"), kind="text", value="2", grad=_graded(backward, "110")),
        Node("a", _("price of\nan apple"), kind="text", value="100", grad=_graded(backward, "2.2")),
        Node(
            "o", _("price of\nan orange"), kind="text", value="150", grad=_graded(backward, "3.3")
        ),
        Node("n_o", _("number\nof oranges"), kind="text", value="3", grad=_graded(backward, "165")),
        Node("tax", _("tax"), kind="text", value="1.1", grad=_graded(backward, "650")),
        Node("apples", "×", ("n_a", "a"), value="200", grad=_graded(backward, "1.1")),
        Node("oranges", "×", ("o", "n_o"), value="450", grad=_graded(backward, "1.1")),
        Node("subtotal", "+", ("apples", "oranges"), value="650", grad=_graded(backward, "1.1")),
        Node("total", "×", ("subtotal", "tax"), value="715", grad=_graded(backward, "1")),
        Node("end", _("total"), ("total",), kind="text"),
    ]
    forward = _(
        "From left to right: 2 apples at 100 enter a multiply node and give 200; 3 oranges at 150 "
        "enter another and give 450; an add node gives 650; 650 and the tax 1.1 enter a multiply "
        "node and give the total 715."
    )
    back = _(
        " From right to left flow the gradients: 1 into the last node, which sends 650 to the tax "
        "and 1.1 to the 650; the add node passes 1.1 on to the 200 and to the 450; the apples' node "
        "sends 110 to the number and 2.2 to the price; the oranges' node sends 3.3 to the price and "
        "165 to the number."
    )
    return picture(
        "fruit-graph",
        draw(nodes, gap=9),
        title=_("Two apples and three oranges with tax, forward and backward")
        if backward
        else _("Two apples and three oranges with tax"),
        alt=forward + (back if backward else ""),
        caption=(
            _("The add node hands the same 1.1 to both branches; a multiply node does not.")
            if backward
            else _("Four small steps, each from its own inputs alone, give the total.")
        ),
    )


def local_node() -> Picture:
    """Return the picture of a node that knows its own two inputs and nothing else."""
    canvas = Canvas()
    canvas.frame(Box(0, 0, 150, 84), 14)
    rest = _("all the rest\nof the shopping,\nin any number\nof steps")
    for i, line in enumerate(rest.split("\n")):
        canvas.label(line, 75, 20 + 18 * i, "ink", 15)
    canvas.block((_("apples"), "2 × 100"), 75, 134, "ink", 16, gap=1)
    canvas.circle(300, 98, 21, "+")
    canvas.forward([(156, 42), (236, 42), (283, 82)])
    canvas.forward([(122, 154), (236, 154), (283, 114)])
    canvas.forward([(323, 98), (428, 98)])
    canvas.label("480", 214, 33, "v")
    canvas.label("200", 214, 145, "v")
    canvas.label("680", 394, 89, "v")
    canvas.frame(Box(178, 0, 352, 182), 40)
    canvas.label(_("what the node sees: 480 and 200"), 265, 205, "soft", 15)
    return picture(
        "local-node",
        canvas,
        title=_("A node computes from its own inputs alone"),
        alt=_(
            "An add node receives 480 from a box that stands for all the rest of the shopping, in any "
            "number of steps, and 200 from the apples, 2 × 100. A dotted ring around the node holds all that it "
            "sees: the numbers 480 and 200. It gives 680."
        ),
        caption=_("However long the way to the 480 was, the add node needs only the two numbers."),
    )

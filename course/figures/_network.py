"""Pictures of unit 06: the network, and the loop that trains it."""

from __future__ import annotations

from .._language import _
from ._diagram import Node, Pin, draw
from ._picture import Picture, picture
from ._svg import Box, Canvas


def two_layer_net_graph() -> Picture:
    """Return the two-layer network: layers, parameters, and both sweeps."""

    def weights(i: int) -> tuple[Pin, ...]:
        return (Pin(f"$W_{i}$\n$b_{i}$", f"$dW_{i}$\n$db_{i}$", below=True),)

    nodes = [
        Node("x", "$x$", kind="text", value="N×D", grad=" "),
        Node("affine1", "Affine1", ("x",), "box", value="N×H", grad=" ", pins=weights(1)),
        Node("relu", "Relu1", ("affine1",), "box", value="N×H", grad=" "),
        Node("affine2", "Affine2", ("relu",), "box", value="N×C", grad=" ", pins=weights(2)),
        Node("loss", _("Softmax\nwith loss"), ("affine2",), "box", grad="1",
             pins=(Pin("$t$", below=True),)),
        Node("end", "$L$", ("loss",), kind="text"),
    ]  # fmt: skip
    return picture(
        "two-layer-net-graph",
        draw(nodes),
        title=_("The two-layer network"),
        alt=_(
            "Forward from left to right: a batch x of shape N × D enters Affine1, which has W1 and "
            "b1; then Relu1, shape N × H; then Affine2, which has W2 and b2; then, shape N × C, the "
            "Softmax with loss, which also receives the targets t and gives the loss L. Backward from "
            "right to left: 1 enters the last layer, each layer hands its gradient to the one before, "
            "and the Affine layers give the gradients dW2, db2 and dW1, db1 of their weights and biases."
        ),
        caption=_(
            "Forward through the layers in order, backward in reverse; the gradients of the "
            "weights come out at the Affine layers."
        ),
    )


def training_loop() -> Picture:
    """Return the four steps of training as a loop."""
    canvas = Canvas()
    w, h, right, below = 176, 74, 254, 138
    steps = (
        (0, 0, _("1  Mini-batch\npick N examples\nat random")),
        (right, 0, _("2  Gradients\nforward, then\nbackward")),
        (right, below, _("3  Update\na small step against\nthe gradients")),
        (0, below, _("4  Repeat\nuntil the loss\nstops falling")),
    )
    for x, y, step in steps:
        name, *lines = step.split("\n")
        canvas.rect(Box(x, y, x + w, y + h), ())
        canvas.label(name, x + w / 2, y + 23, "ink strong inside", 16)
        canvas.block(lines, x + w / 2, y + 31, "soft inside", 14.5, gap=1)
    middle = h / 2
    for points, word, at in (
        ([(w + 4, middle), (right - 4, middle)], "$x, t$", ((w + right) / 2, middle - 9)),
        ([(right + w / 2, h + 4), (right + w / 2, below - 4)], "$dW, db$", None),
        ([(right - 4, below + middle), (w + 4, below + middle)], "$W, b$", None),
        ([(w / 2, below - 4), (w / 2, h + 4)], _("repeat"), None),
    ):
        canvas.forward(points)
        (x0, y0), (x1, y1) = points
        if x0 == x1:
            canvas.label(word, x0 + 10, (y0 + y1) / 2 + 5, "ink", 16, "start")
        else:
            canvas.label(word, *(at or ((x0 + x1) / 2, y0 - 9)), "ink", 16)
    return picture(
        "training-loop",
        canvas,
        title=_("The training loop"),
        alt=_(
            "Four boxes in a circle, with arrows from each to the next. 1 Mini-batch: pick N examples "
            "at random. 2 Gradients: forward, then backward. 3 Update: a small step against the "
            "gradients. 4 Repeat until the loss stops falling: back to 1."
        ),
        caption=_("Four steps, again and again: mini-batch, gradients, update, repeat."),
    )

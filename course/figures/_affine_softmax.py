"""Pictures of unit 05: the Affine layer with a batch, and softmax with its loss."""

from __future__ import annotations

from .._language import _
from ._diagram import Node, draw
from ._picture import Picture, picture
from ._svg import Box, Canvas


def affine_graph(*, backward: bool = True) -> Picture:
    """Return out = xW + b for a batch, with the shape of everything on its arrow."""
    up = "{∂L|∂out}"
    grads = {
        "x": f"${up} · W^T$\n(N, 2)",
        "W": f"$x^T · {up}$\n(2, 3)",
        "b": _("sum of {upstream}\nover rows: (3,)").format(upstream=f"${up}$"),
        "dot": f"${up}$\n(N, 3)",
        "out": f"${up}$\n(N, 3)",
    }
    if not backward:
        grads = dict.fromkeys(grads, "")
    nodes = [
        Node("x", "$x$", kind="text", value="(N, 2)", grad=grads["x"]),
        Node("W", "$W$", kind="text", value="(2, 3)", grad=grads["W"]),
        Node("b", "$b$", kind="text", value="(3,)", grad=grads["b"]),
        Node("dot", "@", ("x", "W"), value="(N, 3)", grad=grads["dot"]),
        Node("out", "+", ("dot", "b"), value="(N, 3)", grad=grads["out"]),
        Node("end", "$out$", ("out",), kind="text"),
    ]
    forward = _(
        "Forward: x of shape (N, 2) and W of shape (2, 3) enter a matrix product, which gives shape "
        "(N, 3); adding b of shape (3,) to every row gives out, of shape (N, 3)."
    )
    back = _(
        " Backward: ∂L/∂out of shape (N, 3) comes from the right. The add node passes it on to the "
        "product, and sends b its sum over the rows, of shape (3,). The product sends x the matrix "
        "∂L/∂out · W transposed, of shape (N, 2), and W the matrix x transposed · ∂L/∂out, of shape "
        "(2, 3)."
    )
    return picture(
        "affine-graph",
        draw(nodes),
        title=_("The Affine layer with a batch of N rows"),
        alt=forward + (back if backward else ""),
        caption=(
            _(
                "Every gradient has the shape of what it belongs to: the shapes force the transposes."
            )
            if backward
            else _("N rows of 2 numbers become N rows of 3; the same b is added to every row.")
        ),
    )


def softmax_with_loss_graph() -> Picture:
    """Return softmax and cross entropy for one example of three classes, forward and backward."""
    canvas = Canvas()
    rows, top, bottom = (0.0, 84.0, 168.0), -36.0, 212.0
    softmax, loss = Box(128, top, 222, bottom), Box(306, top, 396, bottom)
    canvas.rect(softmax, ("Softmax",))
    canvas.rect(loss, _("Cross\nentropy\nerror").split("\n"))
    for i, y in enumerate(rows, start=1):
        canvas.label(f"$a_{i}$", 6, y + 5, "ink")
        _pair(canvas, 24, softmax.left, y)
        canvas.label(f"$y_{i} − t_{i}$", 75, y + 27, "g")
        _pair(canvas, softmax.right, loss.left, y)
        canvas.label(f"$y_{i}$", 264, y - 15, "v")
        canvas.label(f"$−{{t_{i}|y_{i}}}$", 264, y + 33, "g")
    canvas.forward([(351, bottom + 26), (351, bottom + 3)])
    canvas.label("$t_1, t_2, t_3$", 351, bottom + 44, "v")
    middle = rows[1]
    _pair(canvas, loss.right, 450, middle)
    canvas.label("$L$", 464, middle + 5, "ink")
    canvas.label("1", 424, middle + 27, "g")
    canvas.block(
        _("outputs of the\nlast Affine layer").split("\n"), 58, top - 24, "soft", 14, gap=0
    )
    return picture(
        "softmax-with-loss-graph",
        canvas,
        title=_("Softmax with cross entropy error, one example, three classes"),
        alt=_(
            "Forward: the outputs a1, a2, a3 of the last Affine layer enter Softmax, which gives y1, "
            "y2, y3; these and the targets t1, t2, t3 enter the cross entropy error, which gives the "
            "loss L. Backward: 1 enters from the right; the cross entropy error sends −t1/y1, −t2/y2, "
            "−t3/y3 to Softmax; Softmax sends y1 − t1, y2 − t2, y3 − t3 to the Affine layer."
        ),
        caption=_("Two layers that fit: what comes out at the left is just output minus target."),
    )


def _pair(canvas: Canvas, left: float, right: float, y: float) -> None:
    canvas.forward([(left + 3, y - 4.5), (right - 3, y - 4.5)])
    canvas.backward([(right - 3, y + 4.5), (left + 3, y + 4.5)])

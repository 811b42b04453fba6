"""The six patients of the bug clinic, to be examined number by number; no diagnosis."""

from __future__ import annotations

from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement

import numpy as np
import traitlets

from course import clinic
from course.figures._diagram import Node, Pin
from course.figures._diagram import draw as draw_diagram
from course.figures._picture import picture

from . import _axes
from ._widget import Widget, esm, read
from ._words import _


class Record(NamedTuple):
    """One array that a patient printed.

    Attributes
    ----------
    key : str
        Its name here: ``"dout SoftmaxWithLoss"`` or ``"W2"``.
    layer : str
        The layer that made it.
    parameter : str
        The parameter whose gradient it is; empty for what left the layer towards its input.
    """

    key: str
    layer: str
    parameter: str


# In the order in which they are made, from the loss back to the batch.
RECORDS = (
    Record("dout SoftmaxWithLoss", "SoftmaxWithLoss", ""),
    Record("W2", "Affine2", "W2"),
    Record("b2", "Affine2", "b2"),
    Record("dout Affine2", "Affine2", ""),
    Record("dout Relu1", "Relu1", ""),
    Record("W1", "Affine1", "W1"),
    Record("b1", "Affine1", "b1"),
    Record("dout Affine1", "Affine1", ""),
)


def claimed(case: clinic.Patient) -> dict[str, np.ndarray]:
    """Return what a patient printed, by record."""
    return {r.key: case.grads[r.parameter] if r.parameter else case.douts[r.layer] for r in RECORDS}


def healthy(case: clinic.Patient) -> dict[str, np.ndarray]:
    """Return what a healthy network prints with the same parameters and the same batch."""
    from course._engine.network import Network

    net = Network(*case.params["W1"].shape, case.params["W2"].shape[1])
    for name, value in case.params.items():
        net.params[name][...] = value
    grads, between = net.gradient(case.x, case.t), net.gradients_between(case.x, case.t)
    return {r.key: grads[r.parameter] if r.parameter else between[r.layer] for r in RECORDS}


def written(array: np.ndarray) -> list[list[str]]:
    """Return the numbers as rows of text with three decimals, never a minus zero.

    >>> written(np.array([0.25, -0.0001]))
    [['0.250', '0.000']]
    """
    # Far below the third decimal two right networks may differ by rounding; at a tie that would show.
    tidy = np.round(np.atleast_2d(array), 10)
    rows = [[f"{v:.3f}".replace("-", "−") for v in row] for row in tidy]
    return [["0.000" if v == "−0.000" else v for v in row] for row in rows]


# ---------------------------------------------------------------- the still picture


def way_back() -> Element:
    """Return the network with the names of the records where they are made."""
    nodes = [
        Node("x", "$x$", kind="text", value="5×6", grad=_("out of Affine1")),
        Node("affine1", "Affine1", ("x",), "box", value="5×4", grad=_("out of Relu1"),
             pins=(Pin("$W_1$\n$b_1$", "$dW_1$\n$db_1$", below=True),)),
        Node("relu", "Relu1", ("affine1",), "box", value="5×4", grad=_("out of Affine2")),
        Node("affine2", "Affine2", ("relu",), "box", value="5×4", grad=_("out of the loss"),
             pins=(Pin("$W_2$\n$b_2$", "$dW_2$\n$db_2$", below=True),)),
        Node("loss", "Softmax\nwith loss", ("affine2",), "box", grad="1",
             pins=(Pin("$t$", below=True),)),
        Node("end", "$L$", ("loss",), kind="text"),
    ]  # fmt: skip
    return picture(
        "bug-clinic", draw_diagram(nodes),
        title=_("Where each record is made"), alt=_("The network and its records"), caption=_("The network and its records"),
    ).element()  # fmt: skip


def sheet(arrays: dict[str, np.ndarray]) -> Element:
    """Return some tables of numbers side by side as a drawing."""
    tall = max(len(np.atleast_2d(a)) for a in arrays.values())
    svg = _axes.picture(300 * len(arrays) - 20, 26 * tall + 34, ", ".join(arrays))
    for n, (title, array) in enumerate(arrays.items()):
        left = 4 + 300 * n
        _axes.text(svg, title, left, 18, "ink", "start", 14)
        for i, row in enumerate(written(array)):
            for j, value in enumerate(row):
                x, y = left + j * 66, 28 + i * 26
                SubElement(svg, "rect", {
                    "class": "grid", "x": str(x), "y": str(y), "width": "62", "height": "24",
                })  # fmt: skip
                _axes.text(svg, value, x + 54, y + 17, "ink", "end")
    return svg


# ---------------------------------------------------------------- the widget


class BugClinic(Widget):
    """Examine the patients of the bug clinic: their records, and a healthy network's beside them.

    What agrees and what differs is for the student to see; so is what follows from it.

    Attributes
    ----------
    notes : dict
        By patient and record, what the student noted: ``"agrees"`` or ``"differs"``.
    suspicions : dict
        By patient, the name that the student suspects.
    """

    WORDS = {  # noqa: RUF012
        "patient": _("Patient"),
        "way_back": _("Records of patient {patient}, in the order in which they were made"),
        "leaves": _("what leaves it"),
        "gradient_of": _("gradient of {parameter}"),
        "record_leaves": _("what leaves {layer}"),
        "record_gradient": _("the gradient of {parameter}, made by {layer}"),
        "compare": _("Beside it: a healthy network, with the same parameters and the same batch"),
        "claimed": _("patient {patient}, shape {shape}"),
        "healthy": _("healthy network, shape {shape}"),
        "note": _("My note on this record"),
        "none": _("none"),
        "agrees": _("agrees"),
        "differs": _("differs"),
        "suspect": _("My suspicion for patient {patient}"),
        "open": _("undecided"),
        "looking": _("Patient {patient}: {record}. Shape {shape}; the largest number is {largest} in size."),
        "noted": _("Noted for patient {patient}: {record}: {note}."),
        "suspected": _("Your suspicions: {all}. The check of the exercise judges them, not this picture."),
        "stage": _("The records of one patient"),
    }  # fmt: skip
    _esm = esm("bug_clinic.mjs")
    _css = Widget._css + read("bug_clinic.css")

    records = traitlets.List().tag(sync=True)
    patients = traitlets.Dict().tag(sync=True)
    names = traitlets.List().tag(sync=True)
    notes = traitlets.Dict().tag(sync=True)
    suspicions = traitlets.Dict().tag(sync=True)

    def __init__(self) -> None:
        self._cases = {name: clinic.patient(name) for name in clinic.NAMES}
        super().__init__(
            title=_("The bug clinic: six patients to examine"),
            records=[r._asdict() for r in RECORDS],
            names=[*clinic.LAYERS, "healthy"],
            patients={name: _file(case) for name, case in self._cases.items()},
        )

    def strip(self) -> list[tuple[Element, str]]:
        frames = [(way_back(), _("Six networks of this kind; each record is made by one layer."))]
        for name in ("A", "B"):
            records = claimed(self._cases[name])
            arrays = {self._name(r): records[r.key] for r in RECORDS[:3]}
            caption = _("The first records of patient {patient}").format(patient=name)
            frames.append((sheet(arrays), caption))
        return frames

    def text(self) -> str:
        lines = [
            _(
                "Six networks, A to F, went through one batch of five rows. Below is for each record, in "
                "the order in which they were made, its shape and its largest number in size."
            )
        ]
        for name, case in self._cases.items():
            parts = [
                f"{self._name(r)} {array.shape} {np.abs(array).max():.3f}"
                for r, array in zip(RECORDS, claimed(case).values(), strict=True)
            ]
            lines.append(_("Patient {name}: {parts}.").format(name=name, parts="; ".join(parts)))
        return "\n".join(lines)

    def _name(self, record: Record) -> str:
        words = self.words["record_gradient" if record.parameter else "record_leaves"]
        return words.format(layer=record.layer, parameter=record.parameter)


def _file(case: clinic.Patient) -> dict:
    """Return the records of a patient as the browser shows them."""
    right = healthy(case)
    return {
        key: {
            "shape": str(array.shape),
            "claimed": written(array),
            "largest": f"{np.abs(array).max():.3f}",
            "healthy_shape": str(right[key].shape),
            "healthy": written(right[key]),
        }
        for key, array in claimed(case).items()
    }


def bug_clinic() -> BugClinic:
    """Return the six patients of exercise 6.3, to be examined.

    >>> bug_clinic().suspicions
    {}
    """
    return BugClinic()

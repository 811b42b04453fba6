"""The patients of the bug clinic in unit 06: what six networks printed, and no code.

Each record is one backward pass of a 6-4-4 network (affine, ReLU, affine, softmax with
cross entropy) on a batch of five. In some of the networks one layer is broken. The
file is made by ``grader/reference/clinic.py``.

>>> case = patient("A")
>>> case.x.shape, case.params["W1"].shape, case.grads["W2"].shape
((5, 6), (6, 4), (4, 4))
"""

from __future__ import annotations

from importlib import resources
from typing import NamedTuple

import numpy as np

from ._language import _

NAMES = ("A", "B", "C", "D", "E", "F")
LAYERS = ("Affine1", "Relu1", "Affine2", "SoftmaxWithLoss")
PARAMETERS = ("W1", "b1", "W2", "b2")


class Patient(NamedTuple):
    """What one network was given and what it printed, all float64.

    Attributes
    ----------
    params : dict of str to ndarray
        ``W1`` (6, 4), ``b1`` (4,), ``W2`` (4, 4), ``b2`` (4,) during the backward pass.
    x : ndarray, shape (5, 6)
        The batch.
    t : ndarray, shape (5, 4)
        Its one-hot targets.
    grads : dict of str to ndarray
        The gradient of the loss that the network claims for each parameter.
    douts : dict of str to ndarray
        By layer, the gradient that left this layer towards its input: first
        ``SoftmaxWithLoss``, then ``Affine2``, ``Relu1`` and ``Affine1``.
    """

    params: dict[str, np.ndarray]
    x: np.ndarray
    t: np.ndarray
    grads: dict[str, np.ndarray]
    douts: dict[str, np.ndarray]


def patient(name: str) -> Patient:
    """Return the record of a patient, ``'A'`` to ``'F'``; the arrays are yours to change.

    Raises
    ------
    ValueError
        If there is no such patient; the message lists the names.
    """
    if name not in NAMES:
        said = _("no patient {name!r}; the patients are {names}")
        raise ValueError(said.format(name=name, names=", ".join(NAMES)))
    file = resources.files(__package__) / "datasets" / "clinic.npz"
    with file.open("rb") as stream, np.load(stream) as stored:
        return Patient(
            params={key: stored[f"{name}/params/{key}"] for key in PARAMETERS},
            x=stored[f"{name}/x"],
            t=stored[f"{name}/t"],
            grads={key: stored[f"{name}/grads/{key}"] for key in PARAMETERS},
            douts={key: stored[f"{name}/douts/{key}"] for key in reversed(LAYERS)},
        )

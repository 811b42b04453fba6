"""What is said about a wrong value: true, telling, and never the right value itself."""

from __future__ import annotations

import re

import numpy as np
import pytest

from course.facts import NotPlain, mismatch, plain_array

RIGHT = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]])
SQUARE = np.array([[1.0, 2.0], [3.0, 5.0]])


class Sneaky(np.ndarray):
    def __eq__(self, other):
        return np.True_


class AlwaysEqual:
    def __eq__(self, other):
        return True

    def __array__(self, dtype=None, copy=None):
        return RIGHT


@pytest.mark.parametrize(
    ("got", "words"),
    [
        (None, "is None: is a return"),
        (True, "is a bool"),
        ([[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]], "is a list"),
        ("1", "is a str"),
        (RIGHT.astype(object), "array of object"),
        (RIGHT + 0j, "array of complex128"),
        (RIGHT > 0, "array of bool"),
        (RIGHT.view(Sneaky), "is a Sneaky"),
        (np.ma.masked_array(RIGHT), "is a MaskedArray"),
        (AlwaysEqual(), "is a AlwaysEqual"),
        (RIGHT.T, r"has shape \(3, 2\), wanted \(2, 3\), its transpose would fit"),
        (RIGHT[0], r"has shape \(3,\), wanted \(2, 3\)$"),
        (np.where(RIGHT == 3, np.nan, RIGHT), "contains NaN"),
        (np.where(RIGHT == 3, np.inf, RIGHT), "contains infinity"),
        (0 * RIGHT, "is zero everywhere"),
        (-RIGHT, "is everywhere -1 times"),
        (RIGHT / 2, "is everywhere 0.5 times"),
        (np.where(RIGHT == 3, 9, RIGHT), "has 1 wrong values out of 6"),
    ],
)  # fmt: skip
def test_the_fact_that_is_said(got, words):
    assert re.search(words, mismatch(got, RIGHT))


def test_a_square_array_transposed():
    assert mismatch(SQUARE.T, SQUARE) == "is transposed"


def test_what_is_right_is_right():
    assert mismatch(RIGHT, RIGHT) is None
    assert mismatch(RIGHT + 1e-12, RIGHT) is None
    assert mismatch(3, 3.0) is None
    assert mismatch(np.float64(3), 3.0) is None
    assert mismatch(np.array(3.0), 3.0) is None
    assert mismatch(RIGHT[:1], RIGHT[0], shapes=((1, 3),)) is None


def test_a_single_number_gets_no_idle_factor():
    assert mismatch(3.1, 3.0) == "is not right"
    assert mismatch(-3.0, 3.0) == "is -1 times the right value"


def test_plain_array_refuses_what_decides_its_own_comparison():
    with pytest.raises(NotPlain):
        plain_array(RIGHT.view(Sneaky))

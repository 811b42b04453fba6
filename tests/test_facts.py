"""What is said about a wrong value: true, telling, and never the right value itself."""

from __future__ import annotations

import re

import numpy as np
import pytest

from course._language import using
from course.facts import NotPlain, facts, mismatch, plain_array

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


X = np.array([[0.5, -1.5, 2.5], [1.25, -0.75, 0.1]])
DOUT = np.array([[2.5, -3.0, 0.7], [1.5, -0.2, 0.9]])


@pytest.mark.parametrize(
    ("got", "kind", "words"),
    [
        (DOUT, "input", "equals the upstream gradient itself"),
        (2 * RIGHT, "factor", "2 times the right value$"),
        (RIGHT / 3, "factor", "1/3 of the right value; 3 is the number of columns of x"),
        (-6 * RIGHT, "factor", "minus 6 times the right value; 6 is the number of elements of x"),
        (X + 1, "other", "equals the right value of dy"),
        (RIGHT + X, "input", "is the right value plus x"),
        (RIGHT * DOUT, "input", "is the right value times the upstream gradient"),
        (RIGHT + 0.5, "shift", "is everywhere 0.5 more"),
        (RIGHT * np.sign(X), "sign", "wrong sign in 2 places"),
        (RIGHT * np.array([[1, 1, 3], [1, 1, 9]]), "place", "is wrong in column 2 alone"),
        (RIGHT * (X > 0), "place", "is zero where it should not be"),
        (np.exp(9 + RIGHT), "size", "a thousand times too large"),
        (np.ones((2, 3), dtype=bool), "dtype", "array of bool"),
    ],
)  # fmt: skip
def test_facts_that_join_the_value_to_what_went_in(got, kind, words):
    given = {"x": X, "the upstream gradient": DOUT}
    found = list(facts(got, RIGHT, given=given, others={"dy": X + 1}))
    (fact,) = [f for f in found if re.search(words, f.text)]
    assert fact.kind == kind
    if kind != "place":
        assert found[0] == fact, "the most telling first"


NEGATIVE = "is wrong where x is negative and right where it is not"


@pytest.mark.parametrize(
    ("x", "wrong", "words"),
    [
        ([0, 1, -2], [2], NEGATIVE),
        ([3, 1, -2, -1], [2, 3], NEGATIVE),
        ([0, 1, -2], [0, 1], "is right where x is negative and wrong where it is not"),
        ([0, 1, -2], [1], "is wrong where x is positive and right where it is not"),
        ([0, 1, -2], [0, 2], "is right where x is positive and wrong where it is not"),
        ([-1, -3, -5], [2], "is wrong where the size of x is large and right where it is small"),
        ([-1, 2, -5, 6], [0, 1], "is wrong where the size of x is small and right where it is large"),
        ([-1, 2, -5, 1], [0, 2, 3], "is wrong where x is low and right where it is high"),
        ([-1, 0.5, -1.5, 2], [0, 1, 3], "is wrong where x is high and right where it is low"),
        ([0, 1, 2], [0], "is wrong where x is small and right where it is large"),
        ([0, 1, 2], [2], "is wrong where x is large and right where it is small"),
    ],
)  # fmt: skip
def test_small_and_large_are_said_of_sizes(x, wrong, words):
    right = np.array([0.31, 0.47, 0.83, 0.59][: len(x)])
    got = right + np.isin(np.arange(len(x)), wrong) * [0.123, 0.271, 0.338, 0.419][: len(x)]
    found = [
        f.text for f in facts(got, right, given={"x": np.array(x, float)}) if f.kind == "place"
    ]
    assert found[0] == words


def test_a_side_is_told_in_chinese():
    right = np.array([0.31, 0.47, 0.83])
    with using("zh"):
        found = [
            f.text for f in facts(right + [0, 0, 0.1], right, given={"x": np.array([0.0, 1, -2])})
        ]
    assert found[0] == "在 x 为负的地方不对，其余都对"


def test_a_single_number_is_believed_when_there_are_several():
    assert [f.kind for f in facts(3.9, 3.0)] == ["element"]
    assert [f.kind for f in facts(3.9, 3.0, several=True)] == ["factor", "shift", "element"]


def test_no_fact_about_what_is_right():
    assert list(facts(RIGHT, RIGHT, given={"x": RIGHT}, others={"dy": RIGHT})) == []

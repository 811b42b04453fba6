"""The one definition of a numerical gradient and of a gradient check."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from course._switch import EngineOff
from course.gradient import (
    gradient_check,
    judge_error,
    numerical_gradient,
    numerical_gradient_affine,
    relative_error,
)
from course.graph import Graph

numbers = st.floats(-3, 3)


@settings(deadline=None)
@given(arrays(float, array_shapes(max_dims=3, max_side=4), elements=numbers))
def test_gradient_of_a_cubic_in_any_shape(x):
    before = x.copy()
    grad = numerical_gradient(lambda v: np.sum(v**3), x)
    assert grad.shape == x.shape
    np.testing.assert_allclose(grad, 3 * x**2, atol=1e-8)
    np.testing.assert_array_equal(x, before)


def test_a_number_gives_a_number():
    grad = numerical_gradient(lambda v: v * v, 3)
    assert type(grad) is float
    assert grad == pytest.approx(6)


def test_integers_are_not_truncated():
    np.testing.assert_allclose(
        numerical_gradient(lambda v: np.sum(v * v), np.array([1, 2])), [2, 4]
    )


def test_the_array_is_restored_when_f_raises():
    x = np.ones(3)

    def f(v):
        if v[1] != 1:
            raise ValueError("no")
        return v.sum()

    with pytest.raises(ValueError, match="no"):
        numerical_gradient(f, x)
    np.testing.assert_array_equal(x, 1)


def test_a_loss_that_ignores_its_argument():
    w = np.array([2.0, -1.0])
    np.testing.assert_allclose(numerical_gradient(lambda _: np.sum(w**2), w), [4, -2])


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 5), st.integers(1, 4), st.integers(1, 4), st.integers(0, 999))
def test_batched_affine_agrees_with_the_element_loop(n, d, m, seed):
    rng = np.random.default_rng(seed)
    x, W, b = rng.normal(size=(n, d)), rng.normal(size=(d, m)), rng.normal(size=m)

    def loss(z):
        return np.tanh(z).sum(axis=(-1, -2)) + (z**2).mean(axis=(-1, -2))

    dW, db = numerical_gradient_affine(loss, x, W, b)
    slow_W = numerical_gradient(lambda v: loss(x @ v + b), W)
    slow_b = numerical_gradient(lambda v: loss(x @ W + v), b)
    np.testing.assert_allclose(dW, slow_W, atol=1e-8)
    np.testing.assert_allclose(db, slow_b, atol=1e-8)


def test_relative_error_is_a_ratio_of_norms():
    assert relative_error([3.0, 4.0], [3.0, 4.0]) == 0
    assert relative_error([1.0], [-1.0]) == 1
    assert relative_error([0.0, 0.0], [0.0, 0.0]) == 0
    assert np.isnan(relative_error([np.nan], [1.0]))
    with pytest.raises(ValueError, match=r"\(2,\) and \(1, 2\)"):
        relative_error([1.0, 2.0], [[1.0, 2.0]])


def test_the_three_verdicts_and_nan():
    assert [judge_error(e) for e in (1e-7, 1e-4, 1e-2, np.nan)] == ["pass", "warn", "fail", "fail"]


def test_gradient_check_finds_the_wrong_parameter():
    params = {"w": np.array([1.0, 2.0]), "b": np.array([0.5])}

    def loss():
        return float(np.sum(params["w"] ** 2) + 3 * params["b"][0])

    grads = {"w": 2 * params["w"], "b": np.array([-3.0])}
    errors = gradient_check(loss, params, grads)
    assert judge_error(errors["w"]) == "pass"
    assert judge_error(errors["b"]) == "fail"
    with pytest.raises(KeyError, match="b"):
        gradient_check(loss, params, {"w": grads["w"]})


def test_a_graded_run_turns_every_door_to_the_engine_off(monkeypatch):
    monkeypatch.setenv("COURSE_GRADED", "1")
    graph = Graph({"z": ("*", ("x", "x"))})
    doors = [
        lambda: numerical_gradient(lambda v: v, 1.0),
        lambda: numerical_gradient_affine(np.sum, np.ones((1, 1)), np.ones((1, 1)), np.ones(1)),
        lambda: gradient_check(lambda: 0.0, {}, {}),
        lambda: graph.order(),
        lambda: graph.forward({"x": 1}),
        lambda: graph.backward({"x": 1, "z": 1}),
        lambda: graph.edge_gradients({"x": 1, "z": 1}),
        lambda: graph.steps({"x": 1}),
    ]
    for door in doors:
        with pytest.raises(EngineOff, match="switched off while your notebook is graded"):
            door()

"""The computational graph: order, values, gradients, steps."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.gradient import numerical_gradient
from course.graph import Edge, Graph

APPLES = Graph({"subtotal": ("*", ("price", "n")), "total": ("*", ("subtotal", "tax"))})


def test_apples():
    values = APPLES.forward({"price": 100, "n": 2, "tax": 1.1})
    assert values["total"] == pytest.approx(220)
    grads = APPLES.backward(values)
    expected = {"price": 2.2, "n": 110, "tax": 200, "subtotal": 1.1, "total": 1}
    assert grads == pytest.approx(expected)


def test_order_does_not_depend_on_the_listing():
    listed = {"z": ("+", ("y", "y")), "y": ("*", ("a", "b"))}
    assert Graph(listed).order() == ["y", "z"]


def test_both_slots_of_one_input_count():
    graph = Graph({"z": ("*", ("x", "x"))})
    values = graph.forward({"x": 3.0})
    assert graph.backward(values)["x"] == 6
    assert graph.edge_gradients(values) == {Edge("x", "z", 0): 3.0, Edge("x", "z", 1): 3.0}


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ({"z": ("%", ("a", "b"))}, "unknown op '%'"),
        ({"z": ("+", ("a",))}, "takes 2 inputs, not 1"),
    ],
)
def test_a_wrong_graph_is_named(nodes, message):
    with pytest.raises(ValueError, match=message):
        Graph(nodes)


def test_a_cycle_and_a_missing_input_are_named():
    with pytest.raises(ValueError, match="cycle through"):
        Graph({"a": ("+", ("b", "x")), "b": ("+", ("a", "x"))}).order()
    with pytest.raises(KeyError, match="tax"):
        APPLES.forward({"price": 1, "n": 1})


def test_steps_go_forward_then_backward_and_say_the_rule():
    steps = APPLES.steps({"price": 100, "n": 2, "tax": 1.1})
    assert [s.direction for s in steps] == ["forward"] * 2 + ["backward"] * 4
    assert steps[0].rule == "100 * 2 = 200"
    assert "upstream 1 x local 200 = 200" in {s.rule for s in steps}


@st.composite
def graphs(draw):
    """A random graph over + - * and square, with its inputs."""
    names = ["x0", "x1", "x2"]
    nodes = {}
    for i in range(draw(st.integers(1, 7))):
        op = draw(st.sampled_from(["+", "-", "*", "square"]))
        inputs = tuple(draw(st.sampled_from(names)) for _ in range(1 if op == "square" else 2))
        nodes[f"n{i}"] = (op, inputs)
        names.append(f"n{i}")
    return nodes, {f"x{i}": draw(st.floats(0.5, 1.5)) for i in range(3)}


@settings(deadline=None, max_examples=100)
@given(graphs())
def test_one_sweep_agrees_with_nudging_every_input(case):
    nodes, inputs = case
    graph = Graph(nodes)
    last = graph.order()[-1]
    grads = graph.backward(graph.forward({k: inputs[k] for k in graph.leaves}), last)
    for name in graph.leaves:

        def output(value, name=name):
            return graph.forward({k: inputs[k] for k in graph.leaves} | {name: value})[last]

        slope = numerical_gradient(output, inputs[name])
        assert grads[name] == pytest.approx(slope, rel=1e-4, abs=1e-4)

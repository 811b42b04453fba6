"""GearTrain and PathSum: their numbers against the engine, their pictures, their words."""

from __future__ import annotations

import json
import math
import re
from itertools import pairwise
from xml.etree.ElementTree import Element, fromstring

import pytest

from course import widgets
from course._engine.graphs import OPS
from course._switch import EngineOff
from course.figures._svg import Box
from course.figures._text import extent
from course.gradient import numerical_gradient
from course.widgets import _path_sum
from course.widgets._chain import OPS as IN_THE_BROWSER
from course.widgets._chain import bracketed, digits, slider
from course.widgets._gear_train import MARKS, mark_size

SIN_SQUARE = {"u": ("square", ("x",)), "z": ("sin", ("u",))}
REUSE = {"a": ("*", ("x", "y")), "b": ("+", ("a", "y")), "z": ("*", ("a", "b"))}
TWICE = {"q": ("*", ("x", "x")), "r": ("*", ("3", "x")), "f": ("+", ("q", "r"))}
LADDER = {
    "a": ("+", ("x", "1")), "b": ("*", ("x", "a")), "c": ("-", ("b", "a")), "d": ("/", ("c", "2")),
    "z": ("*", ("d", "x")),
}  # fmt: skip
GRAPHS = {
    "diamond": (_path_sum.DIAMOND, {"x": 3.0}, "x"),
    "reuse": (REUSE, {"x": 2.0, "y": 3.0}, "y"),
    "twice": (TWICE, {"x": 2.0}, "x"),
    "ladder": (LADDER, {"x": 1.5}, "x"),
}
each_graph = pytest.mark.parametrize("name", GRAPHS)


def path_sum(name: str) -> _path_sum.PathSum:
    return widgets.path_sum(*GRAPHS[name])


def label_boxes(svg: Element) -> list[Box]:
    """Return the box of each text, by its place, its size and its length."""
    boxes = []
    for text in svg.iter("text"):
        width, ascent, descent = extent("".join(text.itertext()), float(text.get("font-size")))
        x, y = float(text.get("x")), float(text.get("y"))
        left = x - {"start": 0, "middle": 0.5, "end": 1}[text.get("text-anchor")] * width
        boxes.append(Box(left, y - ascent, left + width, y + descent))
    return boxes


def no_gap_is_left(text: str) -> bool:
    """Say whether a text has no unfilled gap and no unfriendly number."""
    return not re.search(r"\{|\}|nan|inf|None|e-\d", text)


# -- numbers in words


@pytest.mark.parametrize(
    ("x", "text"),
    [(10.0001, "10.0001"), (10.000100000003, "10.0001"), (0.1 + 0.2, "0.3"), (1e-13, "0"),
     (-1e-5, "−0.00001"), (1234567.0, "1234570"), (-2.5, "−2.5"), (1e-6, "0.000001")],
)  # fmt: skip
def test_digits_show_how_near_a_ratio_came(x, text):
    assert digits(x) == text


def test_a_negative_number_behind_a_sign_has_brackets():
    assert bracketed(digits(-2.0)) == "(−2)"
    assert bracketed(digits(2.0)) == "2"


@pytest.mark.parametrize("value", [0.0, 3.0, -4.9, 7.0, 100.0, -1500.0])
def test_a_slider_reaches_beyond_the_value_on_both_sides(value):
    reach = slider("x", value)
    assert reach["min"] < value < reach["max"]
    assert 20 < (reach["max"] - reach["min"]) / reach["step"] < 500


# -- GearTrain: numbers


def test_the_gears_of_the_unit_turn_as_the_printed_lines_of_the_unit_say():
    move = widgets.gear_train().movement(0.01)
    assert {n: round(v, 9) for n, v in move.by.items()} == {"x": 0.01, "t": 0.01, "z": 0.1001}
    assert round(move.ratio["z"], 9) == 10.01
    assert move.local == {"t": 1.0, "z": 10.0}


@pytest.mark.parametrize("x", [-1.7, 0.3, 2.0])
def test_the_product_of_the_ratios_is_the_ratio_and_goes_to_the_derivative(x):
    train = widgets.gear_train(SIN_SQUARE, {"x": x})
    slope = numerical_gradient(lambda v: math.sin(v * v), x)
    errors = []
    for h in train.nudges:
        move = train.movement(h)
        assert math.isclose(math.prod(move.ratio.values()), move.by["z"] / move.by["x"])
        errors.append(abs(move.by["z"] / move.by["x"] - slope))
    assert math.isclose(math.prod(train.movement(1).local.values()), slope, rel_tol=1e-6)
    assert errors[-1] < 1e-3
    assert errors[2:] == sorted(errors[2:], reverse=True)


def test_a_gear_that_does_not_move_has_the_derivative_for_its_ratio():
    train = widgets.gear_train(
        {"a": ("*", ("x", "0")), "z": ("square", ("a",))}, {"x": 2.0}
    )  # the first gear stands still: 0/0 is no ratio
    move = train.movement(0.1)
    assert move.by == pytest.approx({"x": 0.1, "a": 0.0, "z": 0.0})
    assert move.ratio == {"a": 0.0, "z": 0.0}


def test_any_input_can_be_the_one_that_is_nudged():
    train = widgets.gear_train(
        {"s": ("-", ("5", "y")), "z": ("*", ("k", "s"))}, {"y": 2, "k": 4}, "y"
    )
    assert train.chain == ["y", "s", "z"]
    assert train.movement(0.5).local == {"s": -1.0, "z": 4.0}
    assert [s["name"] for s in train.sliders] == ["y", "k"]


@pytest.mark.parametrize(
    ("graph", "inputs", "nudge", "says"),
    [
        (REUSE, {"x": 1, "y": 2}, "x", "'z' takes in a, b"),
        ({"z": ("*", ("x", "x"))}, {"x": 1}, "x", "'z' takes in x, x"),
        (
            {"a": ("+", ("x", "y")), "z": ("square", ("a",))},
            {"x": 1, "y": 1},
            "k",
            "'a' takes in x, y",
        ),
    ],
)
def test_what_is_no_chain_is_refused_by_the_node_that_breaks_it(graph, inputs, nudge, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        widgets.gear_train(graph, inputs, nudge)


@pytest.mark.parametrize("make", [widgets.gear_train, widgets.path_sum])
def test_a_graph_of_numbers_alone_has_nothing_to_move(make):
    with pytest.raises(ValueError, match="no chain|no path"):
        make({"z": ("square", ("3",))})


def test_a_missing_input_is_named():
    with pytest.raises(KeyError, match="y"):
        widgets.gear_train(inputs={"x": 1.0})


@pytest.mark.parametrize(("moves", "by"), [([0.01, 0.1001], 0.01), ([1, 30], 1), ([1, 4000], 1)])
def test_no_gear_turns_once_around_and_a_mark_is_a_round_number(moves, by):
    size = mark_size(moves, by)
    assert max(moves) / size < MARKS
    assert str(size / by).rstrip("0.")[0] in "125"


# -- GearTrain: words and pictures


def test_the_text_says_every_step_with_numbers():
    text = widgets.gear_train().text()
    assert "t = x + y, z = square(t)" in text
    assert "x = 2, y = 3, t = 5, z = 25" in text
    assert "x moved by 0.01, t by 0.01, z by 0.1001. z per x: 10.01 = 1 × 10.01." in text
    assert "The derivative dz/dx is 10 = 1 × 10." in text
    assert no_gap_is_left(text)


def test_a_negative_derivative_is_a_gear_that_turns_back():
    train = widgets.gear_train({"z": ("-", ("y", "x"))}, {"x": 1, "y": 2}, "x")
    assert "z by −1" in train.sentence(1.0)
    hands = [p for p in train.strip()[1][0].iter("path") if "hand" in p.get("class")]
    assert [p.get("transform") for p in hands] == ["rotate(30)", "rotate(-30)"]


@pytest.mark.parametrize("graph", [None, SIN_SQUARE])
def test_the_frames_of_a_train_leave_everything_readable(graph):
    train = widgets.gear_train(graph, None if graph is None else {"x": 1.2})
    for svg, caption in train.strip():
        assert caption.endswith((".", "?"))
        assert no_gap_is_left(caption)
        boxes = label_boxes(svg)
        assert not any(a.overlaps(b, 2) for i, a in enumerate(boxes) for b in boxes[:i])
    assert 3 <= len(train.strip()) <= 6
    assert train.still().startswith(b"\x89PNG")


# -- PathSum: numbers


@each_graph
def test_the_sum_over_the_paths_is_the_derivative(name):
    widget = path_sum(name)
    values = widget.graph.forward(widget.inputs)
    assert sum(widget.products()) == pytest.approx(widget.graph.backward(values)[widget.source])


@each_graph
def test_every_path_leads_from_the_input_to_the_result_and_no_two_are_one(name):
    widget = path_sum(name)
    for path in widget.paths:
        edges = [widget.edges[i] for i in path["edges"]]
        assert edges[0][0] == widget.source
        assert edges[-1][1] == widget.output
        assert all(a[1] == b[0] for a, b in pairwise(edges))
    assert len({tuple(p["edges"]) for p in widget.paths}) == len(widget.paths)
    assert len({p["name"] for p in widget.paths}) == len(widget.paths)


def test_both_slots_of_one_node_are_two_paths():
    assert [p["name"] for p in path_sum("twice").paths] == [
        "by way of q, slot 1 of q", "by way of q, slot 2 of q", "by way of r",
    ]  # fmt: skip
    assert path_sum("twice").products() == [2.0, 2.0, 3.0]


def test_an_input_with_no_path_and_a_graph_with_too_many_are_refused():
    with pytest.raises(ValueError, match="no path leads from 'y' to 'z'"):
        widgets.path_sum({"a": ("+", ("y", "1")), "z": ("square", ("x",))}, {"x": 1, "y": 1}, "y")
    many = {f"v{i + 1}": ("+", (f"v{i}", f"v{i}")) for i in range(64)}
    with pytest.raises(ValueError, match="more than 8 paths lead from 'v0' to 'v64'"):
        widgets.path_sum(many, {"v0": 1.0})


# -- PathSum: words and pictures


def test_the_text_multiplies_along_and_adds_over():
    text = widgets.path_sum().text()
    assert "By way of a: dz/da × da/dx = 5 × 1 = 5." in text
    assert "By way of b: dz/db × db/dx = 4 × 1 = 4." in text
    assert "Sum over the paths: dz/dx = 5 + 4 = 9." in text
    assert no_gap_is_left(text)


@each_graph
def test_no_label_covers_a_node_or_another_label(name):
    widget = path_sum(name)
    for svg, caption in widget.strip():
        assert no_gap_is_left(caption)
        labels = label_boxes(svg)
        circles = [
            [float(c.get(k)) for k in ("cx", "cy", "r")] for c in svg.iter("circle") if c.get("r")
        ]
        nodes = [Box(x - r, y - r, x + r, y + r) for x, y, r in circles]
        inside = [b for b in labels if any(_within(b, n) for n in nodes)]
        outside = [b for b in labels if b not in inside]
        assert len(inside) == len(nodes), "each node has its sign, and it fits"
        assert not any(a.overlaps(n, 1) for a in outside for n in nodes)
        assert not any(a.overlaps(b, 1) for i, a in enumerate(outside) for b in outside[:i])
    assert 3 <= len(widget.strip()) <= 6
    assert widget.still().startswith(b"\x89PNG")


def _within(box: Box, node: Box) -> bool:
    return all(
        (node.left - 1 <= box.left, box.right <= node.right + 1, node.top <= box.top + 6,
         box.bottom <= node.bottom + 6)
    )  # fmt: skip


def test_a_frame_shows_gradients_on_its_path_alone():
    frames = widgets.path_sum().strip()
    counts = [sum(p.get("class") == "line g" for p in svg.iter("path")) for svg, _ in frames]
    assert counts == [0, 2, 2, 4]


def test_the_live_picture_has_all_arrows_and_gives_no_sum_away():
    widget = widgets.path_sum()
    svg = fromstring(widget.graph_drawing)
    classes = [e.get("class") for e in svg.iter() if e.get("class")]
    assert classes.count("back") == len(widget.edges)
    assert {e.get("data-value") for e in svg.iter() if e.get("data-value")} == {"x", "a", "b", "z"}
    assert "9" not in "".join(svg.itertext()), "the sum is to be predicted"


# -- both


@pytest.mark.parametrize("make", [widgets.gear_train, widgets.path_sum])
def test_what_goes_to_the_browser_is_plain_data(make):
    widget = make()
    state = {k: v for k, v in widget.get_state().items() if not k.startswith("_") and k != "layout"}
    assert json.loads(json.dumps(state)) == state


def test_the_browser_has_every_op_of_the_engine():
    known = re.findall(r'^  "?([\w*/+-]+)"?: \{ value', IN_THE_BROWSER, re.M)
    assert set(known) == set(OPS)


@pytest.mark.parametrize("make", [widgets.gear_train, widgets.path_sum, widgets.node_bench])
def test_a_graded_run_is_refused(make, monkeypatch):
    monkeypatch.setenv("COURSE_GRADED", "1")
    with pytest.raises(EngineOff):
        make()

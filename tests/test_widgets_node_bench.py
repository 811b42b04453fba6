"""NodeBench: its numbers against the engine, its questions, its words, and what it keeps to itself."""

from __future__ import annotations

import json
import re
from xml.etree.ElementTree import fromstring

import pytest

from course import widgets
from course._engine.graphs import OPS
from course.gradient import numerical_gradient
from course.widgets._node_bench import SIGNS, TASKS, TAUGHT, NodeBench

each_op = pytest.mark.parametrize("op", SIGNS)


@each_op
@pytest.mark.parametrize("task", TASKS)
def test_what_goes_back_is_upstream_times_the_slope(op, task):
    x, y, dout = task
    v = widgets.node_bench(op, x, y, dout).values(op)
    value = OPS[op].value
    assert v["out"] == value(x, y)
    assert v["dx"] == pytest.approx(dout * numerical_gradient(lambda a: value(a, y), x), rel=1e-6)
    assert v["dy"] == pytest.approx(dout * numerical_gradient(lambda b: value(x, b), y), rel=1e-6)


@each_op
@pytest.mark.parametrize("task", TASKS)
def test_no_wrong_rule_is_right_by_chance(op, task):
    v = widgets.node_bench(op, *task).values(op)
    for name, side in (("dx", "x"), ("dy", "y")):
        local = v[f"local_{side}"]
        wrong = {
            "no upstream": local, "added": v["dout"] + local, "turned": -v[name], "forward": v["out"],
        }  # fmt: skip
        if abs(local) != 1:  # to divide by one is to multiply by it
            wrong["divided"] = v["dout"] / local
        if local != 1:
            wrong["passed on"] = v["dout"]
        if op in "*/":
            wrong["the other's"] = v["dy" if name == "dx" else "dx"]
        for rule, number in wrong.items():
            # what is_close in shared.mjs lets through
            assert abs(number - v[name]) > 0.01 * abs(v[name]), (name, rule)


def test_the_text_says_what_the_taught_nodes_send_back():
    text = widgets.node_bench("*", 10, 5, 1.3).text()
    assert "Multiply. Forward, 10 × 5 = 50. From the right comes dout = 1.3." in text
    assert "the other input, 5. dx = dout × local derivative = 1.3 × 5 = 6.5." in text
    assert "the other input, 10. dy = dout × local derivative = 1.3 × 10 = 13." in text
    assert "dx = dout × local derivative = 1.3 × 1 = 1.3." in text
    assert not re.search(r"\{|\}|nan|None", text)


def test_what_stays_on_the_page_answers_no_exercise():
    """Subtract and divide are exercises 3.5 and 3.6: the page asks, the live bench tells."""
    bench = widgets.node_bench()
    text = bench.text()
    for op in set(SIGNS) - set(TAUGHT):
        name = bench.words[f"op{op}"].capitalize()
        block = re.search(rf"^{name}\..*\n((?: .*\n?)+)", text, re.M)[1]
        assert "Raise y from 4 to 4.01" in block
        assert not re.search(r"d[xy] = ", block)
    for (svg, caption), op in zip(bench.strip(), SIGNS, strict=True):
        drawn = "".join("".join(text.itertext()) for text in svg.iter("text"))
        assert ("?" in drawn) == (op not in TAUGHT)
        assert caption == (bench.words[f"rule{op}"] if op in TAUGHT else bench.ask(op))


def test_no_word_is_code():
    for words in NodeBench.WORDS.values():
        assert not re.search(r"self|return|\*\*|def |\bd[xy] = dout [*/+-]|-dout", words)


def test_the_measured_nudge_is_the_engine_s():
    says = widgets.node_bench("/", 6, 4, 1).measured("/", "y")
    assert "from 4 to 4.01: out goes from 1.5 to 1.49626" in says


@pytest.mark.parametrize(("op", "y"), [("^", 1.0), ("/", 0.0)])
def test_a_node_that_cannot_be_is_refused(op, y):
    with pytest.raises(ValueError, match="unknown op|divided by y = 0"):
        widgets.node_bench(op, 1.0, y, 1.0)


def test_with_y_zero_the_division_is_left_out():
    bench = widgets.node_bench("+", 1.0, 0.0, 1.0)
    assert len(bench.strip()) == 3
    assert "Divide" not in bench.text()


def test_the_live_picture_has_room_for_every_number():
    svg = fromstring(widgets.node_bench().node_drawing)
    places = {e.get("data-show") for e in svg.iter() if e.get("data-show")}
    assert places == {"x", "y", "out", "dx", "dy", "dout", "sign"}
    assert "888.8" in "".join(svg.itertext()), "room for a wide number"


def test_what_goes_to_the_browser_is_plain_data():
    widget = widgets.node_bench()
    state = {k: v for k, v in widget.get_state().items() if not k.startswith("_") and k != "layout"}
    assert json.loads(json.dumps(state)) == state
    assert widget.still().startswith(b"\x89PNG")

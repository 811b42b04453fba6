"""The activation explorer: its tables are the functions they claim to be, and it says what it shows."""

from __future__ import annotations

import json
import math
import re
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from course import widgets
from course.widgets import _activation_explorer as explorer
from course.widgets._widget import FOLDER

XS = np.linspace(-6, 6, explorer.X_COUNT)
EXACT = {  # value and derivative, by formula
    "relu": (np.maximum(XS, 0), (XS > 1e-9).astype(float)),
    "sigmoid": (1 / (1 + np.exp(-XS)), np.exp(-XS) / (1 + np.exp(-XS)) ** 2),
    "tanh": (np.tanh(XS), 1 / np.cosh(XS) ** 2),
}


@pytest.mark.parametrize("name", EXACT)
def test_the_tables_hold_the_function_and_its_derivative(name):
    table = explorer.curve(name)
    np.testing.assert_allclose(table["y"], EXACT[name][0], atol=1e-8)
    np.testing.assert_allclose(table["slope"], EXACT[name][1], atol=1e-8)
    low, high = table["range"]
    assert all(low <= y <= high for y in table["y"])
    assert all(low <= tick <= high for tick in table["ticks"])


def test_the_tangent_can_rest_on_zero_and_on_one():
    places = [explorer.X_MIN + i * explorer.X_STEP for i in range(explorer.X_COUNT)]
    for x in (0, 1, -6, 6):
        assert min(abs(p - x) for p in places) < 1e-9


def test_relu_has_the_slope_of_most_libraries_at_its_kink():
    assert explorer.slope("relu", 0.0) == 0
    assert explorer.slope("relu", 0.1) == 1
    assert explorer.slope("relu", -0.1) == 0


@pytest.mark.parametrize("start", [-3.0, -0.5, 0.5, 1.0, 3.0])
@pytest.mark.parametrize("name", EXACT)
def test_what_is_left_is_the_derivative_of_the_whole_stack(name, start):
    def stack(x: float, depth: int) -> float:
        for _ in range(depth):
            x = explorer.FUNCTIONS[name](x)
        return x

    left = explorer.left_after(name, start, 6)
    assert left[0] == 1
    for depth in range(1, 7):
        h = 1e-5
        whole = (stack(start + h, depth) - stack(start - h, depth)) / (2 * h)
        assert left[depth] == pytest.approx(whole, rel=1e-4, abs=1e-10)


def test_a_stack_of_sigmoids_is_below_its_bound_and_a_closed_gate_leaves_nothing():
    for start in explorer.STARTS:
        for n, left in enumerate(explorer.left_after("sigmoid", start)):
            assert 0 < left <= 0.25**n * (1 + 1e-6)
        relu = explorer.left_after("relu", start)
        assert relu == [1.0] + [float(start > 0)] * explorer.DEPTH


def test_the_arrays_of_the_mask_hold_every_pair_of_signs():
    x, dout = np.array(explorer.MASK_X), np.array(explorer.MASK_DOUT)
    assert set(zip(np.sign(x).flat, np.sign(dout).flat, strict=True)) == set(
        product((-1.0, 1.0), repeat=2)
    )
    assert len({*np.abs(x).flat}) == x.size  # a typed number tells which one was meant
    np.testing.assert_array_equal(
        explorer.gradient_through_gates(explorer.MASK_X, explorer.MASK_DOUT),
        np.where(x > 0, dout, 0),
    )


def test_the_views_are_those_that_were_asked_for():
    assert widgets.activation_explorer().views == ["curve", "mask", "depth"]
    one = widgets.activation_explorer("mask")
    assert one.views == ["mask"]
    assert one.mask
    assert not one.curves
    assert not one.stacks
    assert not widgets.activation_explorer("curve").mask
    with pytest.raises(ValueError, match="no view 'slope'; choose from curve, mask, depth"):
        widgets.activation_explorer("slope")


def test_the_title_says_what_one_view_is_about():
    titles = {view: widgets.activation_explorer(view).title for view in explorer.VIEWS}
    assert len({*titles.values(), widgets.activation_explorer().title}) == 4


def test_plain_data_goes_to_the_browser():
    state = widgets.activation_explorer().get_state()
    sent = {
        key: state[key] for key in ("title", "words", "views", "grid", "curves", "mask", "stacks")
    }
    assert json.loads(json.dumps(sent, allow_nan=False)) == sent


@pytest.mark.parametrize(
    ("views", "count"), [((), 5), (("curve",), 3), (("mask",), 1), (("depth",), 1)]
)
def test_the_strip_is_drawn(views, count):
    widget = widgets.activation_explorer(*views)
    frames = widget.strip()
    assert len(frames) == count
    assert all(caption.endswith(".") for _, caption in frames)
    assert widget.still().startswith(b"\x89PNG")


def test_the_text_gives_the_numbers_in_whole_sentences():
    text = widgets.activation_explorer().text()
    assert all(line.endswith(".") for line in text.splitlines())
    assert "sigmoid at x = 1: y = 0.7311, and the slope dy/dx is 0.1966." in text
    assert "dx = dout × slope = 2 × 0.1966 = 0.3932." in text
    assert "ReLU has a kink at x = 0" in text
    assert "sends back dx = [[−5, 0, 1], [0, −2, 0]]." in text
    assert "After 10, starting from x = 1: ReLU: 1. sigmoid: 2.8e−7. tanh: 0.041." in text
    assert math.isclose(explorer.left_after("sigmoid", 1.0)[10], 2.8e-7, rel_tol=0.02)


def test_every_text_is_used_and_none_is_missing():
    script = (FOLDER / "activation_explorer.mjs").read_text("utf-8")
    python = Path(explorer.__file__).read_text("utf-8").split("\ndef _say")[1]
    asked = set(re.findall(r"words\.(\w+)", script))
    asked |= {f"view_{view}" for view in explorer.VIEWS} | {
        f"title_{view}" for view in explorer.VIEWS
    }
    assert asked <= set(widgets.activation_explorer().words)
    named = {key for key in explorer.WORDS if re.search(rf'"{key}"', python + script)}
    assert set(explorer.WORDS) <= asked | named | {"picture"}


def test_the_browser_holds_no_formula_that_an_exercise_asks_for():
    script = (FOLDER / "activation_explorer.mjs").read_text("utf-8")
    assert not re.search(r"Math\.(exp|tanh)", script)

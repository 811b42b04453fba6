"""The map of a gradient check: its numbers are the course's, and the U is there."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from course import widgets
from course.gradient import judge_error, relative_error
from course.widgets import _gradient_check_map as check_map

NUMERIC, FOUND = check_map.measure()
AT = check_map._nearest


def test_the_right_network_passes_at_the_usual_step():
    step = AT(1e-5)
    assert check_map.STEPS[step] == pytest.approx(1e-5)
    for name in check_map.NAMES:
        assert judge_error(FOUND["right"].arrays[name][step]) == "pass"


def test_the_error_is_a_u():
    for name, errors in FOUND["right"].arrays.items():
        best = int(np.argmin(errors))
        assert 1e-6 <= check_map.STEPS[best] <= 1e-4, name
        # Down to the left it falls like h squared: a factor of ten for each half decade.
        assert errors[AT(1e-1)] / errors[AT(1e-3)] == pytest.approx(1e4, rel=0.3)
        # Further left it grows like 1 / h.
        assert errors[AT(1e-12)] > 1e4 * errors[best]


def test_a_mistake_fails_where_it_is_and_nowhere_else():
    step = AT(1e-5)
    for network, wrong in (("mask", {"W1", "b1"}), ("mean", {"b2"})):
        for name in check_map.NAMES:
            grade = judge_error(FOUND[network].arrays[name][step])
            assert grade == ("fail" if name in wrong else "pass"), (network, name)
    assert FOUND["mean"].arrays["b2"][step] == pytest.approx(5 / 7)  # n/6 against n


def test_elements_and_arrays_are_what_the_course_defines():
    errors, step = FOUND["mask"], AT(1e-3)
    for name in check_map.NAMES:
        a, n = errors.claims[name], NUMERIC[name][step]
        assert errors.arrays[name][step] == relative_error(a, n)
        for place in np.ndindex(a.shape):
            one = relative_error(a[place], n[place])
            assert errors.elements[name][step][place] == pytest.approx(one)


def test_one_element_looks_worse_than_its_array():
    """Why the course judges arrays: an element near zero fails on a right network."""
    step = AT(1e-11)
    assert judge_error(FOUND["right"].elements["W1"][step].max()) == "fail"
    assert judge_error(FOUND["right"].arrays["W1"][step]) != "fail"


def test_no_gate_flips_within_the_largest_step():
    """A crossed kink would put a second bend into the curve."""
    slopes = NUMERIC["W1"]
    np.testing.assert_allclose(slopes[AT(1e-1)], slopes[AT(1e-3)], atol=2e-3)


def test_what_the_browser_gets_is_plain_and_whole():
    widget = widgets.gradient_check_map()
    sent = {name: getattr(widget, name) for name in ("steps", "numeric", "networks", "columns")}
    sent = json.loads(json.dumps(sent, allow_nan=False))
    assert len(sent["steps"]) == len(sent["columns"]) == len(check_map.STEPS) == 23
    assert "1e-02" in sent["steps"]
    assert sent["columns"] == sorted(sent["columns"])
    for network in check_map.NETWORKS:
        of = sent["networks"][network]
        for name in check_map.NAMES:
            assert np.shape(of["elements"][name]) == (23, *np.shape(of["claims"][name]))
            assert [judge_error(e) for e in FOUND[network].arrays[name]] == of["grades"][name]


def test_the_lines_of_the_curve_are_told_apart_without_colour():
    dashes = [dash for _, dash in check_map._LINES.values()]
    assert len(set(dashes)) == len(dashes) == 4


def test_the_still_picture_and_its_words():
    widget = widgets.gradient_check_map()
    assert len(widget.strip()) == 6
    assert widget.still().startswith(b"\x89PNG")
    text = widget.text()
    assert "Network: right." in text
    for network in check_map.NETWORKS:
        assert widget.words[network] in text
    assert text.count("h = 1e-05: W1 ") == 3
    assert "b2 7.1e-01 (fails)" in text


def test_heat_and_powers():
    assert [check_map.power_of(x) for x in (9.9e-6, 1e-5, 1.1e-5)] == ["−6", "−5", "−5"]
    heats = [check_map.heat(10.0**p) for p in range(-12, 1)]
    assert heats == sorted(heats)
    assert math.isclose(check_map.heat(1e-10), 0)

"""The bug clinic to play with: honest records, a healthy network beside, and no diagnosis."""

from __future__ import annotations

import json

import numpy as np
import pytest

from course import clinic, widgets
from course.widgets import _bug_clinic as bug_clinic
from grader.reference.clinic import DIAGNOSIS


@pytest.mark.parametrize("name", clinic.NAMES)
def test_three_decimals_show_what_differs(name):
    """Whoever compares the tables by eye sees what a comparison of all digits finds."""
    case = clinic.patient(name)
    right, file = bug_clinic.healthy(case), bug_clinic._file(case)
    for key, array in bug_clinic.claimed(case).items():
        same = array.shape == right[key].shape and np.allclose(array, right[key])
        shown = file[key]
        alike = shown["claimed"] == shown["healthy"] and shown["shape"] == shown["healthy_shape"]
        assert alike == same, key


@pytest.mark.parametrize("name", clinic.NAMES)
def test_the_first_record_that_differs_leads_to_the_layer(name):
    case = clinic.patient(name)
    file = bug_clinic._file(case)
    differing = [
        r.layer for r in bug_clinic.RECORDS if file[r.key]["claimed"] != file[r.key]["healthy"]
    ]
    assert (differing or ["healthy"])[0] == DIAGNOSIS[name]


def test_the_records_are_in_the_order_of_the_way_back():
    keys = [r.key for r in bug_clinic.RECORDS]
    assert len(set(keys)) == 8
    layers = list(dict.fromkeys(r.layer for r in bug_clinic.RECORDS))
    assert layers == list(reversed(clinic.LAYERS))
    case = clinic.patient("F")
    for record in bug_clinic.RECORDS:
        assert record.key == (record.parameter or f"dout {record.layer}")
        group, name = (
            (case.grads, record.parameter) if record.parameter else (case.douts, record.layer)
        )
        np.testing.assert_array_equal(bug_clinic.claimed(case)[record.key], group[name])


def test_nothing_says_what_is_broken():
    widget = widgets.bug_clinic()
    sent = {k: v for k, v in widget.get_state().items() if not k.startswith("_") and k != "layout"}
    assert set(sent) >= {"records", "patients", "names", "notes", "suspicions"}
    for file in sent["patients"].values():
        for record in file.values():
            assert set(record) == {"shape", "claimed", "largest", "healthy_shape", "healthy"}
    assert sent["suspicions"] == sent["notes"] == {}
    assert "healthy" not in widget.text()
    json.dumps(sent["patients"], allow_nan=False)


def test_a_minus_zero_is_no_difference():
    assert bug_clinic.written(np.array([-1e-17, 0.0, -0.25])) == [["0.000", "0.000", "−0.250"]]
    # A tie: rounding noise of two right networks must not look like a mistake.
    tie = np.array([0.0625])
    assert bug_clinic.written(tie * (1 - 1e-14)) == bug_clinic.written(tie * (1 + 1e-14))


def test_the_still_picture_and_its_words():
    widget = widgets.bug_clinic()
    assert len(widget.strip()) == 3
    assert widget.still().startswith(b"\x89PNG")
    lines = widget.text().splitlines()
    assert len(lines) == 7
    assert "the gradient of b1, made by Affine1 (5, 4) 0.135" in lines[4]
    for name, line in zip(clinic.NAMES, lines[1:], strict=True):
        assert line.startswith(f"Patient {name}: what leaves SoftmaxWithLoss (5, 4) ")

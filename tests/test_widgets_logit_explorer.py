"""The logit explorer: softmax, loss and gradient of a row, and what it says about them."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest

from course import widgets
from course.widgets import _logit_explorer as explorer
from course.widgets._widget import FOLDER

ROWS = [(2.0, 1.0, 0.0), (-6.0, 6.0, 0.5), (0.0, 0.0, 0.0), (1.3, -0.7, 4.1)]


@pytest.mark.parametrize("target", [0, 1, 2])
@pytest.mark.parametrize("z", ROWS)
def test_the_gradient_is_what_nudges_of_the_loss_say(z, target):
    def loss(z: np.ndarray) -> float:
        return float(np.log(np.exp(z).sum()) - z[target])

    now = explorer.row(z, target)
    np.testing.assert_allclose(now["y"], np.exp(z) / np.exp(z).sum(), atol=1e-9)
    assert now["loss"] == pytest.approx(loss(np.array(z)), abs=1e-9)
    assert now["t"] == np.eye(3)[target].tolist()
    for k in range(3):
        nudge = 1e-5 * np.eye(3)[k]
        slope = (loss(np.array(z) + nudge) - loss(np.array(z) - nudge)) / 2e-5
        assert now["gradient"][k] == pytest.approx(slope, abs=1e-7)


@pytest.mark.parametrize("z", ROWS)
def test_the_same_added_to_all_changes_nothing_however_much(z):
    plain = explorer.row(z, 1)
    for shift in (-100, 100, 1000):
        lifted = explorer.row([score + shift for score in z], 1)
        np.testing.assert_allclose(lifted["y"], plain["y"], atol=1e-9)
        assert lifted["loss"] == pytest.approx(plain["loss"], abs=1e-9)


def test_plain_data_goes_to_the_browser():
    state = widgets.logit_explorer().get_state()
    sent = {key: state[key] for key in ("title", "words", "start", "target", "limits")}
    assert json.loads(json.dumps(sent, allow_nan=False)) == sent
    low, high, step = (sent["limits"]["score"][key] for key in ("min", "max", "step"))
    assert all(low <= score <= high for score in sent["start"])
    assert all(math.isclose(score / step, round(score / step)) for score in sent["start"])


def test_the_strip_is_drawn():
    widget = widgets.logit_explorer()
    frames = widget.strip()
    assert len(frames) == 3
    assert len({caption for _, caption in frames}) == 3
    assert widget.still().startswith(b"\x89PNG")


def test_the_text_gives_the_numbers_and_both_forms_of_the_target():
    text = widgets.logit_explorer().text()
    assert all(line.endswith(".") for line in text.splitlines())
    y = np.round(np.exp(explorer.START) / np.exp(explorer.START).sum(), 3)
    assert f"Scores z = (2, 1, 0) give y = ({y[0]:g}, {y[1]:g}, {y[2]:g})." in text
    loss = -np.log(np.exp(explorer.START) / np.exp(explorer.START).sum())[1]
    assert f"the loss is {loss:.3f}, and" in text
    assert "as a label 1, as a one-hot row (0, 1, 0)." in text
    assert "Scores z = (102, 101, 100) give y = (0.665, 0.245, 0.09)." in text
    assert "y − t = (0.965, −0.982, 0.018)." in text


def test_nothing_is_said_of_a_batch_where_there_is_one_row():
    widget = widgets.logit_explorer()
    said = " ".join([*explorer.WORDS.values(), widget.text()])
    assert not re.search(r"batch|/ ?N\b|mean", said)


def test_every_text_is_used_and_none_is_missing():
    script = (FOLDER / "logit_explorer.mjs").read_text("utf-8")
    python = Path(explorer.__file__).read_text("utf-8").split("\ndef _say")[1]
    asked = set(re.findall(r"words\.(\w+)", script))
    assert asked <= set(widgets.logit_explorer().words)
    named = {key for key in explorer.WORDS if re.search(rf'"{key}"', python)}
    assert set(explorer.WORDS) <= asked | named | {"picture"}

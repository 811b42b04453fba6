"""The widgets of unit 06 in JupyterLab: a training to watch, a gradient check, the bug clinic."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from lab.harness import PHONE

BOARD = "from course import widgets\n\nboard = widgets.training_dashboard(steps={steps})\nboard"
# As many steps as it takes to see something, one by one: the same curves on every machine.
SOME = "for _ in range(200):\n    board.one_step()"
MAP = "from course import widgets\n\nwidgets.gradient_check_map()"
CLINIC = "from course import widgets\n\npatients = widgets.bug_clinic()\npatients"


def said(notebook, i: int) -> str:
    """Return what cell i printed."""
    return "".join(o.get("text", "") for o in notebook.outputs()[i] if o["output_type"] == "stream")


def press(notebook, control, *keys: str) -> None:
    """Put the focus on a control and press keys."""
    control.focus()
    for key in keys:
        notebook.page.keyboard.press(key)


# ---------------------------------------------------------------- the training


def test_a_training_by_mouse(lab):
    notebook = lab.open(BOARD.format(steps=300), SOME)
    widget, status = notebook.widget, notebook.widget.get_by_role("status")
    expect(status).to_have_text(re.compile(r"^Step 200: loss 0\.5"))
    notebook.golden("training-dashboard")

    widget.get_by_role("button", name="Reset").click()
    expect(status).to_have_text(re.compile(r"^Step 0: loss 1\.09, accuracy 0\.31"))
    widget.get_by_role("button", name="One step").click()
    expect(status).to_have_text(re.compile(r"^Step 1: loss"))
    widget.get_by_role("radio", name="as fast as it goes").click()
    widget.get_by_role("button", name="Start").click()
    expect(status).to_have_text(re.compile(r"^300 more steps are done. Start goes on. Step 301: "))
    expect(widget.get_by_role("button", name="Start")).to_be_visible()

    widget.get_by_role("radio", name="digits").click()
    expect(status).to_have_text(re.compile(r"^Step 0: loss 2\.3"))
    expect(widget.get_by_role("img", name="Digits that are not trained on")).to_be_visible()
    notebook.run(1)
    expect(status).to_have_text(re.compile("^Step 200: "))
    notebook.golden("training-dashboard-digits")
    widget.get_by_role("radio", name="0 (zeros)").click()
    expect(status).to_have_text(re.compile(r"^Step 0: .* 0\.11 on the test rows"))
    widget.get_by_role("button", name="Start").click()
    expect(status).to_have_text(re.compile(r"Step 300: loss 2\.[23]"))
    assert notebook.console == []
    assert notebook.axe() == []


def test_a_training_by_keyboard_while_a_cell_runs(lab):
    """Other cells run during a training; it goes on after them, until it is stopped."""
    notebook = lab.open(BOARD.format(steps=10**9), "print(board.running)\nbefore = board.state['step']",
                        "import time\ntime.sleep(0.2)\nprint(board.state['step'] >= before)")  # fmt: skip
    widget, status = notebook.widget, notebook.widget.get_by_role("status")
    press(notebook, widget.get_by_role("radio", name="200"), "ArrowRight")
    expect(widget.get_by_role("radio", name="as fast as it goes")).to_be_checked()
    press(notebook, widget.get_by_role("button", name="Start"), "Enter")
    expect(widget.get_by_role("button", name="Stop")).to_be_visible()
    expect(widget.get_by_role("button", name="One step")).to_have_attribute("aria-disabled", "true")
    notebook.run(1)
    notebook.run(2)
    assert said(notebook, 1) == "True\n"
    assert said(notebook, 2) == "True\n"
    press(notebook, widget.get_by_role("slider", name="Learning rate"), "Home")
    expect(widget.get_by_role("slider", name="Learning rate")).to_have_attribute(
        "aria-valuetext", "0.001"
    )
    press(notebook, widget.get_by_role("button", name="Stop"), "Space")
    expect(status).to_have_text(re.compile(r"^Stopped. Step \d+: loss 0\."))
    notebook.run(1)
    assert said(notebook, 1) == "False\n"
    press(notebook, widget.get_by_role("button", name="Reset"), "Enter", "Enter")
    expect(status).to_have_text(re.compile(r"^Step 0: loss"))
    assert notebook.console == []


def test_an_interrupt_stops_a_network_that_hangs(lab):
    hangs = """
from course import widgets
from course._engine.network import Network

class Hangs(Network):
    def gradient(self, x, t):
        while self.params["W1"][0, 0] != 0.25:
            pass

board = widgets.training_dashboard(Hangs)
board
"""
    notebook = lab.open(hangs, "print('still here')")
    widget = notebook.widget
    widget.get_by_role("button", name="Start").click()
    # Until the kernel has heard of it, an interrupt would go to nobody.
    notebook.page.wait_for_timeout(1000)
    lab.command("notebook:interrupt-kernel")
    expect(widget.get_by_role("status")).to_have_text(
        re.compile("^The kernel was interrupted, so training has stopped.")
    )
    notebook.run(1)
    assert said(notebook, 1) == "still here\n"


def test_a_students_network_that_is_not_written_yet(lab):
    unsolved = """
from course import widgets

class TwoLayerNet:
    def __init__(self, input_size, hidden_size, output_size, weight_init_std=0.01):
        raise NotImplementedError()

widgets.training_dashboard(TwoLayerNet, data="digits")
"""
    notebook = lab.open(unsolved)
    widget, status = notebook.widget, notebook.widget.get_by_role("status")
    missing = re.compile(
        "^Your network is not written yet .* here is the course's. Step 0: loss 2.3"
    )
    expect(status).to_have_text(missing)
    expect(widget.get_by_role("radio", name="the course's")).to_be_checked()
    widget.get_by_role("button", name="One step").click()
    expect(status).to_have_text(re.compile("^Step 1: loss 2.28"))
    widget.get_by_role("radio", name="yours").click()
    expect(status).to_have_text(missing)
    expect(widget.get_by_role("radio", name="the course's")).to_be_checked()
    assert notebook.console == []


# ---------------------------------------------------------------- the gradient check


def test_a_gradient_check_by_keyboard(lab):
    notebook = lab.open(MAP)
    widget, status = notebook.widget, notebook.widget.get_by_role("status")
    expect(status).to_contain_text("h = 1e−2. Errors of the arrays: W1: 5.0e−6, passes; W2: 1.2e−5")
    notebook.golden("gradient-check-map")
    slider = widget.get_by_role("slider", name="Step h")
    press(notebook, slider, "End")
    expect(status).to_contain_text("h = 1e−1")
    press(notebook, slider, *["ArrowLeft"] * 8)
    expect(slider).to_have_attribute("aria-valuetext", "1e−5")
    expect(status).to_contain_text(re.compile("b2: .*e−1[01], passes"))
    press(notebook, widget.get_by_role("radio", name="right"), "ArrowDown")
    expect(widget.get_by_role("radio", name="ReLU hands everything back")).to_be_checked()
    expect(widget.get_by_role("grid", name="W1: 5.7e−1, fails")).to_be_visible()
    expect(widget.get_by_role("grid", name=re.compile("W2: .*, passes"))).to_be_visible()
    cells = widget.get_by_role("grid", name="W1").get_by_role("gridcell")
    press(notebook, cells.first, "ArrowDown", "ArrowRight", "ArrowRight", "ArrowLeft", "ArrowUp")
    expect(cells.nth(1)).to_be_focused()
    expect(status).to_have_text(
        re.compile(r"^W1\[0, 1\]: analytic \S+, numerical \S+, relative error \S+e−1 at h = 1e−5.$")
    )
    notebook.golden("gradient-check-map-mask")
    assert notebook.console == []
    assert notebook.axe() == []


def test_a_gradient_check_by_mouse_on_a_phone(lab):
    notebook = lab.open(MAP, width=PHONE["width"])
    widget = notebook.widget
    widget.get_by_role("radio", name="b2 takes a mean for a sum").click()
    expect(widget.get_by_role("grid", name="b2: 7.1e−1, fails")).to_be_visible()
    widget.get_by_role("grid", name="b2").get_by_role("gridcell").last.hover()
    expect(widget.get_by_role("status")).to_contain_text("b2[2]: analytic")
    notebook.golden("gradient-check-map-phone")


# ---------------------------------------------------------------- the clinic


def test_a_patient_is_examined_by_mouse(lab):
    notebook = lab.open(
        CLINIC, "import json\nprint(json.dumps([patients.notes, patients.suspicions]))"
    )
    widget, status = notebook.widget, notebook.widget.get_by_role("status")
    expect(status).to_contain_text("Patient A: what leaves SoftmaxWithLoss. Shape (5, 4)")
    notebook.golden("bug-clinic")
    widget.get_by_role("radio", name="C", exact=True).click()
    widget.get_by_role("button", name=re.compile("gradient of W1.*Affine1")).click()
    expect(status).to_contain_text("Patient C: the gradient of W1, made by Affine1. Shape (6, 4)")
    expect(widget.get_by_role("table")).to_have_count(1)
    widget.get_by_role("checkbox", name="Beside it: a healthy network").click()
    expect(widget.get_by_role("table")).to_have_count(2)
    widget.get_by_role("radio", name="agrees").click()
    expect(status).to_contain_text(
        "Noted for patient C: the gradient of W1, made by Affine1: agrees"
    )
    expect(
        widget.get_by_role("button", name=re.compile("gradient of W1: agrees.*Affine1"))
    ).to_have_attribute("aria-pressed", "true")
    widget.get_by_role("radio", name="SoftmaxWithLoss").click()  # wrong, and nothing says so
    expect(status).to_contain_text("A undecided, B undecided, C SoftmaxWithLoss, D undecided")
    notebook.golden("bug-clinic-beside")
    notebook.run(1)
    assert json.loads(said(notebook, 1)) == [{"C": {"W1": "agrees"}}, {"C": "SoftmaxWithLoss"}]
    assert notebook.console == []
    assert notebook.axe() == []


def test_a_patient_is_examined_by_keyboard(lab):
    notebook = lab.open(CLINIC)
    widget, status = notebook.widget, notebook.widget.get_by_role("status")
    press(notebook, widget.get_by_role("radio", name="A", exact=True), *["ArrowRight"] * 3)
    press(
        notebook, widget.get_by_role("button", name=re.compile("gradient of b1.*Affine1")), "Enter"
    )
    expect(status).to_contain_text("Patient D: the gradient of b1, made by Affine1. Shape (5, 4)")
    press(notebook, widget.get_by_role("checkbox"), "Space")
    expect(widget.get_by_role("table", name="healthy network, shape (4,)")).to_be_visible()
    press(notebook, widget.get_by_role("radio", name="none"), "ArrowRight", "ArrowRight")
    expect(widget.get_by_role("radio", name="differs")).to_be_checked()
    press(notebook, widget.get_by_role("radio", name="undecided"), "ArrowRight")
    expect(widget.get_by_role("radio", name="Affine1")).to_be_checked()
    expect(status).to_contain_text("D Affine1")
    assert notebook.console == []


@pytest.mark.parametrize("cell", [BOARD.format(steps=10), MAP, CLINIC])
def test_without_its_kernel_the_still_picture_shows(lab, cell):
    notebook = lab.open(cell)
    expect(notebook.widget).to_be_visible()
    again = notebook.reopen()
    expect(again.panel.locator(".course-widget")).to_have_count(0)
    expect(again.panel.locator(".jp-OutputArea img")).to_be_visible()
    assert "widgets" not in notebook.save().metadata

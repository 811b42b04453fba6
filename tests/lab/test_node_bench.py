"""NodeBench in JupyterLab, by mouse and by keyboard alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from course import widgets
from course.widgets._node_bench import SIGNS, TASKS
from lab.calls import cell

NAMES = {"+": "add", "*": "multiply", "-": "subtract", "/": "divide"}


def guess(widget, dx: str = "", dy: str = "") -> None:
    """Type what is given, and press Check."""
    widget.get_by_role("textbox", name="Your dx").fill(dx)
    widget.get_by_role("textbox", name="Your dy").fill(dy)
    widget.get_by_role("button", name="Check").click()


def test_each_node_says_in_the_browser_what_it_says_in_python(lab):
    notebook = lab.open(cell("node_bench"))
    widget, bench = notebook.widget, widgets.node_bench()
    status = widget.get_by_role("status")
    for op in SIGNS:
        widget.get_by_role("radio", name=NAMES[op]).check()
        expect(status).to_have_text(bench.ask(op))
        widget.get_by_role("button", name="Reveal").click()
        for name in "xy":
            expect(status).to_contain_text(bench.why(op, name))
        expect(status).to_contain_text(bench.words[f"rule{op}"])
    assert notebook.console == []


def test_what_is_not_predicted_yet_is_a_question_mark(lab):
    notebook = lab.open(cell("node_bench"))
    widget = notebook.widget
    widget.get_by_role("radio", name="multiply").check()
    picture = widget.get_by_role("img")
    expect(picture).to_have_accessible_name(
        "multiply: x = 6, y = 4, out = 24, dout = −3, dx = ?, dy = ?"
    )
    guess(widget, dy="-18")
    expect(widget.get_by_role("status")).to_contain_text("dy is right.")
    expect(widget.get_by_role("status")).not_to_contain_text("The rule")
    expect(picture).to_have_accessible_name(
        "multiply: x = 6, y = 4, out = 24, dout = −3, dx = ?, dy = −18"
    )
    guess(widget, dx="-12", dy="-18")
    expect(widget.get_by_role("status")).to_contain_text("The rule: A multiply node swaps")


@pytest.mark.parametrize(
    ("node", "dx", "says"),
    [
        ("multiply", "12", "the sign is not"), ("multiply", "-18", "goes to the other input"),
        ("multiply", "4", "local derivative alone"), ("multiply", "-3", "passed on as it came"),
        ("multiply", "1", "multiplied, not added"), ("multiply", "24", "what goes forward"),
        ("multiply", "7", "Raise x from 6 to 6.01: out goes from 24 to 24.04"),
        ("divide", "7", "Raise x from 6 to 6.01: out goes from 1.5 to 1.5025"),
        ("add", "x", "Type a number"), ("add", "", "Type your dx or your dy first"),
    ],
)  # fmt: skip
def test_a_wrong_gradient_is_told_what_it_is(lab, node, dx, says):
    notebook = lab.open(cell("node_bench"))
    notebook.widget.get_by_role("radio", name=node).check()
    guess(notebook.widget, dx)
    expect(notebook.widget.get_by_role("status")).to_contain_text(says)
    expect(notebook.widget.get_by_role("img")).to_have_accessible_name(re.compile(r"dx = \?"))


def test_the_keyboard_alone_chooses_predicts_and_goes_on(lab):
    notebook = lab.open(cell("node_bench"))
    widget, press = notebook.widget, notebook.page.keyboard.press
    widget.get_by_role("radio", name="add").focus()
    for _ in range(3):
        press("ArrowDown")
    expect(widget.get_by_role("radio", name="divide")).to_be_checked()
    for _ in range(3):
        press("Tab")
    press("ArrowRight")  # dout, from -3
    expect(widget.get_by_role("status")).to_contain_text("dout = −2.9")
    press("ArrowLeft")
    press("Tab")
    notebook.page.keyboard.type("-3/4")
    press("Tab")
    notebook.page.keyboard.type("3*6/16")
    press("Enter")
    status = widget.get_by_role("status")
    expect(status).to_contain_text("dx is right.")
    expect(status).to_contain_text("dy is right.")
    for _ in range(3):
        press("Tab")
    press("Enter")  # new numbers
    x, y, dout = (f"{n:g}" for n in TASKS[1])
    expect(status).to_contain_text(f"Forward, {x} ÷ {y} = 0.6. From the right comes dout = {dout}.")
    expect(widget.get_by_role("textbox", name="Your dx")).to_have_value("")
    assert notebook.console == []


def test_nothing_is_divided_by_zero(lab):
    notebook = lab.open(cell("node_bench"))
    widget = notebook.widget
    widget.get_by_role("radio", name="divide").check()
    widget.get_by_role("slider", name="y", exact=True).fill("0")
    for button in ("Check", "Reveal"):
        widget.get_by_role("button", name=button).click()
        expect(widget.get_by_role("status")).to_have_text("Nothing can be divided by 0. Move y.")
    expect(widget.get_by_role("img")).to_have_accessible_name(
        "divide: x = 6, y = 0, out = ?, dout = −3, dx = ?, dy = ?"
    )
    assert notebook.console == []


def test_a_bench_looks_as_it_did(lab):
    notebook = lab.open(cell("node_bench"))
    notebook.widget.get_by_role("radio", name="multiply").check()
    guess(notebook.widget, dx="-12", dy="18")
    notebook.golden("node-bench")

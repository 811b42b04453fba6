"""The activation explorer in JupyterLab, by mouse and by keyboard alone."""

from __future__ import annotations

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from course.widgets import _activation_explorer as explorer
from lab.harness import PHONE


def opened(lab, call: str, width: int | None = None):
    return lab.open(f"from course import widgets\nwidgets.activation_explorer({call})", width=width)


def said(widget):
    return widget.get_by_role("status")


# -- the tangent


def test_the_tangent_is_dragged_along_the_curve(lab):
    notebook = opened(lab, '"curve"')
    widget = notebook.widget
    expect(said(widget)).to_have_text(explorer._tangent_sentence("sigmoid", 1.0, 2.0))
    handle = widget.get_by_role("slider", name="x, where the tangent touches")
    handle.scroll_into_view_if_needed()
    knob, plot = (e.bounding_box() for e in (handle.locator(".knob"), widget.locator(".plane")))
    mouse, middle = notebook.page.mouse, knob["y"] + knob["height"] / 2
    mouse.move(knob["x"] + knob["width"] / 2, middle)
    mouse.down()
    unit = plot["width"] / 332 * (322 - 34) / 12  # pixels of the screen a unit of x
    mouse.move(knob["x"] + knob["width"] / 2 + 3 * unit, middle + 40)
    expect(handle).to_have_attribute("aria-valuenow", "4")
    mouse.move(plot["x"] - 50, middle)  # beyond the axis: it stops at its end
    mouse.up()
    expect(handle).to_have_attribute("aria-valuenow", "-6")
    mouse.move(plot["x"] + 200, middle)  # let go: it follows no more
    expect(handle).to_have_attribute("aria-valuenow", "-6")
    expect(said(widget)).to_have_text(explorer._tangent_sentence("sigmoid", -6.0, 2.0))
    assert notebook.console == []


def test_the_keyboard_alone_moves_the_tangent_and_changes_function_and_dout(lab):
    notebook = opened(lab, '"curve"')
    widget, press = notebook.widget, notebook.page.keyboard.press
    handle = widget.get_by_role("slider", name="x, where the tangent touches")
    handle.focus()
    for key, x in (
        ("ArrowRight", 1.1), ("ArrowDown", 1.0), ("PageUp", 2.0), ("End", 6.0), ("ArrowUp", 6.0),
        ("Home", -6.0), ("PageUp", -5.0), ("PageDown", -6.0), ("ArrowLeft", -6.0), ("End", 6.0),
    ):  # fmt: skip
        press(key)
        expect(said(widget)).to_have_text(explorer._tangent_sentence("sigmoid", x, 2.0))
        expect(handle).to_have_attribute("aria-valuetext", f"x = {x:g}, y = ".replace("-", "−") + (
            explorer.shown(explorer._s_curve(x)) + ", slope " + explorer.shown(explorer.slope("sigmoid", x))
        ))  # fmt: skip
    press("Tab")
    press("ArrowRight")
    expect(widget.get_by_role("radio", name="tanh")).to_be_checked()
    press("Tab")
    for _ in range(3):
        press("ArrowLeft")
    expect(said(widget)).to_have_text(explorer._tangent_sentence("tanh", 6.0, 0.5))
    assert notebook.console == []


def test_at_the_kink_relu_says_what_it_takes_for_its_slope(lab):
    notebook = opened(lab, '"curve"')
    widget = notebook.widget
    widget.get_by_role("radio", name="ReLU").check()
    handle = widget.get_by_role("slider", name="x, where the tangent touches")
    handle.focus()
    for _ in range(10):
        notebook.page.keyboard.press("ArrowLeft")
    expect(said(widget)).to_have_text(explorer._tangent_sentence("relu", 0.0, 2.0))
    expect(said(widget)).to_contain_text("kink")
    label = "Above, ReLU as a solid line, with its tangent at x = 0."
    assert label in widget.locator(".plane").get_attribute("aria-label")


# -- the mask


def test_each_cell_of_dx_is_predicted_and_judged(lab):
    notebook = opened(lab, '"mask"')
    widget = notebook.widget
    field = widget.get_by_role("textbox")
    # as a gate would answer that masks negative gradients, then x itself, then nonsense
    for wrong, why in (
        ("0", "The gate asks for the sign of x, and x = 2."),
        ("2", "That is x itself."),
        ("1", "A gate hands on all of dout, or nothing."),
        ("five", "Please type a number"),
    ):
        field.fill(wrong)
        widget.get_by_role("button", name="Check").click()
        expect(said(widget)).to_contain_text(why)
        expect(
            widget.get_by_role("button", name="dx, row 1, column 1: not yet known")
        ).to_be_visible()
    answers = [
        v
        for row in explorer.gradient_through_gates(explorer.MASK_X, explorer.MASK_DOUT)
        for v in row
    ]
    for k, answer in enumerate(answers):
        field.fill(f"{answer:g}")
        field.press("Enter")
        expect(said(widget)).to_contain_text("Right.")
        place = f"dx, row {k // 3 + 1}, column {k % 3 + 1}: "
        told = f"{explorer.shown(answer)}, passes" if answer else "0, blocked"
        expect(widget.get_by_role("button", name=place + told)).to_be_visible()
    expect(said(widget)).to_contain_text("All six are there.")
    expect(widget.locator(".blocked")).to_have_count(3)
    assert notebook.console == []


def test_the_keyboard_alone_turns_a_sign_around_and_shows_a_cell(lab):
    notebook = opened(lab, '"mask"')
    widget, press = notebook.widget, notebook.page.keyboard.press
    widget.get_by_role("button", name="Show all").focus()
    press("Enter")
    expect(widget.get_by_role("button", name="dx, row 1, column 2: 0, blocked")).to_be_visible()
    widget.get_by_role("button", name="x, row 1, column 2: −3 closed. Turn its sign around").focus()
    press("Space")
    expect(said(widget)).to_contain_text("Now x = 3 in row 1, column 2.")
    expect(widget.get_by_role("button", name="not yet known")).to_have_count(1)
    for _ in range(20):  # on to the field
        if widget.get_by_role("textbox").evaluate("e => e === document.activeElement"):
            break
        press("Tab")
    notebook.page.keyboard.type("7")
    press("Enter")
    expect(said(widget)).to_contain_text("Right. x = 3 is above 0")
    expect(widget.get_by_role("button", name="dx, row 1, column 2: 7, passes")).to_be_visible()
    press("Tab")
    press("Tab")
    expect(widget.get_by_role("button", name="Show this one")).to_be_focused()
    widget.get_by_role("button", name="Start again").press("Enter")
    expect(widget.get_by_role("button", name="not yet known")).to_have_count(6)
    expect(widget.get_by_role("button", name="x, row 1, column 2: −3.")).to_be_visible()
    assert notebook.console == []


# -- the stack


def test_the_stack_says_in_the_browser_what_it_says_in_print(lab):
    notebook = opened(lab, '"depth"')
    widget, press = notebook.widget, notebook.page.keyboard.press
    expect(said(widget)).to_have_text(explorer._stack_sentence(10, 1.0))
    widget.get_by_role("slider", name="Activations in a row").focus()
    press("End")
    expect(said(widget)).to_have_text(explorer._stack_sentence(30, 1.0))
    press("Tab")
    for start in (1.5, 2.0, 2.5, 3.0):
        press("ArrowRight")
        expect(said(widget)).to_have_text(explorer._stack_sentence(30, start))
    press("Home")
    expect(said(widget)).to_contain_text(explorer._stack_sentence(30, -3.0))
    expect(said(widget)).to_contain_text("The first gate of ReLU is closed and blocks all of it.")
    assert notebook.console == []


def test_labels_of_the_stack_never_cover_each_other(lab):
    notebook = opened(lab, '"depth"')
    widget = notebook.widget
    for depth in ("1", "2", "30"):
        for start in ("-3", "0", "1", "3"):
            widget.get_by_role("slider", name="Activations in a row").fill(depth)
            widget.get_by_role("slider", name="The number that enters").fill(start)
            ys = sorted(
                float(widget.locator(".stack > text").nth(k).get_attribute("y")) for k in range(3)
            )
            assert min(b - a for a, b in pairwise(ys)) >= 15.9, (depth, start)
            assert ys[-1] <= 256


# -- all of it


def test_the_views_are_one_choice_and_keep_what_was_done(lab):
    notebook = opened(lab, "")
    widget = notebook.widget
    widget.get_by_role("radio", name="the mask of ReLU").check()
    widget.get_by_role("textbox").fill("-5")
    widget.get_by_role("textbox").press("Enter")
    widget.get_by_role("radio", name="a deep stack").check()
    expect(widget.get_by_role("slider", name="Activations in a row")).to_be_visible()
    expect(widget.get_by_role("textbox")).to_have_count(0)
    widget.get_by_role("radio", name="the mask of ReLU").check()
    expect(widget.get_by_role("button", name="dx, row 1, column 1: −5, passes")).to_be_visible()
    assert notebook.console == []


@pytest.mark.parametrize("view", explorer.VIEWS)
def test_it_looks_right_and_axe_finds_nothing(lab, view):
    notebook = opened(lab, f'"{view}"')
    widget = notebook.widget
    if view == "mask":
        widget.get_by_role("button", name="Show all").click()
        widget.get_by_role("button", name="x, row 2, column 1: −1 closed. Turn").click()
    assert notebook.axe() == []
    notebook.golden(f"activation-{view}")
    notebook.width(PHONE["width"])
    assert notebook.axe() == []
    notebook.golden(f"activation-{view}-phone", theme="light")

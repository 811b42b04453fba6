"""The graph stepper, and what all widgets do, in a real JupyterLab."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from lab.harness import PHONE

CELL = """from course import widgets
widgets.graph_stepper(
    {"subtotal": ("*", ("price", "n")), "total": ("*", ("subtotal", "tax"))},
    {"price": 100, "n": 2, "tax": 1.1}, title="Two apples with tax"%s)"""
FORKED = """from course import widgets
widgets.graph_stepper(
    {"a": ("*", ("x", "x")), "b": ("relu", ("k",)), "c": ("*", ("a", "b")), "z": ("+", ("c", "x"))},
    {"x": 3, "k": -0.5}, title="A graph with a fork")"""
STEPS = 8


def press(notebook, *keys: str) -> None:
    for key in keys:
        notebook.page.keyboard.press(key)


def status(notebook):
    return notebook.widget.get_by_role("status")


# -- watching


def test_the_mouse_steps_through_it(lab):
    notebook = lab.open(CELL % "")
    widget = notebook.widget
    expect(notebook.panel.get_by_role("group", name="Two apples with tax")).to_have_count(1)
    expect(status(notebook)).to_have_text("The inputs have their values. Nothing is computed yet.")
    back = widget.get_by_role("button", name="Back")
    step = widget.get_by_role("button", name="Step")
    expect(back).to_be_disabled()
    step.click()
    expect(status(notebook)).to_have_text("Forward, subtotal: 100 × 2 = 200.")
    picture = widget.get_by_role("img", name="The graph so far.")
    expect(picture).to_have_accessible_name(
        "The graph so far. Values: price 100, n 2, tax 1.1, subtotal 200."
    )
    widget.get_by_role("button", name="Last").click()
    expect(status(notebook)).to_contain_text("Upstream 1.1 × local 100 = 110 = d total / d n.")
    expect(picture).to_have_accessible_name(re.compile(r"Gradients: .*n 110.*total 1"))
    expect(step).to_be_disabled()
    back.click()
    expect(status(notebook)).to_contain_text("= 2.2 = d total / d price.")
    widget.get_by_role("button", name="First").click()
    expect(picture).to_have_accessible_name("The graph so far. Values: price 100, n 2, tax 1.1.")
    # a number of the picture leads to the step that made it
    widget.locator("[data-part=node][data-of=total]").click()
    expect(status(notebook)).to_have_text("Forward, total: 200 × 1.1 = 220.")
    assert notebook.console == []


def test_the_keyboard_alone_does_the_same(lab):
    notebook = lab.open(CELL % "", "'the cell below'")
    notebook.widget.get_by_role("group", name="Picture").focus()
    press(notebook, "ArrowRight", "ArrowRight")
    expect(status(notebook)).to_have_text("Forward, total: 200 × 1.1 = 220.")
    press(notebook, "ArrowLeft")
    expect(status(notebook)).to_have_text("Forward, subtotal: 100 × 2 = 200.")
    press(notebook, "End")
    expect(status(notebook)).to_contain_text("d total / d n.")
    press(notebook, "Home")
    expect(status(notebook)).to_contain_text("Nothing is computed yet.")
    # Tab goes through the controls, the sliders keep their arrows, JupyterLab takes none
    step = notebook.widget.get_by_role("button", name="Step")
    for _ in range(6):
        press(notebook, "Tab")
        if step.evaluate("b => b === document.activeElement"):
            break
    expect(step).to_be_focused()
    press(notebook, "Enter")
    expect(status(notebook)).to_have_text("Forward, subtotal: 100 × 2 = 200.")
    price = notebook.widget.get_by_role("slider", name="price")
    price.focus()
    press(notebook, "ArrowRight")
    expect(price).to_have_attribute("aria-valuetext", "110")
    expect(status(notebook)).to_have_text("Forward, subtotal: 110 × 2 = 220.")
    assert len(notebook.outputs()) == 2
    assert notebook.console == []


def test_play_steps_by_itself_and_stops_at_the_end(lab):
    notebook = lab.open(CELL % "")
    notebook.page.clock.install()
    play = notebook.widget.get_by_role("button", name="Play")
    play.click()
    pause = notebook.widget.get_by_role("button", name="Pause")
    expect(pause).to_be_visible()
    notebook.page.clock.run_for(3000)
    expect(status(notebook)).to_have_text("Forward, total: 200 × 1.1 = 220.")
    pause.click()
    notebook.page.clock.run_for(3000)
    expect(status(notebook)).to_have_text("Forward, total: 200 × 1.1 = 220.")
    play.click()
    notebook.page.clock.run_for(30_000)
    expect(status(notebook)).to_contain_text("d total / d n.")
    expect(play).to_be_visible()
    notebook.page.clock.resume()


def test_whoever_asked_for_less_motion_has_no_play(lab):
    lab.page.emulate_media(reduced_motion="reduce")
    try:
        notebook = lab.open(CELL % "")
        expect(notebook.widget.get_by_role("button", name="Step")).to_be_visible()
        expect(notebook.widget.get_by_role("button", name="Play")).to_have_count(0)
    finally:
        lab.page.emulate_media(reduced_motion="no-preference")


def test_a_slider_changes_every_number_at_once(lab):
    notebook = lab.open(CELL % "")
    notebook.widget.get_by_role("button", name="Last").click()
    notebook.widget.get_by_role("slider", name="tax").fill("2")
    expect(notebook.widget.get_by_role("img")).to_have_accessible_name(
        "The graph so far. Values: price 100, n 2, tax 2, subtotal 200, total 400. "
        "Gradients: price 4, n 200, tax 200, subtotal 2, total 1."
    )
    expect(status(notebook)).to_contain_text("Upstream 2 × local 100 = 200 = d total / d n.")


# -- filling in


def test_numbers_are_filled_in_by_keyboard(lab):
    notebook = lab.open(CELL % ', mode="fill", blanks="gradients"')
    widget = notebook.widget
    expect(widget.get_by_role("button", name="unknown")).to_have_count(5)
    field = widget.get_by_role("textbox")
    expect(field).to_have_accessible_name("d total / d total =")
    field.focus()
    press(notebook, *"1", "Enter")
    expect(status(notebook)).to_contain_text("Right. Now backward, from the end")
    expect(field).to_have_accessible_name("d total / d subtotal =")
    expect(field).to_be_focused()
    press(notebook, *"200", "Enter")
    expect(status(notebook)).to_contain_text(
        "200 is not right. That is upstream times subtotal itself"
    )
    press(notebook, *"11/10", "Enter")  # the wrong number was selected: typing replaces it
    expect(status(notebook)).to_contain_text("Right. Back through total to subtotal: swapped")
    press(notebook, *"a lot", "Enter")
    expect(status(notebook)).to_contain_text("Type a number")
    press(notebook, "Control+a", *"-200", "Enter")
    expect(status(notebook)).to_contain_text("look at the sign")
    press(notebook, *"1.1", "Tab", "Tab")
    expect(widget.get_by_role("button", name="Reveal")).to_be_focused()
    press(notebook, "Enter")
    expect(status(notebook)).to_contain_text("Shown: Back through total to tax")
    expect(widget.get_by_role("button", name="unknown")).to_have_count(2)
    expect(field).to_be_focused()
    press(notebook, *"2*1.1", "Enter", *"110.4", "Enter")
    expect(status(notebook)).to_contain_text("All filled in.")
    expect(widget.get_by_role("button", name="unknown")).to_have_count(0)
    expect(field).to_be_hidden()
    expect(widget.get_by_role("button", name="Start again")).to_be_focused()
    press(notebook, "Enter")
    expect(widget.get_by_role("button", name="unknown")).to_have_count(5)
    assert notebook.console == []


def test_any_unknown_can_be_chosen_by_mouse_and_by_keyboard(lab):
    notebook = lab.open(FORKED)
    widget = notebook.widget
    widget.get_by_role("radio", name="Fill in").check()
    field = widget.get_by_role("textbox")
    expect(field).to_have_accessible_name("Value of a =")
    widget.get_by_role("button", name="dz/dk: unknown").click()
    expect(field).to_have_accessible_name("dz/dk =")
    expect(field).to_be_focused()
    press(notebook, *"9", "Enter")
    expect(status(notebook)).to_contain_text("9 is not right. You handed on")
    press(notebook, "0", "Enter")
    expect(status(notebook)).to_contain_text("blocked by the mask, for −0.5 is not above 0")
    share = widget.get_by_role("button", name="Share of dz/dx through input 2 of a: unknown")
    share.focus()
    press(notebook, "Enter")
    expect(field).to_have_accessible_name("Share of dz/dx through input 2 of a =")
    widget.get_by_role("radio", name="Watch").check()
    expect(widget.get_by_role("button", name="unknown")).to_have_count(0)
    expect(status(notebook)).to_have_text("The inputs have their values. Nothing is computed yet.")


def test_gradients_wait_while_values_are_asked_for(lab):
    notebook = lab.open(CELL % ', mode="fill", blanks="values"')
    widget = notebook.widget
    expect(widget.get_by_role("button", name="unknown")).to_have_count(2)
    numbers = widget.locator("[data-part=gradient]")
    expect(numbers).to_have_count(5)
    for i in range(5):
        expect(numbers.nth(i)).to_be_hidden()
    expect(widget.get_by_role("group", name="The graph so far.")).to_have_accessible_name(
        "The graph so far. Values: price 100, n 2, tax 1.1."
    )
    widget.get_by_role("radio", name="Watch").check()
    widget.get_by_role("button", name="Last").click()
    expect(numbers.nth(0)).to_be_visible()


# -- how it looks


def test_it_looks_as_it_did(lab):
    notebook = lab.open(FORKED)
    for _ in range(11):
        notebook.widget.get_by_role("button", name="Step").click()
    notebook.golden("graph-stepper")
    notebook.widget.get_by_role("radio", name="Fill in").check()
    assert notebook.axe() == []
    notebook.golden("graph-stepper-fill")
    assert notebook.axe() == []


def test_a_phone_has_room_for_it(lab):
    notebook = lab.open(FORKED, width=PHONE["width"])
    notebook.widget.get_by_role("button", name="Last").click()
    widths = notebook.widget.evaluate("w => [w.scrollWidth, w.clientWidth]")
    assert widths[0] <= widths[1]
    small = notebook.widget.evaluate(
        "w => Math.min(...[...w.querySelectorAll('svg [data-part=value] tspan')]"
        ".map(t => 16 * t.closest('svg').getBoundingClientRect().width / t.closest('svg').viewBox.baseVal.width))"
    )
    assert small > 9
    assert notebook.axe() == []
    notebook.golden("graph-stepper-phone", theme="light")


# -- with and without a kernel: true of every widget


def visible_outputs(notebook) -> list[str]:
    """Return what each visible output of the first cell is."""
    return notebook.cell(0).evaluate(
        """cell => [...cell.querySelectorAll('.jp-OutputArea-child')]
          .filter(c => getComputedStyle(c).display !== 'none')
          .map(c => c.querySelector('.course-widget') ? 'widget' : c.querySelector('img') ? 'picture'
            : c.querySelector('.course-widget-note') ? 'words' : c.innerText.trim())"""
    )


def test_the_still_picture_rests_while_the_widget_lives(lab):
    notebook = lab.open(CELL % "")
    expect(notebook.widget).to_be_visible()
    assert visible_outputs(notebook) == ["widget"]
    assert [sorted(o["data"]) for o in notebook.outputs()[0]] == [
        ["application/vnd.jupyter.widget-view+json", "text/plain"],
        ["image/png", "text/plain"],
        ["text/html", "text/plain"],
    ]


def test_without_its_kernel_the_picture_and_the_words_are_there_and_no_error(lab):
    notebook = lab.open(CELL % "", "print('another cell')")
    expect(notebook.widget).to_be_visible()
    saved = notebook.save()
    assert "widgets" not in saved.metadata
    notebook = notebook.reopen()
    note = notebook.panel.locator(".course-widget-note")
    expect(note).to_be_visible()
    expect(notebook.panel.get_by_text("model not found")).to_be_hidden()
    assert visible_outputs(notebook) == ["picture", "words"]
    note.get_by_text("In words").click()
    expect(note.get_by_text("Forward, total: 200 × 1.1 = 220.")).to_be_visible()
    # and it comes back to life
    notebook.run(0)
    expect(notebook.widget).to_be_visible()
    assert visible_outputs(notebook) == ["widget"]


@pytest.mark.parametrize("times", [2])
def test_two_of_them_on_a_page_do_not_meddle(lab, times):
    notebook = lab.open(*[CELL % ""] * times)
    widgets = notebook.widget
    expect(widgets).to_have_count(times)
    widgets.nth(0).get_by_role("button", name="Step").click()
    expect(widgets.nth(0).get_by_role("status")).to_contain_text("Forward")
    expect(widgets.nth(1).get_by_role("status")).to_contain_text("Nothing is computed yet.")
    widgets.nth(0).get_by_role("radio", name="Fill in").check()
    expect(widgets.nth(1).get_by_role("radio", name="Watch")).to_be_checked()
    ids = notebook.panel.evaluate(
        "p => [...p.querySelectorAll('.course-widget [id]')].map(e => e.id)"
    )
    assert len(ids) == len(set(ids))

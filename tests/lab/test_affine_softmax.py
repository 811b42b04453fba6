"""The widgets of unit 05 in JupyterLab: shapes to put together, scores to move."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from course.widgets import _logit_explorer as logits
from course.widgets import _shape_puzzle as puzzle
from lab.harness import PHONE

PUZZLE = "from course import widgets\nwidgets.shape_puzzle()"
LOGITS = "from course import widgets\nwidgets.logit_explorer()"
TILE = {t.key: t for t in puzzle.TILES}
GOAL = {g.key: g for g in puzzle.GOALS}


def said(widget):
    return widget.get_by_role("status")


def tile(widget, key: str):
    return widget.get_by_role("button", name=f"{TILE[key].spoken}, shape", exact=False).and_(
        widget.locator(".tile")
    )


def verdict(left: str, right: str, goal: str, which: str = "different") -> str:
    told = puzzle.judge(TILE[left], TILE[right], GOAL[goal], puzzle.SIZES[which])
    return f"{'Right.' if told['kind'] == 'fits' else 'Not yet.'} {told['text']}"


# -- the shape puzzle


def test_tiles_are_clicked_into_the_slots(lab):
    notebook = lab.open(PUZZLE)
    widget = notebook.widget
    expect(widget.get_by_text("dx has the shape of x: (4, 3).")).to_be_visible()
    widget.get_by_role("radio", name="dW", exact=True).check()
    tile(widget, "x").click()
    expect(said(widget)).to_have_text("x lies in the left slot. One slot is still empty.")
    tile(widget, "dout").click()
    expect(said(widget)).to_have_text(verdict("x", "dout", "dW"))
    expect(widget.get_by_text("no product")).to_be_visible()
    expect(widget.locator(".clash")).to_have_text(["3", "4"])
    widget.get_by_role("button", name="left slot: x, shape (4, 3). Take it out").click()
    expect(said(widget)).to_have_text("The left slot is empty again.")
    expect(widget.get_by_role("button", name="left slot, empty")).to_be_visible()
    expect(widget.get_by_text("no product")).to_have_count(0)
    tile(widget, "xT").click()
    expect(said(widget)).to_have_text(verdict("xT", "dout", "dW"))
    expect(widget.get_by_role("radio", name="dW, found")).to_be_checked()
    expect(widget.locator(".clash")).to_have_count(0)
    assert notebook.console == []


def test_tiles_are_dragged_into_the_slots(lab):
    notebook = lab.open(PUZZLE)
    widget = notebook.widget
    tile(widget, "WT").drag_to(widget.get_by_role("button", name="right slot, empty"))
    expect(
        widget.get_by_role("button", name="right slot: W transposed, shape (2, 3).")
    ).to_be_visible()
    expect(widget.locator(".ghost")).to_have_count(0)
    tile(widget, "W").drag_to(widget.get_by_text("dx has the shape"))  # beside the slots: nothing
    expect(widget.get_by_role("button", name="left slot, empty")).to_be_visible()
    tile(widget, "dout").drag_to(widget.get_by_role("button", name="left slot, empty"))
    expect(said(widget)).to_have_text(verdict("dout", "WT", "dx"))
    tile(widget, "x").drag_to(widget.get_by_role("button", name="left slot"))  # onto another tile
    expect(said(widget)).to_have_text(verdict("x", "WT", "dx"))
    assert notebook.console == []


def test_the_keyboard_alone_solves_the_puzzle_down_to_a_cell(lab):
    notebook = lab.open(PUZZLE)
    widget, press = notebook.widget, notebook.page.keyboard.press
    widget.get_by_role("radio", name="dx").focus()
    press("ArrowRight")
    expect(widget.get_by_text("dW has the shape of W: (3, 2).")).to_be_visible()
    tile(widget, "xT").focus()
    press("Enter")
    tile(widget, "dout").focus()
    press("Space")
    expect(said(widget)).to_have_text(verdict("xT", "dout", "dW"))
    widget.get_by_role("radio", name="dW, found").focus()
    press("ArrowRight")
    expect(widget.get_by_text("b has shape (2,). Which sum of dout").first).to_be_visible()
    widget.get_by_role("radio", name="dout as it is").focus()
    press("Space")
    sizes = puzzle.SIZES["different"]
    expect(said(widget)).to_have_text("Not yet. " + puzzle.judge_sum("none", sizes)["text"])
    press("ArrowDown")
    expect(said(widget)).to_have_text("Not yet. " + puzzle.judge_sum("rows", sizes)["text"])
    press("ArrowDown")
    expect(said(widget)).to_have_text("Right. " + puzzle.judge_sum("columns", sizes)["text"])
    widget.get_by_role("radio", name="db, found").focus()
    press("ArrowRight")
    expect(said(widget)).to_have_text(puzzle.cell(0, 0)["ask"])
    widget.get_by_role("button", name="dW, row 3, column 2: not yet known").focus()
    press("Enter")
    expect(said(widget)).to_have_text(puzzle.cell(2, 1)["ask"])
    expect(widget.locator("td.chosen")).to_have_text(
        ["0", "3", "1", "−1", "−1", "3", "0", "1", "?"]
    )
    widget.get_by_role("textbox", name="dW in row 3, column 2").focus()
    for wrong, why in (("3", "That is the sum of"), ("-2", "That is row 3, column 1."),
                       ("99", "Multiply first with first"), ("x", "Please type a number")):  # fmt: skip
        press("ControlOrMeta+a")
        notebook.page.keyboard.type(wrong)
        press("Enter")
        expect(said(widget)).to_contain_text(why)
    press("ControlOrMeta+a")
    notebook.page.keyboard.type("16/2")
    press("Enter")
    expect(said(widget)).to_contain_text("Right. " + puzzle.cell(2, 1)["why"])
    expect(widget.get_by_role("button", name="dW, row 3, column 2: 8")).to_be_visible()
    assert notebook.console == []


def test_the_cells_wait_for_dW_and_may_be_shown(lab):
    notebook = lab.open(PUZZLE)
    widget = notebook.widget
    widget.get_by_role("radio", name="one cell of dW by hand").check()
    expect(widget.locator("table")).to_have_count(0)
    widget.get_by_role("button", name="Show how dW is put together").click()
    expect(said(widget)).to_contain_text("xᵀ times dout has shape (3, 2), like W.")
    for row in range(3):
        for column in range(2):
            widget.get_by_role("button", name=f"dW, row {row + 1}, column {column + 1}").click()
            widget.get_by_role("button", name="Show this one").click()
            expect(said(widget)).to_contain_text(puzzle.cell(row, column)["why"])
    expect(said(widget)).to_contain_text("All of dW is there.")
    assert notebook.console == []


def test_equal_sizes_let_every_pair_through_and_one_be_right(lab):
    notebook = lab.open(PUZZLE)
    widget = notebook.widget
    widget.get_by_role("radio", name="all equal").check()
    tile(widget, "x").click()
    tile(widget, "W").click()
    expect(said(widget)).to_have_text(verdict("x", "W", "dx", "equal"))
    widget.get_by_role("button", name="Start again").click()
    tile(widget, "dout").click()
    tile(widget, "WT").click()
    expect(said(widget)).to_have_text(verdict("dout", "WT", "dx", "equal"))
    widget.get_by_role("radio", name="db").check()
    widget.get_by_role("radio", name="the sum along each row").check()
    expect(said(widget)).to_contain_text("only because N = M = 3")


@pytest.mark.parametrize("state", ["pair", "sum", "cell"])
def test_the_puzzle_looks_right_and_axe_finds_nothing(lab, state):
    notebook = lab.open(PUZZLE)
    widget = notebook.widget
    if state == "pair":
        tile(widget, "x").click()
        tile(widget, "dout").click()
    elif state == "sum":
        widget.get_by_role("radio", name="db").check()
        widget.get_by_role("radio", name="the sum down each column").check()
    else:
        widget.get_by_role("radio", name="one cell of dW by hand").check()
        widget.get_by_role("button", name="Show how dW is put together").click()
        widget.get_by_role("button", name="dW, row 2, column 2").click()
        widget.get_by_role("button", name="Show this one").click()
    assert notebook.axe() == []
    notebook.golden(f"shape-puzzle-{state}")
    notebook.width(PHONE["width"])
    assert notebook.axe() == []
    notebook.golden(f"shape-puzzle-{state}-phone", widget.locator(".stage"), theme="light")


# -- the logit explorer


def bars(widget, kind: str) -> list[float]:
    return [float(widget.locator(f".{kind}").nth(k).get_attribute("width")) for k in range(3)]


def test_scores_moved_by_keyboard_say_what_python_says(lab):
    notebook = lab.open(LOGITS)
    widget, press = notebook.widget, notebook.page.keyboard.press
    expect(said(widget)).to_have_text(logits.sentence(logits.START, 1))
    widget.get_by_role("slider", name="score of class 0").focus()
    press("End")
    expect(said(widget)).to_have_text(logits.sentence((6.0, 1.0, 0.0), 1))
    press("Tab")
    for _ in range(3):
        press("ArrowLeft")
    expect(said(widget)).to_have_text(logits.sentence((6.0, 0.7, 0.0), 1))
    press("Tab")
    press("Home")
    expect(said(widget)).to_have_text(logits.sentence((6.0, 0.7, -6.0), 1))
    widget.get_by_role("radio", name="1").focus()
    press("ArrowRight")
    expect(said(widget)).to_have_text(logits.sentence((6.0, 0.7, -6.0), 2))
    expect(widget.get_by_text("as a label 2, as a one-hot row (0, 0, 1).")).to_be_visible()
    assert notebook.console == []


def test_the_bars_are_as_long_as_their_numbers(lab):
    notebook = lab.open(LOGITS)
    widget = notebook.widget
    for target in range(3):
        widget.get_by_role("radio", name=str(target)).check()
        now = logits.row(logits.START, target)
        shares, pushes = bars(widget, "share"), bars(widget, "push")
        assert sum(shares) == pytest.approx(80)
        for k in range(3):
            assert shares[k] == pytest.approx(80 * now["y"][k], abs=1e-6)
            assert pushes[k] == pytest.approx(34 * abs(now["gradient"][k]), abs=1e-6)
            left = float(widget.locator(".push").nth(k).get_attribute("x"))
            assert (left < 268) == (k == target), "that of the true class goes to the left"


def test_the_same_added_to_all_scores_moves_no_bar(lab):
    notebook = lab.open(LOGITS)
    widget = notebook.widget
    before = bars(widget, "share") + bars(widget, "push")
    for shift in ("100", "-100", "7"):
        widget.get_by_role("slider", name="added to all three").fill(shift)
        expect(said(widget)).to_contain_text(
            "was added to all three scores: y, the loss and y − t stay"
        )
        assert bars(widget, "share") + bars(widget, "push") == pytest.approx(before, abs=1e-9)
    expect(said(widget)).to_contain_text(logits.sentence((9.0, 8.0, 7.0), 1))
    assert notebook.console == []


def test_steps_downhill_lower_the_loss_and_start_again_undoes_them(lab):
    notebook = lab.open(LOGITS)
    widget = notebook.widget
    step = widget.get_by_role("button", name="Step downhill")
    z = list(logits.START)
    for _ in range(3):
        before = logits.row(z, 1)
        z = [score - slope for score, slope in zip(z, before["gradient"], strict=True)]
        after = logits.row(z, 1)
        assert after["loss"] < before["loss"]
        step.click()
        expect(said(widget)).to_contain_text(
            f"the loss went from {before['loss']:.3g} to {after['loss']:.3g}"
            if before["loss"] < 1
            else f"to {after['loss']:.3g}"
        )
        expect(said(widget)).to_contain_text(logits.sentence(z, 1))
    shown = widget.get_by_role("slider", name="score of class 1")
    expect(shown).to_have_attribute("aria-valuetext", f"{z[1]:.3f}".rstrip("0"))
    widget.get_by_role("button", name="Start again").click()
    expect(said(widget)).to_have_text(logits.sentence(logits.START, 1))
    assert notebook.console == []


def test_the_logits_look_right_and_axe_finds_nothing(lab):
    notebook = lab.open(LOGITS)
    notebook.widget.get_by_role("button", name="Step downhill").click()
    assert notebook.axe() == []
    notebook.golden("logit-explorer")
    notebook.width(PHONE["width"])
    assert notebook.axe() == []
    notebook.golden("logit-explorer-phone", theme="light")

"""GearTrain and PathSum in JupyterLab, by mouse and by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from course import widgets
from course._engine.graphs import OPS
from course.widgets._chain import OPS as IN_THE_BROWSER
from course.widgets._chain import digits
from lab.calls import cell

SIN_SQUARE = '{"u": ("square", ("x",)), "z": ("sin", ("u",))}, {"x": 1.2}'
DOWNHILL = '{"s": ("-", ("5", "y")), "z": ("*", ("k", "s"))}, {"y": 2, "k": 4}, "y"'
REUSE = '{"a": ("*", ("x", "y")), "b": ("+", ("a", "y")), "z": ("*", ("a", "b"))}, {"x": 2, "y": -3}, "y"'


# -- both compute in the browser what Python computes


def test_the_ops_in_the_browser_are_those_of_the_engine(lab):
    """Values, local derivatives and written numbers, at places of either sign."""
    notebook = lab.open("1")
    places = [(0.3, 2.0), (1.5, -0.7), (7.0, 1e-3), (2.25, 12345.678)]
    cases = [(op, list(p[: OPS[op].arity])) for op in OPS for p in places]
    source = f"{IN_THE_BROWSER}\nexport {{ OPS, digits }};"
    got = notebook.page.evaluate(
        """async ([source, cases]) => {
          const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
          const { OPS, digits } = await import(url);
          return cases.map(([op, p]) => [OPS[op].value(...p), OPS[op].local(...p),
            digits(OPS[op].value(...p)), digits(-OPS[op].value(...p) / 1e7)]);
        }""",
        [source, cases],
    )
    for (op, p), (value, local, text, small) in zip(cases, got, strict=True):
        assert value == pytest.approx(OPS[op].value(*p)), (op, p)
        assert local == pytest.approx(OPS[op].local(*p)), (op, p)
        assert text == digits(value)
        assert small == digits(-value / 1e7)


@pytest.mark.parametrize("call", ["", SIN_SQUARE, DOWNHILL], ids=["unit", "sin", "down"])
def test_a_train_says_in_the_browser_what_it_says_in_print(lab, call):
    notebook = lab.open(f"from course import widgets\nwidgets.gear_train({call})")
    train = eval(
        f"widgets.gear_train({call})", {"widgets": widgets}
    )  # the same line as in the cell
    widget, size = notebook.widget, notebook.widget.get_by_role("slider", name="Size of the nudge")
    expect(widget.get_by_role("status")).to_contain_text(train.at_rest())
    for button, sign in (("Nudge up", 1), ("Nudge down", -1)):
        widget.get_by_role("button", name=button).click()
        for i, h in enumerate(train.nudges):
            size.fill(str(i))
            expect(widget.get_by_role("status")).to_have_text(train.sentence(sign * h))
    assert notebook.console == []


# -- GearTrain


def test_a_nudge_by_mouse_turns_the_gears_and_back_to_rest_stills_them(lab):
    notebook = lab.open(cell("gear_train"))
    widget = notebook.widget
    arcs = widget.locator(".turned")
    still = [arcs.nth(i).get_attribute("stroke-dasharray") for i in range(3)]
    expect(widget.get_by_text("z per t: ?")).to_be_visible()
    widget.get_by_role("button", name="Nudge up").click()
    expect(widget.get_by_text("z per t: 10.01", exact=True)).to_be_visible()
    expect(widget.get_by_text("dz/dt = 10", exact=True)).to_be_visible()
    expect(widget.get_by_text("z moved by 0.1001", exact=True)).to_be_visible()
    expect(widget.get_by_role("button", name="Nudge up")).to_have_attribute("aria-pressed", "true")
    turned = [float(arcs.nth(i).get_attribute("stroke-dasharray").split()[0]) for i in range(3)]
    assert turned[0] == pytest.approx(turned[1])
    assert turned[2] == pytest.approx(10.01 * turned[0])
    widget.get_by_role("button", name="Back to rest").click()
    expect(widget.get_by_text("z per t: ?")).to_be_visible()
    assert [arcs.nth(i).get_attribute("stroke-dasharray") for i in range(3)] == still
    assert notebook.console == []


def test_the_keyboard_alone_shrinks_the_nudge_and_fills_the_table(lab):
    notebook = lab.open(cell("gear_train"))
    widget, press = notebook.widget, notebook.page.keyboard.press
    widget.get_by_role("slider", name="x at rest").focus()
    for _ in range(10):
        press("ArrowLeft")
    expect(widget.get_by_role("status")).to_contain_text("At rest: x = 1, y = 3, t = 4, z = 16.")
    press("Tab")
    press("Tab")
    press("Home")  # the size of the nudge
    press("Tab")
    press("Enter")  # nudge up
    expect(widget.get_by_role("row", name="1 9 1", exact=True)).to_be_visible()
    press("Shift+Tab")
    for ratio in ("8.1", "8.01", "8.001", "8.0001"):
        press("ArrowRight")
        expect(widget.get_by_role("cell", name=ratio, exact=True)).to_be_visible()
    expect(widget.get_by_role("cell", name="not tried")).to_have_count(0)
    expect(widget.get_by_role("status")).to_contain_text("The derivative dz/dx is 8 = 1 × 8.")
    assert notebook.console == []


def test_another_start_is_another_table(lab):
    notebook = lab.open(cell("gear_train"))
    widget = notebook.widget
    widget.get_by_role("button", name="Nudge up").click()
    widget.get_by_role("slider", name="Size of the nudge").fill("1")
    expect(widget.get_by_role("cell", name="not tried")).to_have_count(3)
    widget.get_by_role("slider", name="x at rest").fill("-1")
    expect(widget.get_by_role("cell", name="not tried")).to_have_count(4)
    expect(widget.get_by_role("cell", name="4.1", exact=True)).to_be_visible()


def test_a_nudge_down_stands_in_the_table_with_its_sign(lab):
    notebook = lab.open(cell("gear_train"))
    widget = notebook.widget
    widget.get_by_role("button", name="Nudge down").click()
    expect(widget.get_by_role("row", name="−0.01 9.99 −0.01", exact=True)).to_be_visible()
    widget.get_by_role("slider", name="Size of the nudge").fill("1")
    expect(widget.get_by_role("row", name="−0.01 9.99 −0.01", exact=True)).to_be_visible()
    widget.get_by_role("button", name="Nudge up").click()
    expect(widget.get_by_role("row", name="0.1 10.1 0.1", exact=True)).to_be_visible()


def test_where_a_logarithm_has_no_number_the_widget_says_so(lab):
    call = 'gear_train({"u": ("-", ("x", "1")), "z": ("log", ("u",))}, {"x": 2.0})'
    notebook = lab.open(f"from course import widgets\nwidgets.{call}")
    widget = notebook.widget
    widget.get_by_role("button", name="Nudge up").click()
    widget.get_by_role("slider", name="x at rest").fill("0.5")
    expect(widget.get_by_role("status")).to_contain_text("there is no number for that")
    expect(widget.get_by_text("z = ?")).to_be_visible()
    widget.get_by_role("slider", name="x at rest").fill("2")
    expect(widget.get_by_role("status")).to_contain_text("The derivative dz/dx is 1 = 1 × 1.")
    assert notebook.console == []


def test_a_train_looks_as_it_did(lab):
    notebook = lab.open(cell("gear_train"))
    notebook.widget.get_by_role("button", name="Nudge up").click()
    notebook.golden("gear-train")


# -- PathSum


def test_paths_are_followed_by_mouse_and_the_sum_stays_hidden(lab):
    notebook = lab.open(cell("path_sum"))
    widget = notebook.widget
    expect(widget.locator(".edge.on")).to_have_count(0)
    widget.get_by_role("radio", name="by way of a").check()
    expect(widget.get_by_role("status")).to_have_text("By way of a: dz/da × da/dx = 5 × 1 = 5.")
    expect(widget.locator(".edge.on")).to_have_count(2)
    expect(widget.get_by_role("listitem").nth(1)).to_have_text("By way of b: ?")
    widget.get_by_role("radio", name="all paths").check()
    expect(widget.locator(".edge.on")).to_have_count(4)
    expect(widget.get_by_text("Sum over the paths: dz/dx = ?")).to_be_visible()
    assert notebook.console == []


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("4.5", "mean"), ("20", "product of the paths"), ("5", "one of the paths alone"),
        ("7", "What do the paths do together?"), ("nine", "Type a number"), ("", "Type a number"),
    ],
)  # fmt: skip
def test_a_wrong_sum_is_told_what_it_is(lab, typed, says):
    notebook = lab.open(cell("path_sum"))
    widget = notebook.widget
    widget.get_by_role("textbox", name="Your dz/dx").fill(typed)
    widget.get_by_role("button", name="Check").click()
    expect(widget.get_by_role("status")).to_contain_text(says)
    expect(widget.get_by_text("Sum over the paths: dz/dx = ?")).to_be_visible()


def test_the_keyboard_alone_predicts_the_sum(lab):
    notebook = lab.open(cell("path_sum"))
    widget, press = notebook.widget, notebook.page.keyboard.press
    widget.get_by_role("slider", name="x").focus()
    press("Tab")  # the paths
    press("Space")
    expect(widget.get_by_role("radio", name="by way of a")).to_be_checked()
    press("ArrowDown")
    expect(widget.get_by_role("status")).to_contain_text("By way of b: dz/db × db/dx = 4 × 1 = 4.")
    press("Tab")
    notebook.page.keyboard.type("27/3")
    press("Enter")
    status = widget.get_by_role("status")
    expect(status).to_contain_text("Right. Sum over the paths: dz/dx = 5 + 4 = 9.")
    expect(status).to_contain_text("x moves by 0.001, z by 0.009001, which is 9.001 per unit of x.")
    expect(widget.get_by_role("radio", name="all paths")).to_be_checked()
    assert notebook.console == []


def test_a_new_x_asks_anew(lab):
    notebook = lab.open(cell("path_sum"))
    widget = notebook.widget
    widget.get_by_role("button", name="Reveal").click()
    expect(widget.get_by_role("status")).to_contain_text("dz/dx = 5 + 4 = 9.")
    widget.get_by_role("slider", name="x").fill("-2.5")
    expect(widget.get_by_text("Sum over the paths: dz/dx = ?")).to_be_visible()
    expect(widget.get_by_role("img")).to_have_accessible_name(
        "x = −2.5, a = −1.5, b = −0.5, z = 0.75, da/dx = 1, db/dx = 1, dz/da = −0.5, dz/db = −1.5"
    )
    widget.get_by_role("button", name="Reveal").click()
    expect(widget.get_by_role("status")).to_contain_text("dz/dx = (−0.5) + (−1.5) = −2.")


def test_the_paths_say_in_the_browser_what_they_say_in_print(lab):
    notebook = lab.open(f"from course import widgets\nwidgets.path_sum({REUSE})")
    paths = eval(f"widgets.path_sum({REUSE})", {"widgets": widgets})  # the same line as in the cell
    notebook.widget.get_by_role("button", name="Reveal").click()
    lines = [*(paths.along(i) for i in range(3)), paths.whole()]
    expect(notebook.widget.get_by_role("listitem")).to_have_text(lines)


def test_a_graph_with_its_paths_looks_as_it_did(lab):
    notebook = lab.open(cell("path_sum"))
    notebook.widget.get_by_role("radio", name="by way of a").check()
    notebook.golden("path-sum")

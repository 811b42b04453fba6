"""What all widgets owe to everyone: a name, keys, focus, contrast, room on a phone, a calm console.

All are open in one notebook; what is special to a widget stands in its own file.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from lab.calls import CALLS, cell
from lab.harness import PHONE, VIEWPORT

each_widget = pytest.mark.parametrize("name", CALLS)
FINGER = 24  # CSS pixels: smaller controls are hard to hit (WCAG 2.2, target size)

# Where the focus can go: visible, not disabled, a group of radio buttons once.
STOPS = """widget => [...widget.querySelectorAll(
    "button, input, select, textarea, summary, a[href], [tabindex]")]
  .filter(e => e.checkVisibility() && !e.disabled && e.tabIndex >= 0
    && (e.type !== 'radio' || e.checked
      || !widget.querySelector(`[name="${e.name}"]:checked`)
         && e === widget.querySelector(`[name="${e.name}"]`)))"""

# What the focus may change of a stop: its own look, or that of what stands around it and in it.
LOOKS = f"""widget => ({STOPS})(widget).map(stop =>
  [stop, stop.parentElement, ...stop.querySelectorAll('*')].map(e => {{
    const s = getComputedStyle(e);
    return [s.outlineStyle, s.outlineWidth, s.stroke, s.strokeWidth, s.boxShadow].join();
  }}).join())"""

FOCUS = f"""widget => {{
  const here = document.activeElement;
  return widget.contains(here) ? ({STOPS})(widget).indexOf(here) : null;
}}"""

# What sticks out of the widget to the side, and no scroll bar brings it back.
STICKING_OUT = """widget => {
  const { left, right } = widget.getBoundingClientRect();
  const scrolls = e => e !== widget
    && (/auto|scroll/.test(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
  return [...widget.querySelectorAll('*')].filter(e => {
    const box = e.getBoundingClientRect();
    return e.checkVisibility() && !e.ownerSVGElement && box.width > 1
      && (box.right > right + 1 || box.left < left - 1) && !scrolls(e.parentElement);
  }).map(e => e.outerHTML.slice(0, 120));
}"""

SMALL = f"""widget => ({STOPS})(widget).filter(e => e.matches('button, summary, select, input'))
  .map(e => [e.closest('label') ?? e, e])
  .filter(([place]) => {{
    const {{ width, height }} = place.getBoundingClientRect();
    return width < {FINGER} || height < {FINGER};
  }}).map(([place, e]) => e.outerHTML.slice(0, 100))"""

# Letters in an SVG, which axe-core leaves out: their contrast with the paper, where it is below 4.5.
PALE = """widget => {
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const painted = layers => {
    context.clearRect(0, 0, 1, 1);
    for (const [colour, opacity] of layers) {
      context.globalAlpha = opacity;
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
    }
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = rgb => rgb.map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const paper = getComputedStyle(widget).backgroundColor;
  return [...widget.querySelectorAll('svg text, svg tspan')].flatMap(text => {
    if (!text.checkVisibility() || ![...text.childNodes].some(n => n.nodeType === 3)) return [];
    let opacity = 1;
    for (let e = text; e !== widget; e = e.parentElement) opacity *= getComputedStyle(e).opacity;
    const { fill, fillOpacity } = getComputedStyle(text);
    const [a, b] = [
      light(painted([[paper, 1]])), light(painted([[paper, 1], [fill, opacity * fillOpacity]])),
    ].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    return opacity === 0 || contrast >= 4.5 ? [] : [`${text.textContent}: ${contrast.toFixed(2)}`];
  });
}"""

CELLS = """() => {
  const { content } = jupyterapp.shell.currentWidget;
  return [content.activeCellIndex, content.mode, ...content.widgets.map(c => c.model.type),
    document.querySelectorAll('.jp-Dialog').length];
}"""


@pytest.fixture(scope="module")
def notebook(lab):
    """All widgets in one notebook."""
    opened = lab.open(*(cell(name) for name in CALLS))
    opened.theme("light")
    return opened


@pytest.fixture
def widget(notebook, name):
    """One of them, in view."""
    found = notebook.cell(list(CALLS).index(name)).locator(".course-widget")
    found.scroll_into_view_if_needed(timeout=5000)
    return found


@pytest.fixture(autouse=True)
def calm(notebook):
    """Whatever a test did, the console has nothing new."""
    before = len(notebook.console)
    yield
    assert notebook.console[before:] == []


@each_widget
def test_it_has_a_name_and_one_status_line(widget, name):
    expect(widget).to_have_role("group")
    expect(widget).to_have_accessible_name(re.compile(r"\w\w\w"))
    expect(widget.get_by_role("status")).to_have_count(1)


@each_widget
def test_tab_visits_every_control_shows_where_it_is_and_leaves(notebook, widget, name):
    notebook.page.evaluate("document.activeElement.blur()")
    unfocused = widget.evaluate(LOOKS)
    assert len(unfocused) >= 2
    widget.evaluate(f"w => ({STOPS})(w)[0].focus()")
    notebook.page.keyboard.press("Shift+Tab")
    assert widget.evaluate(FOCUS) is None, "back out of it"
    widget.evaluate(f"w => ({STOPS})(w)[0].focus()")
    for stop, look in enumerate(unfocused):
        assert widget.evaluate(FOCUS) == stop
        assert widget.evaluate(LOOKS)[stop] != look, widget.evaluate(
            "() => document.activeElement.outerHTML.slice(0, 200)"
        )
        notebook.page.keyboard.press("Tab")
    assert widget.evaluate(FOCUS) is None, "and out of it at the end"


@each_widget
def test_jupyterlab_takes_no_key_that_is_meant_for_the_widget(notebook, widget, name):
    """Letters and arrows are commands of the notebook: `a` adds a cell, `m` makes it prose."""
    stops = widget.evaluate(f"w => ({STOPS})(w).length")
    before = None
    for stop in {0, stops // 2, stops - 1}:
        widget.evaluate(f"(w, i) => ({STOPS})(w)[i].focus()", stop)
        before = before or notebook.page.evaluate(CELLS)
        for key in ("a", "m", "r", "ArrowDown", "ArrowUp"):
            notebook.page.keyboard.press(key)
        assert notebook.page.evaluate(CELLS) == before


@each_widget
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(notebook, widget, name, theme):
    notebook.theme(theme)
    widget.evaluate("w => w.classList.add('looked-at')")
    found = notebook.axe(".looked-at") + widget.evaluate(PALE)
    widget.evaluate("w => w.classList.remove('looked-at')")
    notebook.theme("light")
    assert found == []


@each_widget
def test_nothing_sticks_out_on_a_phone_and_a_finger_hits_it(notebook, widget, name):
    notebook.width(PHONE["width"])
    sticking_out, small = widget.evaluate(STICKING_OUT), widget.evaluate(SMALL)
    notebook.width(VIEWPORT["width"])
    assert sticking_out == []
    assert small == []


@each_widget
def test_with_reduced_motion_nothing_plays_by_itself(notebook, name):
    """And the cell runs a second time: the first view is taken down."""
    notebook.page.emulate_media(reduced_motion="reduce")
    notebook.run(list(CALLS).index(name))
    again = notebook.cell(list(CALLS).index(name)).locator(".course-widget")
    expect(again).to_have_count(1)
    expect(again.get_by_role("button", name="Play")).to_have_count(0)
    notebook.page.emulate_media(reduced_motion="no-preference")

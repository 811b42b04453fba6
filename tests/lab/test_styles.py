"""The style sheets of the widgets, which share one page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

WIDGETS = Path(__file__).resolve().parents[2] / "course" / "widgets"
OWN = [path for path in sorted(WIDGETS.glob("*.css")) if path.name != "widget.css"]


@pytest.mark.parametrize("sheet", OWN, ids=lambda path: path.stem)
def test_a_widgets_own_rules_win_over_the_shared_ones(sheet):
    """Each widget brings widget.css along: the next one's copy comes after this widget's own rules."""
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text("utf-8"), flags=re.S)
    rules = [r.strip() for r in re.findall(r"([^{};]+)\{", text) if not r.strip().startswith("@")]
    selectors = [s.strip() for rule in rules for s in re.split(r",(?![^(]*\))", rule)]
    assert selectors
    assert [s for s in selectors if not re.match(r"\.course-widget\.[\w-]+", s)] == []

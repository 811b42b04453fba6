"""The six units as a student opens them: every cell run, nothing solved."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

ROOT = Path(__file__).resolve().parents[2]
RELEASE = sorted((ROOT / "release").glob("*/*.ipynb"))

assert len(RELEASE) == 6


@pytest.mark.parametrize("unit", RELEASE, ids=lambda path: path.stem)
def test_a_unit_runs_to_its_end_with_nothing_solved(lab, unit):
    shutil.copy(unit, lab.files / unit.name)
    notebook = lab.open(path=unit.name)
    for i, outputs in enumerate(notebook.outputs()):
        for output in outputs:
            assert output.get("ename", "NotImplementedError") == "NotImplementedError", i
            assert output.get("name") != "stderr", (i, output)
    calls = re.findall(r"^widgets\.\w+\(", "\n".join(notebook.code()), re.M)
    assert calls, "each unit has its widgets"
    expect(notebook.widget).to_have_count(len(calls))
    for i in range(len(calls)):
        notebook.widget.nth(i).scroll_into_view_if_needed()
        expect(notebook.widget.nth(i).get_by_role("status")).to_be_visible()
    assert notebook.console == []
    for theme in ("light", "dark"):
        notebook.theme(theme)
        assert notebook.axe() == []

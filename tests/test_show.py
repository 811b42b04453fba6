"""What a terminal shows of a batch, however narrow it is."""

from __future__ import annotations

import io
import re
from types import SimpleNamespace

import pytest
from rich.console import Console

from grader import show
from grader.batch import Summary, Totals
from grader.units import unit_names

REPORT = SimpleNamespace(failed_checks=3, reason="unreadable")


def terminal(width: int) -> Console:
    return Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)


def shown(console: Console) -> str:
    """Return what was printed, without the codes that move the cursor, lines joined."""
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", console.file.getvalue())
    return " ".join(text.split())


def summary() -> Summary:
    totals = Totals(1234, 56, 789, 1, 2, 12345.0, 16.0)
    return Summary(dict.fromkeys(unit_names(), totals), seconds=3.0)


@pytest.mark.parametrize("width", [40, 79, 80])
def test_a_summary_has_all_its_figures(width):
    console = terminal(width)
    show._print_summary(console, summary())
    text = shown(console)
    for figure in ("1234", "56", "10.0", "16", "789", "3", *unit_names()):
        assert text.count(figure) >= (1 if figure in unit_names() else len(unit_names())), figure
    assert "…" not in text
    assert "..." not in text


def test_a_narrow_summary_is_a_line_a_unit():
    first = next(iter(show.summary_lines(summary())))
    assert first == (
        f"{unit_names()[0]}: 1234 handed in, mean 10.0 of 16, 56 graded before, "
        "789 failed checks, [red]3 not graded[/]"
    )


@pytest.mark.parametrize("width", [40, 60, 79, 80, 95, 96])
def test_a_bar_has_its_counts(width):
    console = terminal(width)
    with show.BatchProgress(console) as bar:
        bar.started(1200)
        for _ in range(120):
            bar.tell(REPORT)
        bar.tell_page()
    text = shown(console)
    for words in ("120/1200", "360 failed checks, 120 not graded", "writing feedback"):
        assert words in text
    assert "…" not in text


@pytest.mark.parametrize("width", [40, 60, 79])
def test_a_demo_s_bar_has_its_counts(width):
    console = terminal(width)
    with show.progress_bar(console) as bar:
        list(bar.track(range(72), description="releasing the units"))
        bar.add_task("grading", total=None)
    text = shown(console)
    assert "releasing the units 72/72" in text
    assert "grading 0/?" in text
    assert "…" not in text

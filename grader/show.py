"""What long work shows on the terminal: a live bar, and the table that ends a batch."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Column, Table
from rich.text import Text

# Columns of a terminal, from which on there is room for a table or a bar; and for the rate.
WIDE = 80
RATE_FROM = 96


class _Rate(ProgressColumn):
    """Steps a second, or seconds a step where that reads better."""

    def render(self, task) -> Text:
        speed = task.finished_speed or task.speed
        if not speed:
            return Text("")
        return Text(f"{speed:.1f}/s" if speed >= 1 else f"{1 / speed:.1f} s each", "cyan")


class _Words(ProgressColumn):
    """What a narrow terminal shows of a task: the counts first; in two lines where one is short."""

    _left = TimeRemainingColumn(compact=True)

    def render(self, task) -> Text:
        done = f"{task.completed:.0f}/{'?' if task.total is None else f'{task.total:.0f}'}"
        text = f"{escape(task.description)} {done}"
        if task.fields.get("counts"):
            text += f", {task.fields['counts']}"
        if task.total is not None and not task.finished:
            text += f", {self._left.render(task).plain} left"
        return Text.from_markup(text)


def progress_bar(console: Console) -> Progress:
    """Return a progress bar: done, rate, time gone, time left."""
    if console.width < WIDE:
        return Progress(_Words(), console=console)
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description:<26}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        _Rate(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=console,
    )


class BatchProgress:
    """The live bar of a batch: what is done, failed checks, who needs a person.

    Parameters
    ----------
    console : Console
    """

    def __init__(self, console: Console) -> None:
        if console.width < WIDE:
            columns = [_Words()]
        else:
            whole = Column(no_wrap=True)  # so that the bar alone gives way to long counts
            columns = [
                SpinnerColumn(table_column=whole),
                TextColumn("{task.description}", table_column=whole),
                BarColumn(bar_width=12),
                MofNCompleteColumn(table_column=whole),
                TimeRemainingColumn(compact=True, table_column=whole),
                TextColumn("left  {task.fields[counts]}", table_column=whole),
            ]
            if console.width >= RATE_FROM:
                columns.insert(4, _Rate(table_column=whole))
        self._bar = Progress(*columns, console=console)
        self._grading = self._writing = None
        self._failed = self._persons = 0

    def __enter__(self) -> BatchProgress:
        self._bar.start()
        return self

    def __exit__(self, *error) -> None:
        self._bar.stop()

    def started(self, total: int) -> None:
        """Show how many submissions there are."""
        self._grading = self._bar.add_task("grading", total=total, counts="")

    def tell(self, report) -> None:
        """Count one submission that is done."""
        self._failed += report.failed_checks
        self._persons += report.reason is not None
        counts = f"{self._failed} failed checks"
        if self._persons:
            counts += f", [red]{self._persons} not graded[/]"
        self._bar.update(self._grading, advance=1, counts=counts)

    def say(self, sentence: str) -> None:
        """Show a sentence above the bar."""
        self._bar.console.print(f"  {escape(sentence)}", highlight=False)

    def tell_page(self) -> None:
        """Count one feedback page that is written."""
        if self._writing is None:
            self._writing = self._bar.add_task("writing feedback", total=None, counts="")
        self._bar.advance(self._writing)


def summary_table(summary) -> Table:
    """Return the table by unit that ends a batch."""
    table = Table(title="Graded", title_justify="left", box=box.SIMPLE)
    table.add_column("unit", no_wrap=True)
    for name in ("handed\nin", "graded\nbefore", "mean", "of", "failed\nchecks", "not\ngraded"):
        table.add_column(name, justify="right", no_wrap=True)
    for unit, totals in sorted(summary.units.items()):
        stopped = totals.unreadable + totals.needs_person
        table.add_row(
            unit,
            str(totals.submissions),
            str(totals.unchanged) if totals.unchanged else "",
            f"{totals.score / totals.submissions:.1f}",
            f"{totals.max:g}",
            str(totals.failed_checks) if totals.failed_checks else "",
            f"[red]{stopped}[/]" if stopped else "",
        )
    return table


def summary_lines(summary) -> Iterator[str]:
    """Yield what `summary_table` tells, a line for each unit: for a narrow terminal."""
    for unit, totals in sorted(summary.units.items()):
        mean = totals.score / totals.submissions
        line = f"{unit}: {totals.submissions} handed in, mean {mean:.1f} of {totals.max:g}"
        if totals.unchanged:
            line += f", {totals.unchanged} graded before"
        if totals.failed_checks:
            line += f", {totals.failed_checks} failed checks"
        stopped = totals.unreadable + totals.needs_person
        yield line + (f", [red]{stopped} not graded[/]" if stopped else "")


def run_batch(
    root: Path,
    units: Sequence[str],
    students: Sequence[str],
    *,
    downloads: Path | None,
    replace: bool,
    form: str,
    **options,
) -> int:
    """Run ``grader grade`` and print what it does; return its exit code.

    Parameters
    ----------
    root : Path
        The course directory.
    units, students : sequence of str
        Which; all by default.
    downloads : Path, optional
        What to bring into submitted/ first; see `grader.downloads`.
    replace : bool
        Whether it may replace what is there.
    form : str
        ``'table'``, ``'quiet'`` or ``'json'``.
    **options
        Of `batch.grade_class`.
    """
    from .batch import check_units, grade_class

    # Standard output is for scripts; people watch the other one.
    out, watched = Console(), Console(stderr=True, quiet=form == "quiet")
    refused = []
    if downloads is not None:
        from .downloads import bring_in

        check_units(units)  # before anything comes into submitted/
        brought = bring_in(downloads, root, replace=replace)
        refused = brought.refused
        watched.print(f"{downloads}: {brought.words()}", markup=False, highlight=False)
        if brought.newcomers:  # a folder that was taken for a student shows here
            told = f"new students: {', '.join(brought.newcomers)}"
            watched.print(told, markup=False, highlight=False)
    with contextlib.ExitStack() as stack:
        if form == "json":
            tell = {"tell": lambda report: _print_json(report.to_dict())}
            tell["say"] = lambda sentence: watched.print(
                sentence, markup=False, highlight=False, soft_wrap=True
            )
        else:
            bar = stack.enter_context(BatchProgress(watched))
            tell = {"started": bar.started, "tell": bar.tell, "tell_page": bar.tell_page}
            tell["say"] = bar.say
        summary = grade_class(root, units, students, **options, **tell)
    if form == "json":
        for name, reason in refused:
            _print_json({"file": name, "status": "refused", "reason": reason})
        _print_json(summary.to_dict())
    elif form == "table":
        _print_summary(out, summary)
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    if form != "json":
        _print_ungraded(errors, summary, refused)
    return 1 if summary.ungraded or summary.no_page or refused else 0


def _print_json(plain: dict) -> None:
    print(json.dumps(plain, ensure_ascii=False), flush=True)


def _print_summary(console: Console, summary) -> None:
    if not summary.units:
        console.print("there is nothing to grade in submitted/")
        return
    if console.width < WIDE:
        for line in summary_lines(summary):
            console.print(line, highlight=False)
    else:
        console.print(summary_table(summary))
    done = sum(t.submissions - t.unchanged for t in summary.units.values())
    pages = f" and {summary.pages} feedback pages" if summary.pages else ""
    console.print(
        f"{done} submissions{pages} in {summary.seconds:.1f} s; "
        f"at most {summary.memory_mb:.0f} MB of memory",
        highlight=False,
    )
    if summary.penalties:
        console.print(
            f"{summary.penalties} of those graded before lose other points for being late now",
            highlight=False,
        )


def _print_ungraded(console: Console, summary, refused: list[tuple[str, str]]) -> None:
    if summary.ungraded:
        console.print("Could not be graded:")
    for student, unit, reason in summary.ungraded:
        console.print(f"  {escape(student)}, {unit}: {escape(reason)}")
    for where, reason in summary.no_page:
        console.print(f"  {escape(where)}: {escape(reason)}")
    if refused:
        console.print("Left out of the download:")
    for where, reason in refused:
        console.print(f"  {escape(where)}: {escape(reason)}")

"""The main job from end to end: release, hand in, grade, give feedback; with a made-up class."""

from __future__ import annotations

import shutil
from pathlib import Path

from nbgrader.api import Gradebook
from rich.console import Console
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
from rich.table import Table
from rich.text import Text

from .classroom import make_class, write_submission
from .coursedir import environment_on_path, must, open_course
from .release import make_course
from .units import unit_names

STUDENTS = 12


class _Rate(ProgressColumn):
    """Steps a second, or seconds a step where that reads better."""

    def render(self, task) -> Text:
        speed = task.finished_speed or task.speed
        if not speed:
            return Text("")
        return Text(f"{speed:.1f}/s" if speed >= 1 else f"{1 / speed:.1f} s each", "cyan")


def progress_bar(console: Console) -> Progress:
    """Return the progress bar that all long work shows: done, rate, time gone, time left."""
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


def run_demo(folder: Path, console: Console) -> None:
    """Run the course once with a made-up class in ``folder``; go on where a run was stopped.

    Raises
    ------
    NbgraderError
        If a step of nbgrader fails; holds its log.
    """
    folder = folder.resolve()
    unfinished = folder / ".unfinished"
    if folder.exists() and not unfinished.exists():
        shutil.rmtree(folder)
    if not folder.exists():
        make_course(folder)
        unfinished.touch()
    else:
        console.print(f"going on with the run that was stopped in {folder}")
    with environment_on_path(), progress_bar(console) as progress:
        _steps(folder, progress)
    unfinished.unlink()
    _print_scores(folder, console)
    _print_where(folder, console)


def _steps(folder: Path, progress: Progress) -> None:
    api = open_course(folder)
    names = unit_names()
    for unit in progress.track(names, description="releasing the units"):
        if not (folder / "release" / unit / f"{unit}.ipynb").exists():
            must(api.generate_assignment(unit), f"releasing {unit}")
    handing_in = progress.add_task("students hand in", total=STUDENTS * len(names))
    work = []
    for submission in make_class(folder / "release", STUDENTS):
        if not (folder / "submitted" / submission.student / submission.unit).exists():
            write_submission(folder, submission)
        work.append((submission.unit, submission.student))
        progress.advance(handing_in)
    for unit, student in progress.track(work, description="grading"):
        must(api.autograde(unit, student, force=False), f"grading {unit} of {student}")
    for unit in progress.track(names, description="writing feedback"):
        must(api.generate_feedback(unit, force=False), f"feedback for {unit}")


def _print_scores(folder: Path, console: Console) -> None:
    names = unit_names()
    table = Table(title="Scores by unit", title_justify="left")
    table.add_column("student")
    for name in names:
        table.add_column(name.split("-")[0], justify="right")
    table.add_column("total", justify="right", style="bold")
    scores: dict[str, dict[str, float]] = {}
    most: dict[str, float] = {}
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        for name in names:
            assignment = book.find_assignment(name)
            most[name] = assignment.max_score
            for submission in assignment.submissions:
                scores.setdefault(submission.student_id, {})[name] = submission.score
    for student, row in sorted(scores.items()):
        cells = [f"{row[n]:.1f}" if n in row else "-" for n in names]
        table.add_row(student, *cells, f"{sum(row.values()):.1f}")
    table.add_section()
    mean = {n: sum(r.get(n, 0.0) for r in scores.values()) / len(scores) for n in names}
    table.add_row("mean", *(f"{mean[n]:.1f}" for n in names), f"{sum(mean.values()):.1f}")
    table.add_row("of", *(f"{most[n]:g}" for n in names), f"{sum(most.values()):g}")
    console.print(table)


def _print_where(folder: Path, console: Console) -> None:
    pages = sorted((folder / "feedback").glob("*/*/*.html"))
    console.print(f"{len(pages)} feedback pages, for instance:", highlight=False)
    console.print(f"  {pages[len(pages) // 2]}", highlight=False, soft_wrap=True)
    console.print(f"the gradebook: {folder / 'gradebook.db'}", highlight=False, soft_wrap=True)
    console.print("open the course as a student: [bold]make lab[/]")

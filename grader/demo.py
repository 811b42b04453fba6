"""The main job from end to end: release, hand in, grade, give feedback; with a made-up class."""

from __future__ import annotations

import shutil
from pathlib import Path

from nbgrader.api import Gradebook
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from .batch import grade_class
from .classroom import make_class, write_submission
from .coursedir import environment_on_path, must, open_course
from .release import make_course
from .show import progress_bar
from .units import unit_names

STUDENTS = 12


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
    for submission in make_class(folder / "release", STUDENTS):
        if not (folder / "submitted" / submission.student / submission.unit).exists():
            write_submission(folder, submission)
        progress.advance(handing_in)
    grading = progress.add_task("grading", total=None)
    pages = STUDENTS * (len(names) + 1)  # of each unit, and of the course so far
    writing = progress.add_task("writing feedback", total=pages)
    grade_class(
        folder,
        feedback=True,
        started=lambda count: progress.update(grading, total=count),
        tell=lambda report: progress.advance(grading),
        tell_page=lambda: progress.advance(writing),
    )
    progress.update(writing, completed=pages)  # those of a run that was stopped are there already


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

"""The main job from end to end: release, hand in, grade, give feedback; with a made-up class."""

from __future__ import annotations

import shutil
from pathlib import Path

from nbgrader.api import Gradebook
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from .batch import WrongUse, grade_class
from .classroom import make_class, student_ids, write_submission
from .coursedir import CONFIG, environment_on_path, must, open_course
from .release import make_course
from .show import progress_bar
from .units import unit_names

STUDENTS = 12
MARKER = ".grader-demo"  # stays in a folder that may be replaced
UNFINISHED = ".unfinished"
_MADE = {
    CONFIG, "source", "release", "submitted", "autograded", "feedback", "gradebook.db",
    MARKER, UNFINISHED,
}  # fmt: skip


def run_demo(folder: Path, console: Console) -> None:
    """Run the course once with a made-up class in ``folder``; go on where a run was stopped.

    What an earlier run made there is replaced.

    Raises
    ------
    WrongUse
        If there is something else in ``folder``, or it is no folder.
    NbgraderError
        If a step of nbgrader fails; holds its log.
    """
    named, folder = folder, folder.resolve()
    if folder.exists() and not folder.is_dir():
        raise WrongUse(f"{named} is no folder: name another")
    if folder.exists() and any(folder.iterdir()) and not _is_demo(folder):
        raise WrongUse(f"{named} is not empty and was not made by grader demo: name another")
    unfinished = folder / UNFINISHED
    if unfinished.exists():
        console.print(f"going on with the run that was stopped in {folder}")
    else:
        try:
            _empty(folder)
            make_course(folder)
            unfinished.touch()
        except OSError as error:
            raise WrongUse(f"cannot write to {named}: {error.strerror}") from None
    with environment_on_path(), progress_bar(console) as progress:
        _steps(folder, progress)
    unfinished.unlink()
    _print_scores(folder, console)
    _print_where(folder, console)


def _is_demo(folder: Path) -> bool:
    """Return whether ``grader demo`` made a folder.

    Earlier versions left no marker: theirs holds a course whose students are those of the
    made-up class, and nothing else.
    """
    if (folder / MARKER).is_file():
        return True
    names = {path.name for path in folder.iterdir()}
    students = folder / "submitted"
    there = {path.name for path in students.iterdir()} if students.is_dir() else set()
    made_up = set(student_ids(STUDENTS))
    # A run that was stopped may lack some; a course where nobody handed in yet is not ours.
    all_there = there <= made_up if UNFINISHED in names else there == made_up
    return CONFIG in names and names <= _MADE and all_there


def _empty(folder: Path) -> None:
    """Make a folder, or empty the one there is, marked as ours at every moment."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).touch()
    for path in folder.iterdir():
        if path.name == MARKER:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


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

"""Course directories to grade in tests, and what their gradebooks and folders hold."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import nbformat
from nbgrader import api
from sqlalchemy import create_engine, select

from grader.classroom import Submission, make_class, write_submission
from grader.coursedir import environment_on_path, must, open_course
from grader.release import make_course
from grader.worker import Grader, Outcome, Settings, Task

UNITS = ("01-computational-graph", "03-add-mul-nodes")


def release(root: Path, units: Iterable[str] = UNITS, **overrides) -> Path:
    """Lay out a course in ``root`` and release some units into its gradebook."""
    make_course(root)
    with environment_on_path():
        nbgrader = open_course(root, **overrides)
        for unit in units:
            must(nbgrader.generate_assignment(unit), unit)
    return root


def hand_in(
    root: Path, count: int, units: Iterable[str] = UNITS, seed: int = 0
) -> list[Submission]:
    """Hand in some units for a class of ``count``; return what was handed in."""
    chosen = [s for s in make_class(_all_released(root), count, seed) if s.unit in set(units)]
    for one in chosen:
        write_submission(root, one)
    return chosen


def _all_released(root: Path) -> Path:
    """Return a folder with all released units: a course of two borrows the rest."""
    return Path(__file__).parents[1] / "release"


def grader(root: Path, *arguments: str, **more) -> subprocess.CompletedProcess:
    """Run the command ``grader`` in a course directory."""
    command = [sys.executable, "-m", "grader.cli", *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, **more)


def nbgrader(root: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run stock nbgrader's command in a course directory."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    command = [sys.executable, "-m", "nbgrader", *arguments]
    return subprocess.run(
        command, cwd=root, env=os.environ | {"PATH": path}, capture_output=True, text=True
    )


def url(root: Path) -> str:
    """Return the URL of a course's own gradebook."""
    return f"sqlite:///{root / 'gradebook.db'}"


def stored(database: str) -> dict[str, list]:
    """Return all that a gradebook holds of submissions, by table, without its random ids."""
    engine = create_engine(database)
    names = {
        "submissions": [api.Assignment.name, api.Student.id, api.SubmittedAssignment.timestamp],
        "notebooks": [
            api.Assignment.name,
            api.Student.id,
            api.SubmittedNotebook.late_submission_penalty,
            api.SubmittedNotebook.flagged,
        ],
        "grades": [
            api.Assignment.name, api.Student.id, api.BaseCell.name, api.Grade.auto_score,
            api.Grade.manual_score, api.Grade.extra_credit, api.Grade.needs_manual_grade,
        ],
        "comments": [
            api.Assignment.name, api.Student.id, api.BaseCell.name, api.Comment.auto_comment,
            api.Comment.manual_comment,
        ],
    }  # fmt: skip
    found = {}
    with engine.begin() as db:
        for table, columns in names.items():
            query = select(*columns).select_from(api.SubmittedAssignment)
            query = query.join(
                api.Assignment, api.Assignment.id == api.SubmittedAssignment.assignment_id
            ).join(api.Student, api.Student.id == api.SubmittedAssignment.student_id)
            if table != "submissions":
                query = query.join(
                    api.SubmittedNotebook,
                    api.SubmittedNotebook.assignment_id == api.SubmittedAssignment.id,
                )
            if table in ("grades", "comments"):
                model = api.Grade if table == "grades" else api.Comment
                query = query.join(model, model.notebook_id == api.SubmittedNotebook.id)
                query = query.join(api.BaseCell, api.BaseCell.id == model.cell_id)
            found[table] = sorted(map(tuple, db.execute(query)), key=repr)
    engine.dispose()
    return found


def scores(database: str) -> dict[tuple[str, str], float]:
    """Return the points of each student in each unit."""
    total: dict[tuple[str, str], float] = {}
    for unit, student, _, auto, manual, extra, _ in stored(database)["grades"]:
        points = (auto if manual is None else manual) or 0.0
        total[student, unit] = total.get((student, unit), 0.0) + points + (extra or 0.0)
    return total


def tree(*folders: Path) -> dict[str, str]:
    """Return a digest of every file below some folders, by its path."""
    return {
        f"{folder.name}/{path.relative_to(folder)}": hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def cells(path: Path) -> list[tuple]:
    """Return what a graded notebook holds, but for addresses and the time of its making."""
    notebook = nbformat.read(path, as_version=4)
    return [
        (c.cell_type, c.source, c.metadata.get("nbgrader"), re.sub("0x[0-9a-f]+", "0x", repr(c.get("outputs"))))
        for c in notebook.cells
    ]  # fmt: skip


def until(done: Callable[[], object], seconds: float = 180) -> None:
    """Wait for something to be so."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)


class Dying(Grader):
    """A worker's grader that takes its process down at one student, a number of times."""

    def __init__(self, settings: Settings, *, victim: str, times: int) -> None:
        super().__init__(settings)
        self._victim, self._times = victim, times
        self._deaths = Path(settings.scratch) / "deaths"

    def grade(self, task: Task) -> Outcome:
        """Die, or grade."""
        if task.student == self._victim:
            deaths = len(self._deaths.read_bytes()) if self._deaths.exists() else 0
            if deaths < self._times:
                self._deaths.write_bytes(bytes(deaths + 1))
                os.kill(os.getpid(), signal.SIGKILL)
        return super().grade(task)

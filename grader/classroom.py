"""Made-up classes: submissions generated from reference answers and known mistakes.

For the demo, the benchmarks and the tests. Everything is drawn from one seed.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from .units import Unit, grade_id, load_unit, reference_answer, unit_names

MISCONCEPTIONS = Path(__file__).parent / "misconceptions"
NAMES = (
    "amara", "bela", "chen", "dilan", "emil", "farida", "goran", "hana", "ivo", "jaya",
    "kofi", "lena", "mateo", "nadia", "oskar", "priya", "quim", "rosa", "sami", "tove",
)  # fmt: skip


def wrong_answers(unit: str) -> dict[str, list[Path]]:
    """Return the files of known wrong answers of a unit, by exercise."""
    found: dict[str, list[Path]] = {}
    for path in sorted((MISCONCEPTIONS / unit).glob("*/*.py")):
        found.setdefault(path.parent.name, []).append(path)
    return found


def student_code(path: Path) -> str:
    """Return a known wrong answer as a student would hand it in: without the note on it."""
    text = path.read_text("utf-8")
    note = ast.parse(text).body[0]
    return "\n".join(text.splitlines()[note.end_lineno :]).strip() + "\n"


def fill_in(released: NotebookNode, answers: dict[str, str]) -> NotebookNode:
    """Return a copy of a released notebook with some of its answers written in."""
    notebook = deepcopy(released)
    for cell in notebook.cells:
        if grade_id(cell) in answers:
            cell.source = answers[grade_id(cell)]
    return notebook


def _perfect(unit: Unit, rng: random.Random) -> dict[str, str]:
    return {name: reference_answer(cell) for name, cell in unit.answers.items()}


def _blank(unit: Unit, rng: random.Random) -> dict[str, str]:
    return {}


def _half_done(unit: Unit, rng: random.Random) -> dict[str, str]:
    answers = _perfect(unit, rng)
    return dict(list(answers.items())[: (len(answers) + 1) // 2])


def _mistakes(share: float) -> Callable[[Unit, random.Random], dict[str, str]]:
    def answers(unit: Unit, rng: random.Random) -> dict[str, str]:
        made = _perfect(unit, rng)
        for exercise, files in wrong_answers(unit.name).items():
            if rng.random() < share:
                made[exercise] = student_code(rng.choice(files))
        return made

    return answers


def _stuck(unit: Unit, rng: random.Random) -> dict[str, str]:
    """Some answers wrong, and the rest not begun."""
    answers = _half_done(unit, rng)
    wrong = {e: f for e, f in wrong_answers(unit.name).items() if e in answers}
    for exercise in rng.sample(sorted(wrong), k=min(1, len(wrong))):
        answers[exercise] = student_code(rng.choice(wrong[exercise]))
    return answers


KINDS: dict[str, Callable[[Unit, random.Random], dict[str, str]]] = {
    "perfect": _perfect,
    "few mistakes": _mistakes(0.2),
    "typical mistakes": _mistakes(0.5),
    "many mistakes": _mistakes(0.85),
    "half done": _half_done,
    "stuck": _stuck,
    "blank": _blank,
}
# How often each kind turns up, in a row of twelve students.
ROW = (
    "perfect", "typical mistakes", "few mistakes", "half done", "typical mistakes", "blank",
    "many mistakes", "perfect", "stuck", "few mistakes", "half done", "typical mistakes",
)  # fmt: skip


@dataclass(frozen=True)
class Submission:
    """One made-up submission: who, what unit, of what kind, when, and the notebook."""

    student: str
    unit: str
    kind: str
    handed_in: datetime
    notebook: NotebookNode


def student_ids(count: int) -> list[str]:
    """Return ``count`` distinct student ids."""
    return [
        NAMES[i % len(NAMES)] + (f"-{i // len(NAMES) + 1}" if i >= len(NAMES) else "")
        for i in range(count)
    ]


def make_class(release: Path, count: int = 12, seed: int = 0) -> Iterator[Submission]:
    """Yield the submissions of a class, student by student.

    Parameters
    ----------
    release : Path
        Holds the released notebooks, ``<unit>/<unit>.ipynb``.
    count : int
        How many students.
    seed : int
        The same seed gives the same class.
    """
    released = {u: nbformat.read(release / u / f"{u}.ipynb", as_version=4) for u in unit_names()}
    first_day = datetime(2026, 9, 7, 9, 0)
    for index, student in enumerate(student_ids(count)):
        rng = random.Random(f"{seed}-{student}")
        kind = ROW[index % len(ROW)]
        for week, unit in enumerate(unit_names()):
            notebook = fill_in(released[unit], KINDS[kind](load_unit(unit), rng))
            if rng.random() < 0.3:  # many students keep a cell of their own
                place = rng.randrange(1, len(notebook.cells))
                own = new_code_cell("import numpy as np\nprint('my notes:', np.arange(3))")
                own["id"] = f"own-{index}"
                notebook.cells.insert(place, own)
            when = first_day + timedelta(days=7 * week, minutes=rng.randrange(9 * 60))
            yield Submission(student, unit, kind, when, notebook)


def write_submission(course: Path, submission: Submission) -> Path:
    """Write a submission into ``submitted/`` of a course directory; return its notebook's path."""
    folder = course / "submitted" / submission.student / submission.unit
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{submission.unit}.ipynb"
    nbformat.write(submission.notebook, path)
    stamp = submission.handed_in.strftime("%Y-%m-%d %H:%M:%S.000000 UTC")
    (folder / "timestamp.txt").write_text(stamp, "utf-8")
    return path

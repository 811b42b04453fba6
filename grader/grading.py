"""Grade one notebook: read, restore, execute, read the scores off the check cells."""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from nbformat import NotebookNode

from course.check import PASSED

from . import submission
from .diagnose import Diagnosis, diagnose
from .language import _, every, speaking_to
from .remote import Operation
from .restore import Restored, restore
from .units import Unit, grade_id, kind
from .verdict import Examiner


@dataclass(frozen=True)
class CheckResult:
    """What one check cell gave: its id, the points won and to be won, and why some were not.

    ``misconception`` is the known mistake behind it: its name on the first line, then what
    to say to the student; `Result.diagnoses` has the same in parts.
    """

    id: str
    score: float
    points: float
    message: str = ""
    misconception: str | None = None


@dataclass(frozen=True)
class Result:
    """The grade of one notebook.

    Attributes
    ----------
    file : str
        The path that was graded, or ``'<notebook>'``.
    unit : str
        The unit it is a copy of, such as ``'04-activations'``.
    score, max : float
        Points won and points to be won.
    checks : list of CheckResult
        One for each check cell, in the order of the notebook.
    notes : list of str
        What had to be mended in the notebook before it could run.
    diagnoses : dict of str to Diagnosis
        For each exercise that lost points, the mistakes behind it or what else is known.
    """

    file: str
    unit: str
    score: float
    max: float
    checks: list[CheckResult] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    diagnoses: dict[str, Diagnosis] = field(default_factory=dict)

    def to_dict(self) -> dict:
        """Return the result as plain data, as ``grader check --json`` prints it.

        Whoever writes a notebook into autograded/ stores this in its metadata, as
        ``{"course": {"result": ...}}``: `feedback.read_result` and `grader report` read it
        there. `submission.parse` lets no such entry of a student's through.
        """
        return asdict(self)


def read_score(cell: NotebookNode) -> tuple[float, str]:
    """Return the points that an executed check cell shows, and the reason for lost ones.

    Unlike nbgrader, which gives full marks to a check without a readable number, this
    gives none: no verdict is no credit.
    """
    points = float(cell.metadata.nbgrader.points)
    text = "".join(o.text for o in cell.outputs if o.output_type == "stream" and o.name == "stdout")
    for output in cell.outputs:
        if output.output_type == "error":
            return 0.0, f"{output.ename}: {output.evalue}".strip().rstrip(":")
    for output in cell.outputs:
        if output.output_type == "execute_result":
            try:
                score = float(output.data.get("text/plain", ""))
            except ValueError:
                break
            if 0 <= score <= points:
                return score, "" if score == points else _failed_lines(text)
            break
    return 0.0, _("the check gave no score")


def _failed_lines(text: str) -> str:
    """Return the lines of a check's printed text that tell what went wrong."""
    lines = text.splitlines()[1:]
    passed = tuple(f"  {word}" for word in every(PASSED))
    return "\n".join(line.strip() for line in lines if not line.startswith(passed))


def check(source: str | os.PathLike | NotebookNode, examiner: Examiner | None = None) -> Result:
    """Grade one notebook of the course, without a course directory or a gradebook.

    Parameters
    ----------
    source : path or NotebookNode
        A student's copy of any unit.
    examiner : Examiner, optional
        Runs the code; one of its own by default. Give one to grade many files.

    Raises
    ------
    SubmissionError
        If it is no notebook of the course; the message names the file and the mend.
    SandboxUnavailable
        If this host refuses to isolate student code; the message says how to mend it.
    """
    if isinstance(source, NotebookNode):
        name, notebook = "<notebook>", source
    else:
        name = str(Path(source))
        notebook = submission.read(source)
    unit = submission.identify(notebook, name)
    if examiner is not None:
        return grade(notebook, unit, name, examiner)
    with Examiner() as examiner:
        return grade(notebook, unit, name, examiner)


def graded_cells(unit: Unit) -> list[NotebookNode]:
    """Return the cells of a unit that grading needs: given, answer and check cells."""
    return [c for c in unit.notebook.cells if kind(c) in ("given", "answer", "check")]


def grade(notebook: NotebookNode, unit: Unit, name: str, examiner: Examiner) -> Result:
    """Restore, execute and score one submission of a known unit."""
    return examine(notebook, unit, name, examiner, graded_cells(unit))[0]


def examine(
    notebook: NotebookNode,
    unit: Unit,
    name: str,
    examiner: Examiner,
    template: Sequence[NotebookNode],
    among: Collection[str] | None = None,
) -> tuple[Result, NotebookNode]:
    """Restore, execute and score one submission; return the result and the executed notebook.

    Parameters
    ----------
    notebook : NotebookNode
        What was handed in, as `submission.read` gives it. Not modified.
    unit : Unit
        What it is a copy of.
    name : str
        Stands in the result.
    examiner : Examiner
        Runs it.
    template : sequence of NotebookNode
        The cells that were handed out: `graded_cells` of the unit, or the gradebook's.
    among : collection of str, optional
        The checks to make; the others are not in the notebook that is executed, so nothing in it
        can tell of them. All by default.
    """
    with speaking_to(notebook):
        restored = restore(notebook, template)
        if among is not None:
            _leave_out_others(restored, among)
        operations = examiner.execute(restored.notebook, unit)
        diagnoses = diagnose_notebook(restored.notebook, unit, operations)
        result = result_of(restored.notebook, unit, name, diagnoses)
    return replace(result, notes=restored.notes), restored.notebook


def _leave_out_others(restored: Restored, among: Collection[str]) -> None:
    """Take the checks that are not among these out of a restored notebook, and notes on them."""
    cells, names = [], set()
    for cell in restored.notebook.cells:
        if kind(cell) == "check" and grade_id(cell) not in among:
            names.add(f"'{grade_id(cell)}'")
        else:
            cells.append(cell)
    restored.notebook.cells = cells
    restored.notes[:] = [n for n in restored.notes if not any(name in n for name in names)]


def result_of(
    notebook: NotebookNode,
    unit: Unit,
    name: str = "<notebook>",
    diagnoses: Mapping[str, Diagnosis] | None = None,
) -> Result:
    """Return the result that an executed notebook's check cells show.

    Parameters
    ----------
    notebook : NotebookNode
        Executed.
    unit : Unit
    name : str
        Stands in the result.
    diagnoses : mapping of str to Diagnosis, optional
        By exercise, as `diagnose_notebook` gives them.
    """
    diagnoses = diagnoses or {}
    checks = []
    for cell in notebook.cells:
        if kind(cell) != "check" or "points" not in cell.metadata.nbgrader:
            continue
        score, message = read_score(cell)
        points = float(cell.metadata.nbgrader.points)
        found = diagnoses.get(unit.exercise_of(grade_id(cell))) if score < points else None
        text = found.text if found else None
        checks.append(CheckResult(grade_id(cell), score, points, message, text))
    return Result(
        file=name,
        unit=unit.name,
        score=round(sum(c.score for c in checks), 2),
        max=sum(c.points for c in checks),
        checks=checks,
        notes=list(notebook.metadata.get("course", {}).get("notes", [])),
        diagnoses=dict(diagnoses),
    )


def diagnose_notebook(
    notebook: NotebookNode,
    unit: Unit,
    operations: dict[str, list[Operation]],
) -> dict[str, Diagnosis]:
    """Return what is wrong with each exercise of an executed notebook that lost points.

    Parameters
    ----------
    notebook : NotebookNode
        As `Examiner.execute` leaves it.
    unit : Unit
    operations : dict of str to list of Operation
        As `Examiner.execute` returns it.
    """
    checks = [c for c in notebook.cells if kind(c) == "check"]
    lost = [grade_id(c) for c in checks if read_score(c)[0] < c.metadata.nbgrader.points]
    if not lost:
        return {}
    sources = {grade_id(c): c.source for c in notebook.cells if kind(c) == "answer"}
    try:
        return diagnose(unit, operations, lost, sources)
    except Exception:  # the score is known; a fault of ours in explaining it must not lose it
        logging.getLogger(__name__).exception("no diagnosis of a notebook of unit %s", unit.name)
        return {}

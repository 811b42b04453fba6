"""Graded notebooks made without a kernel or a sandbox, for tests of what is shown of them."""

from __future__ import annotations

from copy import deepcopy

from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_code_cell, new_notebook, new_output

from grader.grading import graded_cells
from grader.units import grade_id, kind, load_unit, reference_answer


def printed(exercise: str, score: float, points: float, *, hidden: bool) -> str:
    """Return what a check prints: one part that passed and, where points were lost, one that failed."""
    lines = [f"{exercise}: {score:g} of {points:g} points", "  ok     the first part"]
    if score < points:
        lines += [
            "  WRONG  dx: a random upstream gradient",
            "         dx is twice as large as it should be",
        ]
        if not hidden:
            lines += ["         expected [[1.0, 2.0]]", "              got [[2.0, 4.0]]"]
            lines += ["         hint: Look at what forward keeps."]
    return "\n".join(lines) + "\n"


def graded_notebook(
    unit_name: str,
    *,
    share: dict[str, float] | None = None,
    answers: dict[str, str] | None = None,
    outputs: dict[str, list[dict]] | None = None,
    own: list[NotebookNode] | None = None,
) -> NotebookNode:
    """Return a restored, executed notebook of a unit as `grading.examine` would.

    Parameters
    ----------
    unit_name : str
    share : dict of str to float
        The part of the points that an exercise has won; all of them by default.
    answers : dict of str to str
        Sources of answers; the reference by default.
    outputs : dict of str to list of dict
        Outputs of answer cells.
    own : list of NotebookNode
        Cells of the student's own; they stand first.
    """
    unit = load_unit(unit_name)
    cells = []
    for cell in deepcopy(graded_cells(unit)):
        name = grade_id(cell)
        cell["id"] = name
        if kind(cell) == "answer":
            cell.source = (answers or {}).get(name, reference_answer(cell))
            cell.outputs = [from_dict(o) for o in (outputs or {}).get(name, [])]
        elif kind(cell) == "check":
            points = float(cell.metadata.nbgrader.points)
            exercise = unit.exercise_of(name)
            score = round(points * (share or {}).get(exercise, 1.0), 2)
            text = printed(exercise, score, points, hidden="BEGIN HIDDEN" in cell.source)
            cell.outputs = [
                new_output("stream", name="stdout", text=text),
                new_output("execute_result", {"text/plain": repr(score)}),
            ]
        cells.append(cell)
    notebook = new_notebook()
    notebook.cells = [*(own or []), *cells]
    notebook.metadata["course"] = NotebookNode(unit=unit_name)
    return notebook


def code_with(outputs: list[NotebookNode], source: str = "show()") -> NotebookNode:
    """Return a code cell of the student's own with outputs."""
    cell = new_code_cell(source)
    cell.outputs = outputs  # unchecked: some are what nbformat would refuse
    return cell

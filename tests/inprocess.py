"""Run a unit in this process: the quick way to ask what an answer scores.

No kernel, no sandbox: for our own references, styles and misconceptions alone.
"""

from __future__ import annotations

import contextlib
import io
import os
import warnings
from dataclasses import dataclass

import matplotlib

from grader.units import Unit, grade_id, kind, reference_toolbox, solution_removed
from grader.verdict import execute_cell

matplotlib.use("agg")


@dataclass
class CheckRun:
    """What one check cell gave: its score, its points, its printed text, its results."""

    score: float
    points: float
    text: str
    results: list


@contextlib.contextmanager
def _environment(**variables: str):
    before = {k: os.environ.get(k) for k in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value


def run_unit(
    unit: Unit,
    answers: dict[str, str] | None = None,
    *,
    blank: bool = False,
    seed: int = 0,
    only: str | None = None,
    toolbox: str | None = None,
) -> dict[str, CheckRun]:
    """Grade a unit with some answer cells replaced; the others hold the reference.

    Parameters
    ----------
    unit : Unit
        What to grade.
    answers : dict, optional
        ``{exercise: source}`` in place of the reference.
    blank : bool
        Leave every other answer as the student gets it, not as the reference has it.
    seed : int
        ``COURSE_PROBE_SEED``.
    only : str, optional
        Run the checks of this exercise alone.
    toolbox : str, optional
        The folder of the layers; the reference by default.
    """
    namespace: dict = {"__name__": "__main__"}
    runs: dict[str, CheckRun] = {}
    folder = toolbox or str(reference_toolbox() if unit.name.startswith("06") else "")
    with _environment(COURSE_PROBE_SEED=str(seed), COURSE_TOOLBOX=folder):
        for cell in unit.notebook.cells:
            name, what = grade_id(cell), kind(cell)
            if what in ("prose", "demo"):
                continue
            source = cell.source
            if what == "answer":
                source = solution_removed(source) if blank else source
                source = (answers or {}).get(name, source)
            if what == "check" and only and unit.exercise_of(name) != only:
                continue
            out = io.StringIO()
            with (
                contextlib.redirect_stdout(out),
                contextlib.redirect_stderr(out),
                warnings.catch_warnings(),
            ):
                warnings.simplefilter("ignore")
                if what != "check":
                    with contextlib.suppress(NotImplementedError):
                        execute_cell(source, name or cell.id, namespace)
                    continue
                namespace.pop("check", None)
                value = execute_cell(source, name, namespace)
            assert type(value) is float, f"{name} ends in {value!r}, not in a plain float"
            points = float(cell.metadata.nbgrader.points)
            runs[name] = CheckRun(value, points, out.getvalue(), namespace["check"].results)
    return runs

"""What a worker of a batch does: bytes in, a graded notebook and its verdict out.

Nothing here knows of the gradebook or of the course directory, so that a worker may run
anywhere. A `Grader` lives as long as the batch: its interpreters stay warm, its templates
parsed, its page templates compiled.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import json
import os
import re
import signal
import tempfile
import time
import traceback
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

from nbformat import NotebookNode, from_dict
from nbformat.v4 import nbjson, new_markdown_cell, new_notebook

from course.check import SEED_VARIABLE

from . import submission
from .errors import SandboxUnavailable
from .grading import Result, examine
from .inside.walls import PR_SET_PDEATHSIG, prctl
from .restore import defined_names, restore
from .sandbox import Limits
from .units import grade_id, kind, load_unit, solution_removed, units
from .verdict import Examiner

MARK = "grader"  # the key in a graded notebook's metadata


@dataclass(frozen=True)
class Settings:
    """What every worker of a batch is told once.

    Attributes
    ----------
    templates : dict of str to list of dict
        For each unit the cells that were handed out.
    seed : str
        ``COURSE_PROBE_SEED``.
    isolated : bool
        False is ``--unsafe-no-sandbox``.
    scratch : str
        A folder for temporary files; removed by who started the worker.
    config : dict
        The sections of nbgrader's configuration that a worker heeds.
    cpu : int or None
        The core to stay on.
    """

    templates: dict[str, list[dict]]
    seed: str = "0"
    isolated: bool = True
    scratch: str | None = None
    config: dict = field(default_factory=dict)
    cpu: int | None = None


@dataclass(frozen=True)
class Task:
    """One submission to grade: whose, what unit, its bytes, and what to write into it.

    ``unreadable`` is set in place of ``data`` when there is nothing that could be read.
    ``visible_part`` asks for `Outcome.visible`, which takes as long again.
    """

    student: str
    unit: str
    data: bytes
    digest: str
    unreadable: str | None = None
    notes: tuple[str, ...] = ()
    visible_part: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of one submission.

    Attributes
    ----------
    student, unit : str
    notebook : bytes
        The graded notebook, as it is stored in autograded/.
    result : Result
        Scores and reasons.
    scores : dict of str to float or None
        Points of each check cell; None where a person must say.
    answers : dict of str to str
        The source of each answer cell, to tell who has not answered.
    reason : str or None
        Why it could not be graded; None for a submission that was.
    needs_person : bool
        Whether nothing can be said about it; then no score stands in the gradebook.
    visible : Outcome or None
        If the task asks for it, for who may not know the rest yet: what comes of a run of its own
        without hidden checks. In a shared one code could remember what these asked, and tell.
    """

    student: str
    unit: str
    notebook: bytes
    result: Result
    scores: dict[str, float | None]
    answers: dict[str, str]
    reason: str | None = None
    needs_person: bool = False
    seconds: float = 0.0
    visible: Outcome | None = None


@dataclass(frozen=True)
class Crash:
    """A fault of the grader, not of the student: the task is tried again, then marked."""

    reason: str
    refused: bool = False


def _to_bytes(notebook: NotebookNode) -> bytes:
    """Return a notebook as it is stored: a line a cell, the metadata on a line at the end.

    nbformat's own writer indents, which Python's quick encoder cannot: 5 ms a notebook.
    """
    quick = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode
    cells = ",\n".join(map(quick, notebook.cells))
    rest = [f' "{k}": {quick(v)}' for k, v in sorted(notebook.items()) if k != "cells"]
    text = ",\n".join([f'{{\n "cells": [\n{cells}\n]', *rest]) + "\n}\n"
    return text.encode("utf-8", "replace")


def language_in(data: bytes) -> str | None:
    """Return the language of a notebook that `Grader` wrote, without reading the whole of it."""
    # A line break starts the metadata: within a cell's text it would be written as \\n.
    found = re.search(rb'\n "metadata": \{"course": \{"lang": "(\w+)"', data)
    return found[1].decode() if found else None


def from_bytes(data: bytes) -> NotebookNode:
    """Return a notebook that `Grader` wrote."""
    return nbjson.JSONReader().reads(data.decode("utf-8"))


class Grader:
    """Grades submissions one after the other; a context manager.

    Parameters
    ----------
    settings : Settings
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._templates = {u: from_dict(cells) for u, cells in settings.templates.items()}
        limits = settings.config.get("ExecuteSubmission", {}).get("limits", {})
        self._examiner = Examiner(Limits.from_config(limits), settings.isolated)
        self._limiter = _OutputLimiter(settings.config.get("LimitOutput", {}))

    def __enter__(self) -> Grader:
        return self

    def __exit__(self, *error) -> None:
        self._examiner.close()

    def grade(self, task: Task) -> Outcome:
        """Grade one submission; a file that cannot be read is graded as handed in blank.

        Raises
        ------
        SandboxUnavailable
            If this host refuses to isolate student code.
        """
        start = time.perf_counter()
        visible = None
        if task.visible_part:
            visible = self._grade(task, load_unit(task.unit).visible_checks)
        outcome = self._grade(task)
        return replace(outcome, seconds=time.perf_counter() - start, visible=visible)

    def _grade(self, task: Task, among: Collection[str] | None = None) -> Outcome:
        notebook, reason = self._read(task)
        name, template = f"{task.unit}.ipynb", self._templates[task.unit]
        unit = load_unit(task.unit)
        result, graded = examine(notebook, unit, name, self._examiner, template, among)
        result.notes[:0] = task.notes
        self._limiter.limit(graded)
        scores = {check.id: check.score for check in result.checks}
        return _outcome(task, graded, result, scores, reason, needs_person=False)

    def warm_up(self) -> None:
        """Grade a blank notebook of each unit, so that the first real one is not a slow one.

        Raises
        ------
        SandboxUnavailable
            If this host refuses to isolate student code.
        """
        for unit in self._templates:
            self.grade(Task("", unit, b"", "", unreadable="blank"))

    def _read(self, task: Task) -> tuple[NotebookNode, str | None]:
        reason, title, about = task.unreadable, "Not readable", {}
        if reason is None:
            try:
                notebook = submission.from_bytes(task.data, f"{task.unit}.ipynb")
            except submission.SubmissionError as error:
                reason = str(error)
            else:
                reason = _not_of(notebook, task.unit, self._templates[task.unit])
                if reason is None:
                    return notebook, None
                title = "Not this unit"
                if lang := notebook.metadata.get("course", {}).get("lang"):
                    about = {"course": {"lang": lang}}
        words = new_markdown_cell(f"**{title}:** {reason}.")
        words["id"] = "not-readable"
        return new_notebook(cells=[words], metadata=from_dict(about)), reason

    def give_up(self, task: Task, reason: str) -> Outcome:
        """Return the outcome of a submission that brought the grader down: a person must look.

        Nothing of it is executed.
        """
        notebook, _ = self._read(task)
        restored = restore(notebook, self._templates[task.unit])
        words = new_markdown_cell(f"**Not graded:** {reason}.")
        words["id"] = "not-graded"
        restored.notebook.cells.insert(0, words)
        checks = [c for c in restored.notebook.cells if kind(c) == "check"]
        points = sum(float(c.metadata.nbgrader.points) for c in checks)
        result = Result(f"{task.unit}.ipynb", task.unit, 0.0, points, [], restored.notes)
        scores: dict[str, float | None] = {grade_id(c): None for c in checks}
        unmarked = replace(task, digest="")  # so that the next run tries again
        return _outcome(unmarked, restored.notebook, result, scores, reason, needs_person=True)

    def page(
        self, student: str, unit: str, notebook: bytes, grades, course, whole: bool = True
    ) -> bytes:
        """Return the feedback page of a graded notebook.

        Parameters
        ----------
        student, unit : str
        notebook : bytes
            As it lies in autograded/.
        grades : feedback.Grades
        course : list of feedback.UnitScore
        whole : bool
            False for the notebook of `Outcome.visible`.
        """
        from . import feedback  # late: a batch without pages loads no templates

        graded = from_bytes(notebook)
        result = feedback.read_result(graded, load_unit(unit), f"{unit}.ipynb")
        text = feedback.page(
            result, graded, student=student, grades=grades, course=course, whole=whole
        )
        return text.encode("utf-8", "replace")

    def pages(
        self, student: str, unit: str, notebook: bytes, grades, course, visible: bytes | None
    ) -> tuple[bytes, bytes | None]:
        """Return two feedback pages of a graded notebook: the whole, and the visible part.

        Parameters
        ----------
        student, unit, notebook, grades, course
            As for `page`.
        visible : bytes or None
            The notebook of `Outcome.visible`; for None there is no second page.
        """
        whole = self.page(student, unit, notebook, grades, course)
        if visible is None:
            return whole, None
        return whole, self.page(student, unit, visible, grades, course, whole=False)

    def course_page(self, student: str, course, lang: str | None = None) -> bytes:
        """Return the page of a student's whole course."""
        from . import feedback

        return feedback.course_page(student, course, lang=lang).encode("utf-8", "replace")


@functools.cache
def _ids_of_others(unit: str) -> frozenset[str]:
    """Return the ids of all cells of the other units."""
    others = [u for u in units() if u.name != unit]
    return frozenset(grade_id(c) or c.get("id") for u in others for c in u.notebook.cells)


def _not_of(notebook: NotebookNode, unit: str, template: list[NotebookNode]) -> str | None:
    """Return why a notebook is none of a unit, in words; None if anything in it is the unit's.

    One whose answers were all deleted still is the unit's. Cells of another unit do not make
    it so, even where they define a name or hold a line that this unit has too.
    """
    if notebook.metadata.get("course", {}).get("unit") == unit:
        return None
    others = _ids_of_others(unit)
    ours = {grade_id(c) for c in template} - others
    names = [{grade_id(c), c.get("id")} for c in notebook.cells]
    if any(ours & n for n in names):
        return None
    own = [
        c.source
        for c, n in zip(notebook.cells, names, strict=True)
        if c.cell_type == "code" and not others & n
    ]
    stubs = [solution_removed(c.source) for c in template if kind(c) == "answer"]
    wanted = frozenset().union(*map(defined_names, stubs))
    given = {c.source.strip() for c in template if grade_id(c) in ours}
    if any(source.strip() in given or wanted & defined_names(source) for source in own):
        return None
    try:
        found = submission.identify(notebook, f"{unit}.ipynb").name
    except submission.SubmissionError:
        found = None
    if found in (None, unit):
        return "none of the unit's cells are in it"
    return f"this is a copy of {found}"


def _outcome(task: Task, notebook, result, scores, reason, *, needs_person) -> Outcome:
    answers = {grade_id(c): c.source for c in notebook.cells if kind(c) == "answer"}
    notebook.metadata.setdefault("course", NotebookNode())["result"] = result.to_dict()
    notebook.metadata[MARK] = {
        "digest": task.digest,
        "failed_checks": sum(c.score < c.points for c in result.checks),
        "max": result.max,
        "reason": reason,
        "scores": scores,
    }
    data = _to_bytes(notebook)
    return Outcome(task.student, task.unit, data, result, scores, answers, reason, needs_person)


class _OutputLimiter:
    """Shortens what cells show as nbgrader does; loads nbgrader when there is something long."""

    def __init__(self, config: dict) -> None:
        self._config = config
        self._lines = config.get("max_lines", 1000)
        self._traceback = config.get("max_traceback", 100)
        self._nbgraders = None

    def limit(self, notebook: NotebookNode) -> None:
        """Shorten long outputs in place."""
        for cell in notebook.cells:
            if cell.cell_type == "code" and cell.outputs and self._is_long(cell):
                if self._nbgraders is None:
                    from nbgrader.preprocessors import LimitOutput

                    self._nbgraders = LimitOutput(**self._config)
                self._nbgraders.preprocess_cell(cell, {}, 0)

    def _is_long(self, cell: NotebookNode) -> bool:
        streams = [o.text for o in cell.outputs if o.output_type == "stream"]
        lines = sum(text.count("\n") + 1 for text in streams)
        longest = max(
            (len(o.traceback) for o in cell.outputs if o.output_type == "error"), default=0
        )
        return lines > self._lines >= 0 or longest > self._traceback >= 0


def serve(connection, settings: Settings, make: Callable[[Settings], Grader] = Grader) -> None:
    """Answer tasks on a connection until it is closed: the main function of a worker process.

    The process ends with the one that started it, however that one ends.
    """
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is the writer's to handle
    if settings.cpu is not None:
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, {settings.cpu})
    tempfile.tempdir = settings.scratch
    os.environ[SEED_VARIABLE] = settings.seed
    with make(settings) as grader, contextlib.suppress(EOFError, ConnectionError):
        gc.collect()
        gc.freeze()  # what was loaded stays to the end: no collection need look at it
        gc.set_threshold(20_000, 20, 50)  # notebooks and frames are trees: no cycles, no garbage
        while True:
            method, arguments = connection.recv()
            try:
                answer = getattr(grader, method)(*arguments)
            except SandboxUnavailable as error:
                answer = Crash(str(error), refused=True)
            except Exception as error:
                trace = traceback.format_exc(limit=-3)
                answer = Crash(f"the grader failed with {type(error).__name__}: {error}\n{trace}")
            connection.send(answer)

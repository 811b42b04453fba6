"""Run a restored notebook: the student's cells in a session, the check cells here.

A check cell runs in this process, which no student code enters. The names that the
unit's answers define are stand-ins for objects in the session (`grader.remote`); all
other names come from the notebook's own locked cells, which run on both sides. What the
cells show is written into the notebook, so that nbgrader and the feedback pages read an
executed notebook like any other.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import io
import linecache
import os
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType

import nbformat
from nbformat import NotebookNode

from course import check as course_check

from .errors import SessionError
from .forkserver import ForkServer
from .language import _, speaking_to
from .remote import Operation, StandIn
from .restore import defined_names
from .sandbox import Limits
from .session import Session
from .units import Unit, grade_id, kind, reference_toolbox

TOOLBOX_VARIABLE = "COURSE_TOOLBOX"


def execute_cell(source: str, name: str, namespace: dict):
    """Execute a cell as a kernel does and return the value of its last expression, or None.

    Parameters
    ----------
    source : str
        Plain Python: the course's own cells hold no magics.
    name : str
        Stands in tracebacks.
    namespace : dict
        The globals of the notebook; changed.
    """
    filename = f"<{name}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    body, last = _compiled(source, filename)
    exec(body, namespace)
    return None if last is None else eval(last, namespace)


@functools.lru_cache(maxsize=1000)
def _compiled(source: str, filename: str) -> tuple[CodeType, CodeType | None]:
    """Return the code of a cell and of its last expression; a class has the same cells."""
    tree = ast.parse(source, filename)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    body = compile(tree, filename, "exec")
    return body, last and compile(ast.Expression(last.value), filename, "eval")


def remote_names(unit: Unit) -> set[str]:
    """Return the names that live in the student's process.

    Those that the reference answers define at their top level, and those that a given
    cell lists in its metadata as ``{"course": {"remote": [...]}}``: classes of ours whose
    objects the student's functions are to be handed.
    """
    names = set().union(*(defined_names(c.source) for c in unit.answers.values()))
    for cell in unit.notebook.cells:
        names |= set(cell.metadata.get("course", {}).get("remote", ()))
    return names


class Names(dict):
    """The globals of the check cells; the student's names are asked for in the session.

    Parameters
    ----------
    remote : set of str
        The names that live in the session.
    resolve : callable
        Returns the stand-in for a name, or raises NameError.
    """

    def __init__(self, remote: set[str], resolve: Callable[[str], object]) -> None:
        super().__init__(__name__="__main__")
        self._remote, self._resolve = remote, resolve
        self._known: dict[str, StandIn] = {}

    def __missing__(self, name: str):
        if name not in self._remote:
            raise KeyError(name)  # Python looks among the builtins next
        if name in self._known:
            return self._known[name]
        found = self._resolve(name)
        # A check names the same function some ten times: a quarter of all requests.
        if isinstance(found, StandIn) and found._ref_.kind in ("function", "class", "mapping"):
            self._known[name] = found
        return found

    def ask_again(self) -> None:
        """Let the names of the session be asked for anew: between two checks they may change."""
        self._known.clear()

    def forget_remote(self) -> None:
        """Drop what a locked cell defined here under a name that belongs to the session."""
        for name in self._remote & set(self):
            del self[name]


@contextlib.contextmanager
def _check_surroundings(share: Callable, toolbox: Path | None) -> Iterator[None]:
    """Let `course` in this process share arrays with the session and load reference layers."""
    before_share, before_toolbox = course_check._share, os.environ.get(TOOLBOX_VARIABLE)
    course_check._share = share
    if toolbox is not None:
        os.environ[TOOLBOX_VARIABLE] = str(toolbox)
    try:
        yield
    finally:
        course_check._share = before_share
        if toolbox is not None:
            os.environ.pop(TOOLBOX_VARIABLE)
            if before_toolbox is not None:
                os.environ[TOOLBOX_VARIABLE] = before_toolbox


class Examiner:
    """Executes restored notebooks, each in a session of its own; a context manager.

    Parameters
    ----------
    limits : Limits, optional
        For every session.
    isolated : bool
        False is ``--unsafe-no-sandbox``.

    Raises
    ------
    SandboxUnavailable
        On the first notebook, if this host refuses what isolation needs.
    """

    def __init__(self, limits: Limits | None = None, isolated: bool = True) -> None:
        self._server = ForkServer(limits, isolated=isolated)

    def __enter__(self) -> Examiner:
        return self

    def __exit__(self, *error) -> None:
        self.close()

    def close(self) -> None:
        """End the warm interpreter."""
        self._server.close()

    def execute(self, notebook: NotebookNode, unit: Unit) -> dict[str, list[Operation]]:
        """Fill in the outputs of a restored notebook's cells, in place.

        Cells tagged ``demo`` are left out. An answer that fails, hangs or ends its
        process leaves errors in its cells and fails its checks; nothing is raised for it.

        Returns
        -------
        dict of str to list of Operation
            What each check did to the student's objects and what came of it, by check id:
            for `grader.diagnose`.
        """
        operations: dict[str, list[Operation]] = {}
        # A session of a unit that loads no layers must not see them: they are its answers.
        toolbox = reference_toolbox() if unit.loads_layers else None
        with speaking_to(notebook), self._server.new_session(toolbox) as session:
            names = Names(remote_names(unit), session.stand_in)
            with _check_surroundings(session.share, toolbox):
                for count, cell in enumerate(_code_cells(notebook), 1):
                    before = len(session.transcript)
                    self._run(cell, session, names, count)
                    if kind(cell) == "check":
                        operations[grade_id(cell)] = session.transcript[before:]
        return operations

    def _run(self, cell: NotebookNode, session: Session, names: Names, count: int) -> None:
        what = kind(cell)
        if what == "check":
            cell.outputs = judge(cell.source, grade_id(cell), names)
        else:
            if what == "given":
                run_given(cell, names)
            cell.outputs = _run_in_session(session, cell)
        cell.execution_count = count


def _code_cells(notebook: NotebookNode) -> Iterator[NotebookNode]:
    """Yield the cells to execute; clear the others."""
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        cell.outputs, cell.execution_count = [], None
        if kind(cell) != "demo":
            yield cell


def run_given(cell: NotebookNode, names: Names) -> None:
    """Run a locked cell of ours for the checks to come; what it prints is nobody's concern."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        execute_cell(cell.source, grade_id(cell), names)
    names.forget_remote()


def _run_in_session(session: Session, cell: NotebookNode) -> list[NotebookNode]:
    try:
        result = session.run_cell(cell.source, cell_id=grade_id(cell) or cell.id)
    except SessionError as error:
        said = _("this cell was not run: the notebook {error}").format(error=error)
        return [_error("NotRun", said)]
    return [nbformat.from_dict(output) for output in result.outputs]


def judge(source: str, check_id: str, names: Names) -> list[NotebookNode]:
    """Run one check cell here and return its outputs: the printed reasons and the score.

    A check that ends in anything but a plain float gives no points, whatever went wrong.
    """
    said = io.StringIO()
    names.ask_again()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(io.StringIO()):
            score = execute_cell(source, check_id, names)
    except Exception as error:
        return [_error(type(error).__name__, str(error), traceback.format_exc())]
    outputs = [_output("stream", name="stdout", text=said.getvalue())] if said.tell() else []
    if type(score) is not float:
        said = _("check {name} gave no score").format(name=check_id)
        return [*outputs, _error("NoVerdict", said)]
    data = NotebookNode({"text/plain": repr(score)})
    shown = _output("execute_result", data=data, metadata=NotebookNode(), execution_count=None)
    return [*outputs, shown]


def _error(name: str, message: str, text: str | None = None) -> NotebookNode:
    lines = (text or f"{name}: {message}").splitlines()
    return _output("error", ename=name, evalue=message, traceback=lines)


def _output(kind: str, **fields) -> NotebookNode:
    """Return an output as `nbformat.v4.new_output` does, without half a ms of validation."""
    return NotebookNode(output_type=kind, **fields)

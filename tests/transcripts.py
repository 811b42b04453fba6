"""Transcripts without a sandbox: a unit's checks against stand-ins, both ends in this process.

For our own answers alone. What a check does to an answer crosses the wire here as it does
between two processes, so that the transcript is the one that grading would keep.
"""

from __future__ import annotations

import contextlib
import io
import os
import warnings

import numpy as np

from grader import wire
from grader.inside.objects import Desk
from grader.remote import Operation, Remote, callback_message, error_from
from grader.sandbox import Limits
from grader.units import Unit, grade_id, kind, reference_answer, reference_toolbox, solution_removed
from grader.verdict import (
    Names,
    _check_surroundings,
    execute_cell,
    judge,
    remote_names,
    run_given,
)


class _Shell:
    """As much of a shell as a desk asks for."""

    def __init__(self, names: dict) -> None:
        self.user_ns = names
        self.user_ns_hidden = {"__builtins__", "__name__"}
        self.compile = type("Compiler", (), {"cells": {}})


class _Loop:
    """A channel whose two ends take turns in one thread."""

    def __init__(self, serve) -> None:
        self.serve, self.sent, self.come = serve, [], []

    def send(self, frame: bytes) -> None:
        message = wire.decode(frame)
        if message[0] == "callback":
            self.come.append(self.serve(frame))
        else:
            self.sent.append(frame)

    def receive(self) -> bytes:
        return self.come.pop()


class LocalSession:
    """The like of `grader.session.Session`, with nothing to keep the answers in."""

    def __init__(self) -> None:
        self.names: dict = {"__name__": "__main__"}
        self.remote = Remote(self._ask, lambda error: None, 100_000)
        self.loop = _Loop(self._callback)
        self.desk = Desk(self.loop, _Shell(self.names), Limits())
        self.stand_in, self.share = self.remote.stand_in, self.remote.share
        self.cause = None

    @property
    def transcript(self) -> list[Operation]:
        return self.remote.transcript

    def _callback(self, frame: bytes) -> bytes:
        _, number, arguments, named = wire.decode(frame, self.remote.incoming)
        self.cause = None
        try:
            return self.remote.encode(("result", self.remote.callback(number)(*arguments, **named)))
        except Exception as error:
            self.cause = error
            return wire.encode(("failed", callback_message(error)))

    def _ask(self, action: str, arguments: tuple, label: str):
        frame = self.remote.request(action, arguments)
        self.cause = None
        self.desk.answer(wire.decode(frame, self.desk._resolve))
        kind, answer = wire.decode(self.loop.sent.pop(), self.remote.incoming)
        if kind == "ok":
            return answer
        raise error_from(answer, {}, self.cause) from self.cause


@contextlib.contextmanager
def _graded(seed: int):
    before = {k: os.environ.get(k) for k in ("COURSE_GRADED", "COURSE_PROBE_SEED")}
    os.environ.update(COURSE_GRADED="1", COURSE_PROBE_SEED=str(seed))
    try:
        yield
    finally:
        for key, value in before.items():
            os.environ.pop(key) if value is None else os.environ.__setitem__(key, value)


def transcribe(
    unit: Unit,
    answers: dict[str, str],
    *,
    blank: bool = False,
    seed: int = 0,
    only: set[str] | None = None,
):
    """Run a unit's checks on answers; the others hold the reference.

    Parameters
    ----------
    unit : Unit
    answers : dict of str to str
        Sources by exercise.
    blank : bool
        Leave every other answer as it is handed out.
    seed : int
        ``COURSE_PROBE_SEED``.
    only : set of str, optional
        Run the checks of these exercises alone.

    Returns
    -------
    cells : dict of str to NotebookNode
        Every executed check cell, by id.
    operations : dict of str to list of Operation
        What each check did.
    """
    session = LocalSession()
    names = Names(remote_names(unit), session.stand_in)
    toolbox = reference_toolbox() if unit.loads_layers else None
    cells, operations = {}, {}
    state = np.random.get_state()
    with (
        _graded(seed),
        _check_surroundings(session.share, toolbox),
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
        np.errstate(all="ignore"),
    ):
        warnings.simplefilter("ignore")
        for cell in unit.notebook.cells:
            what, name = kind(cell), grade_id(cell)
            if what == "given":
                run_given(cell, names)
                execute_cell(cell.source, name, session.names)
            elif what == "answer":
                other = solution_removed(cell.source) if blank else reference_answer(cell)
                with contextlib.suppress(Exception):
                    execute_cell(answers.get(name, other), name, session.names)
            elif what == "check" and (only is None or unit.exercise_of(name) in only):
                before = len(session.transcript)
                cells[name] = cell.copy()
                cells[name].outputs = judge(cell.source, name, names)
                operations[name] = session.transcript[before:]
    np.random.set_state(state)
    return cells, operations

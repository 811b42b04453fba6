"""Warm Python that forks a session in milliseconds: the grader's end of it.

`grader.inside.main` is the other end. The two talk over one socket, a message and an
answer at a time; each session gets a socket of its own, made here and handed over.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import socket
import subprocess
import tempfile
import weakref
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from . import sandbox
from .errors import SandboxUnavailable, SessionDied
from .language import language
from .sandbox import Limits
from .session import Session

START_S = 60.0  # a cold disk under a loaded machine; half a second is usual
ANSWER_S = 20.0  # the server only forks and kills, so a slow answer is none

_servers: weakref.WeakSet[ForkServer] = weakref.WeakSet()


@dataclass(frozen=True)
class Ending:
    """How a session's process ended.

    Attributes
    ----------
    status : int
        Exit status; negative for the signal that ended it.
    by_itself : bool
        Whether it ended before we ended it.
    too_large : bool
        Whether it was ended because it held too much memory.
    """

    status: int
    by_itself: bool
    too_large: bool


class Process:
    """The process of one session; made by `ForkServer.new_session`."""

    def __init__(self, server: ForkServer, number: int) -> None:
        self._server, self._number = server, number
        self._generation = server.generation
        self._ending: Ending | None = None

    def _request(self, **request) -> dict:
        if self._server.generation != self._generation:
            raise SessionDied("the server that it was forked from has ended")
        return self._server.request(number=self._number, **request)

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt in the session."""
        self._request(do="interrupt")

    def end(self, patience_s: float = 0.0) -> Ending:
        """End the session with all its processes, wait until they are gone, and tell how."""
        if self._ending is None:
            self._ending = Ending(**self._request(do="end", patience_s=patience_s))
        return self._ending


class ForkServer:
    """A warm Python inside the sandbox; a context manager.

    Parameters
    ----------
    limits : Limits
        For every session.
    isolated : bool
        False is ``--unsafe-no-sandbox``: plain forks with limits on time, memory and files.

    Raises
    ------
    SandboxUnavailable
        If this host refuses what isolation needs.

    Notes
    -----
    For one thread at a time. A fork of the grader (a worker of multiprocessing) has to
    make its own.

    Examples
    --------
    >>> with ForkServer() as server, server.new_session() as session:  # doctest: +SKIP
    ...     session.run_cell("def double(x): return 2 * x", cell_id="double")
    ...     session.stand_in("double")(21)
    42
    """

    def __init__(self, limits: Limits | None = None, *, isolated: bool = True) -> None:
        self.limits, self.isolated = limits or Limits(), isolated
        self.generation = 0
        self._control: socket.socket | None = None
        self._process: subprocess.Popen | None = None
        self._numbers = itertools.count(1)

    def __enter__(self) -> ForkServer:
        self.start()
        return self

    def __exit__(self, *error) -> None:
        self.close()

    def start(self) -> None:
        """Start the warm Python, unless it runs; the first session would do it as well."""
        if self._control is not None:
            return
        if self.isolated and (reason := sandbox.available()) is not None:
            raise reason
        self.generation += 1
        # Isolated sessions live in memory; the others need a folder, which goes with the server.
        self._home = "/" if self.isolated else tempfile.mkdtemp(prefix="forkserver-")
        self._said = tempfile.TemporaryFile()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                self._command(),
                env=sandbox.environment(None if self.isolated else self._home),
                cwd=self._home,
                stdin=theirs,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
                start_new_session=True,
            )
        self._control = ours
        _servers.add(self)
        ours.settimeout(START_S)
        try:
            started = ours.recv(1 << 16)
        except OSError:
            started = b""
        if not started:
            self.close()
            self._said.seek(0)
            raise sandbox.refusal(self._said.read().decode("utf-8", "replace"))
        ours.settimeout(ANSWER_S)

    def _command(self) -> list[str]:
        code = sandbox.CODE if self.isolated else str(sandbox.HERE.parent)
        run = (
            f"import sys; sys.path.insert(0, {code!r}); from grader.inside.main import main; main()"
        )
        how = "isolated" if self.isolated else "open"
        command = [sandbox.interpreter(), "-I", "-c", run, how, str(sandbox.NOBODY)]
        return sandbox.bubblewrap(command) if self.isolated else command

    def request(self, *fds: int, **request) -> dict:
        """Send one request to the other end and return its answer.

        Raises
        ------
        SessionDied
            If the server has ended; every session of it has ended too.
        """
        if self._control is None:
            raise SessionDied("the server that it was forked from has ended")
        try:
            socket.send_fds(self._control, [json.dumps(request).encode()], fds)
            answer = self._control.recv(1 << 16)
        except OSError:
            answer = b""
        if not answer:
            self.close()
            raise SessionDied("the server that it was forked from has ended")
        return json.loads(answer)

    def new_session(self, toolbox: Path | None = None) -> Session:
        """Fork a session.

        A server that has died is started once more.

        Parameters
        ----------
        toolbox : Path, optional
            The folder of the reference layers (`grader.units.reference_toolbox`), for the one
            unit that loads layers. Other units must not see it: it holds answers.

        Raises
        ------
        SandboxUnavailable
            If this host refuses the inner wall.
        """
        try:
            self.start()
            return self._fork(toolbox)
        except SessionDied:
            self.start()
            return self._fork(toolbox)

    def _fork(self, toolbox: Path | None) -> Session:
        number = next(self._numbers)
        where = sandbox.TOOLBOX if self.isolated and toolbox else toolbox and str(toolbox)
        ours, theirs = socket.socketpair()
        try:
            with theirs, _handed_over(toolbox if self.isolated else None) as layers:
                said = self.request(
                    theirs.fileno(), *layers, do="start", number=number,
                    limits=asdict(self.limits), lang=language(), toolbox=where,
                )  # fmt: skip
            if "refused" in said:
                raise sandbox.refusal(said["refused"])
        except (SessionDied, SandboxUnavailable):
            ours.close()
            raise
        return Session(ours, Process(self, number), self.limits)

    def close(self) -> None:
        """End the warm Python and with it every session."""
        if self._control is None:
            return
        self._control.close()
        self._control = None
        # The end of the socket ends the server, and its namespace ends with it.
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, 9)
            self._process.wait()
        if not self.isolated:
            shutil.rmtree(self._home, ignore_errors=True)


@contextlib.contextmanager
def _handed_over(toolbox: Path | None) -> Iterator[list[int]]:
    """Put the layers of a toolbox into a file without a name; yield it, or nothing.

    They go into the sandbox with the session that may see them and no other way. The warm
    Python passes the file on and never reads it: what it had read, all sessions would inherit.
    """
    if toolbox is None:
        yield []
        return
    layers = {path.name: path.read_text("utf-8") for path in sorted(toolbox.glob("*.py"))}
    with open(os.memfd_create("layers"), "wb", buffering=0) as file:
        file.write(json.dumps(layers).encode())
        yield [file.fileno()]


def _forget_in_child() -> None:
    # A fork of the grader holds copies of our sockets: a server would outlive the grader.
    for server in list(_servers):
        if server._control is not None:
            server._control.close()
            server._control = None


os.register_at_fork(after_in_child=_forget_in_child)

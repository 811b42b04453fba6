"""The warm Python behind the outer wall: it forks sessions and runs no student code.

Its standard input is a socket to the grader, which sends one JSON message and waits for
one in return. ``start`` comes with a second socket, the session's own end of a pair.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import json
import os
import pkgutil
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
import types

NOT_FOR_NOTEBOOKS = {"course.exchange"}  # it would load nbgrader: 2 s, and all that hangs on it
WATCH_EVERY_S = 0.1  # two cores can fill some 0.5 GB of memory in that time


def warm_up():
    """Import what notebooks import, use it once, and return the shell that sessions start with."""
    import matplotlib.figure
    import numpy

    import course
    import grader.inside.objects  # noqa: F401
    from grader.inside.shell import Shell

    for module in pkgutil.iter_modules(course.__path__, "course."):
        if module.name not in NOT_FOR_NOTEBOOKS:
            importlib.import_module(module.name)
    numpy.random.default_rng(0)  # numpy loads this part of itself on first use: 5 ms a session
    course.data.digits()
    trial = Shell()
    trial.run("1 + 1\n1 / 0", "warm", _Any())  # ten ms of lazy imports, in tracebacks above all
    importlib.import_module("matplotlib.pyplot")
    figure = matplotlib.figure.Figure()
    axes = figure.subplots()
    axes.plot([1, 2])
    axes.set_title("warm")
    figure.savefig(io.BytesIO(), format="png")  # finds the fonts
    Shell.clear_instance()
    shell = Shell.instance()
    shell.enable_matplotlib("inline")
    return shell


class _Any:
    """Limits for our own trial run."""

    cell_output_kb = 0


class Session:
    """One forked session, as seen from here."""

    def __init__(self, pid: int, memory_mb: int, folder: str | None) -> None:
        self.pid, self.memory_mb, self.folder = pid, memory_mb, folder
        self.status: int | None = None
        self.too_large = False

    def poll(self) -> bool:
        """Return whether it has ended."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status is not None

    def signal(self, number: int) -> None:
        """Send a signal; a process that has not been waited for cannot be another one."""
        if not self.poll():
            os.kill(self.pid, number)


class Server:
    """Serves the grader until it closes its end."""

    def __init__(self, control: socket.socket, isolated: bool) -> None:
        self.control, self.isolated = control, isolated
        self.sessions: dict[int, Session] = {}
        self.shell = warm_up()
        from grader.inside import walls

        self.walls = walls
        self.room = walls.address_space()
        self.own_memory = _private_memory(os.getpid())

    def serve(self) -> None:
        """Answer one message after the other; look after the memory meanwhile."""
        gc.collect()
        gc.freeze()  # or the first collection of each session copies every page
        self._say({"ready": True})
        while True:
            patience = WATCH_EVERY_S if self.sessions else None
            ready, _, _ = select.select([self.control], [], [], patience)
            if not ready:
                self._watch_memory()
                continue
            message, fds, _, _ = socket.recv_fds(self.control, 1 << 16, 2)
            if not message:
                for number in list(self.sessions):
                    self.do_end(number, 0.0)
                return
            request = json.loads(message)
            try:
                answer = getattr(self, "do_" + request.pop("do"))(*fds, **request)
            except OSError as error:
                answer = {"refused": str(error)}
            finally:
                for fd in fds:
                    os.close(fd)
            self._say(answer)

    def _say(self, answer: dict) -> None:
        self.control.send(json.dumps(answer).encode())

    def do_start(
        self,
        fd: int,
        layers: int | None = None,
        *,
        number: int,
        limits: dict,
        lang: str,
        toolbox: str | None,
    ) -> dict:
        """Fork a session that serves ``fd``, and in which `course` speaks ``lang``.

        It finds the reference layers in the folder ``toolbox``, if that is given. ``layers`` is
        an open file that holds them; to be read in the fork alone, which puts them there.
        """
        folder = None if self.isolated else tempfile.mkdtemp(prefix="session-", dir=os.getcwd())
        told, tell = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(told)
            os.environ["COURSE_LANG"] = lang
            if toolbox is not None:
                os.environ["COURSE_TOOLBOX"] = toolbox
            self._become_session(fd, tell, types.SimpleNamespace(**limits), folder, layers)
        os.close(tell)
        with open(told) as pipe:  # until the session has put up its walls and closed it
            said = {key: value for line in pipe for key, value in json.loads(line).items()}
        if self.isolated:
            os.waitpid(pid, 0)
            pid = said.get("pid")
        if pid is not None:
            self.sessions[number] = Session(pid, limits["session_memory_mb"], folder)
        if "ready" in said:
            return {}
        if pid is not None:
            self.do_end(number, 0.0)
        return {"refused": said.get("refused", "the session ended at once")}

    def do_interrupt(self, number: int) -> dict:
        """Raise KeyboardInterrupt in a session."""
        self.sessions[number].signal(signal.SIGINT)
        return {}

    def do_end(self, number: int, patience_s: float) -> dict:
        """End a session and all its processes; tell how it ended.

        One that is ending by itself is given ``patience_s`` to do so, for the sake of
        the status that it leaves.
        """
        session = self.sessions.pop(number)
        deadline = time.monotonic() + patience_s
        while not session.poll() and time.monotonic() < deadline:
            time.sleep(0.002)
        by_itself = session.poll()
        if not by_itself:
            if not self.isolated:
                with contextlib.suppress(OSError):
                    os.killpg(session.pid, signal.SIGKILL)
            session.signal(signal.SIGKILL)
            while not session.poll():
                time.sleep(0.0005)
        if session.folder:
            shutil.rmtree(session.folder, ignore_errors=True)
        return {"status": session.status, "by_itself": by_itself, "too_large": session.too_large}

    # ------------------------------------------------------------ memory

    def _watch_memory(self) -> None:
        """End each session whose processes together hold more than they may."""
        parents, sizes = {}, {}
        for pid in (int(name) for name in os.listdir("/proc") if name.isdigit()):
            with contextlib.suppress(OSError, ValueError):  # it ended meanwhile
                sizes[pid], parents[pid] = _private_memory(pid), _parent(pid)
        for session in self.sessions.values():
            family = [p for p in sizes if _descends(p, session.pid, parents)]
            # What was there before the fork is shared with us; count what came after.
            used = sum(max(0, sizes[p] - self.own_memory) for p in family)
            if used > session.memory_mb << 20 and not session.poll():
                session.too_large = True
                session.signal(signal.SIGKILL)

    # ------------------------------------------------------------ in the session

    def _become_session(self, fd: int, tell: int, limits, folder: str | None, layers: int | None):
        """Shut this fork in, serve the grader, and never return."""
        try:
            os.setsid()
            if self.isolated:
                self.walls.enter_namespaces()
                self.walls.mount_scratch(limits.scratch_mb)
                if layers is not None:
                    with open(layers, "rb", closefd=False) as file:
                        file.seek(0)
                        self.walls.mount_files(os.environ["COURSE_TOOLBOX"], json.load(file))
                pid = os.fork()
                if pid:
                    _tell(tell, pid=pid)
                    os._exit(0)
                os.chdir(os.environ["HOME"])
            else:
                self.walls.prctl(self.walls.PR_SET_PDEATHSIG, signal.SIGKILL)
                os.chdir(folder)
                os.environ["HOME"] = os.environ["TMPDIR"] = folder
            tell = self._keep_only(fd, tell)
            self.walls.set_limits(limits, self.room, count_processes=self.isolated)
            self.walls.prctl(self.walls.PR_SET_DUMPABLE, 0)
            if self.isolated:
                self.walls.drop_capabilities()
                self.walls.filter_system_calls()
            _tell(tell, ready=True)
        except Exception as error:
            _tell(tell, refused=f"{type(error).__name__}: {error}")
            os._exit(1)
        os.close(tell)
        try:
            self._serve_session(limits)
        finally:
            os._exit(1)  # a session ends by being killed; to end by itself is a fault

    @staticmethod
    def _keep_only(fd: int, tell: int) -> int:
        """Move our two files to 3 and 4 and close all others; nothing is read or printed."""
        fd, tell = os.dup2(fd, 100), os.dup2(tell, 101)
        os.dup2(fd, 3)
        os.dup2(tell, 4, inheritable=False)
        os.closerange(5, 1 << 16)
        os.set_inheritable(3, False)
        empty = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(empty, standard)
        os.close(empty)
        return 4

    def _serve_session(self, limits) -> None:
        from grader import wire
        from grader.inside.objects import Desk

        self.sessions.clear()
        self.shell.take_streams(limits)
        Desk(wire.Channel(socket.socket(fileno=3)), self.shell, limits).serve()


def _tell(pipe: int, **facts) -> None:
    """Tell the server one thing about a session that is being made."""
    os.write(pipe, json.dumps(facts).encode() + b"\n")


def _private_memory(pid: int) -> int:
    """Return the bytes of memory of a process that are in no file; 0 for one that has ended."""
    with open(f"/proc/{pid}/status") as file:
        return sum(
            int(line.split()[1]) << 10 for line in file if line.startswith(("RssAnon", "RssShmem"))
        )


def _parent(pid: int) -> int:
    with open(f"/proc/{pid}/stat") as file:
        return int(file.read().rpartition(")")[2].split()[1])


def _descends(pid: int, ancestor: int, parents: dict[int, int]) -> bool:
    for _ in range(len(parents)):
        if pid == ancestor:
            return True
        pid = parents.get(pid, 0)
    return False


def main() -> None:
    """Run the server: ``isolated`` or not, and the user to become."""
    isolated, user = sys.argv[1] == "isolated", int(sys.argv[2])
    control = socket.socket(fileno=os.dup(0))
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    from grader.inside import walls

    if os.geteuid() == 0 and isolated:
        walls.become(user)
    walls.prctl(walls.PR_SET_DUMPABLE, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C of the instructor is the grader's
    Server(control, isolated).serve()

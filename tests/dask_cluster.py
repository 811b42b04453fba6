"""A Dask cluster for tests: a scheduler and workers as an operator starts them, on this machine."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from batches import until
from distributed import Client

from grader.worker import Grader, Outcome, Settings, Task

TESTS = Path(__file__).parent
START_S = 60.0


class DaskCluster:
    """A scheduler and its workers; a context manager.

    Parameters
    ----------
    folder : Path
        For logs.
    workers : int
        How many there are at first.
    **environment
        Variables of the scheduler.
    """

    def __init__(self, folder: Path, workers: int = 2, **environment: str) -> None:
        self.folder, self._first, self._environment = folder, workers, environment
        scheme = environment.pop("SCHEME", "tcp")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"{scheme}://127.0.0.1:{self.port}"
        self.machines: list[subprocess.Popen] = []  # each with one worker
        self._started: list[subprocess.Popen] = []

    def __enter__(self) -> DaskCluster:
        try:
            self.start_scheduler()
            for _ in range(self._first):
                self.add()
            if self._first:
                self.wait_for(self._first)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error) -> None:
        for process in self._started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _start(
        self, *arguments: str, core: int | None = None, **environment: str
    ) -> subprocess.Popen:
        pinned = [] if core is None else ["taskset", "--cpu-list", str(core)]
        paths = [environment.pop("FIRST_PATH", ""), str(TESTS), str(TESTS.parent)]
        with open(self.folder / f"{arguments[0]}.log", "a") as log:
            process = subprocess.Popen(
                [*pinned, sys.executable, "-m", "dask", *arguments, *unit_options(arguments[0])],
                cwd=self.folder,
                env=os.environ
                | unit_environment(arguments[0])
                | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
                | {"DASK_TEMPORARY_DIRECTORY": str(self.folder)}
                | environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._started.append(process)
        return process

    def start_scheduler(self) -> None:
        """Start the scheduler, or start it anew."""
        self.scheduler = self._start("scheduler", "--host", self.address, **self._environment)

    def add(
        self, threads: int = 1, core: int | None = None, **environment: str
    ) -> subprocess.Popen:
        """Start a worker: what is returned and the processes below it are one machine."""
        which = ["worker", self.address, "--nworkers", "1", "--nthreads", str(threads)]
        self.machines.append(self._start(*which, core=core, **environment))
        return self.machines[-1]

    def wait_for(self, count: int) -> None:
        """Wait until there are so many workers."""
        with Client(self.address, timeout=START_S, set_as_default=False) as client:
            until(lambda: len(client.nthreads()) == count, START_S)

    def workers(self) -> dict[str, int]:
        """Return the process id of each worker by its address."""
        with Client(self.address, timeout=START_S, set_as_default=False) as client:
            return client.run(os.getpid)

    def graders(self) -> list[int]:
        """Return the processes that grade."""
        found = []
        for path in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (path / "cmdline").read_text().split("\0")
                if "grader.pool" in words and self._is_ours(int(path.name)):
                    found.append(int(path.name))
        return found

    def _is_ours(self, pid: int) -> bool:
        return os.getsid(pid) in {process.pid for process in self._started}


def unit(part: str) -> str:
    """Return an operator's systemd unit of Dask's ``scheduler`` or ``worker``."""
    return (TESTS.parent / "deploy" / "dask" / f"backprop-dask-{part}.service").read_text("utf-8")


def unit_environment(part: str) -> dict[str, str]:
    """Return what the unit sets for it."""
    return dict(re.findall(r"^Environment=(DASK_\w+)=(.*)$", unit(part), re.MULTILINE))


def unit_options(part: str) -> list[str]:
    """Return with what the unit starts it, but for addresses, which a test has of its own."""
    (options,) = re.findall(r"^ExecStart=.* (--no-dashboard.*) \$\w+$", unit(part), re.MULTILINE)
    return options.split()


@contextlib.contextmanager
def through(port: int) -> Iterator[tuple[str, Callable[[], None]]]:
    """Forward connections to a port; yield the address, and what cuts them all."""
    open_ones: list[socket.socket] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def pump(one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(1 << 16):
                other.sendall(data)
        cut_off([one, other])

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listening.accept()
                try:
                    far = socket.create_connection(("127.0.0.1", port))
                except OSError:  # the scheduler is dead at the moment
                    near.close()
                    continue
                open_ones.extend([near, far])
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=pump, args=pair, daemon=True).start()

    def cut_off(some: list[socket.socket]) -> None:
        for one in some:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def cut() -> None:
        gone, open_ones[:] = list(open_ones), []
        cut_off(gone)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"tcp://127.0.0.1:{listening.getsockname()[1]}", cut
    finally:
        listening.close()
        cut()


class Failing(Grader):
    """A grader that something befalls at one student, a number of times.

    Parameters
    ----------
    victim : str
    times : int
    how : str
        ``'dies'``, ``'takes the worker along'`` or ``'hangs'``.
    book : Path
        Where it is written down, a line a time, with the process of the Dask worker.
    """

    def __init__(
        self, settings: Settings, *, victim: str, times: int, how: str, book: Path
    ) -> None:
        super().__init__(settings)
        self._victim, self._times, self._how, self._book = victim, times, how, book

    def grade(self, task: Task) -> Outcome:
        """Fail, or grade."""
        if task.student == self._victim and len(read_book(self._book)) < self._times:
            with open(self._book, "a") as book:
                print(os.getppid(), file=book)
            if self._how == "hangs":
                time.sleep(10_000)
            if self._how == "takes the worker along":
                os.kill(os.getppid(), signal.SIGKILL)
            os.kill(os.getpid(), signal.SIGKILL)
        return super().grade(task)


def read_book(book: Path) -> list[int]:
    """Return which Dask workers something befell at."""
    return [int(line) for line in book.read_text().split()] if book.exists() else []

"""Where the jobs of a batch are done: in processes of this machine.

`grader.cluster` has the other place, a Dask cluster. Both take jobs (`Job`) from an iterator,
keep every worker busy, and try what brought a worker down once more. A worker
(`grader.worker`) is pure: bytes in, bytes and a verdict out.
"""

from __future__ import annotations

import collections
import contextlib
import fcntl
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from pathlib import Path

from .sandbox import Limits
from .worker import Crash, Grader, Settings, serve

AHEAD_BYTES = 48 << 10  # a task of this size fits into a worker's pipe while it works on another
# Longer than any notebook is allowed to run; a worker that takes it hangs in code of ours.
PATIENCE_S = Limits().notebook_time_s + 120
# The matrices of a check are small; threads for them would only fight over the cores.
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
# The kernel takes 107 bytes of a socket's path, and multiprocessing adds two names to the folder.
SOCKET_FOLDER = 107 - len("/pymp-12345678/listener-12345678")
_SCRATCH = "grader-batch-"


@dataclass
class Job:
    """One call for a worker, and who hears of the answer.

    ``failed_at`` names the worker that it has brought down, where workers have names.
    """

    method: str
    arguments: tuple
    size: int
    done: Callable[[object], None]
    tries: int = 0
    failed_at: str | None = None


class Pool(ABC):
    """Workers for one batch; a context manager.

    A job whose worker fails is tried once more; then it is answered with a `Crash`.
    """

    def __init__(self) -> None:
        self._again: collections.deque[Job] = collections.deque()

    @abstractmethod
    def __enter__(self) -> Pool: ...

    @abstractmethod
    def __exit__(self, *error) -> None: ...

    @property
    @abstractmethod
    def size(self) -> int:
        """How many jobs are worked on at once."""

    @abstractmethod
    def _feed(self, jobs: Iterator[Job | None]) -> bool:
        """Give out what can be given; return whether there may be more."""

    @abstractmethod
    def _busy(self) -> bool:
        """Return whether there is a job that is not answered."""

    @abstractmethod
    def _listen(self, timeout_s: float) -> None:
        """Hear what workers answer, within some time."""

    def run(
        self,
        jobs: Iterator[Job | None],
        idle: Callable[[], None] = lambda: None,
        every_s: float = 1.0,
    ) -> None:
        """Have all jobs done; their ``done`` may add to what ``jobs`` yields.

        ``jobs`` may yield None for "nothing at the moment". While workers are busy, it is
        asked again and ``idle`` is called at least every ``every_s`` seconds.
        """
        more = True
        while True:
            if more:
                more = self._feed(jobs)
            if not self._busy():
                if not more:
                    return
                continue
            self._listen(every_s)
            more = True  # an answer may have brought new work
            idle()

    def _answer(self, job: Job, answer) -> None:
        if isinstance(answer, Crash) and not answer.refused and job.tries == 0:
            job.tries = 1
            self._again.append(job)
        else:
            job.done(answer)


class _Worker:
    """One worker process, and what it has been given and not answered."""

    def __init__(self, context, settings: Settings, make: Callable) -> None:
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(theirs, settings, make), daemon=True)
        self.process.start()
        theirs.close()
        self.given: collections.deque[Job] = collections.deque()
        self.since = time.monotonic()

    def give(self, job: Job) -> None:
        """Send a job; it is answered in its turn."""
        if not self.given:
            self.since = time.monotonic()
        self.given.append(job)
        with contextlib.suppress(OSError):  # it has died: the end of its pipe tells
            self.connection.send((job.method, job.arguments))

    def end(self) -> None:
        """End the process."""
        self.connection.close()
        self.process.kill()
        self.process.join()
        self.process.close()


class Processes(Pool):
    """Worker processes of this machine; one that dies is replaced.

    Parameters
    ----------
    settings : Settings
    jobs : int
        How many workers.
    make : callable
        Makes the `Grader` of a worker.
    ahead : int
        How many small jobs a worker is given while it works on another: none waits for the
        next, but what is given waits for this one.
    """

    def __init__(
        self, settings: Settings, jobs: int, make: Callable = Grader, ahead: int = 1
    ) -> None:
        super().__init__()
        # Forked from a small process that has loaded the grader and holds no database
        # connection, no thread and no lock: a worker starts, and starts again, in milliseconds.
        self._context = multiprocessing.get_context("forkserver")
        self._settings, self._jobs, self._make, self._ahead = settings, jobs, make, ahead
        self._workers: list[_Worker] = []

    def __enter__(self) -> Processes:
        self._workers = [self._new(i) for i in range(self._jobs)]
        return self

    def __exit__(self, *error) -> None:
        for worker in self._workers:
            worker.end()

    def _new(self, index: int) -> _Worker:
        settings = self._settings
        cores = sorted(os.sched_getaffinity(0))
        if self._jobs == len(cores):
            # A worker and its session only ever take turns. On one core a turn costs half of
            # what it costs from core to core: a seventh of all processor time.
            settings = replace(settings, cpu=cores[index])
        return _Worker(self._context, settings, self._make)

    @property
    def size(self) -> int:
        """How many jobs are worked on at once."""
        return self._jobs

    def _busy(self) -> bool:
        return bool(self._again) or any(w.given for w in self._workers)

    def _feed(self, jobs: Iterator[Job | None]) -> bool:
        for ahead in range(self._ahead + 1):
            for worker in self._workers:
                while len(worker.given) <= ahead:
                    job = self._again.popleft() if self._again else next(jobs, None)
                    if job is None:
                        return False
                    if worker.given and job.size > AHEAD_BYTES:
                        self._again.appendleft(job)  # its pipe may be full: wait until it is idle
                        return True
                    worker.give(job)
        return True

    def _listen(self, timeout_s: float) -> None:
        ready = wait([w.connection for w in self._workers], timeout=timeout_s)
        for index, worker in enumerate(self._workers):
            if worker.connection in ready:
                self._hear(index, worker)
            elif worker.given and time.monotonic() - worker.since > PATIENCE_S:
                self._replace(index, worker, f"the grader hung for {PATIENCE_S:.0f} s")

    def _hear(self, index: int, worker: _Worker) -> None:
        try:
            answer = worker.connection.recv()
        except (EOFError, OSError):
            worker.process.join(5)
            self._replace(index, worker, worker_ended(worker.process.exitcode))
            return
        job = worker.given.popleft()
        worker.since = time.monotonic()
        self._answer(job, answer)

    def _replace(self, index: int, worker: _Worker, reason: str) -> None:
        given = list(worker.given)
        worker.end()
        self._workers[index] = self._new(index)
        self._again.extend(given[1:])  # not begun: none of their doing
        if given:
            self._answer(given[0], Crash(reason))


def serve_alone(descriptor: int) -> None:
    """Be a worker process that was not forked from the grader: ``python -m grader.pool FD``.

    The first thing that comes over the connection is what `serve` is to be given.
    """
    with Connection(descriptor) as connection, scratch_folder() as scratch:
        settings, make = connection.recv()
        serve(connection, replace(settings, scratch=scratch), make)


def worker_ended(status: int | None) -> str:
    """Return the words for a worker process that has ended."""
    how = f"signal {-status}" if (status or 0) < 0 else f"status {status}"
    return f"the grader's worker ended ({how})"


def start_loading() -> None:
    """Begin to load the grader for the workers, in a process beside this one."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["grader.worker"])
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    try:
        from multiprocessing import forkserver

        with _short_paths():
            forkserver.ensure_running()
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextlib.contextmanager
def _short_paths() -> Iterator[None]:
    """Let multiprocessing put its sockets elsewhere if the folder for temporary files lies deep."""
    before = tempfile.tempdir
    if len(os.fsencode(tempfile.gettempdir())) > SOCKET_FOLDER:
        tempfile.tempdir = "/tmp"
    try:
        yield
    finally:
        tempfile.tempdir = before


@contextlib.contextmanager
def scratch_folder() -> Iterator[str]:
    """Make a folder for the workers' temporary files; remove those of batches that were killed."""
    home = Path(tempfile.gettempdir())
    for left in home.glob(f"{_SCRATCH}*"):
        with contextlib.suppress(OSError), open(left / "lock") as lock:
            if os.stat(left).st_uid == os.geteuid():
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # no one holds it: they are gone
                shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_SCRATCH))
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield str(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    serve_alone(int(sys.argv[1]))

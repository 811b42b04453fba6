"""Workers on a Dask cluster, in place of processes of this machine: ``grader grade --scheduler``.

The cluster is anybody's: ``dask scheduler`` on one machine, ``dask worker`` on the others,
started by hand, by Dask's Helm chart or by a batch system. A submission goes there as bytes
and comes back as bytes and a verdict; nothing there knows of the gradebook. A thread of a Dask
worker hands its job on to a process of its own, in which the grader is warm: that process may
be ended when it hangs or die of what it grades, and the Dask worker lives on.

Whoever reaches a scheduler has its workers run what they like. Keep it to a network of your
own, or let it ask for certificates (``tls://``; Dask's own configuration names them).
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import hashlib
import itertools
import logging
import os
import platform
import queue
import socket
import subprocess
import sys
import threading
import time
import uuid
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from dataclasses import replace
from functools import cache
from multiprocessing import Pipe
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import dask
import numpy as np
from distributed import Client, Future, KilledWorker, Security, WorkerPlugin, get_worker
from distributed.comm import connect
from distributed.versions import VersionMismatchWarning
from tornado.ioloop import PeriodicCallback

import course

from . import pool
from .errors import ClusterUnavailable, SandboxUnavailable
from .pool import ONE_THREAD, PATIENCE_S, Job, Pool, worker_ended
from .units import source_folder
from .worker import Crash, Grader, Settings

CONNECT_S = 15.0  # to a scheduler that there is
KNOCK_S = 5.0  # the same, one try
ANSWER_S = 30.0  # for a scheduler to answer; milliseconds are usual
AGAIN_S = 120.0  # to one that there was: it may be starting again
PARCEL = 4  # how many jobs at most are one Dask task
READY_BYTES = 32 << 20  # of jobs that wait for a parcel
WORKER_S = 300.0  # without any worker; some clusters start machines for it
LOOK_S = 1.0  # how often is asked which workers there are
# what Dask raises when the connection is gone (before Python 3.11 asyncio had a TimeoutError of its own)
LOST = (OSError, asyncio.TimeoutError, CancelledError)
IDLE_S = 900.0  # then a warm grader ends: whoever wanted it may have been killed


@cache
def versions() -> dict[str, str]:
    """Return what the grade of a submission depends on beside the submission.

    Returns
    -------
    dict of str to str
        Digests of the code that grades and of the units, the versions of Python and numpy.
    """
    here = Path(__file__).parent
    code = [p for p in sorted(here.rglob("*.py")) if "exchange" not in p.relative_to(here).parts]
    # A wheel has it in here and a checkout beside it; it lays courses out, and grades nothing.
    code = [p for p in code if p != here / "nbgrader_config.py"]
    code += sorted(Path(course.__file__).parent.rglob("*.py"))
    units = sorted(source_folder().glob("*/*.ipynb"))
    return {
        "grader": _digest(code),
        "units": _digest(units),
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "numpy": np.__version__,
    }


def _digest(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


# ---------------------------------------------------------------- on a worker


class _Process:
    """A process beside a Dask worker that grades, one job after the other."""

    def __init__(self, settings: Settings, make: Callable) -> None:
        self.used = time.monotonic()
        self._connection, theirs = Pipe()
        with theirs:
            # No child of multiprocessing: a Dask worker may itself be one that may have none.
            self._process = subprocess.Popen(
                [sys.executable, "-m", pool.__name__, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=os.environ | dict.fromkeys(ONE_THREAD, "1"),
            )
        self._connection.send((settings, make))

    def call(self, method: str, arguments: tuple) -> object:
        """Return the answer to a job, or a `Crash`; then this process has ended."""
        try:
            self._connection.send((method, arguments))
            if self._connection.poll(PATIENCE_S):
                return self._connection.recv()
            reason = f"the grader hung for {PATIENCE_S:.0f} s"
        except (EOFError, OSError):
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
            reason = worker_ended(self._process.returncode)
        finally:
            self.used = time.monotonic()
        self.end(patience_s=0)
        return Crash(reason)

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def end(self, patience_s: float = 2.0) -> None:
        """End the process; with patience it removes its temporary files itself."""
        self._connection.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(patience_s)
        self._process.kill()
        self._process.wait()


class Grading(WorkerPlugin):
    """What each Dask worker holds for one batch: its settings, and a warm grader a thread.

    Parameters
    ----------
    name : str
        The batch's.
    settings : Settings
    make : callable
        Makes the `Grader` of a process.
    """

    def __init__(self, name: str, settings: Settings, make: Callable) -> None:
        self.name, self._settings, self._make = name, settings, make
        self._versions = versions()

    def setup(self, worker) -> None:
        """Be told that a worker has this plugin now."""
        self._processes: dict[int, _Process] = {}
        self._free: queue.LifoQueue[int] = queue.LifoQueue()
        self._closed = False
        threads = worker.state.nthreads
        for slot in reversed(range(threads)):
            self._free.put(slot)
        cores = sorted(os.sched_getaffinity(0))
        # As `pool.Processes` does: a grader and its sessions take turns on one core.
        self._cores = cores if len(cores) == threads else [None] * threads
        self._sweeping = PeriodicCallback(self._sweep, 1000 * min(30, IDLE_S))
        self._sweeping.start()

    def teardown(self, worker) -> None:
        """Be told that the batch is over, or the worker."""
        self._closed = True
        self._sweeping.stop()
        self._sweep(all_of_them=True)

    def _sweep(self, all_of_them: bool = False) -> None:
        """End the processes that have had nothing to do for long."""
        for slot in self._take_all():
            process = self._processes.get(slot)
            if process and (all_of_them or time.monotonic() - process.used > IDLE_S):
                del self._processes[slot]
                process.end()
            self._free.put(slot)

    def _take_all(self) -> list[int]:
        slots = []
        with contextlib.suppress(queue.Empty):
            while True:
                slots.append(self._free.get_nowait())
        return slots[::-1]

    def call(self, calls: list[tuple[str, tuple]]) -> list[object]:
        """Have jobs done, one after the other, in a process of their own; return the answers."""
        different = {name: v for name, v in versions().items() if v != self._versions[name]}
        if different:
            words = ", ".join(
                f"{n} {v} in place of {self._versions[n]}" for n, v in different.items()
            )
            what = " and ".join(
                dict.fromkeys("the grader" if n in ("grader", "units") else n for n in different)
            )
            reason = (
                f"it would grade otherwise, with {words}; install the same version of {what} there"
            )
            return [Crash(reason, refused=True)] * len(calls)
        slot = self._free.get()
        try:
            return [self._process(slot).call(*one) for one in calls]
        finally:
            self._free.put(slot)
            if self._closed:
                self._sweep(all_of_them=True)

    def _process(self, slot: int) -> _Process:
        process = self._processes.get(slot)
        if process is None or process.ended:
            settings = replace(self._settings, cpu=self._cores[slot])
            process = self._processes[slot] = _Process(settings, self._make)
        return process


def work(name: str, calls: list[tuple[str, tuple]]) -> tuple[str, list[object] | None]:
    """Do jobs of the batch ``name``: what a Dask task is.

    Returns
    -------
    str
        Where.
    list or None
        The answers. None if the worker does not know the batch: its scheduler was started anew.
    """
    worker = get_worker()
    plugin = worker.plugins.get(name)
    return worker.address, None if plugin is None else plugin.call(calls)


# ---------------------------------------------------------------- here


def _within(seconds: float, function: Callable, *args, **options):
    """Call a function of Dask's that may wait for ever for a scheduler that does not answer.

    Raises
    ------
    TimeoutError
        If it does not return in time; its thread is left to itself.
    """
    answer: queue.SimpleQueue[tuple[object, BaseException | None]] = queue.SimpleQueue()

    def call() -> None:
        try:
            answer.put((function(*args, **options), None))
        except BaseException as error:
            answer.put((None, error))

    threading.Thread(target=call, daemon=True).start()
    try:
        value, error = answer.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError(f"no answer within {seconds:.0f} s") from None
    if error is not None:
        raise error
    return value


def _parts(scheduler: str) -> SplitResult:
    """Return the parts of a scheduler's address.

    Raises
    ------
    ClusterUnavailable
        If it is none that Dask, as it is configured here, could use.
    """
    wanted = "tls://host:8786, or tcp://host:8786 within a network of your own, is wanted"
    try:
        parts = urlsplit(scheduler)
        whole = parts.scheme in ("tcp", "tls") and parts.hostname and parts.port
    except ValueError:  # a port that is no number
        whole = False
    if not whole:
        raise ClusterUnavailable(f"{scheduler!r} is no address of a scheduler: {wanted}")
    if parts.scheme != "tls" and dask.config.get("distributed.comm.require-encryption"):
        raise ClusterUnavailable(
            f"{scheduler} is not encrypted, and Dask's configuration here (require-encryption, in "
            "/etc/dask/*.yaml or DASK_CONFIG) wants it: tls:// in place of tcp://"
        )
    return parts


def _certificates(scheduler: SplitResult) -> dict:
    """Return what Dask connects with, certificates among it.

    Raises
    ------
    ClusterUnavailable
        If there are none and the address wants some, or they cannot be read.
    """
    try:
        arguments = Security().get_connection_args("client")
    except OSError as error:
        setting = dask.config.get("distributed.comm.tls")
        names = [setting["ca-file"], setting["client"]["cert"], setting["client"]["key"]]
        raise ClusterUnavailable(
            f"the TLS certificates of Dask's configuration ({', '.join(filter(None, names))}) "
            f"cannot be read: {error.strerror or error}"
        ) from None
    # Dask tells of it as a fault of the caller's, and then takes two minutes to end.
    if scheduler.scheme == "tls" and arguments.get("ssl_context") is None:
        raise ClusterUnavailable(
            f"{scheduler.geturl()} asks for a TLS certificate and Dask's configuration "
            "(distributed.comm.tls, in /etc/dask/*.yaml or DASK_CONFIG) names none"
        )
    return arguments


def _knock(scheduler: str, arguments: dict) -> None:
    """Connect and hang up.

    A `Client` that fails to connect leaves threads behind that hold up the end of the program,
    and words on stderr.

    Raises
    ------
    OSError or asyncio.TimeoutError
        If no scheduler answers.
    """

    async def knock() -> None:
        # What is no scheduler may take the connection and never say a word.
        comm = await asyncio.wait_for(
            connect(scheduler, timeout=KNOCK_S, **arguments), timeout=KNOCK_S + 1
        )
        comm.abort()

    asyncio.run(knock())


def _speaks_first(scheduler: SplitResult) -> bool:
    """Return whether what listens there says something unasked.

    A scheduler without TLS does, and one with TLS waits for who connects.
    """
    with contextlib.suppress(OSError):
        where = (scheduler.hostname, scheduler.port)
        with socket.create_connection(where, timeout=2.0) as connection:
            return bool(connection.recv(1))
    return False


class Cluster(Pool):
    """The workers of a Dask cluster for one batch; a context manager.

    Jobs go out in parcels of a few, because each Dask task costs some milliseconds; near the
    end of a batch in smaller ones, so that all workers end together.

    Workers may come and go. A job whose worker dies is begun anew by Dask; one that brings
    down the grader is tried once more, elsewhere if there is another worker, and then
    answered with a `Crash`. So is one that takes the whole Dask worker along, again and
    again: Dask cannot tell it from what else its workers had, so each of these is then tried
    by itself. While the scheduler cannot be reached, it is tried again.

    Parameters
    ----------
    settings : Settings
    scheduler : str
        Its address: ``tls://host:8786``; ``tcp://`` without certificates.
    make : callable
        Makes the `Grader` of a process.
    ahead : int
        How many parcels lie ready for each thread that works on another.
    worker_s : float
        How long a job waits where there is no worker at all; `WORKER_S` by default.
    say : callable
        Hears, in a sentence, what the batch waits for and which workers it does not use.

    Raises
    ------
    ClusterUnavailable
        If there is no scheduler, or no worker.
    SandboxUnavailable
        If no worker can isolate student code.
    """

    def __init__(
        self,
        settings: Settings,
        scheduler: str,
        make: Callable = Grader,
        ahead: int = 1,
        worker_s: float | None = None,
        say: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        super().__init__()
        self._say = say
        self._scheduler, self._ahead, self._worker_s = scheduler, ahead, worker_s or WORKER_S
        self._plugin = Grading(f"grader-{uuid.uuid4().hex}", replace(settings, scratch=None), make)
        self._client: Client | None = None
        self._ready: collections.deque[Job] = collections.deque()  # for the next parcels
        self._given: dict[Future, list[Job]] = {}
        self._suspects: collections.deque[Job] = collections.deque()
        self._on_trial: Job | None = None  # the suspect that is given, with nothing beside it
        self._done: queue.SimpleQueue[Future] = queue.SimpleQueue()
        self._threads: dict[str, int] = {}  # by address of the worker
        self._unfit: dict[str, str] = {}  # why a worker cannot grade
        self._look_at = 0.0
        self._alone_since: float | None = None  # without a worker

    def __enter__(self) -> Cluster:
        # `versions` says what matters, and Dask much more, to every batch.
        warnings.simplefilter("ignore", VersionMismatchWarning)
        for name in ("distributed", "distributed.client", "distributed.worker"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # all it says, we say
        self._connect(CONNECT_S)
        try:
            self._wait_for_worker()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error) -> None:
        client, self._client = self._client, None
        given, self._given = list(self._given), {}
        if client is None:
            return
        with contextlib.suppress(*LOST, ValueError):
            if client.status == "running":
                _within(ANSWER_S, client.cancel, given)
                _within(ANSWER_S, client.unregister_worker_plugin, self._plugin.name)
            _within(ANSWER_S, client.close, timeout=5)

    @property
    def size(self) -> int:
        """How many jobs are worked on at once."""
        return sum(n for address, n in self._threads.items() if address not in self._unfit)

    # ------------------------------------------------------------ the scheduler

    def _connect(self, within_s: float) -> None:
        parts = _parts(self._scheduler)
        arguments = _certificates(parts)
        until = time.monotonic() + within_s
        while True:
            try:
                _within(ANSWER_S, _knock, self._scheduler, arguments)
                self._client = _within(
                    ANSWER_S, Client, self._scheduler, timeout=KNOCK_S, set_as_default=False
                )
                _within(ANSWER_S, self._client.register_plugin, self._plugin)
                self._look(now=True)
                return
            except LOST as error:
                reason, for_good = str(error) or type(error).__name__, False
            except (ValueError, ImportError) as error:  # no TLS there, or no grader on a worker
                reason, for_good = str(error), True
            self._drop_client()
            if parts.scheme == "tls" and _speaks_first(parts):
                raise ClusterUnavailable(
                    f"the scheduler at {self._scheduler} does not speak TLS: start it with "
                    "--host tls://... and the certificates"
                )
            if for_good:
                raise ClusterUnavailable(f"{self._scheduler} cannot be used: {reason}")
            if time.monotonic() > until:
                raise ClusterUnavailable(
                    f"no scheduler answers at {self._scheduler} ({reason.splitlines()[0]}); "
                    "start one with: dask scheduler"
                )
            time.sleep(0.5)

    def _drop_client(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(Exception):  # what is wrong with it is known
                _within(5.0, client.close, timeout=2)

    def _connect_again(self) -> None:
        """Begin anew what was given: with the connection the scheduler forgot of it."""
        self._say(f"the connection to {self._scheduler} is lost; it is tried for {AGAIN_S:.0f} s")
        if self._on_trial:
            self._suspects.append(self._on_trial)
        else:
            self._again.extend(itertools.chain(*self._given.values()))
        self._on_trial = None
        self._given.clear()
        self._done = queue.SimpleQueue()
        self._drop_client()
        self._connect(AGAIN_S)

    def _look(self, now: bool = False) -> None:
        """Learn which workers there are, if it is time; without any the patience is limited."""
        if not now and time.monotonic() < self._look_at:
            return
        self._threads = dict(_within(ANSWER_S, self._client.nthreads))
        self._look_at = time.monotonic() + LOOK_S
        if self._threads and self._unfit.keys() >= self._threads.keys():
            address, reason = next(iter(self._unfit.items()))
            raise SandboxUnavailable(
                f"no worker of {self._scheduler} can grade; {address}: {reason}"
            )
        if self.size:
            self._alone_since = None
        elif self._alone_since is None:
            self._alone_since = time.monotonic()
            self._say(f"{self._scheduler} has no worker; one is waited for {self._worker_s:.0f} s")
        elif time.monotonic() > self._alone_since + self._worker_s:
            raise ClusterUnavailable(
                f"{self._scheduler} has had no worker for {self._worker_s:.0f} s; start some with: "
                f"dask worker {self._scheduler}"
            )

    def _wait_for_worker(self) -> None:
        while not self.size:
            self._look_or_connect_again()
            time.sleep(0.1)

    def _look_or_connect_again(self) -> None:
        try:
            self._look()
        except LOST:
            self._connect_again()

    # ------------------------------------------------------------ jobs

    def _busy(self) -> bool:
        return bool(self._again or self._ready or self._given or self._suspects)

    def _feed(self, jobs: Iterator[Job | None]) -> bool:
        if self._suspects:
            if not self._given:
                self._wait_for_worker()
                self._on_trial = self._suspects.popleft()
                self._give([self._on_trial])
            return True
        more = True
        while len(self._given) < max(1, self.size) * (1 + self._ahead):
            more = more and self._look_ahead(jobs)
            if not (self._again or self._ready):
                return False
            self._wait_for_worker()
            # What has failed goes alone: it may be wanted at some worker and not at another.
            self._give([self._again.popleft()] if self._again else self._parcel())
        return True

    def _look_ahead(self, jobs: Iterator[Job | None]) -> bool:
        """Have enough ready to see the end of the batch coming; return whether there is more."""
        wanted = 2 * PARCEL * max(1, self.size)
        while len(self._ready) < wanted and sum(j.size for j in self._ready) < READY_BYTES:
            job = next(jobs, None)
            if job is None:
                return False
            self._ready.append(job)
        return True

    def _parcel(self) -> list[Job]:
        count = min(PARCEL, max(1, len(self._ready) // (2 * max(1, self.size))))
        return [self._ready.popleft() for _ in range(count)]

    def _give(self, jobs: list[Job]) -> None:
        where = {}
        failed_at = {job.failed_at for job in jobs} - {None}
        if self._unfit or failed_at:
            fit = self._threads.keys() - self._unfit.keys()
            # A wish: if these are gone when its turn comes, any other may have it.
            where = {"workers": sorted(fit - failed_at or fit), "allow_other_workers": True}
        calls = [(job.method, job.arguments) for job in jobs]
        future = self._client.submit(work, self._plugin.name, calls, pure=False, **where)
        self._given[future] = jobs
        future.add_done_callback(self._done.put)

    def _listen(self, timeout_s: float) -> None:
        done = []
        with contextlib.suppress(queue.Empty):
            done.append(self._done.get(timeout=timeout_s))
            while True:
                done.append(self._done.get_nowait())
        lost = self._client.status not in ("running", "connecting")
        for future in done:
            lost |= not self._hear(future)
        if lost:
            self._connect_again()
        else:
            self._look_or_connect_again()

    def _hear(self, future: Future) -> bool:
        """Take what a future holds; return whether the scheduler still knew of it."""
        try:
            address, answers = future.result(timeout=ANSWER_S)
        except KilledWorker as error:
            self._suspect(self._given.pop(future), error.allowed_failures + 1)
            return True
        except LOST:
            return False
        except Exception as error:  # Dask's own, or a worker without a grader
            raise ClusterUnavailable(
                f"a worker of {self._scheduler} failed: {type(error).__name__}: {error}"
            ) from None
        if answers is None:
            return False
        self._on_trial = None
        for job, answer in zip(self._given.pop(future), answers, strict=True):
            self._take(job, answer, address)
        return True

    def _take(self, job: Job, answer: object, address: str) -> None:
        if isinstance(answer, Crash) and answer.refused:
            if address not in self._unfit:
                self._say(f"the worker {address} is not used: {answer.reason}")
            self._unfit[address] = answer.reason
            self._again.append(job)
            self._look_at = 0.0  # `_listen` does: it may have been the last that could grade
        else:
            job.failed_at = address
            self._answer(job, answer)

    def _suspect(self, jobs: list[Job], times: int) -> None:
        """Hear of jobs that Dask gives up: ``times`` workers ended while they had them.

        Dask counts for every task of a worker that ends, also for those that only waited there.
        """
        on_trial, self._on_trial = self._on_trial, None
        if on_trial is None:
            self._suspects.extend(jobs)
            return
        on_trial.tries = 1  # Dask has tried it again elsewhere, and more than once
        self._answer(on_trial, Crash(f"{times} workers of the cluster ended while they had it"))

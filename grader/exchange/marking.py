"""The marker: a process that takes submissions off the queue, grades them and says what came of it.

``python -m grader.exchange.marking --course DIR --data DIR``. The classroom service starts it,
and starts it again when it ends. It holds warm workers (`grader.pool`, or `grader.cluster`) and is the one
writer of the course directory: what counts goes into ``submitted/``, the gradebook,
``autograded/`` and ``feedback/`` as ``grader grade --feedback`` would put it there.

It may be ended at any moment, by any means. What it had taken and not finished is queued again
when it starts, and everything it writes may be written twice. What goes wrong with the surroundings
(a locked gradebook, a full disk, no sandbox) costs time and no submission; what a submission
does to its worker or to the marker costs that submission, after some tries, the automatic
grade: a person must look at it.
"""

from __future__ import annotations

import collections
import contextlib
import fcntl
import hashlib
import json
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from ..batch import (
    Digests,
    Folders,
    Handed,
    WrongUse,
    copy_beside,
    handed_as,
    page_mark,
    put_graded,
    shown,
    workers,
    workers_config,
    write_whole,
)
from ..coursedir import NoCourse, find_root, open_course
from ..errors import ClusterUnavailable, SandboxUnavailable
from ..feedback import Grades
from ..gradebook import Writer
from ..inside.walls import PR_SET_PDEATHSIG, prctl
from ..pool import Job, Pool, scratch_folder, start_loading
from ..submission import NBGRADERS_OWN
from ..units import grade_id, kind, unit_names
from ..worker import MARK, Crash, Grader, Outcome, Settings, Task, from_bytes, language_in
from .policy import VISIBLE_FIRST, Policies, PolicyError, counting
from .store import GRADED, NEEDS_PERSON, Store, StoreError, Submission

POLL_S = 0.1  # how soon something new is seen
GRADEBOOK_EVERY_S = 5.0  # how often an idle marker looks whether a unit was released
GRADEBOOK_BUSY_S = 2.0  # how long a locked gradebook is waited for before all goes back
MOST_TRIES = 3  # of a submission under which markers died
LONGEST_WAIT_S = 30.0  # between two tries, while something is wrong with the surroundings
NO_SANDBOX_WAIT_S = 60.0
NO_WORKER_S = 10.0  # of a cluster; then the instructor is told
RECOVER_EVERY_S = 60.0  # how often it looks for what other markers left behind
LAST_S = 1.5  # from the request to end, whatever is being waited for
NOT_YET = "not gradable yet: "
NOTICES = "notices"

log = logging.getLogger("grader.marking")


class _Stopped(Exception):
    """Raised inside `Pool.run` when the marker is to end."""


@dataclass(eq=False)
class _Marking:
    """A submission on its way from the queue to its grade."""

    submission: Submission
    alone: bool = False
    begun: float = field(default_factory=time.monotonic)
    handed: Handed | None = None
    task: Task | None = None
    facts: dict = field(default_factory=dict)
    counts: bool = False


class Marker:
    """Grades what is queued in a store until it is stopped.

    Parameters
    ----------
    root : Path
        The course directory.
    store : Store
    name : str
        Under which submissions are taken; of no other marker that runs now.
    stop : threading.Event
        Set to end it.
    jobs : int, optional
        Worker processes; the number of cores by default.
    scheduler : str, optional
        Address of a Dask scheduler whose workers grade in place of those processes.
    isolated : bool
        False is ``--unsafe-no-sandbox``.
    make : callable
        Makes the `Grader` of a worker; for tests.

    Raises
    ------
    PolicyError, WrongUse
        For what nbgrader_config.py says and cannot be meant.
    """

    def __init__(
        self,
        root: Path,
        store: Store,
        name: str,
        stop: threading.Event,
        *,
        jobs: int | None = None,
        scheduler: str | None = None,
        isolated: bool = True,
        make: Callable[[Settings], Grader] = Grader,
    ) -> None:
        api = open_course(root)
        self._store, self._name, self._stop = store, name, stop
        self._jobs, self._scheduler = jobs or len(os.sched_getaffinity(0)), scheduler
        self._isolated, self._make = isolated, make
        self._policies = Policies(api.config)
        self._folders = Folders(api.coursedir)
        self._config, self._workers_config = api.config, workers_config(api.config)
        self._gradebook = (api.coursedir.db_url, api.coursedir.course_id)
        self._seed = os.environ.get("COURSE_PROBE_SEED", "0")
        self._stale, self._recover_at = False, 0.0
        self._writer: Writer | None = None
        self._pool: Pool | None = None
        self._settings: Settings | None = None
        self._digests: Digests | None = None
        self._looked = 0.0  # at the gradebook
        self._troubles = 0  # in a row
        self._forget()
        self._owed: dict[bool, set[str]] = {False: set(), True: set()}
        self._notice = Notice(store.folder, name)

    def _forget(self) -> None:
        self._taken: dict[str, _Marking] = {}  # by id: all that is on its way
        self._held: _Marking | None = None  # taken, not begun
        self._more: collections.deque[Job] = collections.deque()
        self._culprit: _Marking | None = None  # the one that is being worked on here

    # ------------------------------------------------------------ the loop

    def run(self) -> None:
        """Grade until the marker is stopped."""
        with scratch_folder() as scratch:
            try:
                while not self._stop.is_set():
                    self._turn(scratch)
            finally:
                self._let_go()
                self._close_pool()
                self._close_gradebook()
                with contextlib.suppress(SQLAlchemyError):
                    self._repay()
                self._notice.clear()

    def _turn(self, scratch: str) -> None:
        """Grade what there is; whatever goes wrong is logged, and nothing of it is lost."""
        try:
            self._grade_what_there_is(scratch)
        except _Stopped:
            return
        except SandboxUnavailable as error:
            self._close_pool()  # a new one will find what has been mended
            where = "" if self._scheduler else " on this host"  # a cluster's error names its worker
            self._wait(NO_SANDBOX_WAIT_S, f"nothing can be graded{where}: {error}")
        except (WrongUse, StoreError, ClusterUnavailable, SQLAlchemyError, OSError) as error:
            self._stale = True  # what was known of the gradebook is known no more
            self._wait(self._backoff(), f"grading waits: {_first_line(error)}")
        except Exception:
            log.exception("a fault of the marker")
            self._let_go(tried=self._culprit)
            self._wait(self._backoff(), "grading waits after a fault of the marker; see its log")

    def _backoff(self) -> float:
        self._troubles += 1
        return min(LONGEST_WAIT_S, 0.25 * 2**self._troubles)

    def _wait(self, seconds: float, notice: str) -> None:
        log.error("%s (next try in %.0f s)", notice, seconds)
        self._let_go()
        with contextlib.suppress(OSError):
            self._notice.give(notice)
        with contextlib.suppress(SQLAlchemyError):
            self._repay()
        self._stop.wait(seconds)

    def _let_go(self, tried: _Marking | None = None) -> None:
        """Let go of all that is on its way; it is owed to the queue."""
        for id, marking in self._taken.items():
            self._owed[marking is tried].add(id)
        self._forget()

    def _repay(self) -> None:
        """Put back into the queue what is owed to it."""
        for tried, ids in self._owed.items():
            if ids:
                self._store.give_back(ids, tried=tried)
                ids.clear()

    def _grade_what_there_is(self, scratch: str) -> None:
        self._repay()
        if time.monotonic() > self._recover_at:
            for name in (self._name, *_ended(self._store.folder, self._name)):
                if again := self._store.recover(name):
                    log.warning("%d submissions that %s left behind are queued again", again, name)
            self._recover_at = time.monotonic() + RECOVER_EVERY_S
        if self._writer is None or self._pool is None or self._stale:
            self._open(scratch)
        self._pool.run(self._next_jobs(), self._end_if_stopped, POLL_S)
        self._notice.clear()
        if time.monotonic() - self._looked > GRADEBOOK_EVERY_S:
            self._look_at_gradebook()
        self._stop.wait(POLL_S)

    def _end_if_stopped(self) -> None:
        if self._stop.is_set():
            raise _Stopped

    # ------------------------------------------------------------ gradebook and workers

    def _look_at_gradebook(self) -> None:
        self._stale = not self._writer.is_current()
        self._looked = time.monotonic()

    def _open(self, scratch: str) -> None:
        """Read what was handed out; start the workers anew if it is not what they know."""
        self._close_gradebook()
        self._writer = Writer(
            *self._gradebook, unit_names(), self._config, strict=False, tries=1,
            busy_s=GRADEBOOK_BUSY_S,
        )  # fmt: skip
        self._stale, self._looked = False, time.monotonic()
        self._digests = Digests(self._writer, self._seed)
        templates = {u: [dict(c) for c in self._writer.template(u)] for u in self._writer.units}
        settings = Settings(templates, self._seed, self._isolated, scratch, self._workers_config)
        if self._pool is None or settings != self._settings:
            self._close_pool()
            pool = workers(
                settings, self._jobs, self._scheduler, self._make, ahead=0, worker_s=NO_WORKER_S,
                say=log.warning,
            )  # fmt: skip
            self._pool, self._settings = pool.__enter__(), settings
            self._more.extend(Job("warm_up", (), 0, _warm) for _ in range(pool.size))
        for unit in self._writer.units:
            if again := self._store.queue_refused(unit, NOT_YET):
                log.info("%s was released: %d submissions are queued again", unit, again)

    def _close_gradebook(self) -> None:
        if self._writer is not None:
            self._writer.__exit__()
            self._writer = None

    def _close_pool(self) -> None:
        if self._pool is not None:
            self._pool.__exit__()
            self._pool = None

    # ------------------------------------------------------------ from the queue to a worker

    def _next_jobs(self) -> Iterator[Job | None]:
        while True:
            if self._more:
                yield self._more.popleft()
            elif self._stop.is_set():
                yield None
            else:
                yield self._next()

    def _next(self) -> Job | None:
        """Return the next submission as a job, or None when there is nothing to begin now."""
        while not any(m.alone for m in self._taken.values()):
            if self._held is None and not self._take():
                return None
            # A marker died with this one and others: to know whose doing it was, alone.
            if self._stale or (self._held.submission.tries > 1 and len(self._taken) > 1):
                return None
            marking, self._held = self._held, None
            marking.alone = marking.submission.tries > 1
            self._culprit = marking
            job = self._begin(marking)
            self._culprit = None
            if job is not None:
                return job
        return None

    def _take(self) -> bool:
        taken = self._store.take(self._name)
        if not taken:
            return False
        self._held = _Marking(taken[0])
        self._taken[taken[0].id] = self._held
        # After it was taken: it is graded by what was handed out before it came in.
        self._look_at_gradebook()
        return True

    def _begin(self, marking: _Marking) -> Job | None:
        one = marking.submission
        try:
            self._check(one)
            data = self._store.read(one.sha256)
        except (_NotGradable, StoreError) as error:
            self._finish(marking, state=NEEDS_PERSON, reason=str(error))
            return None
        handed = handed_as(one.unit, _file_name(one), data, one.timestamp, one.id)
        digest = self._digests.of(one.unit, handed)
        marking.handed = handed
        marking.task = Task(
            one.student, one.unit, handed.data, digest, handed.unreadable, handed.notes,
            visible_part=self._policies.of(one.unit).feedback == VISIBLE_FIRST,
        )  # fmt: skip
        return Job("grade", (marking.task,), 0, self._then(marking, self._graded))

    def _check(self, one: Submission) -> None:
        """Raise `_NotGradable` for what no worker is to be given."""
        if one.tries > MOST_TRIES:
            raise _NotGradable(f"the marker ended {one.tries - 1} times while this was graded")
        if not all(_is_plain(name) for name in (one.student, one.unit)):
            raise _NotGradable("its student or its unit has a name that can be no folder's")
        if one.unit not in self._writer.units:
            reason = self._writer.refused.get(one.unit, f"the course has no unit {one.unit}")
            raise _NotGradable(f"{NOT_YET}{reason}")

    def _then(self, marking: _Marking, do: Callable) -> Callable[[object], None]:
        """Return what a job of a submission calls with its answer."""

        def done(answer) -> None:
            if self._taken.get(marking.submission.id) is marking:  # and was not let go
                self._culprit = marking
                do(marking, answer)
                self._culprit = None

        return done

    # ------------------------------------------------------------ from a worker to its place

    def _graded(self, marking: _Marking, answer: Outcome | Crash) -> None:
        if not isinstance(answer, Crash):
            self._place(marking, answer)
        elif answer.refused:
            raise SandboxUnavailable(answer.reason)
        else:
            log.warning("%s: %s", _words(marking), answer.reason)
            arguments = (marking.task, answer.reason)
            self._more.append(Job("give_up", arguments, 0, self._then(marking, self._gave_up)))

    def _gave_up(self, marking: _Marking, answer: Outcome | Crash) -> None:
        if isinstance(answer, Crash):
            self._finish(marking, state=NEEDS_PERSON, reason=answer.reason)
        else:
            self._place(marking, answer)

    def _place(self, marking: _Marking, outcome: Outcome) -> None:
        """Write what counts into the course directory; have the pages made.

        No other of this student is on its way, here or at another marker: `Store.take` sees to it.
        """
        one = marking.submission
        extension = self._store.extension(one.student, one.unit)
        marking.facts = self._facts(one, outcome, extension)
        attempts = self._store.submissions(one.student, one.unit)
        attempts = [replace(a, **marking.facts) if a.id == one.id else a for a in attempts]
        stands = counting(attempts, self._policies.of(one.unit))
        marking.counts = stands.id == one.id
        if marking.counts:
            self._put(one, marking.handed, outcome, extension)
        elif stands.state == GRADED and stands.notebook and self._standing_id(one) != stands.id:
            self._put_back(stands, extension)
        if outcome.needs_person:
            self._finish(marking, **marking.facts)
            return
        told, course = self._writer.standing(one.student)
        grades = Grades(late_penalty=marking.facts["penalty"], handed_in=one.at)
        if marking.counts:
            grades = told[one.unit]
            # A person's points stand, and the page tells them.
            marking.facts["score"] = round(sum(grades.scores.values()), 6)
            marking.facts["penalty"] = grades.late_penalty
        arguments = (one.student, one.unit, outcome.notebook, grades, course)

        def paged(marking: _Marking, answer) -> None:
            self._paged(marking, answer, arguments)

        visible = outcome.visible and outcome.visible.notebook
        job = Job("pages", (*arguments, visible), 0, self._then(marking, paged))
        self._more.append(job)

    def _facts(self, one: Submission, outcome: Outcome, extension: timedelta | None) -> dict:
        """Return what the store is to know of an outcome, but for its pages."""
        result = outcome.result
        facts = {
            "state": NEEDS_PERSON if outcome.needs_person else GRADED,
            "reason": outcome.reason,
            "max": result.max,
            "notebook": self._store.put(outcome.notebook).sha256,
        }
        if outcome.needs_person:
            return facts | {"score": None, "visible_score": None, "penalty": 0.0}
        visible = outcome.visible and outcome.visible.result
        return facts | {
            "score": result.score,
            "visible_score": visible and visible.score,
            "visible_max": visible and visible.max,
            "failed_checks": sum(c.score < c.points for c in result.checks),
            "penalty": self._writer.penalty(one.student, one.unit, result.score, one.at, extension),
        }

    def _standing_id(self, one: Submission) -> str | None:
        """Return the id of the attempt that stands in the course directory."""
        file = self._folders.handed_in(one.student, one.unit) / NBGRADERS_OWN[1]
        try:
            return file.read_text("utf-8").strip()
        except (OSError, ValueError):
            return None

    def _put(self, one: Submission, handed: Handed, outcome, extension: timedelta | None) -> None:
        """Put an attempt into submitted/, the gradebook and autograded/, as Batch would."""
        folder, name = self._folders.handed_in(one.student, one.unit), _file_name(one)
        write_whole(folder / name, self._store.read(one.sha256))
        for file, text in zip(NBGRADERS_OWN, (one.timestamp, one.id), strict=True):
            write_whole(folder / file, text.encode())
        for other in folder.glob("*.ipynb"):
            if other.name != name:
                other.unlink()
        scores, answers = outcome.scores, outcome.answers
        self._writer.save(one.student, one.unit, scores, answers, one.at, extension)
        put_graded(self._folders.graded(one.student, one.unit), outcome.notebook, handed)

    def _put_back(self, one: Submission, extension: timedelta | None) -> None:
        """Let an attempt stand that was graded before, in place of one that has lost."""
        log.info("attempt %d of %s at %s counts now", one.attempt, one.student, one.unit)
        data = self._store.read(one.sha256)
        handed = handed_as(one.unit, _file_name(one), data, one.timestamp, one.id)
        self._put(one, handed, _Kept(self._store.read(one.notebook)), extension)
        if one.page is not None:
            graded = self._folders.graded(one.student, one.unit)
            page = self._folders.page(one.student, one.unit)
            write_whole(page, self._store.read(one.page))
            copy_beside(graded, page)

    def _paged(self, marking: _Marking, answer, arguments: tuple) -> None:
        one = marking.submission
        if isinstance(answer, Crash):
            log.error("%s: no page: %s", _words(marking), answer.reason)
            reason = f"it is graded, but no page could be made: {_first_line(answer.reason)}"
            self._finish(marking, **marking.facts | {"state": NEEDS_PERSON, "reason": reason})
            return
        whole, visible = answer
        marking.facts["page"] = self._store.put(whole).sha256
        marking.facts["visible_page"] = visible and self._store.put(visible).sha256
        if not marking.counts:
            self._finish(marking, **marking.facts)
            return
        *_, course = arguments
        graded = self._folders.graded(one.student, one.unit)
        page = self._folders.page(one.student, one.unit)
        write_whole(page, whole + page_mark("page", arguments))
        copy_beside(graded, page)
        whole_course = (one.student, course, self._language_of(one))

        def put(marking: _Marking, answer: bytes | Crash) -> None:
            if isinstance(answer, Crash):
                log.error("%s: no page of the course: %s", _words(marking), answer.reason)
            else:
                path = self._folders.course_page(one.student)
                write_whole(path, answer + page_mark("course_page", whole_course))
            self._finish(marking, **marking.facts)

        self._more.append(Job("course_page", whole_course, 0, self._then(marking, put)))

    def _language_of(self, one: Submission) -> str | None:
        """Return the language of a student's latest unit, for the page of the course."""
        lang = None
        told, _course = self._writer.standing(one.student)
        for _unit, _page, graded in shown(self._folders, one.student, told, [one.unit]):
            lang = language_in(graded.read_bytes()) or lang
        return lang

    def _finish(self, marking: _Marking, **facts) -> None:
        """Write down what came of a submission: the mark of completion."""
        one = marking.submission
        self._store.set_grade(one.id, **facts)
        del self._taken[one.id]
        self._troubles = 0
        points = facts.get("score")
        said = facts.get("reason") or f"{points:g} of {facts['max']:g} points"
        took = time.monotonic() - marking.begun
        log.info("%s: %s; %s, in %.2f s", _words(marking), facts["state"], _first_line(said), took)


class _NotGradable(Exception):
    """Raised for a submission of which no automatic grade can be had; says why."""


class _Kept:
    """What the gradebook takes of an outcome, read off the graded notebook that was kept."""

    def __init__(self, notebook: bytes) -> None:
        graded = from_bytes(notebook)
        self.notebook = notebook
        self.scores = dict(graded.metadata[MARK]["scores"])
        self.answers = {grade_id(c): c.source for c in graded.cells if kind(c) == "answer"}


class Notice:
    """A sentence for the instructor while a marker cannot work, in a file beside the data.

    Parameters
    ----------
    folder : Path
        Of the store.
    name : str
        The marker's.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._file = folder / NOTICES / f"{_short(name)}.json"
        self._given = self._file.exists()  # by an earlier one

    def give(self, sentence: str) -> None:
        """Let the instructor read a sentence."""
        write_whole(self._file, json.dumps({"notice": sentence, "at": time.time()}).encode())
        self._given = True

    def clear(self) -> None:
        """Say no more: all is well."""
        if self._given:
            with contextlib.suppress(OSError):
                self._file.unlink(missing_ok=True)
                self._given = False


def notices(folder: Path) -> list[str]:
    """Return the sentences of the markers that cannot work at the moment.

    Parameters
    ----------
    folder : Path
        Of the store.
    """
    found = []
    for path in sorted((folder / NOTICES).glob("*.json")):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            found.append(str(json.loads(path.read_bytes())["notice"]))
    return found


def _warm(answer: object) -> None:
    """Hear that a worker is warm, or cannot be."""
    if isinstance(answer, Crash):
        if answer.refused:
            raise SandboxUnavailable(answer.reason)
        log.error("a worker could not warm up: %s", answer.reason)


def _words(marking: _Marking) -> str:
    one = marking.submission
    return f"{one.id} of {one.student}, {one.unit}, attempt {one.attempt}"


def _first_line(error: object) -> str:
    lines = str(getattr(error, "orig", None) or error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _short(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:16]


def _is_plain(name: str) -> bool:
    """Return whether a name is a folder's or a file's own, and leads nowhere else."""
    return name.isprintable() and name[:1] not in ("", ".") and not set("/\\") & set(name)


def _file_name(one: Submission) -> str:
    """Return the name under which a submission's notebook lies in submitted/."""
    usable = _is_plain(one.name) and one.name.endswith(".ipynb") and len(one.name.encode()) < 200
    return one.name if usable else f"{one.unit}.ipynb"


# ---------------------------------------------------------------- the process


def default_name(data: Path) -> str:
    """Return the name of the marker of this host on these data."""
    return f"{socket.gethostname()}:{data.resolve()}"[:255]


@contextlib.contextmanager
def _only_one(folder: Path, name: str, stop: threading.Event) -> Iterator[None]:
    """Wait until no other marker of this name runs; hold the name to the end."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / f"marker-{_short(name)}.lock", "a+") as lock:
        said = False
        while not stop.is_set():
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                lock.truncate(0)
                lock.write(name)
                lock.flush()
                break
            except BlockingIOError:
                if not said:
                    log.warning("another marker named %s still runs: waiting for its end", name)
                said = True
                stop.wait(POLL_S)
        yield


def _ended(folder: Path, own: str) -> Iterator[str]:
    """Yield the names of other markers on these data that run no more.

    A host that is started anew may have another name, and never ask for what it left behind.
    """
    for path in folder.glob("marker-*.lock"):
        with open(path) as lock, contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            name = lock.read()
            if name not in ("", own):
                yield name


def _end_on_signals(stop: threading.Event) -> None:
    """Set ``stop`` on SIGTERM or SIGINT; end the process soon after, whatever it waits for.

    A thread of its own: Python's handler would not run while a locked database is waited for.
    """
    heard, tell = os.pipe()
    os.set_blocking(tell, False)
    signal.set_wakeup_fd(tell)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)

    def wait() -> None:
        os.read(heard, 1)
        stop.set()
        time.sleep(LAST_S)
        os._exit(0)  # the workers end with this process; what was taken is recovered

    threading.Thread(target=wait, daemon=True).start()


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--course", type=click.Path(path_type=Path), required=True, help="Its directory.")
@click.option("--data", type=click.Path(path_type=Path), required=True, help="The store's folder.")
@click.option("--db", metavar="URL", help="The store's database, if not a file in that folder.")
@click.option("--jobs", type=click.IntRange(1), help="Worker processes; as many as cores.")
@click.option("--scheduler", metavar="URL", help="Grade on a Dask cluster: tcp://host:8786")
@click.option("--name", help="Whose a taken submission is; this host and the folder by default.")
@click.option(
    "--unsafe-no-sandbox",
    is_flag=True,
    help="Run student code without isolation, where a host refuses it: for code you trust.",
)
def main(
    course: Path,
    data: Path,
    db: str | None,
    jobs: int | None,
    scheduler: str | None,
    name: str | None,
    unsafe_no_sandbox: bool,
) -> None:
    """Grade what is handed in to a classroom, as it comes in."""
    if jobs and scheduler:
        raise click.UsageError("--jobs are processes of this host: with --scheduler none are made")
    parent = os.getppid()
    prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(0)
    os.nice(5)  # whoever waits for a page is served first
    if scheduler is None:
        start_loading()
    stop = threading.Event()
    _end_on_signals(stop)
    _log_to_stderr()
    name = name or default_name(data)
    try:
        with _only_one(data, name, stop), _open_store(data, db, stop) as store:
            marker = Marker(
                find_root(course), store, name, stop, jobs=jobs, scheduler=scheduler,
                isolated=not unsafe_no_sandbox,
            )  # fmt: skip
            log.info("ready")
            marker.run()
    except (NoCourse, WrongUse, PolicyError, SandboxUnavailable) as error:
        raise click.UsageError(str(error)) from None


def _log_to_stderr() -> None:
    """Write what is logged here to stderr; not what nbgrader says of an exchange of its own."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s marker: %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False


@contextlib.contextmanager
def _open_store(data: Path, db: str | None, stop: threading.Event) -> Iterator[Store]:
    """Open the store, as soon as its database can be had."""
    wait = 0.5
    while True:
        try:
            store = Store(data, db)
            break
        except (StoreError, OSError) as error:
            if stop.is_set():
                sys.exit(0)
            log.error("the store cannot be opened: %s (next try in %.0f s)", error, wait)
            stop.wait(wait)
            wait = min(2 * wait, LONGEST_WAIT_S)
    with store:
        yield store


if __name__ == "__main__":
    main()

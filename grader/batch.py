"""Grade a class: the submissions of a course directory, by several processes, into one gradebook.

This process is the one writer: it reads submissions, hands them to workers
(`grader.pool`), writes each verdict into the gradebook in one transaction
(`grader.gradebook`) and then puts the graded notebook into ``autograded/``, whole or not
at all. That file names in its metadata what it was made from; it is the mark of
completion. So the batch may be ended at any moment, by any means: the same command goes on
where it stopped, and what is graded and unchanged is left alone.
"""

from __future__ import annotations

import collections
import contextlib
import errno
import hashlib
import json
import os
import re
import stat
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from pathlib import Path

import course

from . import __version__
from .errors import SandboxUnavailable
from .pool import Job, Pool, Processes, scratch_folder, start_loading
from .sandbox import Limits
from .submission import MAX_FILE_MB, NBGRADERS_OWN
from .units import unit_names
from .worker import MARK, Crash, Grader, Outcome, Settings, Task, language_in

NOT_UTF8 = "the name of the student's folder is not UTF-8"
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)  # no file will find a place
MOST_STRAYS = 5  # named on the one line that tells of them
MEMORY_EVERY_S = 3.0  # a look costs a ms or two a process
COURSE_PAGE = "course.html"


class WrongUse(ValueError):
    """Raised for what the batch cannot begin or go on with.

    An unknown unit or student, no gradebook, no place for the graded notebooks.
    """


# ---------------------------------------------------------------- the course directory


@dataclass(frozen=True)
class Handed:
    """What a student handed in for a unit, as read from ``submitted/``.

    ``secret`` is the text by which nbgrader's exchange finds whose feedback a page is.
    """

    data: bytes = b""
    timestamp: str | None = None
    secret: str | None = None
    unreadable: str | None = None
    notes: tuple[str, ...] = ()


class Folders:
    """The folders of a course in nbgrader's layout.

    Parameters
    ----------
    coursedir : nbgrader.coursedir.CourseDirectory
    """

    def __init__(self, coursedir) -> None:
        self._coursedir = coursedir
        self.root = Path(coursedir.root)
        self.submitted = self.root / coursedir.submitted_directory
        self.autograded = self.root / coursedir.autograded_directory
        self.feedback = self.root / coursedir.feedback_directory

    def _folder(self, kind: str, student: str, unit: str) -> Path:
        return Path(self._coursedir.format_path(kind, student, unit))

    def handed_in(self, student: str, unit: str) -> Path:
        """Return the folder of a submission."""
        return self._folder(self._coursedir.submitted_directory, student, unit)

    def graded(self, student: str, unit: str) -> Path:
        """Return the path of a graded notebook."""
        return self._folder(self._coursedir.autograded_directory, student, unit) / f"{unit}.ipynb"

    def page(self, student: str, unit: str) -> Path:
        """Return the path of a feedback page."""
        return self._folder(self._coursedir.feedback_directory, student, unit) / f"{unit}.html"

    def course_page(self, student: str) -> Path:
        """Return the path of the page of a student's whole course."""
        return self._folder(self._coursedir.feedback_directory, student, ".") / COURSE_PAGE

    def students(self) -> list[str]:
        """Return everyone who has a folder in ``submitted/``."""
        if not self.submitted.is_dir():
            return []
        with os.scandir(self.submitted) as entries:
            return sorted(e.name for e in entries if e.is_dir() and not e.name.startswith("."))

    def strays(self, students: Iterable[str] = ()) -> list[str]:
        """Return what lies in ``submitted/`` where no submission lies: paths below it.

        Parameters
        ----------
        students : iterable of str
            Those to look at; all by default.
        """
        found, known, chosen = [], unit_names(), sorted(students)
        with contextlib.suppress(OSError), os.scandir(self.submitted) as entries:
            found += [] if chosen else [e.name for e in entries if not e.is_dir()]
        for student in chosen or self.students():
            try:
                with os.scandir(self.submitted / student) as entries:
                    inside = [e.name for e in entries if e.name not in known or not e.is_dir()]
                found += [f"{student}/{name}" for name in sorted(inside)]
            except OSError:
                found.append(student)
        return [printable(f) for f in found if not os.path.basename(f).startswith(".")]

    def read(self, student: str, unit: str) -> Handed:
        """Read a submission; what is wrong with its files is part of the answer."""
        folder = self.handed_in(student, unit)
        known = {"timestamp": None, "secret": None}
        for what, file in zip(known, NBGRADERS_OWN, strict=True):
            with contextlib.suppress(OSError, ValueError):
                known[what] = _regular_bytes(folder / file).decode()[:200].strip() or None
        names = sorted(p.name for p in folder.glob("*.ipynb") if not p.name.startswith("."))
        name = f"{unit}.ipynb"
        if name not in names:
            if len(names) != 1:
                found = f"of {len(names)} notebooks none is" if names else "there is no"
                return Handed(**known, unreadable=f"{found} {name} in this submission")
            name = names[0]
        try:
            return handed_as(unit, printable(name), _regular_bytes(folder / name), **known)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            return Handed(**known, unreadable=_unreadable(printable(name), reason))


def printable(name: str) -> str:
    """Return the name of a file as text: what of it is not UTF-8, as backslashes and digits."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def handed_as(
    unit: str, name: str, data: bytes, timestamp: str | None, secret: str | None
) -> Handed:
    """Return a submission whose notebook came in under a name of the student's."""
    try:
        _check_size(len(data))
    except ValueError as error:
        return Handed(b"", timestamp, secret, _unreadable(name, error))
    notes = () if name == f"{unit}.ipynb" else (f"the notebook was handed in as {name}",)
    return Handed(data, timestamp, secret, notes=notes)


def _unreadable(name: str, reason: object) -> str:
    return f"{name} cannot be read: {reason}"


def _check_size(size: int) -> None:
    if size > MAX_FILE_MB << 20:
        raise ValueError(f"it has {size >> 20} MB, more than {MAX_FILE_MB}; clear its outputs")


def _regular_bytes(path: Path) -> bytes:
    """Return the content of a file that is one: no link to another's, no pipe, no giant."""
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise ValueError("it is no file")
        _check_size(about.st_size)
        return file.read((MAX_FILE_MB << 20) + 1)


def write_whole(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Put a file in its place, whole or not at all.

    What an earlier process left half written beside it is removed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with open(draft, "wb") as file:
            file.write(data)
            os.fchmod(file.fileno(), mode)
        os.replace(draft, path)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise
    for left in path.parent.glob(f".{path.name}.*.new"):
        number = left.suffixes[-2][1:]
        if not (number.isdigit() and Path(f"/proc/{number}").exists()):
            left.unlink(missing_ok=True)


def check_writable(top: Path, error: OSError | None = None) -> None:
    """Return if files can be written below a folder, but for an odd place or two.

    Parameters
    ----------
    top : Path
        A folder of the course; made if it is not there.
    error : OSError, optional
        What came of writing below it.

    Raises
    ------
    WrongUse
        If nothing can be written: the rest of the class would fare no better.
    """
    try:
        if error is not None and error.errno in NO_ROOM:
            raise error
        top.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=top).close()
    except OSError as error:
        raise WrongUse(f"cannot write to {top}: {error.strerror}") from None


def put_graded(path: Path, notebook: bytes, handed: Handed) -> None:
    """Put a graded notebook into autograded/, and beside it what nbgrader looks for there."""
    for file, text in zip(NBGRADERS_OWN, (handed.timestamp, handed.secret), strict=True):
        if text is not None:
            write_whole(path.with_name(file), text.encode(), 0o444)
        else:
            path.with_name(file).unlink(missing_ok=True)
    write_whole(path, notebook, 0o444)  # the mark of completion: last


def read_mark(path: Path) -> dict | None:
    """Return the mark of a graded notebook, or None for a file without one.

    It stands at the end of the file: keys are sorted, and a line of the notebook's own
    metadata is indented by one blank, as no line within a cell is.
    """
    try:
        with open(path, "rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - (64 << 10)))
            tail = file.read().decode("utf-8", "replace")
        start = tail.rindex('\n "metadata": {')
        mark = json.loads("{" + tail[start:])["metadata"][MARK]
        return mark if isinstance(mark, dict) and mark.get("digest") else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


# ---------------------------------------------------------------- the batch


@dataclass(frozen=True)
class Report:
    """What is told of one submission when it is done.

    Attributes
    ----------
    student, unit : str
    status : str
        ``'graded'``, ``'unchanged'`` (graded before), ``'unreadable'`` (zero, with a
        reason), ``'needs a person'``, or ``'not written'``: the gradebook has its grade, but
        the graded notebook found no place in autograded/, so the next run grades it again.
    score, max : float
        Points by the checks.
    failed_checks : int
        How many checks took points off.
    reason : str or None
        Why it could not be graded.
    result : Result or None
        Each check; None for what was graded before.
    seconds : float
        Of a worker.
    """

    student: str
    unit: str
    status: str
    score: float
    max: float
    failed_checks: int
    reason: str | None = None
    result: object = None
    seconds: float = 0.0

    def to_dict(self) -> dict:
        """Return it as plain data, as ``grader grade --json`` prints it."""
        plain = {k: v for k, v in vars(self).items() if k != "result"}
        plain["seconds"] = round(self.seconds, 4)
        if self.result is not None:
            full = self.result.to_dict()
            plain |= {"checks": full["checks"], "notes": full["notes"]}
        return plain


@dataclass
class Totals:
    """Counts over some submissions."""

    submissions: int = 0
    unchanged: int = 0
    failed_checks: int = 0
    unreadable: int = 0
    needs_person: int = 0
    score: float = 0.0
    max: float = 0.0

    def add(self, report: Report) -> None:
        """Count one submission."""
        self.submissions += 1
        self.unchanged += report.status == "unchanged"
        self.failed_checks += report.failed_checks
        for_person = report.status in ("needs a person", "not written")
        self.unreadable += report.reason is not None and not for_person
        self.needs_person += for_person
        self.score += report.score
        self.max = report.max


@dataclass
class Summary:
    """What a batch did.

    Attributes
    ----------
    units : dict of str to Totals
    penalties : int
        How many of those graded before lose other points for being late than they did.
    pages : int
        Feedback pages written.
    ungraded : list of (student, unit, reason)
        What could not be graded.
    no_page : list of (path, reason)
        Pages that could not be written.
    seconds, first_s : float
        In all, and until the first verdict.
    memory_mb : float
        The most that all processes of the batch on this machine held together.
    """

    units: dict[str, Totals] = field(default_factory=dict)
    penalties: int = 0
    pages: int = 0
    ungraded: list[tuple[str, str, str]] = field(default_factory=list)
    no_page: list[tuple[str, str]] = field(default_factory=list)
    seconds: float = 0.0
    first_s: float = 0.0
    memory_mb: float = 0.0

    def to_dict(self) -> dict:
        """Return it as plain data: the last line of ``grader grade --json``."""
        units = {name: vars(totals) for name, totals in self.units.items()}
        return {"summary": vars(self) | {"units": units}}


class Digests:
    """Digests of all that the grade of a submission depends on.

    Parameters
    ----------
    writer : Writer
        Has what was handed out.
    seed : str
        ``COURSE_PROBE_SEED``.
    """

    def __init__(self, writer, seed: str) -> None:
        self._writer, self._seed = writer, seed
        self._made: dict[str, str] = {}

    def of(self, unit: str, handed: Handed) -> str:
        """Return the digest of one submission."""
        if unit not in self._made:
            cells = json.dumps(self._writer.template(unit), sort_keys=True)
            made = (__version__, course.__version__, self._seed, cells)
            self._made[unit] = hashlib.sha256(repr(made).encode()).hexdigest()
        facts = (self._made[unit], *(v for k, v in vars(handed).items() if k != "data"))
        return hashlib.sha256(repr(facts).encode() + b"\0" + handed.data).hexdigest()


class Batch:
    """One run over a class.

    Parameters
    ----------
    folders : Folders
    writer : Writer
        Of the gradebook.
    pool : Pool
    force, feedback : bool
        Grade again what is unchanged; write pages.
    seed : str
        ``COURSE_PROBE_SEED``: part of what a grade depends on.
    tell, tell_page : callable
        Hears of each submission once it is done; is called for each page written.
    """

    def __init__(self, folders, writer, pool, *, force, feedback, seed, tell, tell_page) -> None:
        self._folders, self._writer, self._pool = folders, writer, pool
        self._force, self._feedback, self._seed = force, feedback, seed
        self._tell, self._tell_page = tell, tell_page
        self._digests = Digests(writer, seed)
        self._given_up: collections.deque[Job] = collections.deque()
        self._checked: set[Path] = set()
        self._not_written: set[tuple[str, str]] = set()
        self._memory = _MemoryWatch()
        self._start = time.monotonic()
        self.summary = Summary()

    def run(self, work: list[tuple[str, str]]) -> Summary:
        """Grade the submissions (student, unit) in ``work``, then write their pages."""
        self._pool.run(self._jobs(iter(work)), self._memory.look)
        if self._feedback:
            # After the grades: each page shows the student's course so far.
            students = sorted({s for s, _ in work if printable(s) == s})
            self._pool.run(self._pages(students, {u for _, u in work}), self._memory.look)
        self.summary.seconds = time.monotonic() - self._start
        self._memory.look(now=True)
        self.summary.memory_mb = self._memory.most_mb
        return self.summary

    def _jobs(self, work: Iterator[tuple[str, str]]) -> Iterator[Job | None]:
        # `Pool.run` comes back here after each answer, which may have given up a submission.
        while True:
            while self._given_up:
                yield self._given_up.popleft()
            yield next((j for j in (self._job(*one) for one in work) if j is not None), None)

    def _job(self, student: str, unit: str) -> Job | None:
        shown_as = printable(student)
        if shown_as != student:  # no gradebook takes such a name
            points, reason = self._writer.max_score(unit), f"{NOT_UTF8}: rename the folder"
            self._report(Report(shown_as, unit, "needs a person", 0.0, points, 0, reason))
            return None
        handed = self._folders.read(student, unit)
        digest = self._digests.of(unit, handed)
        if not self._force:
            mark = read_mark(self._folders.graded(student, unit))
            if mark and mark["digest"] == digest and self._stands(student, unit, mark):
                self._unchanged(student, unit, mark)
                return None
        self._check_writable(self._folders.autograded)
        if self._feedback:
            self._check_writable(self._folders.feedback)
        task = Task(student, unit, handed.data, digest, handed.unreadable, handed.notes)
        size = len(handed.data)
        return Job("grade", (task,), size, lambda answer: self._graded(task, handed, answer))

    def _check_writable(self, top: Path) -> None:
        """Raise `WrongUse` before the first grade whose file or page would find no place."""
        if top not in self._checked:
            check_writable(top)
            self._checked.add(top)

    def _stands(self, student: str, unit: str, mark: dict) -> bool:
        scores = mark.get("scores")
        return isinstance(scores, dict) and self._writer.has(student, unit, scores)

    def _unchanged(self, student: str, unit: str, mark: dict) -> None:
        # A due date or an extension may have changed: equally late is equally penalised.
        self.summary.penalties += self._writer.settle(student, unit)
        score = round(sum(mark["scores"].values()), 2)
        failed, reason = mark["failed_checks"], mark["reason"]
        self._report(Report(student, unit, "unchanged", score, mark["max"], failed, reason))

    def _graded(self, task: Task, handed: Handed, answer: Outcome | Crash) -> None:
        if isinstance(answer, Crash):
            if answer.refused:
                raise SandboxUnavailable(answer.reason)
            self._given_up.append(
                Job("give_up", (task, answer.reason), len(task.data), self._after(task, handed))
            )
            return
        self._after(task, handed)(answer)

    def _after(self, task: Task, handed: Handed) -> Callable[[Outcome | Crash], None]:
        def after(answer: Outcome | Crash) -> None:
            if isinstance(answer, Crash):  # not even blank: nothing is written
                unit = task.unit
                points = self._writer.max_score(unit)
                report = Report(task.student, unit, "needs a person", 0.0, points, 0, answer.reason)
                self._report(report)
                return
            self._save(answer, handed)

        return after

    def _save(self, outcome: Outcome, handed: Handed) -> None:
        student, unit, result = outcome.student, outcome.unit, outcome.result
        self._writer.save(student, unit, outcome.scores, outcome.answers, utc(handed.timestamp))
        status, reason = "graded", outcome.reason
        if reason is not None:
            status = "needs a person" if outcome.needs_person else "unreadable"
        graded = self._folders.graded(student, unit)
        try:
            put_graded(graded, outcome.notebook, handed)
        except OSError as error:
            check_writable(self._folders.autograded, error)
            status, reason = "not written", f"{self._named(graded)} {_unwritten(error)}"
            self._not_written.add((student, unit))
        failed = sum(c.score < c.points for c in result.checks)
        self._report(
            Report(
                student, unit, status, result.score, result.max, failed, reason, result,
                outcome.seconds,
            )
        )  # fmt: skip

    def _named(self, path: Path) -> str:
        return str(path.relative_to(self._folders.root))

    def _report(self, report: Report) -> None:
        summary = self.summary
        if not summary.units:
            summary.first_s = time.monotonic() - self._start
        summary.units.setdefault(report.unit, Totals()).add(report)
        if report.reason is not None:
            summary.ungraded.append((report.student, report.unit, report.reason.splitlines()[0]))
        self._tell(report)

    # ------------------------------------------------------------ feedback

    def _pages(self, students: Iterable[str], units: set[str]) -> Iterator[Job]:
        """Yield the pages that are missing or tell of other grades than there are now."""
        for student in students:
            told, course_so_far = self._writer.standing(student)
            lang = None  # of the latest unit: the page of the course is one of theirs
            for unit, page, graded in shown(self._folders, student, told, units):
                if (student, unit) in self._not_written:
                    continue  # what lies there is older than the grade
                try:
                    notebook = graded.read_bytes()
                    copy_beside(graded, page)
                except OSError as error:
                    self._no_page(page, error)
                    continue
                lang = language_in(notebook) or lang
                arguments = (student, unit, notebook, told[unit], course_so_far)
                yield from self._page("page", page, arguments, len(notebook))
            page = self._folders.course_page(student)
            yield from self._page("course_page", page, (student, course_so_far, lang), 0)

    def _page(self, method: str, path: Path, arguments: tuple, size: int) -> Iterator[Job]:
        mark = page_mark(method, arguments)
        if self._force or not _ends_with(path, mark):
            yield Job(method, arguments, size, lambda answer: self._put_page(path, mark, answer))

    def _put_page(self, path: Path, mark: bytes, answer: bytes | Crash) -> None:
        if isinstance(answer, Crash):
            self.summary.no_page.append((self._named(path), answer.reason.splitlines()[0]))
            return
        try:
            write_whole(path, answer + mark)
        except OSError as error:
            self._no_page(path, error)
            return
        self.summary.pages += 1
        self._tell_page()

    def _no_page(self, path: Path, error: OSError) -> None:
        check_writable(self._folders.feedback, error)
        self.summary.no_page.append((self._named(path), _unwritten(error)))


def shown(
    folders: Folders, student: str, told: Collection[str], units: Collection[str]
) -> Iterator[tuple[str, Path, Path]]:
    """Yield the units of which a student has a page, or is to have one: name, page, graded.

    Parameters
    ----------
    folders : Folders
    student : str
    told : collection of str
        The units of which the gradebook has something to tell.
    units : collection of str
        Those that are to have one.
    """
    for unit in unit_names():
        page, graded = folders.page(student, unit), folders.graded(student, unit)
        # Not by their own `exists`, which raises where a folder may not be looked into.
        if unit in told and (unit in units or os.path.exists(page)) and os.path.exists(graded):
            yield unit, page, graded


def page_mark(method: str, arguments: tuple) -> bytes:
    """Return the last line of a page, by which it is known what the page was made from."""
    return f"\n<!-- {MARK}: {_fingerprint((__version__, method, *arguments))} -->\n".encode()


def copy_beside(graded: Path, page: Path) -> None:
    """Put beside a page what `nbgrader release_feedback` reads there."""
    for file in NBGRADERS_OWN:
        with contextlib.suppress(FileNotFoundError):
            content, copy = graded.with_name(file).read_bytes(), page.with_name(file)
            if not copy.exists() or copy.read_bytes() != content:
                write_whole(copy, content)


def _fingerprint(facts) -> str:
    """Return a digest of plain data, the same in each process."""

    def plain(value):
        if is_dataclass(value):
            value = {f.name: getattr(value, f.name) for f in fields(value)}
        if isinstance(value, Mapping):
            return sorted((k, plain(v)) for k, v in value.items())
        if isinstance(value, (set, frozenset)):
            return sorted(value)
        return [plain(v) for v in value] if isinstance(value, (list, tuple)) else value

    return hashlib.sha256(repr(plain(facts)).encode()).hexdigest()


def _unwritten(error: OSError) -> str:
    return f"cannot be written: {error.strerror}"


def _ends_with(path: Path, mark: bytes) -> bool:
    try:
        with open(path, "rb") as file:
            file.seek(-len(mark), os.SEEK_END)
            return file.read() == mark
    except OSError:
        return False


def utc(timestamp: str | None) -> datetime | None:
    """Return a time stamp as nbgrader reads it; one that is none counts as absent."""
    from nbgrader.utils import parse_utc

    try:
        return parse_utc(timestamp)
    except (ValueError, OverflowError, TypeError):
        return None


# ---------------------------------------------------------------- memory


class _MemoryWatch:
    """Looks now and then at what all processes of the batch on this machine hold together."""

    def __init__(self) -> None:
        self._next = 0.0
        self.most_mb = 0.0

    def look(self, now: bool = False) -> None:
        """Look, if it is time."""
        if not now and time.monotonic() < self._next:
            return
        self._next = time.monotonic() + MEMORY_EVERY_S
        self.most_mb = max(self.most_mb, sum(map(_memory_mb, _family(os.getpid()))))


def _family(pid: int) -> list[int]:
    """Return a process and all its descendants."""
    found = [pid]
    for one in found:
        with contextlib.suppress(OSError):
            for thread in os.listdir(f"/proc/{one}/task"):
                text = Path(f"/proc/{one}/task/{thread}/children").read_text()
                found += map(int, text.split())
    return found


def _memory_mb(pid: int) -> float:
    """Return the memory of a process, shared pages in their share where the kernel tells."""
    for name, pattern in (("smaps_rollup", r"Pss: +(\d+)"), ("status", r"RssAnon:\s+(\d+)")):
        with contextlib.suppress(OSError):
            found = re.search(pattern, Path(f"/proc/{pid}/{name}").read_text())
            if found:
                return int(found[1]) / 1024
    return 0.0


# ---------------------------------------------------------------- the one function


def grade_class(
    root: Path,
    units: Iterable[str] = (),
    students: Iterable[str] = (),
    *,
    jobs: int | None = None,
    scheduler: str | None = None,
    force: bool = False,
    feedback: bool = False,
    db: str | None = None,
    isolated: bool = True,
    started: Callable[[int], None] = lambda total: None,
    tell: Callable[[Report], None] = lambda report: None,
    tell_page: Callable[[], None] = lambda: None,
    say: Callable[[str], None] = lambda sentence: None,
    make: Callable[[Settings], Grader] = Grader,
) -> Summary:
    """Grade what a class has handed in.

    Parameters
    ----------
    root : Path
        The course directory: nbgrader_config.py, submitted/, and the rest.
    units, students : iterable of str
        Which; all by default.
    jobs : int, optional
        Worker processes; the number of cores by default.
    scheduler : str, optional
        Address of a Dask scheduler whose workers grade in place of processes of this machine.
    force : bool
        Grade again what is graded and unchanged. Manual scores stay.
    feedback : bool
        Write the HTML pages too.
    db : str, optional
        URL of the gradebook; the course's own by default.
    isolated : bool
        False is ``--unsafe-no-sandbox``.
    started : callable
        Hears how many submissions there are.
    tell : callable
        Hears of each when it is done.
    tell_page : callable
        Is called for each feedback page that is written.
    say : callable
        Hears what a cluster keeps the batch waiting for, and what in submitted/ was left aside.
    make : callable
        Makes the `Grader` of a worker; for tests.

    Raises
    ------
    WrongUse
        For a unit or a student that there is not; if autograded/ or feedback/ takes no files.
    GradebookError
        If the gradebook cannot be used.
    SandboxUnavailable
        If this host, or every worker of the cluster, refuses to isolate student code.
    ClusterUnavailable
        If there is no such scheduler, or it has no worker.
    """
    start = time.monotonic()
    if scheduler is None:
        start_loading()
    elif jobs is not None:
        raise WrongUse("jobs are processes of this machine: with a scheduler its workers count")
    # nbgrader takes two seconds to load; the workers are loading meanwhile.
    from .coursedir import open_course
    from .gradebook import Writer

    api = open_course(root, **({"db_url": db} if db else {}))
    folders = Folders(api.coursedir)
    units, students = list(units), list(students)
    work = _work(folders, units, students)
    seed = os.environ.get("COURSE_PROBE_SEED", "0")
    config = workers_config(api.config)
    names = sorted({unit for _, unit in work})
    with (
        Writer(api.coursedir.db_url, api.coursedir.course_id, names, api.config) as writer,
        scratch_folder() as scratch,
    ):
        templates = {name: [dict(c) for c in writer.template(name)] for name in names}
        settings = Settings(templates, seed, isolated, scratch, config)
        jobs = min(jobs or len(os.sched_getaffinity(0)), max(1, len(work)))
        started(len(work))
        if strays := folders.strays(students):
            say(_left_aside(folders.submitted.name, strays))
        with workers(settings, jobs, scheduler, make, say=say) as pool:
            batch = Batch(
                folders, writer, pool, force=force, feedback=feedback, seed=seed, tell=tell,
                tell_page=tell_page,
            )  # fmt: skip
            batch._start = start
            return batch.run(work)


def workers(
    settings: Settings,
    jobs: int,
    scheduler: str | None,
    make: Callable[[Settings], Grader] = Grader,
    ahead: int = 1,
    **options,
) -> Pool:
    """Return where jobs are done: ``jobs`` processes of this machine, or a Dask cluster.

    ``options`` are those of `Cluster`.

    Raises
    ------
    WrongUse
        If there is no Dask to speak with the cluster.
    """
    if scheduler is None:
        return Processes(settings, jobs, make, ahead)
    try:
        from .cluster import Cluster  # late: it loads Dask
    except ModuleNotFoundError as error:
        raise WrongUse(
            f"{error.name} is missing: pip install 'backprop-course-grader[dask]'"
        ) from None
    return Cluster(settings, scheduler, make, ahead, **options)


def workers_config(config: Mapping) -> dict[str, dict]:
    """Return the sections of nbgrader's configuration that workers heed.

    Raises
    ------
    WrongUse
        For a limit that is none.
    """
    found = {n: dict(config.get(n, {})) for n in ("LimitOutput", "ExecuteSubmission")}
    try:
        Limits.from_config(found["ExecuteSubmission"].get("limits", {}))
    except ValueError as error:
        raise WrongUse(f"nbgrader_config.py, c.ExecuteSubmission.limits: {error}") from None
    return found


def _left_aside(folder: str, strays: list[str]) -> str:
    shown = ", ".join(strays[:MOST_STRAYS])
    more = len(strays) - MOST_STRAYS
    more = f" and {more} more" if more > 0 else ""
    return f"left aside in {folder}/, in no student's folder of a unit: {shown}{more}"


def check_units(names: Iterable[str]) -> None:
    """Raise `WrongUse` for a name that is no unit's."""
    known = unit_names()
    for name in names:
        if name not in known:
            raise WrongUse(f"no unit {name!r}; the units are {', '.join(known)}")


def _work(folders: Folders, units: list[str], students: list[str]) -> list[tuple[str, str]]:
    check_units(units)
    present = folders.students()
    missing = sorted(set(students) - set(present))
    if missing:
        raise WrongUse(f"no student {missing[0]!r} in {folders.submitted}")
    return [
        (student, unit)
        for unit in (dict.fromkeys(units) or unit_names())
        for student in (sorted(set(students)) or present)
        if os.path.isdir(folders.handed_in(student, unit))
    ]

"""What the classroom service keeps: units handed out, notebooks handed in, their grades.

A database (SQLite or PostgreSQL) and a folder of files. A file is named by the SHA-256 of
its content, written whole, flushed to the disk and never changed, so that a row can never
point to half a notebook; whoever holds a row can tell whether its file is the one that came
in. Several processes may hold a `Store` on the same data: the service that answers requests
and the marker that grades (`grader.exchange.marking`).

All times are the server's, naive and in UTC.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta, timezone
from pathlib import Path

from sqlalchemy import (
    Column,
    DateTime,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    and_,
    bindparam,
    case,
    create_engine,
    event,
    func,
    inspect,
    select,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from ..gradebook import database_url

BUSY_S = 60  # how long a locked SQLite file is waited for
STAMP = "%Y-%m-%d %H:%M:%S.%f UTC"  # as nbgrader writes them into timestamp.txt
TICK = timedelta(microseconds=1)
LEFT_AFTER_S = 24 * 3600  # an upload that nobody finished within a day is nobody's

QUEUED, GRADING, GRADED, NEEDS_PERSON = "queued", "grading", "graded", "needs a person"
# Rounds count the hand-ins of a term; what is graded again comes after any of them.
AGAIN = 1 << 30
ONCE_MORE = AGAIN + 1

_tables = MetaData()
# One row: each change to anything below counts it up, which also makes changes wait for each
# other, and holds the latest time stamp given.
_changes = Table(
    "changes",
    _tables,
    Column("id", Integer, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("stamp", DateTime, nullable=False),
)
_releases = Table(
    "releases",
    _tables,
    Column("number", Integer, primary_key=True),
    Column("unit", String(128), nullable=False, index=True),
    Column("sha256", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("at", DateTime, nullable=False),
    Column("by", String(255), nullable=False),
    Column("withdrawn_at", DateTime),
)
_fetches = Table(
    "fetches",
    _tables,
    Column("student", String(255), primary_key=True),
    Column("unit", String(128), primary_key=True),
    Column("at", DateTime, nullable=False),
)
_submissions = Table(
    "submissions",
    _tables,
    Column("number", Integer, primary_key=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("student", String(255), nullable=False, index=True),
    Column("unit", String(128), nullable=False, index=True),
    Column("attempt", Integer, nullable=False),
    Column("key", String(128)),  # of one click; see `Handed`
    Column("name", String(255), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("at", DateTime, nullable=False),
    Column("state", String(16), nullable=False),
    # the round (see `Store.take`), `AGAIN` to grade again, `ONCE_MORE` to be queued after this grading
    Column("turn", Integer, nullable=False),
    Column("marker", String(255)),  # who took it off the queue
    Column("tries", Integer, nullable=False, default=0),
    Column("graded_at", DateTime),
    Column("score", Float),
    Column("max", Float),
    Column("visible_score", Float),
    Column("visible_max", Float),
    Column("penalty", Float, nullable=False, default=0.0),
    Column("failed_checks", Integer),
    Column("reason", String),
    Column("notebook", String(64)),  # as it was graded
    Column("page", String(64)),
    Column("visible_page", String(64)),
    Column("person_page", String(64)),  # released by an instructor
    UniqueConstraint("student", "unit", "attempt"),
    UniqueConstraint("student", "key"),
)
# What waits, in the order in which it is taken: neither a marker nor a page sorts the queue.
# With the student, so that whoever is passed over is passed over in the index.
_by_round = Index(
    "submissions_by_round",
    *(_submissions.c[name] for name in ("state", "turn", "number", "student")),
)
_extensions = Table(
    "extensions",
    _tables,
    Column("student", String(255), primary_key=True),
    Column("unit", String(128), primary_key=True),
    Column("seconds", Integer, nullable=False),
    Column("by", String(255), nullable=False),
    Column("at", DateTime, nullable=False),
)


class StoreError(RuntimeError):
    """Raised when the data cannot be read or written; says what is the matter and the mend."""


class Refused(StoreError):
    """Raised for a request that the state of the class does not admit; the sentence is shown."""


@dataclass(frozen=True)
class Release:
    """A unit as it is handed out."""

    unit: str
    sha256: str
    size: int
    at: datetime
    by: str


@dataclass(frozen=True)
class Submission:
    """One notebook that was handed in, and what is known of it.

    Attributes
    ----------
    number : int
        Counts all submissions of the class, in the order in which they came in.
    id : str
        32 hexadecimal digits at random: its name outside.
    attempt : int
        Counts a student's submissions of one unit, from 1.
    state : str
        `QUEUED`, `GRADING`, `GRADED` or `NEEDS_PERSON`.
    turn : int
        The round in which it is graded; see `Store.take`.
    score, max, visible_score, visible_max : float or None
        Points by all checks and by the visible ones; None before it is graded.
    penalty : float
        Points taken off for being late.
    notebook, page, visible_page, person_page : str or None
        SHA-256 of the graded notebook, of the pages made of it, of the page that an
        instructor released.
    """

    number: int
    id: str
    student: str
    unit: str
    attempt: int
    key: str | None
    name: str
    sha256: str
    size: int
    at: datetime
    state: str
    turn: int
    marker: str | None
    tries: int
    graded_at: datetime | None
    score: float | None
    max: float | None
    visible_score: float | None
    visible_max: float | None
    penalty: float
    failed_checks: int | None
    reason: str | None
    notebook: str | None
    page: str | None
    visible_page: str | None
    person_page: str | None

    def answer_for(self, unit: str, sha256: str) -> None:
        """Let this be the answer to a hand-in with the same key.

        Raises
        ------
        Refused
            If that is of another unit or content: it would be lost, and nobody told.
        """
        if self.unit != unit:
            raise Refused(f"this Idempotency-Key was used for {self.unit} before")
        if self.sha256 != sha256:
            raise Refused(
                f"this Idempotency-Key was used for another notebook before (attempt {self.attempt} "
                f"at {self.unit}), so this one is not taken in: hand it in with a new key"
            )

    @property
    def timestamp(self) -> str:
        """The time it came in, as nbgrader writes it."""
        return self.at.strftime(STAMP)

    @property
    def net(self) -> float | None:
        """The points that remain after the penalty for being late; None before it is graded."""
        return None if self.score is None else max(0.0, self.score - self.penalty)


_NAMES = tuple(f.name for f in fields(Submission))
_COLUMNS = [_submissions.c[name] for name in _NAMES]
_ALL = select(*_COLUMNS)  # made once: to name 26 columns costs more than to read them


@dataclass(frozen=True)
class Blob:
    """A file of the store: the SHA-256 of its content, and its size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Handed:
    """One notebook that a student hands in; for `Store.hand_in_all`.

    Parameters
    ----------
    student, unit : str
    name : str
        The file's name on the student's side.
    blob : Blob
        The notebook, which `Upload.keep` has put in its place.
    key : str, optional
        The same for each try to send the same click: a try whose answer was lost is
        given the submission that it made.
    attempts : int
        How many are allowed; 0 for no limit.
    admit : callable
        Hears the time stamp, and raises `Refused` if it is too late.
    """

    student: str
    unit: str
    name: str
    blob: Blob
    key: str | None = None
    attempts: int = 0
    admit: Callable[[datetime], None] = lambda stamp: None


def now() -> datetime:
    """Return the time of this host, naive and in UTC."""
    return datetime.now(timezone.utc).replace(tzinfo=None)


class Upload:
    """A file that is coming in, in parts; made by `Store.upload`.

    Nothing of it is in the store before `keep`. A context manager: what was not kept when
    it ends is removed.
    """

    def __init__(self, folder: Path, objects: Path) -> None:
        self._objects = objects
        self._file = tempfile.NamedTemporaryFile(dir=folder, delete=False)  # noqa: SIM115
        self._hash = hashlib.sha256()
        self.size = 0

    def __enter__(self) -> Upload:
        return self

    def __exit__(self, *error) -> None:
        self.abandon()

    def write(self, part: bytes) -> None:
        """Add a part; OSError when the disk is full."""
        self._file.write(part)
        self._hash.update(part)
        self.size += len(part)

    @property
    def sha256(self) -> str:
        """The SHA-256 of what has come in so far."""
        return self._hash.hexdigest()

    def keep(self) -> Blob:
        """Put the file in its place for good, flushed to the disk."""
        digest = self.sha256
        place = object_path(self._objects, digest)
        self._file.flush()
        os.fchmod(self._file.fileno(), 0o444)
        os.fsync(self._file.fileno())
        self._file.close()
        made = not place.parent.exists()
        place.parent.mkdir(parents=True, exist_ok=True)
        os.replace(self._file.name, place)
        _flush_folder(place.parent)
        if made:
            _flush_folder(place.parent.parent)
        return Blob(digest, self.size)

    def abandon(self) -> None:
        """Forget what came in, unless it was kept."""
        self._file.close()
        Path(self._file.name).unlink(missing_ok=True)


def object_path(objects: Path, digest: str) -> Path:
    """Return where the file with this SHA-256 lies."""
    return objects / digest[:2] / digest[2:]


def _flush_folder(folder: Path) -> None:
    """Flush the names in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Store:
    """The data of one course; a context manager.

    Parameters
    ----------
    folder : Path
        Holds the files, and the database unless ``url`` names another. Made if missing.
    url : str, optional
        Of a database, in SQLAlchemy's form.
    clock : callable
        Returns the time now, naive and in UTC; for tests.
    busy_s : float
        How long a locked SQLite file is waited for.

    Raises
    ------
    StoreError
        If the database cannot be opened.
    """

    def __init__(
        self,
        folder: Path,
        url: str | None = None,
        clock: Callable[[], datetime] = now,
        *,
        busy_s: float = BUSY_S,
    ) -> None:
        self.folder, self._clock = Path(folder), clock
        self._objects, self._incoming = self.folder / "objects", self.folder / "incoming"
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.folder.stat().st_mode & 0o077:
            self.folder.chmod(0o700)  # grades and answers are nobody else's, whoever made it
        for place in (self._objects, self._incoming):
            place.mkdir(exist_ok=True, mode=0o700)
        self._engine = create_engine(
            database_url(url) if url else f"sqlite:///{self.folder / 'classroom.db'}"
        )
        self._insert = postgresql.insert
        if self._engine.dialect.name == "sqlite":
            self._insert = sqlite.insert
            _set_up_sqlite(self._engine, busy_s)
        try:
            self._create()
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
            raise StoreError(
                f"the classroom's database {self._engine.url!r} cannot be used: {reason}"
            ) from None

    def _create(self) -> None:
        # Service and marker start together, and each may find that the other was first.
        for attempt in range(5):
            try:
                with self._engine.execution_options(writes=True).begin() as db:
                    _tables.create_all(db)
                    if not inspect(db).has_index("submissions", _by_round.name):
                        _count_in_rounds(db)
                    row = {"id": 1, "count": 0, "stamp": datetime(1970, 1, 1)}
                    db.execute(self._insert(_changes).on_conflict_do_nothing(), [row])
                return
            except SQLAlchemyError:
                if attempt == 4:
                    raise
                time.sleep(0.2)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *error) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections to the database."""
        self._engine.dispose()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Connection]:
        """Begin a change; it is seen whole or not at all, and one after the other."""
        with self._engine.execution_options(writes=True).begin() as db:
            db.execute(_changes.update().values(count=_changes.c.count + 1))
            yield db

    def _stamp(self, db: Connection) -> datetime:
        """Return a time stamp later than every one before it, though the clock step back."""
        stamp = self._after(db.execute(select(_changes.c.stamp)).scalar_one())
        db.execute(_changes.update().values(stamp=stamp))
        return stamp

    def _after(self, latest: datetime) -> datetime:
        return max(self._clock(), latest + TICK)

    def changes(self) -> int:
        """Return a number that grows with every change."""
        with self._engine.begin() as db:
            return db.execute(select(_changes.c.count)).scalar_one()

    # ------------------------------------------------------------ files

    def upload(self) -> Upload:
        """Begin to take in a file."""
        return Upload(self._incoming, self._objects)

    def put(self, data: bytes) -> Blob:
        """Keep a file that is in memory."""
        digest = hashlib.sha256(data).hexdigest()
        if object_path(self._objects, digest).exists():
            return Blob(digest, len(data))
        with self.upload() as upload:
            upload.write(data)
            return upload.keep()

    def path(self, digest: str) -> Path:
        """Return where a file lies, to read it."""
        return object_path(self._objects, digest)

    def read(self, digest: str) -> bytes:
        """Return the content of a file.

        Raises
        ------
        StoreError
            If the file is missing or is not what came in.
        """
        try:
            data = self.path(digest).read_bytes()
        except OSError as error:
            raise StoreError(f"a file of the class cannot be read: {error}") from None
        if hashlib.sha256(data).hexdigest() != digest:
            raise StoreError(f"the file {self.path(digest)} is damaged: restore it from a backup")
        return data

    def sweep(self) -> None:
        """Remove uploads that nobody finished."""
        for left in self._incoming.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if time.time() - left.stat().st_mtime > LEFT_AFTER_S:
                    left.unlink()

    # ------------------------------------------------------------ handing out

    def release(self, unit: str, blob: Blob, by: str, *, force: bool = False) -> Release:
        """Hand out a unit; every earlier version stays in the store.

        Raises
        ------
        Refused
            If another version of it is out and ``force`` is not set.
        """
        with self._writing() as db:
            known = self._released(db).get(unit)
            if known is not None and known.sha256 == blob.sha256:
                return known
            if known is not None and not force:
                raise Refused(
                    f"another version of {unit} is released already: release it with force to "
                    "replace it for those who have not fetched it yet"
                )
            at = self._stamp(db)
            row = {"unit": unit, "sha256": blob.sha256, "size": blob.size, "at": at, "by": by}
            db.execute(_releases.insert(), [row])
            return Release(**row)

    def withdraw(self, unit: str) -> bool:
        """Hand a unit out no more; return whether it was released. Submissions stay."""
        with self._writing() as db:
            out = (_releases.c.unit == unit) & _releases.c.withdrawn_at.is_(None)
            done = db.execute(_releases.update().where(out).values(withdrawn_at=self._stamp(db)))
            return done.rowcount > 0

    def released(self) -> dict[str, Release]:
        """Return the units that are out, each in its latest version."""
        with self._engine.begin() as db:
            return self._released(db)

    @staticmethod
    def _released(db: Connection) -> dict[str, Release]:
        rows = db.execute(
            select(_releases).where(_releases.c.withdrawn_at.is_(None)).order_by(_releases.c.number)
        )
        return {r.unit: Release(r.unit, r.sha256, r.size, r.at, r.by) for r in rows}

    def note_fetch(self, student: str, unit: str) -> None:
        """Remember when a student first fetched a unit."""
        with self._engine.begin() as db:
            if db.execute(select(_fetches.c.at).where(_is(_fetches, student, unit))).first():
                return
        with self._writing() as db:
            row = {"student": student, "unit": unit, "at": self._clock()}
            db.execute(self._insert(_fetches).on_conflict_do_nothing(), [row])

    def fetches(self, student: str | None = None) -> dict[tuple[str, str], datetime]:
        """Return when each (student, unit) was first fetched."""
        query = select(_fetches)
        if student is not None:
            query = query.where(_fetches.c.student == student)
        with self._engine.begin() as db:
            return {(r.student, r.unit): r.at for r in db.execute(query)}

    # ------------------------------------------------------------ handing in

    def hand_in(
        self, student: str, unit: str, name: str, blob: Blob, **options
    ) -> tuple[Submission, bool]:
        """Take in one submission; return it and whether it is new.

        The parameters are those of `Handed`.

        Raises
        ------
        Refused
            If no attempt is left, ``admit`` refuses, or the key was used for something else.
        """
        (answer,) = self.hand_in_all([Handed(student, unit, name, blob, **options)])
        if isinstance(answer, Refused):
            raise answer
        return answer

    def hand_in_all(self, handed: Iterable[Handed]) -> list[tuple[Submission, bool] | Refused]:
        """Take in what came in at once: many flushes of the disk and many waits become one.

        Returns
        -------
        list
            For each what `hand_in` returns or would raise.
        """
        answers: list[tuple[Submission, bool] | Refused] = []
        with self._writing() as db:
            latest = db.execute(select(_changes.c.stamp)).scalar_one()
            for one in handed:
                try:
                    made, new = self._hand_in(db, one, self._after(latest))
                    answers.append((made, new))
                    latest = max(latest, made.at)
                except Refused as refusal:
                    answers.append(refusal)
            if any(isinstance(answer, tuple) and answer[1] for answer in answers):
                db.execute(_changes.update().values(stamp=latest))
            else:
                db.rollback()  # nothing has changed: no page need look again
        return answers

    @staticmethod
    def _hand_in(db: Connection, one: Handed, stamp: datetime) -> tuple[Submission, bool]:
        if one.key is not None:
            same = (_submissions.c.student == one.student) & (_submissions.c.key == one.key)
            known = db.execute(_ALL.where(same)).first()
            if known is not None:
                made = Submission(*known)
                made.answer_for(one.unit, one.blob.sha256)
                return made, False
        facts = {"student": one.student, "unit": one.unit}
        used, own, waits, *reached = db.execute(_STANDING, facts).one()
        used = used or 0
        if one.attempts and used >= one.attempts:
            raise Refused(f"all {one.attempts} attempts at {one.unit} are used up")
        one.admit(stamp)
        row = dict.fromkeys(_NAMES) | {
            "id": secrets.token_hex(16), "student": one.student, "unit": one.unit,
            "attempt": used + 1, "key": one.key, "name": one.name, "sha256": one.blob.sha256,
            "size": one.blob.size, "at": stamp, "state": QUEUED, "tries": 0, "penalty": 0.0,
            "turn": _round(own, waits, reached),
        }  # fmt: skip
        del row["number"]
        number = db.execute(_submissions.insert(), row).inserted_primary_key[0]
        return Submission(number=number, **row), True

    def submission(self, id: str) -> Submission | None:
        """Return one submission by its id, or None."""
        found = self._select(_submissions.c.id == id)
        return found[0] if found else None

    def submissions(self, student: str | None = None, unit: str | None = None) -> list[Submission]:
        """Return submissions in the order in which they came in."""
        return self._select(_is(_submissions, student, unit))

    def _select(self, *where) -> list[Submission]:
        query = _ALL.where(*where).order_by(_submissions.c.number)
        with self._engine.begin() as db:
            return [Submission(*row) for row in db.execute(query)]

    # ------------------------------------------------------------ the queue

    def take(self, marker: str, most: int = 1) -> list[Submission]:
        """Take the next submissions off the queue.

        It is worked off in rounds, and a student has one turn in a round: nobody has a second
        one before everybody who waits has had a first. What is to be graded again comes when
        nothing new waits. And of a student one is graded at a time: whoever is being graded is
        passed over, or two notebooks that run into the time limit would hold two workers.

        Parameters
        ----------
        marker : str
            Who takes them; `recover` gives them back in this name.
        most : int
        """
        with self._engine.begin() as db:  # mostly there is nothing: no need to write for that
            if not db.execute(_NEXT).first():
                return []
        taken = []
        with self._writing() as db:
            while len(taken) < most and (number := db.execute(_NEXT).scalar()) is not None:
                this = _submissions.c.number == number
                tries, turn = _submissions.c.tries + 1, _submissions.c.turn
                turn = case((turn == ONCE_MORE, AGAIN), else_=turn)
                change = _submissions.update().where(this)
                db.execute(change.values(state=GRADING, marker=marker, tries=tries, turn=turn))
                taken.append(Submission(*db.execute(_ALL.where(this)).one()))
        return taken

    def give_back(self, ids: Iterable[str], *, tried: bool = False) -> None:
        """Put submissions that were taken and not graded back into the queue.

        Parameters
        ----------
        ids : iterable of str
        tried : bool
            Whether to count it as a try: when it may have been their own doing.
        """
        mine = _submissions.c.id.in_(list(ids)) & (_submissions.c.state == GRADING)
        tries = _submissions.c.tries - (0 if tried else 1)
        with self._writing() as db:
            change = _submissions.update().where(mine)
            db.execute(change.values(state=QUEUED, marker=None, tries=tries))

    def queue_refused(self, unit: str, reason: str) -> int:
        """Queue what could not be graded, for a reason that begins so; return how many."""
        refused = _is(_submissions, None, unit) & (_submissions.c.state == NEEDS_PERSON)
        refused &= _submissions.c.reason.startswith(reason, autoescape=True)
        with self._engine.begin() as db:  # mostly there is nothing: no need to write for that
            if not db.execute(select(_submissions.c.number).where(refused).limit(1)).first():
                return 0
        with self._writing() as db:
            change = _submissions.update().where(refused)
            return db.execute(change.values(state=QUEUED, tries=0, reason=None)).rowcount

    def recover(self, marker: str) -> int:
        """Put what a marker took before it died back into the queue; return how many."""
        left = (_submissions.c.marker == marker) & (_submissions.c.state == GRADING)
        with self._engine.begin() as db:  # mostly there is nothing: no need to write for that
            if not db.execute(select(_submissions.c.number).where(left).limit(1)).first():
                return 0
        with self._writing() as db:
            change = _submissions.update().where(left).values(state=QUEUED, marker=None)
            return db.execute(change).rowcount

    def grade_again(self, unit: str, students: Iterable[str] | None = None) -> int:
        """Queue all that was graded of a unit once more; return how many.

        What is being graded now may have been begun on what no longer holds: it is queued
        when it is done.

        Parameters
        ----------
        unit : str
        students : iterable of str, optional
            Whose; everyone's by default.
        """
        whose = _is(_submissions, None, unit)
        if students is not None:
            whose &= _submissions.c.student.in_(list(students))
        state = _submissions.c.state
        done = _submissions.update().where(whose & state.in_((GRADED, NEEDS_PERSON)))
        busy = _submissions.update().where(whose & (state == GRADING))
        with self._writing() as db:
            again = db.execute(done.values(state=QUEUED, turn=AGAIN, tries=0, marker=None)).rowcount
            return again + db.execute(busy.values(turn=ONCE_MORE)).rowcount

    def places(self) -> dict[str, int]:
        """Return the place in the queue of each submission that waits, from 1.

        Those of a student of whom one is being graded keep theirs: they are passed over, and
        nobody else waits longer than told.
        """
        with self._engine.begin() as db:
            ids = db.execute(_queue(_submissions.c.id)).scalars()
            return {id: place for place, id in enumerate(ids, 1)}

    def place(self, submission: Submission) -> int | None:
        """Return the place in the queue of one that was just read; None if it does not wait."""
        turn, number = _submissions.c.turn, _submissions.c.number
        before = (turn == submission.turn) & (number <= submission.number)
        before |= turn < submission.turn
        waits = select(func.count()).where((_submissions.c.state == QUEUED) & before)
        if submission.state != QUEUED:
            return None
        with self._engine.begin() as db:
            return db.execute(waits).scalar_one() or None

    # ------------------------------------------------------------ grades

    def set_grade(self, id: str, **facts) -> None:
        """Write what came of grading a submission.

        Parameters
        ----------
        id : str
        **facts
            Fields of `Submission`: ``state``, ``score``, ``max``, ``visible_score``,
            ``visible_max``, ``penalty``, ``failed_checks``, ``reason``, ``notebook``,
            ``page``, ``visible_page``. Files must have been `put`.
        """
        with self._writing() as db:
            facts = {"graded_at": self._clock(), "marker": None, **facts}
            mine = _submissions.c.id == id
            db.execute(_submissions.update().where(mine).values(**facts))
            once_more = _submissions.update().where(mine & (_submissions.c.turn == ONCE_MORE))
            db.execute(once_more.values(state=QUEUED, turn=AGAIN, tries=0))

    def set_person_page(self, id: str, digest: str | None, score: float | None = None) -> None:
        """Let a page that an instructor released take the place of the automatic one.

        Parameters
        ----------
        id : str
        digest : str or None
            SHA-256 of the page; None takes it back.
        score : float or None
            The points that it tells, before the penalty for being late; None if they are those
            that are known.
        """
        values = {"person_page": digest} | ({} if score is None else {"score": score})
        with self._writing() as db:
            db.execute(_submissions.update().where(_submissions.c.id == id).values(**values))

    # ------------------------------------------------------------ extensions

    def extend(self, student: str, unit: str, seconds: int, by: str) -> None:
        """Give a student more time for a unit; 0 takes it back."""
        with self._writing() as db:
            db.execute(_extensions.delete().where(_is(_extensions, student, unit)))
            # What was taken back is remembered: the gradebook may still have it.
            row = {"student": student, "unit": unit, "seconds": seconds, "by": by}
            db.execute(_extensions.insert(), [row | {"at": self._clock()}])

    def extensions(self, student: str | None = None) -> dict[tuple[str, str], timedelta]:
        """Return how much more time each (student, unit) has been given, if any."""
        given = _is(_extensions, student, None) & (_extensions.c.seconds != 0)
        with self._engine.begin() as db:
            rows = db.execute(select(_extensions).where(given))
            return {(r.student, r.unit): timedelta(seconds=r.seconds) for r in rows}

    def extension(self, student: str, unit: str) -> timedelta | None:
        """Return how much more time was given; zero if taken back, None if never spoken of."""
        query = select(_extensions.c.seconds).where(_is(_extensions, student, unit))
        with self._engine.begin() as db:
            seconds = db.execute(query).scalar()
        return None if seconds is None else timedelta(seconds=seconds)


def _is(table: Table, student: str | None, unit: str | None):
    """Return the condition that a row is of this student and this unit; None is any."""
    wanted = (("student", student), ("unit", unit))
    return and_(true(), *(table.c[name] == value for name, value in wanted if value is not None))


def _queue(column: Column):
    """Return the query for what waits, in its order."""
    order = (_submissions.c.turn, _submissions.c.number)
    return select(column).where(_submissions.c.state == QUEUED).order_by(*order)


# The number of the next to be taken. Few are being graded, so few are ever passed over.
_NEXT = (
    _queue(_submissions.c.number)
    .where(
        _submissions.c.student.not_in(
            select(_submissions.c.student).where(_submissions.c.state == GRADING)
        )
    )
    .limit(1)
)


def _standing():
    """Return the query for what the round of a hand-in depends on, and the attempts before it.

    One query, each part of it a step into an index.
    """
    turn, state = _submissions.c.turn, _submissions.c.state
    mine = _submissions.c.student == bindparam("student")
    attempts = mine & (_submissions.c.unit == bindparam("unit"))
    parts = [
        select(func.max(_submissions.c.attempt)).where(attempts),
        select(func.max(turn)).where(mine & (turn < AGAIN)),
        select(func.min(turn)).where((state == QUEUED) & (turn < AGAIN)),
    ]
    done = (GRADING, GRADED, NEEDS_PERSON)
    parts += [select(func.max(turn)).where((state == s) & (turn < AGAIN)) for s in done]
    return select(*(part.scalar_subquery() for part in parts))


_STANDING = _standing()


def _round(own: int | None, waits: int | None, reached: Iterable[int | None]) -> int:
    """Return the round in which a hand-in has its turn.

    The one that the queue is in, or the one after the student's last if that is later. To count
    only what waits of a student would let two who hand in again and again keep a third's sixth
    unit waiting for ever; to count anew whenever one is done would put a student's second before
    the first of all who came after it. So a row keeps its round, and whoever comes later comes
    into the round that the queue has reached by then.

    Parameters
    ----------
    own : int or None
        The last round in which the student has or had a turn.
    waits : int or None
        The first round of which something waits.
    reached : iterable of int or None
        The last rounds out of which something was taken.
    """
    now_at = max((r for r in reached if r is not None), default=0) if waits is None else waits
    return now_at if own is None else max(now_at, own + 1)


def _count_in_rounds(db: Connection) -> None:
    """Bring data of an earlier version to the order of this one, with its index.

    There 1 and 2 stood for `AGAIN` and `ONCE_MORE`, and 0 for what was new: the first round.
    """
    turn = _submissions.c.turn
    for before, now_is in ((1, AGAIN), (2, ONCE_MORE)):
        db.execute(_submissions.update().where(turn == before).values(turn=now_is))
    db.exec_driver_sql("DROP INDEX IF EXISTS submissions_by_turn")
    _by_round.create(db)


def _set_up_sqlite(engine, busy_s: float) -> None:
    """Let readers go on while one writes, and each change begin as one.

    The driver would begin as a reader and ask for more later: two writers then wait for each
    other, and one is refused at once.
    """

    @event.listens_for(engine, "connect")
    def connect(connection, _record) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {int(busy_s * 1000)}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def begin(connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

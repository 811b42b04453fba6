"""`grader copy-db`: the rows of a class, copied into another database.

Two kinds are known: nbgrader's gradebook, and the database of the classroom service
(`grader.exchange.store`). The tables of the copy are made by the code that owns them, so that
types, keys and indexes are those it expects, and every value passes through the owner's types:
a time that SQLite keeps as text, an extension that it keeps as a moment after 1970 and a truth
that it keeps as a number become what PostgreSQL has for them.

Whatever is written is one transaction: whoever looks sees an empty database or the whole class.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nbgrader import api
from sqlalchemy import (
    Column,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    func,
    inspect,
    literal,
    quoted_name,
    select,
    text,
)
from sqlalchemy import table as named
from sqlalchemy.engine import Connection, Engine, Row, make_url
from sqlalchemy.exc import SQLAlchemyError

from .batch import WrongUse
from .coursedir import environment_on_path
from .exchange import store
from .gradebook import BUSY_S, database_url

CHUNK = 2000  # rows that are in memory at once
CONNECT_S = 10  # how long a server that does not answer is waited for
LOCK = "10s"  # and tables of the copy that somebody else holds
TURNS = 0x67726164  # by this number copies into one database wait for each other

# As `nbgrader.api.Gradebook` makes it, by a sentence of SQL.
_versions = MetaData()
_version = Table("alembic_version", _versions, Column("version_num", String(32), nullable=False))


class CannotCopy(WrongUse):
    """Raised when a database cannot be copied; says what is the matter and the mend."""


@dataclass(frozen=True)
class _Kind:
    """What a database is for.

    Attributes
    ----------
    name : str
        As sentences have it.
    owners : tuple of MetaData
        All its tables.
    known_by : frozenset of str
        Tables that every one of its kind has, and none of the other.
    at_birth : frozenset of str
        Tables into which the owner's code writes as soon as it opens an empty database: rows
        there alone are nothing that a person would miss.
    """

    name: str
    owners: tuple[MetaData, ...]
    known_by: frozenset[str]
    at_birth: frozenset[str]

    @property
    def tables(self) -> list[Table]:
        """The tables; one comes after those to which its rows point."""
        return [one for owner in self.owners for one in owner.sorted_tables]


GRADEBOOK = _Kind(
    "gradebook",
    (api.Base.metadata, _versions),
    frozenset({"assignment", "student", "submitted_assignment"}),
    frozenset({"course", "alembic_version"}),
)
CLASSROOM = _Kind(
    "classroom's database",
    (store._tables,),
    frozenset({"changes", "releases", "submissions"}),
    frozenset({"changes"}),
)


@dataclass(frozen=True)
class Copied:
    """What was copied.

    Attributes
    ----------
    kind : str
        What the database is.
    rows : dict of str to int
        How many, by table.
    left : list of str
        Tables and columns of the source that are not the grader's: they were not copied.
    to : str
        Where the copy is, without a password.
    """

    kind: str
    rows: dict[str, int]
    left: list[str]
    to: str


def copy_database(
    source_url: str,
    target_url: str,
    tell: Callable[[str, int, int], None] = lambda step, done, total: None,
) -> Copied:
    """Copy a gradebook, or the classroom's database, into one that is empty.

    The source is only read. The copy is compared with it, value by value, before it is seen.

    Parameters
    ----------
    source_url, target_url : str
        In SQLAlchemy's form.
    tell : callable
        Hears of the progress: the step, the rows that are done, all rows.

    Returns
    -------
    Copied

    Raises
    ------
    CannotCopy
        If one of the two cannot be used or the copy would not be the same. The target is
        then as it was.
    """
    here, there = _Place(source_url), _Place(target_url)
    if here.where == there.where:
        raise CannotCopy(f"{here.shown} is source and target: name another target")
    with _reading(here) as source:
        with here.telling():
            kind, left = _examined(source, here)
        with _writing(there) as target:
            with there.telling():
                _make_tables(target, kind, there)
            with here.telling():
                total = sum(_count(source, table) for table in kind.tables)
            written = _copied(
                source, target, kind, here, there, lambda n: tell("copying", n, total)
            )
            with there.telling():
                found = _seen(target, kind, lambda n: tell("comparing", n, total))
            _must_be_equal(written, found, there)
            source.rollback()  # what is read now is what is there now
            with here.telling():
                if _seen(source, kind) != written:
                    raise CannotCopy(
                        f"{here.shown} was written to while it was copied: stop Hub, service "
                        "and graders, and copy again"
                    )
            with there.telling():
                _set_sequences(target, kind)
    return Copied(kind.name, {n: rows for n, (rows, _) in written.items()}, left, there.shown)


# ---------------------------------------------------------------- the two databases


class _Place:
    """One of the two databases.

    Attributes
    ----------
    url : URL
    shown : str
        The same for people: without a password.
    file : Path or None
        The file of SQLite.
    where : tuple
        The same for two URLs of one database.
    """

    def __init__(self, url: str) -> None:
        try:
            make_url(url)
        except (SQLAlchemyError, ValueError):  # what it says holds the URL, and a password
            raise CannotCopy(
                "one of the two is no database URL: write sqlite:////folder/gradebook.db or "
                "postgresql+psycopg://user@host/database"
            ) from None
        self.url = make_url(database_url(url))
        secrets = [self.url.password, self.url.query.get("password")]
        self._secrets = [s for s in secrets if isinstance(s, str) and s]
        self.shown = self.url.difference_update_query(
            [key for key in self.url.query if key != "host"]
        ).render_as_string(hide_password=True)
        self.file = None
        self.where: tuple = (
            self.url.host or self.url.query.get("host"), self.url.port, self.url.database
        )  # fmt: skip
        if self.url.get_backend_name() == "sqlite":
            name = self.url.database or ""
            if name in ("", ":memory:") or name.startswith("file:"):
                raise CannotCopy(f"{self.shown} names no file: write sqlite:////folder/name.db")
            self.file = Path(name).resolve()
            self.where = (self.file,)

    @contextlib.contextmanager
    def telling(self, table: str = "") -> Iterator[None]:
        """Turn what a database or a driver raises into `CannotCopy`."""
        try:
            yield
        except WrongUse:  # one of our own sentences
            raise
        except (SQLAlchemyError, sqlite3.Error, ValueError, LookupError, OSError) as error:
            lines = str(getattr(error, "orig", None) or error).strip().splitlines()
            said = lines[0] if lines else type(error).__name__
            for secret in self._secrets:
                said = said.replace(secret, "***")
            where = f"{self.shown}, table {table}" if table else self.shown
            raise CannotCopy(f"{where} cannot be used: {said}") from None


def _server(place: _Place, **options) -> Engine:
    wait = {} if "connect_timeout" in place.url.query else {"connect_timeout": CONNECT_S}
    return create_engine(place.url, connect_args=wait, **options)


def _file(path: Path, mode: str, begin: str) -> Engine:
    """Return an engine for a file of SQLite, which must be there."""
    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(
            f"{path.as_uri()}?mode={mode}", uri=True, timeout=BUSY_S, check_same_thread=False
        ),
    )

    # The driver begins at the first change, and not at all for one who reads.
    @event.listens_for(engine, "connect")
    def connect(connection, _record) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def start(connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


@contextlib.contextmanager
def _reading(place: _Place) -> Iterator[Connection]:
    """Open the source; all that is read until `rollback` is of one moment."""
    if place.file is None:
        engine = _server(
            place,
            isolation_level="REPEATABLE READ",
            execution_options={"postgresql_readonly": True},
        )
    elif place.file.is_file():
        engine = _file(place.file, "ro", "BEGIN")
    else:
        raise CannotCopy(f"there is no {place.file}: name the database that the class has now")
    try:
        with place.telling():
            db = engine.connect()
        with db:
            yield db
    finally:
        engine.dispose()


@contextlib.contextmanager
def _writing(place: _Place) -> Iterator[Connection]:
    """Open the target; what is written is there when this ends without an error, or nothing."""
    made = False
    if place.file is None:
        engine = _server(place)
    else:
        with place.telling(), contextlib.suppress(FileExistsError):
            # Grades are nobody else's.
            os.close(os.open(place.file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            made = True
        engine = _file(place.file, "rw", "BEGIN IMMEDIATE")
    try:
        with place.telling():
            db = engine.connect()
        with db:
            yield db
            with place.telling():
                db.commit()
        made = False
    finally:
        engine.dispose()
        if made:
            place.file.unlink(missing_ok=True)


# ---------------------------------------------------------------- before


def _examined(db: Connection, place: _Place) -> tuple[_Kind, list[str]]:
    """Return what a database is, and what it holds that is not the grader's."""
    there = MetaData()
    there.reflect(db)
    kinds = [kind for kind in (GRADEBOOK, CLASSROOM) if kind.known_by <= set(there.tables)]
    if len(kinds) != 1:
        raise CannotCopy(
            f"{place.shown} holds {'both' if kinds else 'neither'} a gradebook "
            f"{'and' if kinds else 'nor'} the data of a classroom: name a database of one of them"
        )
    (kind,) = kinds
    if kind is GRADEBOOK:
        with environment_on_path():
            wanted = api.get_alembic_version()
        versions = there.tables.get(_version.name)
        found = None if versions is None else db.execute(select(versions)).scalar()
        if found != wanted:
            raise CannotCopy(
                f"{place.shown} is of another version of nbgrader: bring it to this one with "
                "`nbgrader db upgrade`, and copy again"
            )
    left = sorted(set(there.tables) - {table.name for table in kind.tables})
    for table in kind.tables:
        found = there.tables.get(table.name)
        missing = set(table.c.keys()) - set(() if found is None else found.c.keys())
        if missing:
            raise CannotCopy(
                f"{place.shown} is of another version of the grader: its table {table.name} has "
                f"no {min(missing)}; copy it with the version that the class has now"
            )
        left += [f"{table.name}.{name}" for name in sorted(set(found.c.keys()) - {*table.c.keys()})]
    if db.dialect.name == "sqlite":
        # SQLite does not look after them, PostgreSQL would refuse.
        astray = db.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if astray:
            raise CannotCopy(
                f"{place.shown}: {len(astray)} rows, one of them in {astray[0][0]}, belong to rows "
                "that are gone: look at `PRAGMA foreign_key_check` in sqlite3, and delete them"
            )
    return kind, left


def _make_tables(db: Connection, kind: _Kind, place: _Place) -> None:
    """Make the tables as their owner does; all others are kept off them.

    Raises
    ------
    CannotCopy
        If the database holds something already.
    """
    if db.dialect.name == "postgresql":
        db.execute(text(f"SET LOCAL lock_timeout = '{LOCK}'"))
        db.execute(select(func.pg_advisory_xact_lock(TURNS)))
    for name in inspect(db).get_table_names():
        if name not in kind.at_birth and _has_rows(db, name):
            raise CannotCopy(
                f"{place.shown} is not empty, its table {name} has rows: name an empty database"
            )
    for owner in kind.owners:
        owner.create_all(db)
    for table in kind.tables:
        for index in table.indexes:
            index.create(db, checkfirst=True)  # tables of an earlier version may lack one
        if db.dialect.name == "postgresql":
            db.execute(text(f"LOCK TABLE {_quoted(db, table)} IN EXCLUSIVE MODE"))
        # Once more: until the lock, others could write.
        if table.name not in kind.at_birth and _has_rows(db, table.name):
            raise CannotCopy(f"{place.shown} is in use: stop what writes to it, and empty it")
    for table in reversed(kind.tables):
        if table.name in kind.at_birth:
            db.execute(table.delete())


def _has_rows(db: Connection, name: str) -> bool:
    rows = select(literal(1)).select_from(named(quoted_name(name, quote=True))).limit(1)
    return db.execute(rows).first() is not None


def _quoted(db: Connection, table: Table) -> str:
    return db.dialect.identifier_preparer.format_table(table)


# ---------------------------------------------------------------- the rows

# How many rows a table has, and the sum of their hashes: the order in which they come does not
# matter, and a value that a database rounded or cut does.
_Sum = tuple[int, int]


def _count(db: Connection, table: Table) -> int:
    return db.execute(select(func.count()).select_from(table)).scalar_one()


def _chunks(db: Connection, table: Table) -> Iterator[list[Row]]:
    rows = db.execution_options(stream_results=True).execute(select(table))
    yield from rows.partitions(CHUNK)


def _plus(before: _Sum, rows: list[Row]) -> _Sum:
    return before[0] + len(rows), before[1] + sum(hash(tuple(row)) for row in rows)


def _copied(
    source: Connection,
    target: Connection,
    kind: _Kind,
    here: _Place,
    there: _Place,
    tell: Callable[[int], None],
) -> dict[str, _Sum]:
    """Copy all rows; return what was read."""
    sums, done = {}, 0
    for table in kind.tables:
        sums[table.name] = (0, 0)
        chunks = _chunks(source, table)
        while True:
            with here.telling(table.name):
                rows = next(chunks, None)
            if rows is None:
                break
            with there.telling(table.name):
                try:
                    target.execute(table.insert(), [dict(row._mapping) for row in rows])
                except SQLAlchemyError:
                    _name_the_row(table, rows, here)
                    raise
            sums[table.name] = _plus(sums[table.name], rows)
            done += len(rows)
            tell(done)
    return sums


def _name_the_row(table: Table, rows: list[Row], place: _Place) -> None:
    """Raise `CannotCopy` if a text is one that SQLite takes and PostgreSQL does not."""
    for row in rows:
        for column, value in zip(table.c, row, strict=True):
            if not isinstance(value, str):
                continue
            most = getattr(column.type, "length", None)
            why = "holds a NUL character" if "\0" in value else ""
            if most is not None and len(value) > most:
                why = f"is longer than {most} characters"
            if why:
                key = ", ".join(str(row._mapping[c])[:80] for c in table.primary_key) or "its only"
                raise CannotCopy(
                    f"{place.shown}: in table {table.name}, row {key!r}, the {column.name} {why}: "
                    "mend it there, and copy again"
                ) from None


def _seen(
    db: Connection, kind: _Kind, tell: Callable[[int], None] = lambda done: None
) -> dict[str, _Sum]:
    """Return what a database holds."""
    sums, done = {}, 0
    for table in kind.tables:
        sums[table.name] = (0, 0)
        for rows in _chunks(db, table):
            sums[table.name] = _plus(sums[table.name], rows)
            done += len(rows)
            tell(done)
    return sums


def _must_be_equal(written: dict[str, _Sum], found: dict[str, _Sum], place: _Place) -> None:
    for name, (rows, _) in written.items():
        if found[name] != written[name]:
            raise CannotCopy(
                f"{place.shown} does not give back what was written to its table {name}: {rows} "
                f"rows went in, {found[name][0]} are there; nothing was copied"
            )


def _set_sequences(db: Connection, kind: _Kind) -> None:
    """Let PostgreSQL number the next row after the last: rows that bring a number count none."""
    if db.dialect.name != "postgresql":
        return
    for table in kind.tables:
        column = table.autoincrement_column
        if column is None:
            continue
        last = db.execute(select(func.max(column))).scalar()
        if last is not None:
            sequence = func.pg_get_serial_sequence(_quoted(db, table), column.name)
            db.execute(select(func.setval(sequence, last)))

"""A class that moves to another database: nothing stays behind, and it goes on there."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import postgres
import pytest
from batches import UNITS, grader, hand_in, release, stored, url
from click.testing import CliRunner
from nbgrader import api
from sqlalchemy import create_engine, inspect, text

from grader import batch, copydb
from grader.cli import main
from grader.copydb import CLASSROOM, GRADEBOOK, CannotCopy, copy_database
from grader.coursedir import environment_on_path
from grader.exchange.store import GRADED, Refused, Store
from grader.gradebook import database_url

pytestmark = [pytest.mark.slow, postgres.needed]
UNIT = UNITS[1]
STUDENTS = 4
NUMBERS = itertools.count()
MORE_TIME = timedelta(days=2, hours=-30, microseconds=7)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with postgres.server(tmp_path_factory.mktemp("server") / "postgres") as address:
        yield address


@pytest.fixture
def database(server):
    """The URL of an empty database on the server."""
    return another(server)


def another(server: str) -> str:
    return database_url(postgres.one_more(server, f"class_{next(NUMBERS)}"))


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A course: some late, one with more time, points and comments by hand; not to be changed."""
    root = release(tmp_path_factory.mktemp("class") / "course")
    hand_in(root, STUDENTS)
    config = root / "nbgrader_config.py"
    config.write_text(config.read_text() + "\nc.LateSubmissionPlugin.penalty_method = 'zero'\n")
    with api.Gradebook(url(root)) as book:
        book.update_or_create_assignment(UNIT, duedate="2026-09-21 12:00:00.000000 UTC")
    batch.grade_class(root, jobs=2)
    with api.Gradebook(url(root)) as book:
        one = book.find_submission(UNIT, "amara")
        one.extension = MORE_TIME
        one.notebooks[0].grades[0].manual_score = 0.1 + 0.2
        one.notebooks[0].grades[0].extra_credit = 0.5
        one.notebooks[0].comments[0].manual_comment = "Bien sûr: 很好 \U0001f600\n'\"; --"
        one.notebooks[0].flagged = True
        book.db.commit()
    held = stored(url(root))
    assert any(penalty for *_, penalty, _ in held["notebooks"])  # somebody was late
    return root


@pytest.fixture
def course(graded, tmp_path):
    return shutil.copytree(graded, tmp_path / "course")


@pytest.fixture
def classroom(tmp_path):
    """The folder of a classroom's data: one graded, one taken, two that wait."""
    folder = tmp_path / "data"
    with Store(folder) as store:
        store.release(UNIT, store.put(b"unit"), "inge")
        store.note_fetch("ada", UNIT)
        store.extend("ada", UNIT, 5400, "inge")
        for student in ("ada", "ben", "ada", "cleo"):
            store.hand_in(student, UNIT, "a.ipynb", store.put(b"{}"), key=None)
        first, _ = store.take("kim", 2)
        store.set_grade(first.id, state=GRADED, score=2.5, max=3.0, failed_checks=1)
    return folder


def data(folder: Path) -> str:
    return f"sqlite:///{folder / 'classroom.db'}"


def dump(address: str, kind) -> dict[str, list]:
    """Return every value of every table."""
    engine = create_engine(address)
    with engine.connect() as db:
        found = {t.name: sorted(map(tuple, db.execute(t.select())), key=repr) for t in kind.tables}
    engine.dispose()
    return found


def tables(address: str) -> list[str]:
    engine = create_engine(address)
    try:
        return inspect(engine).get_table_names()
    finally:
        engine.dispose()


def change(address: str, *sentences: str, **values) -> None:
    engine = create_engine(address)
    with engine.begin() as db:
        for sentence in sentences:
            db.execute(text(sentence), values)
    engine.dispose()


def layout(address: str) -> dict:
    """Return what a database says of its tables: columns, keys, indexes."""
    engine = create_engine(address)
    asked = inspect(engine)
    found = {
        name: (
            [(c["name"], repr(c["type"]), c["nullable"]) for c in asked.get_columns(name)],
            asked.get_pk_constraint(name)["constrained_columns"],
            sorted(repr(f["constrained_columns"]) for f in asked.get_foreign_keys(name)),
            sorted(repr(u["column_names"]) for u in asked.get_unique_constraints(name)),
            sorted(repr((i["name"], i["column_names"])) for i in asked.get_indexes(name)),
        )
        for name in asked.get_table_names()
    }
    engine.dispose()
    return found


# ---------------------------------------------------------------- there, on, and back


def test_a_gradebook_goes_to_postgresql_and_back(course, database, tmp_path, server):
    before = (course / "gradebook.db").read_bytes()
    done = grader(course, "copy-db", url(course), database)
    assert done.returncode == 0, done.stderr
    assert "copied the gradebook" in done.stdout
    assert (course / "gradebook.db").read_bytes() == before
    held = dump(url(course), GRADEBOOK)
    assert dump(database, GRADEBOOK) == held
    assert stored(database) == stored(url(course))
    assert MORE_TIME in {value for row in held["submitted_assignment"] for value in row}
    back = f"sqlite:///{tmp_path / 'back.db'}"
    copy_database(database, back)
    assert dump(back, GRADEBOOK) == held
    assert (tmp_path / "back.db").stat().st_mode & 0o077 == 0
    # As nbgrader itself makes one.
    other = another(server)
    with environment_on_path(), api.Gradebook(other):
        assert layout(database) == layout(other)


def test_grading_goes_on_in_postgresql(course, database, tmp_path):
    copy_database(url(course), database)
    twin = shutil.copytree(course, tmp_path / "twin")
    (course / "gradebook.db").rename(course / "gradebook.db.before")
    config = course / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}\nc.CourseDirectory.db_url = {database!r}\n")
    again = batch.grade_class(course, jobs=2)
    # amara's alone: she has more time now
    assert sum(t.submissions - t.unchanged for t in again.units.values()) <= 1
    for root in (course, twin):
        batch.grade_class(root, jobs=2, force=True)
    assert stored(database) == stored(url(twin))
    hand_in(course, STUDENTS + 2)
    more = batch.grade_class(course, jobs=2)
    assert {t.submissions for t in more.units.values()} == {STUDENTS + 2}
    assert not (course / "gradebook.db").exists()


def test_a_classroom_goes_to_postgresql_and_back(classroom, database, tmp_path, server):
    done = grader(tmp_path, "copy-db", data(classroom), database)
    assert done.returncode == 0, done.stderr
    held = dump(data(classroom), CLASSROOM)
    assert dump(database, CLASSROOM) == held
    copy_database(database, f"sqlite:///{tmp_path / 'back.db'}")
    assert dump(f"sqlite:///{tmp_path / 'back.db'}", CLASSROOM) == held
    other = another(server)
    with Store(tmp_path / "other", other):
        assert layout(database) == layout(other)


@pytest.mark.parametrize("there", ["postgresql", "sqlite"])
def test_the_classroom_goes_on_where_it_was(classroom, there, request, tmp_path):
    target = f"sqlite:///{tmp_path / 'moved.db'}"
    if there == "postgresql":
        target = request.getfixturevalue("database")
    copy_database(data(classroom), target)
    with Store(classroom, target) as store:
        assert store.extension("ada", UNIT) == timedelta(seconds=5400)
        assert store.recover("kim") == 1
        assert sorted(s.number for s in store.take("kim", 9)) == [2, 3, 4]
        next_one, _ = store.hand_in("ada", UNIT, "a.ipynb", store.put(b"[]"))
        assert (next_one.attempt, next_one.number) == (3, 5)
        assert next_one.at > max(s.at for s in store.submissions() if s.number < 5)
        with pytest.raises(Refused):
            store.release(UNIT, store.put(b"another"), "inge")
        store.release(UNIT, store.put(b"another"), "inge", force=True)
        assert store.read(next_one.sha256) == b"[]"


def test_a_database_that_was_only_opened_counts_as_empty(course, classroom, server):
    for source, kind, make in (
        (url(course), GRADEBOOK, lambda to: api.Gradebook(to, "other").close()),
        (data(classroom), CLASSROOM, lambda to: Store(classroom.with_name("x"), to).close()),
    ):
        target = another(server)
        with environment_on_path():
            make(target)
        copy_database(source, target)
        assert dump(target, kind) == dump(source, kind)


# ---------------------------------------------------------------- refused


def refused(*command: str) -> str:
    """Return the one sentence with which the command ends."""
    done = CliRunner().invoke(main, ["copy-db", *command])
    assert done.exit_code == 2, done.output
    (said,) = done.output.split("Error: ")[1].splitlines()
    return said


def test_what_holds_rows_is_left_alone(classroom, database, tmp_path):
    with Store(tmp_path / "other", database) as store:
        store.hand_in("zoe", UNIT, "a.ipynb", store.put(b"{}"))
    held = dump(database, CLASSROOM)
    assert "is not empty" in refused(data(classroom), database)
    assert dump(database, CLASSROOM) == held
    change(database, "DELETE FROM submissions", "CREATE TABLE notes (n int)")
    change(database, "INSERT INTO notes VALUES (1)")
    assert "its table notes has rows" in refused(data(classroom), database)


def test_what_cannot_be_copied_is_told_in_a_sentence(course, classroom, tmp_path):
    empty, target = tmp_path / "empty.db", f"sqlite:///{tmp_path / 'target.db'}"
    assert "there is no" in refused(f"sqlite:///{empty}", target)
    assert not empty.exists()
    empty.touch()
    assert "neither a gradebook nor" in refused(f"sqlite:///{empty}", target)
    (tmp_path / "text.db").write_text("no database at all, but long enough" * 20)
    assert "not a database" in refused(f"sqlite:///{tmp_path / 'text.db'}", target)
    assert "source and target" in refused(url(course), url(course))
    assert "names no file" in refused(url(course), "sqlite://")
    for wrong in (
        f"postgresql://nobody:hush@/none?host={tmp_path}",
        "postgresql://nobody:hush@127.0.0.1:port/none",
        "postgresql://127.0.0.1:8911/none?password=hush",
        "mysql://nobody:hush@127.0.0.1/none",
    ):
        assert "hush" not in refused(url(course), wrong)
        assert "hush" not in refused(wrong, target)
    assert not (tmp_path / "target.db").exists()
    change(url(course), "UPDATE alembic_version SET version_num = 'older'")
    assert "nbgrader db upgrade" in refused(url(course), target)
    change(data(classroom), "ALTER TABLE submissions DROP COLUMN penalty")
    assert "has no penalty" in refused(data(classroom), target)
    assert not (tmp_path / "target.db").exists()


@pytest.mark.parametrize(
    ("sentence", "value", "told"),
    [
        ("UPDATE student SET first_name = :value WHERE id = 'amara'", "x" * 129, "longer than 128"),
        ("UPDATE comment SET manual_comment = :value", "a\0b", "NUL"),
        ("UPDATE grade SET auto_score = :value", "much", "table grade"),
        ("UPDATE assignment SET duedate = :value", "soon", "table assignment"),
        ("DELETE FROM base_cell WHERE name != :value", "", "are gone"),
    ],
)
def test_what_postgresql_would_not_take_is_named(course, database, sentence, value, told):
    change(url(course), sentence, value=value)
    with pytest.raises(CannotCopy, match=told):
        copy_database(url(course), database)
    assert tables(database) == []


def test_a_value_that_would_change_stops_all(classroom, database):
    change(data(classroom), "UPDATE submissions SET size = 2.5 WHERE number = 3")
    with pytest.raises(CannotCopy, match="does not give back .* submissions"):
        copy_database(data(classroom), database)
    assert tables(database) == []


# ---------------------------------------------------------------- meanwhile


def test_who_writes_meanwhile_stops_it(classroom, database):
    def tell(step: str, done: int, total: int) -> None:
        if step == "comparing" and done == total:
            with Store(classroom) as store:
                store.hand_in("zoe", UNIT, "a.ipynb", store.put(b"{}"))

    with pytest.raises(CannotCopy, match="was written to while"):
        copy_database(data(classroom), database, tell)
    assert tables(database) == []


@pytest.mark.parametrize("there", ["postgresql", "sqlite"])
@pytest.mark.parametrize("step", ["copying", "comparing"])
def test_killed_in_the_middle_it_leaves_nothing(graded, there, step, request, tmp_path):
    target = f"sqlite:///{tmp_path / 'target.db'}"
    if there == "postgresql":
        server = request.getfixturevalue("server")
        target = another(server)
    code = f"""
import time
from grader import copydb
copydb.CHUNK = 10
def tell(step, done, total):
    if step == {step!r} and done > total / 2:
        print("half", flush=True)
        time.sleep(600)
copydb.copy_database({url(graded)!r}, {target!r}, tell)
"""
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout.readline() == "half\n"
        os.kill(running.pid, signal.SIGKILL)
    assert tables(target) == []
    copy_database(url(graded), target)
    assert dump(target, GRADEBOOK) == dump(url(graded), GRADEBOOK)


def test_what_a_killed_service_left_in_its_log_is_copied(classroom, database):
    """SQLite's write-ahead log holds rows that are not in the file yet."""
    code = f"""
import os
from pathlib import Path
from grader.exchange.store import Store
store = Store(Path({str(classroom)!r}))
store.hand_in("zoe", {UNIT!r}, "a.ipynb", store.put(b"{{}}"))
os.kill(os.getpid(), 9)
"""
    subprocess.run([sys.executable, "-c", code])
    assert (classroom / "classroom.db-wal").stat().st_size > 0
    assert copy_database(data(classroom), database).rows["submissions"] == 5


def test_many_rows_in_chunks(classroom, database, monkeypatch):
    """More than one chunk, and tables of others are told of."""
    monkeypatch.setattr(copydb, "CHUNK", 7)
    with closing(create_engine(data(classroom)).raw_connection()) as db:
        db.executemany(
            "INSERT INTO fetches VALUES (?, ?, '2026-09-21 12:00:00.000000')",
            [(f"s{n}", UNIT) for n in range(100)],
        )
        db.execute("CREATE TABLE notes (n int)")
        db.commit()
    heard = []
    copied = copy_database(data(classroom), database, lambda *told: heard.append(told))
    assert (copied.rows["fetches"], copied.left) == (101, ["notes"])
    total = sum(copied.rows.values())
    assert [h for h in heard if h[1] == total] == [
        ("copying", total, total),
        ("comparing", total, total),
    ]

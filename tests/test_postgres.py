"""A gradebook in PostgreSQL: a real server, two graders at once."""

from __future__ import annotations

import shutil
import subprocess
import sys

import postgres
import pytest
from batches import UNITS, grader, hand_in, release, scores, stored, url
from nbgrader.api import Gradebook
from sqlalchemy import create_engine, text

from grader import batch, gradebook

pytestmark = [pytest.mark.slow, postgres.needed]
STUDENTS = 12


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """The URL of a database on a server of our own."""
    with postgres.server(tmp_path_factory.mktemp("server") / "postgres") as address:
        yield gradebook.database_url(address)


@pytest.fixture
def course(tmp_path, database):
    """A course whose units are released into the server, with a class handed in."""
    engine = create_engine(database)
    with engine.begin() as db:
        db.execute(text("DROP SCHEMA public CASCADE"))
        db.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    root = release(tmp_path / "course", db_url=database)
    hand_in(root, STUDENTS)
    return root


def test_the_same_as_in_sqlite(course, database, tmp_path):
    done = grader(course, "grade", "--db", database, "--quiet", "--feedback")
    assert done.returncode == 0, done.stderr
    assert not (course / "gradebook.db").exists()
    other = release(tmp_path / "sqlite")
    hand_in(other, STUDENTS)
    batch.grade_class(other, jobs=2)
    assert stored(database) == stored(url(other))
    assert len(list(course.glob("feedback/*/*/*.html"))) == STUDENTS * len(UNITS)
    # nbgrader's own class reads it.
    with Gradebook(database) as book:
        one = book.find_submission(UNITS[1], "amara")
        assert one.score == scores(database)["amara", UNITS[1]] == 16
    # Nothing is left to do, and the course's own database can be named in its settings.
    config = (course / "nbgrader_config.py").read_text()
    (course / "nbgrader_config.py").write_text(
        f"{config}\nc.CourseDirectory.db_url = {database!r}\n"
    )
    again = batch.grade_class(course, jobs=1)
    assert all(t.unchanged == t.submissions == STUDENTS for t in again.units.values())


def test_two_graders_at_once_double_nothing(course, database, tmp_path):
    """Two machines with a folder each and one server, the same class, at the same time."""
    folders = [course, tmp_path / "other"]
    shutil.copytree(course, folders[1])
    command = [sys.executable, "-m", "grader.cli", "grade", "--db", database, "--quiet"]
    both = [
        subprocess.Popen([*command, "--jobs", "1"], cwd=f, stderr=subprocess.PIPE, text=True)
        for f in folders
    ]
    for one in both:
        said = one.communicate(timeout=300)[1]
        assert (one.returncode, said) == (0, "")
    alone = release(tmp_path / "alone")
    hand_in(alone, STUDENTS)
    batch.grade_class(alone, jobs=2)
    assert stored(database) == stored(url(alone))


def test_writers_of_one_submission_wait_for_each_other(course, database):
    """The same rows from many writers at once: no error, no doubled row, one whole verdict."""
    unit = UNITS[1]
    code = f"""
import sys
from grader.gradebook import Writer
from traitlets.config import Config
with Writer({database!r}, "backprop", [{unit!r}], Config()) as writer:
    names = list(writer._units[{unit!r}].graded)
    print("ready", flush=True)
    sys.stdin.readline()
    for turn in range(40):
        for student in ("x", "y"):
            writer.save(student, {unit!r}, dict.fromkeys(names, float(sys.argv[1])), {{}}, None)
"""
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(number / 10)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for number in range(4)
    ]  # fmt: skip
    for one in writers:
        assert one.stdout.readline() == "ready\n", one.stderr.read()
    for one in writers:
        one.stdin.write("go\n")
        one.stdin.flush()
    for one in writers:
        said = one.communicate(timeout=120)[1]
        assert one.returncode == 0, said
    found = stored(database)
    for student in ("x", "y"):
        rows = [g for g in found["grades"] if g[1] == student]
        assert len(rows) == len({g[2] for g in rows}) > 5
        assert len({g[3] for g in rows}) == 1  # all of one writer: no half of another's


def test_a_server_that_is_not_there_is_told_in_a_line(course, tmp_path):
    done = grader(course, "grade", "--db", f"postgresql://nobody:secret@/none?host={tmp_path}")
    assert done.returncode == 2
    assert "cannot be used" in " ".join(done.stderr.split())
    assert "secret" not in done.stderr

"""The command line in wrong use: exit code 2 and a sentence, and nothing of a user's is lost."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

from grader import demo
from grader.cli import main
from grader.release import build_release, make_course
from grader.units import unit_names

ROOT = Path(__file__).parent.parent
UNIT = unit_names()[0]


def run(*arguments: object):
    """Run the grader's command; no error may be of another kind than its own."""
    done = CliRunner().invoke(main, [str(a) for a in arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def refused(*arguments: object) -> str:
    """Run the command, which has to end with 2; return what it says, as one line."""
    done = run(*arguments)
    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.output
    return " ".join(done.output.split("Error: ")[1].split())


@pytest.fixture
def in_course(tmp_path, monkeypatch):
    """A fresh course directory, which is the working directory."""
    root = tmp_path / "course"
    make_course(root)
    monkeypatch.chdir(root)
    return root


# ---------------------------------------------------------------- demo


@pytest.fixture
def quick(monkeypatch):
    """A demo that lays out its folder and does no more."""
    monkeypatch.setattr(demo, "_steps", lambda folder, progress: None)
    monkeypatch.setattr(demo, "_print_scores", lambda folder, console: None)
    monkeypatch.setattr(demo, "_print_where", lambda folder, console: None)


@pytest.mark.parametrize("name", ["thesis.tex", ".hidden", ".unfinished", "nbgrader_config.py"])
def test_a_demo_leaves_a_folder_of_somebody_else_alone(tmp_path, quick, name):
    (tmp_path / name).write_text("x")
    said = refused("demo", tmp_path)
    assert said == f"{tmp_path} is not empty and was not made by grader demo: name another"
    assert [p.name for p in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("students", [[], ["zoe"], ["amara", "bela"]])
def test_a_demo_leaves_a_course_alone(in_course, quick, students):
    for student in students:
        (in_course / "submitted" / student / UNIT).mkdir(parents=True)
    (in_course / "gradebook.db").write_text("x")
    assert "was not made by grader demo" in refused("demo", ".")
    assert (in_course / "gradebook.db").read_text() == "x"
    assert (in_course / "source" / UNIT).is_dir()


def test_a_demo_replaces_its_own_and_what_an_earlier_version_made(tmp_path, quick):
    folder = tmp_path / "deep" / "demo"
    assert run("demo", folder).exit_code == 0
    for student in demo.student_ids(demo.STUDENTS):
        (folder / "submitted" / student).mkdir(parents=True)
    (folder / demo.MARKER).unlink()  # as an earlier version left it
    for _ in range(2):
        (folder / "gradebook.db").touch()
        assert run("demo", folder).exit_code == 0
        assert not (folder / "gradebook.db").exists()
        assert (folder / demo.MARKER).is_file()
    empty = tmp_path / "empty"
    empty.mkdir()
    assert run("demo", empty).exit_code == 0


def test_a_demo_goes_on_with_a_run_that_was_stopped(tmp_path, quick):
    assert run("demo", tmp_path).exit_code == 0
    (tmp_path / "gradebook.db").touch()
    (tmp_path / demo.UNFINISHED).touch()
    assert "going on" in run("demo", tmp_path).output
    assert (tmp_path / "gradebook.db").exists()


def test_a_demo_in_no_folder(tmp_path, quick):
    (tmp_path / "file").touch()
    assert "is no folder" in refused("demo", tmp_path / "file")
    assert "cannot write to" in refused("demo", tmp_path / "file" / "below")
    assert "cannot write to" in refused("demo", "/proc/foo")


# ---------------------------------------------------------------- release


@pytest.mark.parametrize("to", ["source", ".", "..", "source/deep", "link", "by-unit"])
def test_a_release_never_replaces_a_source(in_course, to):
    (in_course / "link").symlink_to("source")
    (in_course / "by-unit").mkdir()
    (in_course / "by-unit" / UNIT).symlink_to(in_course / "source" / UNIT)
    path = in_course / "source" / UNIT / f"{UNIT}.ipynb"
    before = path.read_bytes()
    assert "name another folder" in refused("release", UNIT, "--to", in_course / to)
    assert "name another folder" in refused("release", UNIT, "--to", to)
    assert path.read_bytes() == before


def test_a_source_of_another_course_is_safe_too(in_course, tmp_path):
    make_course(tmp_path / "other")
    for to in ("other", "other/source"):
        assert "name another folder" in refused("release", UNIT, "--to", tmp_path / to)
    assert "name another folder" in refused("release", UNIT, "--to", ROOT / "source")


@pytest.mark.slow
def test_a_release_elsewhere_is_of_the_course_it_is_run_in(in_course, tmp_path):
    path = in_course / "source" / UNIT / f"{UNIT}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].source += "\n\nOnly here."
    nbformat.write(notebook, path)
    config = in_course / "nbgrader_config.py"
    config.write_text(
        config.read_text() + '\nc.CourseDirectory.db_url = "sqlite:////nowhere/g.db"\n'
    )
    shutil.rmtree(in_course / "source" / unit_names()[1])
    list(build_release(to=tmp_path / "out"))
    made = tmp_path / "out" / UNIT / f"{UNIT}.ipynb"
    assert "Only here." in made.read_text("utf-8")
    assert len(list((tmp_path / "out").iterdir())) == len(unit_names()) - 1
    assert not (in_course / "release").exists()
    assert not (in_course / "gradebook.db").exists()
    assert "holds no notebook of" in refused("release", unit_names()[1])


# ---------------------------------------------------------------- where there is nothing to do


def test_wrong_names_and_places_end_with_2(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "no unit '99'" in refused("release", "99")
    assert "nbgrader_config.py" in refused("release")
    assert "--from" in refused("grade", "--replace")


@pytest.mark.parametrize(
    "arguments", [("release", UNIT), ("bundle",), ("report", "--html")], ids=lambda a: a[0]
)
def test_a_folder_that_cannot_be_made_is_named(in_course, tmp_path, monkeypatch, arguments):
    monkeypatch.setattr("grader.report.load_course", lambda root, db: None)
    (tmp_path / "file").touch()
    below = tmp_path / "file" / "x"
    said = refused(*arguments, "--to", below)
    assert str(tmp_path / "file") in said
    assert "Not a directory" in said


@pytest.mark.parametrize(
    ("db", "words"),
    [
        ("foo", "no database URL"),
        ("mysql://host/db", "SQLite or PostgreSQL"),
        ("sqlite:////nowhere/g.db", "no gradebook at"),
        ("postgresql://ann:secret@127.0.0.1:1/db", "cannot be used"),
    ],
)
def test_a_report_of_no_gradebook_says_why(in_course, db, words):
    if db.startswith("postgresql"):
        pytest.importorskip("psycopg")
    said = refused("report", "--db", db)
    assert words in said
    assert "secret" not in said


def test_a_report_of_a_broken_gradebook_says_why(in_course):
    (in_course / "gradebook.db").write_text("no database at all " * 100)
    assert "cannot be used" in refused("report")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_batch_says_that_it_goes_on(in_course, number, code):
    # A batch that would never end, in a process of its own.
    program = (
        "import time, grader.show\n"
        "def run_batch(*a, **k):\n print('ready', flush=True)\n time.sleep(60)\n"
        "grader.show.run_batch = run_batch\n"
        "from grader.cli import main\nmain(['grade'])"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == code
    assert said == "grader: stopped; the same command goes on from here\n"

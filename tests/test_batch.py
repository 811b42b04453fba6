"""A class graded: the same as nbgrader gives, whatever is handed in, whenever it is stopped."""

from __future__ import annotations

import errno
import functools
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest
from batches import (
    UNITS,
    Dying,
    cells,
    grader,
    hand_in,
    nbgrader,
    release,
    scores,
    stored,
    tree,
    url,
)
from nbgrader.api import Gradebook

from grader import batch
from grader.classroom import make_class, write_submission
from grader.coursedir import environment_on_path, must, open_course
from grader.units import kind, unit_names

pytestmark = pytest.mark.slow
UNIT = UNITS[1]
STUDENTS = 8


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A course directory with two units released; not to be changed."""
    return release(tmp_path_factory.mktemp("released") / "course")


@pytest.fixture
def course(released, tmp_path):
    """A fresh course directory."""
    root = tmp_path / "course"
    shutil.copytree(released, root)
    return root


@pytest.fixture(scope="module")
def class_course(released, tmp_path_factory):
    """A course directory in which a small class has handed in; not to be changed."""
    root = tmp_path_factory.mktemp("class") / "course"
    shutil.copytree(released, root)
    hand_in(root, STUDENTS)
    return root


def one_perfect(root: Path, unit: str = UNIT) -> Path:
    """Hand in one right answer, amara's; return the notebook's path."""
    return write_submission(
        root, next(s for s in make_class(Path("release").absolute(), 1) if s.unit == unit)
    )


# ---------------------------------------------------------------- the same as nbgrader


@pytest.fixture(scope="module")
def both(class_course, tmp_path_factory):
    """The same class graded by `nbgrader autograde` with our config, and by the batch."""
    home = tmp_path_factory.mktemp("both")
    for name in ("nbgrader", "batch"):
        shutil.copytree(class_course, home / name)
        config = home / name / "nbgrader_config.py"
        late = "\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"
        config.write_text(config.read_text() + late)
        with Gradebook(url(home / name)) as book:  # some are late: their penalty is their score
            book.update_or_create_assignment(UNIT, duedate="2026-09-21 12:00:00.000000 UTC")
    with environment_on_path():
        api = open_course(home / "nbgrader")
        for unit in UNITS:
            must(api.autograde(unit, "*"), unit)
    batch.grade_class(home / "batch", jobs=2)
    return home / "nbgrader", home / "batch"


def test_the_gradebook_is_what_nbgrader_writes(both):
    theirs, ours = (stored(url(root)) for root in both)
    assert ours == theirs
    assert any(penalty for *_, penalty, _ in ours["notebooks"])
    assert any(auto == "No response." for *_, auto, _ in ours["comments"])


def test_the_graded_notebooks_are_what_nbgrader_writes(both):
    theirs, ours = (sorted(root.glob("autograded/*/*/*")) for root in both)
    assert [p.parts[-3:] for p in ours] == [p.parts[-3:] for p in theirs]
    for a, b in zip(theirs, ours, strict=True):
        assert oct(b.stat().st_mode) == oct(a.stat().st_mode)
        if b.suffix == ".ipynb":
            assert cells(b) == cells(a), b
            nbformat.validate(nbformat.read(b, as_version=4))


def test_nbgrader_finds_nothing_left_to_do(both):
    _, ours = both
    before = tree(ours / "autograded")
    with environment_on_path():
        must(open_course(ours).autograde(UNIT, "*", force=False), "a second grading")
    assert tree(ours / "autograded") == before


# ---------------------------------------------------------------- again


def test_what_is_unchanged_is_left_alone_and_time_stamps_do_not_matter(course):
    path = one_perfect(course)
    first = batch.grade_class(course, jobs=1)
    graded = course / "autograded" / "amara" / UNIT / f"{UNIT}.ipynb"
    inode = graded.stat().st_ino
    os.utime(path)
    second = batch.grade_class(course, jobs=1)
    assert (first.units[UNIT].unchanged, second.units[UNIT].unchanged) == (0, 1)
    assert second.units[UNIT].score == first.units[UNIT].score == 16
    assert graded.stat().st_ino == inode


@pytest.mark.parametrize("change", ["answer", "time stamp", "seed", "gradebook", "graded file"])
def test_what_has_changed_is_graded_again(course, change, monkeypatch):
    path = one_perfect(course)
    batch.grade_class(course, jobs=1)
    if change == "answer":
        text = path.read_text()
        path.write_text(text.replace("return", "return 2 *", 1))
    elif change == "time stamp":
        (path.parent / "timestamp.txt").write_text("2026-12-24 12:00:00.000000 UTC")
    elif change == "seed":
        monkeypatch.setenv("COURSE_PROBE_SEED", "7")
    elif change == "gradebook":
        with Gradebook(url(course)) as book:
            book.remove_submission(UNIT, "amara")
    else:
        (course / "autograded" / "amara" / UNIT / f"{UNIT}.ipynb").unlink()
    assert batch.grade_class(course, jobs=1).units[UNIT].unchanged == 0
    assert ("amara", UNIT) in scores(url(course))
    if change == "time stamp":
        assert str(stored(url(course))["submissions"][0][2]).startswith("2026-12-24")


def test_force_keeps_what_a_person_gave(course):
    one_perfect(course)
    batch.grade_class(course, jobs=1)
    with Gradebook(url(course)) as book:
        grade = book.find_grade("mul-layer-hidden", UNIT, UNIT, "amara")
        grade.manual_score, grade.extra_credit = 0.5, 0.25
        book.find_comment("mul-layer", UNIT, UNIT, "amara").manual_comment = "see me"
        book.find_submission_notebook(UNIT, UNIT, "amara").flagged = True
        book.db.commit()
    assert batch.grade_class(course, jobs=1, force=True).units[UNIT].unchanged == 0
    with Gradebook(url(course)) as book:
        grade = book.find_grade("mul-layer-hidden", UNIT, UNIT, "amara")
        assert (grade.auto_score, grade.manual_score, grade.extra_credit) == (2, 0.5, 0.25)
        assert grade.needs_manual_grade
        assert book.find_comment("mul-layer", UNIT, UNIT, "amara").comment == "see me"
        assert book.find_submission_notebook(UNIT, UNIT, "amara").flagged


def test_pages_follow_the_gradebook_and_are_written_once(course):
    one_perfect(course)
    assert batch.grade_class(course, jobs=1, feedback=True).pages == 2  # the unit's, the course's
    assert batch.grade_class(course, jobs=1, feedback=True).pages == 0
    with Gradebook(url(course)) as book:
        book.find_comment("mul-layer", UNIT, UNIT, "amara").manual_comment = "see me on Monday"
        book.db.commit()
    assert batch.grade_class(course, jobs=1, feedback=True).pages == 1
    page = (course / "feedback" / "amara" / UNIT / f"{UNIT}.html").read_text("utf-8")
    assert "see me on Monday" in page


# ---------------------------------------------------------------- whatever is handed in


def unreadable(root: Path) -> dict[str, str]:
    """Hand in what cannot be read; return a word of the reason for each student."""
    good = one_perfect(root)
    reasons = {}

    def folder(student: str, reason: str) -> Path:
        reasons[student] = reason
        made = root / "submitted" / student / UNIT
        made.mkdir(parents=True)
        return made / f"{UNIT}.ipynb"

    folder("empty", "empty").write_bytes(b"")
    folder("cut", "JSON").write_bytes(good.read_bytes()[:5000])
    folder("picture", "UTF-8").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    folder("nothing", "there is no")
    folder("linked", "cannot be read").symlink_to(good)
    os.mkfifo(folder("pipe", "no file"))
    folder("folder", "cannot be read").mkdir()
    path = folder("two", "of 2 notebooks")
    for name in ("a.ipynb", "b.ipynb"):
        shutil.copyfile(good, path.with_name(name))
    return reasons


def test_what_cannot_be_read_is_zero_with_a_reason_and_the_batch_goes_on(course):
    reasons = unreadable(course)
    renamed = course / "submitted" / "renamed" / UNIT
    renamed.mkdir(parents=True)
    shutil.copyfile(
        course / "submitted" / "amara" / UNIT / f"{UNIT}.ipynb", renamed / "final(2).ipynb"
    )
    done = grader(course, "grade", "--json", "--feedback")
    assert done.returncode == 1, done.stderr
    *told, last = map(json.loads, done.stdout.splitlines())
    told = {t["student"]: t for t in told}
    assert {s for s, t in told.items() if t["status"] == "unreadable"} == set(reasons)
    for student, words in reasons.items():
        assert words in told[student]["reason"], student
    assert told["amara"]["score"] == told["renamed"]["score"] == 16
    assert "final(2).ipynb" in told["renamed"]["notes"][0]
    assert len(last["summary"]["ungraded"]) == len(reasons)
    points = scores(url(course))
    assert points["amara", UNIT] == 16
    assert all(points[student, UNIT] == 0 for student in reasons)
    assert not any(person for *_, person in stored(url(course))["grades"])
    page = (course / "feedback" / "empty" / UNIT / f"{UNIT}.html").read_text("utf-8")
    assert "Not readable" in page
    # The next run says it again, without grading it again.
    done = grader(course, "grade", "--json")
    assert done.returncode == 1
    *told, last = map(json.loads, done.stdout.splitlines())
    assert {t["status"] for t in told} == {"unchanged"}
    assert len(last["summary"]["ungraded"]) == len(reasons)


def put(root: Path, student: str, notebook: nbformat.NotebookNode, unit: str = UNIT) -> None:
    """Hand in a notebook under the name of a unit, whatever it is."""
    folder = root / "submitted" / student / unit
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{unit}.ipynb")


def test_what_is_of_another_unit_is_zero_with_a_reason(course):
    good = nbformat.read(one_perfect(course), as_version=4)
    sheets = {u: Path("release", u, f"{u}.ipynb") for u in unit_names() if u != UNIT}
    for name, path in sheets.items():
        put(course, name, nbformat.read(path, as_version=4))
    put(course, "new", nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 1")]))
    # Still the unit's: no answers any more; no metadata either; no ids, but one answer.
    answerless = nbformat.from_dict(good)
    answerless.cells = [c for c in good.cells if kind(c) != "answer"]
    put(course, "answerless", answerless)
    bare = nbformat.from_dict(answerless)
    bare.metadata = nbformat.NotebookNode()
    put(course, "bare", bare)
    for number, cell in enumerate(bare.cells):
        cell.metadata, cell.id = nbformat.NotebookNode(), f"c{number}"
    put(course, "no-ids", bare)
    one = next(c for c in good.cells if kind(c) == "answer")
    copied = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one.source)])
    put(course, "copied", copied)
    pasted = nbformat.read(sheets["04-activations"], as_version=4)
    pasted.cells.append(nbformat.v4.new_code_cell(one.source))
    put(course, "pasted", pasted)

    told = {}
    summary = batch.grade_class(course, jobs=1, tell=lambda r: told.update({r.student: r}))
    listed = {student: reason for student, _, reason in summary.ungraded}
    assert listed == {n: f"this is a copy of {n}" for n in sheets} | {
        "new": "none of the unit's cells are in it"
    }
    points = scores(url(course))
    assert all((told[s].status, points[s, UNIT]) == ("unreadable", 0) for s in listed)
    assert points["answerless", UNIT] == points["bare", UNIT] == points["no-ids", UNIT] == 0
    assert points["copied", UNIT] == points["pasted", UNIT] > 0
    graded = course / "autograded/04-activations" / UNIT / f"{UNIT}.ipynb"
    assert "this is a copy of 04-activations" in graded.read_text("utf-8")


def test_a_folder_whose_name_is_not_utf8_stops_nobody(course):
    one_perfect(course)
    odd = os.fsdecode(b"bad\xff")
    theirs = course / "submitted" / odd / UNIT
    shutil.copytree(course / "submitted/amara" / UNIT, theirs)
    zoe = course / "submitted/zoe" / UNIT
    shutil.copytree(theirs, zoe)
    (zoe / f"{UNIT}.ipynb").rename(zoe / os.fsdecode(b"\xff.ipynb"))
    for _ in range(2):
        done = grader(course, "grade", "--json", "--feedback")
        assert done.returncode == 1, done.stderr
        *told, last = map(json.loads, done.stdout.splitlines())
        ((student, unit, reason),) = last["summary"]["ungraded"]
        assert (student, unit) == ("bad\\xff", UNIT)
        assert "rename the folder" in reason
    assert {t["student"]: t["status"] for t in told} == {
        "amara": "unchanged",
        "bad\\xff": "needs a person",
        "zoe": "unchanged",
    }
    assert scores(url(course)) == {("amara", UNIT): 16, ("zoe", UNIT): 16}
    done = grader(course, "grade", "--quiet")
    assert (done.returncode, "bad\\xff" in done.stderr) == (1, True)


# ---------------------------------------------------------------- no place for a file


@pytest.mark.parametrize("folder", ["autograded", "feedback"])
def test_where_nothing_can_be_written_nothing_is_graded(course, folder):
    one_perfect(course)
    shutil.rmtree(course / folder, ignore_errors=True)
    (course / folder).touch()
    done = grader(course, "grade", "--feedback")
    assert done.returncode == 2, done.stderr
    words = " ".join(done.stderr.split())
    assert f"cannot write to {course / folder}: File exists" in words
    assert scores(url(course)) == {}


def test_a_full_disk_ends_the_batch_with_a_word(course, monkeypatch):
    hand_in(course, 2, [UNIT])
    write = batch.write_whole

    def full(path, data, mode=0o644):
        if path.suffix == ".ipynb":
            raise OSError(errno.ENOSPC, "No space left on device")
        write(path, data, mode)

    monkeypatch.setattr(batch, "write_whole", full)
    with pytest.raises(batch.WrongUse, match="cannot write to .*autograded: No space left"):
        batch.grade_class(course, jobs=1)
    monkeypatch.undo()
    assert batch.grade_class(course, jobs=1).units[UNIT].unchanged == 0


def test_one_odd_folder_is_listed_and_tried_again(course):
    *_, third = hand_in(course, 3, [UNIT])
    odd = course / "autograded/bela" / UNIT
    odd.parent.mkdir(parents=True)
    odd.touch()
    page = course / "feedback/amara" / UNIT
    page.parent.mkdir(parents=True)
    page.touch()
    folder = course / "feedback" / third.student / "course.html"  # where a page should be
    folder.mkdir(parents=True)
    first = batch.grade_class(course, jobs=1, feedback=True)
    assert [(s, u) for s, u, _ in first.ungraded] == [("bela", UNIT)]
    assert f"autograded/bela/{UNIT}/{UNIT}.ipynb cannot be written: " in first.ungraded[0][2]
    assert sorted(where for where, _ in first.no_page) == [
        f"feedback/amara/{UNIT}/{UNIT}.html",
        f"feedback/{third.student}/course.html",
    ]
    totals = first.units[UNIT]
    assert (totals.submissions, totals.needs_person, totals.unreadable) == (3, 1, 0)
    assert len(scores(url(course))) == 3
    assert not list(course.glob("*/*/**/.*.new"))
    again = batch.grade_class(course, jobs=1, feedback=True)
    assert (again.units[UNIT].unchanged, len(again.ungraded), len(again.no_page)) == (2, 1, 2)
    odd.unlink()
    page.unlink()
    folder.rmdir()
    last = batch.grade_class(course, jobs=1, feedback=True)
    assert (last.units[UNIT].unchanged, last.ungraded, last.no_page) == (2, [], [])
    assert (course / "feedback/bela" / UNIT / f"{UNIT}.html").exists()


# ---------------------------------------------------------------- hostile code


def hostile(root: Path) -> None:
    """Hand in code that ends its process, floods its output, and lies about its score."""
    good = nbformat.read(one_perfect(root), as_version=4)
    for name, source in {
        "exits": "import os; os._exit(0)",
        "floods": "print('x\\n' * 200_000)",
        "lies": "print(16.0); 16.0",
    }.items():
        notebook = nbformat.from_dict(good)
        own = nbformat.v4.new_code_cell(source, id="own")
        notebook.cells.insert(1, own)
        folder = root / "submitted" / name / UNIT
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{UNIT}.ipynb")


def test_hostile_code_costs_no_one_else_a_point(course):
    hostile(course)
    summary = batch.grade_class(course, jobs=2)
    points = scores(url(course))
    assert points["amara", UNIT] == points["floods", UNIT] == points["lies", UNIT] == 16
    assert points["exits", UNIT] == 0
    assert not summary.ungraded
    graded = nbformat.read(course / "autograded/floods" / UNIT / f"{UNIT}.ipynb", as_version=4)
    own = next(c for c in graded.cells if c.id == "own")
    assert own.outputs[0].text.count("\n") < 1000  # as nbgrader's LimitOutput leaves it


# ---------------------------------------------------------------- workers that die


@pytest.mark.parametrize("times", [1, 2])
def test_a_worker_that_dies_is_replaced_and_its_task_tried_once_more(course, times):
    victim = hand_in(course, 4, [UNIT])[1].student
    dying = functools.partial(Dying, victim=victim, times=times)
    summary = batch.grade_class(course, jobs=1, make=dying)
    totals = summary.units[UNIT]
    assert (totals.submissions, totals.needs_person, totals.unchanged) == (4, times - 1, 0)
    rows = [g for g in stored(url(course))["grades"] if g[1] == victim]
    assert all(person == (times == 2) for *_, person in rows)
    assert all((auto is None) == (times == 2) for _, _, _, auto, *_ in rows)
    if times == 2:
        assert "signal 9" in summary.ungraded[0][2]
        # Nothing was known of it, so the next run tries again, and this time nobody kills.
        again = batch.grade_class(course, jobs=1)
        assert (again.units[UNIT].unchanged, again.units[UNIT].needs_person) == (3, 0)
        assert not any(person for *_, person in stored(url(course))["grades"])


def test_pages_can_be_released_by_the_exchange_of_nbgrader(course, tmp_path):
    path, exchange = one_perfect(course), tmp_path / "exchange"
    path.with_name("submission_secret.txt").write_text("the secret of this submission")
    batch.grade_class(course, jobs=1, feedback=True)
    names = ("timestamp.txt", "submission_secret.txt")
    for folder in ("autograded", "feedback"):
        beside = course / folder / "amara" / UNIT
        assert [(beside / n).read_text() for n in names] == [
            path.with_name(n).read_text() for n in names
        ]
    (exchange / "backprop" / "feedback").mkdir(parents=True)
    done = nbgrader(course, "release_feedback", UNIT, f"--Exchange.root={exchange}")
    assert done.returncode == 0, done.stderr
    assert len(list(exchange.glob("backprop/feedback/*.html"))) == 1
    path.with_name("submission_secret.txt").write_text("another, with the same answers")
    assert batch.grade_class(course, jobs=1).units[UNIT].unchanged == 0


def test_a_deep_folder_for_temporary_files(course, tmp_path):
    """Where sockets lie, paths must be short: not every TMPDIR is."""
    one_perfect(course)
    deep = tmp_path / ("d" * 50) / ("e" * 50)
    deep.mkdir(parents=True)
    done = grader(course, "grade", env=os.environ | {"TMPDIR": str(deep)})
    assert done.returncode == 0, done.stderr
    assert list(deep.iterdir()) == []


def set_limits(root: Path, limits: str) -> None:
    config = root / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}\nc.ExecuteSubmission.limits = {limits}\n")


def test_the_limits_of_the_config_hold_for_both_ways_to_grade(course):
    path = one_perfect(course)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_code_cell("import time\ntime.sleep(1.5)", id="slow"))
    nbformat.write(notebook, path)
    assert batch.grade_class(course, jobs=1).units[UNIT].score == 16
    set_limits(course, '{"notebook_time_s": 1, "grace_s": 0.2}')
    assert batch.grade_class(course, jobs=1, force=True).units[UNIT].score < 16
    done = nbgrader(course, "autograde", UNIT, "--force")
    assert done.returncode == 0, done.stderr
    assert max(scores(url(course)).values()) < 16


@pytest.mark.parametrize(
    ("limits", "words"),
    [('{"memory": 5}', "no limit 'memory'; the limits are"), ('{"memory_mb": 0}', "above zero")],
)
def test_a_limit_that_is_none_is_named(course, limits, words):
    one_perfect(course)
    set_limits(course, limits)
    done = grader(course, "grade")
    assert done.returncode == 2
    assert words in done.stderr
    assert "ExecuteSubmission.limits" in done.stderr


# ---------------------------------------------------------------- killed at any moment


def remains(pid: int) -> list[str]:
    """Return the processes whose ancestor was the batch ``pid``: by its session."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(path.name)) == pid:
                found.append((path / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


def graded_in(root: Path) -> int:
    """Return how many graded notebooks stand in a course directory."""
    return len(list(root.glob("autograded/*/*/*.ipynb")))


def run_until_killed(
    root: Path, arguments: tuple[str, ...], scratch: Path, more: int, then_s: float
) -> bool:
    """Start the batch and kill -9 its writer; return whether it had ended before.

    The moment: ``then_s`` seconds after ``more`` further notebooks are there. Not a time
    from the start, which on a busy machine falls before any work.
    """
    command = [sys.executable, "-m", "grader.cli", "grade", *arguments]
    wanted = graded_in(root) + more
    process = subprocess.Popen(
        command,
        cwd=root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=os.environ | {"TMPDIR": str(scratch)},
    )
    while process.poll() is None and graded_in(root) < wanted:
        time.sleep(0.005)
    try:
        process.wait(then_s)
        return True
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    deadline = time.monotonic() + 10
    while remains(process.pid):
        assert time.monotonic() < deadline, remains(process.pid)
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("moments", [20])
def test_killed_at_random_moments_it_ends_as_if_undisturbed(class_course, tmp_path, moments):
    arguments = ("--feedback", "--quiet", "--jobs", "2")
    calm, killed, scratch = tmp_path / "calm", tmp_path / "killed", tmp_path / "scratch"
    scratch.mkdir()
    for root in (calm, killed):
        shutil.copytree(class_course, root)
    hostile(calm)
    hostile(killed)
    assert grader(calm, "grade", *arguments).returncode == 0
    whole = graded_in(calm)
    rng, steps = random.Random(4), []
    for _ in range(moments):
        # Half by the clock: while it starts, and in its first work. Half by its progress.
        early, later = (0, rng.uniform(0, 2)), (rng.randint(1, 4), rng.uniform(0, 0.02))
        more, then_s = rng.choice([early, later])
        ended = run_until_killed(killed, arguments, scratch, more, then_s)
        steps.append(graded_in(killed))
        if ended:  # go on from a fresh start, so that every moment is one of work
            for name in ("autograded", "feedback"):
                shutil.rmtree(killed / name, ignore_errors=True)
            shutil.copyfile(class_course / "gradebook.db", killed / "gradebook.db")
    assert sum(0 < step < whole for step in steps) > 2, steps
    assert run_until_killed(killed, arguments, scratch, 0, 300)
    assert stored(url(killed)) == stored(url(calm))
    for folder in ("autograded", "feedback"):
        assert tree(killed / folder) == tree(calm / folder)
    assert not list(scratch.glob("grader-batch-*"))


# ---------------------------------------------------------------- as large as you like


def test_two_thousand_submissions_leave_nothing_behind(course, tmp_path, monkeypatch):
    """No growth of memory, descriptors, processes or temporary files."""
    unit, count = UNITS[0], 2000
    samples = [s.notebook for s in make_class(Path("release").absolute(), 12) if s.unit == unit]
    texts = [nbformat.writes(n) for n in samples]
    for number in range(count):
        folder = course / "submitted" / f"s{number:04}" / unit
        folder.mkdir(parents=True)
        (folder / f"{unit}.ipynb").write_text(texts[number % len(texts)])
    scratch, seen = tmp_path / "scratch", []
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))

    def look(report):
        if (len(seen) + 1) % 50:
            seen.append(None)
            return
        family = batch._family(os.getpid())
        seen.append(
            {
                "memory": sum(map(batch._memory_mb, family)),
                "processes": len(family),
                "descriptors": sum(len(os.listdir(f"/proc/{p}/fd")) for p in family if _alive(p)),
                "files": len(list(scratch.rglob("*"))),
            }
        )

    summary = batch.grade_class(course, [unit], jobs=2, tell=look)
    assert summary.units[unit].submissions == count
    looks = [s for s in seen if s]
    early, late = looks[4:10], looks[-6:]
    for what, room in {"memory": 1.1, "processes": 1.3, "descriptors": 1.2, "files": 1.2}.items():
        was, now = (max(s[what] for s in some) for some in (early, late))
        assert now <= was * room, (what, was, now)
    assert list(scratch.iterdir()) == []
    assert len(scores(url(course))) == count


def _alive(pid: int) -> bool:
    return Path(f"/proc/{pid}/fd").exists()


# ---------------------------------------------------------------- read by nbgrader


def test_the_gradebook_opens_in_stock_nbgrader(class_course, tmp_path):
    """Export, generate_feedback and Formgrader's API show the scores of the batch."""
    root = tmp_path / "course"
    shutil.copytree(class_course, root)
    batch.grade_class(root, jobs=2)
    points = scores(url(root))

    done = nbgrader(root, "export", "--to", str(tmp_path / "grades.csv"))
    assert done.returncode == 0, done.stderr
    head, *rows = (line.split(",") for line in (tmp_path / "grades.csv").read_text().splitlines())
    exported = {
        (row[head.index("student_id")], row[head.index("assignment")]): float(
            row[head.index("score")]
        )
        for row in rows
        if row[head.index("timestamp")]
    }
    assert exported == pytest.approx(points)

    done = nbgrader(root, "generate_feedback", UNIT)
    assert done.returncode == 0, done.stderr
    assert len(list(root.glob(f"feedback/*/{UNIT}/{UNIT}.html"))) == STUDENTS

    with formgrader(root, tmp_path) as ask:
        listed = ask(f"submissions/{UNIT}")
        assert {s["student"]: s["score"] for s in listed} == pytest.approx(
            {student: p for (student, unit), p in points.items() if unit == UNIT}
        )
        assert all(s["autograded"] and not s["needs_manual_grade"] for s in listed)


class formgrader:
    """A real server with nbgrader's extension; gives a function that asks its API."""

    def __init__(self, root: Path, home: Path) -> None:
        self.root, self.home = root, home

    def __enter__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        environment = os.environ | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "JUPYTER_CONFIG_DIR": str(self.home / "jupyter"),
            "HOME": str(self.home),
        }
        command = [sys.executable, "-m", "jupyter", "server", f"--port={port}", "--no-browser"]
        command += ["--allow-root", "--ServerApp.token=", "--ServerApp.disable_check_xsrf=True"]
        command += [
            "--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}"
        ]
        self.log = (self.home / "server.log").open("w")
        self.server = subprocess.Popen(
            command, cwd=self.root, env=environment, stdout=self.log, stderr=self.log
        )

        def ask(path: str):
            deadline = time.monotonic() + 90
            while True:
                try:
                    address = f"http://127.0.0.1:{port}/formgrader/api/{path}"
                    with urllib.request.urlopen(address, timeout=60) as answer:
                        return json.load(answer)
                except urllib.error.HTTPError:
                    raise AssertionError((self.home / "server.log").read_text()) from None
                except OSError:
                    assert self.server.poll() is None, (self.home / "server.log").read_text()
                    assert time.monotonic() < deadline, (self.home / "server.log").read_text()
                    time.sleep(0.3)

        return ask

    def __exit__(self, *error) -> None:
        self.server.terminate()
        self.server.wait(20)
        self.log.close()


# ---------------------------------------------------------------- two at once


def test_two_graders_at_once_double_nothing(class_course, tmp_path):
    """One SQLite file, two batches; both end well."""
    root = tmp_path / "course"
    shutil.copytree(class_course, root)
    command = [sys.executable, "-m", "grader.cli", "grade", "--quiet", "--force", "--jobs", "1"]
    both = [subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE, text=True) for _ in (1, 2)]
    for one in both:
        assert one.wait(180) == 0, one.stderr.read()
        one.stderr.close()
    alone = tmp_path / "alone"
    shutil.copytree(class_course, alone)
    batch.grade_class(alone, jobs=2)
    assert stored(url(root)) == stored(url(alone))
    assert tree(root / "autograded") == tree(alone / "autograded")


# ---------------------------------------------------------------- the command


def test_the_command_prints_a_table_and_ends_well_whatever_the_scores(class_course, tmp_path):
    root = tmp_path / "course"
    shutil.copytree(class_course, root)
    done = grader(root, "grade", UNIT, "--jobs", "2")
    assert done.returncode == 0, done.stderr
    assert UNIT in done.stdout
    assert "MB of memory" in done.stdout
    assert UNITS[0] not in done.stdout
    quiet = grader(root, "grade", UNIT, "--quiet", "--student", "amara", "--student", "bela")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["99-nothing"], "no unit '99-nothing'"),
        (["--student", "nobody"], "no student 'nobody'"),
        (["--db", "mysql://host/db"], "SQLite or PostgreSQL"),
        (["--db", "nonsense"], "no database URL"),
        (["--db", "sqlite:////nowhere/gradebook.db"], "cannot be used"),
        (
            ["--db", "sqlite:///mistyped.db"],
            "generate_assignment <unit> --db=sqlite:///mistyped.db",
        ),
        (["--jobs", "0"], "jobs"),
        (["--from", "/nowhere.zip"], "does not exist"),
        (["05-affine-softmax"], "release it first"),
    ],
)
def test_wrong_use_is_told_from_bad_work(course, arguments, words):
    one_perfect(course)
    (course / "submitted/amara/05-affine-softmax").mkdir()
    done = grader(course, "grade", *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert words in " ".join(done.stderr.split())
    assert not (course / "autograded" / "amara").exists()
    assert not (course / "mistyped.db").exists()


def test_what_is_no_submission_is_named_on_one_line(course):
    one_perfect(course)
    submitted = course / "submitted"
    (submitted / "amara/99-nonexistent").mkdir()
    (submitted / "amara/.hidden").mkdir()
    (submitted / "notes.txt").touch()
    for number in range(5):
        (submitted / "zoe" / f"lost-{number}").mkdir(parents=True)
    said = []
    summary = batch.grade_class(course, [UNIT, UNIT], jobs=1, say=said.append)
    assert summary.units[UNIT].submissions == 1
    assert not summary.ungraded
    (line,) = said
    assert "notes.txt, amara/99-nonexistent, zoe/lost-0" in line
    assert line.endswith("and 2 more")
    batch.grade_class(course, students=["amara"], jobs=1, say=said.append)
    assert said[1].endswith(": amara/99-nonexistent")


def test_no_sandbox_no_grade(course):
    one_perfect(course)
    # No bwrap on this path, but all that the interpreter itself needs.
    done = grader(course, "grade", env=os.environ | {"PATH": "/nowhere"})
    assert done.returncode == 2
    assert "bubblewrap" in done.stderr
    assert "--unsafe-no-sandbox" not in done.stdout
    assert not (course / "autograded" / "amara").exists()
    assert scores(url(course)) == {}


def test_outside_a_course_it_says_where_to_go(tmp_path):
    done = grader(tmp_path, "grade")
    assert done.returncode == 2
    assert "nbgrader_config.py" in done.stderr

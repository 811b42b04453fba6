"""The marker: what is handed in to the classroom is graded once, as `grader grade` would."""

from __future__ import annotations

import contextlib
import errno
import functools
import html
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import nbformat
import postgres
import pytest
from batches import UNITS, Dying, release, stored, tree, until, url
from dask_cluster import DaskCluster
from nbgrader.api import Gradebook

from grader import batch, feedback, submission
from grader.classroom import fill_in, make_class, student_code, wrong_answers
from grader.coursedir import environment_on_path, must, open_course
from grader.exchange import marking
from grader.exchange.store import (
    AGAIN,
    GRADED,
    GRADING,
    NEEDS_PERSON,
    QUEUED,
    Store,
    Submission,
)
from grader.grading import examine, graded_cells
from grader.units import grade_id, load_unit, reference_answer
from grader.verdict import Examiner
from grader.worker import Grader, Outcome, Settings, Task, from_bytes

pytestmark = pytest.mark.slow
RELEASED = Path("release").absolute()
UNIT = UNITS[1]
POINTS = 16.0
STUDENTS = 6
VISIBLE_FIRST = 'c.Classroom.feedback = "visible part at once"'
DUE = datetime(2026, 9, 21, 12)


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


@pytest.fixture
def store(tmp_path):
    """A fresh store."""
    with Store(tmp_path / "data") as made:
        yield made


def configure(root: Path, *lines: str) -> None:
    """Add lines to the course's nbgrader_config.py."""
    config = root / "nbgrader_config.py"
    config.write_text("\n".join([config.read_text("utf-8"), *lines, ""]), "utf-8")


@functools.cache
def answered(unit: str, **wrong: str) -> bytes:
    """Return a right notebook, but for the exercises whose known mistake is named."""
    notebook = nbformat.read(RELEASED / unit / f"{unit}.ipynb", as_version=4)
    answers = {name: reference_answer(c) for name, c in load_unit(unit).answers.items()}
    for exercise, mistake in wrong.items():
        name = exercise.replace("_", "-")
        files = {p.stem: p for p in wrong_answers(unit)[name]}
        answers[name] = student_code(files[mistake])
    return nbformat.writes(fill_in(notebook, answers)).encode()


def hand_in(
    store: Store, data: bytes, student: str = "amara", unit: str = UNIT, name: str | None = None
) -> Submission:
    """Hand in a notebook."""
    return store.hand_in(student, unit, name or f"{unit}.ipynb", store.put(data))[0]


def hand_in_class(store: Store, count: int = STUDENTS, seed: int = 0) -> None:
    """Hand in two units for a small class."""
    for one in make_class(RELEASED, count, seed):
        if one.unit in UNITS:
            hand_in(store, nbformat.writes(one.notebook).encode(), one.student, one.unit)


def waiting(store: Store) -> list[Submission]:
    """Return what is not done."""
    return [s for s in store.submissions() if s.state in (QUEUED, GRADING)]


@contextlib.contextmanager
def marker(root: Path, store: Store, **options) -> Iterator[None]:
    """Run a marker in a thread of this process."""
    batch.start_loading()
    stop = threading.Event()
    one = marking.Marker(root, store, "here", stop, jobs=options.pop("jobs", 2), **options)
    thread = threading.Thread(target=one.run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


def grade(root: Path, store: Store, **options) -> None:
    """Run a marker until nothing is queued."""
    with marker(root, store, **options):
        until(lambda: not waiting(store))


def start(root: Path, store: Store, *arguments: str, **more) -> subprocess.Popen:
    """Start a marker as the service does."""
    command = [sys.executable, "-m", "grader.exchange.marking", "--course", str(root)]
    command += ["--data", str(store.folder), "--jobs", "2", *arguments]
    log = open(store.folder / "log", "a")  # noqa: SIM115
    return subprocess.Popen(command, stderr=log, start_new_session=True, **more)


def said(store: Store) -> str:
    """Return what the markers of `start` logged."""
    return (store.folder / "log").read_text("utf-8")


@contextlib.contextmanager
def process(root: Path, store: Store, *arguments: str, **more) -> Iterator[subprocess.Popen]:
    """Run a marker as a process of its own; end it with SIGTERM."""
    one = start(root, store, *arguments, **more)
    try:
        yield one
    finally:
        one.terminate()
        assert one.wait(20) == 0, said(store)


def text(store: Store, digest: str) -> str:
    """Return a page of the store."""
    return store.read(digest).decode("utf-8")


def graded(root: Path, student: str = "amara", unit: str = UNIT) -> Path:
    """Return the path of a graded notebook."""
    return root / "autograded" / student / unit / f"{unit}.ipynb"


def standing(root: Path, student: str = "amara", unit: str = UNIT) -> str:
    """Return the id of the attempt in the course directory; it is the same everywhere."""
    found = {
        (root / folder / student / unit / "submission_secret.txt").read_text()
        for folder in ("submitted", "autograded", "feedback")
    }
    assert len(found) == 1
    return found.pop()


def points(root: Path, student: str = "amara", unit: str = UNIT) -> tuple[float, float]:
    """Return the points and the penalty that nbgrader reads in the gradebook."""
    with Gradebook(url(root)) as book:
        found = book.find_submission(unit, student)
        return round(found.score, 2), round(found.late_submission_penalty, 2)


def as_grader_grades(root: Path, tmp_path: Path) -> Path:
    """Return a copy of a course directory with what `grader grade` makes of its submitted/."""
    other = tmp_path / "as grader grades"
    shutil.copytree(root, other, ignore=shutil.ignore_patterns("autograded", "feedback"))
    with sqlite3.connect(other / "gradebook.db") as db:
        for table in ("grade", "comment", "submitted_notebook", "submitted_assignment", "student"):
            db.execute(f"DELETE FROM {table}")
    db.close()
    batch.grade_class(other, jobs=2)
    return other


# ---------------------------------------------------------------- the same as grader grade


@pytest.fixture(scope="module")
def class_graded(released, tmp_path_factory):
    """A course directory and a store in which a small class was graded; not to be changed."""
    home = tmp_path_factory.mktemp("class")
    root = home / "course"
    shutil.copytree(released, root)
    configure(root, VISIBLE_FIRST)
    with Store(home / "data") as made:
        hand_in_class(made)
        hand_in(made, answered(UNIT), "renamed", name="final (2).ipynb")
        hand_in(made, answered(UNIT)[:5000], "cut")
        hand_in(made, answered(UNIT, mul_layer="both-y"), "noisy")
        grade(root, made)
        yield root, made


def test_scores_files_and_gradebook_are_those_of_grader_grade(class_graded, tmp_path):
    root, made = class_graded
    other = as_grader_grades(root, tmp_path)
    assert tree(root / "autograded") == tree(other / "autograded")
    assert stored(url(root)) == stored(url(other))
    assert {s.state for s in made.submissions()} == {GRADED}
    for one in made.submissions():
        assert (one.score, one.penalty) == points(root, one.student, one.unit)
        assert graded(root, one.student, one.unit).read_bytes() == made.read(one.notebook)
        assert one.max == (12 if one.unit == UNITS[0] else 16)
    by_student = {s.student: s for s in made.submissions(unit=UNIT)}
    assert by_student["amara"].score == by_student["renamed"].score == POINTS
    assert (by_student["cut"].score, by_student["cut"].failed_checks) == (0, 12)
    assert "JSON" in by_student["cut"].reason


def test_on_a_cluster_the_same_and_what_comes_while_it_has_no_worker_waits(
    course, store, tmp_path, monkeypatch
):
    monkeypatch.setattr(marking, "NO_WORKER_S", 1.0)
    hand_in_class(store)
    (tmp_path / "dask").mkdir()
    with (
        DaskCluster(tmp_path / "dask", workers=1) as dask,
        marker(course, store, scheduler=dask.address),
    ):
        until(lambda: any(s.state == GRADED for s in store.submissions()))
        os.killpg(dask.machines[0].pid, signal.SIGKILL)
        assert waiting(store)
        until(lambda: marking.notices(store.folder))
        assert "has had no worker for 1 s" in marking.notices(store.folder)[0]
        dask.add()
        until(lambda: not waiting(store))
        until(lambda: not marking.notices(store.folder))
    assert {s.state for s in store.submissions()} == {GRADED}
    other = as_grader_grades(course, tmp_path)
    assert tree(course / "autograded") == tree(other / "autograded")
    assert stored(url(course)) == stored(url(other))


def test_grader_grade_finds_nothing_left_to_do(class_graded, tmp_path):
    root = tmp_path / "course"
    shutil.copytree(class_graded[0], root)
    before = tree(root / "autograded")
    summary = batch.grade_class(root, jobs=2, feedback=True)
    assert all(t.unchanged == t.submissions for t in summary.units.values())
    assert tree(root / "autograded") == before
    # The pages of the last unit and of the course tell of all units; earlier ones did not yet.
    assert summary.pages == STUDENTS


def test_pages_are_kept_and_lie_beside_the_grades(class_graded):
    root, made = class_graded
    for one in made.submissions():
        page = made.read(one.page)
        assert (root / "feedback" / one.student / one.unit / f"{one.unit}.html").read_bytes()[
            : len(page)
        ] == page
        assert standing(root, one.student, one.unit) == one.id
        assert (root / "feedback" / one.student / "course.html").exists()


# ---------------------------------------------------------------- the visible part


EXERCISE = re.compile(r'(?s)<section class="card exercise \w+" aria-labelledby="(.*?)">(.*?</p>)')


def words_of(page: str) -> str:
    """Return a page as its reader sees it: no markup, no style."""
    text = re.sub(r"(?s)<style>.*?</style>|<[^>]*>", " ", page)
    return " ".join(html.unescape(text).split())


def secrets(notebook, unit: str) -> tuple[set[str], set[str]]:
    """Return what hidden checks printed and visible ones did not, and how they are called."""
    visible = load_unit(unit).visible_checks
    printed: dict[bool, set[str]] = {True: set(), False: set()}
    names = set()
    for cell in notebook.cells:
        name = grade_id(cell)
        if name in load_unit(unit).checks:
            text = "".join(o.get("text", "") for o in cell.outputs)
            printed[name in visible] |= {" ".join(x.split()) for x in text.splitlines()[1:]}
            names |= {name} - visible
    # A line that a visible check prints too is no secret; nor is a word.
    told = " ".join(printed[True])
    return {
        x.removeprefix("WRONG ").removeprefix("ok ")
        for x in printed[False]
        if len(x) > 12 and x.removeprefix("WRONG ").removeprefix("ok ") not in told
    }, names


def test_the_visible_part_tells_nothing_of_hidden_checks(class_graded):
    """For a class of wrong answers: no id, no message, no points, no sum, no diagnosis."""
    _, made = class_graded
    lost_unseen = 0
    for one in made.submissions():
        notebook, page = from_bytes(made.read(one.notebook)), text(made, one.visible_page)
        words, whole = words_of(page), words_of(text(made, one.page))
        messages, names = secrets(notebook, one.unit)
        assert names
        for secret in messages | names:
            assert secret not in words, (one.student, one.unit)
        assert any(name in whole for name in names)  # so that they would have been found
        assert "Hidden check" not in page
        assert f"{one.visible_score:g} of {one.visible_max:g} points" in words
        result = notebook.metadata["course"]["result"]
        visible = load_unit(one.unit).visible_checks
        sections = dict(EXERCISE.findall(page))
        for exercise in load_unit(one.unit).answers:
            mine = [c for c in result["checks"] if c["id"].startswith(f"{exercise}-")]
            seen = [c for c in mine if c["id"] in visible]
            score, of = sum(c["score"] for c in seen), sum(c["points"] for c in seen)
            verdict = f"{round(score, 2):g} of {of:g} points: "
            assert words_of(sections[exercise]).count(" points") == 1
            assert verdict in words_of(sections[exercise])
            if all(c["score"] == c["points"] for c in seen) and exercise in result["diagnoses"]:
                lost_unseen += 1
                diagnosis = result["diagnoses"][exercise]
                for title in [m["title"] for m in diagnosis["mistakes"]] + diagnosis["facts"]:
                    assert title not in words
        assert f"of {one.max:g} points" not in words
    assert lost_unseen > 1


def remembering() -> bytes:
    """Return a notebook whose code remembers what it is asked, and tells it where it can."""
    notebook = nbformat.reads(answered(UNIT).decode(), as_version=4)
    cells = {grade_id(c): c for c in notebook.cells}
    told = "f'asked {len(ASKED)} times, last for {ASKED[-1]}'"
    for name, line, more in (
        ("mul-layer", "return x * y", "ASKED.append(x)"),
        ("sub-layer", "return x - y", f"raise ValueError({told})"),
    ):
        assert cells[name].source.count(line) == 1
        cells[name].source = cells[name].source.replace(line, f"{more}\n        {line}")
    cells["mul-layer"].source = f"ASKED = []\n{cells['mul-layer'].source}"
    notebook.cells.append(nbformat.v4.new_code_cell(f"print({told})"))
    return nbformat.writes(notebook).encode()


def test_in_the_visible_part_code_was_never_asked_by_a_hidden_check(course, store):
    configure(course, VISIBLE_FIRST)
    one = hand_in(store, remembering())
    grade(course, store)
    one = store.submission(one.id)
    whole, visible = (
        re.findall(r"asked (\d+) times, last for ([\d.]+)", words_of(text(store, page)))
        for page in (one.page, one.visible_page)
    )
    # Said in a check's reason and by a cell of the student's own.
    assert min(len(whole), len(visible)) >= 2
    assert max(int(n) for n, _ in visible) < min(int(n) for n, _ in whole)
    assert one.score < one.max
    # What is right for the visible checks counts as in the whole.
    lost = load_unit(UNIT).checks["sub-layer-check"].metadata.nbgrader.points
    assert one.visible_score == one.visible_max - lost


def test_the_visible_part_leaves_out_what_tells_of_all_checks_together():
    result, notebook = visible_run(remembering())
    grades = feedback.Grades(
        scores={"mul-layer-hidden": 1.5}, by_hand=frozenset({"mul-layer-hidden"}),
        comments={"mul-layer": "your hidden part is wrong"}, late_penalty=3.0, handed_in=DUE,
    )  # fmt: skip
    course = [feedback.UnitScore(UNIT, 3.0, 16.0)]
    told = feedback.page(result, notebook, grades=grades, course=course, whole=False)
    whole = feedback.page(result, notebook, grades=grades, course=course)
    for words in ["your hidden part", "taken off", "The course so far"]:
        assert words in whole, words
        assert words not in told, words
    for words in ["Handed in on 21 September", "These are the points of the visible checks alone."]:
        assert words in told, words
    zh = feedback.page(result, notebook, grades=grades, whole=False, lang="zh")
    assert "这里只有可见的检查的得分。" in zh


def test_a_note_on_a_hidden_check_is_none_of_the_visible_part():
    notebook = nbformat.reads(answered(UNIT).decode(), as_version=4)
    for cell in notebook.cells:
        if grade_id(cell) in ("mul-layer-hidden", "mul-layer-check"):
            cell.source += "\nprint('mine')"
    result, _ = visible_run(nbformat.writes(notebook).encode())
    assert any("'mul-layer-check'" in note for note in result.notes)
    assert not any("hidden" in note for note in result.notes)


def visible_run(data: bytes) -> tuple[feedback.Result, nbformat.NotebookNode]:
    """Grade a notebook by its visible checks alone."""
    unit = load_unit(UNIT)
    with Examiner() as examiner:
        return examine(
            submission.from_bytes(data, "x"), unit, "x", examiner, graded_cells(unit),
            unit.visible_checks,
        )  # fmt: skip


def test_what_was_graded_under_another_policy_shows_no_visible_part_until_graded_again(
    course, store
):
    one = hand_in(store, answered(UNIT))
    grade(course, store)
    assert store.submission(one.id).visible_page is None
    configure(course, VISIBLE_FIRST)
    store.grade_again(UNIT)
    grade(course, store)
    assert store.submission(one.id).visible_page is not None


# ---------------------------------------------------------------- which attempt counts


def test_best_or_last_counts(course, store):
    configure(course, f"c.Classroom.units = {{{UNITS[0]!r}: {{'counts': 'best'}}}}")
    right = {unit: answered(unit) for unit in UNITS}
    blank = {u: (RELEASED / u / f"{u}.ipynb").read_bytes() for u in UNITS}
    ids = {}
    for unit in UNITS:
        for number, data in enumerate((blank[unit], right[unit], blank[unit]), 1):
            ids[unit, number] = hand_in(store, data, unit=unit).id
    grade(course, store)
    assert standing(course, unit=UNITS[0]) == ids[UNITS[0], 2]
    assert points(course, unit=UNITS[0]) == (12, 0)
    assert standing(course, unit=UNIT) == ids[UNIT, 3]
    assert points(course, unit=UNIT) == (0, 0)
    assert [s.score for s in store.submissions(unit=UNITS[0])] == [0, 12, 0]
    # A page tells of its own attempt, not of the one in the gradebook.
    third = store.submission(ids[UNITS[0], 3])
    assert "0 of 12 points" in words_of(text(store, third.page))
    # The policy changes: what is graded again decides anew.
    configure(course, "c.Classroom.units = {}", "c.Classroom.counts = 'best'")
    store.grade_again(UNIT)
    grade(course, store)
    assert standing(course, unit=UNIT) == ids[UNIT, 2]
    assert points(course, unit=UNIT) == (POINTS, 0)


def test_an_attempt_that_has_lost_gives_its_place_back(course, store):
    """Graded again, the best is no longer it: another, that nothing was done to, stands."""
    configure(
        course, "c.Classroom.counts = 'best'", "c.LateSubmissionPlugin.penalty_method = 'zero'"
    )
    times = iter([DUE - timedelta(days=2), DUE - timedelta(days=1), *[DUE] * 50])
    store._clock = lambda: next(times)
    first = hand_in(store, answered(UNIT, mul_layer="both-y"))
    second = hand_in(store, answered(UNIT))
    with marker(course, store):
        until(lambda: not waiting(store))
        assert standing(course) == second.id
        with Gradebook(url(course)) as book:
            book.update_or_create_assignment(UNIT, duedate=f"{DUE - timedelta(hours=36)} UTC")
        with store._writing() as db:  # the second alone, as if the first were still to come
            db.exec_driver_sql(f"UPDATE submissions SET state = 'queued' WHERE id = '{second.id}'")
        until(lambda: not waiting(store))
    assert store.submission(second.id).net == 0
    assert standing(course) == first.id
    assert points(course) == (store.submission(first.id).score, 0)


def test_late_penalty_extension_and_the_one_taken_back(course, store):
    configure(course, "c.LateSubmissionPlugin.penalty_method = 'zero'")
    with Gradebook(url(course)) as book:
        book.update_or_create_assignment(UNIT, duedate=f"{DUE} UTC")
    store._clock = lambda: DUE + timedelta(minutes=30)
    late = hand_in(store, answered(UNIT))
    other = hand_in(store, answered(UNIT), "bela")
    with marker(course, store):
        until(lambda: not waiting(store))
        assert points(course) == (POINTS, POINTS)
        assert (store.submission(late.id).penalty, store.submission(late.id).net) == (POINTS, 0)
        for minutes, penalty in ((60, 0), (20, POINTS), (60, 0), (0, POINTS)):
            store.extend("amara", UNIT, 60 * minutes, "the instructor")
            assert store.grade_again(UNIT, ["amara"]) == 1
            until(lambda: not waiting(store))
            assert points(course) == (POINTS, penalty)
            assert store.submission(late.id).penalty == penalty
        # A due date that is changed in Formgrader holds for what is graded from then on.
        with Gradebook(url(course)) as book:
            book.update_or_create_assignment(UNIT, duedate=f"{DUE + timedelta(days=1)} UTC")
        store.grade_again(UNIT)
        until(lambda: not waiting(store))
    assert points(course) == points(course, "bela") == (POINTS, 0)
    assert store.submission(other.id).penalty == 0
    assert "taken off" not in words_of(text(store, store.submission(late.id).page))


def test_what_a_person_gave_survives_a_regrade_and_a_resubmission(course, store):
    hand_in(store, answered(UNIT))
    with marker(course, store):
        until(lambda: not waiting(store))
        with Gradebook(url(course)) as book:
            found = book.find_grade("mul-layer-hidden", UNIT, UNIT, "amara")
            found.manual_score, found.extra_credit = 0.5, 0.25
            book.find_comment("mul-layer", UNIT, UNIT, "amara").manual_comment = "see me on Monday"
            book.db.commit()
        store.grade_again(UNIT)
        last = hand_in(store, answered(UNIT, add_layer=wrong_answers(UNIT)["add-layer"][0].stem))
        until(lambda: not waiting(store))
    with Gradebook(url(course)) as book:
        found = book.find_grade("mul-layer-hidden", UNIT, UNIT, "amara")
        assert (found.auto_score, found.manual_score, found.extra_credit) == (2, 0.5, 0.25)
        comment = book.find_comment("mul-layer", UNIT, UNIT, "amara")
        assert comment.comment == "see me on Monday"
        points = book.find_submission(UNIT, "amara").score
        assert points < POINTS - 1.25
    assert store.submission(last.id).score == pytest.approx(points)
    page = words_of(text(store, store.submission(last.id).page))
    assert "see me on Monday" in page
    assert "points given by hand" in page


# ---------------------------------------------------------------- what cannot be graded


def test_what_takes_the_grader_down_needs_a_person_and_the_rest_is_graded(
    course, store, monkeypatch
):
    hand_in_class(store, 3)
    victim = "bela"
    lost = hand_in(store, answered(UNIT) + b"\n", "damaged")
    bad = hand_in(store, answered(UNIT) + b"\n\n", "poison")
    with store._writing() as db:  # a marker died with most of them, three with one
        db.exec_driver_sql("UPDATE submissions SET tries = 1 WHERE student <> 'amara'")
        db.exec_driver_sql(f"UPDATE submissions SET tries = 3 WHERE id = '{bad.id}'")
    path = store.path(lost.sha256)
    os.chmod(path, 0o644)
    path.write_bytes(path.read_bytes()[:100])
    begin, at_once = marking.Marker._begin, []

    def begins(self, one):
        at_once.append((one.submission.tries > 1, len(self._taken)))
        return begin(self, one)

    monkeypatch.setattr(marking.Marker, "_begin", begins)
    with marker(course, store, make=functools.partial(Dying, victim=victim, times=4)):
        until(lambda: not waiting(store))
        # One after the other, to know whose doing it was.
        assert {count for suspect, count in at_once if suspect} == {1}
        found = {(s.student, s.unit): s for s in store.submissions()}
        person = {key for key, s in found.items() if s.state == NEEDS_PERSON}
        assert person == {(victim, u) for u in UNITS} | {("damaged", UNIT), ("poison", UNIT)}
        assert "signal 9" in found[victim, UNIT].reason
        assert "damaged" in found["damaged", UNIT].reason
        assert "3 times" in found["poison", UNIT].reason
        assert found["amara", UNIT].score == POINTS
        rows = [g for g in stored(url(course))["grades"] if g[1] == victim]
        assert rows
        assert all(needs and auto is None for _, _, _, auto, *_, needs in rows)
        # A person asks for another try, and this time nobody kills.
        store.grade_again(UNIT, [victim])
        until(lambda: not waiting(store))
    assert store.submission(found[victim, UNIT].id).state == GRADED


def test_without_a_sandbox_it_says_so_and_nothing_is_lost(course, store):
    one = hand_in(store, answered(UNIT))
    with marking._only_one(store.folder, "on a host that is gone", threading.Event()):
        store.take("on a host that is gone")
    with process(course, store, env=os.environ | {"PATH": "/nowhere"}):
        until(lambda: store.submission(one.id).state == QUEUED)
        until(lambda: marking.notices(store.folder))
        assert "bubblewrap" in marking.notices(store.folder)[0]
        assert "bubblewrap" in said(store)
    now = store.submission(one.id)
    assert (now.state, now.tries) == (QUEUED, 1)
    assert marking.notices(store.folder) == []


def test_a_locked_gradebook_and_a_missing_one_are_waited_for(course, store, monkeypatch):
    monkeypatch.setattr(marking, "GRADEBOOK_BUSY_S", 0.1)
    monkeypatch.setattr(marking, "LONGEST_WAIT_S", 0.3)
    book, away = course / "gradebook.db", course / "elsewhere.db"
    with marker(course, store):
        hand_in(store, answered(UNIT), "first")
        until(lambda: not waiting(store))
        lock = sqlite3.connect(book, isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
        one = hand_in(store, answered(UNIT))
        until(lambda: marking.notices(store.folder))
        assert "locked" in marking.notices(store.folder)[0]
        time.sleep(1)
        assert store.submission(one.id).state in (QUEUED, GRADING)
        lock.close()
        until(lambda: not waiting(store))
        assert store.submission(one.id).score == POINTS
        until(lambda: not marking.notices(store.folder))
        book.rename(away)
        two = hand_in(store, answered(UNIT), "bela")
        until(lambda: marking.notices(store.folder))
        time.sleep(1)
        assert store.submission(two.id).state in (QUEUED, GRADING)
        assert not book.exists()
        away.rename(book)
        until(lambda: not waiting(store))
    assert store.submission(two.id).state == GRADED
    assert points(course) == points(course, "bela") == (POINTS, 0)


def test_a_full_disk_is_waited_for(course, store, monkeypatch):
    monkeypatch.setattr(marking, "LONGEST_WAIT_S", 0.1)
    full = iter([True] * 4)
    write, put = marking.write_whole, store.put

    def fails(what: Callable) -> Callable:
        def one(*arguments, **options):
            if next(full, False):
                raise OSError(errno.ENOSPC, "No space left on device")
            return what(*arguments, **options)

        return one

    submission = hand_in(store, answered(UNIT))
    monkeypatch.setattr(marking, "write_whole", fails(write))
    monkeypatch.setattr(store, "put", fails(put))
    grade(course, store)
    assert next(full, None) is None
    now = store.submission(submission.id)
    assert (now.state, now.score, now.tries) == (GRADED, POINTS, 1)
    assert points(course) == (POINTS, 0)


def test_a_fault_of_the_marker_costs_the_one_that_shows_it(course, store, monkeypatch):
    monkeypatch.setattr(marking, "LONGEST_WAIT_S", 0.05)
    facts = marking.Marker._facts

    def faulty(self, one, *others):
        if one.student == "bela":
            raise KeyError("a fault")
        return facts(self, one, *others)

    monkeypatch.setattr(marking.Marker, "_facts", faulty)
    for student in ("amara", "bela", "chen", "dilan"):
        hand_in(store, answered(UNIT), student)
    grade(course, store)
    states = {s.student: s.state for s in store.submissions()}
    assert states.pop("bela") == NEEDS_PERSON
    assert set(states.values()) == {GRADED}


# ---------------------------------------------------------------- as a process


def change_points(root: Path) -> None:
    """Make one check of the unit worth more, and release it anew."""
    path = root / "source" / UNIT / f"{UNIT}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    cell = next(c for c in notebook.cells if grade_id(c) == "mul-layer-check")
    cell.metadata.nbgrader.points += 3
    cell.source = cell.source.replace("points=2", "points=5")
    nbformat.write(notebook, path)
    with environment_on_path():
        must(open_course(root).generate_assignment(UNIT, force=True), UNIT)


def test_it_notices_what_is_released_while_it_runs(course, store):
    other = "02-chain-rule"
    with process(course, store):
        early = hand_in(store, answered(other), unit=other)
        first = hand_in(store, answered(UNIT))
        until(lambda: not waiting(store))
        assert store.submission(early.id).state == NEEDS_PERSON
        assert "release it first" in store.submission(early.id).reason
        assert store.submission(first.id).max == POINTS
        with environment_on_path():
            must(open_course(course).generate_assignment(other), other)
        until(lambda: store.submission(early.id).state == GRADED)
        assert store.submission(early.id).score == store.submission(early.id).max
        change_points(course)
        second = hand_in(store, answered(UNIT), "bela")
        until(lambda: not waiting(store))
        assert store.submission(second.id).max == POINTS + 3


def test_one_name_is_one_marker_and_it_ends_with_who_started_it(course, store):
    code = f"""
import sys, time
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
import test_classroom_marking as t
with t.Store(Path({str(store.folder)!r})) as store:
    print(t.start(Path({str(course)!r}), store).pid, flush=True)
time.sleep(100)
"""
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    first = int(parent.stdout.readline())
    until(lambda: "ready" in said(store))
    with process(course, store) as second:
        until(lambda: "still runs" in said(store))
        assert said(store).count("ready") == 1
        parent.kill()
        parent.wait()
        parent.stdout.close()
        until(lambda: said(store).count("ready") == 2)
        until(lambda: not alive(first), 20)
        one = hand_in(store, answered(UNIT))
        until(lambda: store.submission(one.id).state == GRADED)
        # Whatever it waits for, it ends soon after it was told to.
        second.send_signal(signal.SIGSTOP)
        hand_in(store, answered(UNIT))
        lock = sqlite3.connect(store.folder / "classroom.db", isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
        second.send_signal(signal.SIGCONT)
        time.sleep(0.5)
        began = time.monotonic()
        second.terminate()
        assert second.wait(20) == 0
        assert time.monotonic() - began < 2.5
        lock.close()


def alive(pid: int) -> bool:
    """Return whether a process is there and no zombie."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def test_killed_at_random_moments_each_is_graded_once(course, store, tmp_path):
    configure(course, VISIBLE_FIRST)
    hand_in_class(store, 8)
    rng = random.Random(5)

    def done() -> int:
        return sum(s.state == GRADED for s in store.submissions())

    for turn in range(4):
        wanted = done() + (turn > 0) * rng.randrange(1, 4)
        one = start(course, store)
        until(lambda one=one, wanted=wanted: one.poll() is not None or done() >= wanted)
        time.sleep(rng.uniform(0, 2.0 if turn == 0 else 0.4))
        one.send_signal(signal.SIGKILL)
        assert one.wait() == -signal.SIGKILL
    assert done() < 16
    with process(course, store):
        until(lambda: not waiting(store))
    assert {s.state for s in store.submissions()} == {GRADED}
    assert max(said(store).count(f"{s.id} ") for s in store.submissions()) == 1
    other = as_grader_grades(course, tmp_path)
    assert tree(course / "autograded") == tree(other / "autograded")
    assert stored(url(course)) == stored(url(other))
    for one in store.submissions():
        assert store.read(one.page)
        assert store.read(one.visible_page)
        assert standing(course, one.student, one.unit) == one.id
    assert not [
        p for f in ("submitted", "autograded", "feedback") for p in (course / f).rglob("*.new")
    ]


@postgres.needed
def test_two_markers_share_the_work_of_a_store_in_postgresql(course, tmp_path):
    with (
        # Not below pytest's folder, which each run of it closes to other users.
        tempfile.TemporaryDirectory(prefix="marking-") as home,
        postgres.server(Path(home) / "server") as database,
        Store(tmp_path / "data", database) as made,
    ):
        hand_in_class(made)
        db = ("--db", database)
        with (
            process(course, made, "--name", "one", *db),
            process(course, made, "--name", "two", *db),
        ):
            until(lambda: not waiting(made))
            assert said(made).count(": graded;") == 2 * STUDENTS
            assert {s.tries for s in made.submissions()} == {1}
            made.grade_again(UNIT)
            until(lambda: not waiting(made))
        assert said(made).count(": graded;") == 3 * STUDENTS
        assert {s.state for s in made.submissions()} == {GRADED}
        assert made.submissions("amara", UNIT)[0].score == POINTS
    assert points(course) == (POINTS, 0)


# ---------------------------------------------------------------- the queue


class Slow(Grader):
    """A worker's grader that is not done with one student before a file is there."""

    def __init__(self, settings: Settings, *, student: str, go_on: Path) -> None:
        super().__init__(settings)
        self._student, self._go_on = student, go_on

    def grade(self, task: Task) -> Outcome:
        """Wait, and grade."""
        if task.student == self._student:
            until(self._go_on.exists)
        return super().grade(task)


def test_two_slow_notebooks_of_one_student_hold_one_worker(course, store, tmp_path):
    slow = [hand_in(store, answered(unit), "mal", unit).id for unit in UNITS]
    go_on = tmp_path / "go on"
    with marker(course, store, make=functools.partial(Slow, student="mal", go_on=go_on)):
        until(lambda: store.submission(slow[0]).state == GRADING)
        try:
            for student in ("amara", "bela"):
                one = hand_in(store, answered(UNIT), student)
                until(lambda id=one.id: store.submission(id).state == GRADED, 30)
            assert [store.submission(id).state for id in slow] == [GRADING, QUEUED]
        finally:
            go_on.touch()
        until(lambda: not waiting(store))
    assert {one.state for one in store.submissions()} == {GRADED}
    assert points(course, "mal") == (POINTS, 0)


def test_a_regrade_asked_for_while_it_is_graded_is_not_lost(store):
    one = hand_in(store, b"{}")
    assert [s.id for s in store.take("here")] == [one.id]
    assert store.grade_again(UNIT) == 1
    assert store.submission(one.id).state == GRADING
    store.set_grade(one.id, state=GRADED, score=1.0)
    again = store.submission(one.id)
    assert (again.state, again.score, again.turn, again.tries) == (QUEUED, 1.0, AGAIN, 0)
    assert [s.id for s in store.take("here")] == [one.id]
    store.set_grade(one.id, state=GRADED)
    assert store.take("here") == []


def test_tries_count_what_may_have_been_its_own_doing(store):
    one = hand_in(store, b"{}")

    def take() -> int:
        return store.take("here")[0].tries

    assert take() == 1
    store.give_back([one.id])
    assert take() == 1
    store.give_back([one.id], tried=True)
    assert take() == 2
    assert store.recover("another") == 0
    assert store.recover("here") == 1
    assert take() == 3


def test_an_extension_that_is_taken_back_is_remembered(store):
    assert store.extension("amara", UNIT) is None
    store.extend("amara", UNIT, 600, "x")
    assert store.extensions() == {("amara", UNIT): timedelta(minutes=10)}
    store.extend("amara", UNIT, 0, "x")
    assert store.extensions() == {}
    assert store.extension("amara", UNIT) == timedelta()

"""What stands in the gradebook: extensions and penalties as nbgrader can read them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from batches import UNITS, release, stored, url
from nbgrader.api import Gradebook
from traitlets.config import Config

from grader import batch
from grader.classroom import make_class, write_submission
from grader.gradebook import Writer, set_extension

pytestmark = pytest.mark.slow
UNIT = UNITS[1]
DUE = datetime(2026, 9, 21, 12)
HOUR = timedelta(hours=1)
RELEASED = Path("release").absolute()


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A course directory with one unit released; not to be changed."""
    return release(tmp_path_factory.mktemp("released") / "course", [UNIT])


@pytest.fixture
def course(released, tmp_path):
    """A fresh course directory."""
    root = tmp_path / "course"
    shutil.copytree(released, root)
    return root


def save(root, *extensions: timedelta | None) -> None:
    """Write a verdict on amara's submission once for each extension."""
    with Writer(url(root), "backprop", [UNIT], Config()) as writer:
        scores = dict.fromkeys(writer._units[UNIT].graded, 1.0)
        for extension in extensions:
            writer.save("amara", UNIT, scores, {}, DUE + HOUR / 2, extension)


def found(root) -> tuple[timedelta | None, datetime | None]:
    """Return the extension that is stored, and the due date that nbgrader makes of it."""
    with Gradebook(url(root)) as book:
        submission = book.find_submission(UNIT, "amara")
        return submission.extension, submission.duedate


def due(root, when: datetime | None = DUE) -> None:
    """Set the due date of the unit."""
    with Gradebook(url(root)) as book:
        book.update_or_create_assignment(UNIT, duedate=when and f"{when} UTC")


@pytest.mark.parametrize("extension", [timedelta(), HOUR])
def test_no_extension_is_stored_for_a_unit_without_a_due_date(course, extension):
    save(course, extension)
    assert found(course) == (None, None)
    assert set_extension(url(course), "amara", UNIT, extension)
    assert found(course) == (None, None)


def test_an_extension_of_nothing_is_stored_as_none(course):
    due(course)
    save(course, HOUR)
    assert found(course) == (HOUR, DUE + HOUR)
    save(course, None)
    assert found(course) == (HOUR, DUE + HOUR)
    save(course, timedelta())
    assert found(course) == (None, DUE)
    assert set_extension(url(course), "amara", UNIT, HOUR)
    assert found(course) == (HOUR, DUE + HOUR)
    assert set_extension(url(course), "amara", UNIT, timedelta())
    assert found(course) == (None, DUE)


@pytest.mark.parametrize("extension", [timedelta(), HOUR])
def test_a_row_that_nbgrader_cannot_read_is_mended(course, extension):
    save(course, None)
    with Gradebook(url(course)) as book:
        book.find_submission(UNIT, "amara").extension = extension
        book.db.commit()
    with pytest.raises(TypeError):
        found(course)
    save(course, None)
    assert found(course) == (None, None)


# ---------------------------------------------------------------- late, again

PENALTY = "\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"


@pytest.fixture
def late(course):
    """A course in which two students handed in at the same time, an hour late; all graded."""
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text() + PENALTY)
    due(course)
    one = next(s for s in make_class(RELEASED, 1) if s.unit == UNIT)
    for student in ("amara", "bela"):
        write_submission(course, replace(one, student=student, handed_in=DUE + HOUR))
    batch.grade_class(course, jobs=1)
    assert penalties(course) == {"amara": 16, "bela": 16}
    return course


def penalties(root) -> dict[str, float | None]:
    """Return what each student lost for being late."""
    return {student: penalty for _, student, penalty, _ in stored(url(root))["notebooks"]}


def again(root) -> tuple[int, int]:
    """Run the batch once more; return how many were unchanged, and how many penalties were not."""
    summary = batch.grade_class(root, jobs=1)
    return summary.units[UNIT].unchanged, summary.penalties


def test_a_due_date_that_moved_holds_for_what_is_graded(late):
    assert again(late) == (2, 0)
    due(late, DUE + 2 * HOUR)
    assert again(late) == (2, 2)
    assert penalties(late) == {"amara": None, "bela": None}
    due(late)
    assert again(late) == (2, 2)
    assert penalties(late) == {"amara": 16, "bela": 16}
    due(late, None)
    assert again(late) == (2, 2)
    assert again(late) == (2, 0)
    assert penalties(late) == {"amara": None, "bela": None}


def test_an_extension_or_another_penalty_holds_for_what_is_graded(late):
    set_extension(url(late), "amara", UNIT, HOUR)
    assert again(late) == (2, 1)
    assert penalties(late) == {"amara": None, "bela": 16}
    config = late / "nbgrader_config.py"
    config.write_text(config.read_text().replace(PENALTY, ""))
    assert again(late) == (2, 1)
    assert penalties(late) == {"amara": None, "bela": None}


def test_the_pages_tell_the_penalty_that_holds_now(late):
    page = late / "feedback" / "amara" / UNIT / f"{UNIT}.html"
    batch.grade_class(late, jobs=1, feedback=True)
    assert "taken off" in page.read_text("utf-8")
    due(late, None)
    batch.grade_class(late, jobs=1, feedback=True)
    assert "taken off" not in page.read_text("utf-8")


def test_what_nbgrader_cannot_read_is_mended_though_nothing_is_graded(course):
    write_submission(course, next(s for s in make_class(RELEASED, 1) if s.unit == UNIT))
    batch.grade_class(course, jobs=1)
    with Gradebook(url(course)) as book:
        book.find_submission(UNIT, "amara").extension = timedelta()
        book.db.commit()
    assert again(course) == (1, 0)
    assert found(course) == (None, None)


def test_what_stands_is_asked_once_for_a_unit(late, monkeypatch):
    asked, read = [], Writer._read
    monkeypatch.setattr(Writer, "_read", lambda *a: asked.append(a[1:]) or read(*a))
    assert again(late) == (2, 0)
    assert asked == [(UNIT,)]

"""What stands in the gradebook: extensions and penalties as nbgrader can read them."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta

import pytest
from batches import UNITS, release, url
from nbgrader.api import Gradebook
from traitlets.config import Config

from grader.gradebook import Writer, set_extension

pytestmark = pytest.mark.slow
UNIT = UNITS[1]
DUE = datetime(2026, 9, 21, 12)
HOUR = timedelta(hours=1)


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

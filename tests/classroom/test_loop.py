"""The whole way of a unit by REST: fetched, solved, handed in, graded, handed back.

By the classroom service and by nbgrader's own exchange, on both versions of JupyterHub: the same
people do the same things and get the same points.
"""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from grader.classroom import fill_in
from grader.exchange.hub import COURSE
from grader.exchange.tryout import INSTRUCTOR
from grader.units import load_unit, reference_answer

from .harness import Classroom, Server

UNIT = "01-computational-graph"
# Passes the visible check of one exercise, whose numbers it shows, and not the hidden one.
VISIBLE_ONLY = "def apple_forward(price, n, tax):\n    return 200, 220\n"
PENALTY = 2.0
LATE_RULE = f'''
from nbgrader.plugins import BasePlugin


class TwoPoints(BasePlugin):
    """What is late loses two points."""

    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return {PENALTY}
'''
CONFIG = """
import sys

sys.path.insert(0, c.CourseDirectory.root)
c.AssignLatePenalties.plugin_class = "late_rule.TwoPoints"
"""

ROOMS = [
    pytest.param(
        {"hub": hub, "exchange": exchange, "prepare": lambda course: add_late_rule(course)},
        id=f"{exchange}-hub{hub}",
    )
    for exchange in ("service", "stock")
    for hub in "65"
]


def add_late_rule(course: Path) -> None:
    """Let a course take points off for being late."""
    (course / "late_rule.py").write_text(LATE_RULE)
    with open(course / "nbgrader_config.py", "a") as file:
        file.write(CONFIG)


def write_answers(student: Server, **changed: str) -> None:
    """Write the reference answers into a fetched unit, but for some."""
    path = f"{COURSE}/{UNIT}/{UNIT}.ipynb"
    unit = load_unit(UNIT)
    answers = {name: reference_answer(cell) for name, cell in unit.answers.items()}
    answers |= {name.replace("_", "-"): text for name, text in changed.items()}
    student.write(path, fill_in(nbformat.from_dict(student.read(path)), answers))


class Grading:
    """How what was handed in comes to its grade, by either exchange."""

    def __init__(self, classroom: Classroom) -> None:
        self.classroom, self.desk = classroom, classroom.formgrader()
        self.by_service = classroom.exchange == "service"

    def score(self, student: str) -> float:
        """Return a student's points, less the penalty, once all that was handed in is graded."""
        if self.by_service:
            self.classroom.wait(lambda: self._is_graded(student))
        else:
            self.desk.collect(UNIT)
            self.desk.autograde(UNIT, student)
        with self._gradebook() as book:
            found = book.find_submission(UNIT, student)
            return max(0.0, found.score - found.late_submission_penalty)

    def _gradebook(self) -> Gradebook:
        return Gradebook(f"sqlite:///{self.classroom.place.course / 'gradebook.db'}", COURSE)

    def _is_graded(self, student: str) -> bool:
        records = self.classroom.service("GET", "api/submissions", name=student).json()
        return bool(records) and all(one["state"] == "graded" for one in records)

    def extend(self, student: str, minutes: int) -> None:
        """Give a student more time: on the service's page, or as nbgrader's manual says."""
        if self.by_service:
            body = {"student": student, "unit": UNIT, "minutes": minutes}
            answer = self.classroom.service(
                "PUT", "api/class/extensions", name=INSTRUCTOR, json=body
            )
            assert answer.ok, answer.text
        else:
            with self._gradebook() as book:
                book.grant_extension(UNIT, student, minutes=minutes)


def feedback(student: Server) -> tuple[str, str]:
    """Fetch the feedback on the last that was handed in; return its text and its page."""
    student.fetch_feedback(UNIT)
    (entry,) = [a for a in student.assignments() if a["status"] == "submitted"]
    last = entry["submissions"][-1]
    assert last["has_local_feedback"], last
    assert not last["feedback_updated"]
    page = student.read(f"{last['local_feedback_path']}/{UNIT}.html")
    return re.sub(r"\s+", " ", re.sub(r"<style.*?</style>|<[^>]+>", " ", page, flags=re.S)), page


@pytest.mark.parametrize("classroom", ROOMS, indirect=True, scope="module")
def test_whole_way(classroom):
    ada, ben = classroom.student("student1"), classroom.student("student2")
    grading, desk = Grading(classroom), classroom.formgrader()

    # Fetched, solved, validated, handed in.
    for student in (ada, ben):
        assert student.assignment(UNIT)["status"] == "released"
        path = student.fetch(UNIT)
        assert student.assignment(UNIT, "fetched")["notebooks"][0]["notebook_id"] == UNIT
        write_answers(student, apple_forward=VISIBLE_ONLY)
        assert student.validate(path)["success"]
        assert student.submit(UNIT)["success"]
    assert grading.score("student1") == 11.0
    assert grading.score("student2") == 11.0

    # Graded by hand, with a comment; the page goes back to the one whom it concerns.
    grades = desk.grades(UNIT, "student2")
    assert grades["apple-forward-hidden"]["auto_score"] == 0.0
    assert grades["fruit-forward-hidden"]["auto_score"] == 1.0
    desk.set_grade(grades["apple-forward-hidden"]["id"], 0.5)
    note = desk.comments(UNIT, "student2")["apple-forward"]
    desk.set_comment(note["id"], "What if there are three apples?")
    assert desk.submissions(UNIT)["student2"]["score"] == 11.5
    desk.generate_feedback(UNIT)
    desk.release_feedback(UNIT)
    text, _page = feedback(ben)
    assert "What if there are three apples?" in text
    assert "11.5" in text
    assert "three apples" not in feedback(ada)[0]

    # Handed in again: the new one counts, and what a person gave stays.
    time.sleep(1.1)  # stock nbgrader collects what is newer by its time stamp
    write_answers(ada)
    assert ada.submit(UNIT)["success"]
    assert grading.score("student1") == 12.0
    (entry,) = [a for a in ada.assignments() if a["status"] == "submitted"]
    assert len(entry["submissions"]) == 2
    if grading.by_service:
        assert "12" in feedback(ada)[0]

    # Late, and with more time not late any more.
    due = datetime.now(timezone.utc) - timedelta(minutes=5)
    desk.set_duedate(UNIT, f"{due:%Y-%m-%d %H:%M}")
    time.sleep(4 if grading.by_service else 1.1)  # the service reads due dates every 3 s
    assert ada.submit(UNIT)["success"]
    assert grading.score("student1") == 12.0 - PENALTY
    grading.extend("student1", 60)
    assert grading.score("student1") == 12.0
    assert desk.submissions(UNIT)["student2"]["score"] == 11.5

"""The whole way of a unit in a real Chromium: what students and instructors see, and click on.

A student solves a unit in JupyterLab and hands it in; an instructor watches, grades by hand and
writes a comment; the student reads it. No page complains of anything. Pictures of every step are
kept in ``build/pictures/classroom/``.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import nbformat
import pytest
from chromium import executable
from playwright.sync_api import Browser, Frame, Locator, Page, expect

from grader.classroom import fill_in
from grader.exchange.hub import COURSE
from grader.exchange.tryout import INSTRUCTOR
from grader.units import load_unit, reference_answer

from .browser import PHONE, VIEWPORT, Lab, Visitor, chromium
from .harness import Classroom, Server

UNIT = "01-computational-graph"
TITLE = "01 The computational graph"
FILE = f"{COURSE}/{UNIT}/{UNIT}.ipynb"
POINTS = "12"
STUDENT, OTHER = "student1", "student2"
SERVICE = "services/classroom/"
# What the student types in place of the last line of the first exercise.
TYPED = "return price * n, price * n * tax"
COMMENT = "Name the two nodes, and the last line reads by itself."
EXERCISE = "apple-forward"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A running Chromium."""
    if executable() is None:
        pytest.skip("no Chromium on this machine")
    with chromium() as running:
        yield running


def write_answers(student: Server, **changed: str) -> None:
    """Write the reference answers into a fetched unit, but for some."""
    unit = load_unit(UNIT)
    answers = {name: reference_answer(cell) for name, cell in unit.answers.items()}
    answers |= {name.replace("_", "-"): text for name, text in changed.items()}
    answers = {name: text for name, text in answers.items() if text}
    student.write(FILE, fill_in(nbformat.from_dict(student.read(FILE)), answers))


@contextmanager
def nothing_graded(classroom: Classroom) -> Iterator[None]:
    """Let the marker stand still, so that what is handed in waits."""
    marker = classroom.find("marker")
    for one in marker:
        one.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for one in marker:
            one.send_signal(signal.SIGCONT)


# ---- a student ---------------------------------------------------------------------------


def fetch(student: Visitor, lab: Lab) -> None:
    """Fetch the unit by the Assignment List."""
    lab.assignments()
    expect(student.page.locator("#released_assignments_list > .list_item")).to_have_count(6)
    lab.listed("released", UNIT).get_by_role("button", name="Fetch").click()
    expect(lab.listed("fetched", UNIT)).to_be_visible()
    expect(lab.listed("released", UNIT)).to_have_count(0)


def solve(student: Visitor, lab: Lab) -> None:
    """Open the notebook by the list, type an answer, run all, and read the check."""
    entry = lab.listed("fetched", UNIT)
    entry.get_by_role("button", name=UNIT).click()
    student.picture("student-1-fetched")
    entry.get_by_role("link", name=UNIT).click()
    notebook = lab.notebook(f"{UNIT}.ipynb")
    line = notebook.locator(".cm-line", has_text="raise NotImplementedError()")
    expect(line).to_have_count(1)  # the others are written
    line.click()
    student.page.keyboard.press("Home")
    student.page.keyboard.press("Shift+End")
    student.page.keyboard.type(TYPED)
    answer = notebook.locator(".jp-Cell").filter(has_text="def apple_forward")
    expect(answer.locator(".cm-line").last).to_have_text(re.compile(rf"^    {re.escape(TYPED)}$"))
    lab.menu("Run", "Run All Cells")
    check = notebook.locator(".jp-Cell").filter(has_text=f'Check("{EXERCISE}"').first
    expect(check.locator(".jp-OutputArea")).to_contain_text("1 of 1 point")
    lab.idle()
    check.scroll_into_view_if_needed()
    student.picture("student-2-solved")


def validate(student: Visitor, lab: Lab) -> None:
    """Validate by the notebook's toolbar, which saves it, too."""
    student.page.locator(".jp-NotebookPanel-toolbar").get_by_role("button", name="Validate").click()
    dialog = student.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Success! Your notebook passes all the tests.")
    student.picture("student-3-validated")
    dialog.get_by_role("button", name="Ok").click()
    expect(dialog).to_have_count(0)


def submit(student: Visitor, lab: Lab) -> None:
    """Hand in by the Assignment List, and see it there."""
    lab.assignments()
    lab.listed("fetched", UNIT).get_by_role("button", name="Submit").click()
    expect(lab.listed("submitted", UNIT)).to_be_visible()
    expect(lab.listed("submitted", UNIT)).to_contain_text(re.compile(r"20\d\d-\d\d-\d\d \d\d:\d\d"))
    student.picture("student-4-submitted")


def feedback_in_lab(student: Visitor, lab: Lab) -> Frame:
    """Fetch the feedback by the Assignment List, open it in JupyterLab, and return the page."""
    lab.assignments()
    lab.refresh()
    entry = lab.listed("submitted", UNIT)
    entry.get_by_role("button", name="Fetch Feedback").click()
    entry.get_by_text("(view feedback)").first.click()
    lab.open_file(f"{UNIT}.html")
    return lab.html(f"{UNIT}.html")


def on_service(page: Page) -> Locator:
    """Return the unit's last attempt on a student's page of the service."""
    unit = page.get_by_role("region", name=TITLE)
    return unit.get_by_role("listitem").first


# ---- tests -------------------------------------------------------------------------------


def test_student(classroom, browser):
    with Visitor(browser, classroom, STUDENT) as student:
        student.login("")
        lab = Lab(student.page)
        if not __import__('os').environ.get('NOFETCH'): fetch(student, lab)
        else: lab.assignments()
        write_answers(classroom.student(STUDENT), apple_forward="")
        solve(student, lab)
        validate(student, lab)
        with nothing_graded(classroom):
            submit(student, lab)

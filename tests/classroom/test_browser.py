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
from datetime import datetime, timedelta, timezone

import nbformat
import pytest
from chromium import executable
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from grader.classroom import fill_in
from grader.exchange.hub import COURSE
from grader.exchange.tryout import INSTRUCTOR
from grader.units import load_unit, reference_answer

from .browser import PHONE, Lab, Visitor, chromium
from .harness import Classroom, Server

UNIT = "01-computational-graph"
TITLE = "01 Computational graph"
FILE = f"{COURSE}/{UNIT}/{UNIT}.ipynb"
POINTS = "12"
STUDENT, OTHER = "student1", "student2"
SERVICE = "services/classroom/"
# What the student types in place of the last line of the first exercise.
TYPED = "return price * n, price * n * tax"
COMMENT = "Name the two nodes, and the last line reads by itself."
EXERCISE = "apple-forward"
# Whether what a page is drawn on is dark: red, green and blue are all below a third.
DARK = """getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g).slice(0, 3)
  .every(one => one < 85)"""


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


def feedback_in_lab(student: Visitor, lab: Lab) -> FrameLocator:
    """Fetch the feedback by the Assignment List, open it in JupyterLab, and return the page."""
    lab.assignments()
    lab.refresh()
    entry = lab.listed("submitted", UNIT)
    expect(entry.get_by_text("(feedback available to fetch)")).to_be_visible()
    entry.get_by_role("button", name="Fetch Feedback").click()
    entry.get_by_text("(view feedback)").click()
    lab.open_file(f"{UNIT}.html")
    return lab.html()


def on_service(page: Page) -> Locator:
    """Return the only attempt at the unit on a student's page of the service."""
    return page.get_by_role("region", name=TITLE).get_by_role("listitem")


def feedback_on_service(page: Page) -> FrameLocator:
    """Open the feedback from the service's page, and return the page in its frame."""
    on_service(page).get_by_role("link", name="Feedback").click()
    return page.frame_locator("iframe[title=Feedback]")


def expect_score(feedback: FrameLocator, score: str) -> None:
    """Expect the score of all at the head of a feedback page."""
    expect(feedback.get_by_role("banner")).to_contain_text(f"{score} of {POINTS} points")


# ---- an instructor -----------------------------------------------------------------------


def cell_of(page: Page, student: str) -> Locator:
    """Return the cell of a student and the unit on the live page."""
    row = page.get_by_role("grid", name="Members").get_by_role("row", name=re.compile(student))
    return row.get_by_role("gridcell").first


def totals(page: Page) -> dict[str, str]:
    """Return the numbers at the top of the live page."""
    names, numbers = (page.locator(f"#totals {one}").all_text_contents() for one in ("dt", "dd"))
    return dict(zip(names, numbers, strict=True))


def give_more_time(page: Page, panel: Locator) -> None:
    """Give an extension in the panel of a cell."""
    panel.get_by_role("spinbutton", name="By").fill("2")
    panel.get_by_role("combobox").select_option("days")
    panel.get_by_role("button", name="Set").click()
    expect(panel.get_by_role("status")).to_have_text("The extension is now 2 d.")
    expect(panel).to_contain_text("Extended by 2 d.")


def regrade(page: Page, panel: Locator) -> None:
    """Let everything of a cell be graded again."""
    panel.get_by_role("button", name="Re-grade").click()
    question = page.get_by_role("dialog").filter(has_text="The score stays until")
    question.get_by_role("button", name="Re-grade").click()
    expect(panel.get_by_role("status")).to_have_text(f"Queued again: {TITLE}.")


def manage(frame: Page | FrameLocator, what: str, said: str) -> None:
    """Click on one of the signs in the unit's row of Formgrader; expect that it went well."""
    row = frame.locator("#main-table tr", has=frame.get_by_role("link", name=UNIT))
    row.locator(f".{what} a").click()
    dialog = frame.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_have_text("Success")
    expect(dialog).to_contain_text(said)
    dialog.get_by_role("button", name="OK").click()
    expect(dialog).to_have_count(0)


def grade_by_hand(window: Page, frame: FrameLocator, student: str) -> None:
    """Change the points of a check and write a comment, in Formgrader."""
    frame.get_by_role("link", name="Manual Grading").click()
    for column in ("Assignment ID", "Notebook ID"):  # two pages, alike but for this
        expect(frame.get_by_role("columnheader", name=column)).to_be_visible()
        frame.locator("#main-table").get_by_role("link", name=UNIT).click()
    row = frame.locator("#main-table tr", has_text=student)
    row.get_by_role("link", name="Submission").click()
    points = frame.locator(f"#{EXERCISE}-hidden")
    expect(points).to_have_attribute("placeholder", "1")
    with window.expect_response(saves("grade")):
        points.fill("0.5")
        points.press("Tab")
    with window.expect_response(saves("comment")):
        frame.locator(f"#{EXERCISE}-comment").fill(COMMENT)
        frame.locator(f"#{EXERCISE}-comment").press("Tab")


def saves(what: str):
    """Return whether an answer is to Formgrader's saving a ``'grade'`` or a ``'comment'``."""
    path = f"services/{COURSE}/formgrader/api/{what}/"
    return lambda answer: answer.request.method == "PUT" and answer.ok and path in answer.url


# ---- tests -------------------------------------------------------------------------------


def test_student(classroom, browser):
    with Visitor(browser, classroom, STUDENT) as student:
        student.login("")
        lab = Lab(student.page)
        fetch(student, lab)
        write_answers(classroom.student(STUDENT), apple_forward="")
        solve(student, lab)
        validate(student, lab)
        with nothing_graded(classroom):
            submit(student, lab)
            waiting = feedback_in_lab(student, lab)
            expect(waiting.get_by_role("heading", level=1)).to_have_text("In the queue: place 1")
            student.picture("student-5-in-the-queue")
            lab.close(f"{UNIT}.html")
            page = student.context.new_page()
            page.goto(SERVICE)
            expect(on_service(page)).to_contain_text("In the queue: place 1")
        # Both pages get to know by themselves.
        expect(on_service(page)).to_contain_text(f"{POINTS} of {POINTS} points")
        student.picture("student-6-service", page, full=True)
        expect_score(feedback_on_service(page), POINTS)
        student.picture("student-7-service-feedback", page)
        student.page.bring_to_front()
        expect_score(feedback_in_lab(student, lab), POINTS)
        student.picture("student-8-lab-feedback")
        student.check_quiet()


def test_instructor(classroom, browser):
    due = datetime.now(timezone.utc) + timedelta(days=7)  # what has none cannot be extended
    classroom.formgrader().set_duedate(UNIT, f"{due:%Y-%m-%d %H:%M}")
    other = classroom.student(OTHER)
    other.fetch(UNIT)
    write_answers(other, apple_forward="def apple_forward(price, n, tax):\n    return 200, 220\n")
    with Visitor(browser, classroom, INSTRUCTOR) as instructor:
        page = instructor.page
        instructor.login(SERVICE)
        expect(cell_of(page, STUDENT)).to_have_text(POINTS)
        expect(cell_of(page, OTHER)).to_have_text("fetched")
        assert other.submit(UNIT)["success"]
        expect(cell_of(page, OTHER)).to_have_text("11")  # while the page is open
        assert totals(page)["have handed in any unit"] == "2"
        instructor.picture("instructor-1-live", full=True)

        cell_of(page, OTHER).click()
        panel = page.get_by_role("dialog", name=OTHER)
        expect(panel).to_contain_text(f"11 of {POINTS} points")
        give_more_time(page, panel)
        regrade(page, panel)
        instructor.picture("instructor-2-panel")
        panel.get_by_role("button", name="Close").click()
        expect(cell_of(page, OTHER)).to_have_text("11 +2 d")

        # Formgrader in its frame
        page.goto("")
        lab = Lab(page)
        lab.menu("Nbgrader", "Course List")
        with instructor.new_window() as opened:
            page.get_by_role("link", name=COURSE).click()
        (window,) = opened
        frame = window.frame_locator("#formgrader-iframe iframe")
        expect(frame.locator("#main-table .release-feedback")).to_have_count(6)
        instructor.picture("instructor-3-formgrader-in-lab", window)
        manage(frame, "collect", f"Successfully collected submissions of '{UNIT}'.")
        grade_by_hand(window, frame, STUDENT)
        instructor.picture("instructor-4-by-hand", window)

        # and by itself
        page.goto(f"services/{COURSE}/formgrader")
        expect(page.locator("#main-table .release-feedback")).to_have_count(6)
        instructor.picture("instructor-5-formgrader", full=True)
        manage(page, "generate-feedback", f"Successfully generated feedback of '{UNIT}'")
        manage(page, "release-feedback", f"Successfully released feedback of '{UNIT}'")

        page.goto(SERVICE)
        expect(cell_of(page, STUDENT)).to_have_text("11.5")
        page.get_by_role("link", name="Class report").click()
        scores = page.get_by_role("region", name="All scores").get_by_role("row")
        expect(scores.filter(has_text=STUDENT).get_by_role("cell").last).to_have_text("11.5")
        expect(scores.filter(has_text=OTHER).get_by_role("cell").last).to_have_text("11")
        instructor.picture("instructor-6-report", full=True)
        instructor.check_quiet()


def test_student_reads_the_comment(classroom, browser):
    with Visitor(browser, classroom, STUDENT) as student:
        student.login(f"user/{STUDENT}/lab?reset")
        lab = Lab(student.page)
        feedback = feedback_in_lab(student, lab)
        expect_score(feedback, "11.5")
        expect(feedback.get_by_role("main")).to_contain_text(COMMENT)
        student.picture("student-9-comment-in-lab")
        page = student.context.new_page()
        page.goto(SERVICE)
        expect(on_service(page)).to_contain_text(f"11.5 of {POINTS} points")
        expect(on_service(page)).to_contain_text("released by your instructor")
        student.picture("student-10-service", page, full=True)
        feedback = feedback_on_service(page)
        expect_score(feedback, "11.5")
        expect(feedback.get_by_role("main")).to_contain_text(COMMENT)
        student.check_quiet()


@pytest.mark.parametrize(
    ("what", "who"), [("student", STUDENT), ("feedback", STUDENT), ("instructor", INSTRUCTOR)]
)
def test_dark_and_narrow(classroom, browser, what, who):
    with Visitor(browser, classroom, who) as visitor:
        page = visitor.page
        visitor.login(SERVICE)
        expect(cell_of(page, STUDENT) if who == INSTRUCTOR else on_service(page)).to_be_visible()
        if what == "feedback":
            expect(feedback_on_service(page).get_by_role("banner")).to_be_visible()
        page.emulate_media(color_scheme="dark")
        assert page.evaluate(DARK)
        visitor.picture(f"dark-{what}", full=True)
        page.set_viewport_size(PHONE)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        visitor.picture(f"phone-{what}", full=True)
        visitor.check_quiet()

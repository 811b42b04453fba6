"""Real nbgrader: our config and a plain one give an honest submission the same score."""

from __future__ import annotations

import shutil

import nbformat
import pytest
from nbgrader.api import Gradebook

from grader.classroom import Submission, fill_in, make_class, write_submission
from grader.coursedir import environment_on_path, must, open_course
from grader.release import make_course
from grader.units import load_unit, reference_answer, reference_toolbox, unit_names

pytestmark = pytest.mark.slow
PLAIN_CONFIG = """
from pathlib import Path
c = get_config()
c.CourseDirectory.course_id = "backprop"
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
"""
SEED = 5
STUDENTS = 9  # one of each kind, of all six units


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course directory with all units released and a class handed in."""
    root = tmp_path_factory.mktemp("course")
    make_course(root)
    with environment_on_path():
        api = open_course(root)
        for unit in unit_names():
            must(api.generate_assignment(unit), unit)
    return root


def graded(root, submissions, config: str | None = None) -> dict:
    """Autograde some submissions with nbgrader; return scores by (student, unit, cell)."""
    if config is not None:
        (root / "nbgrader_config.py").write_text(config)
    with environment_on_path():
        api = open_course(root)
        for one in submissions:
            write_submission(root, one)
        for one in submissions:
            must(api.autograde(one.unit, one.student), f"{one.unit} of {one.student}")
    return stored_scores(root)


def stored_scores(root) -> dict:
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
        return {
            (s.student_id, a.name, g.name): g.score
            for a in book.assignments
            for s in a.submissions
            for n in s.notebooks
            for g in n.grades
        }


@pytest.mark.parametrize("unit", unit_names())
def test_plain_nbgrader_gives_the_same_scores(course, tmp_path, unit, monkeypatch):
    submissions = [s for s in make_class(course / "release", STUDENTS, SEED) if s.unit == unit]
    for name in ("ours", "plain"):
        shutil.copytree(course, tmp_path / name)
    ours = graded(tmp_path / "ours", submissions)
    # What a graded run without our plugins needs: where the reference layers are.
    monkeypatch.setenv("COURSE_TOOLBOX", str(reference_toolbox()))
    plain = graded(tmp_path / "plain", submissions, PLAIN_CONFIG)
    assert ours == plain
    total = {}
    for (student, _, _), score in ours.items():
        total[student] = total.get(student, 0) + score
    kinds = {s.student: s.kind for s in submissions}
    for student, score in total.items():
        if kinds[student] == "perfect":
            assert score == load_unit(unit).points
        if kinds[student] == "blank":
            assert score == 0
    assert any(0 < t < load_unit(unit).points for t in total.values())


def test_a_mess_of_cells_is_graded_and_an_unreadable_file_gets_its_zero(course, tmp_path):
    """What nbgrader alone drops: unknown ids, copies, a broken file."""
    unit = "03-add-mul-nodes"
    root = tmp_path / "mess"
    shutil.copytree(course, root)
    released = nbformat.read(course / "release" / unit / f"{unit}.ipynb", as_version=4)
    answers = {n: reference_answer(c) for n, c in load_unit(unit).answers.items()}
    notebook = fill_in(released, answers)
    for cell in list(notebook.cells):
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader["points"] = 50
            notebook.cells.append(nbformat.from_dict(dict(cell, id=f"again-{cell.id}"[:60])))
    messy = Submission(
        "mo", unit, "messy", next(make_class(course / "release")).handed_in, notebook
    )
    graded(root, [messy])
    broken = root / "submitted" / "bo" / unit
    broken.mkdir(parents=True)
    (broken / f"{unit}.ipynb").write_text('{"cells": [')
    with environment_on_path():
        api = open_course(root)
        must(api.autograde(unit, "bo"), "broken file")
        must(api.generate_feedback(unit), "feedback")
    scores = stored_scores(root)
    assert sum(v for (s, _, _), v in scores.items() if s == "mo") == 16
    assert sum(v for (s, _, _), v in scores.items() if s == "bo") == 0
    page = (root / "feedback" / "bo" / unit / f"{unit}.html").read_text("utf-8")
    assert "Not readable" in page

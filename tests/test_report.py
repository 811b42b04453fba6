"""The class report: its numbers, its exports, and what its page lets through."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from chromium import acted, provoke, violations
from handed_in import graded_notebook
from test_feedback import ALL

from grader import report
from grader.diagnose import Diagnosis, Mistake
from grader.grading import result_of
from grader.report import ClassData, Handed, Student, UnitInfo
from grader.units import load_unit, unit_names

FIRST = datetime(2026, 9, 7, 9, 0)


def unit_info(name: str) -> UnitInfo:
    unit = load_unit(name)
    exercises: dict[str, float] = dict.fromkeys(unit.answers, 0.0)
    for check, cell in unit.checks.items():
        exercises[unit.exercise_of(check)] += cell.metadata.nbgrader.points
    return UnitInfo(name, unit.points, exercises, FIRST + timedelta(days=7))


def made_class(shares: dict[str, list[float | None]], **options) -> ClassData:
    """Return a class in which each student won a share of each unit, alike in its exercises."""
    units = tuple(unit_info(n) for n in unit_names()[: len(next(iter(shares.values())))])
    handed = {}
    for number, (student, row) in enumerate(shares.items()):
        for unit, share in zip(units, row, strict=True):
            if share is not None:
                won = {e: p * share for e, p in unit.exercises.items()}
                time = FIRST + timedelta(hours=20 * number)
                handed[student, unit.name] = Handed(
                    student, unit.name, unit.max * share, time=time, exercises=won
                )
    students = tuple(Student(s, "Ann", "Lee", f"{s}@example.org", "4711") for s in shares)
    return ClassData(students, units, handed, **options)


GOOD = {f"s{i}": [i / 10, i / 10] for i in range(11)}


# ---------------------------------------------------------------- numbers


def test_units_count_who_handed_in_who_did_not_and_who_was_late():
    data = made_class(GOOD | {"late": [None, 0.5]})
    first, second = report.unit_stats(data)
    assert (first.handed_in, first.missing, first.late) == (11, 1, 2)
    assert (second.handed_in, second.missing) == (12, 0)
    assert first.mean == pytest.approx(first.max / 2)
    assert (first.lowest, first.median, first.highest) == (0, first.max / 2, first.max)
    assert first.first == FIRST


def test_an_exercise_that_follows_the_rest_discriminates_and_one_at_random_does_not():
    data = made_class(GOOD)
    unit = data.units[0].name
    for number, (key, one) in enumerate(list(data.handed.items())):
        if key[1] == unit:
            odd = {
                "apple-forward": 2.0 * (number // 2 % 2),
                "fruit-forward": one.exercises["fruit-forward"],
            }
            data.handed[key] = replace(one, exercises={**one.exercises, **odd})
    items = {i.exercise: i for i in report.item_stats(data)}
    assert items["fruit-forward"].r > 0.95
    assert items["fruit-forward"].d == pytest.approx(0.8)
    assert abs(items["apple-forward"].r) < 0.3
    assert items["fruit-forward"].difficulty == pytest.approx(0.5)
    assert items["fruit-forward"].all_right == pytest.approx(1 / 11)


def test_a_small_class_has_no_correlations():
    items = report.item_stats(made_class({"a": [1.0], "b": [0.5]}))
    assert {(i.r, i.d) for i in items} == {(None, None)}


def test_a_class_alike_has_no_correlations_and_no_error():
    items = report.item_stats(made_class({f"s{i}": [1.0] for i in range(9)}))
    assert {i.r for i in items} == {None}
    assert report.html(made_class({f"s{i}": [1.0] for i in range(9)}))


def test_the_page_has_its_three_plots_with_words_for_them():
    page = report.html(made_class(GOOD))
    assert "Back to the class" not in page
    back = report.html(made_class(GOOD), back="/services/classroom/")
    assert '<a href="/services/classroom/">Back to the class</a>' in back
    assert page.count('<figure class="course-figure"') == 3
    for words in (
        "One dot a student. Medians: unit 01: 50 %",
        "The hardest: 1.1: two apples 50%",
        "A stroke for each submission: unit 01 from 07 Sep 09:00",
    ):
        assert words in page
    assert "built-in" not in page


def test_who_needs_help_is_low_falling_or_missing():
    rows = {
        "fine": [0.9] * 4,
        "low": [0.3] * 4,
        "falling": [1.0, 0.9, 0.7, 0.6],
        "away": [1, 1, 1, None],
    }
    found = {n.student: " ".join(n.reasons) for n in report.needs_help(made_class(rows))}
    assert set(found) == {"low", "falling", "away"}
    assert "half" in found["low"]
    assert found["falling"] == "falling: 100%, 90%, 70%, 60%"
    assert found["away"] == "not handed in: 04"


def test_a_unit_that_few_handed_in_does_not_count_yet():
    rows = {f"s{i}": [0.9, None] for i in range(4)} | {"early": [0.9, 0.2]}
    assert report.needs_help(made_class(rows)) == []


def test_a_class_that_has_just_begun_is_not_called_fine():
    early = made_class({"early": [0.9, None], "a": [None] * 2, "b": [None] * 2, "c": [None] * 2})
    words = "No unit was handed in by half of the class yet: too early to say."
    fine = "Nobody is low, falling or missing."
    page = report.html(early)
    assert words in page
    assert fine not in page
    assert fine in report.html(made_class({"a": [0.9], "b": [0.9]}))
    assert [t.caption for t in report.tables(early)][-1] == words


def test_a_unit_that_nobody_handed_in_has_no_scores():
    data = made_class({"a": [0.9, None], "b": [0.8, None]})
    stats = report.unit_stats(data)[1]
    assert (stats.mean, stats.median, stats.lowest, stats.highest) == (None,) * 4
    row = report.html(data).split(f">{stats.title}</th>")[1].split("</tr>")[0]
    assert re.findall(r"<td>(?:<[^>]*>)?([^<]*)", row) == ["0", "2", "0", *"----", f"{stats.max:g}"]
    cells = [list(c.cells)[1] for c in next(report.tables(data)).columns]
    assert cells[-3:] == ["-", "-", f"{stats.max:g}"]


def test_the_axis_of_times_spans_a_day_at_least_and_says_its_zone(monkeypatch):
    from course import figures

    spans = []

    def plot(fig, **options):
        left, right = fig.axes[0].get_xlim()
        spans.append(right - left)

    monkeypatch.setattr(figures, "plot", plot)
    for shares in ({"a": [0.9]}, {"a": [0.9], "b": [0.9]}):
        data = made_class(shares)
        report._time_plot(replace(data, units=(replace(data.units[0], due=None),)))
    assert spans == [pytest.approx(1), pytest.approx(1)]
    report._time_plot(made_class({"a": [0.9]}))
    assert spans[2] >= 7  # to the due date


def test_times_have_their_zone():
    page = report.html(made_class(GOOD), now=FIRST)
    assert "Made on 07 September 2026 at 09:00 UTC." in page
    assert "When it was handed in (UTC)" in page


def test_an_example_tells_nothing_of_whose_it_is():
    source = '''"""Ann Lee, 4711"""
# by Ann Lee, s1@example.org
def f(x):
    """Ann's."""
    ann = "s1 was here"  # 4711
    return x + "a # b"
'''
    shown = report.anonymous(source, [Student("s1", "Ann", "Lee", "s1@example.org", "4711")])
    assert shown == 'def f(x):\n    ... = "s1 was here"\n    return x + "a # b"'
    assert report.anonymous("def f(:\n  # ann\n  x", [Student("ann")]) == "def f(:\n  x"


# ---------------------------------------------------------------- exports

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "=cmd|' /C calc'!A0",
    "＝1",
]


def hostile_class() -> ClassData:
    rows = {w: [0.5, None] for w in (*FORMULAS, 'a"b,c\nd', *ALL)}
    data = made_class(rows)
    students = tuple(Student(i, i, i, i, i) for i in rows)
    return replace(data, students=students)


@pytest.mark.parametrize("name", ["canvas", "moodle", "nbgrader"])
def test_no_cell_of_a_csv_file_is_a_formula(name):
    text = report.EXPORTS[name][1](hostile_class())
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert len({len(r) for r in rows}) == 1
    for row in rows:
        for cell in row:
            assert not cell.lstrip(" ").startswith(("=", "+", "@", "\t", "\r", "\n", "＝")), cell
            assert not cell.startswith("-") or cell == "-"


def test_canvas_finds_its_header_its_points_and_its_students():
    """By the rules of Canvas's importer: names of columns, the row of points, ids or logins."""
    data = made_class({"ann": [1.0, None], "bob": [0.25, 0.5]})
    data = replace(data, students=(data.students[0], Student("bob")))
    rows = list(csv.reader(io.StringIO(report.canvas_csv(data))))
    assert rows[0][:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert rows[0][5:] == ["01 Computational graph", "02 Chain rule"]
    assert rows[1] == ["    Points Possible", "", "", "", "", "12", "14"]
    assert rows[2] == ["Lee, Ann", "4711", "", "ann", "", "12", ""]
    assert rows[3] == ["bob", "", "", "bob", "", "3", "7"]


def test_moodle_finds_its_columns_and_a_hyphen_where_there_is_no_grade():
    rows = list(csv.reader(io.StringIO(report.moodle_csv(made_class({"ann": [1.0, None]})))))
    assert rows[0][:5] == ["Username", "First name", "Last name", "ID number", "Email address"]
    assert rows[1] == ["ann", "Ann", "Lee", "4711", "ann@example.org", "12", "-"]


def test_json_has_everything():
    told = json.loads(report.to_json(made_class(GOOD)))
    assert {"students", "units", "submissions", "exercises", "misconceptions", "needs_help"} <= set(
        told
    )
    assert len(told["submissions"]) == 22


# ---------------------------------------------------------------- the gradebook and the command


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course with a gradebook of three students and two graded notebooks of one unit."""
    import nbformat
    from nbgrader.api import Gradebook

    from grader.coursedir import environment_on_path
    from grader.release import make_course

    root = tmp_path_factory.mktemp("course")
    make_course(root)
    name = "03-add-mul-nodes"
    unit = load_unit(name)
    mistake = Mistake(f"{name}/mul-layer/both-y", "Both use y <b>.", "Look again.")
    with environment_on_path(), Gradebook(f"sqlite:///{root / 'gradebook.db'}", "backprop") as book:
        book.add_assignment(name)
        book.add_notebook(name, name)
        for check, cell in unit.checks.items():
            book.add_grade_cell(
                check, name, name, max_score=cell.metadata.nbgrader.points, cell_type="code"
            )
        for student in ("ann", "bob", "cleo"):
            book.add_student(student, first_name=student.title())
        for student, share in (("ann", 1.0), ("bob", 0.5)):
            stamp = "2026-09-21 10:00:00.000000 UTC"
            book.add_submission(name, student, timestamp=stamp)
            notebook = graded_notebook(
                name, share={"mul-layer": share}, answers={"mul-layer": "x = 1  # bob"}
            )
            for grade in book.find_submission_notebook(name, name, student).grades:
                grade.auto_score = grade.max_score * (share if "mul" in grade.name else 1.0)
                grade.needs_manual_grade = False
            found = {"mul-layer": Diagnosis("mul-layer", (mistake,))} if share < 1 else {}
            result = result_of(notebook, unit, diagnoses=found)
            notebook.metadata.course["result"] = json.loads(json.dumps(result.to_dict()))
            path = root / "autograded" / student / name / f"{name}.ipynb"
            path.parent.mkdir(parents=True)
            nbformat.write(notebook, path)
        book.find_submission_notebook(name, name, "bob").late_submission_penalty = 1.5
        book.db.commit()
    return root


@pytest.mark.slow
def test_a_gradebook_is_read_with_penalties_times_and_misconceptions(course):
    data = report.load_course(course)
    bob = data.handed["bob", "03-add-mul-nodes"]
    assert (bob.raw, bob.penalty, bob.score) == (14, 1.5, 12.5)
    assert bob.time == datetime(2026, 9, 21, 10)
    assert bob.mistakes == {"mul-layer": ("Both use y <b>.",)}
    (found,) = report.mistake_stats(data)
    assert (found.count, found.lost, found.message, found.example) == (1, 1, "Look again.", "x = 1")
    assert [n.student for n in report.needs_help(data)] == ["cleo"]


@pytest.mark.slow
def test_the_command_prints_tables_and_writes_page_and_exports(course, tmp_path, monkeypatch):
    from click.testing import CliRunner

    from grader.cli import main

    monkeypatch.chdir(course)
    printed = CliRunner().invoke(main, ["report"])
    assert printed.exit_code == 0, printed.output
    assert "Exercises" in printed.output
    assert "Both use y <b>." in printed.output
    to = tmp_path / "out"
    options = [f"--export={name}" for name in report.EXPORTS]
    written = CliRunner().invoke(main, ["report", "--html", *options, "--to", str(to)])
    assert written.exit_code == 0, written.output
    assert {p.name for p in to.iterdir()} == {
        "report.html",
        "canvas.csv",
        "moodle.csv",
        "nbgrader.csv",
        "report.json",
    }
    assert "Both use y &lt;b&gt;." in (to / "report.html").read_text("utf-8")


@pytest.mark.slow
def test_our_nbgrader_export_is_nbgraders_own(course, tmp_path):
    from nbgrader.api import Gradebook
    from nbgrader.plugins.export import CsvExportPlugin

    theirs = tmp_path / "theirs.csv"
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        CsvExportPlugin(to=str(theirs)).export(book)
    ours = report.nbgrader_csv(report.load_course(course))
    assert list(csv.reader(io.StringIO(ours))) == list(csv.reader(theirs.open()))


def test_without_a_gradebook_the_command_says_what_to_do(tmp_path, monkeypatch):
    from click.testing import CliRunner

    from grader.cli import main

    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    monkeypatch.chdir(tmp_path)
    asked = CliRunner().invoke(main, ["report"])
    assert asked.exit_code == 2
    assert "release a unit and grade it first" in asked.output


# ---------------------------------------------------------------- in a real browser


@pytest.mark.slow
def test_no_payload_acts_in_the_report(browser, tmp_path):
    data = hostile_class()
    unit = data.units[0].name
    for key, one in list(data.handed.items()):
        data.handed[key] = replace(one, mistakes={"apple-forward": tuple(ALL)})
    data = replace(data, messages={p: p for p in ALL})
    graded = tmp_path / "autograded"
    for student in [s.id for s in data.students if "/" not in s.id and "\0" not in s.id][:20]:
        path = graded / student / unit / f"{unit}.ipynb"
        path.parent.mkdir(parents=True)
        cell = {
            "metadata": {"nbgrader": {"solution": True, "grade_id": "apple-forward"}},
            "source": ALL,
        }
        path.write_text(json.dumps({"cells": [cell]}))
    source = report.html(replace(data, autograded=graded))
    assert "<script" not in source
    for name, text in (
        ("with", source),
        ("without", source.replace("Content-Security-Policy", "x")),
    ):
        path = tmp_path / f"{name}.html"
        path.write_text(text, "utf-8", "replace")
        browser.look()
        browser.open(path, settle_s=0.2)
        assert provoke(browser, 0.2) == path.as_uri()
        assert acted(browser) == []
        assert (
            browser.evaluate("document.querySelectorAll('script, iframe, form, input').length") == 0
        )


@pytest.mark.slow
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1000, 360])
def test_the_report_is_accessible(browser, axe, tmp_path, width, dark):
    data = made_class(GOOD)
    data.handed["s3", data.units[0].name] = replace(
        data.handed["s3", data.units[0].name], mistakes={"apple-forward": ("Tax added.",)}
    )
    path = tmp_path / "report.html"
    path.write_text(report.html(replace(data, messages={"Tax added.": "Look again."})), "utf-8")
    browser.look(width=width, dark=dark)
    browser.open(path)
    browser.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert violations(browser, axe) == []
    assert browser.evaluate("document.documentElement.scrollWidth") <= width

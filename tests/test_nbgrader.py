"""Real nbgrader: our config and a plain one give an honest submission the same score."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

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
STUDENTS = 34  # of all six units: 204 honest submissions, right, wrong and half done


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
    # What a graded run without our plugins needs: where the reference layers are. A copy, for
    # the kernels of such a run may write: units 03 to 05 end by saving the student's layers.
    toolbox = shutil.copytree(reference_toolbox(), tmp_path / "toolbox")
    monkeypatch.setenv("COURSE_TOOLBOX", str(toolbox))
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


UNIT = "03-add-mul-nodes"


@pytest.fixture
def handed_in(course, tmp_path):
    """A course directory in which one student has handed in one unit, all of it right."""
    root = tmp_path / "course"
    shutil.copytree(course, root)
    write_submission(root, next(s for s in make_class(root / "release") if s.unit == UNIT))
    return root


def run_nbgrader(root, *arguments):
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    command = [sys.executable, "-m", "nbgrader", *arguments]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)


def test_the_command_and_a_second_run_with_force_keep_a_manual_score(handed_in):
    done = run_nbgrader(handed_in, "autograde", UNIT)
    assert done.returncode == 0, done.stderr
    assert sum(stored_scores(handed_in).values()) == 16
    with Gradebook(f"sqlite:///{handed_in / 'gradebook.db'}") as book:
        grade = book.find_grade("mul-layer-hidden", UNIT, UNIT, "amara")
        grade.manual_score = 0.5
        book.find_comment("mul-layer", UNIT, UNIT, "amara").manual_comment = "see me"
        book.db.commit()
    done = run_nbgrader(handed_in, "autograde", UNIT, "--force")
    assert done.returncode == 0, done.stderr
    with Gradebook(f"sqlite:///{handed_in / 'gradebook.db'}") as book:
        grade = book.find_grade("mul-layer-hidden", UNIT, UNIT, "amara")
        assert (grade.auto_score, grade.manual_score, grade.score) == (2, 0.5, 0.5)
        assert grade.needs_manual_grade
        assert book.find_comment("mul-layer", UNIT, UNIT, "amara").comment == "see me"


def test_a_late_submission_pays_its_penalty(handed_in):
    config = (handed_in / "nbgrader_config.py").read_text()
    config += "\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"
    (handed_in / "nbgrader_config.py").write_text(config)
    with Gradebook(f"sqlite:///{handed_in / 'gradebook.db'}") as book:
        book.update_or_create_assignment(UNIT, duedate="2026-01-01 00:00:00.000000 UTC")
    with environment_on_path():
        must(open_course(handed_in).autograde(UNIT, "amara"), "autograde")
    with Gradebook(f"sqlite:///{handed_in / 'gradebook.db'}") as book:
        submission = book.find_submission(UNIT, "amara")
        assert (submission.score, submission.notebooks[0].late_submission_penalty) == (16, 16)


def test_no_sandbox_no_grade(handed_in, monkeypatch):
    """Where student code cannot be isolated, nbgrader grades nothing and says why."""
    from grader import nbgrader_plugins, sandbox

    nbgrader_plugins._examiner.cache_clear()
    refused = sandbox.refusal("bwrap: No permissions to create new namespace")
    monkeypatch.setattr(sandbox, "available", lambda: refused)
    with environment_on_path():
        result = open_course(handed_in).autograde(UNIT, "amara")
    nbgrader_plugins._examiner.cache_clear()
    assert not result["success"]
    assert "refuses to isolate student code" in result["log"]
    assert not (handed_in / "autograded" / "amara" / UNIT).exists()


def test_the_button_of_formgrader(handed_in, tmp_path):
    """A real server with nbgrader's extension; the request that its Autograde button sends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "JUPYTER_CONFIG_DIR": str(tmp_path / "jupyter"),
        "HOME": str(tmp_path),
    }
    command = [sys.executable, "-m", "jupyter", "server", f"--port={port}", "--no-browser"]
    command += ["--allow-root", "--ServerApp.token=", "--ServerApp.disable_check_xsrf=True"]
    command += ["--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}"]
    log = (tmp_path / "server.log").open("w")
    server = subprocess.Popen(command, cwd=handed_in, env=environment, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}/formgrader/api/submission/{UNIT}/amara"
        answer = _patiently(server, f"{url}/autograde", "POST", tmp_path / "server.log")
        assert answer["success"], answer
        assert _patiently(server, url, "GET", tmp_path / "server.log")["score"] == 16
    finally:
        server.terminate()
        server.wait(20)
        log.close()


def _patiently(server, url: str, method: str, log: Path) -> dict:
    """Return the JSON answer to a request, once the server has started."""
    deadline = time.monotonic() + 90
    while True:
        try:
            request = urllib.request.Request(
                url, method=method, data=b"" if method == "POST" else None
            )
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError:
            raise AssertionError(log.read_text()) from None
        except OSError:
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.3)

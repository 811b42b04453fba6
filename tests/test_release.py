"""release/ is what source/ gives, and holds nothing that a student must not see."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from grader.release import SourceError, build_release, make_course, tidied, tidy_sources
from grader.units import kind, load_unit, unit_names

ROOT = Path(__file__).parent.parent
UNITS = unit_names()


def secret_lines(unit: str) -> set[str]:
    """Return the lines of the solutions and hidden tests that appear nowhere in the open."""
    secret, in_the_open = set(), set()
    for cell in load_unit(unit).notebook.cells:
        hidden = False
        for line in cell.source.splitlines():
            if "### BEGIN" in line or "### END" in line:
                hidden = "BEGIN" in line
                continue
            (secret if hidden else in_the_open).add(line.strip())
    return {line for line in secret - in_the_open if len(line) > 3}


@pytest.mark.parametrize("name", UNITS)
def test_release_holds_no_solution_and_no_hidden_test(name):
    secret = secret_lines(name)
    assert len(secret) > 30
    released = {
        line.strip()
        for line in (ROOT / "release" / name / f"{name}.ipynb").read_text("utf-8").split("\n")
    }
    text = nbformat.read(ROOT / "release" / name / f"{name}.ipynb", as_version=4)
    lines = {line.strip() for c in text.cells for line in c.source.splitlines()}
    assert not secret & (lines | released)
    assert "HIDDEN" not in "".join(lines)
    assert "oracle" not in "".join(lines)


def test_the_look_for_secrets_would_find_one():
    name = UNITS[0]
    leaked = secret_lines(name)
    lines = {line.strip() for c in load_unit(name).notebook.cells for line in c.source.splitlines()}
    assert leaked <= lines


def test_the_students_package_holds_no_answer():
    """No layer, loss or network of units 03 to 06, and no reference answer's lines, in course/."""
    names = (
        r"MulLayer|AddLayer|SubLayer|DivLayer|Relu|Sigmoid|Tanh|Affine|SoftmaxWithLoss|TwoLayerNet"
    )
    for path in (ROOT / "course").rglob("*.py"):
        assert not re.search(rf"(?m)^\s*class ({names})\b", path.read_text("utf-8")), path
        assert not re.search(r"def (softmax|cross_entropy_error)\(", path.read_text("utf-8")), path


@pytest.mark.slow
def test_release_is_current_byte_for_byte(tmp_path):
    list(build_release(to=tmp_path))
    for name in UNITS:
        made = (tmp_path / name / f"{name}.ipynb").read_bytes()
        assert made == (ROOT / "release" / name / f"{name}.ipynb").read_bytes(), (
            f"release/{name} is stale: make release"
        )
    kept = {p.relative_to(ROOT / "release") for p in (ROOT / "release").rglob("*.ipynb")}
    assert kept == {Path(n, f"{n}.ipynb") for n in UNITS}


def test_source_is_stored_tidily():
    assert tidy_sources(write=False) == []


def test_tidying_takes_out_what_an_editor_leaves():
    notebook = nbformat.read(ROOT / "source" / UNITS[2] / f"{UNITS[2]}.ipynb", as_version=4)
    before = tidied(notebook, UNITS[2])
    code = next(c for c in notebook.cells if kind(c) == "demo")
    code.outputs = [nbformat.v4.new_output("stream", text="220\n")]
    code.execution_count = 7
    code.metadata["scrolled"] = True
    notebook.metadata["widgets"] = {"state": {}}
    assert tidied(notebook, UNITS[2]) == before


@pytest.mark.slow
def test_stray_files_do_not_travel(tmp_path, monkeypatch):
    """A list of answers beside a source notebook reaches neither release nor feedback."""
    from grader.coursedir import environment_on_path, must, open_course

    make_course(tmp_path)
    unit = UNITS[0]
    (tmp_path / "source" / unit / "answers.txt").write_text("220, 715")
    (tmp_path / "source" / unit / "drafts").mkdir()
    (tmp_path / "source" / unit / "drafts" / "old.csv").write_text("1")
    with environment_on_path():
        api = open_course(tmp_path)
        must(api.generate_assignment(unit), "release")
        assert [p.name for p in (tmp_path / "release" / unit).iterdir()] == [f"{unit}.ipynb"]
        handed_in = tmp_path / "submitted" / "ana" / unit
        shutil.copytree(tmp_path / "release" / unit, handed_in)
        (handed_in / "timestamp.txt").write_text("2026-10-05 10:00:00.000000 UTC")
        must(api.autograde(unit, "ana"), "autograde")
        kept = {p.name for p in (tmp_path / "autograded" / "ana" / unit).iterdir()}
        assert kept == {f"{unit}.ipynb", "timestamp.txt"}
        must(api.generate_feedback(unit), "feedback")
        kept = {p.name for p in (tmp_path / "feedback" / "ana" / unit).iterdir()}
        assert kept <= {f"{unit}.html", "timestamp.txt"}
        assert f"{unit}.html" in kept


def test_stray_notebook_is_refused(tmp_path, monkeypatch):
    make_course(tmp_path / "course")
    (tmp_path / "course" / "source" / UNITS[0] / "draft.ipynb").write_text("{}")
    monkeypatch.chdir(tmp_path / "course")
    with pytest.raises(SourceError, match=r"draft\.ipynb .* move it out"):
        list(build_release([UNITS[0]], tmp_path / "out"))
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", UNITS)
def test_released_notebook_runs_with_not_implemented_alone(name, tmp_path):
    notebook = nbformat.read(ROOT / "release" / name / f"{name}.ipynb", as_version=4)
    folder = tmp_path / name
    folder.mkdir()
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=120, allow_errors=True, resources=resources).execute()
    errors = [
        (c.id, o.ename, o.evalue)
        for c in notebook.cells
        for o in c.get("outputs", [])
        if o.output_type == "error"
    ]
    assert {name for _, name, _ in errors} <= {"NotImplementedError", "NotInToolbox"}, errors

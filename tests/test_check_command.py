"""`grader check` as an instructor types it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from test_restore import UNIT, cell_of, released, solved

import grader

pytestmark = pytest.mark.slow
COMMAND = [str(Path(sys.executable).with_name("grader")), "check"]


def run(*arguments, cwd):
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, timeout=300
    )


@pytest.fixture
def half_right(tmp_path):
    """A submission with one mistake, one answer blank and a mess of cells."""
    notebook = solved()
    mul = cell_of(notebook, "mul-layer")
    mul.source = mul.source.replace("dout * self.y", "dout * self.x")
    assert "dout * self.x" in mul.source
    cell_of(notebook, "div-layer").source = cell_of(released(), "div-layer").source
    notebook.cells.insert(3, nbformat.v4.new_code_cell("import warnings; warnings.warn('mine')"))
    path = tmp_path / "03.ipynb"
    nbformat.write(notebook, path)
    return path


def test_one_json_object_a_line(half_right, tmp_path):
    done = run(half_right, half_right, "--json", cwd=tmp_path)
    assert done.returncode == 0
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == 2
    result = lines[0]
    assert set(result) >= {"file", "unit", "score", "max", "checks"}
    assert (result["unit"], result["max"]) == (UNIT.name, 16)
    checks = {c["id"]: c for c in result["checks"]}
    assert set(checks) == set(UNIT.checks)
    assert all(
        set(c) == {"id", "score", "points", "message", "misconception"} for c in result["checks"]
    )
    assert checks["mul-layer-hidden"]["score"] < 2
    assert "dx" in checks["mul-layer-hidden"]["message"]
    assert checks["div-layer-check"]["score"] == checks["div-layer-hidden"]["score"] == 0
    assert "not written yet" in checks["div-layer-check"]["message"]
    # buy_apple and buy_fruit may be wired from the wrong MulLayer; these three stand alone
    full = [c for i, c in checks.items() if i.startswith(("add-", "sub-"))]
    assert all(c["score"] == c["points"] and c["message"] == "" for c in full)
    assert result["score"] == pytest.approx(sum(c["score"] for c in result["checks"]))


def test_table_for_a_person(half_right, tmp_path):
    done = run(half_right, cwd=tmp_path)
    assert done.returncode == 0
    assert "mul-layer-check" in done.stdout
    assert "/ 16" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_as_python(half_right):
    by_path = grader.check(half_right)
    by_notebook = grader.check(nbformat.read(half_right, as_version=4))
    assert isinstance(by_path, grader.Result)
    assert by_path.score == by_notebook.score < by_path.max == 16


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("none.ipynb", None, "does not exist"),
        ("empty.ipynb", "", "is empty"),
        ("broken.ipynb", '{"cells": [', "JSON is broken"),
        ("script.ipynb", "import numpy", "no notebook"),
        ("other.ipynb", '{"nbformat": 4, "nbformat_minor": 5, "cells": [], "metadata": {}}', "no notebook of this course"),
    ],
)  # fmt: skip
def test_bad_files_are_named_and_the_good_one_graded(tmp_path, half_right, name, content, words):
    bad = tmp_path / name
    if content is not None:
        bad.write_text(content)
    done = run(bad, half_right, "--json", cwd=tmp_path)
    assert done.returncode == 2
    assert name in done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stdout.splitlines()) == 1


def test_old_format_and_heavy_outputs_are_graded(tmp_path):
    notebook = solved()
    code = next(c for c in notebook.cells if c.cell_type == "code")
    code.outputs = [nbformat.v4.new_output("stream", text="x" * 50_000_000)]
    nbformat.write(notebook, tmp_path / "heavy.ipynb")
    old = nbformat.convert(solved(), 3)
    (tmp_path / "old.ipynb").write_text(json.dumps(old))
    done = run("heavy.ipynb", "old.ipynb", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["score"] for line in done.stdout.splitlines()] == [16, 16]


def test_wrong_use(tmp_path):
    assert run(cwd=tmp_path).returncode == 2
    assert run("--nonsense", cwd=tmp_path).returncode == 2

"""Layers saved in one notebook and loaded in another."""

from __future__ import annotations

import linecache
import subprocess
import sys
import textwrap

import pytest

from course import toolbox

CELL = '''\
import numpy as np

SCALE = 2.0


def helper(x):
    return SCALE * np.abs(x)


class Relu(object):
    """A class whose body needs a helper, a constant and a module of the notebook."""

    def forward(self, x):
        return helper(x)
'''


def run_cell(source: str, number: int, namespace: dict) -> None:
    """Run source as IPython runs a cell: in __main__, its text known to linecache."""
    name = f"<cell-{number}>"
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    exec(compile(source, name, "exec"), namespace)


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    """A stand-in for __main__ with two cells run, its working directory beside the toolbox."""
    import types

    main = types.ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", main)
    (tmp_path / "04-activations").mkdir()
    monkeypatch.chdir(tmp_path / "04-activations")
    monkeypatch.delenv("COURSE_TOOLBOX", raising=False)
    run_cell(CELL, 1, vars(main))
    return main


def test_a_class_is_saved_with_what_it_needs(notebook, tmp_path, capsys):
    toolbox.save(notebook.Relu)
    assert "saved in toolbox/Relu.py" in capsys.readouterr().out
    code = "from course import toolbox; print(toolbox.load('Relu')().forward(-3))"
    (tmp_path / "06").mkdir()
    out = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path / "06", capture_output=True, text=True
    )
    assert out.stdout.strip() == "6.0", out.stderr


def test_the_latest_definition_is_saved(notebook, tmp_path):
    toolbox.save(notebook.Relu)
    run_cell(CELL.replace("SCALE = 2.0", "SCALE = 5.0"), 2, vars(notebook))
    toolbox.save(notebook.Relu)
    assert toolbox.load("Relu")().forward(-3) == 15


def test_a_cell_with_a_magic_can_be_saved(notebook):
    source = "%matplotlib inline\n!true\n" + CELL
    from IPython.core.inputtransformer2 import TransformerManager

    name = "<cell-9>"
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    notebook.get_ipython = lambda: None
    body = TransformerManager().transform_cell(source).split("\n", 2)[2]
    exec(compile("\n\n" + body, name, "exec"), vars(notebook))
    toolbox.save(notebook.Relu)
    assert toolbox.load("Relu")().forward(-3) == 6


def test_what_is_not_written_is_not_saved(notebook, tmp_path, capsys):
    stub = "class Sigmoid:\n    def forward(self, x):\n        # YOUR CODE HERE\n        raise NotImplementedError()\n"
    run_cell(stub, 3, vars(notebook))
    toolbox.save(notebook.Sigmoid)
    assert "not written yet, not saved" in capsys.readouterr().out
    assert not (tmp_path / "toolbox").exists()


def test_a_missing_layer_says_where_it_is_written(notebook):
    Affine, Relu = toolbox.load("Affine", "Relu")
    with pytest.raises(NotImplementedError, match="Affine is not in your toolbox yet.* unit 05"):
        Affine(1, 2)
    with pytest.raises(NotImplementedError, match="unit 04"):
        Relu()


def test_a_broken_file_is_named(notebook, tmp_path):
    (tmp_path / "toolbox").mkdir()
    (tmp_path / "toolbox" / "Affine.py").write_text("class Affine(:\n")
    with pytest.raises(ImportError, match=r"toolbox/Affine\.py does not run"):
        toolbox.load("Affine")


def test_a_graded_run_reads_the_reference(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_TOOLBOX", str(tmp_path))
    (tmp_path / "Relu.py").write_text(textwrap.dedent("class Relu:\n    mark = 'reference'\n"))
    assert toolbox.load("Relu").mark == "reference"

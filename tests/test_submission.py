"""Reading what was handed in: a clear message or a notebook, never a traceback."""

from __future__ import annotations

import json

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_restore import UNIT, released, solved

from grader import submission
from grader.submission import SubmissionError, identify, parse, read


def as_text(notebook) -> str:
    return nbformat.writes(notebook)


BAD = {
    "empty": ("", "is empty"),
    "blank": (" \n", "is empty"),
    "text": ("print('hello')", "its JSON is broken"),
    "cut": (as_text(solved())[:5000], "its JSON is broken"),
    "number": ("3", "no 'nbformat'"),
    "other json": ('{"a": 1}', "no 'nbformat'"),
    "no cells": ('{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "no list of cells"),
    "future": ('{"nbformat": 9, "cells": []}', "unknown format 9"),
    "deep": ("[" * 100_000, "its JSON is broken"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_notebook_is_named(name):
    text, message = BAD[name]
    with pytest.raises(SubmissionError, match=message) as caught:
        parse(text, "hand-in.ipynb")
    assert "hand-in.ipynb" in str(caught.value)


def test_a_notebook_of_another_course():
    other = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("class Relu:\n    pass\nx = 1\n")]
    )
    with pytest.raises(SubmissionError, match="no notebook of this course"):
        identify(parse(as_text(other), "other.ipynb"), "other.ipynb")


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(SubmissionError, match="does not exist"):
        read(tmp_path / "none.ipynb")
    with pytest.raises(SubmissionError, match="is no file"):
        read(tmp_path)


def test_binary_file(tmp_path):
    path = tmp_path / "photo.ipynb"
    path.write_bytes(bytes(range(256)))
    with pytest.raises(SubmissionError, match="not text in UTF-8"):
        read(path)


def test_too_large_a_file(tmp_path, monkeypatch):
    path = tmp_path / "large.ipynb"
    path.write_text(as_text(solved()))
    monkeypatch.setattr(submission, "MAX_FILE_MB", 0.001)
    with pytest.raises(SubmissionError, match="clear its outputs"):
        read(path)


def test_outputs_of_50_mb_are_dropped(tmp_path):
    notebook = solved()
    code = next(c for c in notebook.cells if c.cell_type == "code")
    code.outputs = [nbformat.v4.new_output("stream", text="x" * 50_000_000)]
    path = tmp_path / "heavy.ipynb"
    nbformat.write(notebook, path)
    clean = read(path)
    assert identify(clean, "heavy").name == UNIT.name
    assert not any(c.outputs for c in clean.cells if c.cell_type == "code")


def test_windows_byte_order_mark(tmp_path):
    path = tmp_path / "bom.ipynb"
    path.write_text("\ufeff" + as_text(solved()), "utf-8")
    assert identify(read(path), "bom").name == UNIT.name


def test_notebook_of_format_3_is_converted():
    old = nbformat.convert(solved(), 3)
    clean = parse(json.dumps(old), "old.ipynb")
    assert identify(clean, "old").name == UNIT.name
    assert any("class MulLayer" in c.source for c in clean.cells)


def test_unit_is_found_without_metadata():
    notebook = solved()
    notebook.metadata = {}
    assert identify(notebook, "x").name == UNIT.name
    for cell in notebook.cells:
        cell.metadata = nbformat.NotebookNode()
        cell["id"] = "x" + cell["id"][:60]
    assert identify(notebook, "x").name == UNIT.name


def test_forged_unit_name_does_not_mislead():
    notebook = released()
    notebook.metadata["course"] = {"unit": "../../etc/passwd"}
    assert identify(notebook, "x").name == UNIT.name


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)
ODD_CELLS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "cell_type": st.sampled_from(["code", "markdown", "raw", "heading", None, 3]),
            "source": JSON,
            "metadata": JSON,
            "id": JSON,
            "outputs": JSON,
        },
    )
    | JSON,
    max_size=5,
)


@settings(deadline=None, max_examples=300)
@given(cells=ODD_CELLS, metadata=JSON, version=st.sampled_from([2, 3, 4, 4, 4, 4, 5]))
def test_any_json_gives_a_notebook_or_a_message(cells, metadata, version):
    raw = {"nbformat": version, "nbformat_minor": 5, "metadata": metadata, "cells": cells}
    try:
        notebook = parse(json.dumps(raw), "odd.ipynb")
        identify(notebook, "odd.ipynb")
    except SubmissionError as error:
        assert "odd.ipynb" in str(error)  # noqa: PT017  (either outcome is right)
    else:
        assert all(isinstance(c.source, str) for c in notebook.cells)

"""Rebuilding submissions: what editors and students do to cells neither loses nor wins points."""

from __future__ import annotations

import functools
import os
import random
from copy import deepcopy

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell

from grader.classroom import fill_in
from grader.grading import graded_cells
from grader.restore import restore
from grader.units import grade_id, kind, load_unit, reference_answer, solution_removed

UNIT = load_unit("03-add-mul-nodes")
TEMPLATE = graded_cells(UNIT)
ANSWERS = {name: reference_answer(cell) for name, cell in UNIT.answers.items()}


def released():
    """Return the unit as a student gets it, made quickly."""
    notebook = deepcopy(UNIT.notebook)
    for cell in notebook.cells:
        cell.source = solution_removed(cell.source)
        if "### BEGIN HIDDEN TESTS" in cell.source:
            cell.source = cell.source.partition("### END HIDDEN TESTS")[2].strip()
    return notebook


@functools.cache
def _solved():
    return fill_in(released(), ANSWERS)


def solved():
    """Return the unit with every answer written in."""
    return deepcopy(_solved())


def cell_of(notebook, name):
    return next(c for c in notebook.cells if grade_id(c) == name)


def rebuilt_answers(submission):
    notebook = restore(submission, TEMPLATE).notebook
    return {grade_id(c): c.source for c in notebook.cells if kind(c) == "answer"}


def assert_sound(notebook):
    """Every template cell once, in order, with the template's source, points and metadata."""
    ours = [c for c in notebook.cells if "nbgrader" in c.metadata]
    assert [grade_id(c) for c in ours] == [grade_id(c) for c in TEMPLATE]
    for cell, original in zip(ours, TEMPLATE, strict=True):
        assert cell.metadata == original.metadata
        assert cell.cell_type == "code"
        if kind(original) != "answer":
            assert cell.source == original.source
    ids = [c.id for c in notebook.cells]
    assert len(set(ids)) == len(ids)
    nbformat.validate(notebook)


def test_untouched_structure_keeps_every_answer():
    restored = restore(solved(), TEMPLATE)
    assert_sound(restored.notebook)
    assert rebuilt_answers(solved()) == ANSWERS
    assert restored.notes == []
    assert all(restored.answered.values())


def test_blank_is_not_answered():
    assert not any(restore(released(), TEMPLATE).answered.values())


def test_submission_is_not_modified():
    notebook = solved()
    before = deepcopy(notebook)
    restore(notebook, TEMPLATE)
    assert notebook == before


def test_deleted_cells_come_back():
    notebook = solved()
    gone = {"mul-layer-check", "mul-layer-hidden", "imports", "add-layer"}
    notebook.cells = [c for c in notebook.cells if grade_id(c) not in gone]
    restored = restore(notebook, TEMPLATE)
    assert_sound(restored.notebook)
    assert restored.answered == {name: name != "add-layer" for name in ANSWERS}
    assert any("add-layer" in n and "missing" in n for n in restored.notes)


def test_only_the_answer_cells():
    notebook = solved()
    notebook.cells = [c for c in notebook.cells if kind(c) == "answer"]
    assert rebuilt_answers(notebook) == ANSWERS
    assert_sound(restore(notebook, TEMPLATE).notebook)


@pytest.mark.parametrize("stub_first", [True, False])
def test_of_two_copies_the_written_one_counts(stub_first):
    notebook = solved()
    place = next(i for i, c in enumerate(notebook.cells) if grade_id(c) == "mul-layer")
    stub = deepcopy(cell_of(released(), "mul-layer"))
    notebook.cells.insert(place if stub_first else place + 1, stub)
    assert rebuilt_answers(notebook)["mul-layer"] == ANSWERS["mul-layer"]
    assert_sound(restore(notebook, TEMPLATE).notebook)


def test_of_two_written_copies_the_last_counts_and_both_run():
    notebook = solved()
    place = next(i for i, c in enumerate(notebook.cells) if grade_id(c) == "mul-layer")
    first = deepcopy(notebook.cells[place])
    first.source = "class MulLayer:\n    pass\n"
    notebook.cells.insert(place, first)
    restored = restore(notebook, TEMPLATE)
    assert cell_of(restored.notebook, "mul-layer").source == ANSWERS["mul-layer"]
    assert any(c.source == first.source for c in restored.notebook.cells)


def test_split_answer_keeps_both_halves_in_order():
    notebook = solved()
    place = next(i for i, c in enumerate(notebook.cells) if grade_id(c) == "add-layer")
    answer = notebook.cells[place]
    answer.source = "def helper(v):\n    return v\n"
    rest = new_code_cell(ANSWERS["add-layer"])
    notebook.cells.insert(place + 1, rest)
    sources = [c.source for c in restore(notebook, TEMPLATE).notebook.cells]
    assert sources.index(answer.source) < sources.index(rest.source)
    assert sources.index(rest.source) < sources.index(
        next(c.source for c in TEMPLATE if grade_id(c) == "add-layer-check")
    )


def test_two_answers_merged_into_one_cell():
    notebook = solved()
    merged = cell_of(notebook, "mul-layer")
    merged.source += "\n\n" + ANSWERS["add-layer"]
    notebook.cells = [c for c in notebook.cells if grade_id(c) != "add-layer"]
    restored = restore(notebook, TEMPLATE)
    assert_sound(restored.notebook)
    assert restored.answered["add-layer"]
    assert "class AddLayer" in cell_of(restored.notebook, "mul-layer").source


def test_moved_cells_go_home():
    notebook = solved()
    notebook.cells.reverse()
    assert rebuilt_answers(notebook) == ANSWERS
    assert_sound(restore(notebook, TEMPLATE).notebook)


def test_retyped_answer_is_code_again():
    notebook = solved()
    place = next(i for i, c in enumerate(notebook.cells) if grade_id(c) == "mul-layer")
    old = notebook.cells[place]
    notebook.cells[place] = new_markdown_cell(old.source, metadata=old.metadata)
    assert rebuilt_answers(notebook) == ANSWERS
    assert_sound(restore(notebook, TEMPLATE).notebook)


def test_edited_checks_points_and_locks_are_put_back():
    notebook = solved()
    for cell in notebook.cells:
        if kind(cell) == "check":
            cell.source = "float(99)"
            cell.metadata.nbgrader.points = 99
            cell.metadata.nbgrader.locked = False
    assert_sound(restore(notebook, TEMPLATE).notebook)


def test_forged_cells_win_nothing():
    notebook = solved()
    forged = new_code_cell("99.0")
    forged.metadata["nbgrader"] = {
        "grade": True, "grade_id": "bonus", "locked": True, "points": 99,
        "schema_version": 3, "solution": False, "task": False,
    }  # fmt: skip
    notebook.cells.append(forged)
    restored = restore(notebook, TEMPLATE)
    assert_sound(restored.notebook)
    assert any("bonus" in n for n in restored.notes)


def test_ids_and_metadata_lost_in_another_editor():
    notebook = solved()
    for number, cell in enumerate(notebook.cells):
        cell.metadata = nbformat.NotebookNode()
        cell["id"] = f"cell-{number}"
    restored = restore(notebook, TEMPLATE)
    assert_sound(restored.notebook)
    assert rebuilt_answers(notebook) == ANSWERS
    assert not any(c.source == solution_removed(c.source) == "" for c in restored.notebook.cells)


def test_own_helper_stays_before_the_answer_that_needs_it():
    notebook = solved()
    place = next(i for i, c in enumerate(notebook.cells) if grade_id(c) == "buy-apple")
    helper = new_code_cell("def helper():\n    return 1")
    notebook.cells.insert(place, helper)
    sources = [c.source for c in restore(notebook, TEMPLATE).notebook.cells]
    assert sources.index(helper.source) < sources.index(ANSWERS["buy-apple"])
    assert sources.index(helper.source) > sources.index(ANSWERS["mul-layer"])


def test_broken_answer_is_still_that_answer():
    notebook = solved()
    for cell in notebook.cells:
        cell.metadata = nbformat.NotebookNode()
        cell["id"] = "x" + cell["id"]
    broken = next(c for c in notebook.cells if c.source == ANSWERS["mul-layer"])
    broken.source = broken.source.replace("):", ")", 1)
    assert rebuilt_answers(notebook)["mul-layer"] == broken.source


CELLS = st.sampled_from(range(len(solved().cells)))
EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("delete"), CELLS),
        st.tuples(st.just("copy"), CELLS, CELLS),
        st.tuples(st.just("move"), CELLS, CELLS),
        st.tuples(st.just("retype"), CELLS, st.sampled_from(["code", "markdown", "raw"])),
        st.tuples(st.just("source"), CELLS, st.text(max_size=40)),
        st.tuples(st.just("meta"), CELLS, st.dictionaries(st.text(max_size=8), st.integers())),
        st.tuples(st.just("id"), CELLS, st.sampled_from([c.id for c in TEMPLATE])),
        st.tuples(st.just("grade_id"), CELLS, st.sampled_from([c.id for c in TEMPLATE])),
    ),
    max_size=12,
)


def mutated(edits):
    """Return the solved unit after some edits, as an editor or a vandal might leave it."""
    cells = [deepcopy(c) for c in solved().cells]
    for what, index, *more in edits:
        if not cells:
            break
        index %= len(cells)
        if what == "delete":
            del cells[index]
        elif what == "copy":
            cells.insert(more[0], deepcopy(cells[index]))
        elif what == "move":
            cells.insert(more[0], cells.pop(index))
        elif what == "retype":
            old = cells[index]
            make = getattr(nbformat.v4, f"new_{more[0]}_cell")
            cells[index] = make(old.source, metadata=old.metadata, id=old.id)
        elif what == "source":
            cells[index].source = more[0]
        elif what == "meta":
            cells[index].metadata["nbgrader"] = nbformat.from_dict(more[0])
        elif what == "id":
            cells[index]["id"] = more[0]
        else:
            cells[index].metadata["nbgrader"] = nbformat.from_dict({"grade_id": more[0]})
    # Not new_notebook: it would mend the ids that are there twice.
    return nbformat.from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})


@settings(deadline=None, max_examples=150)
@given(EDITS)
def test_any_edits_give_a_sound_notebook(edits):
    assert_sound(restore(mutated(edits), TEMPLATE).notebook)


def random_edits(rng: random.Random) -> list[tuple]:
    """Return edits like those of EDITS, without the cost of shrinking: `make fuzz` draws many."""
    size, ours = len(solved().cells), [c.id for c in TEMPLATE]
    words = [
        "",
        "x",
        "class MulLayer:",
        "def buy_apple(",
        "\x00",
        "é" * 9,
        "%%bash\nrm",
        "a = (" * 30,
    ]
    make = [
        lambda: ("delete", rng.randrange(size)),
        lambda: ("copy", rng.randrange(size), rng.randrange(size)),
        lambda: ("move", rng.randrange(size), rng.randrange(size)),
        lambda: ("retype", rng.randrange(size), rng.choice(["code", "markdown", "raw"])),
        lambda: ("source", rng.randrange(size), rng.choice(words) + rng.choice(words)),
        lambda: (
            "meta",
            rng.randrange(size),
            {rng.choice(["grade", "grade_id", "x"]): rng.random()},
        ),
        lambda: ("id", rng.randrange(size), rng.choice(ours)),
        lambda: ("grade_id", rng.randrange(size), rng.choice(ours)),
    ]
    return [rng.choice(make)() for _ in range(rng.randrange(1, 16))]


def test_many_random_edits_give_a_sound_notebook():
    rng = random.Random(0)
    for _ in range(int(os.environ.get("FUZZ_EXAMPLES", "300"))):
        edits = random_edits(rng)
        notebook = restore(mutated(edits), TEMPLATE).notebook
        ours = [grade_id(c) for c in notebook.cells if "nbgrader" in c.metadata]
        assert ours == [grade_id(c) for c in TEMPLATE], edits

"""The shape puzzle: its verdicts are NumPy's, and one pair alone fits each goal."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from course import widgets
from course.widgets import _shape_puzzle as puzzle
from course.widgets._widget import FOLDER

TILE = {t.key: t for t in puzzle.TILES}
GOAL = {g.key: g for g in puzzle.GOALS}
PAIRS = [(a, b) for a in TILE for b in TILE]


def arrays(sizes: dict[str, int]) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    n, d, m = sizes["N"], sizes["D"], sizes["M"]
    x, W, dout = rng.normal(size=(n, d)), rng.normal(size=(d, m)), rng.normal(size=(n, m))
    return {"x": x, "xT": x.T, "W": W, "WT": W.T, "dout": dout, "doutT": dout.T}


def gradients(sizes: dict[str, int]) -> dict[str, np.ndarray]:
    """Return dx and dW of ``(x @ W * dout).sum()``, each number by nudging."""
    held = arrays(sizes)
    x, W, dout = held["x"], held["W"], held["dout"]
    found = {}
    for key, array in (("dx", x), ("dW", W)):
        found[key] = np.empty(array.shape)
        for place in np.ndindex(array.shape):
            array[place] += 1
            up = (x @ W * dout).sum()
            array[place] -= 2
            found[key][place] = (up - (x @ W * dout).sum()) / 2
            array[place] += 1
    return found


@pytest.mark.parametrize("which", puzzle.SIZES)
@pytest.mark.parametrize("goal", GOAL)
def test_a_pair_fits_if_and_only_if_its_product_is_the_gradient(which, goal):
    sizes = puzzle.SIZES[which]
    held, wanted = arrays(sizes), gradients(sizes)[goal]
    for left, right in PAIRS:
        verdict = puzzle.judge(TILE[left], TILE[right], GOAL[goal], sizes)
        try:
            got = held[left] @ held[right]
        except ValueError:
            assert verdict["kind"] == "clash"
            continue
        assert verdict["shape"] == str(got.shape)
        if got.shape != wanted.shape:
            assert verdict["kind"] == "shape"
        elif np.allclose(got, wanted):
            assert verdict["kind"] == "fits"
        else:
            assert which == "equal"
            assert verdict["kind"] in ("index", "turned")


@pytest.mark.parametrize("which", puzzle.SIZES)
def test_one_pair_alone_fits_each_goal(which):
    for goal, pair in (("dx", ("dout", "WT")), ("dW", ("xT", "dout"))):
        fits = [
            (a, b)
            for a, b in PAIRS
            if puzzle.judge(TILE[a], TILE[b], GOAL[goal], puzzle.SIZES[which])["kind"] == "fits"
        ]
        assert fits == [pair]


def test_a_wrong_pair_hears_which_inner_sizes_clash():
    verdict = puzzle.judge(TILE["x"], TILE["dout"], GOAL["dW"], puzzle.SIZES["different"])
    assert verdict["text"].endswith("clash. x has 3 columns, dout has 4 rows.")
    verdict = puzzle.judge(TILE["x"], TILE["xT"], GOAL["dW"], puzzle.SIZES["different"])
    assert "has shape (4, 4), and dW needs (3, 2)" in verdict["text"]


def test_equal_sizes_do_not_make_a_wrong_pair_right():
    sizes = puzzle.SIZES["equal"]
    verdict = puzzle.judge(TILE["x"], TILE["dout"], GOAL["dW"], sizes)
    assert verdict["kind"] == "index"
    assert "the D inputs of x and the N rows of the batch of dout" in verdict["text"]
    verdict = puzzle.judge(TILE["doutT"], TILE["x"], GOAL["dW"], sizes)
    assert verdict["kind"] == "turned"
    assert "runs over M outputs and D inputs, and dW over D inputs and M outputs" in verdict["text"]


@pytest.mark.parametrize("which", puzzle.SIZES)
def test_db_is_the_sum_down_each_column_and_no_other(which):
    sizes = puzzle.SIZES[which]
    dout = arrays(sizes)["dout"]
    sums = {"none": dout, "rows": dout.sum(1), "columns": dout.sum(0), "all": dout.sum()}
    for how, got in sums.items():
        verdict = puzzle.judge_sum(how, sizes)
        assert verdict["shape"] == str(got.shape)
        assert (verdict["kind"] == "fits") == (how == "columns")
        if how != "columns":
            chance = got.shape == (sizes["M"],)
            assert verdict["kind"] == ("index" if chance else "shape")


def test_a_cell_by_hand_is_a_row_times_a_column():
    exact = np.array(puzzle.X).T @ np.array(puzzle.DOUT)
    values = []
    for row, column in np.ndindex(exact.shape):
        told = puzzle.cell(row, column)
        values.append(told["value"])
        assert told["value"] == exact[row, column]
        assert told["sum"] == np.array(puzzle.DOUT)[:, column].sum()
        terms, result = told["why"].rstrip(".").replace("−", "-").replace("·", "*").split(" = ")
        assert eval(terms) == int(result) == told["value"]
        assert f"Row {row + 1} of xᵀ is (" in told["ask"]
        assert f"Column {column + 1} of dout is (" in told["ask"]
        assert told["sum"] != told["value"]
    assert len(set(values)) == len(values), "a wrong number tells which cell it belongs to"


def test_plain_data_goes_to_the_browser():
    widget = widgets.shape_puzzle()
    keys = ("title", "words", "tiles", "goals", "sizes", "verdicts", "sums", "hand")
    sent = {key: widget.get_state()[key] for key in keys}
    assert json.loads(json.dumps(sent, allow_nan=False)) == sent
    assert len(widget.verdicts) == 2 * 2 * 36
    assert widget.hand["xT"] == np.array(puzzle.X).T.tolist()
    assert widget.hand["cells"][2][1] == puzzle.cell(2, 1)


def test_the_strip_is_drawn():
    widget = widgets.shape_puzzle()
    frames = widget.strip()
    assert 3 <= len(frames) <= 6
    assert all(caption.endswith(".") for _, caption in frames)
    assert widget.still().startswith(b"\x89PNG")


def test_the_text_says_how_each_gradient_is_put_together():
    text = widgets.shape_puzzle().text()
    assert all(line.endswith(".") for line in text.splitlines())
    for part in (
        "dout times Wᵀ has shape (4, 3), like x",
        "xᵀ times dout has shape (3, 2), like W",
        "db: It fits: shape (2,)",
        "0 · (−1) + 3 · 3 + 1 · 0 + (−1) · 1 = 8.",
    ):
        assert part in text


def test_every_text_is_used_and_none_is_missing():
    script = (FOLDER / "shape_puzzle.mjs").read_text("utf-8")
    python = Path(puzzle.__file__).read_text("utf-8").split("\ndef _say")[1]
    asked = set(re.findall(r"words\.(\w+)", script))
    asked |= {f"goal_{goal}" for goal in ("dx", "dW", "db", "cell")}
    asked |= {f"sizes_{which}" for which in puzzle.SIZES} | {f"sum_{how}" for how in puzzle.SUMS}
    assert asked <= set(widgets.shape_puzzle().words)
    asked |= {f"db_{how}" for how in puzzle.SUMS} | {"over_N", "over_D", "over_M"}
    asked |= {"index_N", "index_D", "index_M"}
    named = {key for key in puzzle.WORDS if re.search(rf'"{key}"', python)}
    assert set(puzzle.WORDS) <= asked | named | {"picture"}

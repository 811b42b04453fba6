"""The shapes of an affine layer's gradients: turn x, W and dout until they fit.

Every pair of matrices has its verdict made here, in sentences; the browser looks it up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

import traitlets

from course.figures._any_graph import shown
from course.figures._svg import Box, Canvas

from ._chain import drawing
from ._widget import Widget, esm, read
from ._words import _


class Tile(NamedTuple):
    """A matrix to lay into a slot: its sizes as letters, and whether it is turned."""

    key: str
    name: str
    rows: str
    columns: str
    spoken: str = ""


TILES = (
    Tile("x", "x", "N", "D", "x"),
    Tile("xT", "xᵀ", "D", "N", _("x transposed")),
    Tile("W", "W", "D", "M", "W"),
    Tile("WT", "Wᵀ", "M", "D", _("W transposed")),
    Tile("dout", "dout", "N", "M", "dout"),
    Tile("doutT", "doutᵀ", "M", "N", _("dout transposed")),
)
GOALS = (Tile("dx", "dx", "N", "D"), Tile("dW", "dW", "D", "M"))
SIZES = {"different": {"N": 4, "D": 3, "M": 2}, "equal": {"N": 3, "D": 3, "M": 3}}
SUMS = ("none", "rows", "columns", "all")

# No two cells of dW are alike, so that a number tells which row and column it was made from.
X = [[1, 2, 0], [0, -1, 3], [2, 1, 1], [1, 0, -1]]
DOUT = [[3, -1], [1, 3], [-2, 0], [3, 1]]

WORDS = {
    "title": _("Shape puzzle: the gradients of an affine layer"),
    "goal": _("Find"),
    "goal_dx": "dx",
    "goal_dW": "dW",
    "goal_db": "db",
    "goal_cell": _("one cell of dW by hand"),
    "sizes": _("Sizes"),
    "sizes_different": _("all different: N = 4, D = 3, M = 2"),
    "sizes_equal": _("all equal: N = D = M = 3"),
    "tiles": _("Tiles"),
    "tiles_hint": _("Click a tile, drag it, or press Enter on it: it goes into the framed slot."),
    "left_slot": _("left slot"),
    "right_slot": _("right slot"),
    "slot_empty": _("{slot}, empty"),
    "slot_filled": _("{slot}: {tile}, shape {shape}. Take it out"),
    "here": _("next tile"),
    "empty": _("empty"),
    "tile": _("{tile}, shape {shape}"),
    "wanted": _("{goal} has the shape of {of}: {shape}."),
    "wanted_short": _("wanted"),
    "choose": _("Lay a tile into each slot."),
    "half": _("{tile} lies in the {slot}. One slot is still empty."),
    "taken_out": _("The {slot} is empty again."),
    "no_product": _("no product"),
    "done": _("{goal}, found"),
    "clash": _(
        "{left} times {right} does not exist: the inner sizes clash. {left} has {a} columns, "
        "{right} has {b} rows."
    ),
    "shape": _(
        "The inner sizes meet, both {a}. But the product has shape {shape}, and {goal} needs "
        "{wanted}."
    ),
    "index": _(
        "The sizes fit, but only because N, D and M are all {a}. Inside stand the {inner_left} of "
        "{left} and the {inner_right} of {right}: two different things. The shape is right, the "
        "numbers would be wrong."
    ),
    "turned": _(
        "The sizes fit, but only because N, D and M are all {a}. The product runs over {rows} and "
        "{columns}, and {goal} over {goal_rows} and {goal_columns}. The shape is right, the "
        "numbers would be wrong."
    ),
    "fits": _(
        "It fits: {left} times {right} has shape {shape}, like {of}. The shared index is {inner}: "
        "{meaning}."
    ),
    "over_N": _("the sum runs over the rows of the batch"),
    "over_D": _("the sum runs over the inputs"),
    "over_M": _("the sum runs over the outputs"),
    "index_N": _("N rows of the batch"),
    "index_D": _("D inputs"),
    "index_M": _("M outputs"),
    "db_ask": _("b has shape {shape}. Which sum of dout has that shape, and is db?"),
    "sum_none": _("dout as it is, no sum"),
    "sum_rows": _("the sum along each row"),
    "sum_columns": _("the sum down each column"),
    "sum_all": _("the sum of everything"),
    "db_none": _("dout has shape {shape}. b has one number for each of the {m} outputs."),
    "db_rows": _(
        "That is one number for each row of the batch, shape {shape}. b has one number for each "
        "of the {m} outputs."
    ),
    "db_rows_equal": _(
        "The shape {shape} is right, but only because N = M = 3. These numbers belong to the rows "
        "of the batch, and b has one number for each output."
    ),
    "db_all": _("That is one number alone. b has one number for each of the {m} outputs."),
    "db_columns": _(
        "It fits: shape {shape}. Each number of b went into all {n} rows on the way forward, so "
        "the gradients of these {n} rows are added: a sum over the batch."
    ),
    "cell_locked": _("First put dW together; then work out one of its cells."),
    "cell_unlock": _("Show how dW is put together"),
    "cell_choose": _("Choose the next cell."),
    "cell": _("dW, row {row}, column {column}: {value}"),
    "cell_unknown": _("not yet known"),
    "cell_ask": _(
        "Row {row} of xᵀ is {left}. Column {column} of dout is {right}. What is dW in row {row}, "
        "column {column}?"
    ),
    "cell_prompt": _("dW in row {row}, column {column}"),
    "cell_why": _("{terms} = {value}."),
    "cell_sum": _(
        "That is the sum of the numbers of dout; multiply each by its number of xᵀ first."
    ),
    "cell_other": _("That is row {row}, column {column}. Look at which row and column are framed."),
    "cell_hint": _("Multiply first with first, second with second and so on; then add."),
    "cells_done": _("All of dW is there."),
    "right": _("Right."),
    "wrong": _("Not yet."),
    "not_a_number": _("Please type a number, such as 2, -0.5 or 2/3."),
    "check": _("Check"),
    "reveal": _("Show this one"),
    "picture": _("Picture"),
    "again": _("Start again"),
}


def _say(key: str, **values: object) -> str:
    """Return one of `WORDS` in the reader's language, its gaps filled."""
    return _(WORDS[key]).format(**values)


def _index(letter: str) -> str:
    return _say(f"index_{letter}")


def shape(tile: Tile, sizes: dict[str, int]) -> str:
    """Return the shape of a tile as numbers."""
    return f"({sizes[tile.rows]}, {sizes[tile.columns]})"


def _of(goal: Tile) -> str:
    return goal.name[1:]


def judge(left: Tile, right: Tile, goal: Tile, sizes: dict[str, int]) -> dict[str, str]:
    """Return what is to say about ``left @ right`` as ``goal``.

    The key ``kind`` is ``clash`` (no such product), ``shape`` (another shape), ``index`` or
    ``turned`` (the shape is right by chance alone) or ``fits``; ``text`` says it in words.
    """
    names = {"left": left.name, "right": right.name, "goal": goal.name}
    a, b = sizes[left.columns], sizes[right.rows]
    product = Tile("", "", left.rows, right.columns)
    if a != b:
        return {"kind": "clash", "text": _say("clash", a=a, b=b, **names)}
    result = {"shape": shape(product, sizes)}
    if result["shape"] != shape(goal, sizes):
        words = {"a": a, "shape": result["shape"], "wanted": shape(goal, sizes)}
        return {"kind": "shape", "text": _say("shape", **words, **names)} | result
    if left.columns != right.rows:
        words = {"inner_left": _index(left.columns), "inner_right": _index(right.rows)}
        return {"kind": "index", "text": _say("index", a=a, **words, **names)} | result
    if (left.rows, right.columns) != (goal.rows, goal.columns):
        words = {
            "rows": _index(left.rows), "columns": _index(right.columns),
            "goal_rows": _index(goal.rows), "goal_columns": _index(goal.columns),
        }  # fmt: skip
        return {"kind": "turned", "text": _say("turned", a=a, **words, **names)} | result
    words = {"of": _of(goal), "inner": f"{left.columns} = {a}"}
    meaning = _say(f"over_{left.columns}")
    text = _say("fits", meaning=meaning, **words, **names, **result)
    return {"kind": "fits", "text": text} | result


def judge_sum(how: str, sizes: dict[str, int]) -> dict[str, str]:
    """Return what is to say about a sum of dout as ``db``; see `judge`."""
    n, m = sizes["N"], sizes["M"]
    result = {"none": f"({n}, {m})", "rows": f"({n},)", "columns": f"({m},)", "all": "()"}[how]
    chance = how == "rows" and n == m
    text = _say("db_rows_equal" if chance else f"db_{how}", shape=result, n=n, m=m)
    kind = "fits" if how == "columns" else "index" if chance else "shape"
    return {"kind": kind, "text": text, "shape": result}


def cell(row: int, column: int) -> dict[str, Any]:
    """Return one cell of dW: its value, and how it is worked out."""
    left, right = [line[row] for line in X], [line[column] for line in DOUT]
    value = sum(a * b for a, b in zip(left, right, strict=True))
    terms = " + ".join(
        f"{_bracketed(a)} · {_bracketed(b)}" for a, b in zip(left, right, strict=True)
    )
    places = {"row": row + 1, "column": column + 1}
    ask = _say("cell_ask", left=_listed(left), right=_listed(right), **places)
    why = _say("cell_why", terms=terms, value=shown(value))
    return {"value": value, "sum": sum(right), "ask": ask, "why": why}


def _bracketed(number: float) -> str:
    return f"({shown(number)})" if number < 0 else shown(number)


def _listed(numbers: Sequence[float]) -> str:
    return "(" + ", ".join(map(shown, numbers)) + ")"


class ShapePuzzle(Widget):
    """Tiles, two slots and a goal; see `shape_puzzle`."""

    WORDS = WORDS
    _esm = esm("shape_puzzle.mjs")
    _css = Widget._css + read("shape_puzzle.css")

    tiles = traitlets.List().tag(sync=True)
    goals = traitlets.List().tag(sync=True)
    sizes = traitlets.Dict().tag(sync=True)
    verdicts = traitlets.Dict().tag(sync=True)
    sums = traitlets.Dict().tag(sync=True)
    hand = traitlets.Dict().tag(sync=True)

    def __init__(self) -> None:
        super().__init__(
            title=_say("title"),
            tiles=[t._asdict() | {"spoken": _(t.spoken)} for t in TILES],
            goals=[g._asdict() for g in GOALS],
            sizes=SIZES,
            verdicts={
                f"{which} {goal.key} {left.key} {right.key}": judge(left, right, goal, sizes)
                for which, sizes in SIZES.items()
                for goal in GOALS
                for left in TILES
                for right in TILES
            },
            sums={
                f"{which} {how}": judge_sum(how, sizes)
                for which, sizes in SIZES.items()
                for how in SUMS
            },
            hand={
                "xT": [list(column) for column in zip(*X, strict=True)],
                "dout": DOUT,
                "cells": [[cell(d, m) for m in range(2)] for d in range(3)],
            },
        )

    def strip(self) -> list[tuple[Element | str, str]]:
        """Return the pictures that stand in for the widget, with their captions."""
        tile = {t.key: t for t in TILES}
        frames: list[tuple[Element | str, str]] = []
        for goal, left, right in (
            (GOALS[1], "x", "dout"),
            (GOALS[1], "xT", "dout"),
            (GOALS[0], "dout", "WT"),
        ):
            pair = tile[left], tile[right]
            verdict = judge(*pair, goal, SIZES["different"])
            frames.append(_frame(_product_picture(*pair, goal), verdict["text"]))
        said = cell(2, 1)
        frames.append(_frame(_cell_picture(2, 1), f"{said['ask']} {said['why']}"))
        return frames

    def text(self) -> str:
        """Return in words what the widget lets one find out."""
        sizes = SIZES["different"]
        lines = [
            judge(left, right, goal, sizes)["text"]
            for goal in GOALS
            for left in TILES
            for right in TILES
            if judge(left, right, goal, sizes)["kind"] == "fits"
        ]
        lines.append(judge(TILES[0], TILES[4], GOALS[1], sizes)["text"])
        lines.append("db: " + judge_sum("columns", sizes)["text"])
        lines.append(f"{cell(2, 1)['ask']} {cell(2, 1)['why']}")
        return "\n".join(lines)


def shape_puzzle() -> ShapePuzzle:
    """Return a widget in which the shapes of dx, dW and db are found, and a cell of dW by hand."""
    return ShapePuzzle()


def _frame(canvas: Canvas, caption: str) -> tuple[Element, str]:
    return drawing(canvas, _say("title"), caption), caption


_SIZE = 18


def _grid(canvas: Canvas, x: float, y: float, rows: int, columns: int, style: str) -> None:
    width, height = columns * _SIZE, rows * _SIZE
    lines = [f"M{x} {y + r * _SIZE}h{width}" for r in range(1, rows)]
    lines += [f"M{x + c * _SIZE} {y}v{height}" for c in range(1, columns)]
    canvas.path("".join(lines), "grid")
    canvas.path(f"M{x} {y}h{width}v{height}h{-width}Z", style)
    canvas.inked.append(Box(x, y, x + width, y + height))


def _product_picture(left: Tile, right: Tile, goal: Tile) -> Canvas:
    """Return two matrices side by side, their inner sizes, and what was wanted."""
    canvas, sizes = Canvas(), SIZES["different"]
    x = 0.0
    for i, (tile, sign) in enumerate(((left, "times"), (right, ""), (goal, ""))):
        rows, columns = sizes[tile.rows], sizes[tile.columns]
        width = columns * _SIZE
        if i == 2:
            canvas.label(_say("wanted_short"), x + 24, 5, "soft", 14)
            x += 64
        style = "line g" if tile.key.startswith("d") else "line v"
        _grid(canvas, x, -rows * _SIZE / 2, rows, columns, style)
        canvas.label(tile.name, x + width / 2, -4 * _SIZE / 2 - 14, "ink strong")
        canvas.label(shape(tile, sizes), x + width / 2, 4 * _SIZE / 2 + 24, "ink", 15)
        x += width + 20
        if sign:
            canvas.label("@", x + 6, 6, "ink", 20)
            x += 36
    return canvas


def _cell_picture(row: int, column: int) -> Canvas:
    """Return xᵀ, dout and dW with one row, one column and one cell framed."""
    canvas = Canvas()
    size, x = 34, 0.0
    value = cell(row, column)["value"]
    blank: list[list[str]] = [["" for _m in range(2)] for _d in range(3)]
    blank[row][column] = shown(value)
    arrays: list[tuple[str, list[list[Any]], Box]] = [
        ("xᵀ", [list(c) for c in zip(*X, strict=True)], Box(0, row, 4, row + 1)),
        ("dout", DOUT, Box(column, 0, column + 1, 4)),
        ("dW", blank, Box(column, row, column + 1, row + 1)),
    ]
    for (name, rows, marked), sign in zip(arrays, ("@", "=", ""), strict=True):
        top = -len(rows) * size / 2
        canvas.label(name, x + len(rows[0]) * size / 2, -2 * size - 12, "ink strong")
        for r, line in enumerate(rows):
            for c, number in enumerate(line):
                left, upper = x + c * size, top + r * size
                canvas.path(f"M{left} {upper}h{size}v{size}h{-size}Z", "grid")
                if number != "":
                    canvas.label(
                        shown(number),
                        left + size / 2,
                        upper + size / 2 + 6,
                        "v" if name == "xᵀ" else "g",
                    )
        box = Box(*(v * size for v in marked))
        canvas.path(
            f"M{x + box.left} {top + box.top}H{x + box.right}V{top + box.bottom}H{x + box.left}Z",
            "line i",
        )
        canvas.inked.append(Box(x, top, x + len(rows[0]) * size, -top))
        x += len(rows[0]) * size + 18
        if sign:
            canvas.label(sign, x + 4, 6, "ink", 20)
            x += 26
    return canvas

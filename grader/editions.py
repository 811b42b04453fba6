"""The editions of a unit: one source notebook, a student notebook in each language.

In source/ every prose cell has its twin in the other language right behind it, with the same
id and ``-zh`` at its end. Code is shared: an edition has the same code cells, and the strings
in them are English. Those of the locked cells, which a gradebook holds, are looked up when a
check prints them (`course._language.shown`); in the demo cells, which are the reader's own to
play with, the Chinese edition has its strings in Chinese.
"""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field

from nbformat import NotebookNode

from .language import LANGUAGES, _, using
from .units import Unit, kind

TWIN = "-zh"  # at the end of a Chinese cell's id, behind that of its English twin
# What a figure or a part of a check shows; other keywords are settings.
SHOWN = {"alt", "caption", "hint", "label", "labels", "title", "xlabel", "ylabel"}


def language_of_cell(cell: NotebookNode) -> str | None:
    """Return the language of a prose cell, None for code."""
    if cell.cell_type != "markdown":
        return None
    return cell.metadata.get("course", {}).get("lang", "en")


def make_edition(notebook: NotebookNode, lang: str) -> None:
    """Leave in a source notebook, in place, what its edition in ``lang`` has."""
    notebook.cells = [c for c in notebook.cells if language_of_cell(c) in (None, lang)]
    for cell in notebook.cells:
        if kind(cell) in ("demo", "free"):
            cell.source = in_language(cell.source, lang)
    notebook.metadata.setdefault("course", NotebookNode())["lang"] = lang


def translated_demos(unit: Unit) -> Iterator[NotebookNode]:
    """Yield the demo cells of a unit as they are in its other editions."""
    for lang in LANGUAGES:
        for cell in unit.notebook.cells:
            if lang != "en" and kind(cell) in ("demo", "free"):
                cell = deepcopy(cell)
                cell.source = in_language(cell.source, lang)
                yield cell


# ---------------------------------------------------------------- strings in code cells


@dataclass(frozen=True)
class CellString:
    """A string of a code cell that its reader sees.

    Attributes
    ----------
    text : str
        As a catalogue has it; the values of an f-string are ``{name}``, or ``{0}``, ``{1}``
        for what is no plain name.
    hidden : bool
        Whether it stands in a hidden test.
    start, end : int
        Where it stands in the source.
    values : dict of str to str
        What the f-string has in each place, as source.
    comment : bool
        Whether it is a comment, without its ``# ``.
    """

    text: str
    hidden: bool
    start: int
    end: int
    values: dict[str, str] = field(default_factory=dict)
    comment: bool = False


def cell_strings(source: str, comments: bool = False) -> list[CellString]:
    """Return the strings of a code cell that its reader sees, in order.

    Texts of several words, wherever they stand; a single word only where it is sure to be
    shown: what a part is called, a label of a figure. Docstrings are code, and so are comments
    but in a demo cell, whose ``comments`` a reader is meant to read.
    """
    tree = ast.parse(source)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    lines = source.splitlines(keepends=True)
    offsets = [0]
    for line in lines:
        offsets.append(offsets[-1] + len(line))

    def place(number: int, column: int) -> int:
        return offsets[number - 1] + len(lines[number - 1].encode()[:column].decode())

    hidden = [m.span() for m in re.finditer(r"(?s)### BEGIN HIDDEN.*?### END HIDDEN", source)]
    found = []
    for node in ast.walk(tree):
        text, values = _text(node)
        if text is not None and _is_shown(node, text, parents):
            start = place(node.lineno, node.col_offset)
            end = place(node.end_lineno, node.end_col_offset)
            inside = any(a <= start < b for a, b in hidden)
            found.append(CellString(text, inside, start, end, values))
    if comments:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                (row, first), (_row, last) = token.start, token.end
                start, end = offsets[row - 1] + first + 2, offsets[row - 1] + last
                found.append(CellString(source[start:end], False, start, end, comment=True))
    return sorted(found, key=lambda one: one.start)


def _text(node: ast.AST) -> tuple[str | None, dict[str, str]]:
    """Return the text of a string or an f-string as a catalogue has it, and its values."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value, {}
    if not isinstance(node, ast.JoinedStr):
        return None, {}
    text, values = "", {}
    for piece in node.values:
        if isinstance(piece, ast.Constant):
            text += piece.value
            continue
        value = _value(piece)
        name = piece.value.id if isinstance(piece.value, ast.Name) else ""
        if not name or values.get(name, value) != value:  # one name, shown in two ways
            name = str(sum(n.isdigit() for n in values))
        values[name] = value
        text += f"{{{name}}}"
    return text, values


def _value(piece: ast.FormattedValue) -> str:
    """Return a value of an f-string as source, without its braces."""
    said = ast.unparse(piece.value)
    if piece.conversion >= 0:
        said += f"!{chr(piece.conversion)}"
    if piece.format_spec is not None:
        said += ":" + "".join(
            p.value if isinstance(p, ast.Constant) else f"{{{_value(p)}}}"
            for p in piece.format_spec.values
        )
    return said


def _is_shown(node: ast.AST, text: str, parents: dict[ast.AST, ast.AST]) -> bool:
    words = re.sub(r"\{\w+\}", "", text).strip()
    if not re.search(r"[A-Za-z]{2}", words):
        return False
    inner, outer = node, parents.get(node)
    if isinstance(outer, (ast.JoinedStr, ast.FormattedValue, ast.Expr, ast.Attribute)):
        return False
    while outer is not None and not isinstance(outer, ast.stmt):
        if isinstance(outer, (ast.Compare, ast.Subscript)):
            return False
        if isinstance(outer, ast.Dict) and inner in outer.keys:
            return False
        if isinstance(outer, ast.keyword):
            return outer.arg in SHOWN
        if isinstance(outer, ast.Call):
            name = getattr(outer.func, "attr", "") or getattr(outer.func, "id", "")
            if (name == "part" and inner is outer.args[0]) or (name == "print" and inner is node):
                return True
            break
        inner, outer = outer, parents.get(outer)
    return bool(re.search(r"\S\s+[A-Za-z]|[A-Za-z]\S*\s|[A-Za-z]:", words))


def in_language(source: str, lang: str) -> str:
    """Return a code cell with the strings that its reader sees in ``lang``."""
    if lang == "en":
        return source
    changed = source
    with using(lang):
        for one in reversed(cell_strings(source, comments=True)):
            translated = _(one.text)
            if translated != one.text:
                changed = changed[: one.start] + _literal(translated, one) + changed[one.end :]
    return changed


def _literal(text: str, one: CellString) -> str:
    """Return ``text`` as a literal in the place of the string that it translates."""
    if one.comment:
        return text
    if not one.values:
        return json.dumps(text, ensure_ascii=False)
    pieces = re.split(r"(\{\w+\})", text)
    inner = "".join(
        f"{{{one.values[piece[1:-1]]}}}"
        if piece[1:-1] in one.values
        else json.dumps(piece, ensure_ascii=False)[1:-1].replace("{", "{{").replace("}", "}}")
        for piece in pieces
    )
    return f'f"{inner}"'

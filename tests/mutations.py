"""One-token mutations of a right answer: the slips of a hand, not known in advance."""

from __future__ import annotations

import ast
import io
import random
import tokenize

_SWAPS = {
    "+": "-*", "-": "+*", "*": "+/", "/": "*-", "@": "*", "**": "*", "//": "/",
    "<": ">", ">": "<", "<=": ">", ">=": "<", "==": ["!="], "!=": ["=="], "in": ["not in"],
    "True": ["False"], "False": ["True"], "and": ["or"], "or": ["and"],
    "max": ["min", "sum"], "sum": ["mean", "max"], "mean": ["sum", "max"], "argmax": ["argmin"],
    "exp": ["log"], "log": ["exp"], "cos": ["sin"], "tanh": ["sin"], "zeros_like": ["ones_like"],
    "zeros": ["ones"], "reversed": ["list"], "forward": ["backward"], "randn": ["rand"],
}  # fmt: skip


def _docstring_lines(source: str) -> set[int]:
    lines: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Module)) and ast.get_docstring(
            node
        ):
            lines |= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    return lines


def _signature_lines(source: str) -> set[int]:
    return {
        n.lineno
        for n in ast.walk(ast.parse(source))
        if isinstance(n, (ast.FunctionDef, ast.ClassDef))
    }


def _instead(token: tokenize.TokenInfo, names: list[str]) -> list[str]:
    """Return what may stand in the place of a token."""
    text = token.string
    if text in _SWAPS:
        return list(_SWAPS[text])
    if token.type == tokenize.NUMBER:
        value = ast.literal_eval(text)
        others = {0: ["1"], 1: ["0", "2"], 2: ["1", "3"]}.get(value, [repr(2 * value)])
        return others
    if token.type == tokenize.STRING and "\n" not in text:
        value = ast.literal_eval(text)
        known = {"+": "*", "*": "+", "W1": "W2", "W2": "W1", "b1": "b2", "b2": "b1"}
        return [repr(known[value])] if value in known else []
    if token.type == tokenize.NAME and text in names:
        return [n for n in names if n != text]
    return []


def mutations(source: str, count: int, rng: random.Random) -> list[str]:
    """Return at most ``count`` different programs that differ from ``source`` in one token."""
    skipped = _docstring_lines(source) | _signature_lines(source)
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    stored = {
        n.id
        for n in ast.walk(ast.parse(source))
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    stored |= {
        a.arg
        for n in ast.walk(ast.parse(source))
        if isinstance(n, ast.FunctionDef)
        for a in n.args.args
    }
    stored |= {
        n.attr
        for n in ast.walk(ast.parse(source))
        if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)
    }
    names = sorted(stored - {"self"})
    lines = source.splitlines(keepends=True)
    found = []
    for token in tokens:
        row, column = token.start
        if row in skipped or token.end[0] != row or not token.string.strip():
            continue
        line = lines[row - 1]
        options = _instead(token, names)
        if token.string == "-" and token.type == tokenize.OP:
            options = [*options, ""]
        for other in options:
            new = line[:column] + other + line[token.end[1] :]
            program = "".join([*lines[: row - 1], new, *lines[row:]])
            try:
                ast.parse(program)
            except SyntaxError:
                continue
            found.append(program)
    found = sorted(set(found) - {source})
    return rng.sample(found, min(count, len(found)))

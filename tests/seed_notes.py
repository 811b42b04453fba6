"""Read the seed notes: their bullets, pictures and classes."""

from __future__ import annotations

import csv
import re
from pathlib import Path

FOLDER = Path(__file__).parent / "seed"
TEXT = (FOLDER / "chapter5-backpropagation.zh.md").read_text("utf-8")


def code_blocks() -> dict[str, str]:
    """Return the seed's classes by name, as they stand in its code blocks."""
    blocks = re.findall(r"(?s)~~~py\n(.*?)~~~", TEXT)
    return {re.search(r"class (\w+)", block)[1]: block for block in blocks}


def bullets() -> list[str]:
    """Return every line of the seed that teaches something, code blocks by their class.

    Bullets, definitions (lines that begin with ``>``), pictures and code blocks; not the
    headings.
    """
    text = re.sub(r"(?s)~~~py\n(.*?)~~~", lambda m: f"code {_class_of(m[1])}", TEXT)
    found = []
    for line in text.splitlines():
        line = re.sub(r"^[*> \t　]+", "", line).strip()
        if line and not line.startswith("#"):
            found.append(line)
    return found


def _class_of(block: str) -> str:
    return re.search(r"class (\w+)", block)[1]


def where_taught() -> list[dict[str, str]]:
    """Return the table ``seed, unit, cell, words``: one row for each bullet, in order."""
    with (FOLDER / "where_taught.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))

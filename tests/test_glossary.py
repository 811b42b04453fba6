"""The glossary: its words are the chapter's, and the units use them where it says so."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import nbformat
import pytest
import seed_notes

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "source"
UNITS = {folder.name[:2]: folder for folder in sorted(SOURCE.glob("0*"))}


class Term(NamedTuple):
    """One row of the glossary's tables."""

    english: str
    chinese: str
    where: str
    meaning: str
    meaning_zh: str

    @property
    def unit(self) -> str:
        return self.where.partition(", ")[0]

    @property
    def section(self) -> str:
        return self.where.partition(", ")[2]

    @property
    def words(self) -> list[str]:
        """The Chinese words, as they stand in prose."""
        return self.chinese.replace("*", "").split(" / ")


def read_terms() -> list[Term]:
    """Return the rows of the tables that have a column for where a word is taught."""
    text = (ROOT / "docs" / "glossary.md").read_text("utf-8")
    rows = [re.split(r" *\| *", line.strip("| ")) for line in text.splitlines() if line[:1] == "|"]
    return [Term(*row) for row in rows if len(row) == 5 and re.match(r"0\d, ", row[2])]


TERMS = read_terms()


@cache
def prose(unit: str, lang: str) -> list[str]:
    """Return the prose cells of a unit in one language."""
    folder = UNITS[unit]
    notebook = nbformat.read(folder / f"{folder.name}.ipynb", as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    return [c.source for c in cells if c.metadata.get("course", {}).get("lang") == lang]


def section(unit: str, heading: str) -> str:
    """Return the English text from a heading to the next one; '' if there is no such heading."""
    text = "\n".join(prose(unit, "en"))
    parts = re.split(r"(?m)^#{1,3} (.*)$", text)
    for found, body in zip(parts[1::2], parts[2::2], strict=True):
        if re.match(rf"({unit} )?{re.escape(heading)}($| \()", found):
            return f"{found}\n{body}"
    return ""


def bare(text: str) -> str:
    """Return the text without spaces and capitals: 'Affine 层' and 'Affine层' are one word."""
    return re.sub(r"\s", "", text).lower()


def ids(terms: list[Term]) -> list[str]:
    return [term.english.replace(" ", "-") for term in terms]


def test_every_row_is_whole():
    assert len(TERMS) >= 60
    assert all(all(term) for term in TERMS)
    assert len({term.english for term in TERMS}) == len(TERMS)


def test_the_rows_follow_the_units():
    assert [term.unit for term in TERMS] == sorted(term.unit for term in TERMS)
    assert {term.unit for term in TERMS} == set(UNITS)


def test_words_in_bold_are_words_of_the_chapter():
    seed = bare(seed_notes.TEXT)
    bold = [word for term in TERMS for word in re.findall(r"\*\*(.+?)\*\*", term.chinese)]
    assert bold
    assert [word for word in bold if bare(word) not in seed] == []


def test_words_that_the_chapter_translates_are_there_and_in_bold():
    """The chapter itself gives the English of some words, as in 链式法则（chain rule）."""
    pairs = re.findall(r"([\u4e00-\u9fff]+)（([a-z -]+)）", seed_notes.TEXT)
    chinese = {word for word, _ in pairs}
    assert {"计算图", "正向传播", "反向传播", "链式法则", "梯度确认"} <= chinese
    ours = {term.chinese for term in TERMS}
    # Lines that end in a term, such as "...的操作称为梯度确认", end in a word of ours in bold.
    assert [w for w in chinese if not any(f"**{w[-n:]}**" in ours for n in range(2, 9))] == []


def test_words_of_the_code_comments_of_the_chapter_are_there():
    """What the chapter's code calls 监督数据 or 损失 is called so here."""
    ours = "".join(term.chinese for term in TERMS)
    assert [w for w in ("翻转", "损失", "监督数据", "权重", "层") if w not in ours] == []


@pytest.mark.parametrize("term", TERMS, ids=ids(TERMS))
def test_the_section_named_explains_the_english_word(term):
    text = section(term.unit, term.section)
    assert text, f"unit {term.unit} has no section {term.section!r}"
    assert bare(term.english) in bare(text)


@pytest.mark.parametrize("term", TERMS, ids=ids(TERMS))
def test_the_unit_uses_the_chinese_word(term):
    text = bare("\n".join(prose(term.unit, "zh")))
    assert text, f"unit {term.unit} has no Chinese prose"
    assert [word for word in term.words if bare(word) not in text] == []

"""Bring the catalogues up to date: ``make catalogues``, or ``python -m grader.catalogues``.

What is marked in the code, what stands in the cells of source/ and what the misconceptions say
is collected into the .po files; a text that has changed keeps its old translation, marked as
fuzzy, for a translator to look at. The .mo files, which are read at run time, are made from
them and committed: an installation has no build step.
"""

from __future__ import annotations

import ast
import inspect
import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from .diagnose import MISCONCEPTIONS
from .editions import cell_strings
from .inside import objects
from .language import LANGUAGES, LOCALE
from .units import kind, units

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = {
    "course": ROOT / "course" / "locale",
    "notebooks": ROOT / "course" / "locale",
    "grader": LOCALE,
    "hidden": LOCALE,
    "misconceptions": LOCALE,
}
Found = dict[str, list[str]]  # where each message stands


class Messages(Catalog):
    """A catalogue whose header says nothing that changes from day to day."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """The lines of the header that gettext needs."""
        return [
            ("Project-Id-Version", "backprop-course"),
            ("Language", str(self.locale_identifier)),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
        ]


# ---------------------------------------------------------------- what there is to translate


def _marked(method: str, paths: list[Path]) -> Iterator[tuple[str, str]]:
    """Yield the texts in ``_(...)`` and ``N_(...)``, and the file of each."""
    for path in paths:
        with path.open("rb") as file:
            for _line, message, _comments, _context in extract(
                method, file, {"_": None, "N_": None}
            ):
                yield message, path.relative_to(ROOT).as_posix()


def _in_cells(hidden: bool) -> Iterator[tuple[str, str]]:
    """Yield what stands in the cells of source/: in hidden tests, or everywhere else."""
    for unit in units():
        for cell in unit.notebook.cells:
            if cell.cell_type == "code" and kind(cell) != "answer":
                for one in cell_strings(cell.source, comments=kind(cell) in ("demo", "free")):
                    if one.hidden == hidden:
                        yield one.text, f"source/{unit.name}"


def _described() -> Iterator[tuple[str, str]]:
    """Yield how a session describes an object: like a cell, it sends finished texts."""
    for one in cell_strings(inspect.getsource(objects.describe)):
        yield one.text, "grader/inside/objects.py"


def _docstrings() -> Iterator[tuple[str, str]]:
    for path in sorted(MISCONCEPTIONS.glob("*/*/*.py")):
        docstring = ast.get_docstring(ast.parse(path.read_text("utf-8")))
        if docstring:
            yield docstring, path.relative_to(ROOT).as_posix()


def collect() -> dict[str, Found]:
    """Return, by domain, all messages and where they stand.

    A message is in one catalogue only, a student's before the grader's.
    """
    course = sorted((ROOT / "course").rglob("*.py"))
    folders = [ROOT / "grader", ROOT / "grader" / "inside", ROOT / "grader" / "exchange"]
    grader = sorted(path for folder in folders for path in folder.glob("*.py"))
    pages = sorted((ROOT / "grader").glob("templates/*.html"))
    pages += sorted((ROOT / "grader" / "exchange").glob("templates/*.html"))
    sources = {
        "course": [*_marked("python", course)],
        "notebooks": [*_in_cells(hidden=False)],
        "grader": [*_marked("python", grader), *_marked("jinja2", pages)],
        "hidden": [*_in_cells(hidden=True), *_described()],
        "misconceptions": [*_docstrings()],
    }
    seen: set[str] = set()
    collected = {}
    for domain, pairs in sources.items():
        found: Found = {}
        for message, where in pairs:
            if message not in seen and where not in found.setdefault(message, []):
                found[message].append(where)
        seen |= set(found)
        collected[domain] = {m: w for m, w in found.items() if w}
    return collected


# ---------------------------------------------------------------- the files


def po_path(domain: str, lang: str) -> Path:
    """Return the path of a catalogue as translators see it; the compiled one lies beside it."""
    return FOLDERS[domain] / lang / "LC_MESSAGES" / f"{domain}.po"


def read(domain: str, lang: str) -> Catalog:
    """Return a catalogue as it is stored; empty if there is none yet."""
    path = po_path(domain, lang)
    if not path.is_file():
        return Catalog(lang, domain)
    with path.open("rb") as file:
        return read_po(file, lang, domain)


def updated(stored: Catalog, found: Found, domain: str, lang: str) -> Catalog:
    """Return a catalogue of what was found, with the translations that are stored."""
    template = Catalog(domain=domain)
    for message, where in found.items():
        template.add(message, locations=[(place, 0) for place in where])
    stored.update(template)
    made = Messages(lang, domain, header_comment="", fuzzy=False)
    for message in stored:
        if message.id:
            # Of the flags only "fuzzy" tells a translator something.
            flags = {"fuzzy"} if message.fuzzy and message.string else set()
            made.add(message.id, message.string, [(p, None) for p, _n in message.locations], flags)
    return made


def as_files(catalogue: Catalog) -> tuple[bytes, bytes]:
    """Return the bytes of a catalogue's .po file and of its .mo file."""
    po, mo = io.BytesIO(), io.BytesIO()
    write_po(po, catalogue, width=100, sort_output=False)
    write_mo(mo, catalogue)
    return po.getvalue(), mo.getvalue()


def write(path: Path, catalogue: Catalog) -> bool:
    """Write a catalogue and its compiled form; return whether either has changed."""
    changed = False
    for target, data in zip((path, path.with_suffix(".mo")), as_files(catalogue), strict=True):
        if not target.is_file() or target.read_bytes() != data:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            changed = True
    return changed


def main() -> int:
    """Update every catalogue; tell how much is left to translate."""
    left = 0
    for domain, found in collect().items():
        for lang in LANGUAGES[1:]:
            catalogue = updated(read(domain, lang), found, domain, lang)
            write(po_path(domain, lang), catalogue)
            open_ones = [m for m in catalogue if m.id and (not m.string or m.fuzzy)]
            left += len(open_ones)
            print(f"{domain}.po ({lang}): {len(catalogue)} messages, {len(open_ones)} to translate")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())

"""Read what a student handed in, whatever state it is in."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from .restore import defined_names
from .units import Unit, grade_id, load_unit, unit_names, units

# Beside a notebook: when it was handed in, and the secret by which the exchange finds whose
# feedback a page is.
NBGRADERS_OWN = ("timestamp.txt", "submission_secret.txt")
MAX_FILE_MB = 256  # outputs of 50 MB are seen in the wild; beyond this it is no notebook to grade
MAX_SOURCE = 1_000_000  # characters of all cells: near twenty times the longest unit
MAX_ITEMS = 5_000_000  # of JSON: some 100 bytes each once read; honest outputs have fewer


class SubmissionError(ValueError):
    """Raised for a file that is no notebook of this course; names the file and the mend."""


def _text(value) -> str:
    if isinstance(value, list):
        value = "".join(v for v in value if isinstance(v, str))
    # JSON can spell half a surrogate pair, which no file can hold.
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else ""


def _metadata(metadata: object) -> NotebookNode:
    """Return what grading and feedback read of a cell's metadata, as far as it is well formed.

    The rest would have to be valid and of bounded depth: whatever writes or validates a
    notebook stumbles over it.
    """
    kept = NotebookNode()
    if not isinstance(metadata, dict):
        return kept
    for name in ("nbgrader", "course"):
        if isinstance(metadata.get(name), dict):
            plain = {k: v for k, v in metadata[name].items() if type(v) in (str, int, float, bool)}
            kept[name] = NotebookNode({_text(k): _text(v) or v for k, v in plain.items()})
    if isinstance(metadata.get("tags"), list):
        tags = [_text(tag) for tag in metadata["tags"]]
        kept["tags"] = list(dict.fromkeys(tag for tag in tags if tag and "," not in tag))
    return kept


def _clean(cell: object, index: int) -> NotebookNode | None:
    """Return a valid cell without outputs from whatever a file holds in its place.

    Valid by its making: nbformat's own functions check each cell against the schema, which
    takes longer than all the rest. A cell without an id gets the same one each time.
    """
    if not isinstance(cell, dict):
        return None
    source = _text(cell.get("source", ""))
    kind = cell.get("cell_type")
    kind = kind if kind in ("code", "markdown", "raw") else "markdown"
    known = cell.get("id")
    known = known if isinstance(known, str) and re.fullmatch(r"[a-zA-Z0-9-_]{1,64}", known) else ""
    clean = NotebookNode(cell_type=kind, id=known or f"cell-{index}", source=source)
    clean.metadata = _metadata(cell.get("metadata"))
    if kind == "code":
        clean.outputs, clean.execution_count = [], None
    return clean


def parse(text: str, name: str) -> NotebookNode:
    """Return a notebook of format 4 without outputs; ``name`` stands in messages.

    Lenient in what can be mended (outputs, ids, odd cells, notebooks of format 3),
    strict in what cannot.

    Raises
    ------
    SubmissionError
        If the text is no notebook.
    """
    if not text.strip():
        raise SubmissionError(f"{name} is empty: save the notebook again and hand in that file")
    if sum(map(text.count, ",[{")) > MAX_ITEMS:
        raise SubmissionError(
            f"{name} has more than {MAX_ITEMS} entries: "
            "clear its outputs (Edit, Clear Outputs of All Cells) and save it again"
        )
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f" ({error})" if isinstance(error, json.JSONDecodeError) else ""
        raise SubmissionError(
            f"{name} is no notebook: its JSON is broken{where}. "
            "Open it in JupyterLab, save it and hand it in again"
        ) from None
    if not isinstance(raw, dict) or not isinstance(raw.get("nbformat"), int):
        raise SubmissionError(f"{name} is no notebook: it is JSON, but has no 'nbformat'")
    major = raw["nbformat"]
    if major < 4:
        try:
            raw = nbformat.convert(nbformat.reads(text, as_version=nbformat.NO_CONVERT), 4)
        except Exception as error:
            raise SubmissionError(
                f"{name} is a notebook of the old format {major} that cannot be converted "
                f"({error}): open it in JupyterLab, save it and hand it in again"
            ) from None
    elif major > 4:
        raise SubmissionError(f"{name} is a notebook of the unknown format {major}")
    cells = raw.get("cells")
    if not isinstance(cells, list):
        raise SubmissionError(f"{name} is no notebook: it has no list of cells")
    metadata = raw.get("metadata")
    cleaned = (_clean(cell, index) for index, cell in enumerate(cells, 1))
    notebook = NotebookNode(nbformat=4, nbformat_minor=5, metadata=NotebookNode())
    notebook.cells = [c for c in cleaned if c is not None]
    if sum(len(c.source) for c in notebook.cells) > MAX_SOURCE:
        raise SubmissionError(
            f"{name} has more than {MAX_SOURCE} characters of code and text: "
            "delete the cells that are no answers and hand it in again"
        )
    course = metadata.get("course") if isinstance(metadata, dict) else None
    if isinstance(course, dict):
        # No more than that: in a graded notebook our own result stands beside the unit's name.
        told = {k: _text(course[k]) for k in ("unit", "lang") if isinstance(course.get(k), str)}
        notebook.metadata["course"] = nbformat.from_dict(told)
    return notebook


def read(path: str | os.PathLike) -> NotebookNode:
    """Return the notebook in a file, as `parse` does.

    Raises
    ------
    SubmissionError
        If the file is missing, no regular file, too large, no text or no notebook.
    """
    path = Path(path)
    if not path.exists():
        raise SubmissionError(f"{path} does not exist")
    if not path.is_file():
        raise SubmissionError(f"{path} is no file: name one notebook, such as 04-activations.ipynb")
    size_mb = path.stat().st_size / 2**20
    if size_mb > MAX_FILE_MB:
        raise SubmissionError(
            f"{path} has {size_mb:.0f} MB, more than {MAX_FILE_MB}: "
            "clear its outputs (Edit, Clear Outputs of All Cells) and save it again"
        )
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SubmissionError(f"{path} cannot be read: {error.strerror}") from None
    return from_bytes(data, str(path))


def from_bytes(data: bytes, name: str) -> NotebookNode:
    """Return the notebook in the bytes of a file, as `parse` does.

    Raises
    ------
    SubmissionError
        If they are no text or no notebook.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SubmissionError(f"{name} is no notebook: it is not text in UTF-8") from None
    return parse(text, name)


def identify(notebook: NotebookNode, name: str) -> Unit:
    """Return the unit that a notebook is a copy of.

    By the unit that its metadata names, else by the ids of its cells, else by what its
    cells define: at least half of the names that a unit's answers define.

    Raises
    ------
    SubmissionError
        If it is a copy of no unit.
    """
    named = notebook.metadata.get("course", {}).get("unit")
    if isinstance(named, str) and named in unit_names():
        return load_unit(named)
    ids = {grade_id(c) or c.get("id") for c in notebook.cells if isinstance(c.metadata, dict)}
    by_ids = {u.name: len(ids & set(u.answers)) for u in units()}
    best = max(by_ids, key=by_ids.__getitem__)
    if by_ids[best]:
        return load_unit(best)
    found = set().union(*(defined_names(c.source) for c in notebook.cells if c.cell_type == "code"))
    shares = {}
    for unit in units():
        wanted = set().union(*(defined_names(c.source) for c in unit.answers.values()))
        shares[unit.name] = len(wanted & found) / len(wanted)
    best = max(shares, key=shares.__getitem__)
    if shares[best] >= 0.5:
        return load_unit(best)
    raise SubmissionError(
        f"{name} is no notebook of this course: it has no cell of any of its units "
        f"({', '.join(unit_names())})"
    )

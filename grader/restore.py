"""Rebuild a submission: our cells in our order, the student's answers and own cells.

The structure of a submitted notebook is not trusted. `restore` starts from the cells
that were handed out (the template) and lifts in each answer, found by its grade_id, by
its cell id, or by the names it defines when an editor has thrown the ids away. Cells
that were deleted, copied, split, merged, moved, re-typed, unlocked or re-scored can so
neither lose a submission nor win a point. All other cells of the student stay in place,
stripped of any grading metadata.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field

from nbformat import NotebookNode

from .language import _, speaking_to
from .units import grade_id, kind, solution_removed


@dataclass
class Restored:
    """A rebuilt submission.

    Attributes
    ----------
    notebook : NotebookNode
        Every template cell once and in order, the student's own cells between them.
    notes : list of str
        What had to be mended, each for a person to read.
    answered : dict of str to bool
        For each exercise, whether its answer differs from what was handed out.
    """

    notebook: NotebookNode
    notes: list[str] = field(default_factory=list)
    answered: dict[str, bool] = field(default_factory=dict)


@functools.lru_cache(maxsize=512)  # each answer without an id looks through all cells
def defined_names(source: str) -> frozenset[str]:
    """Return the names that a cell defines at its top level: functions, classes, variables.

    Works on source that does not parse: then by the shape of its lines.
    """
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset(re.findall(r"(?m)^(?:class|def|async def)\s+(\w+)", source)) | set(
            re.findall(r"(?m)^(\w+)\s*=(?!=)", source)
        )
    names: set[str] = set()
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, (ast.AnnAssign, ast.AugAssign)):
            targets = [node.target]
        names |= {t.id for t in targets if isinstance(t, ast.Name)}
    return frozenset(names)


def _same_code(a: str, b: str) -> bool:
    """Compare two cells as a checksum would, but for white space at line ends."""
    return [x.rstrip() for x in a.strip().splitlines()] == [
        x.rstrip() for x in b.strip().splitlines()
    ]


def _claimed_id(cell: NotebookNode) -> str | None:
    """Return the id under which a submitted cell claims to be one of ours, if any."""
    meta = cell.metadata.get("nbgrader")
    claimed = meta.get("grade_id") if isinstance(meta, dict) else None
    return claimed if isinstance(claimed, str) and claimed else None


def _own_cell(cell: NotebookNode, used: set[str]) -> NotebookNode:
    """Return a cell of the student's, without grading metadata and with a fresh id if need be."""
    own = deepcopy(cell)
    own.metadata.pop("nbgrader", None)
    base = own.get("id") or "own"
    number, new = 1, base
    while new in used:
        number += 1
        new = f"{base[:56]}-{number}"
    used.add(new)
    own["id"] = new
    if own.cell_type == "code":
        own.outputs, own.execution_count = [], None
    return own


class _Rebuild:
    """One run of `restore`: the places that the template's cells take in the submission."""

    def __init__(self, submission: NotebookNode, template: Sequence[NotebookNode]) -> None:
        self.template = list(template)
        self.cells = list(submission.cells)
        self.notes: list[str] = []
        self.place: dict[str, int] = {}  # grade_id -> index in the submission
        self.ours: set[int] = set()  # indices that do not stay as the student's own cells

    def _note(self, said: str, name: str, **counts: int) -> None:
        self.notes.append(said.format(name=name, **counts))

    def stub(self, cell: NotebookNode) -> str:
        return solution_removed(cell.source)

    def find(self) -> None:
        ids = {grade_id(c): c for c in self.template}
        claims: dict[str, list[int]] = {}
        for index, cell in enumerate(self.cells):
            claimed = _claimed_id(cell)
            if claimed is None and cell.get("id") in ids:
                claimed = cell["id"]
            if claimed in ids:
                claims.setdefault(claimed, []).append(index)
            elif claimed is not None:
                self._note(_("cell '{name}' is none of this unit's; kept as your own"), claimed)
        for name, cell in ids.items():
            if kind(cell) == "answer":
                self._find_answer(name, cell, claims.get(name, []))
            else:
                self._find_locked(name, cell, claims.get(name, []))
        self._answers_by_names(ids)

    def _find_locked(self, name: str, cell: NotebookNode, claims: list[int]) -> None:
        """Drop whatever claims to be a locked cell; the template's stands in its place."""
        self.ours.update(claims)
        if not claims:
            same = [
                i
                for i, c in enumerate(self.cells)
                if c.cell_type == "code"
                and i not in self.ours
                and _same_code(c.source, cell.source)
            ]
            claims = same[:1]
            self.ours.update(claims)
        if claims:
            self.place[name] = claims[0]
            if len(claims) > 1:
                said = _("cell '{name}' was there {count} times; ours counts")
                self._note(said, name, count=len(claims))
            elif not _same_code(self.cells[claims[0]].source, self._handed_out(cell)):
                self._note(_("cell '{name}' was changed; ours was put back"), name)
        else:
            self._note(_("cell '{name}' was missing; ours was put back"), name)

    @staticmethod
    def _handed_out(cell: NotebookNode) -> str:
        """Return a locked cell as a student saw it: without its hidden tests."""
        pattern = r"(?ms)^[ \t]*### BEGIN HIDDEN TESTS.*?^[ \t]*### END HIDDEN TESTS[^\n]*\n?"
        return re.sub(pattern, "", cell.source)

    def _find_answer(self, name: str, cell: NotebookNode, claims: list[int]) -> None:
        stub = self.stub(cell)
        written = [i for i in claims if not _same_code(self.cells[i].source, stub)]
        if not claims:
            return
        if len(claims) > 1:
            said = _("answer '{name}' was there {count} times; the last one written counts")
            self._note(said, name, count=len(claims))
        wanted = defined_names(stub)
        defining = [i for i in written if wanted & defined_names(self.cells[i].source)]
        chosen = (defining or written or claims)[-1]
        self.place[name] = chosen
        # A copy of the stub adds nothing; a further written copy runs as the student's own.
        self.ours.update(i for i in claims if i == chosen or i not in written)

    def _answers_by_names(self, ids: dict[str, NotebookNode]) -> None:
        """Place the answers that no id leads to, by the names they should define."""
        for name, cell in ids.items():
            if kind(cell) != "answer" or name in self.place:
                continue
            stub, wanted = self.stub(cell), defined_names(self.stub(cell))
            found = [
                i
                for i, c in enumerate(self.cells)
                if c.cell_type == "code"
                and wanted & defined_names(c.source)
                and (i not in self.ours or i in self.place.values())
            ]
            free = [i for i in found if i not in self.ours]
            if free:
                written = [i for i in free if not _same_code(self.cells[i].source, stub)]
                self.place[name] = (written or free)[-1]
                self.ours.add(self.place[name])
                self._note(_("answer '{name}' had lost its id; found by what it defines"), name)
            elif found:
                self.place[name] = found[-1]  # merged into the cell of another answer
                self._note(_("answer '{name}' stands in the cell of another exercise"), name)
            else:
                self._note(_("answer '{name}' was missing; it counts as not written"), name)

    def build(self, used: set[str]) -> tuple[list[NotebookNode], dict[str, bool]]:
        """Return the rebuilt cells and, for each exercise, whether it was answered."""
        followers: dict[int, list[NotebookNode]] = {}
        anchor = -1
        anchors = set(self.place.values())
        for index, cell in enumerate(self.cells):
            if index in anchors:
                anchor = index
            if index not in self.ours:
                followers.setdefault(anchor, []).append(_own_cell(cell, used))
        cells, answered, taken = followers.pop(-1, []), {}, set()
        for template in self.template:
            cell, name = deepcopy(template), grade_id(template)
            cell["id"] = name
            cell.outputs, cell.execution_count = [], None
            if kind(template) == "answer":
                cell.source, answered[name] = self._answer(template, name, taken)
            cells.append(cell)
            cells += followers.pop(self.place.get(name, None), [])
        for rest in followers.values():
            cells += rest
        return cells, answered

    def _answer(self, template: NotebookNode, name: str, taken: set[int]) -> tuple[str, bool]:
        stub = self.stub(template)
        if name not in self.place:
            return stub, False
        index = self.place[name]
        if index in taken:
            return "# " + _("Answered in the cell of another exercise, above.") + "\n", True
        taken.add(index)
        source = self.cells[index].source
        return source, not _same_code(source, stub)


def restore(submission: NotebookNode, template: Sequence[NotebookNode]) -> Restored:
    """Rebuild ``submission`` on the cells that were handed out.

    Parameters
    ----------
    submission : NotebookNode
        What came back, of notebook format 4. Not modified.
    template : sequence of NotebookNode
        The graded unit's own cells (given, answer and check cells), in order, with their
        metadata; the hidden tests and reference answers may still be in them.

    Returns
    -------
    Restored
        The notebook to run and grade, and what had to be mended.
    """
    rebuild = _Rebuild(submission, template)
    with speaking_to(submission):
        rebuild.find()
        used = {grade_id(c) for c in template}
        cells, answered = rebuild.build(used)
    # Not by nbformat's constructor, which validates: all of this is clean already.
    notebook = NotebookNode(nbformat=4, nbformat_minor=5, cells=cells)
    notebook.metadata = NotebookNode(
        course=submission.metadata.get("course", {}),
        kernelspec={"display_name": "Python 3", "language": "python", "name": "python3"},
        language_info={"name": "python"},
    )
    return Restored(notebook, rebuild.notes, answered)

"""The six units as the grader sees them: cells by kind, exercises, reference answers.

``source/<unit>/<unit>.ipynb`` is the one truth. Everything that is known about a unit
(its points, its checks, its reference answers, its toolbox) is read from there.
"""

from __future__ import annotations

import atexit
import functools
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

HIDDEN = "### BEGIN HIDDEN TESTS"
TOOLBOX_NAMES = (
    ("03-add-mul-nodes", ("mul-layer", "add-layer")),
    ("04-activations", ("relu", "sigmoid")),
    ("05-affine-softmax", ("affine", "softmax", "cross-entropy-error", "softmax-with-loss")),
)


class UnitNotFound(LookupError):
    """Raised when a notebook or a name belongs to no unit of the course."""


def source_folder() -> Path:
    """Return the folder of the source notebooks: in the repository, or inside the package."""
    here = Path(__file__).resolve().parent
    for folder in (here.parent / "source", here / "source"):
        if folder.is_dir():
            return folder
    raise UnitNotFound("the source notebooks are missing: install the grader from the repository")


def kind(cell: NotebookNode) -> str:
    """Return what a cell of a source notebook is for.

    ``'prose'``, ``'answer'``, ``'check'`` (visible or hidden), ``'given'`` (locked code
    that later cells need), ``'demo'`` (pictures and runs for the reader) or ``'free'``.
    """
    if cell.cell_type != "code":
        return "prose"
    meta = cell.metadata.get("nbgrader", {})
    if meta.get("solution"):
        return "answer"
    if meta.get("grade"):
        return "check"
    if meta.get("locked"):
        return "given"
    return "demo" if "demo" in cell.metadata.get("tags", []) else "free"


def grade_id(cell: NotebookNode) -> str | None:
    """Return the nbgrader id of a cell, or None."""
    return cell.metadata.get("nbgrader", {}).get("grade_id")


@dataclass(frozen=True)
class Unit:
    """One unit: its name, such as ``03-add-mul-nodes``, and its source notebook."""

    name: str
    notebook: NotebookNode

    @property
    def answers(self) -> dict[str, NotebookNode]:
        """The answer cells by exercise, with their reference solutions."""
        return {grade_id(c): c for c in self.notebook.cells if kind(c) == "answer"}

    @property
    def checks(self) -> dict[str, NotebookNode]:
        """The check cells by id, visible and hidden, in the order of the notebook."""
        return {grade_id(c): c for c in self.notebook.cells if kind(c) == "check"}

    @property
    def visible_checks(self) -> frozenset[str]:
        """The ids of the checks whose source is in the students' hands."""
        return frozenset(i for i, c in self.checks.items() if HIDDEN not in c.source)

    @property
    def loads_layers(self) -> bool:
        """Whether the unit loads the layers of earlier units from the toolbox."""
        given = (c.source for c in self.notebook.cells if kind(c) == "given")
        return any("toolbox.load(" in source for source in given)

    @property
    def points(self) -> float:
        """What the whole unit is worth."""
        return float(sum(c.metadata.nbgrader.points for c in self.checks.values()))

    def exercise_of(self, check_id: str) -> str:
        """Return the exercise that a check judges: the longest answer id it starts with."""
        owners = [e for e in self.answers if check_id.startswith(e + "-")]
        return max(owners, key=len)


@functools.cache
def load_unit(name: str) -> Unit:
    """Return a unit by its name. Its notebook is shared: copy it before changing it.

    Raises
    ------
    UnitNotFound
        If there is no such unit; the message lists the ones there are.
    """
    path = source_folder() / name / f"{name}.ipynb"
    if not path.is_file():
        raise UnitNotFound(f"no unit {name!r}; the units are {', '.join(unit_names())}")
    return Unit(name, nbformat.read(path, as_version=4))


def unit_names() -> list[str]:
    """Return the names of the units in their order."""
    return sorted(
        p.parent.name for p in source_folder().glob("*/*.ipynb") if p.stem == p.parent.name
    )


def units() -> Iterator[Unit]:
    """Yield every unit in order."""
    for name in unit_names():
        yield load_unit(name)


def solution_removed(source: str) -> str:
    """Return an answer cell as the student gets it: each solution region is the stub."""
    stub = r"\g<indent># YOUR CODE HERE\n\g<indent>raise NotImplementedError()"
    pattern = r"(?ms)^(?P<indent>[ \t]*)### BEGIN SOLUTION.*?^[ \t]*### END SOLUTION"
    return re.sub(pattern, stub, source)


def reference_answer(cell: NotebookNode) -> str:
    """Return the reference answer of an answer cell, as a student would hand it in."""
    return re.sub(r"(?m)^[ \t]*### (?:BEGIN|END) SOLUTION\n?", "", cell.source).rstrip() + "\n"


@functools.cache
def reference_toolbox() -> Path:
    """Return a folder with the reference layers, as `course.toolbox` reads them.

    Written once a process from the solutions in the source notebooks, so that the
    answers of units 03 to 05 have one truth; removed when the process ends. A kernel that
    runs other units must be given a copy: they end by saving layers of their own.
    """
    target = Path(tempfile.mkdtemp(prefix="course-toolbox-"))
    atexit.register(_remove, target, os.getpid())
    for name, exercises in TOOLBOX_NAMES:
        unit = load_unit(name)
        parts = ["import numpy as np\n"]
        parts += [reference_answer(unit.answers[e]) for e in exercises]
        text = "\n\n".join(parts)
        for public in re.findall(r"(?m)^(?:class|def) (\w+)", text):
            (target / f"{public}.py").write_text(text, "utf-8")
    return target


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # and not a fork of it
        shutil.rmtree(folder, ignore_errors=True)

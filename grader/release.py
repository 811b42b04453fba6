"""What is made from source/: the student notebooks, the bundle, and source/ in tidy form."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from traitlets.config import Config

from .coursedir import CONFIG, NoCourse, environment_on_path, find_root, must, open_course
from .editions import TWIN, language_of_cell
from .language import LANGUAGES, N_, VARIABLE, _, using
from .units import UnitNotFound, grade_id, source_folder, unit_names

KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
KEPT_METADATA = ("course", "nbgrader", "tags")
# The first moment a zip can name: the same sources give the same bundle, byte for byte.
ZIP_DATE = (1980, 1, 1, 0, 0, 0)


class SourceError(ValueError):
    """Raised for something in source/ that cannot be released; names the file and the mend."""


# ---- source/ in its stored form ---------------------------------------------------------


def _slug(cell: NotebookNode, taken: set[str]) -> str:
    """Return a readable id for a cell that has none: the first words of its text."""
    words = re.findall(r"[a-z0-9]+", cell.source.lower())[:5]
    base = "-".join(words)[:48].strip("-") or cell.cell_type
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    return name


def tidied(notebook: NotebookNode, unit: str) -> str:
    """Return the text of a source notebook as it is stored.

    No outputs, sorted keys, one line of source a line; a cell's id is its grade_id, or a
    readable slug in place of an editor's random one, and a Chinese cell's that of the English
    one before it with ``-zh``; no metadata that an editor adds.
    """
    taken = {grade_id(c) for c in notebook.cells}
    twin_of = None  # the English cell that a Chinese one may follow
    for cell in notebook.cells:
        cell.metadata = NotebookNode({k: v for k, v in cell.metadata.items() if k in KEPT_METADATA})
        random = re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f-]{27})?", cell.get("id", "00000000"))
        cell["id"] = grade_id(cell) or (_slug(cell, taken) if random else cell["id"])
        if language_of_cell(cell) == "zh" and twin_of is not None:
            cell["id"] = twin_of["id"] + TWIN
        twin_of = cell if language_of_cell(cell) == "en" else None
        taken.add(cell["id"])
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        elif cell.cell_type == "markdown":
            cell.metadata.setdefault("course", NotebookNode(lang="en"))
    notebook.metadata = NotebookNode({"course": {"unit": unit}, **KERNEL})
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def tidy_sources(write: bool = True) -> list[Path]:
    """Bring every source notebook into its stored form; return those that were not."""
    changed = []
    for name in unit_names():
        path = source_folder() / name / f"{name}.ipynb"
        text = tidied(nbformat.read(path, as_version=4), name)
        if text != path.read_text("utf-8"):
            changed.append(path)
            if write:
                path.write_text(text, "utf-8")
    return changed


# ---- release/ ---------------------------------------------------------------------------


def _check_source(unit: str, source: Path) -> None:
    """Refuse a stray notebook: nbgrader would release it as a second part of the unit."""
    stray = sorted(p.name for p in (source / unit).glob("*.ipynb") if p.stem != unit)
    if stray:
        raise SourceError(
            f"source/{unit}/{stray[0]} would be handed out beside the unit: move it out of source/"
        )


def _check_target(to: Path, units: Iterable[str], sources: Iterable[Path]) -> None:
    """Refuse to write where sources are kept: a release would replace what it is made from."""
    places = [to.resolve(), *((to / u / f"{u}.ipynb").resolve() for u in units)]
    around = {p for place in places for p in (place, *place.parents)}
    kept = {s.resolve() for s in sources}
    kept |= {(p / "source").resolve() for p in around if (p / CONFIG).is_file()}
    for source in kept:
        if source in around or places[0] in source.parents:
            raise SourceError(
                f"a release in {to} could replace the notebooks of {source}: name another folder"
            )


def build_release(
    units: Iterable[str] = (),
    to: Path | None = None,
    lang: str | None = None,
    course: Path | None = None,
) -> Iterator[str]:
    """Build the student notebooks of the named units, or of all; yield a line for each.

    Parameters
    ----------
    units : iterable of str
        Names such as ``03-add-mul-nodes``.
    to : Path, optional
        Where to write ``<unit>/<unit>.ipynb``; by default ``release/`` of the course around
        the working directory, whose gradebook then learns the cells of the unit.
    lang : str, optional
        ``'en'`` or ``'zh'``; by default ``COURSE_LANG``, what nbgrader_config.py says, or
        English.
    course : Path, optional
        Holds source/ and nbgrader_config.py; by default the course around the working
        directory, or else, with ``to``, the one that the grader was installed with.

    Raises
    ------
    UnitNotFound
        If a name is no unit.
    NoCourse
        If there is neither ``to`` nor a course.
    SourceError
        If source/ holds something that must not be handed out, or ``to`` is, holds or lies in
        a source/.
    """
    unknown = [u for u in units if u not in unit_names()]
    if unknown:
        raise UnitNotFound(f"no unit {unknown[0]!r}; the units are {', '.join(unit_names())}")
    try:
        course = course or find_root()
    except NoCourse:
        if to is None:
            raise
        course = source_folder().parent
    source = course / "source"
    if to is not None and not source.is_dir():
        source = source_folder()
    chosen = list(units) or [u for u in unit_names() if (source / u).is_dir()]
    missing = [u for u in chosen if not (source / u / f"{u}.ipynb").is_file()]
    if missing or not chosen:
        raise SourceError(f"{source} holds no notebook of {missing[0] if missing else 'any unit'}")
    if to is not None:
        _check_target(to, chosen, (source, source_folder()))
    for unit in chosen:
        _check_source(unit, source)
    with tempfile.TemporaryDirectory(prefix="release-") as scratch, environment_on_path():
        if to is None:
            api = open_course(root := course)
        else:
            make_course(root := Path(scratch), source, course / CONFIG)
            # A copy is released: the gradebook of the course is to learn nothing of it.
            api = open_course(root, db_url=f"sqlite:///{root / 'gradebook.db'}")
        if lang or os.environ.get(VARIABLE):
            lang = lang or os.environ[VARIABLE]
            if lang not in LANGUAGES:
                raise SourceError(f"no language {lang!r}: there are {' and '.join(LANGUAGES)}")
            api.update_config(Config({"OneLanguage": {"lang": lang}}))
        for unit in chosen:
            must(api.generate_assignment(unit), f"releasing {unit}")
            made = root / "release" / unit / f"{unit}.ipynb"
            if to is not None:
                target = to / unit / made.name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(made, target)
                made = target
            yield f"released {made}"


def make_course(root: Path, source: Path | None = None, config: Path | None = None) -> None:
    """Lay out a fresh course directory in ``root``: source/ and nbgrader_config.py.

    ``source`` and ``config`` are what to copy; by default what the grader was installed with.
    """
    root.mkdir(parents=True, exist_ok=True)
    source = source or source_folder()
    for unit in unit_names():
        if not (source / unit / f"{unit}.ipynb").is_file():
            continue  # a course may hold fewer
        ignored = shutil.ignore_patterns(".*")
        shutil.copytree(source / unit, root / "source" / unit, ignore=ignored)
    beside = config or source.parent / CONFIG
    if not beside.is_file():
        raise SourceError(f"no {CONFIG} beside {source}: run this from the course's repository")
    shutil.copyfile(beside, root / CONFIG)


# ---- the bundle for a student without a hub ------------------------------------------------

GUIDE = N_(
    """\
# Back-propagation in six notebooks: how to start

You need Python 3.10 or newer. In this folder:

    python3 -m venv .venv
    .venv/bin/pip install {wheel}        # on Windows: .venv\\Scripts\\pip
    .venv/bin/jupyter lab release        # on Windows: .venv\\Scripts\\jupyter

A browser opens. Begin with `01-computational-graph`. Run a cell with Shift+Enter. Where a
cell says `YOUR CODE HERE`, replace that line and the `raise NotImplementedError()` below it
by your code; the check cell under it tells you at once what is right and what is not yet.

Keep the folders of the units side by side: units 03 to 05 save your layers in a folder
`toolbox` next to them, and unit 06 builds its network from those.

To hand in, save the notebook (Ctrl+S) and send the .ipynb file to your instructor.
"""
)


def build_bundle(to: Path, lang: str = "en") -> Path:
    """Write ``backprop-course-<version>.zip`` into ``to`` and return its path.

    It holds the released notebooks, a wheel of the package `course` and a short guide; in
    Chinese its name ends in ``-zh``.
    """
    root = source_folder().parent
    to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bundle-") as scratch:
        command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", scratch]
        done = subprocess.run([*command, str(root)], capture_output=True, text=True)
        if done.returncode:
            raise SourceError(f"building the wheel failed:\n{done.stdout}{done.stderr}")
        (wheel,) = Path(scratch).glob("*.whl")
        name = "-".join(wheel.name.split("-")[:2]).replace("_", "-")
        notebooks = root / "release"
        if lang != "en":
            notebooks, name = Path(scratch) / "release", f"{name}-{lang}"
            for _line in build_release(to=notebooks, lang=lang, course=root):
                pass
        with using(lang):
            guide = _(GUIDE).format(wheel=wheel.name)
        target = to / f"{name}.zip"
        draft = target.with_suffix(".tmp")
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as bundle:
            files = {
                f"{name}/GUIDE.md": guide.encode(),
                f"{name}/{wheel.name}": wheel.read_bytes(),
            }
            for unit in unit_names():
                file = f"{unit}/{unit}.ipynb"
                files[f"{name}/release/{file}"] = (notebooks / file).read_bytes()
            for path, data in files.items():
                info = zipfile.ZipInfo(path, ZIP_DATE)
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = 0o644 << 16
                bundle.writestr(info, data)
        draft.replace(target)
    return target

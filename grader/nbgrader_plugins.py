"""What nbgrader_config.py names: hooks and preprocessors that nbgrader runs for us."""

from __future__ import annotations

import atexit
import functools
import os
import re
import shutil
from datetime import datetime, timezone
from pathlib import Path

from nbconvert.exporters import Exporter, NotebookExporter
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_notebook
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import parse_utc
from traitlets import Bool, Dict, Enum, default

from . import feedback, submission
from .editions import make_edition
from .grading import diagnose_notebook, result_of
from .language import LANGUAGES, VARIABLE, known, language_of, speaking_to
from .restore import restore
from .sandbox import Limits
from .submission import NBGRADERS_OWN
from .units import grade_id, load_unit
from .verdict import Examiner


class OneLanguage(NbGraderPreprocessor):
    """Keeps one of the two languages of a source notebook; see `grader.editions`."""

    lang = Enum(
        LANGUAGES,
        help="The language to release in: COURSE_LANG of the environment, else English.",
    ).tag(config=True)

    @default("lang")
    def _lang(self) -> str:
        return known(os.environ.get(VARIABLE)) or "en"

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Return the edition of the notebook; its metadata says which one it is."""
        make_edition(nb, self.lang)
        return nb, resources


class SubmissionExporter(NotebookExporter):
    """Reads a submission leniently; what cannot be read is graded as handed in blank.

    nbgrader drops a submission whose file it cannot parse and ends the batch with an
    error. Here it gets its verdict, zero, and its feedback page says what to mend.
    """

    def from_filename(self, filename: str, resources: dict | None = None, **kwargs):
        """Return the notebook in ``filename`` after all preprocessors, and the resources."""
        try:
            notebook = submission.read(filename)
        except submission.SubmissionError as error:
            self.log.warning("%s", error)
            words = str(error).replace(filename, Path(filename).name)
            notebook = new_notebook(cells=[new_markdown_cell(f"**Not readable:** {words}.")])
        return self.from_notebook_node(notebook, resources=resources, **kwargs)


def handed_out(gradebook: Gradebook, unit: str, notebook: str) -> list[NotebookNode]:
    """Return the cells that the gradebook holds for a notebook, in the order of the unit.

    The gradebook knows sources, types and points as they were when the unit was released,
    but no order; the unit's source gives that.
    """
    stored = gradebook.find_notebook(notebook, unit)
    points = {c.name: c.max_score for c in stored.grade_cells}
    solutions = {c.name for c in stored.solution_cells}
    order = [grade_id(c) for c in load_unit(notebook).notebook.cells if grade_id(c)]
    place = {name: index for index, name in enumerate(order)}
    cells = []
    for cell in sorted(stored.source_cells, key=lambda c: (place.get(c.name, len(place)), c.name)):
        metadata = {
            "grade": cell.name in points,
            "grade_id": cell.name,
            "locked": cell.locked,
            "schema_version": 3,
            "solution": cell.name in solutions,
            "task": False,
            "cell_type": cell.cell_type,
            "checksum": cell.checksum,
        }
        if cell.name in points:
            metadata["points"] = points[cell.name]
        cells.append(
            NotebookNode(
                cell_type=cell.cell_type,
                id=cell.name,
                metadata=NotebookNode(nbgrader=NotebookNode(metadata)),
                source=cell.source,
                outputs=[],
                execution_count=None,
            )
        )
    return cells


class RestoreSubmission(NbGraderPreprocessor):
    """Rebuilds a submission on the gradebook's own cells; see `grader.restore`."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Return the rebuilt notebook; what had to be mended goes to the log and the page."""
        where = resources["nbgrader"]
        with Gradebook(where["db_url"]) as gradebook:
            cells = handed_out(gradebook, where["assignment"], where["notebook"])
        restored = restore(nb, cells)
        for note in restored.notes:
            self.log.info("%s, %s: %s", where["student"], where["notebook"], note)
        restored.notebook.metadata.course["notes"] = restored.notes
        return restored.notebook, resources


@functools.cache
def _examiner(limits: Limits, isolated: bool) -> Examiner:
    """Return this process's examiner: its warm interpreters serve every submission to come."""
    examiner = Examiner(limits, isolated)
    atexit.register(examiner.close)
    return examiner


class ExecuteSubmission(NbGraderPreprocessor):
    """Runs a rebuilt submission in a session and its checks here; see `grader.verdict`."""

    isolated = Bool(
        True,
        help="Whether student code runs in the sandbox. Without one, grading refuses.",
    ).tag(config=True)

    limits = Dict(
        help="What one submission may use, where the usual is not enough: "
        '{"cell_time_s": 60, "memory_mb": 2048}; names and units in grader.sandbox.Limits. '
        "`grader grade` heeds it too.",
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Return the notebook with the outputs of its cells.

        Raises
        ------
        SandboxUnavailable
            If this host refuses to isolate student code.
        """
        unit = load_unit(resources["nbgrader"]["notebook"])
        with speaking_to(nb):
            limits = Limits.from_config(self.limits)
            operations = _examiner(limits, self.isolated).execute(nb, unit)
            diagnoses = diagnose_notebook(nb, unit, operations)
            result = result_of(nb, unit, diagnoses=diagnoses)
        nb.metadata.course["result"] = result.to_dict()
        nb.metadata.course.pop("notes", None)  # now in the result
        return nb, resources


class FeedbackExporter(Exporter):
    """Makes a student's feedback page of a graded notebook; see `grader.feedback`.

    The page of the student's whole course goes beside it; `feedback_pages_only` moves that
    one up to where it belongs.
    """

    output_mimetype = "text/html"

    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict | None = None, **kwargs
    ) -> tuple[str, dict]:
        """Return the page and the resources; points given by hand and comments are in it."""
        nb, resources = super().from_notebook_node(nb, resources, **kwargs)
        where = resources["nbgrader"]
        unit, student = where["notebook"], where["student"]
        with Gradebook(where["db_url"]) as gradebook:
            grades = feedback.grades_of(gradebook, unit, student)
            course = feedback.course_so_far(gradebook, student)
        result = feedback.read_result(nb, load_unit(unit))
        whole = feedback.course_page(student, course, lang=language_of(nb))
        resources["outputs"] = {feedback.COURSE_PAGE: whole.encode("utf-8", "replace")}
        page = feedback.page(result, nb, student=student, grades=grades, course=course)
        return page, resources


def _keep_only(pattern: str, *suffixes: str) -> None:
    """Keep in each unit's folder the file named like the unit, and what nbgrader needs."""
    for folder in Path().glob(pattern):
        kept = {folder.name + suffix for suffix in suffixes} | set(NBGRADERS_OWN)
        for path in folder.iterdir():
            if path.name in kept:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()


# nbgrader calls a hook with keywords, in the root of the course, after it has written a
# folder; assignment and student are patterns ("*" for all). It would copy every file
# beside a notebook from source/ to release/, and from there by way of autograded/ to the
# students' feedback: a draft or a list of answers must not travel.


def regular_files_only(assignment: str, student: str, notebooks: list[str]) -> None:
    """Take out of submitted/<student>/<unit>/ what is neither a file nor a folder.

    nbgrader would follow a link out of the submission and never finish copying a pipe.
    """
    for folder in Path().glob(f"submitted/{student}/{assignment}"):
        for place, folders, files in os.walk(folder):
            for path in (Path(place, name) for name in folders + files):
                if path.is_symlink() or not (path.is_dir() or path.is_file()):
                    path.unlink()
        stamp = folder / "timestamp.txt"
        if stamp.exists() and not _is_time_stamp(stamp):
            _write_time_stamp(stamp)


def _is_time_stamp(path: Path) -> bool:
    try:
        text = path.read_text("utf-8").strip()
        return bool(re.fullmatch(r"[-\d]{10} [\d:.]{8,15} [\w/+-]{1,40}", text) and parse_utc(text))
    except (OSError, ValueError, OverflowError):
        return False


def _write_time_stamp(path: Path) -> None:
    """Write the time of the file's last change into it: nbgrader drops what it cannot date."""
    written = datetime.fromtimestamp(path.stat().st_mtime, timezone.utc)
    if path.is_dir():
        shutil.rmtree(path)
    path.write_text(written.strftime("%Y-%m-%d %H:%M:%S.%f UTC"), "utf-8")


def release_notebooks_only(assignment: str, student: str, notebooks: list[str]) -> None:
    """Leave in release/<unit>/ the unit's own notebook and nothing else."""
    _keep_only(f"release/{assignment}", ".ipynb")


def autograded_notebooks_only(assignment: str, student: str, notebooks: list[str]) -> None:
    """Leave in autograded/<student>/<unit>/ the graded notebook and nothing else."""
    _keep_only(f"autograded/{student}/{assignment}", ".ipynb")


def feedback_pages_only(assignment: str, student: str, notebooks: list[str]) -> None:
    """Leave in feedback/<student>/<unit>/ the page of the unit and nothing else.

    The page of the course, made anew with each unit's, moves to feedback/<student>/.
    """
    for path in Path().glob(f"feedback/{student}/{assignment}/{feedback.COURSE_PAGE}"):
        path.replace(path.parent.parent / path.name)
    _keep_only(f"feedback/{student}/{assignment}", ".html")

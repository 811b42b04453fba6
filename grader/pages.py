"""Feedback pages of a batch, in nbgrader's own form: one template set up for a whole class.

`PageMaker.make` is all that the batch knows of a page; it gives what `nbgrader
generate_feedback` gives, without the gradebook and at the price of filling in a template.
"""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode


@dataclass(frozen=True)
class Grades:
    """What the gradebook says of one notebook, a grader's own scores and words included.

    Attributes
    ----------
    score, max_score, late_penalty : float
        As nbgrader shows them: the score is what is left after the penalty.
    cells : dict of str to (float, float)
        Score and points of each graded cell.
    comments : dict of str to (str or None)
        By answer cell.
    """

    score: float = 0.0
    max_score: float = 0.0
    late_penalty: float = 0.0
    cells: dict[str, tuple[float, float]] = field(default_factory=dict)
    comments: dict[str, str | None] = field(default_factory=dict)

    def digest(self, notebook_digest: str) -> str:
        """Return what a page depends on, in one word."""
        cells, comments = sorted(self.cells.items()), sorted(self.comments.items())
        facts = (notebook_digest, self.score, self.max_score, self.late_penalty, cells, comments)
        return hashlib.sha256(repr(facts).encode()).hexdigest()


@dataclass(frozen=True)
class Page:
    """One page to make: of what, and what it is to tell."""

    student: str
    unit: str
    notebook: bytes
    grades: Grades


class PageMaker:
    """Makes feedback pages; sets up nbgrader's template once.

    Parameters
    ----------
    config : dict
        The sections of nbgrader's configuration for its page: ``HTMLExporter`` and
        ``CSSHTMLHeaderPreprocessor``.
    """

    def __init__(self, config: dict) -> None:
        # Late: a batch without pages loads no exporter.
        from nbconvert.exporters import HTMLExporter
        from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
        from traitlets.config import Config

        (home,) = importlib.util.find_spec("nbgrader").submodule_search_locations
        formgrader = Path(home) / "server_extensions" / "formgrader"
        settings = Config()
        settings.HTMLExporter.template_name = "feedback"
        settings.HTMLExporter.extra_template_basedirs = [str(formgrader / "templates")]
        styles = formgrader / "static" / "node_modules" / "bootstrap" / "dist" / "css"
        settings.HTMLExporter.extra_template_paths = [str(styles)]
        settings.merge(Config({k: v for k, v in config.items() if k != "LimitOutput"}))
        settings.Exporter.default_preprocessors = []
        self._exporter = HTMLExporter(config=settings)
        self._exporter.register_preprocessor(CSSHTMLHeaderPreprocessor, enabled=True)

    def make(self, notebook: NotebookNode, page: Page) -> bytes:
        """Return the page of a graded notebook. The notebook is changed."""
        grades = page.grades
        for cell in notebook.cells:
            about = cell.metadata.get("nbgrader", {})
            name = about.get("grade_id")
            if about.get("solution") or about.get("task"):
                about["comment"] = grades.comments.get(name)
            if about.get("grade") or about.get("task"):
                about["score"], about["points"] = grades.cells.get(name, (0.0, 0.0))
        resources = {
            "unique_key": page.unit,
            "output_files_dir": f"{page.unit}_files",
            "nbgrader": {
                "student": page.student,
                "assignment": page.unit,
                "notebook": page.unit,
                "score": grades.score,
                "max_score": grades.max_score,
                "late_penalty": grades.late_penalty,
            },
        }
        text, _ = self._exporter.from_notebook_node(notebook, resources=resources)
        return text.encode("utf-8", "replace")

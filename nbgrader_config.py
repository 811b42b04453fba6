"""The course's nbgrader settings; `nbgrader`, Formgrader and the grader all read this file."""

import os
from pathlib import Path

c = get_config()  # noqa: F821  (traitlets puts it here)

# One course, one name: the exchange and the hub call it this.
c.CourseDirectory.course_id = "backprop"

# The folder of this file, wherever the command or the server was started.
c.CourseDirectory.root = str(Path(__file__).resolve().parent)

# In a classroom, work goes to and fro by its service (course/exchange, grader/exchange), which
# JupyterHub makes known to every server; without one, by nbgrader's own exchange.
if os.environ.get("COURSE_EXCHANGE_URL"):
    from course.exchange import configure

    configure(c)

# Besides nbgrader's own defaults: a draft or a swap file of an editor is nobody's work.
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints", "*.pyc", "__pycache__", ".pytest_cache", "*.tmp", "*.swp", "*~", ".*",
]  # fmt: skip

# Source notebooks hold each text twice, in English and in Chinese; a unit is released in one
# language. COURSE_LANG=zh in the environment says which for one command, the line below (take
# its # away) for a whole class. The rest are nbgrader's own steps in nbgrader's order.
# c.OneLanguage.lang = "zh"
c.GenerateAssignment.preprocessors = [
    "grader.nbgrader_plugins.OneLanguage",
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "nbgrader.preprocessors.InstantiateTests",
    "nbgrader.preprocessors.LockCells",
    "nbgrader.preprocessors.ClearSolutions",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# nbgrader copies whatever lies beside a source notebook (a draft, a list of answers) to the
# students: into the release, and by way of autograded/ into their feedback. A unit is its
# notebook: the rest is taken out again.
c.GenerateAssignment.post_convert_hook = "grader.nbgrader_plugins.release_notebooks_only"
c.Autograde.post_convert_hook = "grader.nbgrader_plugins.autograded_notebooks_only"
c.GenerateFeedback.post_convert_hook = "grader.nbgrader_plugins.feedback_pages_only"

# The page that a student reads says why, needs no network and lets nothing of a student's code
# act in a reader's browser (grader/feedback.py); it looks the scores up itself.
c.GenerateFeedback.exporter_class = "grader.nbgrader_plugins.FeedbackExporter"
c.GenerateFeedback.preprocessors = []

# Nobody hands in a link or a pipe in good faith, and nbgrader follows the one into other
# people's files and waits at the other for ever.
c.Autograde.pre_convert_hook = "grader.nbgrader_plugins.regular_files_only"

# A submission is rebuilt on the cells that were handed out (grader/restore.py), whatever an
# editor or a student did to ids, cells and points; nbgrader's own steps would drop it.
c.Autograde.exporter_class = "grader.nbgrader_plugins.SubmissionExporter"
c.Autograde.sanitize_preprocessors = [
    "grader.nbgrader_plugins.RestoreSubmission",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# Whoever runs a notebook by nbgrader's own step: the state of widgets is not stored, or the
# pages that show the notebook later would wait for scripts from the network.
c.Execute.store_widget_state = False

# The student's code runs in a sandbox and the checks apart from it (grader/verdict.py); cells
# tagged `demo` are left out. The rest are nbgrader's own steps in nbgrader's order.
c.Autograde.autograde_preprocessors = [
    "grader.nbgrader_plugins.ExecuteSubmission",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

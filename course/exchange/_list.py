"""What is released, fetched, handed in; for the Assignment List, Formgrader and `nbgrader list`."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from itertools import groupby
from pathlib import Path

from nbgrader.exchange import abc
from traitlets import default

from ._base import Exchange
from ._client import ClassroomError
from ._files import sha256
from ._records import Submission, Unit


def notebooks(folder: Path) -> list[str]:
    """Return the paths of the notebooks in a unit's folder."""
    return sorted(os.fspath(p) for p in folder.glob("*.ipynb") if p.name[0] != ".")


def has_notebook(folder: Path) -> bool:
    """Return whether a student has something to work on in a unit's folder.

    A folder that holds no notebook, mostly for feedback was fetched into it after the notebook
    had been deleted, can be fetched into: there is nothing to overwrite.
    """
    return bool(notebooks(folder))


class ExchangeList(Exchange, abc.ExchangeList):
    """Units and submissions as dictionaries in the form of nbgrader's own exchange."""

    @default("patience_s")
    def _patience_default(self) -> float:
        return 4.0  # the student's whole server waits for it, and people click again

    def init_src(self) -> None:
        """Read what the list is narrowed to."""
        self.wanted = self.coursedir.assignment_id or "*"
        self.other_course = self.coursedir.course_id not in ("", "*", self.me.course)

    def copy_files(self) -> None:
        """Do nothing; nbgrader calls this third."""

    def list_files(self) -> list[dict]:
        """Return what there is, and log it; nbgrader calls this."""
        if self.inbound or self.cached:
            self.log.info("Submitted assignments:")
            return self.submitted()
        found = self.released()
        self.log.info("Released assignments:")
        for info in found:
            here = " (already downloaded)" if info["status"] == "fetched" else ""
            self.log.info("%s %s%s", info["course_id"], info["assignment_id"], here)
        return found

    def remove_files(self) -> list[dict]:
        """Withdraw units from the students; nbgrader calls this for ``--remove``."""
        if self.inbound or self.cached:
            raise ClassroomError("the classroom keeps every submission: none can be removed")
        found = self.released()
        for info in found:
            try:
                self.service.request("DELETE", "api", "units", info["assignment_id"])
            except ClassroomError as error:
                if error.status != 404:  # else it is done: by a colleague, or the try before
                    raise
            self.log.info("Withdrawn: %s %s", info["course_id"], info["assignment_id"])
            info["status"] = "removed"
        return found

    # ------------------------------------------------------------ units

    def released(self) -> list[dict]:
        """Return the units that are handed out, those that are fetched with their notebooks."""
        units = [] if self.other_course else self.units()
        return [self.unit_info(u) for u in units if fnmatchcase(u.name, self.wanted)]

    def unit_info(self, unit: Unit) -> dict:
        """Return one unit in nbgrader's form."""
        folder = self.unit_folder(unit.name)
        fetched = notebooks(folder)
        places = fetched or [self.service.address("api", "units", unit.name, "notebook")]
        names = [Path(p).stem for p in fetched] or [unit.name]
        return {
            "course_id": self.me.course,
            "assignment_id": unit.name,
            "status": "fetched" if fetched else "released",
            "path": os.fspath(folder) if fetched else places[0],
            "notebooks": [
                {"notebook_id": name, "path": path}
                for name, path in zip(names, places, strict=True)
            ],
        }

    # ------------------------------------------------------------ submissions

    def submitted(self) -> list[dict]:
        """Return submissions in nbgrader's form, those of a student and unit in one group."""

        def group(s: Submission) -> tuple[str, str]:
            return s.student, s.unit

        found = [] if self.other_course else self.find_submissions()
        found = [s for s in found if fnmatchcase(s.unit, self.wanted)]
        return [
            {
                "course_id": self.me.course,
                "student_id": student,
                "assignment_id": unit,
                "status": "submitted",
                "submissions": [self.submission_info(s) for s in some],
            }
            for (student, unit), some in groupby(sorted(found, key=group), group)
        ]

    def find_submissions(self) -> list[Submission]:
        """Return own submissions, or with ``--inbound`` those of the class."""
        if self.inbound:
            return self.class_submissions()
        if self.coursedir.student_id not in ("", "*", self.me.name):
            return []
        return self.own_submissions()

    def submission_info(self, handed_in: Submission) -> dict:
        """Return one submission in nbgrader's form, with the state of its feedback; log it."""
        page = self.feedback_file(handed_in)
        here = page.is_file()
        path = self.service.address("api", "submissions", handed_in.id, "notebook")
        state = {
            "has_local_feedback": here,
            "has_exchange_feedback": bool(handed_in.page),
            "feedback_updated": here
            and bool(handed_in.page)
            and sha256(page.read_bytes()) != handed_in.page,
        }
        notebook = {"notebook_id": handed_in.unit, "path": path, **state}
        info = {
            "course_id": self.me.course,
            "student_id": handed_in.student,
            "assignment_id": handed_in.unit,
            "timestamp": handed_in.timestamp,
            "status": "submitted",
            "path": path,
            "notebooks": [notebook | {"local_feedback_path": os.fspath(page) if here else None}],
            **state,
            "local_feedback_path": os.fspath(page.parent) if here else None,
        }
        self.log.info("%s [%s]", self.line(info), handed_in.standing())
        return info

    @staticmethod
    def line(info: dict) -> str:
        """Return a submission as a line of ``nbgrader list``."""
        if info["has_local_feedback"] and not info["feedback_updated"]:
            feedback = "feedback already fetched"
        elif info["has_exchange_feedback"]:
            feedback = "feedback ready to be fetched"
        else:
            feedback = "no feedback available"
        words = [info[k] for k in ("course_id", "student_id", "assignment_id", "timestamp")]
        return f"{' '.join(words)} ({feedback})"

"""Bring what students have handed in into the course directory."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from pathlib import Path

from nbgrader.exchange import abc
from nbgrader.utils import parse_utc

from ._base import Exchange, intact
from ._client import ClassroomError
from ._files import put_folder
from ._records import Submission

STAMP, SECRET = "timestamp.txt", "submission_secret.txt"


def choose(handed_in: list[Submission], before_duedate: bool) -> Submission:
    """Return the submission of one student that is to be graded.

    Parameters
    ----------
    handed_in : list of Submission
        Of one student and one unit, oldest first; at least one.
    before_duedate : bool
        Prefer the last one that is not late (with the student's extension).
    """
    in_time = [s for s in handed_in if not s.late]
    if before_duedate and in_time and len(in_time) < len(handed_in):
        return in_time[-1]
    return next((s for s in handed_in if s.counts), handed_in[-1])


class ExchangeCollect(Exchange, abc.ExchangeCollect):
    """Writes submitted/<student>/<unit>/ from the submission that counts."""

    def init_src(self) -> None:
        """Find for each student the submission that counts."""
        super().init_src()

        def student(s: Submission) -> str:
            return s.student

        found = [s for s in self.class_submissions(self.unit) if s.unit == self.unit]
        # sorting is stable: a student's remain in the order of their time
        self.handed_in = {
            name: list(some) for name, some in groupby(sorted(found, key=student), student)
        }

    def copy_files(self) -> None:
        """Collect them; whoever's cannot be collected does not keep the others waiting."""
        course, unit = self.me.course, self.unit
        if not self.handed_in:
            self.log.warning("No submissions of '%s' for course '%s' to collect", unit, course)
        failed = []
        for student, some in self.handed_in.items():
            try:
                self.collect(choose(some, self.before_duedate), some)
            except ClassroomError as error:
                if error.again:  # not this one's fault, and the next would wait in vain
                    raise
                self.log.error("Not collected: %s %s: %s", student, unit, error)
                failed.append(student)
        if failed:
            raise ClassroomError(f"not collected: {unit} of {', '.join(failed)}; see the log")

    def collect(self, one: Submission, of_student: list[Submission]) -> None:
        """Collect one student's submission, if it is newer or there is none.

        Parameters
        ----------
        one : Submission
            The one that counts.
        of_student : list of Submission
            All that the student has handed in of the unit.
        """
        folder = Path(
            self.coursedir.format_path(self.coursedir.submitted_directory, one.student, one.unit)
        )
        there = folder.is_dir()
        if there and not self.is_to_replace(folder, one, of_student):
            why = "No newer submission to collect" if self.update else (
                "Submission already exists, use --update to update"
            )  # fmt: skip
            self.log.info("%s: %s %s", why, one.student, one.unit)
            return
        self.log.info(
            "%s submission: %s %s", "Updating" if there else "Collecting", one.student, one.unit
        )
        answer = self.service.request(
            "GET", "api", "submissions", one.id, "notebook", most_mb=2 * self.size_limit_mb()
        )
        files = {
            f"{one.unit}.ipynb": intact(answer, one.sha256),
            STAMP: one.timestamp.encode(),
            SECRET: one.id.encode(),
        }
        put_folder(folder, files, replace=there, groupshared=self.coursedir.groupshared)

    def is_to_replace(self, folder: Path, one: Submission, of_student: list[Submission]) -> bool:
        """Return whether ``one`` takes the place of what was collected before.

        As in nbgrader, if it is newer. Besides, where the best attempt counts, an older one may
        take the place of a newer one that came from the classroom too.
        """
        stamp = _timestamp(folder)
        if stamp == one.at:
            return False
        if self.before_duedate:
            return True
        if not self.update:
            return False
        return stamp is None or one.at > stamp or _read(folder / SECRET) in {
            s.id for s in of_student
        }  # fmt: skip


def _timestamp(folder: Path) -> datetime | None:
    """Return when what lies here was handed in; None if nothing tells."""
    try:
        return parse_utc(_read(folder / STAMP) or None)
    except (ValueError, OverflowError):
        return None


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except (OSError, ValueError):
        return ""

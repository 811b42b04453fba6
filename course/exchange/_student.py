"""What a student does: fetch a unit, hand it in, fetch the feedback."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from nbgrader.exchange import abc

from . import _records as records
from ._base import PAGE_MB, Exchange, intact
from ._client import ClassroomError
from ._files import put_folder, read_regular, sha256, write_new, write_whole
from ._list import has_notebook

SHOWN = 8  # names of files in one message


class ExchangeFetchAssignment(Exchange, abc.ExchangeFetchAssignment):
    """Fetches a unit's notebook; never writes over what is there."""

    def init_src(self) -> None:
        """Find the unit among those that are released."""
        super().init_src()
        released = {u.name: u for u in self.units()}
        if self.unit not in released:
            known = ", ".join(released) or "none yet"
            raise ClassroomError(f"{self.unit!r} is not released. Released are: {known}")
        self.release = released[self.unit]

    def init_dest(self) -> None:
        """Find the folder, and refuse one in which there is work."""
        self.folder = self.unit_folder(self.unit)
        if has_notebook(self.folder) and not self.replace_missing_files:
            raise ClassroomError(
                f"you already have a copy of {self.unit} in {self.folder}: it is left as it is. To "
                "get the notebook as it was handed out, rename or delete that folder and fetch again"
            )

    def copy_files(self) -> None:
        """Fetch the notebook and write it, whole or not at all."""
        target = self.folder / f"{self.unit}.ipynb"
        if os.path.lexists(target):
            self.log.info("Nothing is missing: %s", target)
            return
        answer = self.service.request(
            "GET", "api", "units", self.unit, "notebook", most_mb=self.size_limit_mb()
        )
        data = intact(answer, self.release.sha256)
        if self.folder.is_dir():
            write_new(target, data)
        else:
            put_folder(self.folder, {target.name: data})
        self.log.info("Fetched as: %s %s", self.me.course, self.unit)


class ExchangeSubmit(Exchange, abc.ExchangeSubmit):
    """Hands in one notebook, once, however often it must be sent."""

    def init_src(self) -> None:
        """Find the unit's folder; a path to it will do, as for nbgrader."""
        self.coursedir.assignment_id = Path(self.coursedir.assignment_id).name
        super().init_src()
        self.check_own()
        self.folder = self.unit_folder(self.unit)
        if not self.folder.is_dir():
            raise ClassroomError(
                f"there is no folder {self.folder}: fetch {self.unit} first, and run this command "
                "in the folder that holds the course's folder"
            )

    def init_dest(self) -> None:
        """Choose the notebook."""
        self.notebook = self.choose()

    def choose(self) -> Path:
        """Return the notebook to send: the unit's own, or the only one that there is."""
        expected = self.folder / f"{self.unit}.ipynb"
        names = self.names()
        notebooks = [n for n in names if n.endswith(".ipynb")]
        if expected.name in notebooks:
            chosen = expected
        elif len(notebooks) == 1 and not self.strict:
            chosen = self.folder / notebooks[0]
            self.log.warning("%s is missing: %r is sent in its place", expected.name, chosen.name)
        else:
            raise ClassroomError(
                f"{expected.name} is missing in {self.folder}. There is: {_listed(names)}. Give "
                "your notebook its name back (or fetch the unit again) and hand in again"
            )
        others = [n for n in names if n != chosen.name]
        if others:
            self.log.warning("Not sent, for a unit is its notebook: %s", _listed(others))
        return chosen

    def names(self) -> list[str]:
        """Return what lies in the folder, without what nbgrader and editors put there."""
        return sorted(
            entry.name
            for entry in os.scandir(self.folder)
            if entry.name != "feedback" and entry.name[0] != "."
        )

    def copy_files(self) -> None:
        """Send the notebook; log when it arrived and what becomes of it."""
        data = read_regular(self.notebook, self.size_limit_mb())
        try:
            told = self.service.json(
                "POST", "api", "units", self.unit, "submissions",
                query={"name": _printable(self.notebook.name)},
                data=data,
                headers={
                    # the same in every try: the service takes one of them
                    "Idempotency-Key": secrets.token_hex(16),
                    "Content-Type": "application/x-ipynb+json",
                },
            )  # fmt: skip
        except ClassroomError as error:
            if not error.again:
                raise
            raise ClassroomError(
                f"{error}. Whether your notebook has arrived is not known: look at the list of "
                "submissions before you hand in again"
            ) from None
        self.report(self.receipt(told, sha256(data)))

    def receipt(self, told: object, sent: str) -> records.Submission:
        """Return the record of what was handed in; ClassroomError if it is of something else."""
        try:
            handed_in = records.submission(told, self.me.name)
        except (AttributeError, KeyError, TypeError, ValueError):
            handed_in = None
        if handed_in is None or handed_in.sha256 != sent or handed_in.unit != self.unit:
            raise ClassroomError(
                "the classroom's receipt is not for what was sent: look at the list of submissions"
            )
        return handed_in

    def report(self, handed_in: records.Submission) -> None:
        """Log the receipt."""
        self.timestamp = handed_in.timestamp
        self.log.info(
            "Submitted as: %s %s %s (attempt %d, %s%s)", self.me.course, self.unit,
            handed_in.timestamp, handed_in.attempt, handed_in.standing(),
            ", late" if handed_in.late else "",
        )  # fmt: skip


class ExchangeFetchFeedback(Exchange, abc.ExchangeFetchFeedback):
    """Fetches the page of each submission of a unit that this student may see now."""

    def init_src(self) -> None:
        """Find what was handed in."""
        super().init_src()
        self.check_own()
        self.handed_in = [s for s in self.own_submissions(self.unit) if s.unit == self.unit]
        if not self.handed_in:
            self.log.warning("Nothing of %s has been handed in", self.unit)

    def copy_files(self) -> None:
        """Fetch the pages that are not here, or not as they are now."""
        for one in self.handed_in:
            target = self.feedback_file(one)
            if target.is_file() and sha256(target.read_bytes()) == one.page:
                self.log.info("Feedback is up to date: %s", target)
                continue
            answer = self.service.request(
                "GET", "api", "submissions", one.id, "feedback", most_mb=PAGE_MB,
                # an instructor who hands in to try it would get the page for instructors
                query={"as": "student"},
            )  # fmt: skip
            # without the record's SHA-256: in the meantime the queue may have moved on
            target.parent.mkdir(parents=True, exist_ok=True)
            write_whole(target, intact(answer))
            self.log.info("Fetched feedback: %s (%s)", target, one.standing())


def _printable(name: str) -> str:
    """Return a file's name as it can be told; Linux takes bytes that are no text."""
    return "".join(sign if sign.isprintable() else "_" for sign in name)


def _listed(names: list[str]) -> str:
    """Return names for a message, the first few of many."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return (", ".join(repr(n) for n in names[:SHOWN]) or "nothing") + more

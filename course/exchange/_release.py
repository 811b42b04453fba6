"""What an instructor gives out: units, and the feedback of a person."""

from __future__ import annotations

import glob
import os
import re
from pathlib import Path

from nbgrader.exchange import abc

from ._base import PAGE_MB, Exchange
from ._client import ClassroomError
from ._collect import SECRET, STAMP
from ._files import read_regular, sha256
from ._records import is_id


class ExchangeReleaseAssignment(Exchange, abc.ExchangeReleaseAssignment):
    """Hands out release/<unit>/<unit>.ipynb."""

    def init_src(self) -> None:
        """Find the notebook in release/."""
        super().init_src()
        folder = self.step(self.coursedir.release_directory)
        self.notebook = folder / f"{self.unit}.ipynb"
        if not self.notebook.is_file():
            source = self.step(self.coursedir.source_directory)
            mend = "run `nbgrader generate_assignment` first" if source.is_dir() else (
                f"there is no {source} either"
            )  # fmt: skip
            raise ClassroomError(f"there is no {self.notebook}: {mend}")
        others = sorted(p.name for p in folder.iterdir() if p.name != self.notebook.name)
        if others:
            self.log.warning("Not released, for a unit is its notebook: %s", ", ".join(others))

    def step(self, name: str) -> Path:
        """Return the unit's folder in one of nbgrader's steps."""
        return Path(self.coursedir.format_path(name, ".", self.unit))

    def copy_files(self) -> None:
        """Send it; another version is replaced with ``--force`` alone."""
        data = read_regular(self.notebook, self.size_limit_mb())
        try:
            self.service.request(
                "PUT", "api", "units", self.unit, "notebook",
                query={"force": "1"} if self.force else None,
                data=data,
                headers={"Content-Type": "application/x-ipynb+json"},
            )  # fmt: skip
        except ClassroomError as error:
            if error.status != 409 or self.force:
                raise
            raise ClassroomError(
                f"{error} (nbgrader release_assignment --force {self.unit})", 409
            ) from None
        self.log.info("Released as: %s %s (sha256 %.12s)", self.me.course, self.unit, sha256(data))


class ExchangeReleaseFeedback(Exchange, abc.ExchangeReleaseFeedback):
    """Sends feedback/<student>/<unit>/<unit>.html to the attempt that it is about."""

    def init_src(self) -> None:
        """Find the folders with feedback on the unit."""
        super().init_src()
        self.folders = self.find()
        if not self.folders:
            self.log.warning("There is no feedback on %s: generate it first", self.unit)

    def find(self) -> dict[str, Path]:
        """Return the folder of each student who is meant."""

        def place(student: str, escape: bool = False) -> str:
            step = self.coursedir.feedback_directory
            return self.coursedir.format_path(step, student, self.unit, escape=escape)

        wanted = self.coursedir.student_id or "*"
        excluded = {s.strip() for s in self.coursedir.student_id_exclude.split(",")}
        student_in = re.compile(place("(?P<student>[^/]+)", escape=True))
        found = {}
        for folder in sorted(glob.glob(place(wanted))):
            match = student_in.fullmatch(folder)
            if match and os.path.isdir(folder) and match["student"] not in excluded:
                found[match["student"]] = Path(folder)
        return found

    def copy_files(self) -> None:
        """Send the pages; a folder that came another way than by the classroom is named."""
        left = [name for name, folder in self.folders.items() if not self.send(name, folder)]
        if left:
            raise ClassroomError(
                f"no feedback released to {', '.join(left)}; the log says why for each"
            )

    def send(self, student: str, folder: Path) -> bool:
        """Send one student's page; return whether that was possible."""
        pages = sorted(p.name for p in folder.glob("*.html"))
        secret = folder / SECRET
        id = secret.read_text("utf-8").strip() if secret.is_file() else ""
        if f"{self.unit}.html" not in pages:
            self.log.error("%s has no %s.html: generate the feedback first", folder, self.unit)
            return False
        if not is_id(id):
            self.log.error(
                "%s of %s was not handed in through the classroom (no id in %s): its feedback must "
                "go to the student another way", self.unit, student, secret,
            )  # fmt: skip
            return False
        page = read_regular(folder / f"{self.unit}.html", PAGE_MB)
        try:
            self.service.request(
                "PUT", "api", "submissions", id, "feedback",
                data=page, headers={"Content-Type": "text/html; charset=utf-8"},
            )  # fmt: skip
        except ClassroomError as error:
            if error.again:
                raise
            self.log.error("Not released: feedback on %s to %s: %s", self.unit, student, error)
            return False
        stamp = folder / STAMP
        self.log.info(
            "Releasing feedback for student '%s' on assignment '%s/%s' (%s)", student,
            self.me.course, self.unit, stamp.read_text("utf-8") if stamp.is_file() else "no time",
        )  # fmt: skip
        return True

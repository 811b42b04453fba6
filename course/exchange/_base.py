"""What all the exchange classes share: the settings, who we are, what goes wrong."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from pathlib import Path

from nbgrader.exchange import abc
from traitlets import Bool, Float, Unicode, default

from . import _records as records
from ._client import Answer, ClassroomError, Client
from ._files import UnfitFile, safe_name, sha256

URL_VARIABLE = "COURSE_EXCHANGE_URL"
TOKEN_VARIABLE = "JUPYTERHUB_API_TOKEN"
PAGE_MB = 128  # a page of feedback with the pictures that a student drew


class Exchange(abc.Exchange):
    """nbgrader's exchange on the classroom service.

    Course membership and roles are the service's to judge, from what the hub says of the
    token; nbgrader's authenticator is not asked.
    """

    url = Unicode(help=f"Address of the classroom service. Default: ${URL_VARIABLE}.").tag(
        config=True
    )
    path_includes_course = Bool(
        True, help="Whether a unit is fetched to <course>/<unit>/, not to <unit>/."
    ).tag(config=True)
    max_notebook_mb = Float(
        64.0, help="The biggest notebook that is sent, where the service does not say (MB)."
    ).tag(config=True)
    # A Hub looks every 30 s whether its services still run, and starts again what has ended.
    patience_s = Float(
        45.0, help="Seconds that may go by with tries that fail, before a request is given up."
    ).tag(config=True)
    connect_timeout_s = Float(5.0, help="Seconds until a connection must stand.").tag(config=True)
    read_timeout_s = Float(60.0, help="Seconds until the service must answer.").tag(config=True)

    @default("url")
    def _url_default(self) -> str:
        return os.environ.get(URL_VARIABLE, "")

    def start(self):
        """Do the job; called by nbgrader's commands, the Assignment List and Formgrader.

        Raises
        ------
        nbgrader.exchange.ExchangeError
            With one sentence, the last line of what the person is shown.
        """
        try:
            with Client(
                self.url,
                os.environ.get(TOKEN_VARIABLE, ""),
                self.log,
                patience_s=self.patience_s,
                connect_s=self.connect_timeout_s,
                read_s=self.read_timeout_s,
            ) as self.service:
                self.me = records.person(self.service.json("GET", "api", "me"))
                return super().start()
        except (ClassroomError, UnfitFile) as error:
            message = str(error)
        except OSError as error:
            message = f"{error.filename or 'this server'}: {error.strerror or error}"
        # Outside of the handler, so that no traceback of a library is put before the sentence.
        self.fail(message)

    def init_src(self) -> None:
        """Check what the job is about; nbgrader calls this first."""
        self.check_course()
        self.unit = self.named_unit()

    def init_dest(self) -> None:
        """Find where things go to; nbgrader calls this second."""

    def check_course(self) -> None:
        """Refuse another course than the one that the service holds."""
        wanted = self.coursedir.course_id
        if wanted and wanted != self.me.course:
            raise ClassroomError(
                f"this classroom holds the course {self.me.course!r}, not {wanted!r}"
            )

    def check_own(self) -> None:
        """Refuse to act for somebody else (``--student``)."""
        wanted = self.coursedir.student_id
        if wanted not in ("", "*", self.me.name):
            raise ClassroomError(
                f"you are {self.me.name!r} here and cannot act for {wanted!r}: leave --student out"
            )

    def named_unit(self) -> str:
        """Return the unit that a command was given."""
        try:
            return safe_name(self.coursedir.assignment_id)
        except ValueError:
            raise ClassroomError(
                f"{self.coursedir.assignment_id!r} is not the name of a unit"
            ) from None

    def unit_folder(self, unit: str) -> Path:
        """Return where a student works on a unit."""
        parts = [self.me.course, unit] if self.path_includes_course else [unit]
        return Path(os.path.abspath(Path(self.assignment_dir, *parts)))

    def feedback_file(self, handed_in: records.Submission) -> Path:
        """Return where the feedback on a submission is fetched to."""
        folder = self.unit_folder(handed_in.unit) / "feedback" / handed_in.timestamp
        return folder / f"{handed_in.unit}.html"

    def units(self) -> list[records.Unit]:
        """Return the units that are released, by name."""
        return records.units(self.service.json("GET", "api", "units"), self.log)

    def own_submissions(self, unit: str | None = None) -> list[records.Submission]:
        """Return what this student has handed in, oldest first."""
        query = None if unit is None else {"unit": unit}
        told = self.service.json("GET", "api", "submissions", query=query)
        return records.submissions(told, self.log, self.me.name)

    def class_submissions(self, unit: str | None = None) -> list[records.Submission]:
        """Return what all, or those that ``--student`` names, have handed in; for instructors."""
        wanted = self.coursedir.student_id or "*"
        query = {} if unit is None else {"unit": unit}
        if not set(wanted) & set("*?["):
            query["student"] = wanted
        told = self.service.json("GET", "api", "class", "submissions", query=query)
        found = records.submissions(told, self.log)
        return [s for s in found if s.student == wanted or fnmatchcase(s.student, wanted)]

    def size_limit_mb(self) -> float:
        """Return how big a notebook the service takes."""
        return self.me.max_notebook_mb or self.max_notebook_mb


def intact(answer: Answer, expected: str = "") -> bytes:
    """Return the body of an answer if it is what the service meant to send.

    Parameters
    ----------
    answer : Answer
    expected : str
        SHA-256 from a list, for an answer that brings none of its own.

    Raises
    ------
    ClassroomError
        If its content has another SHA-256.
    """
    wanted = answer.sha256 or expected
    if wanted and sha256(answer.body) != wanted:
        raise ClassroomError("a file arrived damaged and was not kept: try again")
    return answer.body

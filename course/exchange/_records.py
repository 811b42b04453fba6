"""What the classroom service tells, checked before a word of it becomes a path."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from nbgrader.utils import parse_utc

from ._client import ClassroomError
from ._files import safe_name

_STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} UTC", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Person:
    """Whom the service takes us for, and the course that it holds."""

    name: str
    role: str
    course: str
    max_notebook_mb: float | None


@dataclass(frozen=True)
class Unit:
    """A unit that is handed out."""

    name: str
    sha256: str


@dataclass(frozen=True)
class Submission:
    """A notebook that was handed in.

    Attributes
    ----------
    student : str
        Whose; where the service does not say, the person that asks.
    at : datetime
        The server's time at which it came in, naive and in UTC.
    timestamp : str
        The same as nbgrader writes it.
    page : str
        SHA-256 of the feedback that its student may see now; "" if there is none.
    """

    id: str
    student: str
    unit: str
    attempt: int
    timestamp: str
    at: datetime
    sha256: str
    state: str
    place: int | None
    counts: bool
    late: bool
    score: float | None
    max: float | None
    page: str

    def standing(self) -> str:
        """Return in a few words how far it is: its place in the queue, or its score."""
        if self.state == "queued" and self.place is not None:
            return f"place {self.place} in the queue"
        if self.score is not None and self.max is not None:
            return f"{self.score:g} of {self.max:g} points"
        return self.state


def is_id(text: str) -> bool:
    """Return whether this is the id of a submission."""
    return bool(_ID.fullmatch(text))


def person(told: object) -> Person:
    """Return what ``api/me`` tells; ClassroomError if it makes no sense."""
    try:
        most = told.get("max_notebook_mb")
        return Person(
            name=_text(told["name"]),
            role=_text(told["role"]),
            course=safe_name(told["course"]),
            max_notebook_mb=None if most is None else float(most),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise _senseless("who you are") from None


def units(told: object, log) -> list[Unit]:
    """Return the units of ``api/units`` by name; what makes no sense is logged and left out."""
    return sorted(_each(told, _unit, "a unit", log), key=lambda u: u.name)


def submissions(told: object, log, student: str | None = None) -> list[Submission]:
    """Return submissions, oldest first; what makes no sense is logged and left out.

    Parameters
    ----------
    told : object
        The answer of the service.
    log : logging.Logger
    student : str, optional
        Whose they are, where the service does not say.
    """

    def one(record) -> Submission:
        return submission(record, student)

    return sorted(_each(told, one, "a submission", log), key=lambda s: (s.at, s.attempt))


def _each(told: object, read: Callable, what: str, log) -> list:
    if not isinstance(told, list):
        raise _senseless(f"{what} and the like")
    found = []
    for record in told:
        try:
            found.append(read(record))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            reason = error if type(error) is ValueError else type(error).__name__
            log.error("The classroom tells of %s that makes no sense, left out: %s", what, reason)
    return found


def _unit(record) -> Unit:
    return Unit(safe_name(record["unit"]), _match(_SHA256, record["sha256"]))


def submission(record, student: str | None = None) -> Submission:
    """Return a record of a submission, checked; ValueError, KeyError or TypeError for a bad one."""
    stamp = _match(_STAMP, record["timestamp"])
    score, most, place = record.get("score"), record.get("max"), record.get("place")
    page = (record.get("feedback") or {}).get("sha256")
    return Submission(
        id=_match(_ID, record["id"]),
        student=safe_name(record.get("student", student)),
        unit=safe_name(record["unit"]),
        attempt=int(record["attempt"]),
        timestamp=stamp,
        at=parse_utc(stamp),
        sha256=_match(_SHA256, record["sha256"]),
        state=_text(record["state"]),
        place=None if place is None else int(place),
        counts=record["counts"] is True,
        late=record.get("late") is True,
        score=None if score is None else float(score),
        max=None if most is None else float(most),
        page="" if page is None else _match(_SHA256, page),
    )


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.isprintable() or len(value) > 255:
        raise ValueError(f"{str(value)[:80]!r} is no name")
    return value


def _match(pattern: re.Pattern, value: object) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(f"{str(value)[:80]!r} is not of the form {pattern.pattern}")
    return value


def _senseless(what: str) -> ClassroomError:
    return ClassroomError(
        f"what the classroom tells of {what} makes no sense: check the address "
        "(COURSE_EXCHANGE_URL), and that hub and servers have the same version of the course"
    )

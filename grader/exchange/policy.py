"""What a course allows and shows: attempts, deadlines, when feedback is given.

An instructor sets it in nbgrader_config.py, for the course as ``c.Classroom.feedback`` and so
on, for single units by ``c.Classroom.units = {"06-two-layer-net": {"attempts": 3}}``.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from nbgrader import api
from sqlalchemy import create_engine, select
from sqlalchemy.exc import SQLAlchemyError
from traitlets import Bool, CaselessStrEnum, Dict, Integer, TraitError
from traitlets.config import Config, Configurable

from ..gradebook import database_url
from ..units import unit_names
from .store import NEEDS_PERSON, Submission

AT_ONCE = "at once"
VISIBLE_FIRST = "visible part at once"
AFTER_DEADLINE = "after the deadline"
WHEN_RELEASED = "when released"
LAST, BEST = "last", "best"

DUE_KNOWN_S = 5.0  # how long a due date is taken for known: Formgrader may change it


class Classroom(Configurable):
    """The traits of ``c.Classroom``; `Policies` reads them."""

    feedback = CaselessStrEnum(
        [AT_ONCE, VISIBLE_FIRST, AFTER_DEADLINE, WHEN_RELEASED],
        AT_ONCE,
        help="When a student sees what was found: all of it at once; the visible checks at once and "
        "the rest after the deadline; all after the deadline; what an instructor releases.",
    ).tag(config=True)

    attempts = Integer(0, min=0, help="How often a unit may be handed in; 0 for no limit.").tag(
        config=True
    )

    counts = CaselessStrEnum(
        [LAST, BEST],
        LAST,
        help="Which attempt stands in the gradebook: the last, or the best "
        "(after what is taken off for being late).",
    ).tag(config=True)

    accept_late = Bool(
        True,
        help="Whether a unit may be handed in after its deadline; nbgrader's late penalty applies.",
    ).tag(config=True)

    max_notebook_mb = Integer(
        64, min=1, max=256, help="The largest notebook that may be handed in, in MB."
    ).tag(config=True)

    units = Dict(help="Other settings for single units, by the names of this class's traits.").tag(
        config=True
    )


@dataclass(frozen=True)
class Policy:
    """The settings of one unit; see `Classroom`."""

    feedback: str
    attempts: int
    counts: str
    accept_late: bool
    max_notebook_mb: int


class PolicyError(ValueError):
    """Raised for settings in nbgrader_config.py that make no sense; names the trait."""


class Policies:
    """The settings of each unit of a course.

    Parameters
    ----------
    config : Config
        As read from nbgrader_config.py.

    Raises
    ------
    PolicyError
        For a setting that is unknown or has a value that it cannot have.
    """

    def __init__(self, config: Config) -> None:
        names = Classroom.class_trait_names(config=True)
        if unknown := sorted(set(config.get("Classroom", {})) - set(names)):
            raise PolicyError(
                f"nbgrader_config.py: there is no c.Classroom.{unknown[0]}; "
                f"there are {', '.join(sorted(names))}"
            )
        try:
            self._course = Classroom(config=config)
        except TraitError as error:
            raise PolicyError(f"nbgrader_config.py, c.Classroom: {error}") from None
        if unknown := sorted(set(self._course.units) - set(unit_names())):
            raise PolicyError(
                f"nbgrader_config.py, c.Classroom.units: no unit {unknown[0]!r}; "
                f"there are {', '.join(unit_names())}"
            )
        self._units = {unit: self._make(unit) for unit in self._course.units}
        self._usual = self._make(None)

    def _make(self, unit: str | None) -> Policy:
        names = tuple(Policy.__dataclass_fields__)
        settings = {name: getattr(self._course, name) for name in names}
        if unit is None:
            return Policy(**settings)
        other = self._course.units[unit]
        where = f"nbgrader_config.py, c.Classroom.units[{unit!r}]"
        if not isinstance(other, Mapping):
            raise PolicyError(f"{where}: a dict of settings is wanted, not {other!r}")
        if unknown := sorted(set(other) - set(names)):
            raise PolicyError(f"{where}: no setting {unknown[0]!r}; there are {', '.join(names)}")
        try:
            checked = Classroom(**(settings | dict(other)))
        except TraitError as error:
            raise PolicyError(f"{where}: {error}") from None
        return Policy(**{name: getattr(checked, name) for name in names})

    def of(self, unit: str) -> Policy:
        """Return the settings of a unit."""
        return self._units.get(unit, self._usual)


class DueDates:
    """When each unit is due and what students are called, as the gradebook says.

    For several threads.

    Parameters
    ----------
    url : str
        Of the gradebook.
    """

    def __init__(self, url: str) -> None:
        self._engine = create_engine(database_url(url))
        self._known: dict[str, datetime | None] = {}
        self._names: dict[str, str] = {}
        self._until = 0.0
        self._reading = threading.Lock()

    def close(self) -> None:
        """Close the connections to the gradebook."""
        self._engine.dispose()

    def of(self, unit: str) -> datetime | None:
        """Return when a unit is due, naive and in UTC; None for never.

        While the gradebook cannot be read, what was known of it counts. One caller reads it
        when that is too old; the others do not wait.
        """
        if time.monotonic() >= self._until:
            self.refresh()
        return self._known.get(unit)

    def known(self) -> dict[str, datetime | None]:
        """Return all due dates as they were last read."""
        return self._known

    def names(self) -> dict[str, str]:
        """Return first and last name of each student who has any, as last read."""
        return self._names

    def refresh(self) -> None:
        """Read the gradebook, unless another thread does; a locked one may take seconds."""
        if not self._reading.acquire(blocking=False):
            return
        try:
            units, students = api.Assignment.__table__.c, api.Student.__table__.c
            with self._engine.connect() as db:
                self._known = dict(db.execute(select(units.name, units.duedate)).all())
                rows = db.execute(select(students.id, students.first_name, students.last_name))
                named = {id: " ".join(filter(None, names)) for id, *names in rows}
            self._names = {id: name for id, name in named.items() if name}
        except SQLAlchemyError:  # no gradebook yet, or one that is locked
            pass
        finally:
            self._until = time.monotonic() + DUE_KNOWN_S
            self._reading.release()


@dataclass(frozen=True)
class View:
    """What a student may see of a submission now.

    Attributes
    ----------
    kind : str
        ``'status'``: only how it stands; ``'visible part'``, ``'full'``, ``'person'``: a page.
    page : str or None
        SHA-256 of that page; None for ``'status'``.
    score, max : float or None
        The points that may be shown.
    until : datetime or None
        Until when more is held back; None where nothing is, or no time is set.
    held_back : bool
        Whether more is known than is shown.
    """

    kind: str
    page: str | None = None
    score: float | None = None
    max: float | None = None
    until: datetime | None = None
    held_back: bool = False


def view(submission: Submission, policy: Policy, deadline: datetime | None, now: datetime) -> View:
    """Return what a student may see of a submission.

    Parameters
    ----------
    submission : Submission
    policy : Policy
        Of its unit.
    deadline : datetime or None
        The student's own: due date and extension; None for never.
    now : datetime
        In UTC.
    """
    if submission.person_page is not None:
        return View("person", submission.person_page, submission.net, submission.max)
    # What is graded again shows its first grade until the next one is there.
    if submission.page is None or submission.state == NEEDS_PERSON:
        return View("status")
    passed = deadline is not None and now > deadline
    if policy.feedback == AT_ONCE or (passed and policy.feedback != WHEN_RELEASED):
        return View("full", submission.page, submission.net, submission.max)
    until = None if policy.feedback == WHEN_RELEASED else deadline
    # What was graded under another policy has no such page until it is graded again.
    if policy.feedback == VISIBLE_FIRST and submission.visible_page is not None:
        return View(
            "visible part", submission.visible_page, submission.visible_score,
            submission.visible_max, until, held_back=True,
        )  # fmt: skip
    return View("status", until=until, held_back=True)


def counting(attempts: Sequence[Submission], policy: Policy) -> Submission | None:
    """Return the attempt that stands in the gradebook, of one student's at one unit.

    Of two that are equally good the later one. While none is graded it is the last.
    """
    if not attempts:
        return None
    last = max(attempts, key=lambda one: one.attempt)
    if policy.counts == LAST:
        return last
    graded = [one for one in attempts if one.net is not None]
    return max(graded, key=lambda one: (one.net, one.attempt), default=last)


def deadline(due: datetime | None, extension: timedelta | None) -> datetime | None:
    """Return until when a student may hand in on time; None for no end."""
    return None if due is None else due + (extension or timedelta())

"""What is told of the class: records of units and submissions, the instructors' table, feedback.

Reads the store and applies the policy; knows nothing of HTTP. Every method may wait for the
database or a disk: call it in a thread.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from ..language import known
from . import pages, policy
from .pages import course_units
from .policy import DueDates, Policies, View
from .store import GRADED, GRADING, NEEDS_PERSON, QUEUED, STAMP, Store, Submission, now

TAIL_BYTES = 1 << 16  # of a notebook, where its metadata stand
MINUTE = timedelta(minutes=1)
DONE_LAST = (QUEUED, GRADING, NEEDS_PERSON, GRADED)  # of several: what is furthest from done


@dataclass(frozen=True)
class Feedback:
    """What is shown of a submission: the page's bytes, their SHA-256, what kind of page it is."""

    page: bytes
    sha256: str
    kind: str


class Records:
    """What may be told of a class.

    Parameters
    ----------
    store : Store
    policies : Policies
    dues : DueDates
    links : mapping of str to str
        Of the pages, as `pages.links` returns them.
    clock : callable
        Returns the time now, naive and in UTC; for tests.
    """

    def __init__(
        self,
        store: Store,
        policies: Policies,
        dues: DueDates,
        links: Mapping[str, str],
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.store, self.policies, self.dues, self.links = store, policies, dues, links
        self.clock = clock
        self._table: tuple[object, dict] = (None, {})
        self._making = threading.Lock()

    def warm_up(self) -> None:
        """Read templates and words, so that the first student does not wait for them."""
        feedback = {"kind": "status", "until": None}
        record = {"id": "0" * 32, "unit": course_units()[0], "attempt": 1, "state": QUEUED}
        record |= {"place": 1, "timestamp": _stamp(self.clock()), "sha256": "0" * 64}
        record |= {"name": "", "size": 0, "feedback": feedback, "score": None, "max": None}
        pages.status_page(record, self.links)

    # ------------------------------------------------------------ units

    def deadline(self, student: str, unit: str) -> datetime | None:
        """Return until when a student may hand in on time; None for no end."""
        due = self.dues.of(unit)
        return policy.deadline(due, due and self.store.extension(student, unit))

    def units(self, student: str) -> list[dict]:
        """Return the units that are handed out, with how a student stands, in their order."""
        released, fetched = self.store.released(), self.store.fetches(student)
        extensions = self.store.extensions(student)
        used: dict[str, int] = defaultdict(int)
        for one in self.store.submissions(student):
            used[one.unit] = max(used[one.unit], one.attempt)
        told = []
        for unit in _in_order(released):
            release, extension = released[unit], extensions.get((student, unit), timedelta())
            allowed = self.policies.of(unit).attempts
            told.append(
                {
                    "unit": unit,
                    "sha256": release.sha256,
                    "size": release.size,
                    "released_at": _stamp(release.at),
                    "due": _stamp(policy.deadline(self.dues.of(unit), extension)),
                    "extension_s": int(extension.total_seconds()),
                    "fetched_at": _stamp(fetched.get((student, unit))),
                    "attempts": used[unit],
                    "attempts_left": max(0, allowed - used[unit]) if allowed else None,
                }
            )
        return told

    # ------------------------------------------------------------ submissions

    def submissions(
        self, student: str | None, unit: str | None = None, *, full: bool = False
    ) -> list[dict]:
        """Return records of submissions, oldest first.

        Parameters
        ----------
        student, unit : str or None
            None for all.
        full : bool
            All that is known, for an instructor, and not what the policy shows now.
        """
        return self._records(self.store.submissions(student, unit), full)

    def record(self, submission: Submission, *, full: bool = False) -> dict:
        """Return the record of one submission."""
        student, unit = submission.student, submission.unit
        counting = self._counting(self.store.submissions(student, unit))
        return self._record(
            submission,
            full,
            counts=submission.id in counting,
            place=self.store.place(submission),
            end=self.deadline(student, unit),
            moment=self.clock(),
        )

    def _records(self, submissions: Sequence[Submission], full: bool) -> list[dict]:
        if not submissions:
            return []
        students = {one.student for one in submissions}
        extensions = self.store.extensions(students.pop() if len(students) == 1 else None)
        waits = any(one.state == QUEUED for one in submissions)
        places = self.store.places() if waits else {}
        counting = self._counting(submissions)
        moment = self.clock()
        return [
            self._record(
                one,
                full,
                counts=one.id in counting,
                place=places.get(one.id),
                end=policy.deadline(
                    self.dues.of(one.unit), extensions.get((one.student, one.unit))
                ),
                moment=moment,
            )
            for one in submissions
        ]

    def _counting(self, submissions: Iterable[Submission]) -> set[str]:
        """Return the ids of those that count; all attempts of a student at a unit are given."""
        found = _by_student_and_unit(submissions)
        counting = (
            policy.counting(attempts, self.policies.of(unit))
            for (_student, unit), attempts in found.items()
        )
        return {one.id for one in counting if one is not None}

    def _record(
        self,
        one: Submission,
        full: bool,
        counts: bool,
        place: int | None,
        end: datetime | None,
        moment: datetime,
    ) -> dict:
        view = self.view(one, end, moment, full)
        record = {
            "id": one.id,
            "unit": one.unit,
            "attempt": one.attempt,
            "timestamp": one.timestamp,
            "sha256": one.sha256,
            "size": one.size,
            "name": one.name,
            "state": one.state,
            "place": place if one.state == QUEUED else None,
            "counts": counts,
            "score": view.score,
            "max": view.max,
            "late": end is not None and one.at > end,
            "feedback": {"sha256": view.page, "kind": view.kind, "until": _stamp(view.until)},
        }
        if full:
            record |= {"student": one.student, "reason": one.reason}
        if view.page is None:
            record["feedback"]["sha256"] = _sha256(self._status_page(one, record))
        return record

    def view(
        self, one: Submission, end: datetime | None, moment: datetime, full: bool = False
    ) -> View:
        """Return what may be seen of a submission now; all of it for an instructor."""
        if not full:
            return policy.view(one, self.policies.of(one.unit), end, moment)
        if one.person_page is not None:
            return View("person", one.person_page, one.net, one.max)
        return View("full" if one.page else "status", one.page, one.net, one.max)

    # ------------------------------------------------------------ feedback

    def feedback(self, one: Submission, *, full: bool = False) -> Feedback:
        """Return the page that may be shown of a submission now.

        Raises
        ------
        StoreError
            If its file is missing or damaged.
        """
        record = self.record(one, full=full)
        digest, kind = record["feedback"]["sha256"], record["feedback"]["kind"]
        if kind == "status":
            return Feedback(self._status_page(one, record), digest, kind)
        return Feedback(self.store.read(digest), digest, kind)

    def _status_page(self, one: Submission, record: dict) -> bytes:
        lang = notebook_language(self.store.path(one.sha256))
        return pages.status_page(record, self.links, lang=lang).encode()

    # ------------------------------------------------------------ the class

    def table(self, students: Collection[str], course: str, notices: Sequence[str]) -> dict:
        """Return the instructors' table as the top of `pages` describes it.

        Parameters
        ----------
        students : collection of str
            The members of the course; whoever handed in and is no member any more stands below.
        course : str
            The course's id.
        notices : sequence of str
            Sentences for the instructor.
        """
        minute = self.clock() - MINUTE
        dues, names = self.dues.known(), self.dues.names()
        facts = (
            self.store.changes(),
            frozenset(students),
            tuple(dues.items()),
            tuple(names.items()),
        )
        with self._making:  # what two ask for at once is made once
            known_facts, table = self._table
            # Grades of the last minute grow old without a change.
            if facts != known_facts or any(at <= minute for at in table["graded"]):
                table = self._make_table(students, dues, names, minute)
                self._table = (facts, table)
        shown = {key: value for key, value in table.items() if key != "graded"}
        return {"course": course, **shown, "notices": list(notices)}

    def _make_table(
        self,
        students: Collection[str],
        dues: Mapping[str, datetime | None],
        names: Mapping[str, str],
        minute: datetime,
    ) -> dict:
        released, fetched = self.store.released(), self.store.fetches()
        extensions, submissions = self.store.extensions(), self.store.submissions()
        attempts = _by_student_and_unit(submissions)
        most = {one.unit: one.max for one in submissions if one.max is not None}
        units = _in_order({*course_units(), *released, *(one.unit for one in submissions)})
        others = {one.student for one in submissions}.difference(students)
        waiting = [one for one in submissions if one.state == QUEUED]
        graded = [one.graded_at for one in submissions if one.graded_at and one.graded_at > minute]
        return {
            "units": [
                {
                    "unit": unit,
                    "released_at": _seconds(released[unit].at) if unit in released else None,
                    "due": _seconds(dues.get(unit)),
                    "max": most.get(unit),
                }
                for unit in units
            ],
            "queue": {
                "length": len(waiting),
                "grading": sum(one.state == GRADING for one in submissions),
                "oldest": _seconds(min((one.at for one in waiting), default=None)),
                "per_minute": len(graded),
            },
            "students": [
                [
                    name,
                    names.get(name, name),
                    [
                        self._cell(
                            attempts.get((name, unit), ()),
                            (name, unit) in fetched,
                            extensions.get((name, unit), timedelta()),
                            dues.get(unit),
                        )
                        for unit in units
                    ],
                ]
                for name in (*sorted(students), *sorted(others))
            ],
            "graded": graded,
        }

    def _cell(
        self,
        attempts: Sequence[Submission],
        fetched: bool,
        extension: timedelta,
        due: datetime | None,
    ) -> int | list:
        minutes = int(extension.total_seconds() // 60)
        if not attempts:
            return pages.class_cell(fetched, extension_minutes=minutes)
        one = policy.counting(attempts, self.policies.of(attempts[0].unit))
        end = policy.deadline(due, extension)
        return pages.class_cell(
            fetched,
            len(attempts),
            min((a.state for a in attempts), key=DONE_LAST.index),
            one.net,
            _seconds(max(a.at for a in attempts)),
            end is not None and one.at > end,
            minutes,
        )

    def counting(self, unit: str) -> list[Submission]:
        """Return the submission of each student that counts, by name."""
        attempts = _by_student_and_unit(self.store.submissions(unit=unit))
        chosen = self.policies.of(unit)
        return [policy.counting(attempts[key], chosen) for key in sorted(attempts)]


@functools.lru_cache(maxsize=4096)  # a file of the store never changes
def notebook_language(path: Path) -> str:
    """Return the language of a notebook that was handed in, ``'en'`` or ``'zh'``.

    Read from the end of its text: it may be megabytes of anything.
    """
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - TAIL_BYTES))
            tail = file.read()
    except OSError:
        return "en"
    found = re.findall(rb'"course"\s*:\s*\{[^{}]*"lang"\s*:\s*"(\w{2,8})"', tail)
    return (found and known(found[-1].decode("ascii", "replace"))) or "en"


def dumps(data: object) -> bytes:
    """Return data as compact JSON that may stand in any page: no ``<`` in it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").encode()


def _by_student_and_unit(
    submissions: Iterable[Submission],
) -> dict[tuple[str, str], list[Submission]]:
    found: dict[tuple[str, str], list[Submission]] = {}
    for one in submissions:
        found.setdefault((one.student, one.unit), []).append(one)
    return found


def _in_order(units: Iterable[str]) -> list[str]:
    """Return names of units in the order of the course; others behind, by name."""
    order = {name: place for place, name in enumerate(course_units())}
    return sorted(units, key=lambda unit: (order.get(unit, len(order)), unit))


def _stamp(moment: datetime | None) -> str | None:
    return None if moment is None else moment.strftime(STAMP)


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.replace(tzinfo=timezone.utc).timestamp())


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

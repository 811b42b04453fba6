"""The service's HTTP interface; `ROUTES` lists all of it.

A notebook is handed in as the bare content of a request: there is nothing to unpack, and no name
from outside ever becomes a path. What is in it, the grader finds out, which has a sentence for
every broken file.
"""

from __future__ import annotations

import asyncio
import logging
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from jupyterhub.services.auth import HubOAuthCallbackHandler
from sqlalchemy.exc import SQLAlchemyError
from tornado.web import RequestHandler

from ..gradebook import GradebookError, points_of, set_extension
from . import pages
from .access import HubAway, Refusal, is_safe
from .handlers import ANYONE, INSTRUCTOR, MEMBER, STUDENT, Handler, Page
from .store import Blob, Handed, Refused, StoreError, Submission, Upload

log = logging.getLogger(__name__)

MB = 1_000_000
MOST_AT_ONCE = 2  # uploads of one student
MOST_AN_HOUR = 60  # submissions of one student: nobody solves a unit so often, a loop does
PAGE_MB = 128  # a page of feedback, with pictures
PART_BYTES = 1 << 20  # is written to the disk at once
SMALL_BYTES = 1 << 18
HEAD_BYTES = 64
LONGEST_NAME, LONGEST_KEY = 255, 128
MOST_MINUTES = pages.MOST_EXTENSION_MINUTES
UNIT, ID, REST = r"([^/]+)", r"([0-9a-f]{32})", r"(.*)"


class NotHere(Handler):
    """Any address of the interface that does not exist."""

    roles = dict.fromkeys(Handler.SUPPORTED_METHODS, ANYONE)

    async def before_body(self, *_path_args: str) -> None:
        """Say so."""
        raise Refusal(404, "there is nothing at this address")


class PageNotHere(Page, NotHere):
    """Any other address that does not exist."""


class Health(Handler):
    """Whether the service works, for whoever watches over it."""

    roles = {"GET": ANYONE}  # noqa: RUF012

    async def get(self) -> None:
        """Tell it."""
        await self.service.read(self.service.store.changes)
        notices = await self.service.read(self.service.notices)
        self.tell({"status": "ok", "grading": "waits" if notices else "works"})


class Me(Handler):
    """Who asks."""

    roles = {"GET": MEMBER}  # noqa: RUF012

    async def get(self) -> None:
        """Tell it."""
        most = max(self.service.policies.of(unit).max_notebook_mb for unit in self.service.units)
        self.tell(
            {
                "name": self.person.name,
                "role": self.person.role,
                "course": self.service.course,
                "max_notebook_mb": most,
            }
        )


# ---------------------------------------------------------------- units


class Units(Handler):
    """The units that are handed out."""

    roles = {"GET": MEMBER}  # noqa: RUF012

    async def get(self) -> None:
        """Tell them, with how a student stands."""
        self.tell(await self.service.read(self.service.records.units, self.person.name))


class _OfUnit(Handler):
    """What concerns one unit."""

    def check_unit(self, unit: str) -> None:
        """Refuse a unit that the course does not have."""
        if unit not in self.service.units:
            raise Refusal(404, f"the course has no unit {unit[:100]!r}")
        self.facts["unit"] = unit

    def wanted_unit(self) -> str | None:
        """Return the unit that the query names, if it names one."""
        unit = self.get_query_argument("unit", None)
        if unit is not None:
            self.check_unit(unit)
        return unit

    async def before_body(self, unit: str = "") -> None:
        """Check the unit."""
        self.check_unit(unit)


class _Upload(_OfUnit):
    """A file that comes in: through the disk, never whole in memory."""

    upload: Upload | None = None
    beginning = b""
    writing = gone = False

    def begin(self, most_mb: float) -> None:
        """Say how much may come."""
        self.limit = int(most_mb * MB)

    async def take(self, part: bytes) -> None:
        """Write parts to the disk when there are enough of them."""
        if len(self.beginning) < HEAD_BYTES:
            self.beginning += part[: HEAD_BYTES - len(self.beginning)]
            self.check_beginning(self.beginning)
        self.body += part
        if len(self.body) >= PART_BYTES:
            await self.on_disk(self._write)

    async def on_disk(self, function: Callable):
        """Call a function that writes the file, in a thread; then tidy up if that has waited."""
        self.writing = True
        try:
            return await self.service.on_disk(function)
        finally:
            self.writing = False
            if self.gone:
                self._drop()

    def check_beginning(self, beginning: bytes) -> None:
        """Refuse content of another kind by how it begins."""

    def _write(self) -> None:
        if self.upload is None:
            self.upload = self.service.store.upload()
        part, self.body = self.body, bytearray()
        self.upload.write(part)

    def keep(self) -> Blob:
        """Put the file into the store; in a thread."""
        if not self._received:
            raise Refusal(400, "the content is empty: send the bytes of the notebook")
        self._write()
        return self.upload.keep()

    def tidy_up(self) -> None:
        """Remove what was not kept; but not under a thread that is about to keep it."""
        self.gone = True
        if not self.writing:
            self._drop()

    def _drop(self) -> None:
        upload, self.upload = self.upload, None
        if upload is not None:
            self.service.soon(upload.abandon)


class _NotebookUpload(_Upload):
    """A notebook that comes in."""

    def too_big(self) -> Refusal:
        """Return the refusal of a notebook that is too long."""
        return Refusal(
            413,
            f"the notebook is larger than {self.limit / MB:g} MB: clear its outputs (Edit > Clear "
            "Outputs of All Cells), save it and hand it in again",
        )

    def check_beginning(self, beginning: bytes) -> None:
        """Refuse an archive or a page by how it begins."""
        start = beginning.removeprefix(b"\xef\xbb\xbf").lstrip()
        if beginning.startswith((b"PK", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")):
            raise Refusal(415, "this is an archive: hand in the notebook (.ipynb) as it is")
        if start.startswith(b"<"):
            raise Refusal(
                415,
                "this is a web page, not a notebook: hand in the .ipynb file that you worked in",
            )


class UnitNotebook(_NotebookUpload):
    """A unit as it is handed out."""

    roles = {"GET": MEMBER, "PUT": INSTRUCTOR}  # noqa: RUF012

    async def before_body(self, unit: str = "") -> None:
        """Check the unit, and say how much may come."""
        await super().before_body(unit)
        self.begin(self.service.policies.of(unit).max_notebook_mb)

    async def get(self, unit: str) -> None:
        """Hand the unit out, and remember to whom."""
        service = self.service
        release = (await service.read(service.store.released)).get(unit)
        if release is None:
            raise Refusal(404, f"the unit {unit} is not handed out (any more)")
        data = await service.read(service.store.read, release.sha256)
        if self.person.student:
            await self._note_fetch(unit)
        self.send_notebook(data, release.sha256, f"{unit}.ipynb")

    async def _note_fetch(self, unit: str) -> None:
        try:
            await self.service.write(self.service.store.note_fetch, self.person.name, unit)
        except (SQLAlchemyError, asyncio.TimeoutError) as error:
            # No reason to keep the unit from the student.
            log.error("%s fetched %s, which was not noted: %s", self.person.name, unit, error)

    async def put(self, unit: str) -> None:
        """Release the unit."""
        force = self.get_query_argument("force", "0") not in ("", "0")
        blob, service = await self.on_disk(self.keep), self.service

        def release():
            return service.store.release(unit, blob, self.person.name, force=force)

        made = await service.write(release)
        self.facts["sha256"] = made.sha256
        self.tell({"unit": made.unit, "sha256": made.sha256, "size": made.size})


class Unit(_OfUnit):
    """A unit as such."""

    roles = {"DELETE": INSTRUCTOR}  # noqa: RUF012

    async def delete(self, unit: str) -> None:
        """Hand it out no more; what was handed in stays."""
        withdrawn = await self.service.write(self.service.store.withdraw, unit)
        if not withdrawn:
            raise Refusal(404, f"the unit {unit} is not handed out")
        self.tell({"unit": unit, "withdrawn": True})


# ---------------------------------------------------------------- submissions


class HandIn(_NotebookUpload):
    """Where a student hands in."""

    roles = {"POST": STUDENT}  # noqa: RUF012
    counted = False  # among the uploads that are on their way
    checked = False
    known: Submission | None = None  # what the same click made before

    async def before_body(self, unit: str = "") -> None:
        """Refuse before the content is read what need not be read."""
        await super().before_body(unit)
        service, student = self.service, self.person.name
        self.begin(service.policies.of(unit).max_notebook_mb)
        self.name, self.key = self._file_name(unit), self._key()
        if service.uploads[student] >= MOST_AT_ONCE:
            raise Refusal(
                429,
                f"{MOST_AT_ONCE} notebooks of yours are on their way already: wait for them",
                {"Retry-After": "5"},
            )
        service.uploads[student] += 1
        self.counted = True
        # What is small is as quickly read as refused; it is checked when it is here.
        length = self.declared_length
        self.checked = length is None or length >= SMALL_BYTES
        if self.checked:
            await service.read(self._check_class, unit)

    def _check_class(self, unit: str) -> None:
        """Refuse what the state of the class does not admit; in a thread."""
        service, student = self.service, self.person.name
        earlier = service.store.submissions(student)
        for one in earlier:
            if self.key is not None and one.key == self.key:
                self.known = one  # the answer to the same click was lost: it is given again
                return
        if unit not in service.store.released():
            raise Refused(f"the unit {unit} is not handed out (any more), so it is not taken in")
        used = max((one.attempt for one in earlier if one.unit == unit), default=0)
        allowed = service.policies.of(unit).attempts
        if allowed and used >= allowed:
            raise Refused(f"all {allowed} attempts at {unit} are used up")
        moment = service.clock()
        self._admit_until(unit)(moment)
        recent = [one.at for one in earlier if one.at > moment - timedelta(hours=1)]
        if len(recent) >= MOST_AN_HOUR:
            wait_s = int((min(recent) + timedelta(hours=1) - moment).total_seconds()) + 1
            raise Refusal(
                429,
                f"you handed in {MOST_AN_HOUR} times within an hour: go on in "
                f"{wait_s // 60 + 1} minutes",
                {"Retry-After": str(wait_s)},
            )

    def _admit_until(self, unit: str) -> Callable[[datetime], None]:
        """Return a check of the time stamp: whether it is too late."""
        service = self.service
        if service.policies.of(unit).accept_late:
            return lambda stamp: None
        end = service.records.deadline(self.person.name, unit)

        def admit(stamp: datetime) -> None:
            if end is not None and stamp > end:
                raise Refused(
                    f"{unit} was due on {end:%Y-%m-%d %H:%M:%S} UTC and is not taken in any more: "
                    "ask your instructor for an extension"
                )

        return admit

    def _file_name(self, unit: str) -> str:
        # Of tornado's own way to read an argument some control characters come out as blanks.
        given = self.request.query_arguments.get("name", [f"{unit}.ipynb".encode()])[-1]
        name = self.decode_argument(given, "name")
        fit = name.endswith(".ipynb") and name.isprintable() and not set(name) & set("/\\")
        if not fit or len(name.encode("utf-8", "replace")) > LONGEST_NAME:
            raise Refusal(
                400,
                f"the name of the file must end in .ipynb, have at most {LONGEST_NAME} bytes and "
                "be a name alone, without a folder",
            )
        return name

    def _key(self) -> str | None:
        key = self.request.headers.get("Idempotency-Key")
        if key is not None and not (
            0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()
        ):
            raise Refusal(400, f"Idempotency-Key: 1 to {LONGEST_KEY} ASCII characters")
        return key

    async def post(self, unit: str) -> None:
        """Take a notebook in."""
        made, new = await self._hand_in(unit)
        service = self.service
        self.facts |= {"submission": made.id, "attempt": made.attempt, "size": made.size}
        self.tell(await service.read(service.records.record, made), 201 if new else 200)

    async def _hand_in(self, unit: str) -> tuple[Submission, bool]:
        """Return the submission, and whether it is new."""
        service, student = self.service, self.person.name

        def take_in() -> tuple[Blob, Callable[[datetime], None]] | None:
            if not self.checked:
                self._check_class(unit)
            if self.known:  # nothing is kept: a known key is no way to fill the disk
                self._write()
                self.known.answer_for(unit, self.upload.sha256)
                return None
            return self.keep(), self._admit_until(unit)

        taken = await self.on_disk(take_in)
        if taken is None:
            return self.known, False
        blob, admit = taken

        attempts = service.policies.of(unit).attempts
        return await service.hand_in(
            Handed(student, unit, self.name, blob, self.key, attempts, admit)
        )

    def tidy_up(self) -> None:
        """Count this upload no more."""
        super().tidy_up()
        if self.counted:
            self.counted = False
            self.service.uploads[self.person.name] -= 1
            if not self.service.uploads[self.person.name]:
                del self.service.uploads[self.person.name]


class Submissions(_OfUnit):
    """What a student has handed in."""

    roles = {"GET": MEMBER}  # noqa: RUF012

    async def before_body(self) -> None:
        """Check the unit, if one is named."""
        self.wanted_unit()

    async def get(self) -> None:
        """Tell it, the oldest first."""
        unit = self.wanted_unit()
        records = self.service.records.submissions
        self.tell(await self.service.read(records, self.person.name, unit))


async def find(handler: Handler, id: str) -> Submission:
    """Return a submission that whoever asks may see."""
    found = await handler.service.read(handler.service.store.submission, id)
    person = handler.person
    if found is None:
        raise Refusal(404, "there is no such submission")
    if not person.instructor and not (person.student and found.student == person.name):
        raise Refusal(403, "this submission is not yours")
    return found


def sees_all(handler: Handler) -> bool:
    """Return whether all that is known is shown, and not what the policy shows a student."""
    return handler.person.instructor and handler.get_query_argument("as", "") != "student"


class SubmittedNotebook(Handler):
    """A notebook as it was handed in."""

    roles = {"GET": MEMBER}  # noqa: RUF012

    async def get(self, id: str) -> None:
        """Give it back."""
        one = await find(self, id)
        data = await self.service.read(self.service.store.read, one.sha256)
        self.send_notebook(data, one.sha256, one.name)


class Feedback(_Upload):
    """What is said of a submission."""

    roles = {"GET": MEMBER, "PUT": INSTRUCTOR}  # noqa: RUF012

    async def before_body(self, id: str = "") -> None:
        """Say how much may come."""
        self.begin(PAGE_MB)
        self.facts["submission"] = id

    async def get(self, id: str) -> None:
        """Show the page that the policy admits now."""
        one, full = await find(self, id), sees_all(self)

        def page():
            return self.service.records.feedback(one, full=full)

        shown = await self.service.read(page)
        self.set_header("Content-Security-Policy", pages.CSP["feedback"])
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.etag = f'"{shown.sha256}"'
        self.finish(shown.page)

    async def put(self, id: str) -> None:
        """Release a page that an instructor made."""
        service, one = self.service, await find(self, id)
        blob = await self.on_disk(self.keep)
        score = await self._points_by_hand(one)
        await service.write(service.store.set_person_page, id, blob.sha256, score)
        one = await service.read(service.store.submission, one.id)
        record = await service.read(lambda: service.records.record(one, full=True))
        self.tell(record)

    async def _points_by_hand(self, one: Submission) -> float | None:
        """Return the points that stand in the gradebook, if they are this submission's."""
        service = self.service
        try:
            found = await service.slowly(points_of, service.gradebook, one.student, one.unit)
        except GradebookError as error:
            self.facts["gradebook"] = str(error)
            return None
        return found[0] if found and found[1] == one.at else None


# ---------------------------------------------------------------- the class


async def _students(handler: Handler) -> frozenset[str]:
    try:
        students, _instructors = await handler.service.gate.members.groups()
    except HubAway:
        raise Refusal(503, "JupyterHub does not answer: try again", {"Retry-After": "3"}) from None
    return students


class Class(Handler):
    """All for the instructors' live page."""

    roles = {"GET": INSTRUCTOR}  # noqa: RUF012

    async def get(self) -> None:
        """Tell it."""
        service, members = self.service, await _students(self)
        students = {name for name in members if is_safe(name)}
        notices = await service.slowly(service.notices)
        if odd := sorted(members - students):
            notices.append(
                "These members cannot use the classroom, because their user names cannot be names "
                f"of folders: {', '.join(odd[:5])}{' ...' if len(odd) > 5 else ''}"
            )
        self.tell(await service.slowly(service.records.table, students, service.course, notices))


class ClassSubmissions(Submissions):
    """What the class has handed in, for a unit or for all."""

    roles = {"GET": INSTRUCTOR}  # noqa: RUF012

    async def get(self) -> None:
        """Tell it, the oldest first."""
        unit, student = self.wanted_unit(), self.get_query_argument("student", None)
        if student is not None and not is_safe(student):
            raise Refusal(404, f"{student[:100]!r} is no student of this course")

        def records() -> list[dict]:
            return self.service.records.submissions(student, unit, full=True)

        self.tell(await self.service.slowly(records))


class Regrade(_OfUnit):
    """Grading again."""

    roles = {"POST": INSTRUCTOR}  # noqa: RUF012

    async def before_body(self) -> None:
        """Nothing is known before the content is."""

    async def post(self) -> None:
        """Queue what was graded of a unit, of all or of some students, once more."""
        asked = self.json()
        unit, students = _text(asked, "unit"), asked.get("students")
        self.check_unit(unit)
        if students is not None and not (
            isinstance(students, list) and all(isinstance(name, str) for name in students)
        ):
            raise Refusal(400, '"students" must be a list of names, or null for all')
        students = None if students is None else list(filter(is_safe, students))
        queued = await self.service.write(self.service.store.grade_again, unit, students)
        self.facts["queued"] = queued
        self.tell({"unit": unit, "queued": queued})


class Extensions(_OfUnit):
    """More time for one student."""

    roles = {"PUT": INSTRUCTOR}  # noqa: RUF012

    async def before_body(self) -> None:
        """Nothing is known before the content is."""

    async def put(self) -> None:
        """Give more time for a unit, or take it back (0 minutes); the penalty follows."""
        asked, service = self.json(), self.service
        unit, student, minutes = _text(asked, "unit"), _text(asked, "student"), asked.get("minutes")
        self.check_unit(unit)
        if type(minutes) is not int or not 0 <= minutes <= MOST_MINUTES:
            raise Refusal(400, f'"minutes" must be a whole number from 0 to {MOST_MINUTES}')
        if student not in await _students(self):
            known = is_safe(student) and await service.read(service.store.submissions, student)
            if not known:
                raise Refusal(404, f"{student[:100]!r} is no student of this course")
        if minutes and service.dues.known().get(unit) is None:
            await service.slowly(service.dues.refresh)  # it may have been set a moment ago
        if minutes and service.dues.known().get(unit) is None:
            raise Refusal(409, f"the unit {unit} has no due date: there is nothing to extend")
        self.facts |= {"student": student, "minutes": minutes}

        def change() -> int:
            service.store.extend(student, unit, 60 * minutes, self.person.name)
            return service.store.grade_again(unit, [student])

        queued = await service.write(change)
        told = {"student": student, "unit": unit, "minutes": minutes, "queued": queued}
        more = timedelta(minutes=minutes) if minutes else None
        try:
            await service.slowly(set_extension, service.gradebook, student, unit, more)
        except GradebookError as error:
            # What is graded again takes the extension into the gradebook, too.
            self.facts["gradebook"] = str(error)
            told["notice"] = f"the gradebook does not have the extension yet: {error}"
        self.tell(told)


def _text(asked: dict, name: str) -> str:
    value = asked.get(name)
    if not isinstance(value, str):
        raise Refusal(400, f'"{name}" must be a text')
    return value


class _Part:
    """The part of a zip that has been written and not been sent."""

    def __init__(self) -> None:
        self._data = bytearray()

    def write(self, data: bytes) -> int:
        self._data += data
        return len(data)

    def flush(self) -> None:
        """Nothing waits elsewhere; zipfile calls this."""

    def taken(self) -> bytes:
        data, self._data = bytes(self._data), bytearray()
        return data


class Download(_OfUnit):
    """The notebooks of a class, to look at them elsewhere."""

    roles = {"GET": INSTRUCTOR}  # noqa: RUF012

    async def before_body(self) -> None:
        """Check the unit, which stands in the query."""
        self.check_unit(self.get_query_argument("unit", ""))

    async def get(self) -> None:
        """Send a zip with the submission of each student that counts, while it is made."""
        service, unit = self.service, self.get_query_argument("unit")
        chosen = await service.slowly(service.records.counting, unit)
        self.set_header("Content-Type", "application/zip")
        self.set_header("Content-Disposition", f'attachment; filename="{unit}.zip"')
        parts = self._zip(unit, chosen)
        while (part := await service.slowly(next, parts, None)) is not None:
            self.write(part)
            await self.flush()

    def _zip(self, unit: str, chosen: list[Submission]) -> Iterator[bytes]:
        """Yield a zip in parts, one notebook in memory at a time."""
        out, damaged = _Part(), []
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for one in chosen:
                try:
                    data = self.service.store.read(one.sha256)
                except StoreError as error:
                    damaged.append(f"{one.student}: {error}")
                    continue
                folder = f"{one.student}/{unit}"
                archive.writestr(f"{folder}/{unit}.ipynb", data)
                archive.writestr(f"{folder}/timestamp.txt", one.timestamp)
                yield out.taken()
            if damaged:
                self.facts["damaged"] = damaged
                archive.writestr("MISSING.txt", "\n".join(damaged) + "\n")
        yield out.taken()


# ---------------------------------------------------------------- pages


class Home(Page):
    """The student's page, or the instructor's."""

    roles = {"GET": MEMBER}  # noqa: RUF012

    async def get(self) -> None:
        """Show it."""
        service, xsrf = self.service, _text_of(self.xsrf_token)
        if self.person.instructor and self.get_query_argument("as", "") != "student":
            page = pages.instructor_page(
                self.person.name, service.course, service.links, xsrf=xsrf, units=service.units
            )
        else:
            page = pages.student_page(
                self.person.name,
                service.links,
                xsrf=xsrf,
                lang=self.lang,
                units=service.units,
                counts={unit: service.policies.of(unit).counts for unit in service.units},
                instructor=self.person.instructor,
            )
        self.show(page)


class SubmissionPage(Page):
    """The page around the feedback of a submission."""

    roles = {"GET": MEMBER}  # noqa: RUF012

    async def get(self, id: str) -> None:
        """Show it."""
        service, one, full = self.service, await find(self, id), sees_all(self)
        record = await service.read(lambda: service.records.record(one, full=full))
        self.show(
            pages.feedback_frame(
                record,
                service.links,
                xsrf=_text_of(self.xsrf_token),
                lang=self.lang,
                student=one.student if full else "",
            )
        )


class Report(Page):
    """What the class understood."""

    roles = {"GET": INSTRUCTOR}  # noqa: RUF012

    async def get(self) -> None:
        """Show it."""
        service = self.service
        page = await service.slowly(
            pages.report_page, service.root, service.links, service.gradebook
        )
        self.show(page, "report")


class Static(Handler):
    """A file that a page loads; there is nothing private in it."""

    roles = {"GET": ANYONE}  # noqa: RUF012

    async def get(self, name: str) -> None:
        """Send it."""
        found = pages.static_files().get(name)
        if found is None:
            raise Refusal(404, "there is nothing at this address")
        kind, data, etag = found
        self.set_header("Cache-Control", "no-cache")
        self.etag = etag
        self.set_header("Content-Type", kind)
        self.finish(data)


class Callback(Page, HubOAuthCallbackHandler):
    """Where the Hub sends a browser back to when its user has signed in."""

    roles = {"GET": ANYONE}  # noqa: RUF012

    async def before_body(self, *_path_args: str) -> None:
        """Find out whether somebody is signed in already, without waiting as tornado would."""
        try:
            self.current_user = await self.hub_auth.get_user(self, sync=False)
        except HubAway:
            self.current_user = None

    def error_content(self, refusal: Refusal) -> bytes:
        """Say how to go on."""
        sentence = "signing in did not work: load the classroom's page again"
        return super().error_content(Refusal(refusal.status_code, sentence))


def _text_of(token: bytes | str) -> str:
    return token.decode() if isinstance(token, bytes) else token


# (what follows the service's prefix, handler)
ROUTES: list[tuple[str, type[RequestHandler]]] = [
    ("health", Health),
    ("api/me", Me),
    ("api/units", Units),
    (f"api/units/{UNIT}", Unit),
    (f"api/units/{UNIT}/notebook", UnitNotebook),
    (f"api/units/{UNIT}/submissions", HandIn),
    ("api/submissions", Submissions),
    (f"api/submissions/{ID}/notebook", SubmittedNotebook),
    (f"api/submissions/{ID}/feedback", Feedback),
    ("api/class", Class),
    ("api/class/submissions", ClassSubmissions),
    ("api/class/regrade", Regrade),
    ("api/class/extensions", Extensions),
    ("api/class/download", Download),
    (f"api/{REST}", NotHere),
    ("", Home),
    (f"submissions/{ID}", SubmissionPage),
    ("report", Report),
    ("static/([^/]+)", Static),
    ("oauth_callback", Callback),
    (REST, PageNotHere),
]

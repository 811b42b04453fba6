"""The pages of the classroom service: a student's, an instructor's, and what stands around feedback.

Every function takes plain data and returns HTML: handlers stay thin, and a test needs no server. A
live page is a frame without any record in it; its module (static/student.js, static/instructor.js)
asks the service and writes what comes by ``textContent``. All words stand here: the module finds
them in a ``data-words`` attribute. No page has a script or a style of its own in it; send each with
its policy from `CSP`.

**What a handler needs**

============================  ==========================================  ==================
route                         page                                        header
============================  ==========================================  ==================
``GET /`` (student)           `student_page`                              ``CSP["page"]``
``GET /`` (instructor)        `instructor_page`                           ``CSP["page"]``
``GET submissions/<id>``      `feedback_frame`                            ``CSP["page"]``
``api/.../<id>/feedback``     a feedback page, or `status_page`           ``CSP["feedback"]``
``GET report``                `report_page`, in a thread: it is slow      ``CSP["report"]``
any error outside of api/     `error_page`                                ``CSP["page"]``
``GET static/<name>``         ``static_files()[name]``, without a login   ``no-cache``, ETag
============================  ==========================================  ==================

A module's requests carry ``X-XSRFToken``, GET as well: with a cookie, JupyterHub asks for it
whenever a script fetches. `xsrf` is the handler's ``self.xsrf_token``.

**A submission's record** is the API's, with one thing more: ``record["feedback"]["until"]`` is the
time until which a graded submission's page is held back, written like ``timestamp``, or None where
a person must release it. A page counts as held back when ``state`` is ``"graded"`` and
``feedback["kind"]`` is ``"status"``.

**A unit of api/units**: ``released_at``, ``due`` and ``fetched_at`` are written like ``timestamp``
(or are seconds since 1970); ``due`` has the student's extension in it already, and ``extension_s``
says how much that is. ``attempts`` is how many the student has used, ``attempts_left`` None where
there is no limit.

**The JSON of api/class** is compact: 800 students and 6 units are about 130 kB. It holds no clock,
so that an unchanged class has an unchanged ETag; times are whole seconds since 1970, and the page
takes the server's clock from the ``Date`` header. ``notices`` are sentences for the instructor
(such as "The marker does not run; ..."). A cell is 0 (not fetched), 1 (fetched), or what
`class_cell` returns; cells stand in the order of ``units``::

    {
      "course": "backprop",
      "units": [
        {"unit": "01-computational-graph", "released_at": 1772400000, "due": 1772960400, "max": 8.0},
        {"unit": "02-chain-rule", "released_at": null, "due": null, "max": null}
      ],
      "queue": {"length": 3, "grading": 2, "oldest": 1772450012, "per_minute": 41},
      "notices": [],
      "students": [
        ["bela", "Béla Bartók", [[2, "d", 7.5, 1772449000], 0]],
        ["clara", "Clara Schumann", [[1, "q", null, 1772450012, "l", 1440], 1]]
      ]
    }

``queue.length`` counts submissions that wait, without those that are being graded; ``oldest`` is
when the one that waits longest was handed in, or null; ``per_minute`` is how many were graded in
the last 60 s. ``max`` is null while it is not known. A student is name, display name (may equal the
name), cells.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path

import jinja2

from .. import feedback, report
from ..language import N_, _, using
from ..units import unit_names

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
STATIC = HERE / "static"
course_units = functools.cache(unit_names)  # none comes or goes while a service runs
MOST_EXTENSION_MINUTES = 366 * 24 * 60  # the form says it, `api` holds to it
STAMP = "%Y-%m-%d %H:%M:%S.%f UTC"
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}

_SHARED = "base-uri 'none'; frame-ancestors 'self'"
CSP: Mapping[str, str] = {
    # Pages with our modules; whatever a name or a unit holds, nothing else runs or loads.
    "page": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    f"img-src 'self' data:; frame-src 'self'; form-action 'self'; {_SHARED}",
    # Made from what a student handed in: no origin, no script, no request.
    "feedback": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    f"form-action 'none'; {_SHARED}",
    "report": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    f"form-action 'none'; {_SHARED}",
}


# ---------------------------------------------------------------- plain data


def class_cell(
    fetched: bool,
    attempts: int = 0,
    state: str = "",
    score: float | None = None,
    last: float | None = None,
    late: bool = False,
    extension_minutes: int = 0,
) -> int | list:
    """Return one cell of api/class, a student's standing in a unit, as short as it can be.

    Parameters
    ----------
    fetched : bool
        Whether the student has fetched the unit; does not matter once something was handed in.
    attempts : int
        How often the student handed in.
    state : str
        Of the submissions the one that is furthest from done, as in a record: ``"queued"``,
        ``"grading"``, ``"needs a person"`` or ``"graded"``; does not matter for 0 attempts.
    score : float or None
        Of the attempt that counts, None while none is graded.
    last : float or None
        When the last attempt was handed in, in seconds since 1970.
    late : bool
        Whether the attempt that counts (else the last one) was late.
    extension_minutes : int
        The student's extension for this unit.

    Returns
    -------
    int or list
        ``0`` (not fetched), ``1`` (fetched), or
        ``[attempts, letter, score, last, "l" or "", extension_minutes]``; zeros and empty texts
        at the end are left out. The letter is n (not fetched), f (fetched), q, g, p or d (done).

    Examples
    --------
    >>> class_cell(True), class_cell(False, extension_minutes=60)
    (1, [0, 'n', None, None, '', 60])
    >>> class_cell(True, 2, "graded", 7.5, 1772449000.25)
    [2, 'd', 7.5, 1772449000]
    """
    if attempts:
        letter = {"queued": "q", "grading": "g", "needs a person": "p", "graded": "d"}[state]
    else:
        letter = "f" if fetched else "n"
    if not attempts and not extension_minutes:
        return int(fetched)
    short = None if score is None else round(score, 2)
    cell = [attempts, letter, short, None if last is None else int(last)]
    cell += ["l" if late else "", int(extension_minutes)]
    while len(cell) > 4 and not cell[-1]:
        cell.pop()
    return cell


def links(base_url: str = "/", prefix: str = "/services/classroom/") -> dict[str, str]:
    """Return the addresses that pages lead to.

    Parameters
    ----------
    base_url : str
        Of the hub's proxy: JUPYTERHUB_BASE_URL.
    prefix : str
        Of this service: JUPYTERHUB_SERVICE_PREFIX; ends in a slash.

    Examples
    --------
    >>> links("/hubs/a/", "/hubs/a/services/classroom/")["formgrader"]
    '/hubs/a/services/backprop/formgrader/'
    """
    return {
        "service": prefix,
        "static": f"{prefix}static/",
        "home": f"{base_url}hub/home",
        "lab": f"{base_url}hub/user-redirect/lab",
        "formgrader": f"{base_url}services/backprop/formgrader/",
    }


def reader_language(wanted: str | None, accept: str | None) -> str:
    """Return the language of a page's reader, ``'en'`` or ``'zh'``.

    Parameters
    ----------
    wanted : str or None
        The value of ``?lang=``; goes before the header if it is a language of ours.
    accept : str or None
        The header Accept-Language.

    Examples
    --------
    >>> reader_language(None, "de, zh-TW;q=0.7, en;q=0.3"), reader_language("en", "zh")
    ('zh', 'en')
    """
    named = _of_ours(wanted or "")
    if named:
        return named
    ranked = []
    for place, one in enumerate((accept or "")[:1000].split(",")):
        tag, _semicolon, parameter = one.partition(";")
        weight = _weight(parameter)
        if _of_ours(tag) and weight:
            ranked.append((-weight, place, _of_ours(tag)))
    return min(ranked)[2] if ranked else "en"


def _of_ours(tag: str) -> str:
    """Return which of our languages a tag such as ``zh-Hans-CN`` is of, else an empty text."""
    first = tag.strip().lower().partition("-")[0]
    return first if first in ("en", "zh") else ""


def _weight(parameter: str) -> float:
    try:
        return min(max(float(parameter.strip().removeprefix("q=") or 1), 0.0), 1.0)
    except ValueError:
        return 0.0


def _title(unit: str) -> str:
    """Return a unit's title; the name of a unit that this course does not have, as it is."""
    return feedback.unit_title(unit) if unit in course_units() else unit


def _time(stamp: str | float | None) -> datetime | None:
    """Return the time that a record or a unit names, in UTC."""
    if isinstance(stamp, (int, float)):
        return datetime.fromtimestamp(stamp, timezone.utc)
    return stamp and datetime.strptime(stamp, STAMP).replace(tzinfo=timezone.utc)


# ---------------------------------------------------------------- the words of the modules

SHARED_WORDS = {
    "connection": N_("No connection since {time}; trying again."),
    "connected": N_("Connected again."),
    "signed_out": N_("You are signed out. Load the page again to sign in."),
    "refused": N_("The service refused: {message}"),
    "failed": N_("The service failed ({status})."),
    "days": N_("{n} d"),
    "hours": N_("{n} h"),
    "minutes": N_("{n} min"),
    "seconds": N_("{n} s"),
}
STUDENT_WORDS = SHARED_WORDS | {
    "due": N_("Due:"),
    "no_due": N_("No due date"),
    "over": N_("over"),
    "last_counts": N_("The last attempt counts, even if it is worse"),
    "best_counts": N_("The best attempt counts"),
    "same_file": N_("same file as attempt {n}: was the notebook saved?"),
    "extended": N_("extended by {span}"),
    "attempts": N_("Attempts: {used}"),
    "attempts_left": N_("Attempts: {used}, {left} left"),
    "not_released": N_("Not released yet"),
    "not_fetched": N_("Not fetched yet"),
    "nothing": N_("Fetched; nothing handed in yet"),
    "attempt": N_("Attempt {n}"),
    "handed_in": N_("handed in"),
    "queued": N_("In the queue: place {place}"),
    "waiting": N_("In the queue"),
    "grading": N_("Being graded"),
    "person": N_("Needs a person: your instructor will look at it"),
    "held": N_("Graded; held back until your instructor releases it"),
    "held_until": N_("Graded; held back until {moment}"),
    "score": N_("{score} of {max} points"),
    "graded": N_("Graded"),
    "visible": N_("visible checks only; the rest when your instructor releases it"),
    "visible_until": N_("visible checks only; the rest after {moment}"),
    "by_person": N_("released by your instructor"),
    "counts": N_("counts"),
    "late": N_("late"),
    "feedback": N_("Feedback"),
    "status": N_("Details"),
    "notebook": N_("What you handed in"),
    "news": N_("{unit}: {what}"),
    "news_attempt": N_("{unit}, attempt {n}: {what}"),
}
# Of an instructor's page: English, as all tools for instructors are.
INSTRUCTOR_WORDS = SHARED_WORDS | {
    "not_fetched": "not fetched",
    "fetched": "fetched",
    "queued": "queued",
    "grading": "grading",
    "person": "needs a person",
    "late": "late",
    "graded": "graded",
    "times": "×{n}",
    "extension": "+{span}",
    "of": "of {max}",
    "shown": "{shown} of {all} members shown",
    "not_released": "not released",
    "due": "due",
    "no_due": "no due date",
    "regrade_label": "Re-grade unit {unit}",
    "download_label": "Download unit {unit} (zip)",
    "regrade_unit": "Grade everything that {n} members handed in for “{unit}” again? Scores stay until the new ones are there.",
    "regrade_unit_one": "Grade everything that one member handed in for “{unit}” again? The score stays until the new one is there.",
    "regrade_student": "Grade everything that {student} handed in for “{unit}” again? The score stays until the new one is there.",
    "regraded": "Queued again: {unit}.",
    "unchanged": "No connection: nothing was changed. Try again.",
    "no_answer": "No answer: perhaps nothing was changed. Try again.",
    "working": "Asking the service ...",
    "attempt": "Attempt {n}",
    "counts": "counts",
    "score": "{score} of {max} points",
    "place": "queued, place {place}",
    "feedback": "Feedback",
    "notebook": "Notebook",
    "nothing": "Nothing was handed in.",
    "no_due_date": "This unit has no due date.",
    "most": "At most {span}.",
    "no_extension": "No extension.",
    "has_extension": "Extended by {span}.",
    "until": "Due for this student:",
    "extended": "The extension is now {span}.",
    "extension_gone": "There is no extension now.",
    "nobody": "Everybody has handed something in.",
    "missing": "{n} members",
    "copied": "Copied.",
    "bar": "{fetched} fetched, {handed_in} handed in, {graded} graded, of {members}",
    "none": "none",
    "news": "{student}, unit {unit}: {what}",
    "many_news": "{n} changes",
}
FRAME_WORDS = SHARED_WORDS
STATES = {  # of a submission: heading, what it means
    "queued": (
        N_("In the queue"),
        N_("It is graded without anybody's doing. You may close this page."),
    ),
    "grading": (N_("Being graded"), N_("The checks run now; this takes a few seconds.")),
    "needs a person": (
        N_("A person will look at it"),
        N_(
            "Your notebook is kept, but it could not be graded automatically. Your instructor sees "
            "it and will look at it."
        ),
    ),
    "held": (
        N_("Graded, and held back"),
        N_("Your instructor decides when the feedback is released."),
    ),
    "held until": (N_("Graded, and held back"), N_("The feedback is shown after {moment} UTC.")),
    "graded": (N_("Graded"), ""),
}
ERRORS = {
    403: (N_("This is not open to you"), ""),
    404: (N_("There is no such page"), N_("The address is wrong, or what it named is gone.")),
    500: (
        N_("Something went wrong here"),
        N_("Nothing that was handed in is lost. Try again in a minute."),
    ),
}


# ---------------------------------------------------------------- files


@functools.cache
def static_files() -> dict[str, tuple[str, bytes, str]]:
    """Return type, content and ETag of each file under ``static/``, by name; read once a process.

    ``classroom.css`` begins with the style sheet of the feedback pages, which it builds on. No
    path is ever made of a request's name: a handler looks it up here.
    """
    files = {path.name: path.read_bytes() for path in STATIC.iterdir() if path.suffix in TYPES}
    page = (feedback.TEMPLATES / "page.css").read_bytes()
    files["classroom.css"] = page + files["classroom.css"]
    return {
        name: (TYPES[Path(name).suffix], data, f'"{hashlib.sha256(data).hexdigest()}"')
        for name, data in files.items()
    }


@functools.cache
def _environment() -> jinja2.Environment:
    """Return the feedback pages' environment with our templates before theirs."""
    made = feedback.environment().overlay(
        loader=jinja2.FileSystemLoader([TEMPLATES, feedback.TEMPLATES])
    )
    made.filters["time"] = _time
    return made


def _render(template: str, **values) -> str:
    return _environment().get_template(template).render(**values)


def _words(words: Mapping[str, str]) -> str:
    """Return words for a module, in the language that is spoken now."""
    return json.dumps({key: _(text) for key, text in words.items()}, ensure_ascii=False)


def _titles(units: Sequence[str]) -> str:
    """Return names and titles of units for a module."""
    return json.dumps([[unit, _title(unit)] for unit in units], ensure_ascii=False)


# ---------------------------------------------------------------- the live pages


def student_page(
    name: str,
    links: Mapping[str, str],
    *,
    xsrf: str = "",
    lang: str = "en",
    units: Sequence[str] | None = None,
    counts: Mapping[str, str] | None = None,
    instructor: bool = False,
) -> str:
    """Return a student's page; static/student.js fills it.

    Parameters
    ----------
    name : str
        Who is signed in.
    links : mapping of str to str
        As `links` returns them.
    xsrf : str
        The token that the module sends with every request.
    lang : str
        ``'en'`` or ``'zh'``.
    units : sequence of str, optional
        The names of the course's units in order; by default all of this course's.
    counts : mapping of str to str, optional
        Which attempt counts at each unit, ``'last'`` or ``'best'``; nothing is said of others.
    instructor : bool
        Whether an instructor looks at it; then its links lead to it again.
    """
    with using(lang):
        return _render(
            "student.html",
            name=name,
            keep="as=student&" if instructor else "",
            links=links,
            xsrf=xsrf,
            module="student.js",
            words=_words(STUDENT_WORDS),
            titles=_titles(units if units is not None else unit_names()),
            counts=json.dumps(dict(counts or {})),
        )


def instructor_page(
    name: str,
    course: str,
    links: Mapping[str, str],
    *,
    xsrf: str = "",
    units: Sequence[str] | None = None,
) -> str:
    """Return an instructor's page, in English; static/instructor.js fills it from api/class.

    Parameters
    ----------
    name, course : str
        Who is signed in, and the course's id.
    links, xsrf, units
        As of `student_page`.
    """
    with using("en"):
        return _render(
            "instructor.html",
            name=name,
            course=course,
            links=links,
            xsrf=xsrf,
            module="instructor.js",
            words=_words(INSTRUCTOR_WORDS),
            titles=_titles(units if units is not None else unit_names()),
            most_minutes=MOST_EXTENSION_MINUTES,
        )


# ---------------------------------------------------------------- one submission


def _standing(record: Mapping) -> str:
    """Return which of `STATES` a record is in."""
    if record["state"] != "graded" or record["feedback"]["kind"] != "status":
        return record["state"]
    return "held until" if record["feedback"].get("until") else "held"


def _said(record: Mapping) -> tuple[str, str]:
    """Return heading and sentence about a record's state, in the language spoken now."""
    heading, sentence = map(_, STATES[_standing(record)])
    if record["state"] == "queued" and record.get("place"):
        heading = _("In the queue: place {place}").format(place=record["place"])
    until = _time(record["feedback"].get("until"))
    return heading, sentence.format(moment=_environment().filters["moment"](until) if until else "")


def status_page(record: Mapping, links: Mapping[str, str], *, lang: str = "en") -> str:
    """Return what stands for the feedback of a submission while there is none to show.

    One file without a script, for JupyterLab's viewer too. Its bytes depend on the arguments
    alone: the SHA-256 can be the ETag. `lang` must therefore be a property of the submission (the
    language of the notebook), not of the request.

    Parameters
    ----------
    record : mapping
        The submission's record as its owner may see it; see the top of this module. The SHA-256 of
        the page itself, ``record["feedback"]["sha256"]``, is not read.
    links : mapping of str to str
        As `links` returns them.
    lang : str
        ``'en'`` or ``'zh'``.

    Examples
    --------
    >>> record = {"id": "0" * 32, "unit": "02-chain-rule", "attempt": 1, "state": "queued",
    ...           "place": 3, "timestamp": "2026-03-02 12:00:00.000000 UTC", "sha256": "ab" * 32,
    ...           "name": "02-chain-rule.ipynb", "feedback": {"kind": "status", "until": None}}
    >>> "<h1>In the queue: place 3</h1>" in status_page(record, links())
    True
    """
    with using(lang):
        heading, sentence = _said(record)
        return _render(
            "status.html",
            record=record,
            links=links,
            title=_title(record["unit"]),
            heading=heading,
            sentence=sentence,
            standing=_standing(record),
        )


def feedback_frame(
    record: Mapping,
    links: Mapping[str, str],
    *,
    xsrf: str = "",
    lang: str = "en",
    student: str = "",
) -> str:
    """Return the page around a submission's feedback, which stays in a sandboxed frame.

    Parameters
    ----------
    record : mapping
        As whoever reads the page may see it. ``reason``, why a person is needed, may stand in it
        for an instructor.
    links : mapping of str to str
        As `links` returns them.
    xsrf : str
        The token that the module sends when it asks whether the page has changed.
    lang : str
        Of the reader.
    student : str
        Whose submission it is, where an instructor reads it.
    """
    with using(lang):
        heading, sentence = _said(record)
        return _render(
            "submission.html",
            record=record,
            links=links,
            xsrf=xsrf,
            module="submission.js",
            words=_words(FRAME_WORDS),
            title=_title(record["unit"]),
            student=student,
            reason=record.get("reason"),
            until=_time(record["feedback"].get("until")),
            heading=heading,
            sentence=sentence,
            standing=_standing(record),
        )


# ---------------------------------------------------------------- report and errors


def report_page(root: Path, links: Mapping[str, str], db: str | None = None) -> str:
    """Return the class report; while there is no class yet, a page that says so.

    It reads every graded notebook: seconds for a large class, so call it in a thread.

    Parameters
    ----------
    root : Path
        The course directory.
    links : mapping of str to str
        As `links` returns them.
    db : str, optional
        The URL of the gradebook; by default the configured one.
    """
    try:
        return report.html(report.load_course(root, db), back=links["service"])
    except report.NoClass as nobody:
        with using("en"):
            return _render(
                "notice.html",
                links=links,
                heading="There is nothing to report yet",
                sentence=f"{str(nobody)[:1].upper()}{str(nobody)[1:]}.",
            )


def error_page(
    status: int,
    links: Mapping[str, str],
    *,
    lang: str = "en",
    name: str = "",
    course: str = "",
    message: str = "",
    contact: str = "",
) -> str:
    """Return the page of an error.

    Parameters
    ----------
    status : int
        403, 404, or any other of HTTP.
    links : mapping of str to str
        As `links` returns them.
    lang : str
        Of the reader.
    name, course : str
        Who is signed in, and the course: a 403 without a `message` says that the one is not a
        member of the other.
    message : str
        What else there is to say, in English, as api/* says it; not shown for a 404, whose own
        sentence says the same.
    contact : str
        Whom to ask, for a 403: a name or an address.
    """
    known = ERRORS.get(status) or ERRORS[500 if status >= 500 else 404]
    with using(lang):
        heading, sentence = _(known[0]), known[1] and _(known[1])
        ask = ""
        if status == 404:
            message = ""
        if status == 403:
            if not message:
                said = _("You are signed in as {name}, who is not a member of the course {course}.")
                sentence = said.format(name=name or "?", course=course or "?")
            ask = _("Ask {contact} to add you, then load this page again.").format(
                contact=contact or _("your instructor")
            )
            ask = "" if message else ask
        return _render(
            "error.html",
            links=links,
            status=status,
            heading=heading,
            sentence=sentence,
            message=message,
            ask=ask,
        )

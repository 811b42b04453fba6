"""What all requests have in common: who asks and may they, bounded bodies, errors, a log line.

A handler declares who may do what in ``roles``, by method; a method that is not in it does not
exist (405), and `prepare` lets nobody pass before the role is checked. A body is never larger than
``limit``: it comes in parts, and what is too much is refused while it comes in.
"""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import time
from http import HTTPStatus

from jupyterhub.services.auth import HubOAuthenticated
from sqlalchemy.exc import SQLAlchemyError
from tornado.web import HTTPError, RequestHandler, stream_request_body

from . import pages
from .access import Person, Refusal
from .records import dumps
from .store import Refused, StoreError

log = logging.getLogger(__name__)
request_log = logging.getLogger(f"{__name__}.requests")

ANYONE, MEMBER, STUDENT, INSTRUCTOR = "anyone", "member", "student", "instructor"
ONLY = {STUDENT: "for students of the course", INSTRUCTOR: "for instructors"}
SMALL_BODY = 64 * 1024  # of JSON
# A connection that is closed on a client that still sends takes the answer with it: what comes
# after a refusal is read and dropped for a moment.
LINGER_S = 2.0
LINGER_BYTES = 32 * 1024 * 1024
NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
API_CSP = "default-src 'none'; frame-ancestors 'none'; sandbox"


def as_refusal(error: BaseException) -> Refusal:
    """Return what to tell about an error; nothing of the inside for one that we did not expect."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, Refused):
        return Refusal(409, str(error))
    if _is_no_space(error):
        return Refusal(
            507,
            "the classroom's disk is full: nothing of this was kept; tell your instructor, and "
            "try again later",
            {"Retry-After": "60"},
        )
    if isinstance(error, asyncio.TimeoutError):
        return Refusal(
            503,
            "the classroom is very busy, and this may have been done or not: look, then try again",
            {"Retry-After": "10"},
        )
    if isinstance(error, SQLAlchemyError):
        return Refusal(
            503,
            "the classroom's database does not answer: nothing of this was kept; try again in a "
            "moment",
            {"Retry-After": "5"},
        )
    if isinstance(error, StoreError):
        return Refusal(500, f"{error}: tell your instructor")
    if isinstance(error, HTTPError) and error.status_code < 500:
        known = {400: "this request makes no sense", 404: "there is nothing at this address"}
        phrase = HTTPStatus(error.status_code).phrase.lower()
        return Refusal(error.status_code, known.get(error.status_code, phrase))
    return Refusal(500, "the classroom made a mistake, which is in its log: tell your instructor")


def _is_no_space(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in NO_SPACE
    # SQLite's words, and PostgreSQL's
    said = str(getattr(error, "orig", "")).lower()
    return isinstance(error, SQLAlchemyError) and (
        "disk is full" in said or "no space left" in said or "disk full" in said
    )


@stream_request_body
class Handler(HubOAuthenticated, RequestHandler):
    """A request of a person; the base of all others."""

    roles: dict[str, str] = {}  # noqa: RUF012  (tornado makes an object for each request)
    limit = SMALL_BODY
    login_by_redirect = False

    def initialize(self, service) -> None:
        """Hear of the service that this belongs to; called by tornado first."""
        self.service = service
        self.hub_auth = service.gate.auth
        self.person: Person | None = None
        self.who: str | None = None  # known to the Hub, a member or not
        self.body = bytearray()
        self.facts: dict[str, object] = {}  # for the log line
        self.why = ""
        self.etag: str | None = None
        self._received = self._dropped = 0
        self._answered = False
        self._timers: list[asyncio.TimerHandle] = []

    def set_default_headers(self) -> None:
        """Set the headers that every answer has."""
        self.clear_header("Server")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "same-origin")
        self.set_header("Content-Security-Policy", API_CSP)

    # ------------------------------------------------------------ may they

    async def prepare(self) -> None:
        """Find out who asks, check the role, look at what a body says of itself."""
        self.service.open_requests.add(self)
        # Asked for before it is known, tornado would look it up and wait for the Hub.
        self.current_user = None
        try:
            if await self._admit():
                self._check_body()
                await self.before_body(*self.path_args)
                self._check_length()
        except Exception as error:
            self._refuse(error)

    async def _admit(self) -> bool:
        method = self.request.method
        role = self.roles.get(method)
        if role == ANYONE:
            return True
        asked = time.monotonic()
        self.person = await self.service.gate.person(self)
        self.facts["hub_ms"] = round(1000 * (time.monotonic() - asked))  # 0 for whoever is known
        if self.person is None:
            if self.login_by_redirect and method == "GET":
                self.redirect(self.get_login_url())
                return False
            raise Refusal(
                401,
                "sign in first: send the header 'Authorization: token ...' with the token of your "
                "server, or load the classroom's page",
            )
        self.current_user = {"name": self.person.name}
        if role is None:
            raise Refusal(405, f"{method} is not possible here", {"Allow": ", ".join(self.roles)})
        if role != MEMBER and not getattr(self.person, role):
            raise Refusal(403, f"this is {ONLY[role]}; {self.person.name} is not one of them")
        return True

    async def before_body(self, *path_args: str) -> None:
        """Check what can be checked before the body comes in; for handlers that take one."""

    # ------------------------------------------------------------ bodies

    def _check_body(self) -> None:
        headers = self.request.headers
        if headers.get("Content-Encoding", "identity").strip().lower() != "identity":
            raise Refusal(415, "send the content as it is, without Content-Encoding")
        self._timers.append(
            asyncio.get_running_loop().call_later(self.service.body_s, self._too_slow)
        )

    @property
    def declared_length(self) -> int | None:
        """How long the body says that it is, None if it does not say."""
        declared = self.request.headers.get("Content-Length", "")
        if not (declared.isascii() and declared.isdigit()):
            return None  # tornado refuses what is no number
        return int(declared) if len(declared) <= 18 else 10**18

    def _check_length(self) -> None:
        """Refuse a body that says that it is too long, before it is read."""
        if (self.declared_length or 0) > self.limit:
            raise self.too_big()

    def too_big(self) -> Refusal:
        """Return the refusal of a body that is too long."""
        return Refusal(413, f"at most {self.limit:,} bytes are taken here")

    async def data_received(self, chunk: bytes) -> None:
        """Take in a part of the body; called by tornado, which waits for the end of it."""
        if self._answered:
            self._dropped += len(chunk)
            if self._dropped > LINGER_BYTES:
                self._hang_up()
            return
        try:
            self._received += len(chunk)
            if self._received > self.limit:
                raise self.too_big()
            await self.take(chunk)
        except Exception as error:
            self._refuse(error)

    async def take(self, part: bytes) -> None:
        """Do something with a part of the body; by default it is kept in memory."""
        self.body += part

    def _too_slow(self) -> None:
        if self._answered or self._finished or self.request._body_future.done():
            return
        self._refuse(
            Refusal(408, f"the content did not arrive within {self.service.body_s:g} s: try again")
        )
        self._hang_up()

    def json(self) -> dict:
        """Return the body, a JSON object."""
        try:
            data = json.loads(bytes(self.body))
        except (ValueError, RecursionError):
            data = None
        if not isinstance(data, dict):
            raise Refusal(400, "a JSON object is wanted as the content")
        return data

    # ------------------------------------------------------------ answers

    def tell(self, data: object, status: int = 200) -> None:
        """Answer with JSON."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(dumps(data))

    def compute_etag(self) -> str | None:
        """Return the ETag that a handler knows, else one of the content; called by tornado."""
        return self.etag or super().compute_etag()

    def send_notebook(self, data: bytes, sha256: str, name: str) -> None:
        """Answer with a notebook, to be saved and not shown."""
        self.etag = f'"{sha256}"'
        self.set_header("Content-Type", "application/x-ipynb+json")
        plain = "".join(
            c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in name
        )
        self.set_header("Content-Disposition", f'attachment; filename="{plain}"')
        self.finish(data)

    def _refuse(self, error: Exception) -> None:
        """Answer that this will not be, while a body may still be coming in."""
        if self._answered or self._finished:
            return
        if not self._body_is_coming():
            self._handle(error)
            return
        self._answered = True
        self.clear()
        content = self._error_content(error)
        self.set_header("Content-Length", str(len(content)))
        self.set_header("Connection", "close")
        self.write(content)
        self.flush()
        # What is called when all of the body has come in:
        setattr(self, self.request.method.lower(), self._end)
        self._timers.append(asyncio.get_running_loop().call_later(LINGER_S, self._hang_up))

    def _handle(self, error: Exception) -> None:
        status = as_refusal(error).status_code
        self.send_error(status, exc_info=(type(error), error, error.__traceback__))

    def _body_is_coming(self) -> bool:
        headers = self.request.headers
        if self.request._body_future.done():
            return False
        if "Expect" in headers and not self._received:  # it waits for a word of ours
            return False
        return headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in headers

    def _end(self, *path_args: str) -> None:
        if not self._finished:
            self.finish()

    def _hang_up(self) -> None:
        if not self._finished:
            self.finish()  # tornado closes a connection with a body that was not read

    def write_error(self, status_code: int, **kwargs) -> None:
        """Answer with an error; called by tornado."""
        error = kwargs.get("exc_info", (None, HTTPError(status_code)))[1]
        self.finish(self._error_content(error))

    def _error_content(self, error: BaseException) -> bytes:
        refusal = as_refusal(error)
        if refusal.status_code >= 500 and not isinstance(error, Refusal):
            log.error("%s %s failed", self.request.method, self.request.path, exc_info=error)
        self.why = refusal.sentence
        self.set_status(refusal.status_code)
        for name, value in refusal.headers.items():
            self.set_header(name, value)
        return self.error_content(refusal)

    def error_content(self, refusal: Refusal) -> bytes:
        """Return the content of an error's answer, and set its type."""
        self.set_header("Content-Type", "application/json; charset=utf-8")
        return dumps({"error": refusal.sentence})

    def log_exception(self, *exc_info) -> None:
        """Log nothing here: `_error_content` does, and the log line of the request."""

    # ------------------------------------------------------------ the end

    def on_finish(self) -> None:
        """Tidy up; called by tornado after the answer."""
        self.service.open_requests.discard(self)
        for timer in self._timers:
            timer.cancel()
        self.tidy_up()

    def on_connection_close(self) -> None:
        """Tidy up when the other end has gone before the answer; called by tornado."""
        super().on_connection_close()
        if not self._finished:
            self.why = self.why or "the other end left before the answer"
            log_request(self, status=499)
            self.on_finish()

    def tidy_up(self) -> None:
        """Let go of what this request held; may be called twice."""


class Page(Handler):
    """A page for a browser; whoever has not signed in is sent to do so."""

    login_by_redirect = True

    @property
    def lang(self) -> str:
        """The language of the reader."""
        wanted = self.get_query_argument("lang", None)
        return pages.reader_language(wanted, self.request.headers.get("Accept-Language"))

    def show(self, page: str, policy: str = "page") -> None:
        """Answer with a page."""
        self.set_header("Content-Security-Policy", pages.CSP[policy])
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(page)

    def error_content(self, refusal: Refusal) -> bytes:
        """Return an error as a page."""
        self.set_header("Content-Security-Policy", pages.CSP["page"])
        self.set_header("Content-Type", "text/html; charset=utf-8")
        sentence = refusal.sentence
        return pages.error_page(
            refusal.status_code,
            self.service.links,
            lang=pages.reader_language(None, self.request.headers.get("Accept-Language")),
            name=self.person.name if self.person else "",
            course=self.service.course,
            message=f"{sentence[:1].upper()}{sentence[1:]}.",
        ).encode()


def log_request(handler: RequestHandler, status: int | None = None) -> None:
    """Write one line for a request that changed something or was refused; no token, no query."""
    status = status or handler.get_status()
    if status < 400 and handler.request.method in ("GET", "HEAD", "OPTIONS"):
        return
    line = {
        "who": getattr(handler, "who", None),
        "what": f"{handler.request.method} {handler.request.path[:200]}",
        "status": status,
        **getattr(handler, "facts", {}),
        "why": getattr(handler, "why", ""),
        "ms": round(1000 * handler.request.request_time()),
    }
    shown = json.dumps({key: value for key, value in line.items() if value not in (None, "")})
    request_log.log(logging.WARNING if status >= 500 else logging.INFO, "%s", shown)

"""Who asks, and what they may do.

Identity is what the Hub says of a token, and nothing else; roles are the Hub's groups
``nbgrader-<course>`` (students) and ``formgrade-<course>`` (instructors). A browser signs in by
OAuth and holds a cookie; programs send ``Authorization: token ...``. Runs on Hub 5.5 and 6.

A token counts only if it was made for this service (scope ``access:services!service=...``): the
token that a server gets of whoever visits it, or another service of whoever signs in there, says
who somebody is just as well, and would let its holder hand in, or grade, in their name.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass

from jupyterhub.services.auth import HubOAuth
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.web import HTTPError, RequestHandler

from .hub import instructors_group, students_group

log = logging.getLogger(__name__)

TOKEN_FRESH_S = 60.0  # a token that was taken back is accepted so long at most
UNKNOWN_FRESH_S = 5.0  # a token that the Hub does not know is asked for again after this
GROUPS_FRESH_S = 10.0
NEWCOMER_S = 2.0  # whoever is no member is looked up anew when the groups are older than this
STALE_S = 300.0  # what the Hub said last counts so long while it does not answer
AGAIN_S = 1.0  # a Hub that does not answer is left alone so long
HUB_TIMEOUT_S = 10.0
MOST_KEPT = 20_000

# Names become folders and student ids of the gradebook.
SAFE_NAME = re.compile(r"[A-Za-z0-9_@][A-Za-z0-9_.@+=-]{0,63}")


class Refusal(HTTPError):
    """Raised to refuse a request; says what is the matter, and the mend.

    Parameters
    ----------
    status : int
        Of HTTP.
    sentence : str
        Shown to whoever asked, and logged.
    headers : dict of str to str, optional
        More headers of the answer, such as Retry-After.
    """

    def __init__(self, status: int, sentence: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(status)
        self.sentence, self.headers = sentence, headers or {}

    def __str__(self) -> str:
        return f"{self.status_code}: {self.sentence}"


class HubAway(RuntimeError):
    """Raised when the Hub does not answer and nothing recent is known."""


@dataclass(frozen=True)
class Person:
    """Who asks: a member of the course, or Formgrader's service."""

    name: str
    student: bool
    instructor: bool

    @property
    def role(self) -> str:
        """``'instructor'`` or ``'student'``; somebody in both groups is an instructor."""
        return "instructor" if self.instructor else "student"


@dataclass(frozen=True)
class _Known:
    value: object
    at: float


class Kept:
    """Answers of the Hub, kept for a while; what many ask for at once is asked for once.

    Parameters
    ----------
    fresh_s : float
        How long an answer counts without a question.
    stale_s : float
        How long it counts while the Hub does not answer.
    clock : callable
        Returns seconds; for tests.
    """

    def __init__(
        self, fresh_s: float, stale_s: float = STALE_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.fresh_s, self.stale_s, self._clock = fresh_s, stale_s, clock
        self._known: dict[Hashable, _Known] = {}
        self._asking: dict[Hashable, asyncio.Future] = {}
        self._away_until = 0.0

    async def get(
        self, key: Hashable, ask: Callable[[], Awaitable], fresh_s: float | None = None
    ) -> object:
        """Return what is known under a key, and ask when that is too old.

        Raises
        ------
        HubAway
            When ``ask`` raises it and what was known is older than ``stale_s``.
        """
        known = self._known.get(key)
        if known is not None and self._clock() - known.at < self._fresh(known, fresh_s):
            return known.value
        asking = self._asking.get(key)
        if asking is None:
            asking = asyncio.ensure_future(self._ask(key, ask))
            self._asking[key] = asking
            asking.add_done_callback(lambda done: self._asked(key, done))
        try:
            return await asyncio.shield(asking)  # others wait for it too
        except HubAway:
            if known is not None and self._clock() - known.at < self.stale_s:
                return known.value
            raise

    def _fresh(self, known: _Known, fresh_s: float | None) -> float:
        if fresh_s is not None:
            return fresh_s
        return UNKNOWN_FRESH_S if known.value is None else self.fresh_s

    async def _ask(self, key: Hashable, ask: Callable[[], Awaitable]) -> object:
        if self._clock() < self._away_until:
            raise HubAway("the Hub did not answer a moment ago")
        try:
            value = await ask()
        except HubAway:
            self._away_until = self._clock() + AGAIN_S
            raise
        if len(self._known) >= MOST_KEPT:
            self._forget_old()
        self._known[key] = _Known(value, self._clock())
        return value

    def _asked(self, key: Hashable, done: asyncio.Future) -> None:
        self._asking.pop(key, None)
        if not done.cancelled():
            done.exception()  # has been seen: whoever waits gets it, and nobody may wait any more

    def _forget_old(self) -> None:
        since = self._clock() - self.fresh_s
        self._known = {key: known for key, known in self._known.items() if known.at > since}
        if len(self._known) >= MOST_KEPT:
            self._known.clear()


class Auth(HubOAuth):
    """JupyterHub's own OAuth, with answers of the Hub kept as `Kept` does.

    It refuses a cookie without a valid XSRF token on every request that changes something, and
    on every request of a script.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, **traits) -> None:
        # A token in an address ends up in logs; `Gate` refuses one outright.
        super().__init__(allow_token_in_url=False, allow_websocket_cookie_auth=False, **traits)
        self.clock = clock
        self._people = Kept(TOKEN_FRESH_S, clock=clock)

    async def user_for_token(self, token, use_cache=True, session_id="", *, sync=False):
        """Return the Hub's model of a token's owner, None for a token that it does not know.

        Raises
        ------
        HubAway
            If the Hub does not answer and the token is not known.
        """
        look_up = super().user_for_token

        async def ask():
            wait = look_up(token, use_cache=False, session_id=session_id, sync=False)
            try:
                return await asyncio.wait_for(wait, HUB_TIMEOUT_S)
            except (HTTPError, OSError, asyncio.TimeoutError) as error:
                raise HubAway(f"the Hub did not say whose token this is: {_short(error)}") from None

        return await self._people.get((session_id, token), ask)


class Members:
    """Who is in the course: the members of its two Hub groups.

    Parameters
    ----------
    auth : Auth
        With the service's own token, which may read the two groups.
    course : str
        The course's id.
    """

    def __init__(self, auth: Auth, course: str) -> None:
        self._auth, self._course = auth, course
        self._kept = Kept(GROUPS_FRESH_S, clock=auth.clock)

    async def groups(self, fresh_s: float | None = None) -> tuple[frozenset[str], frozenset[str]]:
        """Return the names of the students and of the instructors.

        Raises
        ------
        HubAway
            If the Hub does not answer, and has not for some minutes.
        """
        return await self._kept.get("groups", self._ask, fresh_s)

    async def person(self, name: str) -> Person | None:
        """Return a Hub user as a member; None for somebody who is none."""
        for fresh_s in (None, NEWCOMER_S):
            students, instructors = await self.groups(fresh_s)
            if name in students or name in instructors:
                return Person(name, name in students, name in instructors)
        return None

    async def _ask(self) -> tuple[frozenset[str], frozenset[str]]:
        names = (students_group(self._course), instructors_group(self._course))
        students, instructors = await asyncio.gather(*map(self._members, names))
        return students, instructors

    async def _members(self, group: str) -> frozenset[str]:
        auth = self._auth
        request = HTTPRequest(
            f"{auth.api_url.rstrip('/')}/groups/{group}",
            headers={"Authorization": f"token {auth.api_token}"},
            request_timeout=HUB_TIMEOUT_S,
            client_cert=auth.certfile or None,
            client_key=auth.keyfile or None,
            ca_certs=auth.client_ca or None,
        )
        try:
            answer = await AsyncHTTPClient().fetch(request, raise_error=False)
            if answer.code == 404:
                log.warning("the Hub has no group %s: nobody is in it", group)
                return frozenset()
            if answer.code != 200:
                raise HubAway(f"the Hub answered {answer.code} for the group {group}")
            return frozenset(json.loads(answer.body)["users"])
        except (HTTPClientError, OSError, ValueError, KeyError, TypeError) as error:
            raise HubAway(f"the Hub did not say who is in {group}: {_short(error)}") from None


class Gate:
    """Lets members in.

    Parameters
    ----------
    auth : Auth
        Who somebody is.
    members : Members
        What they are in the course.
    course : str
        The course's id, which is also the name of Formgrader's service.
    """

    def __init__(self, auth: Auth, members: Members, course: str) -> None:
        self.auth, self.members, self.course = auth, members, course

    async def person(self, handler: RequestHandler) -> Person | None:
        """Return who asks; None for somebody who has not signed in.

        Raises
        ------
        Refusal
            For a token or a cookie that does not count here, and for whoever is no member.
        """
        if "token" in handler.request.query_arguments:
            raise Refusal(
                401,
                "a token in an address is not accepted, because addresses end up in logs: send "
                "the header 'Authorization: token ...'",
            )
        try:
            model = await self.auth.get_user(handler, sync=False)
            if model is None:
                self._check_cookie(handler)
                return None
            handler.who = model["name"]  # for the log, whatever comes of it
            return await self._member(model)
        except HubAway as away:
            log.error("%s", away)
            raise Refusal(
                503,
                "JupyterHub does not answer, so the classroom cannot tell who asks: try again in "
                "a moment",
                {"Retry-After": "3"},
            ) from None

    def _check_cookie(self, handler: RequestHandler) -> None:
        """Refuse a request that brought a good cookie and no XSRF token: not from our pages."""
        if handler.get_secure_cookie(self.auth.cookie_name) is None:
            return
        try:
            handler.check_xsrf_cookie()
        except HTTPError:
            raise Refusal(
                403,
                "this request was not made by a page of the classroom (no valid X-XSRFToken): "
                "load the page again",
            ) from None

    async def _member(self, model: dict) -> Person:
        name, kind = model["name"], model.get("kind", "user")
        if not self.auth.check_scopes(self.auth.access_scopes, model):
            raise Refusal(
                403,
                f"the token of {name} was not made for the classroom (it lacks the scope "
                f"{max(self.auth.access_scopes, key=len, default='')}): stop your server and "
                "start it again; if that does not help, you are no member of the course",
            )
        if kind == "service" and name == self.course:
            return Person(name, student=False, instructor=True)
        person = await self.members.person(name) if kind == "user" else None
        if person is None:
            raise Refusal(
                403,
                f"{name} is not a member of the course {self.course}: ask your instructor to add "
                f"you to the Hub group {students_group(self.course)}",
            )
        if not is_safe(name):
            raise Refusal(
                403,
                "the classroom cannot keep work under your user name: it may have up to 64 "
                "letters (a-z), digits and the signs _ . @ + = -, and none of . + = - in front; "
                "ask whoever runs the Hub",
            )
        return person


def is_safe(name: str) -> bool:
    """Return whether a name can be a folder and a student id.

    Examples
    --------
    >>> is_safe("ada@uni.example"), is_safe(".."), is_safe("a/b"), is_safe("a\\n")
    (True, False, False, False)
    """
    return SAFE_NAME.fullmatch(name) is not None


def _short(error: BaseException) -> str:
    """Return an error in a few words; those of a library might hold what was sent."""
    return f"{type(error).__name__} {getattr(error, 'code', '') or ''}".strip()

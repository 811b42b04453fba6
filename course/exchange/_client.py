"""The classroom service's HTTP interface, as a student's or an instructor's server sees it."""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import quote, urlsplit

import requests
import urllib3

ANSWER_MB = 64  # of JSON: a class of 2,000 with 20 attempts at a unit has 20
TRANSFER_S = 300  # for one answer, however steadily it drips
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 8.0
SENTENCE = 1000  # characters of what a service says
TOKEN_REFUSED = (
    "the classroom does not accept the token of this server: stop the server and start it again "
    "(File > Hub Control Panel)"
)
# What is said where the service itself says nothing.
REASONS = {
    401: TOKEN_REFUSED,
    403: "the classroom does not admit this: you are not in the course, or it is not yours to do",
    404: "no classroom answers at {url}: the address (COURSE_EXCHANGE_URL) is wrong, or the "
    "service has been taken out of the hub",
    409: "the classroom cannot do this in the state it is in",
    413: "the file is too big for the classroom",
    429: "too many requests: wait a minute and try again",
}
FOR_A_WHILE = (500, 502, 503, 504)  # mostly over when the service has been started again


class ClassroomError(Exception):
    """Raised when the classroom refuses or cannot be reached; the message is for the person.

    Attributes
    ----------
    status : int or None
        Of the answer in HTTP; None if there was no answer to understand.
    again : bool
        Whether the same request may have success in a moment.
    wait_s : float or None
        How long the service asks to wait until then.
    """

    def __init__(
        self,
        message: str,
        status: int | None = None,
        *,
        again: bool = False,
        wait_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.again, self.wait_s = status, again, wait_s


@dataclass(frozen=True)
class Answer:
    """What came back: the body, and the SHA-256 that the service gives for it ("" if none)."""

    status: int
    body: bytes
    sha256: str = ""

    def json(self) -> object:
        """Return the body as JSON; ClassroomError if it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise ClassroomError(
                "what answers is not the classroom: check the address (COURSE_EXCHANGE_URL)"
            ) from None


class _Token(requests.auth.AuthBase):
    """Sends the token; given to each request, it also keeps ~/.netrc from taking its place."""

    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, request):
        request.headers["Authorization"] = f"token {self.token}"
        return request


class Client:
    """A connection to the classroom service; a context manager.

    Parameters
    ----------
    url : str
        Of the service, with its prefix.
    token : str
        Of this person's server, from the hub. Stands in no message.
    log : logging.Logger
        Hears of each try that has failed and is made again.
    patience_s : float
        How many seconds in all may be lost by tries that fail and by waiting between them.
    connect_s, read_s : float
        How long the service may take to accept a connection, and to say the next word.

    Raises
    ------
    ClassroomError
        If the address or the token cannot be one.
    """

    def __init__(
        self,
        url: str,
        token: str,
        log,
        *,
        patience_s: float = 45.0,
        connect_s: float = 5.0,
        read_s: float = 60.0,
    ) -> None:
        self.url = _address(url)
        self._token = token.strip()
        if not self._token:
            raise ClassroomError(
                "this process has no JUPYTERHUB_API_TOKEN: the classroom knows you by the server "
                "that JupyterHub started for you; work there, in JupyterLab or its terminal"
            )
        if not (self._token.isascii() and self._token.isprintable()):
            raise ClassroomError("JUPYTERHUB_API_TOKEN holds what no token holds")
        self._log, self._left_s, self._timeout = log, patience_s, (connect_s, read_s)
        self._session = requests.Session()
        # The environment's proxies are for the world outside; the token is not for them.
        self._session.trust_env = False
        own_ca = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
        self._session.verify = own_ca or True
        self._session.headers["Accept-Encoding"] = "identity"
        # The token alone says who asks: a session's cookie must not have a say.
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *error) -> None:
        self._session.close()

    def address(self, *path: str) -> str:
        """Return the address of something by its path, each part quoted."""
        return "/".join([self.url, *(quote(part, safe="") for part in path)])

    def request(
        self,
        method: str,
        *path: str,
        query: dict[str, str] | None = None,
        data: bytes | None = None,
        headers: dict[str, str] | None = None,
        most_mb: float = ANSWER_MB,
    ) -> Answer:
        """Ask the service, again and again while that may help and there is patience.

        Parameters
        ----------
        method : str
        *path : str
            The parts of the path behind the service's address.
        query, headers : dict, optional
        data : bytes, optional
            The body.
        most_mb : float
            A longer answer is refused.

        Raises
        ------
        ClassroomError
        """
        wait_s = FIRST_WAIT_S
        while True:
            began = time.monotonic()
            try:
                return self._once(method, self.address(*path), query, data, headers, most_mb)
            except ClassroomError as error:
                # By chance, or a class that was cut off would come back all at once.
                pause_s = max(wait_s * random.uniform(0.5, 1.0), error.wait_s or 0.0)
                self._left_s -= time.monotonic() - began + pause_s
                if not error.again or self._left_s < 0:
                    raise
                self._log.warning("%s. Trying again in %.1f s", error, pause_s)
            time.sleep(pause_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    def json(self, method: str, *path: str, **options) -> object:
        """Ask the service and return the JSON of its answer; see `request`."""
        return self.request(method, *path, **options).json()

    def _once(self, method, url, query, data, headers, most_mb) -> Answer:
        with self._failures(), self._session.request(
            method, url, params=query, data=data, headers=headers, timeout=self._timeout,
            auth=_Token(self._token), allow_redirects=False, stream=True,
        ) as response:  # fmt: skip
            body = self._read(response, most_mb)
        if 200 <= response.status_code < 300:
            return Answer(response.status_code, body, _sha256(response.headers.get("ETag", "")))
        raise self._refusal(response, body)

    @contextlib.contextmanager
    def _failures(self) -> Iterator[None]:
        """Turn whatever may happen to a connection into a sentence.

        Never with the words of the library: those of a bad header would hold the token.
        """
        try:
            yield
        except requests.exceptions.SSLError:
            message, again = f"the certificate of {self.url} is not valid here", False
        except requests.exceptions.ConnectTimeout:
            message, again = f"the classroom at {self.url} cannot be reached (no connection)", True
        except (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError):
            message, again = f"the classroom at {self.url} does not answer (time is up)", True
        except urllib3.exceptions.ProtocolError:
            message, again = "the answer of the classroom was cut off", True
        except requests.exceptions.ConnectionError:
            message = f"the classroom at {self.url} cannot be reached, or the connection was lost"
            again = True
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as error:
            message, again = f"{self.url} cannot be asked ({type(error).__name__})", False
        else:
            return
        raise ClassroomError(message, again=again) from None

    @staticmethod
    def _read(response: requests.Response, most_mb: float) -> bytes:
        """Return the body, of bounded size and within bounded time."""
        most, until = int(most_mb * 1e6), time.monotonic() + TRANSFER_S
        body = bytearray()
        # what has come, not a whole part: a part can drip for hours
        while part := response.raw.read1(1 << 16):
            body += part
            if len(body) > most:
                raise ClassroomError(f"the classroom sent more than {most_mb:g} MB: not taken")
            if time.monotonic() > until:
                message = f"the answer of the classroom was not complete after {TRANSFER_S} s"
                raise ClassroomError(message, again=True)
        return bytes(body)

    def _refusal(self, response: requests.Response, body: bytes) -> ClassroomError:
        """Return the error for an answer that is no success."""
        status = response.status_code
        if 300 <= status < 400:
            # With the token in hand nobody goes where an answer sends them.
            to = response.headers.get("Location", "").split("?")[0].split("#")[0]
            return ClassroomError(_elsewhere(to, self.url), status, again=_unrouted(to))
        wait_s = _seconds(response.headers.get("Retry-After", ""))
        again = status in FOR_A_WHILE or (status == 429 and wait_s is not None)
        said = _sentence(body).replace(self._token, "...")
        # The proxy's own word: after a start of the Hub it does not know its services yet.
        again |= status == 404 and not said
        if not said and status >= 500:
            said = f"the classroom is out of order at the moment (HTTP {status})"
        said = said or REASONS.get(status, "the classroom refuses (HTTP {status})").format(
            url=self.url, status=status
        )
        return ClassroomError(said, status, again=again, wait_s=wait_s)


def _address(url: str) -> str:
    """Return an address without its last slash; ClassroomError if it is none of the web."""
    if not url:
        raise ClassroomError(
            "where is the classroom? COURSE_EXCHANGE_URL is not set in this process's environment"
        )
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and not parts.username
        good = good and not (parts.query or parts.fragment)
    except ValueError:
        good = False
    if not good:
        raise ClassroomError("COURSE_EXCHANGE_URL must be http(s)://host[:port]/path/ and no more")
    return url.rstrip("/")


def _unrouted(to: str) -> bool:
    """Return whether a redirect is what the Hub does with an address that it does not know."""
    return "/hub/services/" in to


def _elsewhere(to: str, url: str) -> str:
    """Return what a redirect means: no service, a login, or a service at another address."""
    if _unrouted(to):
        return REASONS[404].format(url=url)
    if not to or re.search(r"/hub/|/oauth|login", to):
        return TOKEN_REFUSED
    return f"the classroom has another address: COURSE_EXCHANGE_URL leads on to {_line(to)[:200]}"


def _line(text: str) -> str:
    """Return a text from outside as one line that a terminal can show."""
    return "".join(sign for sign in " ".join(text.split()) if sign.isprintable())


def _seconds(text: str) -> float | None:
    """Return what Retry-After says in seconds; None for nothing or a date."""
    return float(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _sha256(tag: str) -> str:
    """Return the SHA-256 that an ETag holds; "" for an ETag of another kind."""
    digest = tag.removeprefix("W/").strip('"')
    return digest if re.fullmatch("[0-9a-f]{64}", digest) else ""


def _sentence(body: bytes) -> str:
    """Return the sentence in a refusal of the service, on one line; "" if there is none."""
    try:
        said = json.loads(body[:65536])["error"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return _line(said)[:SENTENCE] if isinstance(said, str) else ""

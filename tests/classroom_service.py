"""A stand-in for the classroom service: its HTTP interface, and every kind of trouble on demand."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import unquote

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, RequestHandler, stream_request_body

PREFIX = "/services/classroom"
COURSE = "backprop"
PEOPLE = {
    "token-of-ann": ("ann", "student"),
    "token-of-ben": ("ben", "student"),
    "token-of-tea": ("tea", "instructor"),
    "token-of-mallory": ("mallory", "stranger"),
}


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass
class Work:
    """One submission."""

    id: str
    student: str
    unit: str
    attempt: int
    at: datetime
    data: bytes
    name: str
    key: str | None
    state: str = "queued"
    place: int | None = 1
    counts: bool = True
    late: bool = False
    score: float | None = None
    page: bytes = b"<p>place 1 in the queue</p>"
    kind: str = "status"
    lies: dict = field(default_factory=dict)  # fields of the record that are told otherwise

    def record(self, *, student: bool = False) -> dict:
        told = {
            "id": self.id, "unit": self.unit, "attempt": self.attempt,
            "timestamp": self.at.strftime("%Y-%m-%d %H:%M:%S.%f UTC"),
            "sha256": digest(self.data), "size": len(self.data), "name": self.name,
            "state": self.state, "place": self.place, "counts": self.counts, "score": self.score,
            "max": None if self.score is None else 16.0, "late": self.late,
            "feedback": {"sha256": digest(self.page), "kind": self.kind},
        }  # fmt: skip
        return told | ({"student": self.student} if student else {}) | self.lies


class Service:
    """The service, in a thread of its own; a context manager.

    Attributes
    ----------
    units : dict
        Released notebooks by unit.
    works : list of Work
    asked : list of tuple
        (method, path behind api/, who) of every request that came in whole.
    trouble : list of tuple
        (method, pattern of the path, what happens); each happens once, in order. See `Api.harm`.
    """

    def __init__(self) -> None:
        self.units: dict[str, bytes] = {}
        self.works: list[Work] = []
        self.asked: list[tuple[str, str, str]] = []
        self.headers: list = []
        self.trouble: list[tuple[str, str, object]] = []
        self.clock = datetime(2026, 11, 2, 9, 0, 0, 5)
        self.extra_units: list = []
        self.me: dict = {}

    def __enter__(self) -> Service:
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=[started], daemon=True)
        self._thread.start()
        assert started.wait(10)
        return self

    def _run(self, started: threading.Event) -> None:
        async def serve():
            self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
            (socket,) = bind_sockets(0, "127.0.0.1")
            routes = [
                (PREFIX + r"/api/door", Door),
                (PREFIX + r"/api/(.*)", Api, {"service": self}),
            ]
            server = HTTPServer(Application(routes), max_body_size=1 << 28)
            server.add_sockets([socket])
            self.url = f"http://127.0.0.1:{socket.getsockname()[1]}{PREFIX}/"
            started.set()
            await self._end.wait()
            server.stop()
            await server.close_all_connections()

        asyncio.run(serve())

    def __exit__(self, *error) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(10)

    def stamp(self) -> datetime:
        self.clock += timedelta(minutes=1)
        return self.clock

    def hand_in(self, student: str, unit: str, data: bytes, name: str = "", key=None) -> Work:
        for work in self.works:
            if key is not None and (work.student, work.key) == (student, key):
                return work
        mine = [w for w in self.works if (w.student, w.unit) == (student, unit)]
        for work in mine:
            work.counts = False
        number = len(self.works) + 1
        work = Work(
            f"{number:032x}", student, unit, len(mine) + 1, self.stamp(), data, name, key
        )  # fmt: skip
        self.works.append(work)
        return work

    def count(self, method: str, pattern: str) -> int:
        """Return how many requests came in whole."""
        return sum(m == method and bool(re.fullmatch(pattern, p)) for m, p, _ in self.asked)


class Api(RequestHandler):
    """All of api/*."""

    def initialize(self, service: Service) -> None:
        self.service = service

    def write_error(self, status_code, **kwargs):
        error = kwargs.get("exc_info", (None, None))[1]
        self.finish({"error": getattr(error, "log_message", None) or f"fault {status_code}"})

    def compute_etag(self):
        return None

    def check_xsrf_cookie(self):
        pass

    async def prepare(self) -> None:
        path = self.path_args[0]
        scheme, _, token = self.request.headers.get("Authorization", "").partition(" ")
        self.name, self.role = PEOPLE.get(token, ("", ""))
        self.service.headers.append(dict(self.request.headers))
        self.service.asked.append((self.request.method, path, self.name))
        if scheme != "token" or not self.name:
            raise HTTPError(401, log_message="the token is not known here")
        if self.role == "stranger":
            raise HTTPError(403, log_message="mallory is not in the course backprop")
        for index, (method, pattern, what) in enumerate(self.service.trouble):
            if method == self.request.method and re.fullmatch(pattern, path):
                del self.service.trouble[index]
                await self.harm(what)
                return

    async def harm(self, what) -> None:
        """Do what a test wants to go wrong.

        'lose' does the job and closes the connection without an answer, 'drop' does not do it;
        'hang' answers after 3 s, 'cut' sends half an answer, 'drip' a byte at a time; a number is
        the status of an answer without words; a pair is a status and headers; bytes are a body.
        """
        if what in ("lose", "drop", "cut", "drip"):
            if what == "lose":
                await self.dispatch()
            stream = self.detach()
            if what == "cut":
                await stream.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n[")
            if what == "drip":
                await stream.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                for _ in range(40):
                    await asyncio.sleep(0.1)
                    await stream.write(b" ")
            stream.close()
        elif what == "hang":
            await asyncio.sleep(3)
        elif isinstance(what, bytes):
            self.finish(what)
        else:
            status, headers = what if isinstance(what, tuple) else (what, {})
            self.set_status(status)
            for name, value in headers.items():
                self.set_header(name, value)
            self.finish("<html>words of a proxy</html>")

    async def dispatch(self) -> None:
        path = [unquote(part) for part in self.path_args[0].split("/")]
        method, teacher = self.request.method, self.role == "instructor"
        match [method, *path]:
            case ["GET", "me"]:
                told = {"name": self.name, "role": self.role, "course": COURSE}
                return self.tell(told | self.service.me)
            case ["GET", "units"]:
                told = [
                    {"unit": u, "sha256": digest(d), "size": len(d), "due": None}
                    for u, d in self.service.units.items()
                ]
                return self.tell(told + self.service.extra_units)
            case [_, "units", unit, "notebook" | "submissions"] if method in ("GET", "POST"):
                if unit not in self.service.units:
                    raise HTTPError(404, log_message=f"{unit} is not released")
                return self.give(self.service.units[unit]) if method == "GET" else self.take(unit)
            case ["PUT", "units", unit, "notebook"] if teacher:
                old = self.service.units.get(unit, self.request.body)
                if old != self.request.body and self.get_argument("force", "") != "1":
                    raise HTTPError(409, log_message=f"another version of {unit} is released")
                self.service.units[unit] = self.request.body
                return self.tell({"unit": unit})
            case ["DELETE", "units", unit] if teacher:
                if self.service.units.pop(unit, None) is None:
                    raise HTTPError(404, log_message=f"{unit} is not released")
                return self.tell({"unit": unit})
            case ["GET", "submissions"]:
                unit = self.get_argument("unit", None)
                mine = [w for w in self.service.works if w.student == self.name]
                return self.tell([w.record() for w in mine if unit in (None, w.unit)])
            case ["GET", "class", "submissions"] if teacher:
                unit, student = self.get_argument("unit", None), self.get_argument("student", None)
                works = [w for w in self.service.works if unit in (None, w.unit)]
                works = [w for w in works if student in (None, w.student)]
                return self.tell([w.record(student=True) for w in works])
            case [_, "submissions", id, what]:
                return self.submission(id, what, teacher)
        raise HTTPError(403, log_message=f"{method} {'/'.join(path)} is for instructors")

    get = post = put = delete = lambda self, *path: self.dispatch()

    def submission(self, id: str, what: str, teacher: bool) -> None:
        work = next((w for w in self.service.works if w.id == id), None)
        if work is None or not (teacher or work.student == self.name):
            raise HTTPError(404, log_message="there is no such submission")
        if self.request.method == "PUT" and teacher and what == "feedback":
            work.page, work.kind = self.request.body, "person"
            return self.tell(work.record())
        assert self.request.method == "GET"
        return self.give(work.data if what == "notebook" else work.page)

    def take(self, unit: str) -> None:
        key = self.request.headers.get("Idempotency-Key")
        before = len(self.service.works)
        work = self.service.hand_in(
            self.name, unit, self.request.body, self.get_argument("name"), key
        )
        self.set_status(200 if len(self.service.works) == before else 201)
        self.tell(work.record())

    def tell(self, value) -> None:
        if not self.request.connection.stream.closed() and not self._finished:
            self.write_json(value)

    def write_json(self, value) -> None:
        self.set_header("Content-Type", "application/json")
        self.write(json.dumps(value))

    def give(self, data: bytes) -> None:
        self.set_header("ETag", f'"{digest(data)}"')
        self.write(data)


@stream_request_body
class Door(RequestHandler):
    """Answers 413 before the body has come in, and hangs up."""

    def prepare(self) -> None:
        self.set_status(413)
        self.set_header("Connection", "close")
        self.finish({"error": "64 MB at most, says the door"})

    def data_received(self, chunk) -> None:
        pass

    def post(self) -> None:
        pass

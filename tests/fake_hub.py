"""A classroom service in this process, with a small Hub beside it that says who everybody is.

``with classroom(folder) as room:`` starts both in a thread; ``room.ask("ada", "GET", "api/me")``
asks as somebody. What the service does with processes of its own is in tests/classroom.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import secrets
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

from grader.exchange.access import Auth
from grader.exchange.app import Service

COURSE = "backprop"
SCOPE = "access:services!service=classroom"
PREFIX = "/services/classroom/"
CONFIG = """
from pathlib import Path
c = get_config()
c.CourseDirectory.course_id = "backprop"
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
"""


@dataclass
class Hub:
    """What the Hub knows: tokens, and the members of its groups.

    Attributes
    ----------
    tokens : dict
        Of each token: name, kind, scopes.
    groups : dict of str to list of str
    away : bool
        Whether it answers 503 to everything.
    delay_s : float
        How long it thinks before it answers.
    asked : list of str
        The paths that it was asked for.
    """

    groups: dict[str, list[str]] = field(default_factory=dict)
    tokens: dict[str, dict] = field(default_factory=dict)
    away: bool = False
    delay_s: float = 0.0
    asked: list[str] = field(default_factory=list)
    codes: dict[str, str] = field(default_factory=dict)

    def token(self, name: str, kind: str = "user", scopes: tuple[str, ...] = (SCOPE,)) -> str:
        """Return a new token of somebody."""
        token = secrets.token_hex(16)
        self.tokens[token] = {"name": name, "kind": kind, "scopes": list(scopes), "admin": False}
        return token

    def application(self) -> Application:
        """Return the part of its API that the service uses."""
        hub = self

        class Api(RequestHandler):
            async def prepare(self):
                hub.asked.append(self.request.path)
                await asyncio.sleep(hub.delay_s)
                if hub.away:
                    self.send_error(503)

            def owner(self) -> dict | None:
                header = self.request.headers.get("Authorization", "")
                return hub.tokens.get(header.partition(" ")[2])

        class User(Api):
            def get(self):
                owner = self.owner()
                if owner is None:
                    self.send_error(403)
                else:
                    self.finish(owner)

        class Group(Api):
            def get(self, name):
                owner = self.owner()
                if owner is None or owner["name"] != "classroom":
                    self.send_error(403)
                elif name not in hub.groups:
                    self.send_error(404)
                else:
                    self.finish({"kind": "group", "name": name, "users": hub.groups[name]})

        class Token(Api):
            def post(self):
                code = self.get_body_argument("code")
                if code not in hub.codes:
                    self.set_status(400)
                    self.finish({"error": "invalid_grant"})
                else:
                    self.finish({"access_token": hub.codes.pop(code)})

        return Application(
            [
                (r"/hub/api/user", User),
                (r"/hub/api/groups/(.*)", Group),
                (r"/hub/api/oauth2/token", Token),
            ],
            log_function=lambda handler: None,
        )


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self):
        """Return the body as JSON."""
        return json.loads(self.body)

    @property
    def error(self) -> str:
        """The sentence of a refusal."""
        return self.json()["error"]


@dataclass
class Room:
    """A running classroom."""

    service: Service
    hub: Hub
    port: int
    loop: asyncio.AbstractEventLoop
    clock: Clock
    _tokens: dict[str, str] = field(default_factory=dict)

    def token(self, name: str) -> str:
        """Return somebody's token."""
        if name not in self._tokens:
            kind = "service" if name == COURSE else "user"
            self._tokens[name] = self.hub.token(name, kind)
        return self._tokens[name]

    def ask(
        self, who: str | None, method: str, path: str, body=None, headers: dict | None = None
    ) -> Answer:
        """Ask the service, as somebody with their token or as nobody."""
        headers = dict(headers or {})
        if who is not None:
            headers["Authorization"] = f"token {self.token(who)}"
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            chunked = "Transfer-Encoding" in headers
            connection.request(method, PREFIX + path, body, headers, encode_chunked=chunked)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def hand_in(
        self, who: str, unit: str, body: bytes, name: str | None = None, **headers: str
    ) -> Answer:
        """Hand a notebook in."""
        query = "" if name is None else f"?name={quote(name, safe='')}"
        sent = {key.replace("_", "-"): value for key, value in headers.items()}
        return self.ask(who, "POST", f"api/units/{unit}/submissions{query}", body, sent)

    def raw(self, text: bytes) -> socket.socket:
        """Send bytes as they are; return the connection."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        connection.sendall(text)
        return connection

    def on_loop(self, function, *args):
        """Call a function in the service's thread, and return what it returns."""

        async def call():
            return function(*args)

        return asyncio.run_coroutine_threadsafe(call(), self.loop).result(20)


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@contextlib.contextmanager
def classroom(folder: Path, config: str = "", **options) -> Iterator[Room]:
    """Run a classroom with the students ada and bob, the instructor ina, and ben who is both.

    Parameters
    ----------
    folder : Path
        For the course directory and the data. A course that is there keeps its settings.
    config : str
        More lines of nbgrader_config.py.
    **options
        Of `Service`.
    """
    root, data = folder / "course", folder / "data"
    root.mkdir(parents=True, exist_ok=True)
    settings = root / "nbgrader_config.py"
    there = settings.read_text("utf-8") if settings.exists() else CONFIG
    settings.write_text(there + config, "utf-8")
    hub = Hub(
        {
            f"nbgrader-{COURSE}": ["ada", "bob", "ben"],
            f"formgrade-{COURSE}": ["ina", "ben", f"grader-{COURSE}"],
        }
    )
    ready: list = []
    loop, started, clock = asyncio.new_event_loop(), threading.Event(), Clock()

    async def run() -> None:
        hub_socket, hub_port = bind_unused_port()
        hub_server = HTTPServer(hub.application())
        hub_server.add_sockets([hub_socket])
        auth = Auth(
            clock,
            api_url=f"http://127.0.0.1:{hub_port}/hub/api",
            api_token=hub.token("classroom", "service"),
            access_scopes={"access:services", SCOPE},
            oauth_client_id="service-classroom",
            base_url=PREFIX,
            hub_prefix="/hub/",
        )
        service = Service(root, data, auth, prefix=PREFIX, **options)
        own_socket, port = bind_unused_port()
        server = HTTPServer(service.application(), max_body_size=1 << 40)
        server.add_sockets([own_socket])
        await service.start()
        stop = asyncio.Event()
        ready.append((service, port, stop))
        started.set()
        await stop.wait()
        for one in (server, hub_server):
            one.stop()
            await one.close_all_connections()
        await service.close()

    def thread() -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(run())
        except Exception as error:
            ready.append(error)
            started.set()

    running = threading.Thread(target=thread)
    running.start()
    started.wait(30)
    if isinstance(ready[0], Exception):
        running.join()
        raise ready[0]
    service, port, stop = ready[0]
    try:
        yield Room(service, hub, port, loop, clock)
    finally:
        loop.call_soon_threadsafe(stop.set)
        running.join(30)
        loop.close()

"""The classroom service: one process that answers requests, and a marker that grades.

Managed by JupyterHub: where to listen, the token and the addresses of the Hub come in the
environment. Nothing is kept in this process; it may be killed at any moment.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import secrets
import signal
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from tornado.httpserver import HTTPServer
from tornado.web import Application

from ..coursedir import CONFIG, open_course
from ..gradebook import GradebookError
from ..inside.walls import PR_SET_PDEATHSIG, prctl
from . import pages
from .access import Auth, Gate, Members
from .api import ROUTES
from .handlers import log_request
from .marking import notices
from .policy import DueDates, Policies, PolicyError
from .records import Records, course_units
from .store import Handed, Store, StoreError, Submission, now

log = logging.getLogger(__name__)

BODY_S = 60.0  # in which a body must have come in
BUSY_S = 15  # how long a request waits for a locked database
PATIENCE_S = 30.0  # and in all, with those before it
REFRESH_S = 3.0  # how often the due dates are read
BIND_S = 20.0  # a service that is being ended may hold the address so long
LEAVE_S = 5.0  # what is being answered when the service ends may take so long
MARKER_LEAVE_S = 15.0
FIRST_WAIT_S, LONGEST_WAIT_S, STEADY_S = 1.0, 60.0, 60.0  # before a marker is started again
SETTLED_S = 20.0  # a marker that has run so long has loaded all and does run
SECRET = "cookie_secret"
NEEDED = ("JUPYTERHUB_SERVICE_URL", "JUPYTERHUB_SERVICE_PREFIX", "JUPYTERHUB_API_TOKEN")


class WrongStart(RuntimeError):
    """Raised when the service cannot start as it was told to; says the mend in one line."""


class Marker:
    """The process that grades what was handed in; started again whenever it ends.

    Parameters
    ----------
    command : list of str
        Empty for none.
    """

    def __init__(self, command: list[str]) -> None:
        self.command = command
        self.notice = ""  # for instructors, while it does not run
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task | None = None

    def start(self) -> None:
        """Start it, and see to it that it runs until `stop`."""
        if self.command:
            self._task = asyncio.get_running_loop().create_task(self._keep_running())

    async def _keep_running(self) -> None:
        wait_s = FIRST_WAIT_S
        while True:
            began = time.monotonic()
            ended = await self._run()
            steady = time.monotonic() - began > STEADY_S
            wait_s = FIRST_WAIT_S if steady else wait_s
            self.notice = (
                f"The marker does not run ({ended}): what is handed in waits. It is started again "
                "and again; the log of the service says more."
            )
            log.error("the marker %s; it is started again in %.0f s", ended, wait_s)
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    async def _run(self) -> str:
        """Run it once; return how it ended."""
        try:
            # The marker asks for nothing at the Hub: the service's token is not for it.
            self._process = await asyncio.create_subprocess_exec(
                *self.command, stdin=asyncio.subprocess.DEVNULL, env=without_hub(os.environ)
            )
        except OSError as error:
            return f"could not be started: {error.strerror}"
        log.info("the marker runs as process %d", self._process.pid)
        settled = asyncio.get_running_loop().call_later(SETTLED_S, self._runs)
        try:
            status = await self._process.wait()
        finally:
            settled.cancel()
        return f"ended by signal {-status}" if status < 0 else f"ended with status {status}"

    def _runs(self) -> None:
        self.notice = ""

    async def stop(self) -> None:
        """End it, and start it no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), MARKER_LEAVE_S)
            except asyncio.TimeoutError:
                log.error("the marker did not end within %.0f s and is killed", MARKER_LEAVE_S)
                process.kill()
                await process.wait()


class Service:
    """What the handlers work on.

    Parameters
    ----------
    root : Path
        The course directory.
    data : Path
        Where the store lies.
    auth : Auth
        Speaks with the Hub.
    db : str, optional
        URL of the store's database.
    prefix, base_url : str
        Addresses of the service and of the Hub's proxy, as paths.
    marker : list of str
        Command of the marker; empty for none.
    clock : callable
        Returns the time now, naive and in UTC; for tests.
    body_s : float
        How long the content of a request may take to come in.

    Raises
    ------
    WrongStart
        If the course, its settings or the data cannot be used.
    """

    def __init__(
        self,
        root: Path,
        data: Path,
        auth: Auth,
        *,
        db: str | None = None,
        prefix: str = "/services/classroom/",
        base_url: str = "/",
        marker: list[str] | None = None,
        clock: Callable[[], datetime] = now,
        body_s: float = BODY_S,
    ) -> None:
        self.root, self.prefix, self.clock, self.body_s = root, prefix, clock, body_s
        course = _open(root)
        self.course = course.coursedir.course_id
        self.gradebook = course.coursedir.db_url
        self.units = tuple(course_units())
        self.links = pages.links(base_url, prefix)
        try:
            self.policies = Policies(course.config)
            self.store = Store(data, db, clock, busy_s=BUSY_S)
            self.secret = _secret(data)
            self.dues = DueDates(self.gradebook)
        except (PolicyError, StoreError, GradebookError) as error:
            raise WrongStart(str(error)) from None
        except OSError as error:
            raise WrongStart(f"--data {data}: {error.strerror}: {error.filename}") from None
        self.records = Records(self.store, self.policies, self.dues, self.links, clock)
        self.gate = Gate(auth, Members(auth, self.course), self.course)
        self.marker = Marker(marker or [])
        self.uploads: Counter[str] = Counter()
        self.open_requests: set[object] = set()
        self._readers = ThreadPoolExecutor(4, "reader")
        self._files = ThreadPoolExecutor(4, "files")
        # SQLite lets one change after the other: here they wait without asking again and again.
        self._writer = ThreadPoolExecutor(1, "writer")
        self._handed: deque[tuple[Handed, Future]] = deque()
        self._slow = ThreadPoolExecutor(2, "slow")  # seconds each, and nobody waits behind them
        self._refreshing: asyncio.Task | None = None

    async def read(self, function: Callable, *args):
        """Call a function that waits for a disk or the database, in a thread."""
        return await self._in(self._readers, function, *args)

    async def write(self, function: Callable, *args):
        """Call a function that changes the database, one after the other."""
        return await self._in(self._writer, function, *args)

    async def hand_in(self, handed: Handed) -> tuple[Submission, bool]:
        """Take in a submission, with all others that wait at that moment.

        Raises
        ------
        Refused
            As `Store.hand_in` does.
        """
        answer: Future = Future()
        self._handed.append((handed, answer))
        self._writer.submit(self._take_in_all)
        return await asyncio.wait_for(asyncio.wrap_future(answer), PATIENCE_S)

    def _take_in_all(self) -> None:
        """Take in whatever waits; in the writer's thread."""
        waiting = [self._handed.popleft() for _ in range(len(self._handed))]
        waiting = [
            (one, answer) for one, answer in waiting if answer.set_running_or_notify_cancel()
        ]
        if not waiting:  # a call before this one took it along
            return
        try:
            answers = self.store.hand_in_all(one for one, _ in waiting)
        except Exception as error:  # nothing of it was kept
            answers = [error] * len(waiting)
        for (_, answer), made in zip(waiting, answers, strict=True):
            if isinstance(made, Exception):
                answer.set_exception(made)
            else:
                answer.set_result(made)

    async def on_disk(self, function: Callable, *args):
        """Call a function that writes and flushes files: a slow disk delays no reader."""
        return await self._in(self._files, function, *args)

    async def slowly(self, function: Callable, *args):
        """Call a function that takes long."""
        return await asyncio.get_running_loop().run_in_executor(self._slow, function, *args)

    def soon(self, function: Callable) -> None:
        """Call a function in a thread, at some time."""
        self._files.submit(function)

    def notices(self) -> list[str]:
        """Return what an instructor should know of the marker; reads files."""
        own = [self.marker.notice] if self.marker.notice else []
        return own + notices(self.store.folder)

    @staticmethod
    async def _in(pool: ThreadPoolExecutor, function: Callable, *args):
        waiting = asyncio.get_running_loop().run_in_executor(pool, function, *args)
        return await asyncio.wait_for(waiting, PATIENCE_S)

    def application(self) -> Application:
        """Return the web application."""
        handlers = [
            (f"{self.prefix}{route}", handler, {"service": self}) for route, handler in ROUTES
        ]
        return Application(
            handlers,
            cookie_secret=self.secret,
            log_function=log_request,
            default_handler_class=dict(ROUTES)["(.*)"],
            default_handler_args={"service": self},
        )

    async def start(self) -> None:
        """Begin: read the due dates, start the marker."""
        await self.slowly(self.store.sweep)
        await self.slowly(self.dues.refresh)
        await self.slowly(self.records.warm_up)
        self._refreshing = asyncio.get_running_loop().create_task(self._keep_fresh())
        self.marker.start()

    async def _keep_fresh(self) -> None:
        """Read the due dates before they are too old: no request waits for a locked gradebook."""
        while True:
            await asyncio.sleep(REFRESH_S)
            await self.slowly(self.dues.refresh)

    async def drain(self, within_s: float) -> None:
        """Wait until what was asked is answered, but not for long."""
        until = time.monotonic() + within_s
        while self.open_requests and time.monotonic() < until:
            await asyncio.sleep(0.02)

    async def close(self) -> None:
        """End the marker, and let go of everything."""
        if self._refreshing is not None:
            self._refreshing.cancel()
        await self.marker.stop()
        for pool in (self._readers, self._files, self._writer, self._slow):
            pool.shutdown(wait=False, cancel_futures=True)
        self.store.close()
        self.dues.close()


def _open(root: Path):
    """Return nbgrader's API for a course, or say in one line what is wrong with it."""
    if not (root / CONFIG).is_file():
        raise WrongStart(f"--course {root}: there is no {CONFIG}")
    try:
        course = open_course(root)
    except Exception as error:  # whatever stands in that file was run
        raise WrongStart(f"{root / CONFIG}: {type(error).__name__}: {error}") from None
    if not course.coursedir.course_id:
        raise WrongStart(f"{root / CONFIG}: c.CourseDirectory.course_id is not set")
    return course


def _secret(data: Path) -> bytes:
    """Return what cookies are signed with; kept, so that nobody must sign in after a restart."""
    path = data / SECRET
    if not path.exists():
        new = data / f".{SECRET}.{os.getpid()}"
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(32))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(new, path)
        new.unlink()
    secret = path.read_bytes()
    if len(secret) < 32:
        raise WrongStart(f"{path} is damaged: remove it; everybody then signs in again")
    return secret


def without_hub(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without what JupyterHub put into it, tokens above all."""
    hidden = ("JUPYTERHUB_", "JPY_", "CONFIGPROXY_")
    return {name: value for name, value in environment.items() if not name.startswith(hidden)}


def from_environment(
    root: Path, data: Path, db: str | None, marker: Sequence[str] | None = ()
) -> tuple[Service, str, int]:
    """Return the service as the Hub wants it, and where it is to listen: host and port.

    ``marker`` are options of `grader.exchange.marking` beside those of the service; None for no
    marker.

    Raises
    ------
    WrongStart
        If the environment is not that of a service of JupyterHub, or the course or the data
        cannot be used.
    """
    environment = os.environ
    if missing := [name for name in NEEDED if not environment.get(name)]:
        raise WrongStart(
            f"{missing[0]} is not set: this is a service that JupyterHub starts (see "
            "grader.exchange.hub.configure, or `grader classroom` for a try-out)"
        )
    address = urlsplit(environment["JUPYTERHUB_SERVICE_URL"])
    try:
        host, port = address.hostname, address.port
    except ValueError:
        host = port = None
    if address.scheme != "http" or not host or not port:
        raise WrongStart(
            f"JUPYTERHUB_SERVICE_URL is {address.geturl()!r}; http://<host>:<port> is wanted"
        )
    auth = Auth()
    if not auth.oauth_client_id or not auth.access_scopes:
        raise WrongStart("JUPYTERHUB_CLIENT_ID or JUPYTERHUB_SERVICE_NAME is not set")
    command = [sys.executable, "-m", "grader.exchange.marking"]
    command += ["--course", str(root), "--data", str(data), *(["--db", db] if db else [])]
    command += marker or ()
    service = Service(
        root,
        data,
        auth,
        db=db,
        prefix=environment["JUPYTERHUB_SERVICE_PREFIX"],
        base_url=environment.get("JUPYTERHUB_BASE_URL") or "/",
        marker=command if marker is not None else [],
    )
    wanted = environment.get("CLASSROOM_COURSE_ID") or service.course
    if wanted != service.course:
        raise WrongStart(
            f"the Hub calls the course {wanted!r}, {root / CONFIG} calls it {service.course!r}: "
            "they must agree"
        )
    return service, host, port


async def serve(service: Service, host: str, port: int) -> None:
    """Answer requests until a signal says that it is enough."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    # How large a body may be, each handler says; tornado's own answer would have no words.
    server = HTTPServer(service.application(), max_body_size=1 << 40)
    await service.start()
    # What is loaded by now stays. Each full collection would walk all of it, and answer nobody.
    gc.collect()
    gc.freeze()
    try:
        await _listen(server, host, port)
        where = f"{host}:{port}{service.prefix}"
        log.info("the classroom of %s answers at %s", service.course, where)
        await stop.wait()
        log.info("the classroom ends")
        server.stop()
        await service.drain(LEAVE_S)
        await server.close_all_connections()
    finally:
        await service.close()


async def _listen(server: HTTPServer, host: str, port: int) -> None:
    until = time.monotonic() + BIND_S
    while True:
        try:
            server.listen(port, host)
            return
        except OSError as error:
            if time.monotonic() > until:
                raise WrongStart(f"{host}:{port} cannot be listened at: {error.strerror}") from None
        await asyncio.sleep(0.5)


def die_with_parent() -> None:
    """Let this process end when the one that started it does, however that ends."""
    parent = os.getppid()
    prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it was faster
        os.kill(os.getpid(), signal.SIGTERM)


def set_up_log() -> None:
    """Log to standard error, a line each; the Hub adds it to its own log."""
    form = "[%(levelname)1.1s %(asctime)s classroom] %(message)s"
    logging.basicConfig(level=logging.WARNING, format=form, stream=sys.stderr)
    logging.getLogger("grader").setLevel(logging.INFO)
    # These tell of what is sent, cookies among it, or repeat our own lines.
    for name in ("tornado.application", "tornado.access", "tornado.general"):
        logging.getLogger(name).setLevel(logging.ERROR)
    # nbgrader complains that its shared folder is not there, which nobody uses.
    logging.getLogger("traitlets").disabled = True

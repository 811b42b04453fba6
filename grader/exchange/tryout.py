"""A classroom on one host, for a try-out or a small class: ``grader classroom``.

A real JupyterHub with the pure-Python proxy, started as an ordinary user or as root: a
course directory with all units released, an instructor, an operator and students with a
password each. All of it is in one folder; started again with the same folder it goes on.

The process tree has one root, this process: it ends with everything below it, however that
was started, and starts the Hub again should that die.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import psutil
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from rich.console import Console
from rich.table import Table
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from ..coursedir import CONFIG, NbgraderError, environment_on_path, must, open_course
from ..inside.walls import PR_SET_CHILD_SUBREAPER, PR_SET_PDEATHSIG, prctl
from ..release import SourceError, make_course
from ..sandbox import available
from ..units import unit_names
from . import hub
from .passwords import PasswordFileAuthenticator, hashed, new_password, write_private

HOST = "127.0.0.1"
INSTRUCTOR, OPERATOR = "instructor", "operator"
READY_S = 120  # a busy machine; an idle one takes 6
STOP_S = 7  # from the Hub's SIGINT to the end of patience; it takes 2 to 4
LIVED_S = 20  # a Hub that lived so long is started again when it dies; a shorter one is broken


class CannotStart(RuntimeError):
    """Raised when a classroom cannot be started here; says why and how to mend it."""


@dataclass(frozen=True)
class Place:
    """Where a try-out keeps what: one folder."""

    folder: Path

    @property
    def course(self) -> Path:
        """The course directory: source/, submissions, gradebook."""
        return self.folder / "course"

    @property
    def homes(self) -> Path:
        """A home for each user."""
        return self.folder / "homes"

    @property
    def settings(self) -> Path:
        """Settings of the servers, by role."""
        return self.folder / "settings"

    @property
    def data(self) -> Path:
        """What the classroom service keeps."""
        return self.folder / "data"

    @property
    def exchange(self) -> Path:
        """nbgrader's own shared folder, if that is tried."""
        return self.folder / "exchange"

    @property
    def hub(self) -> Path:
        """The Hub's own files: database, cookie secret, log."""
        return self.folder / "hub"

    @property
    def log(self) -> Path:
        """What the Hub, its services and instructors' servers say."""
        return self.hub / "hub.log"

    @property
    def logs(self) -> Path:
        """What students' servers say, in a file for each."""
        return self.hub / "servers"

    @property
    def passwords(self) -> Path:
        """Who is there, with passwords: for the operator."""
        return self.folder / "passwords.txt"

    @property
    def running(self) -> Path:
        """A file that is there while the classroom is ready for its users."""
        return self.folder / "running.json"


@dataclass(frozen=True)
class Plan:
    """What a Hub of a try-out needs to know; it reads this from a file."""

    folder: str
    port: int
    hub_port: int
    proxy_port: int
    formgrader_port: int
    classroom_port: int
    exchange: str
    isolated: bool
    students: list[str]
    newcomers: list[str]
    formgrader_token: str

    @property
    def url(self) -> str:
        """The classroom's address."""
        return f"http://{HOST}:{self.port}/"


# ---- in the Hub's own process ------------------------------------------------------------


def configure_hub(c: Config, plan_file: str) -> None:
    """Set the configuration of a try-out's Hub; called by the file that `run` writes."""
    import jupyterhub

    plan = Plan(**json.loads(Path(plan_file).read_text("utf-8")))
    place = Place(Path(plan.folder))
    c.JupyterHub.bind_url = plan.url
    c.JupyterHub.hub_bind_url = f"http://{HOST}:{plan.hub_port}"
    c.JupyterHub.db_url = f"sqlite:///{place.hub / 'jupyterhub.sqlite'}"
    c.JupyterHub.cookie_secret_file = str(place.hub / "cookie_secret")
    # A Hub that is not this environment's brings its own pages.
    packages = Path(jupyterhub.__file__).resolve().parents[1]
    c.JupyterHub.data_files_path = jupyterhub._data.DATA_FILES_PATH
    c.ConfigurableHTTPProxy.command = [sys.executable, "-m", "grader.exchange.proxy"]
    c.ConfigurableHTTPProxy.api_url = f"http://{HOST}:{plan.proxy_port}"
    c.ConfigurableHTTPProxy.pid_file = str(place.hub / "proxy.pid")

    c.JupyterHub.authenticator_class = PasswordFileAuthenticator
    c.PasswordFileAuthenticator.password_file = str(place.hub / "passwords.json")
    c.Authenticator.allow_all = True  # who has a password
    c.Authenticator.admin_users = {OPERATOR}
    c.Authenticator.username_pattern = r"[a-z][a-z0-9_.-]{0,31}"  # a home's name

    from .spawner import ClassroomSpawner

    c.JupyterHub.spawner_class = ClassroomSpawner
    spawner = c.ClassroomSpawner
    spawner.homes, spawner.walls = str(place.homes), str(place.hub / "walls")
    spawner.logs = str(place.logs)
    spawner.course, spawner.isolated = hub.COURSE, plan.isolated
    spawner.readable = [str(place.settings / "student")]
    environment = {"PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    if not packages.is_relative_to(sys.prefix):
        spawner.readable.append(str(packages))
        environment["PYTHONPATH"] = str(packages)
    if plan.exchange == "stock":
        spawner.writable = [str(place.exchange)]
    spawner.env_keep = ["LANG", "LC_ALL"]  # nothing else of the operator's environment
    spawner.interrupt_timeout = spawner.term_timeout = 3

    hub.configure(
        c,
        course_root=place.course,
        data=place.data,
        settings=place.settings,
        students=plan.students,
        instructors=[INSTRUCTOR],
        exchange=plan.exchange,
        shared_folder=place.exchange,
        proxy_url=plan.url,
        home=place.homes / hub.grader_user(),
        marking=() if plan.isolated else ["--unsafe-no-sandbox"],
        formgrader_url=f"http://{HOST}:{plan.formgrader_port}",
        classroom_url=f"http://{HOST}:{plan.classroom_port}",
        tokens={hub.COURSE: plan.formgrader_token},
        environment=environment,
        allow_root=os.geteuid() == 0,
    )
    group = c.JupyterHub.load_groups[hub.students_group()]["users"]
    group += sorted(set(plan.newcomers) - set(group))


# ---- before the Hub ----------------------------------------------------------------------


def _free_ports(count: int) -> list[int]:
    """Return ports that nothing listens on."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((HOST, 0))
        return [one.getsockname()[1] for one in sockets]


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the proxy does
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise CannotStart(
                f"port {port} of {HOST} cannot be used ({error.strerror.lower()}): "
                f"stop what listens there, or take another: --port {port + 1}"
            ) from None


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep a second classroom out of the folder."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = open(folder / ".lock", "w")  # noqa: SIM115  (open as long as the classroom is)
    except OSError as error:
        raise CannotStart(f"{folder} cannot be used: {error.strerror.lower()}") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(f"a classroom is running in {folder} already") from None
        yield


@contextlib.contextmanager
def _in_words() -> Iterator[None]:
    """Turn what nbgrader or source/ refuses into the reason why the classroom cannot start."""
    try:
        yield
    except (NbgraderError, SourceError) as error:
        raise CannotStart(str(error)) from None


def _lay_out(place: Place, lang: str, exchange: str, console: Console) -> None:
    """Make the course directory and release its units into it, unless that is done."""
    for folder in (place.hub, place.homes, place.data):
        folder.mkdir(mode=0o700, exist_ok=True)
    if exchange == "stock":
        place.exchange.mkdir(exist_ok=True)
        place.exchange.chmod(0o777)  # as nbgrader wants it
    if not (place.course / "source").is_dir():
        draft = place.folder / "course.tmp"
        shutil.rmtree(draft, ignore_errors=True)
        make_course(draft)
        with open(draft / CONFIG, "a", encoding="utf-8") as config:
            config.write(f'\n# The language of this class.\nc.OneLanguage.lang = "{lang}"\n')
        draft.replace(place.course)
    missing = [
        u for u in unit_names() if not (place.course / "release" / u / f"{u}.ipynb").exists()
    ]
    if missing:
        with console.status("building the notebooks of the units"):
            _generate(place.course, missing)


def _generate(root: Path, units: list[str]) -> None:
    api = open_course(root)
    with environment_on_path():
        for unit in units:
            must(api.generate_assignment(unit), f"releasing {unit}")


def _people(place: Place, count: int) -> tuple[list[str], list[str]]:
    """Give everybody a password who has none; return the students, and the new ones of them."""
    known: dict[str, str] = {}
    if place.passwords.exists():
        for line in place.passwords.read_text("utf-8").splitlines():
            name, _role, password = line.split("\t")
            known[name] = password
    students = [f"student{n}" for n in range(1, count + 1)]
    newcomers = [name for name in students if name not in known]
    students += [name for name in known if name.startswith("student") and name not in students]
    roles = {OPERATOR: "operator", INSTRUCTOR: "instructor"} | dict.fromkeys(students, "student")
    people = [(name, role, known.get(name) or new_password()) for name, role in roles.items()]
    write_private(place.passwords, "".join("\t".join(person) + "\n" for person in people))
    hashes = {name: hashed(password) for name, _role, password in people}
    write_private(place.hub / "passwords.json", json.dumps(hashes))
    with environment_on_path(), Gradebook(f"sqlite:///{place.course / 'gradebook.db'}") as book:
        there = {student.id for student in book.students}
        for name in students:
            if name not in there:
                book.add_student(name)
    return students, newcomers


# ---- the Hub and what is below it --------------------------------------------------------

LINUX = sys.platform.startswith("linux")


def _adopt_orphans() -> None:
    """Become the parent of every process below this one whose own parent ends.

    A Hub that fails leaves its proxy, its services and the servers behind.
    """
    if LINUX:
        prctl(PR_SET_CHILD_SUBREAPER)


def _end_with_parent() -> None:
    """Stop in order, as at Ctrl-C, when the process that started this one is killed."""
    if LINUX:
        prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def _below() -> list[psutil.Process]:
    """Return the processes below this one."""
    return psutil.Process().children(recursive=True)


def _end(processes: list[psutil.Process], patience_s: float) -> None:
    """End processes: ask them, then make them."""
    for one in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.terminate()
    _gone, alive = psutil.wait_procs(processes, timeout=patience_s)
    for one in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    psutil.wait_procs(alive, timeout=5)


def _variables(process: psutil.Process) -> dict[str, str]:
    """Return the environment of a process; nothing for one that has ended."""
    try:
        return process.environ()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return {}


def _is_service(process: psutil.Process) -> bool:
    """Return whether a process is Formgrader, the classroom service or one of theirs."""
    return "JUPYTERHUB_SERVICE_NAME" in _variables(process)


def _is_server(process: psutil.Process) -> bool:
    """Return whether a process is a user's server or one of its, and not the proxy or a service."""
    return "JUPYTERHUB_SERVER_NAME" in _variables(process) and not _is_service(process)


def _left_over(place: Place) -> list[psutil.Process]:
    """Return what is left of a classroom that was killed together with its Hub.

    The Hub and its proxy, the services and the servers run in folders of the classroom; so may
    somebody's editor, but without a token.
    """
    found = []
    for process in psutil.process_iter():
        try:
            here = Path(process.cwd()).is_relative_to(place.folder)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        if here and {"JUPYTERHUB_API_TOKEN", "CONFIGPROXY_AUTH_TOKEN"} & set(_variables(process)):
            found += [process, *process.children(recursive=True)]
    return found


class RunningHub:
    """The Hub of a try-out as a child of this process; a context manager.

    Leaving it ends the Hub, the proxy, the services and all servers.
    """

    def __init__(self, place: Place, plan: Plan) -> None:
        self.place = place
        self.plan = plan
        self.process: subprocess.Popen | None = None
        self.started = 0.0

    def __enter__(self) -> RunningHub:
        _adopt_orphans()
        plan_file, config = self.place.hub / "plan.json", self.place.hub / "jupyterhub_config.py"
        write_private(plan_file, json.dumps(asdict(self.plan)))
        write_private(
            config,
            "# Written anew at each start.\n"
            "from grader.exchange.tryout import configure_hub\n\n"
            f"configure_hub(get_config(), {str(plan_file)!r})  # noqa: F821\n",
        )
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_error) -> None:
        self.stop()

    def start(self) -> None:
        """Start the Hub and wait until it, the proxy and the services answer.

        Raises
        ------
        CannotStart
            If it ends or does not answer in time; holds the end of its log.
        """
        self.started = time.monotonic()
        with open(self.place.log, "ab", opener=partial(os.open, mode=0o600)) as log:
            log_from = log.tell()
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jupyterhub", "-f", "jupyterhub_config.py"],
                cwd=self.place.hub,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C is for this process, which then stops the Hub in order
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )
        plan = self.plan
        ready = [f"http://{HOST}:{plan.formgrader_port}/services/{hub.COURSE}/api"]
        if plan.exchange == "service":
            ready.append(f"http://{HOST}:{plan.classroom_port}/services/{hub.CLASSROOM}/health")
        # The proxy last: it would log every try before the Hub has told it where things are.
        ready += [f"http://{HOST}:{plan.hub_port}/hub/health", f"{plan.url}hub/health"]
        for url in ready:
            while not _answers(url):
                if self.process.poll() is not None:
                    self._fail(f"the Hub ended with code {self.process.returncode}", log_from)
                if time.monotonic() - self.started > READY_S:
                    self._fail(f"{url} did not answer in {READY_S} s", log_from)
                time.sleep(0.2)

    def _fail(self, what: str, log_from: int) -> None:
        said = self.place.log.read_bytes()[log_from:].decode(errors="replace").splitlines()
        end = "\n".join(f"  {line}" for line in said[-15:])
        raise CannotStart(f"{what}; its log, {self.place.log}, ends in\n{end}")

    def watch(self) -> None:
        """Wait for the Hub's end for as long as it lives; start it again when it dies."""
        while True:
            code = self.process.wait()
            if time.monotonic() - self.started < LIVED_S:
                self._fail(f"the Hub ended with code {code}", 0)
            # The next Hub finds the servers again, and starts its own proxy and services.
            _end([p for p in _below() if not _is_server(p)], 3)
            self.start()

    def stop(self) -> None:
        """End the Hub and everything that is left of it; a second Ctrl-C changes nothing."""
        handlers = {s: signal.signal(s, signal.SIG_IGN) for s in (signal.SIGINT, signal.SIGTERM)}
        try:
            self._stop()
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)

    def _stop(self) -> None:
        services: list[psutil.Process] = []
        if self.process is not None and self.process.poll() is None:
            with contextlib.suppress(psutil.NoSuchProcess):
                services = [
                    p for p in psutil.Process(self.process.pid).children() if _is_service(p)
                ]
            self.process.send_signal(signal.SIGINT)
            for one in services:  # the Hub would end one after the other
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_S)
        for _try in range(5):
            # A Hub that is ending still starts its proxy again when that has ended.
            if left := _below():
                _end(left, 1)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except (OSError, urllib.error.URLError):
        return False


# ---- the command -------------------------------------------------------------------------


def _hand_out(place: Place, plan: Plan) -> None:
    """Release the units to the students, as Formgrader does; those that are out stay as they are.

    Raises
    ------
    NbgraderError
        If a unit cannot be released; holds nbgrader's log.
    """
    here = dict(os.environ)
    if plan.exchange == "service":
        os.environ["COURSE_EXCHANGE_URL"] = f"{plan.url}services/{hub.CLASSROOM}/"
    os.environ |= {
        "JUPYTERHUB_API_TOKEN": plan.formgrader_token,
        "JUPYTERHUB_API_URL": f"{plan.url}hub/api",
        "JUPYTERHUB_USER": hub.grader_user(),
        # nbgrader wants a folder for its cache, which is not to be the operator's
        "JUPYTER_DATA_DIR": str(place.homes / hub.grader_user()),
    }
    try:
        api = _as_formgrader(place)
        out = api.get_released_assignments()
        for unit in unit_names():
            if unit not in out:
                must(api.release_assignment(unit), f"handing out {unit}")
    finally:
        os.environ.clear()
        os.environ |= here


def _as_formgrader(place: Place) -> NbGraderAPI:
    """Return nbgrader's API for the course with Formgrader's settings: its exchange."""
    config = PyFileConfigLoader(CONFIG, path=str(place.course)).load_config()
    config.merge(PyFileConfigLoader(CONFIG, path=str(place.settings / "formgrader")).load_config())
    config.merge(Config({"CourseDirectory": {"root": str(place.course)}}))
    return NbGraderAPI(CourseDirectory(config=config), config=config)


def _print_people(place: Place, plan: Plan, console: Console) -> None:
    table = Table(title="Who can log in", title_justify="left")
    for heading in ("name", "is", "password"):
        table.add_column(heading, no_wrap=True)
    for line in place.passwords.read_text("utf-8").splitlines():
        table.add_row(*line.split("\t"))
    console.print(table)
    console.print(f"The classroom is open: [bold]{plan.url}[/]", highlight=False)
    service = hub.CLASSROOM if plan.exchange == "service" else hub.COURSE
    console.print(f"  the class  {plan.url}services/{service}/  (instructor)", highlight=False)
    console.print(f"  passwords  {place.passwords}", highlight=False, soft_wrap=True)
    console.print(f"  course     {place.course}", highlight=False, soft_wrap=True)
    console.print(f"  log        {place.log}", highlight=False, soft_wrap=True)
    console.print("Ctrl-C closes it; the same command opens it again, with all that is in it.")


def run(
    folder: Path,
    *,
    students: int,
    port: int,
    exchange: str,
    lang: str,
    isolated: bool,
    console: Console,
) -> None:
    """Open a classroom in ``folder`` and keep it open until SIGINT or SIGTERM.

    Parameters
    ----------
    folder : Path
        Where everything is kept; made if it is not there.
    students : int
        How many students there are at least.
    port : int
        Where the classroom listens, on this host alone.
    exchange : str
        ``'service'`` or ``'stock'``; see `grader.exchange.hub.configure`.
    lang : str
        The language of the notebooks, if they are built now: ``'en'`` or ``'zh'``.
    isolated : bool
        False: students' servers get no wall, and see all that this process can see.
    console : Console
        Where to say what there is.

    Raises
    ------
    CannotStart
        If it cannot be opened, with the reason.
    SandboxUnavailable
        If this host cannot keep students apart.
    """
    if isolated and (refused := available()):
        raise refused
    place = Place(folder.resolve())
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _locked(place.folder):
        place.running.unlink(missing_ok=True)
        _end(_left_over(place), 3)
        _check_port(port)
        with _in_words():
            _lay_out(place, lang, exchange, console)
        everybody, newcomers = _people(place, students)
        plan = Plan(
            str(place.folder),
            port,
            *_free_ports(4),
            exchange=exchange,
            isolated=isolated,
            students=everybody,
            newcomers=newcomers,
            formgrader_token=secrets.token_hex(32),
        )
        try:
            with RunningHub(place, plan) as running:
                with console.status("handing out the units"), _in_words():
                    _hand_out(place, plan)
                _print_people(place, plan, console)
                write_private(place.running, json.dumps({"url": plan.url, "pid": os.getpid()}))
                running.watch()
        except KeyboardInterrupt:
            console.print("The classroom is closed.")
        finally:
            place.running.unlink(missing_ok=True)

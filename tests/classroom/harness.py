"""A real classroom for tests: ``grader classroom`` on free ports, and the people in it by REST.

`Classroom` starts it as an instructor would and takes it down, whatever happened in between.
What people do goes through the proxy, as their browsers do: `Student` is a student's server,
`Formgrader` the instructors' service, `Classroom.login` a browser's cookies.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

import psutil
import requests
import websocket

from grader.exchange.hub import COURSE, server_scopes
from grader.exchange.tryout import INSTRUCTOR, OPERATOR, Place

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 120
# What `kill` can hit: words that stand in the command line of the process.
PARTS = {
    "hub": ("-m", "jupyterhub", "-f"),
    "proxy": ("grader.exchange.proxy",),
    "formgrader": ("-m", "jupyterhub.singleuser"),
    "service": ("-m", "grader.exchange", "--course"),
    "marker": ("grader.exchange.marking",),
}
LEFT_OUT = re.compile(r"^(JUPYTER|COURSE_|NBGRADER|PYTEST|CONFIGPROXY)")


class Refused(AssertionError):
    """Raised when a request was answered by an error; holds status and text."""

    def __init__(self, answer: requests.Response) -> None:
        self.status = answer.status_code
        self.text = answer.text
        super().__init__(
            f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text[:2000]}"
        )


def must(answer: requests.Response) -> requests.Response:
    """Return the answer, unless it is an error."""
    if not answer.ok:
        raise Refused(answer)
    return answer


def hub_packages(version: str) -> Path | None:
    """Return a folder with JupyterHub 5 to be put on PYTHONPATH; None for the environment's own.

    Fetched from the package index once and kept in build/.
    """
    if version != "5":
        return None
    folder = ROOT / "build" / "hub-5.5"
    folder.parent.mkdir(exist_ok=True)
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            draft = folder.with_suffix(".tmp")
            shutil.rmtree(draft, ignore_errors=True)
            command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
            subprocess.run([*command, "--target", draft, "jupyterhub==5.5.*"], check=True)
            draft.replace(folder)
    return folder


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Classroom:
    """A running classroom; a context manager.

    Parameters
    ----------
    folder : Path
        Where it keeps everything; a folder that held one before opens it again.
    students : int
        They are ``student1``, ``student2`` and so on.
    hub : str
        ``'6'`` for the environment's JupyterHub, ``'5'`` for the oldest that is supported.
    exchange : str
        ``'service'`` or ``'stock'``.
    port : int, optional
        A free one by default.
    options : sequence of str
        More arguments of ``grader classroom``.
    prepare : callable, optional
        Called with the course directory before the first start, to change its settings.

    Attributes
    ----------
    url : str
        ``http://127.0.0.1:<port>/``.
    place : grader.exchange.tryout.Place
        The folders: ``course``, ``data``, ``homes``, ``settings``, ``hub``.
    process : subprocess.Popen
        The try-out.
    """

    def __init__(
        self,
        folder: Path,
        *,
        students: int = 2,
        hub: str = "6",
        exchange: str = "service",
        port: int | None = None,
        options: tuple[str, ...] = (),
        prepare=None,
    ) -> None:
        self.place = Place(folder.resolve())
        self.students = students
        self.hub = hub
        self.exchange = exchange
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self.options = options
        self.prepare = prepare
        self.process: subprocess.Popen | None = None
        self._sessions: dict[str, requests.Session] = {}
        self._tokens: dict[tuple[str, bool], str] = {}

    def __enter__(self) -> Classroom:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.stop()
        finally:
            if kind is not None:
                print(f"--- the end of {self.place.log}\n{self.logs()[-6000:]}")

    # ---- the process -----------------------------------------------------------------

    def start(self) -> None:
        """Start it and wait until people can log in."""
        environment = {k: v for k, v in os.environ.items() if not LEFT_OUT.match(k)}
        if packages := hub_packages(self.hub):
            environment["PYTHONPATH"] = str(packages)
        if self.prepare and not (self.place.course / "source").exists():
            self._prepare_course()
        command = [str(Path(sys.executable).with_name("grader")), "classroom"]
        command += ["--folder", str(self.place.folder), "--port", str(self.port)]
        command += ["--students", str(self.students), "--exchange", self.exchange, *self.options]
        self.place.folder.mkdir(parents=True, exist_ok=True)
        self.place.running.unlink(missing_ok=True)  # of one that was killed
        self.output = self.place.folder / "output.txt"
        with open(self.output, "ab") as output:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            # two minutes to build the units, two for the Hub
            self.wait(
                lambda: self.place.running.exists() or self.process.poll() is not None,
                timeout_s=2 * TIMEOUT_S,
            )
            if self.process.poll() is not None:
                raise AssertionError(f"it did not start:\n{self.output.read_text()}")
        except BaseException:
            self.stop()
            raise

    def _prepare_course(self) -> None:
        from grader.release import make_course

        make_course(self.place.course)
        self.prepare(self.place.course)

    def processes(self) -> list[psutil.Process]:
        """Return the try-out and everything below it."""
        try:
            root = psutil.Process(self.process.pid)
            return [root, *root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def stop(self, sig: int = signal.SIGINT) -> float:
        """Stop it as Ctrl-C does; return the seconds that took. Nothing of it is left."""
        if self.process is None:
            return 0.0
        everything = self.processes()
        begun = time.monotonic()
        self._sessions.clear()
        self._tokens.clear()
        if self.process.poll() is None:
            self.process.send_signal(sig)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(30)
        took = time.monotonic() - begun
        for one in everything:  # only of a try-out that failed to end them
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        self.process.wait(10)
        return took

    def find(self, what: str) -> list[psutil.Process]:
        """Return the processes of a part, a name of `PARTS`, oldest first."""
        found = []
        for one in self.processes()[1:]:
            with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                line = one.cmdline()
                if all(any(word in argument for argument in line) for word in PARTS[what]):
                    found.append(one)
        return sorted(found, key=lambda p: p.create_time())

    def kill(self, what: str, sig: int = signal.SIGKILL) -> int:
        """Kill one part, a name of `PARTS`; return its process id."""
        (one, *_) = self.find(what) or [None]
        assert one is not None, f"no {what} is running"
        one.send_signal(sig)
        return one.pid

    def logs(self) -> str:
        """Return what the Hub, its services and the servers have said."""
        return self.place.log.read_text(errors="replace") if self.place.log.exists() else ""

    def wait(self, ready, timeout_s: float = TIMEOUT_S, pause_s: float = 0.1):
        """Return the first value of ``ready()`` that is true.

        Raises
        ------
        TimeoutError
            If there is none in time.
        """
        end = time.monotonic() + timeout_s
        while True:
            if value := ready():
                return value
            if time.monotonic() > end:
                raise TimeoutError(f"waited {timeout_s} s")
            time.sleep(pause_s)

    # ---- people ----------------------------------------------------------------------

    @property
    def passwords(self) -> dict[str, str]:
        """The password of everybody, as the operator's file has it."""
        lines = self.place.passwords.read_text().splitlines()
        return {name: password for name, _role, password in (line.split("\t") for line in lines)}

    def login(self, name: str, password: str | None = None) -> requests.Session:
        """Log in at the Hub's page; return a session with the cookies, as a browser has them."""
        session = Browser(self.url)
        page = must(session.get("hub/login"))
        answer = must(
            session.post(
                "hub/login",
                params={"next": "/hub/home"},
                data={
                    "username": name,
                    "password": password or self.passwords[name],
                    "_xsrf": session.xsrf(page.url),
                },
            )
        )
        if "/hub/home" not in answer.url:
            raise Refused(answer)
        return session

    def session(self, name: str) -> requests.Session:
        """Return the session of somebody who logs in once."""
        if name not in self._sessions:
            self._sessions[name] = self.login(name)
        return self._sessions[name]

    def token(self, name: str, scopes: list[str] | None = None) -> str:
        """Return a token with the scopes that a server of this person has, or with others."""
        key = name, json.dumps(scopes)
        if key not in self._tokens:
            role = name if name in (INSTRUCTOR, OPERATOR) else "student"
            wanted = server_scopes(role, COURSE, self.exchange) if scopes is None else scopes
            # what the Hub makes of it for the token of a server
            own = f"access:servers!server={name}/"
            wanted = [own if scope == "access:servers!server" else scope for scope in wanted]
            answer = self.hub_api(name, "POST", f"users/{name}/tokens", json={"scopes": wanted})
            self._tokens[key] = answer.json()["token"]
        return self._tokens[key]

    def hub_api(self, name: str, method: str, path: str, **options) -> requests.Response:
        """Ask the Hub's API in somebody's name."""
        session = self.session(name)
        headers = {"X-XSRFToken": session.xsrf(f"{self.url}hub/")}
        if method != "GET":
            options.setdefault("json", {})  # the Hub takes nothing that a form could send
        return must(session.request(method, f"hub/api/{path}", headers=headers, **options))

    def start_server(self, name: str) -> None:
        """Start somebody's server and wait until it answers."""
        self.hub_api(name, "POST", f"users/{name}/server")

        def ready() -> bool:
            server = self.hub_api(name, "GET", f"users/{name}").json()["servers"].get("", {})
            return server.get("ready", False)

        self.wait(ready, pause_s=0.3)

    def stop_server(self, name: str) -> None:
        """Stop somebody's server and wait until it has ended."""
        self.hub_api(name, "DELETE", f"users/{name}/server")
        self.wait(
            lambda: "" not in self.hub_api(name, "GET", f"users/{name}").json()["servers"],
            pause_s=0.3,
        )

    def student(self, name: str) -> Server:
        """Return somebody's server, started if it is not."""
        model = self.hub_api(name, "GET", f"users/{name}").json()
        if not model["servers"].get("", {}).get("ready"):
            self.start_server(name)
        return Server(self, name)

    def formgrader(self, name: str = INSTRUCTOR) -> Formgrader:
        """Return Formgrader, used by an instructor."""
        return Formgrader(self, name)

    def service(self, method: str, path: str, *, name: str | None, **options) -> requests.Response:
        """Ask the classroom service with the token of somebody's server; no error is raised."""
        headers = dict(options.pop("headers", {}))
        if name is not None:
            headers["Authorization"] = f"token {self.token(name)}"
        options.setdefault("timeout", TIMEOUT_S)
        return requests.request(
            method, f"{self.url}services/classroom/{path}", headers=headers, **options
        )


class Browser(requests.Session):
    """A session whose addresses begin at the classroom's, with a limit of time."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base

    def request(self, method, url, **options):
        """Send a request; a path is below the classroom's address."""
        options.setdefault("timeout", TIMEOUT_S)
        if "://" not in url:
            url = self.base + url
        return super().request(method, url, **options)

    def xsrf(self, url: str) -> str:
        """Return the value of the cookie ``_xsrf`` for an address: the longest path wins."""
        path = re.sub(r"^\w+://[^/]+", "", url)
        mine = [c for c in self.cookies if c.name == "_xsrf" and path.startswith(c.path)]
        return max(mine, key=lambda c: len(c.path)).value if mine else ""


class _Api:
    """Requests to one server, with a token; answers are checked."""

    base: str
    token: str

    def request(self, method: str, path: str, **options) -> requests.Response:
        """Send a request; raise `Refused` for an error."""
        headers = {"Authorization": f"token {self.token}", **options.pop("headers", {})}
        options.setdefault("timeout", TIMEOUT_S)
        return must(requests.request(method, self.base + path, headers=headers, **options))

    def json(self, method: str, path: str, **options):
        """Send a request; return the JSON of the answer."""
        return self.request(method, path, **options).json()


class Server(_Api):
    """Somebody's single-user server: what its JupyterLab does by REST."""

    def __init__(self, classroom: Classroom, name: str) -> None:
        self.classroom = classroom
        self.name = name
        self.base = f"{classroom.url}user/{name}/"
        self.token = classroom.token(name, ["access:servers!user"])

    def assignments(self) -> list[dict]:
        """Return the Assignment List: units with ``status``, ``submissions`` and so on."""
        answer = self.json("GET", "assignments", params={"course_id": COURSE})
        assert answer["success"], answer
        return answer["value"]

    def assignment(self, unit: str, status: str | None = None) -> dict:
        """Return the entry of one unit in the Assignment List."""
        found = [
            a
            for a in self.assignments()
            if a["assignment_id"] == unit and status in (None, a["status"])
        ]
        assert found, f"no {unit} ({status}) in {self.assignments()}"
        return found[0]

    def _act(self, action: str, unit: str) -> dict:
        data = {"course_id": COURSE, "assignment_id": unit}
        return self.json("POST", f"assignments/{action}", data=data)

    def fetch(self, unit: str) -> str:
        """Fetch a unit; return the path of its notebook."""
        answer = self._act("fetch", unit)
        assert answer["success"], answer
        path = f"{COURSE}/{unit}/{unit}.ipynb"
        self.read(path)
        return path

    def submit(self, unit: str) -> dict:
        """Hand in a unit; return the answer, whose ``success`` says whether it is."""
        return self._act("submit", unit)

    def fetch_feedback(self, unit: str) -> dict:
        """Fetch the feedback on a unit; return the answer."""
        return self._act("fetch_feedback", unit)

    def validate(self, path: str) -> dict:
        """Validate a notebook as the button does; return the answer."""
        return self.json("POST", "assignments/validate", data={"path": path})

    def list(self, path: str = "") -> list[str]:
        """Return the names in a folder."""
        content = self.json("GET", f"api/contents/{quote(path)}", params={"content": 1})["content"]
        return [entry["name"] for entry in content]

    def read(self, path: str):
        """Return a notebook as a dict, or the text of another file."""
        return self.json("GET", f"api/contents/{quote(path)}", params={"content": 1})["content"]

    def write(self, path: str, content) -> None:
        """Save a notebook (a dict) or a text."""
        if isinstance(content, dict):
            body = {"type": "notebook", "format": "json", "content": content}
        else:
            body = {"type": "file", "format": "text", "content": content}
        self.request("PUT", f"api/contents/{quote(path)}", json=body)

    def page_config(self) -> dict:
        """Return what JupyterLab is told by its page: extensions that are off, and so on."""
        page = self.request("GET", "lab").text
        found = re.search(r'id="jupyter-config-data"[^>]*>\s*(\{.*?\})\s*</script>', page, re.S)
        return json.loads(found[1])

    def execute(self, code: str) -> str:
        """Run code in a kernel of this server; return what it printed, or its error."""
        kernel = self.json("POST", "api/kernels", json={"name": "python3"})["id"]
        try:
            return self._execute(kernel, code)
        finally:
            self.request("DELETE", f"api/kernels/{kernel}")

    def _execute(self, kernel: str, code: str) -> str:
        address = f"{self.base}api/kernels/{kernel}/channels".replace("http", "ws", 1)
        header = [f"Authorization: token {self.token}"]
        channel = websocket.create_connection(address, timeout=TIMEOUT_S, header=header)
        identity, printed = uuid.uuid4().hex, ""
        message = {
            "channel": "shell",
            "header": {
                "msg_id": identity,
                "msg_type": "execute_request",
                "session": uuid.uuid4().hex,
                "username": self.name,
                "version": "5.3",
                "date": "",
            },
            "parent_header": {},
            "metadata": {},
            "content": {"code": code, "silent": False, "store_history": False},
        }
        with contextlib.closing(channel):
            channel.send(json.dumps(message))
            while True:
                answer = json.loads(channel.recv())
                if answer["parent_header"].get("msg_id") != identity:
                    continue
                content = answer["content"]
                if answer["msg_type"] == "stream":
                    printed += content["text"]
                elif answer["msg_type"] == "error":
                    printed += f"{content['ename']}: {content['evalue']}\n"
                elif answer["msg_type"] == "status" and content["execution_state"] == "idle":
                    return printed


class Formgrader(_Api):
    """Formgrader's API, used by an instructor."""

    def __init__(self, classroom: Classroom, name: str) -> None:
        self.classroom = classroom
        self.base = f"{classroom.url}services/{COURSE}/formgrader/api/"
        self.token = classroom.token(name, [f"access:services!service={COURSE}"])

    def _do(self, path: str) -> dict:
        answer = self.json("POST", path)
        assert answer["success"], answer
        return answer

    def assignments(self) -> list[dict]:
        """Return the units with their state."""
        return self.json("GET", "assignments")

    def release(self, unit: str) -> dict:
        """Release a unit to the students; return the answer, whose ``success`` says if it is."""
        return self.json("POST", f"assignment/{unit}/release")

    def set_duedate(self, unit: str, due: str | None) -> dict:
        """Set when a unit is due, ``'YYYY-MM-DD HH:MM'`` in UTC, or None."""
        body = {"duedate_notimezone": due and due.replace(" ", "T"), "duedate_timezone": "+0000"}
        return self.json("PUT", f"assignment/{unit}", json=body)

    def collect(self, unit: str) -> dict:
        """Collect what was handed in."""
        return self._do(f"assignment/{unit}/collect")

    def autograde(self, unit: str, student: str) -> dict:
        """Grade a submission."""
        return self._do(f"submission/{unit}/{student}/autograde")

    def submissions(self, unit: str) -> dict[str, dict]:
        """Return the submissions to a unit, by student."""
        return {s["student"]: s for s in self.json("GET", f"submissions/{unit}")}

    def notebook_id(self, unit: str, student: str) -> str:
        """Return the gradebook's id of a graded notebook, for `grades` and `comments`."""
        notebooks = self.json("GET", f"submitted_notebooks/{unit}/{unit}")
        return next(n["id"] for n in notebooks if n["student"] == student)

    def grades(self, unit: str, student: str) -> dict[str, dict]:
        """Return the grades of a graded notebook, by name of the cell."""
        query = {"submission_id": self.notebook_id(unit, student)}
        return {g["name"]: g for g in self.json("GET", "grades", params=query)}

    def set_grade(self, grade_id: str, manual_score: float | None, extra: float | None = None):
        """Grade a cell by hand."""
        body = {"manual_score": manual_score, "extra_credit": extra}
        return self.json("PUT", f"grade/{grade_id}", json=body)

    def comments(self, unit: str, student: str) -> dict[str, dict]:
        """Return the comments on a graded notebook, by name of the cell."""
        query = {"submission_id": self.notebook_id(unit, student)}
        return {c["name"]: c for c in self.json("GET", "comments", params=query)}

    def set_comment(self, comment_id: str, text: str) -> dict:
        """Comment on a cell."""
        return self.json("PUT", f"comment/{comment_id}", json={"manual_comment": text})

    def generate_feedback(self, unit: str, student: str | None = None) -> dict:
        """Make the feedback pages of a unit, for all or for one."""
        path = f"assignment/{unit}/{student}" if student else f"assignment/{unit}"
        return self._do(f"{path}/generate_feedback")

    def release_feedback(self, unit: str, student: str | None = None) -> dict:
        """Release the feedback pages of a unit, for all or for one."""
        path = f"assignment/{unit}/{student}" if student else f"assignment/{unit}"
        return self._do(f"{path}/release_feedback")

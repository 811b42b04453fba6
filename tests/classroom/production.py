"""The production form for tests: system users, two environments, the Hub as root.

`Production` starts ``deploy/jupyterhub/jupyterhub_config.py`` as its unit of systemd does, with
accounts of its own on this host, which are gone afterwards.
"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import requests

from grader.exchange.hub import COURSE, server_scopes
from grader.exchange.passwords import new_password
from grader.release import make_course

from .harness import LEFT_OUT, ROOT, TIMEOUT_S, Classroom, free_port

DEPLOY = ROOT / "deploy" / "jupyterhub"
STUDENTS, INSTRUCTOR, OPERATOR = ("ada", "ben"), "grace", "olga"
# Of the environment of the tests, what a student's must not have.
OF_THE_GRADER = ("grader", "course", "backprop_course", "_editable_impl_backprop", "_backprop_")
COMMANDS = ("alembic", "configurable-http-proxy", "jupyter", "jupyterhub-singleuser", "nbgrader")


def interpreter() -> Path | None:
    """Return a Python of this version that every user of this host can run; None if none."""
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (Path(sys._base_executable).resolve(), Path("/usr/bin/python3")):
        if not candidate.exists() or not _open_to_all(candidate):
            continue
        command = [candidate, "-c", "import sys, venv; print('%d.%d' % sys.version_info[:2])"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.stdout.strip() == here:
            return candidate
    return None


def _open_to_all(path: Path) -> bool:
    real = path.resolve()
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (real, *real.parents))


def make_environment(place: Path, python: Path, *, grader: bool) -> None:
    """Make an environment of the packages of this one, as `install` has pip make it.

    The packages are linked, file by file, and course and grader are copied: nothing in it leads
    back to the repository.
    """
    subprocess.run([python, "-m", "venv", "--without-pip", place], check=True)
    here = Path(sys.prefix)
    (packages,) = (here / "lib").glob("python*/site-packages")
    (into,) = (place / "lib").glob("python*/site-packages")
    for entry in sorted(packages.iterdir()):
        if not entry.name.startswith(OF_THE_GRADER) and entry.suffix != ".pth":
            _link(entry, into)
    for folder in ("share", "etc"):
        _link(here / folder, place)
    for command in COMMANDS:
        script = (here / "bin" / command).read_text().split("\n", 1)[1]
        (place / "bin" / command).write_text(f"#!{place}/bin/python3\n{script}")
        (place / "bin" / command).chmod(0o755)
    ignored = shutil.ignore_patterns("__pycache__", "pyproject.toml")
    shutil.copytree(ROOT / "course", into / "course", ignore=ignored)
    if grader:
        shutil.copytree(ROOT / "grader", into / "grader", ignore=ignored)
        shutil.copytree(ROOT / "source", into / "grader" / "source", ignore=ignored)


def _link(entry: Path, into: Path) -> None:
    command = ["cp", "--archive", "--link", str(entry), f"{into}/"]
    if subprocess.run(command, capture_output=True).returncode:  # another file system
        command.remove("--link")
        subprocess.run([*command, "--force"], check=True)


class People:
    """System accounts with passwords, for a while; a context manager."""

    def __init__(self) -> None:
        self.suffix = secrets.token_hex(3)
        self.services = f"bpserv{self.suffix}"
        self.staff = f"bpstaff{self.suffix}"
        self.users = f"bpusers{self.suffix}"
        self.passwords = {
            self.name(one): new_password() for one in (*STUDENTS, INSTRUCTOR, OPERATOR)
        }

    def name(self, short: str) -> str:
        """Return the account of somebody of the story."""
        return f"{short}{self.suffix}"

    def __enter__(self) -> People:
        try:
            for group in (self.staff, self.users):
                _run("groupadd", "--system", group)
            _run("useradd", "--system", "--gid", self.staff, "--create-home", self.services)
            for name in self.passwords:
                _run("useradd", "--create-home", "--shell", "/bin/bash", name)
            lines = "".join(f"{name}:{word}\n" for name, word in self.passwords.items())
            _run("chpasswd", input=lines)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error) -> None:
        for name in (*self.passwords, self.services):
            with contextlib.suppress(KeyError):
                _end_all_of(pwd.getpwnam(name).pw_uid)
            subprocess.run(["userdel", "--remove", "--force", name], capture_output=True)
        for group in (self.staff, self.users):
            subprocess.run(["groupdel", group], capture_output=True)


def _run(*command: str, **options) -> None:
    done = subprocess.run(command, capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"


def _end_all_of(uid: int) -> None:
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            if process.uids().real == uid:
                process.kill()


class Production(Classroom):
    """The classroom of ``deploy/jupyterhub`` on this host; a context manager.

    Attributes
    ----------
    folder : Path
        Holds everything; other users may pass through.
    people : People
        The accounts.
    """

    def __init__(self, python: Path, units: list[str]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="classroom-", dir="/var/tmp"))
        self.python, self.units = python, units
        self.people = People()
        self.exchange, self.process = "service", None
        self.ports = {key: free_port() for key in ("proxy", "hub", "proxy_api", "formgrader")}
        self.ports["classroom"] = free_port()
        self.url = f"http://127.0.0.1:{self.ports['proxy']}/"
        self._sessions, self._tokens = {}, {}
        self.log = self.folder / "hub.log"
        self.course, self.data = self.folder / "srv/course", self.folder / "srv/data"
        self.hub_folder, self.etc = self.folder / "hub", self.folder / "etc"
        self.settings = self.etc / "classroom.toml"
        self.backups = self.folder / "backups"
        self.students = [self.people.name(one) for one in STUDENTS]
        self.instructor = self.people.name(INSTRUCTOR)
        self.operator = self.people.name(OPERATOR)

    def __enter__(self) -> Production:
        try:
            self.folder.chmod(0o755)
            self.people.__enter__()
            self._lay_out()
            self.start()
        except BaseException:
            self._take_down()
            raise
        return self

    def __exit__(self, kind, error, trace) -> None:
        try:
            super().__exit__(kind, error, trace)
        finally:
            self._take_down()

    def _take_down(self) -> None:
        try:
            self.stop()
        finally:
            self.people.__exit__()
            table = f"backprop_{self.ports['classroom']}"
            with contextlib.suppress(FileNotFoundError):
                subprocess.run(["nft", "delete", "table", "inet", table], capture_output=True)
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def passwords(self) -> dict[str, str]:
        """The password of everybody."""
        return self.people.passwords

    def _lay_out(self) -> None:
        """Do what the script `install` does with a host, but for its systemd."""
        staff, account = self.people.staff, self.people.services
        for name in ("student", "instructor"):
            make_environment(self.folder / name, self.python, grader=name == "instructor")
        _shut(self.folder / "instructor", staff)
        for folder, mode in ((self.etc, 0o700), (self.hub_folder, 0o700), (self.backups, 0o700)):
            folder.mkdir(mode=mode)
        (self.folder / "srv").mkdir(mode=0o755)
        make_course(self.course)
        self.data.mkdir()
        for folder in (self.course, self.data):
            folder.chmod(0o700)
            _run("chown", "-R", f"{account}:{staff}", str(folder))
        self.settings.write_text(self._settings())
        self.settings.chmod(0o600)
        self.as_services("-m", "grader.cli", "release", *self.units, cwd=self.course)

    def _settings(self) -> str:
        people = self.people
        lines = [
            f'address = "{self.url}"',
            f'operators = ["{self.operator}"]',
            f'instructors = ["{self.instructor}"]',
            f"students = {[*self.students]}".replace("'", '"'),
            "[accounts]",
            f'services = "{people.services}"',
            f'instructors = "{people.staff}"',
            f'users = "{people.users}"',
            "[ports]",
            *(f"{key} = {port}" for key, port in self.ports.items()),
            "[paths]",
            f'course = "{self.course}"',
            f'data = "{self.data}"',
            f'hub = "{self.hub_folder}"',
            f'backups = "{self.backups}"',
            *(f'{key} = "{self.folder / key}"' for key in ("settings", "instructor", "student")),
        ]
        return "\n".join(lines) + "\n"

    def environment(self) -> dict[str, str]:
        """Return the environment of root's commands, which is that of the unit."""
        kept = {k: v for k, v in os.environ.items() if not LEFT_OUT.match(k)}
        system = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return kept | {
            "PATH": f"{self.folder}/instructor/bin:{system}",
            "BACKPROP_SETTINGS": str(self.settings),
            "PYTHONDONTWRITEBYTECODE": "1",  # nothing new in the repository
        }

    def as_services(self, *arguments: str, cwd: Path | None = None) -> str:
        """Run the instructors' Python as the account of the services; return what it printed."""
        python = str(self.folder / "instructor/bin/python3")
        command = ["runuser", "-u", self.people.services, "--", python, *arguments]
        environment = self.environment() | {"HOME": f"/home/{self.people.services}"}
        done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def run_data(self, *arguments: str) -> subprocess.CompletedProcess:
        """Run ``classroom-data``, as the operator does."""
        command = [str(self.folder / "instructor/bin/python3"), str(DEPLOY / "classroom-data")]
        return subprocess.run(
            [*command, *arguments], env=self.environment(), capture_output=True, text=True
        )

    def start(self) -> None:
        """Start the Hub and wait until people can log in and hand in."""
        command = [str(self.folder / "instructor/bin/python3"), "-m", "jupyterhub"]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*command, "--config", str(DEPLOY / "jupyterhub_config.py")],
                cwd=self.hub_folder,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        ports = self.ports
        ready = [  # the proxy last: it would log every try before it knows the services
            f"http://127.0.0.1:{ports['formgrader']}/services/{COURSE}/api",
            f"http://127.0.0.1:{ports['classroom']}/services/classroom/health",
            f"{self.url}services/classroom/health",
        ]
        for url in ready:
            self.wait(lambda url=url: self._answers(url), timeout_s=2 * TIMEOUT_S, pause_s=0.3)

    def _answers(self, url: str) -> bool:
        assert self.process.poll() is None, f"the Hub ended:\n{self.logs()[-8000:]}"
        try:
            return requests.get(url, timeout=10).ok
        except requests.RequestException:
            return False

    def stop(self, sig: int = signal.SIGTERM) -> float:
        """Stop it as systemd does; return the seconds that took."""
        if self.process is None:
            return 0.0
        everything = self.processes()
        begun = time.monotonic()
        self._sessions.clear()
        if self.process.poll() is None:
            self.process.send_signal(sig)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(60)
        took = time.monotonic() - begun
        for one in [*everything, *self._left()]:  # as KillMode=mixed does
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        self.process.wait(10)
        return took

    def _left(self) -> list[psutil.Process]:
        """Return what a Hub that failed has left behind: its proxy, above all."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                if process.cmdline()[:1] == [str(self.folder / "instructor/bin/python3")]:
                    found.append(process)
        return found

    def logs(self) -> str:
        """Return what the Hub, its services and the servers have said."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def token(self, name: str, scopes: list[str] | None = None) -> str:
        """Return a token with the scopes that a server of this person has, or with others."""
        if scopes is None:
            role = "instructor" if name == self.instructor else "student"
            own = f"access:servers!server={name}/"
            scopes = [own if s == "access:servers!server" else s for s in server_scopes(role)]
        return super().token(name, scopes)


def _shut(place: Path, group: str) -> None:
    """Close an environment to all but a group; its files may be those of another one.

    Only folders are closed, since a linked file has one mode for all its names.
    """
    gid = grp.getgrnam(group).gr_gid
    os.chown(place, 0, gid)
    place.chmod(0o750)

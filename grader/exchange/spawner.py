"""Servers of a try-out, where all run as one system user: students behind a wall each.

Needs bubblewrap and no root. A student's server sees its home, the interpreter with its
packages, ``/usr``, `course` and its settings; and no grader, no other home, no course
directory, no other process. The network is the host's, or the proxy could not reach it.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
import sysconfig
from pathlib import Path

import psutil
from jupyterhub.spawner import SimpleLocalProcessSpawner
from traitlets import Bool, List, Unicode

from ..sandbox import COURSE, HERE, _open_folders, _python_folders, _system_binds
from .hub import role_of

HOMES = "/students"  # where a student's home is inside; nothing else of a host lies there
# As root: users that no account has, one for each home; systemd's range for passing services.
FIRST_UID, LAST_UID = 61184, 65519
# A name becomes a folder, and a field in a line of passwd.
SAFE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@+=-]{0,63}")
# What a server with a network and terminals needs besides what a session does.
OF_ETC = ("hosts", "resolv.conf", "nsswitch.conf", "ssl", "ca-certificates", "mime.types")
NO_GRADER = 'raise ImportError("the grader is not for students")\n'
# Run inside by root, who may set up the wall, to be root no longer.
BECOME = """
import os, sys
uid = int(sys.argv[1])
os.setgroups([]); os.setgid(uid); os.setuid(uid)
os.execvp(sys.argv[2], sys.argv[2:])
"""


def _hidden() -> list[Path]:
    """Return the folders that must look empty, whatever bound folder they lie in."""
    repository = [HERE.parent] if (HERE.parent / "source").is_dir() else []
    folders = [Path("/usr"), *_python_folders()]
    exchanges = [folder / "share/nbgrader" for folder in folders]
    return [*repository, Path("/usr/local/share/nbgrader"), Path("/usr/local/etc"), *exchanges]


def _graders() -> list[Path]:
    """Return the folders that are, or stand for, the installed grader; it has the sources."""
    packages = {Path(sysconfig.get_path(kind)) / "grader" for kind in ("purelib", "platlib")}
    return [HERE, *packages]


def wall(
    command: list[str],
    *,
    name: str,
    home: Path,
    uid: int,
    walls: Path,
    readable: list[Path],
    writable: list[Path],
) -> list[str]:
    """Return the command line that runs ``command`` as a student's server.

    Parameters
    ----------
    command : list of str
        A program and its arguments, as seen from inside.
    name : str
        The student's name: a word that is safe in a path.
    home : Path
        Their home on the host, the one folder that they can change.
    uid : int
        The user that the server runs as.
    walls : Path
        A folder for the few files that this needs on the host.
    readable, writable : list of Path
        More folders to be seen, at their own place.
    """
    walls.mkdir(mode=0o755, parents=True, exist_ok=True)
    no_grader, passwd = walls / "no_grader.py", walls / f"{name}.passwd"
    no_grader.write_text(NO_GRADER, "utf-8")
    passwd.write_text(f"{name}:x:{uid}:{uid}::{HOMES}/{name}:/bin/bash\n", "utf-8")
    for file in (no_grader, passwd):
        file.chmod(0o644)

    arguments = [shutil.which("bwrap") or "bwrap", "--unshare-pid", "--unshare-ipc"]
    arguments += ["--unshare-cgroup-try"]
    if os.geteuid() == 0:
        arguments += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        command = [sys.executable, "-I", "-S", "-c", BECOME, str(uid), *command]
    else:
        arguments += ["--unshare-user"]
    arguments += _system_binds()
    for file in OF_ETC:
        arguments += ["--ro-bind-try", f"/etc/{file}", f"/etc/{file}"]
    arguments += ["--ro-bind", str(passwd), "/etc/passwd"]
    arguments += ["--dev", "/dev", "--perms", "1777", "--tmpfs", "/dev/shm", "--proc", "/proc"]
    arguments += ["--perms", "1777", "--tmpfs", "/tmp"]
    arguments += _layers(readable, writable, no_grader)
    arguments += [*_open_folders(f"{HOMES}/{name}"), "--bind", str(home), f"{HOMES}/{name}"]
    return [*arguments, "--remount-ro", "/", "--chdir", f"{HOMES}/{name}", *command]


def _layers(readable: list[Path], writable: list[Path], no_grader: Path) -> list[str]:
    """Return the arguments for folders that are shown and hidden, one in another."""
    layers: dict[Path, list[str]] = {}
    shown = [*_python_folders(), COURSE, *readable]
    for folder in shown:
        layers[folder] = [*_open_folders(folder), "--ro-bind", str(folder), str(folder)]
    for folder in writable:
        layers[folder] = [*_open_folders(folder), "--bind", str(folder), str(folder)]
    bound = [Path("/usr"), *layers]
    sealed = []
    for folder in _hidden():
        if folder.is_dir() and any(folder.is_relative_to(b) and folder != b for b in bound):
            layers[folder] = ["--perms", "0755", "--tmpfs", str(folder)]
            sealed += ["--remount-ro", str(folder)]
    for folder in _graders():
        if folder.is_dir() and any(folder.is_relative_to(b) for b in bound):
            layers[folder] = ["--perms", "0755", "--tmpfs", str(folder)]
            layers[folder] += ["--ro-bind", str(no_grader), f"{folder}/__init__.py"]
            sealed += ["--remount-ro", str(folder)]
    # Outer folders first: what is shown in a hidden one, or hidden in a shown one, comes after.
    ordered = sorted(layers, key=lambda folder: len(folder.parts))
    return [argument for folder in ordered for argument in layers[folder]] + sealed


class ClassroomSpawner(SimpleLocalProcessSpawner):
    """Starts a student's server behind a wall and an instructor's as a plain process.

    A server's home stays in ``homes`` from one start to the next.
    """

    homes = Unicode(config=True, help="The folder of all homes, on the host.")
    walls = Unicode(config=True, help="A folder for the files that walls need.")
    logs = Unicode(config=True, help="A folder for what walled servers say: a file for each.")
    readable = List(Unicode(), config=True, help="More folders that students may read.")
    writable = List(Unicode(), config=True, help="More folders that students may write to.")
    isolated = Bool(True, config=True, help="False: no walls, for students who can be trusted.")
    course = Unicode(config=True, help="The name of the course.")

    _walled = False  # the last server that was started; a restarted Hub finds out again

    def needs_wall(self) -> bool:
        """Return whether the user's next server gets a wall: all but instructors' do."""
        return self.isolated and role_of(self.user, self.course) != "instructor"

    def _prepare_home(self) -> Path:
        """Make the home if there is none; it belongs to whoever the server runs as."""
        name = self.user.name
        if not SAFE_NAME.fullmatch(name):
            raise ValueError(f"no home can be made for a user named {name!r}")
        home = Path(self.homes) / name
        if not home.exists():
            home.mkdir(mode=0o700, parents=True)
        if os.geteuid() == 0:
            uid = home.stat().st_uid
            if self.needs_wall() and uid == 0:
                _give(home, self._free_uid())
            elif not self.needs_wall() and uid != 0:
                _give(home, 0)
        return home

    def _free_uid(self) -> int:
        taken = {home.stat().st_uid for home in Path(self.homes).iterdir()}
        return next(uid for uid in range(FIRST_UID, LAST_UID) if uid not in taken)

    async def start(self) -> tuple[str, int]:
        """Start the server; return where it listens."""
        home = self._prepare_home()
        self.home_dir = str(home)
        plain, self._walled = self.cmd, self.needs_wall()
        if self._walled:
            self.cmd = wall(
                plain,
                name=self.user.name,
                home=home,
                uid=home.stat().st_uid,
                walls=Path(self.walls),
                readable=[Path(p) for p in self.readable],
                writable=[Path(p) for p in self.writable],
            )
            said = self._open_log()
            self.popen_kwargs = {"stdout": said, "stderr": said}
        try:
            return await super().start()
        finally:
            self.cmd = plain
            if self.popen_kwargs:
                os.close(said)
                self.popen_kwargs = {}

    def _open_log(self) -> int:
        """Return a descriptor of what the next server says; the last one's words are gone.

        Whoever inherits the Hub's own can read its log, write into it and empty it.
        """
        path = Path(self.logs, f"{self.user.name}.log")
        path.parent.mkdir(mode=0o700, exist_ok=True)
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        """Return the environment with what depends on the user."""
        env = super().user_env(env)
        if self._walled:
            env["HOME"] = f"{HOMES}/{self.user.name}"
        return env

    async def _signal(self, sig: int) -> bool:
        """Signal the server, not the wall around it; return whether there is one.

        bubblewrap passes no signal on, and ends without what it started.
        """
        try:
            outer = psutil.Process(self.pid)
            inner = outer.children(recursive=True) if outer.name() == "bwrap" else []
        except psutil.NoSuchProcess:
            return False
        if sig == 0 or not inner:
            return await super()._signal(sig)
        # bwrap, then bwrap as process 1 inside, then the server; with process 1 all end
        target = inner[0] if sig == signal.SIGKILL or len(inner) == 1 else inner[1]
        try:
            target.send_signal(sig)
        except psutil.NoSuchProcess:
            pass
        return True


def _give(home: Path, uid: int) -> None:
    """Make ``uid`` the owner of a home and of all in it; follow no link."""
    for folder, _folders, files in os.walk(home):
        for path in (folder, *(os.path.join(folder, file) for file in files)):
            os.chown(path, uid, uid, follow_symlinks=False)

"""What isolation is: what a session may see, and how much of everything it may use.

The outer wall is bubblewrap around one warm Python, built here. The inner walls, one
for each session, are in `grader.inside.walls`. A session sees the interpreter with its
packages, ``/usr``, ``course`` without its engine, and a scratch folder in memory.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import course

from .errors import SandboxUnavailable

HERE = Path(__file__).resolve().parent
COURSE = Path(course.__file__).resolve().parent
CODE = "/opt/backprop"  # where a session finds `course` and the little of `grader` it runs
TOOLBOX = CODE + "/toolbox"  # empty but in a session that is handed the reference layers
# The engine is the answer of some exercises; the way to the classroom service is for no notebook.
HIDDEN_FROM_SESSIONS = {"_engine", "exchange", "__pycache__"}
NOBODY = 65534  # a root grader becomes this user: the kernel does not count root's processes


@dataclass(frozen=True)
class Limits:
    """How much of everything one session may use.

    Honest notebooks of the course stay below a tenth of each number.
    """

    cell_time_s: float = 30.0  # training the digits network takes 1 s, the MNIST one 4 s
    call_time_s: float = 10.0  # one call from a check; the slowest (a gradient check) takes 1 s
    notebook_time_s: float = 300.0  # in all; a class of 200 hung notebooks must not take a day
    grace_s: float = 1.0  # from KeyboardInterrupt to the end: time to unwind, not to go on
    memory_mb: int = 1024  # of one process, beyond the warm interpreter; a unit needs 100
    session_memory_mb: int = 1536  # of all its processes; by 256 more than above, so that one
    # process alone meets a MemoryError, which its author understands, and not its end
    processes: int = 32  # threads count; `!ls` needs 2, a small thread pool 8
    open_files: int = 128  # matplotlib opens some 10 at once
    file_mb: int = 64  # one file
    scratch_mb: int = 128  # all files of a session; they live in memory
    cell_output_kb: int = 1024  # text and pictures of a cell; a page that anyone reads is below 100
    notebook_output_kb: int = 8192  # a feedback page of more makes browsers slow
    images: int = 60  # in a notebook; the largest unit shows 12
    callbacks: int = 200_000  # of one call; 784 x 50 weights nudged twice are 78 400
    objects: int = 100_000  # handles that a grader holds at once

    @classmethod
    def from_config(cls, config: Mapping[str, float]) -> Limits:
        """Return the limits with some of them set: ``c.ExecuteSubmission.limits``.

        Raises
        ------
        ValueError
            For a limit that there is not, or that is no number above zero; names it.
        """
        known = {f.name: type(f.default) for f in fields(cls)}
        for name, value in config.items():
            if name not in known:
                raise ValueError(f"no limit {name!r}; the limits are {', '.join(known)}")
            if type(value) not in (int, float) or not value > 0:
                raise ValueError(f"the limit {name} is {value!r}: a number above zero is needed")
        return cls(**{name: known[name](value) for name, value in config.items()})


def _python_folders() -> list[Path]:
    """Return the folders that this interpreter and its packages live in, outermost first."""
    prefixes = {Path(p).resolve() for p in (sys.prefix, sys.base_prefix, sys.exec_prefix)}
    for prefix in prefixes:
        if prefix == Path("/"):
            raise SandboxUnavailable(f"the Python that runs the grader is installed in {prefix}")
    return sorted(p for p in prefixes if not p.is_relative_to("/usr"))


def interpreter() -> str:
    """Return the path of this Python as a session sees it: no link leads to its folder there."""
    path = Path(sys.executable)
    if path.is_relative_to(sys.prefix):
        path = Path(sys.prefix).resolve() / path.relative_to(sys.prefix)
    return str(path)


@functools.cache
def scratch_folder() -> str:
    """Return the writable folder of a session: /tmp, unless the interpreter itself lives there."""
    in_tmp = any(folder.is_relative_to("/tmp") for folder in _python_folders())
    return "/scratch" if in_tmp else "/tmp"


def _system_binds() -> list[str]:
    """Return the arguments for /usr and the links into it, and the few files of /etc."""
    arguments = ["--ro-bind", "/usr", "/usr"]
    for name in ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"):
        if os.path.islink(name):
            arguments += ["--symlink", os.readlink(name), name]
        elif os.path.isdir(name):
            arguments += ["--ro-bind", name, name]
    arguments += _open_folders("/etc/_")
    for name in ("ld.so.cache", "fonts", "localtime", "alternatives"):
        arguments += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    return arguments


def _open_folders(path: str | Path) -> list[str]:
    """Return the arguments that make the folders above ``path``.

    bubblewrap would make them itself, with mode 700: closed to the user nobody.
    """
    arguments = []
    for parent in reversed(Path(path).parents[:-1]):
        arguments += ["--perms", "0755", "--dir", str(parent)]
    return arguments


def _code_binds() -> list[str]:
    """Return the arguments for the code that a session runs: an allow-list, file by file."""
    arguments = _open_folders(f"{CODE}/course/_") + ["--perms", "0755", "--dir", f"{CODE}/grader"]
    for path in sorted(COURSE.iterdir()):
        if path.name not in HIDDEN_FROM_SESSIONS:
            arguments += ["--ro-bind", str(path), f"{CODE}/course/{path.name}"]
    for name in ("__init__.py", "wire.py", "inside"):
        arguments += ["--ro-bind", str(HERE / name), f"{CODE}/grader/{name}"]
    return [*arguments, "--perms", "0755", "--dir", TOOLBOX]


def _masks() -> list[str]:
    """Return the arguments that empty what must not be seen inside the folders bound above.

    An installed grader lies among the packages, with the source notebooks inside it;
    nbgrader's default exchange holds every submission; etc may hold tokens.
    """
    seen = [Path("/usr"), *_python_folders()]
    repository = [HERE.parent] if (HERE.parent / "source").is_dir() else []
    secret = [*repository, COURSE, HERE, Path("/usr/local/share/nbgrader"), Path("/usr/local/etc")]
    # An editable install puts the source notebooks there, though the code runs from elsewhere.
    secret += [Path(sysconfig.get_path(kind)) / "grader" for kind in ("purelib", "platlib")]
    secret += [folder / name for folder in seen for name in ("etc", "share/nbgrader")]
    arguments = []
    for path in dict.fromkeys(secret):
        if path.is_dir() and any(path.is_relative_to(folder) for folder in seen):
            arguments += ["--tmpfs", str(path), "--remount-ro", str(path)]
    return arguments


def _device_binds() -> list[str]:
    """Return the arguments for a /dev that no two sessions can meet in (so no ptys)."""
    arguments = ["--tmpfs", "/dev", "--dir", "/dev/shm"]
    for name in ("null", "zero", "full", "random", "urandom"):
        arguments += ["--dev-bind", f"/dev/{name}", f"/dev/{name}"]
    return [*arguments, "--symlink", "/proc/self/fd", "/dev/fd", "--remount-ro", "/dev"]


def bubblewrap(command: list[str]) -> list[str]:
    """Return the command line that runs ``command`` behind the outer wall.

    Parameters
    ----------
    command : list of str
        A program and its arguments, as seen from inside.

    Raises
    ------
    SandboxUnavailable
        If bubblewrap is not installed.
    """
    program = shutil.which("bwrap")
    if program is None:
        raise SandboxUnavailable("bubblewrap is not installed: apt install bubblewrap")
    arguments = [program, "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    # As process 1 the warm Python takes all its sessions with it, however it ends.
    arguments += ["--unshare-cgroup-try", "--as-pid-1", "--new-session", "--hostname", "session"]
    if os.geteuid() == 0:
        # Real root: keep what it takes to become nobody, and nothing else.
        arguments += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        arguments += ["--unshare-user"]
    arguments += _system_binds()
    for folder in _python_folders():
        arguments += [*_open_folders(folder), "--ro-bind", str(folder), str(folder)]
    arguments += _masks() + _code_binds()
    arguments += ["--proc", "/proc", *_device_binds()]
    scratch = scratch_folder()
    arguments += ["--perms", "1777", "--tmpfs", scratch, "--remount-ro", "/", "--chdir", scratch]
    return [*arguments, *command]


def environment(home: str | None = None) -> dict[str, str]:
    """Return every variable that a session sees; nothing of the grader's own is passed on.

    A session adds its language, and the place of the reference layers if it is handed them.
    ``home`` is the session's writable folder, `scratch_folder` by default.
    """
    home = home or scratch_folder()
    folders = dict.fromkeys([os.path.dirname(interpreter()), "/usr/local/bin", "/usr/bin", "/bin"])
    return {
        "PATH": os.pathsep.join(folders),
        "HOME": home,
        "TMPDIR": home,
        "USER": "student",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",  # the same notebook, the same order of sets, the same grade
        "OMP_NUM_THREADS": "1",  # a process with threads cannot be forked safely
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "COURSE_GRADED": "1",
    }


_MEND = (
    "User namespaces are needed. As root, one of: sysctl -w user.max_user_namespaces=15000; "
    "sysctl -w kernel.unprivileged_userns_clone=1 (old Debian); "
    "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu 24.04); "
    "in Docker: --security-opt seccomp=unconfined --security-opt apparmor=unconfined "
    "--security-opt systempaths=unconfined. "
    "Or grade without isolation, for code you trust: --unsafe-no-sandbox."
)


def refusal(said: str) -> SandboxUnavailable:
    """Return the error for a wall that this host refused with the words ``said``."""
    said = said.strip().splitlines()[-1] if said.strip() else "no reason was given"
    if "Error: " in said and not said.startswith("bwrap"):
        return SandboxUnavailable(f"the Python of the sandbox did not start: {said}")
    return SandboxUnavailable(f"this host refuses to isolate student code: {said}. {_MEND}")


@functools.cache
def available() -> SandboxUnavailable | None:
    """Return None when student code can be isolated on this host, else the reason why not.

    The outer wall alone is tried; a host that refuses the inner one says so when the
    first session starts.
    """
    if not sys.platform.startswith("linux"):
        return SandboxUnavailable(f"isolation needs Linux, this is {sys.platform}")
    try:
        command = bubblewrap([interpreter(), "-I", "-S", "-c", ""])
        probe = subprocess.run(
            command, env={}, stdin=subprocess.DEVNULL, capture_output=True, timeout=20, text=True
        )
    except SandboxUnavailable as error:
        return error
    except (OSError, subprocess.TimeoutExpired) as error:
        return refusal(str(error))
    return None if probe.returncode == 0 else refusal(probe.stderr)

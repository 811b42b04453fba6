"""The walls: what a session sees, what it may use, and that nothing is left of it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from nbformat import from_dict
from nbformat.v4 import new_code_cell, new_notebook

import grader
from course.toolbox import UNITS as UNITS_OF_LAYERS
from grader import sandbox
from grader.errors import SandboxUnavailable, SessionDied
from grader.forkserver import ForkServer
from grader.inside import walls
from grader.sandbox import Limits
from grader.units import kind, load_unit, reference_answer, reference_toolbox, unit_names
from grader.verdict import Examiner

REPOSITORY = Path(grader.__file__).resolve().parent.parent
SMALL = Limits(
    cell_time_s=60,
    memory_mb=200,
    session_memory_mb=450,
    processes=12,
    open_files=40,
    file_mb=4,
    scratch_mb=8,
)
BACKGROUND = (
    "import subprocess; subprocess.Popen(['sleep', '60'], start_new_session=True); print(1)"
)
needs_sandbox = pytest.mark.skipif(sandbox.available() is not None, reason=str(sandbox.available()))


@pytest.fixture(scope="module")
def server():
    os.environ["SECRET_TOKEN"] = "of the grader"
    with ForkServer(SMALL) as server:
        yield server
    del os.environ["SECRET_TOKEN"]


@pytest.fixture
def session(server):
    with server.new_session() as session:
        yield session


def told(session, source):
    """Run a cell and return what it printed; it must not fail."""
    result = session.run_cell(source, cell_id="cell")
    assert not result.error, result.outputs
    return "".join(o["text"] for o in result.outputs if o["output_type"] == "stream").strip()


def failed(session, source):
    """Run a cell that must fail, and return its error."""
    result = session.run_cell(source, cell_id="cell")
    assert result.error
    return result.outputs[-1]["ename"] + ": " + result.outputs[-1]["evalue"]


def children(pid: int) -> set[int]:
    """Return the processes that have ``pid`` as their parent."""
    with contextlib.suppress(OSError):
        return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
    return set()


def family(pid: int) -> set[int]:
    """Return all processes below ``pid``."""
    below = children(pid)
    return below.union(*map(family, below))


def memory(pid: int) -> bytes:
    """Return all memory of a process that can be read."""
    read = []
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as file:
        for line in maps:
            start, end = (int(x, 16) for x in line.split()[0].split("-"))
            if line.split()[1].startswith("rw"):
                with contextlib.suppress(OSError, ValueError):  # some regions refuse
                    file.seek(start)
                    read.append(file.read(end - start))
    return b"".join(read)


def settled(condition, seconds=5.0) -> bool:
    """Return whether ``condition`` comes true soon."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


# ---------------------------------------------------------------- what a session sees


@needs_sandbox
def test_files_of_the_grader_are_not_there(session, tmp_path):
    secret = tmp_path / "gradebook.db"
    secret.write_text("grades")
    paths = [
        REPOSITORY / n for n in ("source", "grader", "tests", ".git", "pyproject.toml", "course")
    ]
    paths += [
        secret,
        Path.home() / ".bashrc",
        Path("/home"),
        Path("/etc/passwd"),
        Path("/etc/shadow"),
    ]
    paths += [
        Path("/var/log"),
        Path("/sys"),
        Path("/run"),
        Path("/srv"),
        Path("/mnt"),
        Path("/boot"),
    ]
    assert any(p.exists() for p in paths)
    shown = told(
        session, f"import os; print([p for p in {[str(p) for p in paths]} if os.path.exists(p)])"
    )
    assert shown == "[]"


@needs_sandbox
def test_no_secret_is_found_by_walking(session):
    found = told(
        session,
        "import os\n"
        "names = {'_engine', 'misconceptions', 'gradebook.db', 'source', 'units.py', 'verdict.py', 'check_restore.py'}\n"
        "for base, folders, files in os.walk('/'):\n"
        "    if base.startswith(('/usr', '/lib')) or 'site-packages' in base or '/lib/python' in base: continue\n"
        "    for n in folders + files:\n"
        "        if n in names: print(base, n)\n",
    )
    assert found == ""


@needs_sandbox
def test_what_a_session_has_of_the_project(session):
    shown = json.loads(
        told(
            session,
            "import os, json, course, grader\n"
            "print(json.dumps([os.listdir(os.path.dirname(m.__file__)) for m in (course, grader)]))",
        )
    )
    assert "check.py" in shown[0]
    assert not {"_engine", "exchange"} & set(shown[0])
    assert sorted(shown[1]) == ["__init__.py", "inside", "wire.py"]


@needs_sandbox
def test_the_engine_is_nowhere_in_memory(session):
    assert (
        told(
            session,
            "import sys; print([m for m in sys.modules if '_engine' in m and 'course' in m])",
        )
        == "[]"
    )


@needs_sandbox
def test_the_environment_is_an_allow_list(session):
    names = set(json.loads(told(session, "import os, json; print(json.dumps(list(os.environ)))")))
    assert names <= {*sandbox.environment(), "COURSE_LANG", "PWD", "LC_CTYPE"}
    assert told(session, "!env | grep -c SECRET || true") == "0"
    assert "of the grader" not in told(session, "import os; print(dict(os.environ))")


@needs_sandbox
def test_everything_but_the_scratch_folder_is_read_only(session):
    tried = told(
        session,
        "import os, sys, course\n"
        "for folder in ('/', '/usr', '/etc', '/opt', '/dev', '/proc', '/home', '/root', sys.prefix, os.path.dirname(course.__file__)):\n"
        "    try:\n"
        "        open(os.path.join(folder, 'mark'), 'w')\n"
        "        print('wrote', folder)\n"
        "    except OSError: pass\n"
        "open(os.environ['HOME'] + '/mark', 'w').write('x'); open('here', 'w').write('x'); open('/dev/shm/x', 'w')\n"
        "print(os.getcwd())",
    )
    assert tried == sandbox.scratch_folder()


@needs_sandbox
def test_no_other_process_is_seen(server):
    with server.new_session() as first, server.new_session() as second:
        for session in (first, second):
            shown = told(
                session,
                "import os\nprint(os.getpid(), os.getppid(), os.listdir('/proc'), end=' ')\n"
                "for pid in range(2, 3000):\n"
                "    try: os.kill(pid, 0); print('sees', pid)\n"
                "    except ProcessLookupError: pass\n",
            )
            assert shown == "1 0 []"


@needs_sandbox
def test_there_is_no_network(session):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.3)
        port = listener.getsockname()[1]
        for host in ("127.0.0.1", "localhost", "::1"):
            error = failed(
                session, f"import socket; socket.create_connection(({host!r}, {port}), timeout=2)"
            )
            assert "rror" in error
        assert "gaierror" in failed(
            session, "import socket; socket.getaddrinfo('host.invalid', 80)"
        )
        with pytest.raises(TimeoutError):
            listener.accept()
    assert (
        told(session, "import socket; print(socket.if_nameindex(), socket.gethostname())")
        == "[(1, 'lo')] session"
    )


@needs_sandbox
def test_unix_sockets_of_the_host_are_out_of_reach(session, tmp_path):
    name = f"\0grader-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(name)
        listener.listen()
        source = f"import socket; socket.socket(socket.AF_UNIX).connect({name!r})"
        assert "ConnectionRefusedError" in failed(session, source)


@needs_sandbox
def test_sessions_do_not_meet(server):
    with server.new_session() as first, server.new_session() as second:
        told(
            first,
            "import os, socket\nopen(os.environ['HOME'] + '/note', 'w').write('x'); open('/dev/shm/note', 'w').write('x')\n"
            "s = socket.socket(socket.AF_UNIX); s.bind('\\0note'); s.listen()",
        )
        assert (
            told(second, "import os; print(os.listdir(os.environ['HOME']), os.listdir('/dev/shm'))")
            == "[] []"
        )
        assert "Refused" in failed(
            second, "import socket; socket.socket(socket.AF_UNIX).connect('\\0note')"
        )


@needs_sandbox
def test_only_one_file_is_open(session):
    shown = told(
        session,
        "import os\nkinds = {}\nfor fd in range(1000):\n"
        "    try: kinds[fd] = oct(os.fstat(fd).st_mode)[:4]\n"
        "    except OSError: pass\nprint(sorted(kinds))",
    )
    assert shown == "[0, 1, 2, 3]"


@needs_sandbox
def test_a_session_has_no_rights(session):
    shown = told(
        session,
        "import os, ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "print(os.getuid() != 0, libc.prctl(39, 0, 0, 0, 0), libc.prctl(3, 0, 0, 0, 0), end=' ')\n"
        "calls = {'unshare': (0x10000000,), 'setns': (0, 0), 'mount': (b'x', b'/tmp', b'tmpfs', 0, 0),\n"
        "         'umount2': (b'/proc', 2), 'ptrace': (0, 0, 0, 0), 'chroot': (b'/tmp',), 'setuid': (0,),\n"
        "         'memfd_create': (b'x', 0), 'shmget': (1, 4096, 0o1000)}\n"
        "for name, arguments in calls.items():\n"
        "    if getattr(libc, name)(*arguments) != -1: print('may', name)\n"
        "for fork in (0x10000011, 0x20000011, 0x40000011):\n"
        "    if libc.syscall(56, fork, 0, 0, 0, 0) != -1: print('may clone')\n"
        "try: os.setuid(0); print('root')\n"
        "except OSError: pass\n",
    )
    if os.uname().machine == "x86_64":
        assert shown == "True 1 0"  # no new privileges; not dumpable


@needs_sandbox
def test_a_set_user_id_program_gives_nothing(session):
    su = "/usr/bin/su" if os.path.exists("/usr/bin/su") else "/bin/su"
    assert (
        told(session, f"!id -u; {su} -c 'id -u' </dev/null 2>/dev/null || true").split()[0] != "0"
    )
    assert "\n0" not in told(session, f"!{su} -c 'id -u' </dev/null || true")


@needs_sandbox
def test_ordinary_use_still_works(session):
    source = (
        "import os, subprocess, sys, threading, multiprocessing, tempfile\n"
        "print(subprocess.run([sys.executable, '-c', 'print(3)'], capture_output=True, text=True).stdout.strip())\n"
        "t = threading.Thread(target=print, args=(4,)); t.start(); t.join()\n"
        "with multiprocessing.get_context('fork').Pool(2) as pool: print(pool.map(abs, [-5]))\n"
        "with tempfile.NamedTemporaryFile() as f: f.write(b'x'); print(f.name.startswith(os.getcwd()))"
    )
    assert told(session, source).split() == ["3", "4", "[5]", "True"]


# ---------------------------------------------------------------- the reference layers

UNITS = unit_names()
LOADS_LAYERS = [name for name in UNITS if load_unit(name).loads_layers]
# Looks for the layers in every way that a student's code has; prints what it finds. The names are
# those of `grader.units`, the text is a piece of a layer, written backwards: else it finds itself.
SEARCH = """
import ctypes, gc, glob, json, linecache, os, pathlib, subprocess, sys
NAMES, TEXT, PLACE = {names!r}, {text!r}[::-1], {place!r}
libc = ctypes.CDLL(None, use_errno=True)


def holds(value):
    return TEXT in value if type(value) is str else TEXT.encode() in value


def read(path):
    try:
        return open(path, "rb").read(1 << 20)
    except OSError:
        return b""


def look():
    found = set()
    places = [PLACE, PLACE + "/", "/opt", *sys.path, os.getcwd(), os.environ["HOME"], "/dev/shm"]
    places += ["/proc/1/root" + PLACE, "/proc/self/root" + PLACE, "/proc/self/cwd/.." + PLACE]
    places += ["/proc/%d/root%s" % (pid, PLACE) for pid in (0, 1, 2, 3, os.getppid())]
    places += glob.glob("/tmp/*") + glob.glob("/scratch/*") + glob.glob(PLACE + "/*")
    if "COURSE_TOOLBOX" in os.environ:
        found.add("the environment")
        places.append(os.environ["COURSE_TOOLBOX"])
    for place in places:
        found |= {{"by name" for name in NAMES if holds(read(f"{{place}}/{{name}}.py"))}}
    stop = ("/usr", "/lib", sys.prefix, sys.base_prefix)
    for base, folders, files in os.walk("/"):
        folders[:] = [f for f in folders if not os.path.join(base, f).startswith(stop)]
        found |= {{"by walking" for name in files if holds(read(os.path.join(base, name)))}}
    listed = subprocess.run(["ls", "-A", PLACE], capture_output=True, text=True).stdout.split()
    if listed:
        found.add("by ls")
    for fd in range(1024):
        try:
            found |= {{"an open file"}} if holds(os.pread(fd, 1 << 20, 0)) else set()
        except OSError:
            pass
    for one in gc.get_objects():
        if type(one) in (dict, list, tuple, set):
            values = list(one.values()) if type(one) is dict else list(one)
            mine = (v for v in values if type(v) in (str, bytes) and v != TEXT)
            found |= {{"in memory" for v in mine if holds(v)}}
    if any(m.startswith("toolbox") for m in sys.modules):
        found.add("a module")
    from course import toolbox
    for name in NAMES:
        if isinstance(toolbox.load(name), type) and not hasattr(toolbox.load(name), "forward"):
            continue
        found.add("by loading")
    return found


found = look()
for place in (PLACE, "/proc", "/tmp", "/opt", "/"):  # is something covered?
    for flags in (0, 1, 2, 8):
        if libc.umount2(place.encode(), flags) == 0:
            found.add("uncovered " + place)
libc.unshare(0x10020000)
print(json.dumps(sorted(found | look())))
"""


def search_cell():
    """Return a cell that looks for the reference layers."""
    text = reference_answer(load_unit("05-affine-softmax").answers["affine"])
    line = max((line.strip() for line in text.splitlines()), key=len)
    names = sorted(UNITS_OF_LAYERS)
    source = SEARCH.format(names=names, text=line[::-1], place=sandbox.TOOLBOX)
    assert any(line in p.read_text() for p in reference_toolbox().glob("*.py"))
    return new_code_cell(source, id="search")


def found_by(examiner, name):
    """Return what a student's search for the layers finds in a session of a unit."""
    cell = search_cell()
    cells = [c for c in load_unit(name).notebook.cells if kind(c) == "given"]
    examiner.execute(new_notebook(cells=[*from_dict(cells), cell]), load_unit(name))
    (output,) = cell.outputs
    assert output["output_type"] == "stream", output
    return set(json.loads(output["text"]))


@pytest.fixture(scope="module")
def examiner():
    with Examiner() as examiner:
        yield examiner


@needs_sandbox
def test_unit_06_loads_layers():
    assert LOADS_LAYERS == ["06-two-layer-net"]


@needs_sandbox
@pytest.mark.parametrize("name", [n for n in UNITS if n not in LOADS_LAYERS])
def test_the_reference_layers_are_in_no_session_of_another_unit(examiner, name):
    assert found_by(examiner, LOADS_LAYERS[0]) >= {
        "the environment", "by name", "by walking", "by ls", "by loading",
    }  # the search is able to find them; and they have been in this sandbox before  # fmt: skip
    assert found_by(examiner, name) == set()


@needs_sandbox
def test_the_toolbox_is_there_when_asked_for(tmp_path, server):
    (tmp_path / "Relu.py").write_text("class Relu:\n    answer = '\N{SNOWMAN}'\n", "utf-8")
    tmp_path.chmod(0o700)  # as tempfile makes them: nobody cannot look into it
    source = "from course import toolbox; print(toolbox.load('Relu').answer)"
    listed = f"import os; print(os.environ.get('COURSE_TOOLBOX'), os.listdir({sandbox.TOOLBOX!r}))"
    with (
        server.new_session() as before,
        server.new_session(tmp_path) as session,
        server.new_session() as after,
    ):
        assert told(session, source) == "\N{SNOWMAN}"
        for change in (
            f"open({sandbox.TOOLBOX!r} + '/x', 'w')",
            f"open({sandbox.TOOLBOX!r} + '/Relu.py', 'w')",
            f"import os; os.remove({sandbox.TOOLBOX!r} + '/Relu.py')",
        ):
            assert "Read-only" in failed(session, change)
        for other in (before, after):
            assert told(other, listed) == "None []"
            assert "Read-only" in failed(other, f"open({sandbox.TOOLBOX!r} + '/x', 'w')")
    with server.new_session() as session:
        assert told(session, listed) == "None []"


@needs_sandbox
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to read the memory of the sandbox")
def test_the_layers_are_in_the_memory_of_no_other_process(tmp_path):
    secret = f"answer {os.urandom(8).hex()}"
    (tmp_path / "Relu.py").write_text(f"class Relu:\n    answer = {secret!r}\n")
    source = "from course import toolbox; print(len(toolbox.load('Relu').answer))"
    with ForkServer(SMALL) as server:
        with server.new_session(tmp_path) as session:
            (warm,) = children(server._process.pid)
            theirs = family(warm)
            assert told(session, source) == str(len(secret))
            with server.new_session() as other:
                told(other, "print(1)")
                others = family(warm) - theirs
                assert [secret.encode() in memory(pid) for pid in sorted(theirs)] == [True]
                assert [secret.encode() in memory(pid) for pid in {warm, *others}] == [False] * 2
        with server.new_session() as after:
            told(after, "print(1)")
            pids = family(server._process.pid)
            assert [secret.encode() in memory(pid) for pid in pids] == [False] * 2


def test_without_a_sandbox_the_environment_alone_tells_of_the_toolbox(tmp_path):
    (tmp_path / "Relu.py").write_text("class Relu:\n    answer = 42\n")
    source = "from course import toolbox; print(toolbox.load('Relu').answer)"
    shown = "import os; print(os.environ.get('COURSE_TOOLBOX'))"
    with (
        ForkServer(SMALL, isolated=False) as server,
        server.new_session(tmp_path) as session,
        server.new_session() as other,
    ):
        assert told(session, source) == "42"
        assert told(other, shown) == "None"


# ---------------------------------------------------------------- what it may use


@needs_sandbox
def test_memory_of_one_process(session):
    assert "MemoryError" in failed(session, "x = bytearray(1 << 30)")
    assert "MemoryError" in failed(session, "x = []\nwhile True: x.append(bytearray(1 << 20))")
    assert told(session, "del x; print(1)") == "1"


@needs_sandbox
def test_memory_of_all_processes_together(server):
    source = (
        "import os, time\n"
        "for _ in range(5):\n"
        "    if os.fork() == 0:\n"
        "        x = os.urandom(1 << 20) * 120\n"
        "        time.sleep(30)\n"
        "        os._exit(0)\n"
        "time.sleep(30)"
    )
    with server.new_session() as session, server.new_session() as other:
        result = session.run_cell(source, cell_id="bomb")
        assert isinstance(result.ended, SessionDied)
        assert "used more than 450 MB of memory in cell 'bomb'" in str(result.ended)
        assert told(other, "print(1)") == "1"


@needs_sandbox
def test_processes_are_counted(session):
    source = (
        "import os, time\nmade = 0\ntry:\n    for _ in range(60):\n"
        "        if os.fork() == 0:\n            time.sleep(30); os._exit(0)\n        made += 1\n"
        "except BlockingIOError: pass\nprint(made)"
    )
    assert 1 <= int(told(session, source)) < SMALL.processes


@needs_sandbox
def test_processes_of_one_session_do_not_count_for_another(server):
    source = "import os, time\nfor _ in range(8):\n    if os.fork() == 0:\n        time.sleep(30); os._exit(0)\nprint('ok')"
    with server.new_session() as first, server.new_session() as second:
        assert told(first, source) == told(second, source) == "ok"


@needs_sandbox
def test_a_fork_bomb(server):
    source = "import os\nfor _ in range(12):\n    try: os.fork()\n    except BlockingIOError: pass\nimport time; time.sleep(30)"
    with ForkServer(Limits(cell_time_s=1, grace_s=0.5, processes=10)) as own:
        with own.new_session() as session, own.new_session() as other:
            result = session.run_cell(source, cell_id="bomb")
            assert result.error
            session.close()
            assert told(other, "print(1)") == "1"
            other.close()
        assert settled(lambda: len(family(own._process.pid)) == 1)


@needs_sandbox
def test_threads_are_counted(session):
    source = (
        "import threading, time\nmade = 0\ntry:\n    for _ in range(60):\n"
        "        threading.Thread(target=time.sleep, args=(30,), daemon=True).start(); made += 1\n"
        "except RuntimeError: pass\nprint(made)"
    )
    assert 1 <= int(told(session, source)) < SMALL.processes


@needs_sandbox
@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("open('big', 'wb').write(bytes(5 << 20))", "File too large"),
        ("for i in range(9): open(f'big{i}', 'wb').write(bytes(3 << 20))", "No space left"),
        ("for i in range(20_000): open(f'small{i}', 'w').close()", "No space left"),
        ("x = [open('/dev/null') for _ in range(60)]", "Too many open files"),
        ("import os; os.truncate(open('sparse', 'w').name, 1 << 40)", "File too large"),
        ("open('/dev/shm/x', 'wb').write(bytes(64 << 20))", "File too large"),
        ("import os; os.mknod('disk', 0o60666, os.makedev(254, 0))", "not permitted"),
    ],
)
def test_files_are_bounded(session, source, error):
    assert error in failed(session, source)
    assert told(session, "x = None; print(1)") == "1"


@needs_sandbox
def test_limits_cannot_be_raised(session):
    error = failed(
        session, "import resource; resource.setrlimit(resource.RLIMIT_NPROC, (500, 500))"
    )
    assert "ValueError" in error or "PermissionError" in error


@needs_sandbox
def test_a_process_in_the_background_ends_with_the_session(server):
    session = server.new_session()
    source = (
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0: time.sleep(60)\n    os._exit(0)\n"
        "print('left')"
    )
    assert told(session, source) == "left"
    assert len(family(server._process.pid)) >= 3
    session.close()
    assert len(family(server._process.pid)) == 1  # the warm Python alone


@needs_sandbox
def test_nothing_is_left(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # other tests use the common one
    server = ForkServer(SMALL)
    server.start()
    session = server.new_session()
    told(session, f"open('file', 'w').write('x')\n{BACKGROUND}")
    processes = family(server._process.pid) | {server._process.pid}
    assert len(processes) >= 3
    server.close()
    assert settled(lambda: not any(os.path.exists(f"/proc/{p}") for p in processes))
    assert os.listdir(tmp_path) == []


@needs_sandbox
def test_a_grader_that_is_killed_leaves_nothing():
    program = (
        "import os, time\nfrom grader.forkserver import ForkServer\n"
        "server = ForkServer(); server.start(); session = server.new_session()\n"
        f"session.run_cell({BACKGROUND!r}, cell_id='x')\n"
        "print(server._process.pid, flush=True); time.sleep(60)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )
    with process:
        pid = int(process.stdout.readline())
        processes = family(pid) | {pid}
        process.kill()
    assert len(processes) >= 3
    assert settled(lambda: not any(os.path.exists(f"/proc/{p}/exe") for p in processes))


# ---------------------------------------------------------------- hosts that refuse


def test_without_bubblewrap_it_says_so(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(
        SandboxUnavailable, match="bubblewrap is not installed: apt install bubblewrap"
    ):
        sandbox.bubblewrap(["true"])


def test_a_refusal_names_the_cause_and_the_cure():
    error = sandbox.refusal("bwrap: No permissions to create a new namespace\n")
    for words in ("No permissions to create", "sysctl", "--unsafe-no-sandbox"):
        assert words in str(error)
    assert "did not start: ModuleNotFoundError" in str(sandbox.refusal("ModuleNotFoundError: No x"))


def test_a_host_that_refuses_is_refused(monkeypatch):
    reason = sandbox.refusal("bwrap: refused")
    monkeypatch.setattr(sandbox, "available", lambda: reason)
    with pytest.raises(SandboxUnavailable, match="refused"), ForkServer():
        pass


@needs_sandbox
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to forbid user namespaces")
def test_a_host_without_inner_namespaces_is_refused():
    program = (
        "from grader.forkserver import ForkServer\nfrom grader.errors import SandboxUnavailable\n"
        "from grader import sandbox\nplain = sandbox.bubblewrap\n"
        "def forbidding(command):\n"
        "    shell = 'echo 0 > /proc/sys/user/max_user_namespaces; exec \"$@\"'\n"
        "    return ['unshare', '-U', '--map-root-user', 'sh', '-c', shell, '-', *plain(command)]\n"
        "sandbox.bubblewrap = forbidding\nsandbox.available = lambda: None\n"
        "try:\n    with ForkServer() as server: server.new_session()\n"
        "except SandboxUnavailable as error: print('refused:', error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.startswith("refused:"), done.stderr


@needs_sandbox
def test_an_environment_behind_a_link(tmp_path):
    """A session has no link that leads to the environment, and needs none."""
    link = tmp_path / "environment"
    link.symlink_to(sys.prefix)
    code = """
from grader.forkserver import ForkServer
with ForkServer() as server, server.new_session() as session:
    session.run_cell("import sys, numpy\\nprefix = sys.prefix", cell_id="a")
    print(session.run_cell("prefix", cell_id="b").outputs)
"""
    command = [link / "bin" / "python", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert str(Path(sys.prefix).resolve()) in done.stdout


def test_masks_cover_an_installed_grader(monkeypatch):
    inside = Path(sys.prefix).resolve() / "lib"
    monkeypatch.setattr(sandbox, "COURSE", inside)
    monkeypatch.setattr(sandbox, "_python_folders", lambda: [Path(sys.prefix).resolve()])
    assert str(inside) in sandbox._masks()


def test_the_filter_is_for_two_machines():
    assert walls.filter_program("riscv64") is None
    for machine in ("x86_64", "aarch64"):
        assert len(walls.filter_program(machine)) % 8 == 0


# ---------------------------------------------------------------- as an ordinary user

ORDINARY_USER = 54321
NOT_NEEDED = (
    "jupyter",
    "notebook",
    "pip",
    "uv",
    "ruff",
    "hypothesis",
    "scipy",
    "playwright",
    "debugpy",
)
AS_USER = """
import json, pathlib, tempfile
from grader.forkserver import ForkServer
from grader.sandbox import Limits
with ForkServer(Limits(processes=12)) as server:
    with server.new_session() as session:
        session.run_cell("def f(x): return 2 * x", cell_id="f")
        source = "import os; [os.getpid(), os.path.exists('/home'), os.listdir('/proc'), os.getuid()]"
        shown = session.run_cell(source, cell_id="x").outputs[0]["data"]["text/plain"]
        doubled = session.stand_in("f")(21)
        bomb = session.run_cell("for _ in range(99):\\n    if os.fork() == 0: import time; time.sleep(9); os._exit(0)", cell_id="b")
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "Relu.py").write_text("Relu = 6")
        with server.new_session(pathlib.Path(folder)) as session:
            source = "from course import toolbox; toolbox.load('Relu')"
            loaded = session.run_cell(source, cell_id="x").outputs[0]["data"]["text/plain"]
    print(json.dumps([doubled, eval(shown), bomb.outputs[0]["ename"], eval(loaded)]))
"""


@pytest.fixture(scope="module")
def users_python():
    """Return a Python with our packages that an ordinary user can read, or skip."""
    if os.geteuid() != 0:
        pytest.skip("is one already: the other tests show it")
    system = "/usr/bin/python3"
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if not os.path.exists(system) or version not in subprocess.getoutput(f"{system} -V"):
        pytest.skip(f"there is no {system} of version {version}")
    if not os.stat(REPOSITORY).st_mode & 0o005:
        pytest.skip("an ordinary user cannot read the repository")
    folder = Path(tempfile.mkdtemp(prefix="grader-user-", dir="/var/tmp"))
    folder.chmod(0o755)
    try:
        made = subprocess.run(
            [system, "-m", "venv", "--without-pip", str(folder)], capture_output=True
        )
        packages = next(p for p in map(Path, sys.path) if p.name == "site-packages")
        target = folder / "lib" / f"python{version}" / "site-packages"
        needed = [p for p in packages.iterdir() if not p.name.startswith(NOT_NEEDED)]
        linked = subprocess.run(["cp", "-al", *needed, target], capture_output=True)
        if made.returncode or linked.returncode:
            pytest.skip("no environment could be made for an ordinary user")
        yield folder / "bin" / "python"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@needs_sandbox
def test_it_works_as_an_ordinary_user(users_python):
    done = subprocess.run(
        [str(users_python), "-c", AS_USER],
        user=ORDINARY_USER,
        group=ORDINARY_USER,
        extra_groups=[],
        cwd="/",
        env={
            "PYTHONPATH": str(REPOSITORY),
            "PATH": "/usr/bin:/bin",
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    doubled, seen, error, loaded = json.loads(done.stdout)
    assert doubled == 42
    assert loaded == 6
    assert seen == [1, False, [], ORDINARY_USER]
    assert error == "BlockingIOError"

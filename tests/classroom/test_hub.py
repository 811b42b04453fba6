"""The classroom's Hub as its people find it, on both versions of JupyterHub that are supported."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
import requests

from grader.exchange.hub import COURSE, instructors_group, students_group
from grader.exchange.tryout import INSTRUCTOR, OPERATOR
from grader.units import unit_names

from .harness import ROOT, Classroom, Refused, hub_packages

UNIT = unit_names()[0]
HUBS = [pytest.param({"hub": version, "students": 3}, id=f"hub{version}") for version in "65"]
on_both = pytest.mark.parametrize("classroom", HUBS, indirect=True, scope="module")

# Run in a student's kernel; prints what it finds as JSON.
LOOK_ROUND = """
import importlib, json, os, pathlib, subprocess

def attempt(what):
    try:
        return what() and "done"
    except (OSError, ImportError) as error:
        return type(error).__name__

def found(*test):
    out = subprocess.run(["find", "/", *test], capture_output=True, text=True).stdout
    # nbgrader has a gradebook and notebooks of its own, in its tests and its manual
    return [p for p in out.splitlines() if "/site-packages/nbgrader/" not in p]

print(json.dumps({
    "uid": os.getuid(),
    "grader": attempt(lambda: importlib.import_module("grader.grading")),
    "course": attempt(lambda: importlib.import_module("course.check")),
    "hub": __import__("jupyterhub").__version__,
    "gradebooks": found("-name", "gradebook.db*"),
    "sources": found("-name", "*.ipynb", "-path", "*source*"),
    "secrets": found("(", "-name", "passwords*", "-o", "-name", "jupyterhub.sqlite", ")"),
    "plugins": found("-name", "nbgrader_plugins.py"),
    "writable": [p for p in ("/", "/usr", "/etc", "/students", "/tmp", str(pathlib.Path.home()))
                 if os.access(p, os.W_OK)],
    "homes": os.listdir("/students"),
    "home": [str(pathlib.Path.home()), os.environ["HOME"], os.getcwd()],
    "programs": sorted(set(subprocess.run(["ps", "axo", "comm="], capture_output=True,
                text=True).stdout.split())),
    "environment": sorted(os.environ),
}))
"""


def touching(folder: Path) -> list[psutil.Process]:
    """Return the processes of a classroom: those that name its folder anywhere."""
    found = []
    for process in psutil.process_iter():
        try:
            about = [*process.cmdline(), *process.environ().values(), process.cwd()]
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
        if process.pid != os.getpid() and any(str(folder) in one for one in about):
            found.append(process)
    return found


@on_both
def test_student_has_course_and_nothing_of_the_instructors(classroom):
    student = classroom.student("student1")
    seen = json.loads(student.execute(LOOK_ROUND))
    assert seen["uid"] != 0
    assert seen["hub"].split(".")[0] == classroom.hub
    assert (seen["course"], seen["grader"]) == ("done", "ImportError")
    assert seen["gradebooks"] == seen["sources"] == seen["secrets"] == seen["plugins"] == []
    home = "/students/student1"
    assert seen["writable"] == ["/tmp", home]
    assert seen["homes"] == ["student1"]
    assert set(seen["home"]) == {home}
    programs = {name for name in seen["programs"] if not name.startswith("python")}
    assert programs <= {"bwrap", "jupyterhub-sing", "npm", "node", "ps"}
    assert not {"CONFIGPROXY_AUTH_TOKEN", "JUPYTERHUB_CRYPT_KEY"} & set(seen["environment"])


# Run in a student's kernel: reads what kernels and servers that are not theirs broadcast, for as
# long as the neighbour needs. Ports of their own are in the list too: so that it would be seen.
OVERHEAR = """
import os, time, zmq
deadline = time.monotonic() + 12
heard, context = b"", zmq.Context()
channel = context.socket(zmq.SUB)
channel.setsockopt(zmq.SUBSCRIBE, b"")
known = set()
while time.monotonic() < deadline:
    rows = [line.split() for line in open("/proc/net/tcp")][1:]
    ports = {int(r[1].split(":")[1], 16) for r in rows if r[3] == "0A" and r[1][:8] == "0100007F"}
    for port in ports - known:
        channel.connect(f"tcp://127.0.0.1:{port}")
    known |= ports
    while channel.poll(200):
        heard += b"".join(channel.recv_multipart())
print(len(known), b"what-only-I-may-know" in heard, b"what-all-may-know" in heard)
"""
# Run in another's kernel meanwhile, and in one without a classroom's settings.
SPEAK = """
import time
for _ in range(30):
    print({said!r})
    time.sleep(0.5)
"""


@on_both
def test_no_student_overhears_another(classroom):
    """A kernel that speaks in the clear is heard, so the ear is good; a neighbour's is not."""
    ear, neighbour = classroom.student("student2"), classroom.student("student1")
    code = SPEAK.format(said="what-all-may-know")
    clear = (
        "from jupyter_client import KernelManager as K; import time; m = K(); m.start_kernel(); "
        f"c = m.client(); c.start_channels(); c.wait_for_ready(); c.execute({code!r}); "
        "time.sleep(20); m.shutdown_kernel(now=True)"
    )
    with ThreadPoolExecutor(2) as pool:
        speaking = [
            pool.submit(neighbour.execute, SPEAK.format(said="what-only-I-may-know")),
            pool.submit(subprocess.run, [sys.executable, "-c", clear], check=True, timeout=60),
        ]
        ports, secret, open_word = ear.execute(OVERHEAR).split()
        for one in speaking:
            one.result(60)
    assert int(ports) > 5
    assert (secret, open_word) == ("False", "True")


# Run in a student's kernel: takes over what each of its processes says something into, by the
# kernel's pidfd_getfd (438 on all machines), and says something there.
INTO_THE_LOG = """
import ctypes, os, stat
taken = 0
for process in filter(str.isdigit, os.listdir("/proc")):
    for number in (1, 2):
        try:
            handle = os.pidfd_open(int(process))
            copy = ctypes.CDLL(None).syscall(438, handle, number, 0)
            if copy >= 0 and stat.S_ISREG(os.fstat(copy).st_mode):
                taken += os.write(copy, b"[I classroom] forged\\n") > 0
        except OSError:
            pass
print(taken)
"""


@on_both
def test_a_students_server_holds_nothing_of_the_hubs_log(classroom):
    student = classroom.student("student1")
    assert int(student.execute(INTO_THE_LOG)) > 0
    assert "forged" not in classroom.place.log.read_text("utf-8")
    own = (classroom.place.logs / "student1.log").read_text("utf-8")
    assert "forged" in own
    assert "ServerApp" in own


@on_both
def test_student_has_the_assignment_list_and_no_instructor_extension(classroom):
    student = classroom.student("student1")
    listed = {a["assignment_id"]: a["status"] for a in student.assignments()}
    assert listed == dict.fromkeys(unit_names(), "released")
    for path in ("formgraders", "formgrader", "formgrader/api/status"):
        with pytest.raises(Refused) as refusal:
            student.request("GET", path)
        assert refusal.value.status == 404, path
    assert set(student.page_config()["disabledExtensions"]) >= {
        "@jupyter/nbgrader:formgrader",
        "@jupyter/nbgrader:course-list",
        "@jupyter/nbgrader:create-assignment",
    }
    # Another's pages must not show a student's server in a frame.
    assert (
        student.request("GET", "lab")
        .headers["Content-Security-Policy"]
        .startswith("frame-ancestors 'none'")
    )


@on_both
def test_student_cannot_reach_what_is_not_theirs(classroom):
    token = classroom.token("student1")  # what code in their server holds
    headers = {"Authorization": f"token {token}"}
    classroom.student("student2")  # has a server
    for path in (
        f"services/{COURSE}/formgrader/api/assignments",
        f"services/{COURSE}/api/contents/source",
        "user/student2/api/contents/",
        "hub/api/users",
        "hub/api/users/student2",
        "hub/api/groups",
        "hub/api/proxy",
    ):
        answer = requests.get(classroom.url + path, headers=headers, timeout=60)
        assert answer.status_code in (403, 404), (path, answer.status_code, answer.text[:300])
    # with their browser's cookies too, by way of the Hub's login
    session = classroom.login("student1")
    for path in (f"services/{COURSE}/formgrader", "user/student2/lab", "hub/admin"):
        answer = session.get(path)
        assert answer.status_code in (403, 404), (path, answer.url, answer.status_code)
    # nor may they add themselves to the instructors
    for group in (students_group(), instructors_group()):
        with pytest.raises(Refused) as refusal:
            classroom.hub_api(
                "student1", "POST", f"groups/{group}/users", json={"users": ["student1"]}
            )
        assert refusal.value.status in (403, 404)


@on_both
def test_instructor_has_formgrader_by_way_of_the_course_list(classroom):
    server = classroom.student(INSTRUCTOR)
    (entry,) = server.json("GET", "formgraders")["value"]
    address = f"{classroom.url}services/{COURSE}/lab?formgrader=true"
    assert (entry["course_id"], entry["url"]) == (COURSE, address)
    assert not set(server.page_config()["disabledExtensions"]) & {"@jupyter/nbgrader:course-list"}

    session = classroom.login(INSTRUCTOR)
    lab = session.get(entry["url"])
    frame = session.get(f"services/{COURSE}/formgrader")
    assert (lab.status_code, frame.status_code) == (200, 200)
    assert frame.headers["Content-Security-Policy"] == "frame-ancestors 'self'"
    assert "Manage Assignments" in frame.text
    assert "not a subdirectory" not in frame.text
    units = classroom.formgrader().assignments()
    assert {u["name"]: u["status"] for u in units} == dict.fromkeys(unit_names(), "released")
    students = classroom.formgrader().json("GET", "students")
    assert [s["id"] for s in students] == ["student1", "student2", "student3"]


@on_both
def test_no_news_and_no_update_check(classroom):
    for name in ("student1", INSTRUCTOR):
        defaults = classroom.student(name).json(
            "GET", "lab/api/settings/@jupyterlab/apputils-extension:notification"
        )["schema"]["properties"]
        assert defaults["fetchNews"]["default"] == "false"
        assert defaults["checkForUpdates"]["default"] is False


@on_both
def test_wrong_password_and_unknown_name_are_refused(classroom):
    for name, password in (("student1", classroom.passwords["student2"]), ("nobody", "x")):
        with pytest.raises(Refused) as refusal:
            classroom.login(name, password)
        assert refusal.value.status == 403
    assert oct(classroom.place.passwords.stat().st_mode)[-3:] == "600"
    kept = classroom.place.hub / "passwords.json"
    assert oct(kept.stat().st_mode)[-3:] == "600"
    assert not any(p in kept.read_text() for p in classroom.passwords.values())


@on_both
def test_hub_that_dies_comes_back_and_servers_go_on(classroom):
    student = classroom.student("student1")
    student.write("before.txt", "still here")
    (hub,) = classroom.find("hub")
    servers = {p.pid for p in classroom.processes() if p.name().startswith("jupyterhub-sing")}
    assert servers
    time.sleep(max(0.0, hub.create_time() + 21 - time.time()))  # a Hub that lived a while
    classroom.kill("hub")

    def back() -> bool:
        try:
            return (
                classroom.find("hub") != []
                and requests.get(f"{classroom.url}hub/health", timeout=5).ok
                and student.read("before.txt") == "still here"
            )
        except (Refused, requests.RequestException):
            return False

    classroom.wait(back, pause_s=0.5)
    assert servers <= {p.pid for p in classroom.processes()}
    assert len(classroom.find("hub")) == len(classroom.find("proxy")) == 1
    assert len(classroom.find("formgrader")) >= 1


@on_both
def test_closed_by_ctrl_c_and_opened_again(classroom):
    """The last of a version: nothing is left running, and everything is kept."""
    student = classroom.student("student1")
    student.write("notes.txt", "mine")
    # Members change in the admin page: one goes, one comes.
    gone, new = {"users": ["student3"]}, {"users": ["newcomer"]}
    classroom.hub_api(OPERATOR, "DELETE", f"groups/{students_group()}/users", json=gone)
    classroom.hub_api(OPERATOR, "POST", "users/newcomer")
    classroom.hub_api(OPERATOR, "POST", f"groups/{students_group()}/users", json=new)
    passwords, everything = classroom.passwords, classroom.processes()
    assert {p.pid for p in touching(classroom.place.folder)} <= {p.pid for p in everything}
    assert len(everything) >= 8

    assert classroom.stop() < 15
    assert classroom.process.returncode == 0
    assert [p for p in everything if p.is_running()] == []
    assert touching(classroom.place.folder) == []
    with socket.socket() as port:
        port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        port.bind(("127.0.0.1", classroom.port))

    classroom.start()
    assert classroom.passwords == passwords
    student = classroom.student("student1")
    assert student.read("notes.txt") == "mine"
    assert {a["status"] for a in student.assignments()} == {"released"}
    members = classroom.hub_api(OPERATOR, "GET", f"groups/{students_group()}").json()["users"]
    assert sorted(members) == ["newcomer", "student1", "student2"]
    former = classroom.student("student3").json("GET", "assignments", params={"course_id": COURSE})
    assert not former["success"], former
    assert classroom.stop(signal.SIGTERM) < 15
    assert touching(classroom.place.folder) == []


def test_killed_outright_it_leaves_nothing(tmp_path):
    with Classroom(tmp_path / "c", students=1) as classroom:
        classroom.start_server("student1")
        everything = classroom.processes()
        classroom.process.kill()
        _gone, alive = psutil.wait_procs(everything, timeout=60)  # the Hub ends in order
        assert alive == []
        assert touching(classroom.place.folder) == []

        # Killed together with its Hub it cannot help leaving the rest; the next start does that.
        classroom.start()
        classroom.start_server("student1")
        left = [p for what in ("proxy", "formgrader") for p in classroom.find(what)]
        left += [p for p in classroom.processes() if p.name() == "bwrap"]
        (hub,) = classroom.find("hub")
        classroom.process.kill()
        hub.kill()
        classroom.process.wait(10)
        editor = subprocess.Popen(["sleep", "600"], cwd=classroom.place.course)
        try:
            assert [p for p in left if p.is_running()]
            classroom.start()
            assert editor.poll() is None
        finally:
            editor.kill()
            editor.wait()
        assert [p for p in left if p.is_running()] == []
        classroom.stop()
        assert touching(classroom.place.folder) == []


def test_a_service_that_fails_ends_it_with_the_reason_and_leaves_no_proxy(tmp_path):
    def break_settings(course: Path) -> None:
        with open(course / "nbgrader_config.py", "a") as file:
            file.write("\nc.CourseDirectory.course_id = 'another'\n")

    classroom = Classroom(tmp_path / "c", students=1, prepare=break_settings)
    with pytest.raises(AssertionError, match=r"(?s)the Hub ended with code 1.*another"):
        classroom.start()
    assert classroom.process.returncode == 2
    assert touching(classroom.place.folder) == []


def test_port_and_folder_that_are_taken(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [str(Path(sys.executable).with_name("grader")), "classroom"]
        command += ["--folder", str(tmp_path / "c"), "--port", str(port)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert f"port {port} of 127.0.0.1 cannot be used (address already in use)" in done.stderr
    assert not (tmp_path / "c" / "course").exists()


def test_the_two_hubs_are_what_they_should_be():
    assert hub_packages("6") is None
    packages = hub_packages("5")
    code = "import jupyterhub; print(jupyterhub.__version__)"
    for path, version in ((str(packages), "5.5."), ("", "6.")):
        done = subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONPATH": path}, capture_output=True, text=True
        )
        assert done.stdout.startswith(version)

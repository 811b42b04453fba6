"""The production form on this host: real accounts, PAM, the Hub as root, a backup under load."""

from __future__ import annotations

import grp
import hashlib
import importlib
import json
import os
import pwd
import shutil
import socket
import sqlite3
import subprocess
import threading
import time
from pathlib import Path

import nbformat
import psutil
import pytest
import requests

from grader.classroom import fill_in
from grader.exchange.hub import COURSE, instructors_group, students_group
from grader.sandbox import available
from grader.units import load_unit, reference_answer

from .harness import Refused, free_port
from .production import DEPLOY, People, Production, interpreter
from .test_loop import UNIT, VISIBLE_ONLY, write_answers

# Run in a student's kernel; prints what it can do as JSON.
LOOK_ROUND = """
import importlib, json, os, pathlib, pwd, subprocess

def attempt(what):
    try:
        what()
        return "done"
    except (OSError, ImportError) as error:
        return type(error).__name__

places = json.loads('''%s''')
print(json.dumps({
    "user": pwd.getpwuid(os.getuid()).pw_name,
    "ids": [os.getuid(), os.geteuid(), os.getgid()],
    "groups": os.getgroups(),
    "home": [os.environ["HOME"], os.getcwd()],
    "grader": attempt(lambda: importlib.import_module("grader")),
    "course": attempt(lambda: importlib.import_module("course.check")),
    "listed": {place: attempt(lambda: os.listdir(place)) for place in places},
    "read": {place: attempt(lambda: open(place).read()) for place in places},
    "root": attempt(lambda: os.setuid(0)),
    "hidden": subprocess.run(
        ["grep", "-rlsI", "BEGIN HIDDEN TESTS", *places], capture_output=True, text=True
    ).stdout,
    "environment": sorted(os.environ),
}))
"""


@pytest.fixture(scope="module")
def classroom():
    """The production form with one unit, run for all tests of this module in their order."""
    if os.geteuid() != 0:
        pytest.skip("the production form makes accounts and changes users: root is needed")
    python = interpreter()
    if python is None:
        assert not os.environ.get("CI"), "no Python of this version that every user can run"
        pytest.skip("no Python of this version that every user of this host can run")
    if refused := available():
        assert not os.environ.get("CI"), refused
        pytest.skip(str(refused))
    with Production(python, [UNIT]) as running:
        yield running


def records(classroom: Production, name: str) -> list[dict]:
    """Return what somebody has handed in, as the service tells them."""
    answer = classroom.service("GET", "api/submissions", name=name)
    assert answer.ok, answer.text
    return answer.json()


def hand_in(classroom: Production, name: str, notebook: bytes) -> dict:
    """Hand in a notebook with the token of somebody's server; return its record."""
    path = f"api/units/{UNIT}/submissions?name={UNIT}.ipynb"
    answer = classroom.service("POST", path, name=name, data=notebook)
    assert answer.status_code == 201, answer.text
    return answer.json()


def graded(classroom: Production, name: str) -> list[dict] | None:
    """Return what somebody has handed in as soon as all of it is graded."""
    found = records(classroom, name)
    return found if found and all(one["state"] == "graded" for one in found) else None


@pytest.fixture
def accounts(monkeypatch):
    """The module that makes accounts, and the groups of a classroom without a Hub."""
    if os.geteuid() != 0:
        pytest.skip("accounts are made: root is needed")
    monkeypatch.syspath_prepend(str(DEPLOY))
    module, settings = (importlib.import_module(n) for n in ("hub_accounts", "hub_settings"))
    with People() as people:
        groups = settings.Accounts(people.services, people.staff, people.users)
        yield module, people, groups
        subprocess.run(["userdel", "--remove", people.name("new")], capture_output=True)


def test_account_is_made_for_a_login_that_brings_none(accounts):
    module, people, groups = accounts
    name = people.name("new")
    module.prepare(name, "student", groups, make=True)
    made = pwd.getpwnam(name)
    assert made.pw_uid >= 1000
    assert made.pw_dir == f"/home/{name}"
    assert Path(made.pw_dir).stat().st_mode & 0o777 == 0o700
    assert Path(made.pw_dir).stat().st_uid == made.pw_uid
    assert grp.getgrgid(made.pw_gid).gr_name == name
    (line,) = [x for x in Path("/etc/shadow").read_text().splitlines() if x.startswith(f"{name}:")]
    assert line.split(":")[1].startswith("!")  # no password opens it
    # again, now as an instructor, and as a student once more
    for role, member in (("instructor", True), ("student", False)):
        module.prepare(name, role, groups, make=True)
        assert (name in grp.getgrnam(people.staff).gr_mem) == member
    with pytest.raises(module.NoServer, match="somebody else's"):
        module.prepare(people.name("ada"), "student", groups, make=True)


def test_login_by_the_password_of_the_account(classroom):
    ada, ben = classroom.students
    classroom.login(ada)
    for name, password in ((ada, classroom.passwords[ben]), (classroom.people.services, "x")):
        with pytest.raises(Refused) as refusal:
            classroom.login(name, password)
        assert refusal.value.status == 403


def test_account_that_the_hub_does_not_know_is_not_let_in(classroom):
    """A password of this host is not enough: the operator is let in by the settings alone."""
    people = classroom.hub_api(classroom.operator, "GET", "users").json()
    known = {one["name"] for one in people}
    wanted = {*classroom.students, classroom.instructor, classroom.operator, f"grader-{COURSE}"}
    assert known == wanted
    groups = {
        g["name"]: set(g["users"])
        for g in classroom.hub_api(classroom.operator, "GET", "groups").json()
    }
    assert groups[students_group()] == set(classroom.students)
    assert groups[instructors_group()] == {classroom.instructor, f"grader-{COURSE}"}


def test_whoever_is_in_no_group_gets_no_server_and_is_told_why(classroom):
    with pytest.raises(Refused, match="is not in this course") as refusal:
        classroom.start_server(classroom.operator)
    assert refusal.value.status == 403


def test_student_fetches_hands_in_and_is_graded(classroom):
    name = classroom.students[0]
    assert classroom.formgrader(classroom.instructor).release(UNIT)["success"]
    student = classroom.student(name)
    assert student.assignment(UNIT)["status"] == "released"
    path = student.fetch(UNIT)
    write_answers(student, apple_forward=VISIBLE_ONLY)
    assert student.validate(path)["success"]
    assert student.submit(UNIT)["success"]
    (record,) = classroom.wait(lambda: graded(classroom, name))
    assert (record["score"], record["max"]) == (11.0, 12.0)
    student.fetch_feedback(UNIT)
    (entry,) = [a for a in student.assignments() if a["status"] == "submitted"]
    assert entry["submissions"][-1]["has_local_feedback"]


def test_student_is_that_account_and_reaches_nothing_else(classroom):
    ada, ben = classroom.students
    classroom.student(ada)
    secret = Path(f"/home/{ada}/{COURSE}/{UNIT}/{UNIT}.ipynb")
    assert secret.exists()
    closed = [
        f"/home/{ada}",
        *(str(p) for p in (secret, classroom.course, classroom.data, classroom.hub_folder)),
        *(str(p) for p in (classroom.etc, classroom.settings, classroom.backups)),
        str(classroom.folder / "instructor"),
        str(classroom.course / "source" / UNIT / f"{UNIT}.ipynb"),
        str(classroom.course / "gradebook.db"),
    ]
    student = classroom.student(ben)
    seen = json.loads(student.execute(LOOK_ROUND % json.dumps(closed)))
    account = ben
    assert seen["user"] == account
    assert 0 not in seen["ids"] + seen["groups"]
    assert set(seen["home"]) == {f"/home/{ben}"}
    assert (seen["course"], seen["grader"]) == ("done", "ModuleNotFoundError")
    assert set(seen["listed"].values()) <= {"PermissionError", "NotADirectoryError"}
    assert set(seen["read"].values()) == {"PermissionError"}
    assert seen["root"] == "PermissionError"
    assert seen["hidden"] == ""
    assert not {"CONFIGPROXY_AUTH_TOKEN", "BACKPROP_SETTINGS"} & set(seen["environment"])
    for name in (ada, ben):
        assert Path(f"/home/{name}").stat().st_mode & 0o777 == 0o700
    # by the student environment's own Python too, which is what a terminal has
    for folder in (classroom.folder / "student").rglob("grader"):
        pytest.fail(f"the students' environment holds {folder}")


def test_services_and_sandbox_are_no_root(classroom):
    uid = pwd.getpwnam(classroom.people.services).pw_uid
    for what in ("service", "marker", "formgrader"):
        found = classroom.find(what)
        assert found, what
        below = [p for one in found for p in (one, *one.children(recursive=True))]
        for process in below:
            try:
                assert set(process.uids()) == {uid}, (what, process.cmdline())
            except psutil.NoSuchProcess:
                continue
    (warm,) = {p.name() for p in classroom.find("marker")[0].children(recursive=True)} & {"bwrap"}
    assert warm == "bwrap"
    for folder in (classroom.course, classroom.data):
        assert (folder.stat().st_uid, folder.stat().st_mode & 0o777) == (uid, 0o700)
    hub_files = [classroom.hub_folder / name for name in ("jupyterhub.sqlite", "cookie_secret")]
    assert {path.stat().st_uid for path in hub_files} == {0}


def test_instructor_has_the_grader_for_as_long_as_the_group_says(classroom):
    server = classroom.student(classroom.instructor)
    assert server.execute("import grader; print(grader.__name__)").strip() == "grader"
    assert classroom.instructor in grp.getgrnam(classroom.people.staff).gr_mem
    course = str(classroom.course)
    assert "PermissionError" in server.execute(f"import os; os.listdir({course!r})")
    group = f"groups/{instructors_group()}/users"
    body = {"users": [classroom.instructor]}
    classroom.stop_server(classroom.instructor)
    classroom.hub_api(classroom.operator, "DELETE", group, json=body)
    classroom.hub_api(classroom.operator, "POST", f"groups/{students_group()}/users", json=body)
    server = classroom.student(classroom.instructor)
    assert "ModuleNotFoundError" in server.execute("import grader")
    assert classroom.instructor not in grp.getgrnam(classroom.people.staff).gr_mem
    classroom.stop_server(classroom.instructor)
    classroom.hub_api(classroom.operator, "DELETE", f"groups/{students_group()}/users", json=body)
    classroom.hub_api(classroom.operator, "POST", group, json=body)


class Class:
    """Two students who hand in again and again, until told to stop; a context manager."""

    def __init__(self, classroom: Production) -> None:
        self.classroom = classroom
        self.sent: list[tuple[str, str]] = []  # student and id, as the service answered
        self._stop = threading.Event()
        self._failed: list[BaseException] = []
        unit = load_unit(UNIT)
        answers = {name: reference_answer(cell) for name, cell in unit.answers.items()}
        released = classroom.service(
            "GET", f"api/units/{UNIT}/notebook", name=classroom.students[0]
        )
        self.notebook = fill_in(nbformat.reads(released.text, 4), answers)
        for name in classroom.students:
            classroom.token(name)
        self._threads = [
            threading.Thread(target=self._hand_in, args=(n,)) for n in classroom.students
        ]

    def _hand_in(self, name: str) -> None:
        number = 0
        try:
            while not self._stop.is_set():
                number += 1
                self.notebook.metadata["number"] = f"{name} {number}"  # no two are alike
                text = nbformat.writes(self.notebook)
                self.sent.append((name, hand_in(self.classroom, name, text.encode())["id"]))
                time.sleep(0.1)
        except BaseException as error:
            self._failed.append(error)

    def __enter__(self) -> Class:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)
        assert not self._failed, self._failed

    def wait_for(self, count: int) -> None:
        """Wait until so many more have been handed in."""
        until = len(self.sent) + count
        self.classroom.wait(lambda: len(self.sent) >= until or self._failed)


def test_backup_while_the_class_hands_in_and_restore_after_a_loss(classroom):
    before = {
        name: graded(classroom, name) or records(classroom, name) for name in classroom.students
    }
    with Class(classroom) as people:
        people.wait_for(6)
        surely = list(people.sent)  # answered before the backup began
        made = classroom.run_data("backup", "--keep", "2")
        assert made.returncode == 0, made.stderr
        people.wait_for(2)
    assert "6 submissions" not in made.stdout
    looked = classroom.run_data("check")
    assert looked.returncode == 0, looked.stderr
    assert " submissions, " in looked.stdout

    refused = classroom.run_data("restore")
    assert refused.returncode == 1
    assert "the Hub is running" in refused.stderr
    classroom.stop()

    _wreck(classroom)
    restored = classroom.run_data("restore")
    assert restored.returncode == 0, restored.stderr
    assert _every_file_is_right(classroom.data) >= len(surely)
    classroom.start()

    # The Hub's database is back too: the tokens from before are good.
    for name in classroom.students:
        found = classroom.wait(lambda name=name: graded(classroom, name))
        ids = {one["id"] for one in found}
        assert {one for who, one in surely if who == name} <= ids
        assert {one["id"] for one in before[name]} <= ids
        assert {
            one["score"] for one in found if one["id"] not in {b["id"] for b in before[name]}
        } == {12.0}
    assert records(classroom, classroom.students[0])[0]["score"] == 11.0
    with sqlite3.connect(classroom.course / "gradebook.db") as book:
        scores = book.execute("SELECT COUNT(*) FROM submitted_assignment").fetchone()
    assert scores[0] >= 2
    assert hand_in(classroom, classroom.students[0], nbformat.writes(people.notebook).encode())


def _wreck(classroom: Production) -> None:
    """Lose the disk: the class, the Hub's data and the settings."""
    shutil.rmtree(classroom.data)
    shutil.rmtree(classroom.course)
    for path in classroom.hub_folder.iterdir():
        path.unlink()


def _every_file_is_right(data: Path) -> int:
    """Look at every file that a row names; return how many rows there are."""
    with sqlite3.connect(data / "classroom.db") as db:
        rows = db.execute("SELECT sha256, size FROM submissions").fetchall()
    for digest, size in rows:
        content = (data / "objects" / digest[:2] / digest[2:]).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (digest, size)
    return len(rows)


# Listens at a port as whoever runs it, says so, and answers one connection.
LISTEN = """
import socket, sys
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("listening", flush=True)
server.accept()[0].sendall(b"hello")
"""


def test_nobody_answers_in_place_of_a_service_that_is_down(classroom):
    """The next test starts it again."""
    if shutil.which("nft", path="/usr/sbin:/sbin") is None:
        assert not os.environ.get("CI"), "nft is needed"
        pytest.skip("no nft on this machine")
    classroom.stop()

    def answer(account: str, port: int) -> bytes | None:
        command = [str(classroom.python), "-c", LISTEN, str(port)]
        who = {"user": account, "group": pwd.getpwnam(account).pw_gid, "extra_groups": []}
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd="/", **who) as process:
            try:
                assert process.stdout.readline() == b"listening\n"
                with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
                    return connection.recv(100)
            except TimeoutError:
                return None
            finally:
                process.kill()

    for part in ("classroom", "formgrader", "hub", "proxy", "proxy_api"):
        assert answer(classroom.students[0], classroom.ports[part]) is None, part
    assert answer(classroom.people.services, classroom.ports["classroom"]) == b"hello"
    assert answer(classroom.students[0], free_port()) == b"hello"


def test_backup_that_is_damaged_changes_nothing(classroom):
    assert classroom.run_data("backup", "--keep", "2").returncode == 0
    assert classroom.run_data("backup", "--keep", "2").returncode == 0
    names = classroom.run_data("list").stdout.split()
    assert len(names) == 2  # the third, and oldest, is gone
    archive = classroom.backups / names[-1] / "class.tar.gz"
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 0xFF
    archive.write_bytes(content)
    classroom.stop()
    kept = {path: path.stat().st_mtime_ns for path in classroom.course.rglob("*")}
    for command in ("check", "restore"):
        refused = classroom.run_data(command)
        assert refused.returncode == 1
        assert "is damaged" in refused.stderr
    assert {path: path.stat().st_mtime_ns for path in classroom.course.rglob("*")} == kept
    # The one before is whole.
    assert classroom.run_data("restore", names[0]).returncode == 0
    (classroom.hub_folder / "restoring").touch()
    with pytest.raises(AssertionError, match="a restore was begun and did not end"):
        classroom.start()
    assert classroom.run_data("restore", names[0]).returncode == 0
    classroom.start()
    assert len(records(classroom, classroom.students[0])) > 1


def test_second_hub_on_the_same_data_is_refused(classroom):
    command = [str(classroom.folder / "instructor/bin/python3"), "-m", "jupyterhub"]
    config = str(Path(__file__).parents[2] / "deploy/jupyterhub/jupyterhub_config.py")
    done = subprocess.run(
        [*command, "--config", config], cwd=classroom.hub_folder, env=classroom.environment(),
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode != 0
    assert "a Hub is running on" in done.stderr
    assert requests.get(f"{classroom.url}hub/health", timeout=30).ok

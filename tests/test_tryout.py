"""`make classroom` without its Hub: what is set on it, who gets a password, what a student's wall
lets through."""

from __future__ import annotations

import itertools
import json
import os
import runpy
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from jupyterhub import orm
from jupyterhub.app import JupyterHub
from jupyterhub.scopes import expand_scopes
from sqlalchemy import text
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from grader.cli import main
from grader.errors import SandboxUnavailable
from grader.exchange import hub, passwords, spawner, tryout
from grader.sandbox import COURSE, HERE, available

ROOT = Path(__file__).parent.parent
needs_sandbox = pytest.mark.skipif(available() is not None, reason=str(available()))
STUDENTS, INSTRUCTORS = "nbgrader-backprop", "formgrade-backprop"


def configured(tmp_path: Path, **options) -> Config:
    """Return what `hub.configure` makes of an empty configuration."""
    c = Config()
    c.JupyterHub.db_url = f"sqlite:///{tmp_path / 'hub.sqlite'}"
    options = {
        "course_root": tmp_path / "course",
        "data": tmp_path / "data",
        "settings": tmp_path / "settings",
        **options,
    }
    hub.configure(c, **options)
    return c


def user(*groups: str) -> SimpleNamespace:
    return SimpleNamespace(name="ada", groups=[SimpleNamespace(name=g) for g in groups])


def by_name(entries: list[dict]) -> dict[str, dict]:
    return {entry["name"]: entry for entry in entries}


# ---- what is set on a Hub ----------------------------------------------------------------


def test_the_hubs_own_sqlite_is_written_ahead_and_no_other_database(tmp_path):
    c = configured(tmp_path)
    c.JupyterHub.db_kwargs["connect_args"]["timeout"] = 7
    make = orm.new_session_factory(c.JupyterHub.db_url, **c.JupyterHub.db_kwargs)
    with make() as session:
        assert session.execute(text("PRAGMA journal_mode")).scalar() == "wal"
    make.kw["bind"].dispose()
    # where something else starts the services, the disk may be a network's
    tokens = {"backprop": "b", "classroom": "c"}
    assert "db_kwargs" not in configured(tmp_path, managed=False, tokens=tokens).JupyterHub
    c = Config()
    c.JupyterHub.db_kwargs = {"connect_args": {"timeout": 9}}
    paths = {"course_root": tmp_path, "data": tmp_path / "data", "settings": tmp_path / "s"}
    hub.configure(c, **paths)
    assert c.JupyterHub.db_kwargs == {"connect_args": {"timeout": 9}}  # somebody knows better


def test_roles_are_these_and_no_more(tmp_path):
    roles = by_name(configured(tmp_path).JupyterHub.load_roles)
    use = "access:services!service=classroom"
    of_formgrader = {f"{w}:services!service=backprop" for w in ("access", "list", "read")}
    found = {
        name: (role.get("groups", []), role.get("services", []), set(role["scopes"]))
        for name, role in roles.items()
    }
    assert found == {
        "backprop-student": ([STUDENTS], [], {use}),
        "backprop-instructor": ([INSTRUCTORS], [], {use, *of_formgrader}),
        "backprop-formgrader": (
            [],
            ["backprop"],
            {"read:users!user=grader-backprop", "list:groups", f"groups!group={STUDENTS}", use},
        ),
        "backprop-classroom": (
            [],
            ["classroom"],
            {f"read:groups!group={STUDENTS}", f"read:groups!group={INSTRUCTORS}"},
        ),
    }
    for role in roles.values():
        expand_scopes(role["scopes"])  # raises for one that the Hub does not know


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        ([], "guest"),
        ([STUDENTS], "student"),
        ([INSTRUCTORS], "instructor"),
        ([STUDENTS, INSTRUCTORS], "instructor"),
        (["nbgrader-another", "formgrade-another"], "guest"),
    ],
)
def test_a_server_gets_what_its_user_is_now(tmp_path, groups, role):
    c = configured(tmp_path, student_python=Path("/opt/student/bin/python"))
    somebody = SimpleNamespace(user=user(*groups))
    assert hub.role_of(somebody.user) == role
    environment = c.Spawner.environment
    kind = "instructor" if role == "instructor" else "student"
    assert environment["JUPYTER_CONFIG_PATH"](somebody) == str(tmp_path / "settings" / kind)
    first = environment["PATH"](somebody).split(":")[0]
    assert (first == "/opt/student/bin") == (role != "instructor")
    scopes = set(c.Spawner.server_token_scopes(somebody))
    own = {
        "users:activity!user",
        "access:servers!server",
        "read:users:name!user",
        "read:users:groups!user",
    }
    classroom = {"access:services!service=classroom"}
    lists = {"list:services!service=backprop", "read:services!service=backprop"}
    assert (
        scopes
        == {
            "guest": own,
            "student": own | classroom,
            "instructor": own | classroom | lists,
        }[role]
    )


def test_members_count_at_the_first_start_alone(tmp_path):
    groups = configured(tmp_path, students=["b", "a"], instructors=["i"]).JupyterHub.load_groups
    assert groups == {
        STUDENTS: {"users": ["a", "b"]},
        INSTRUCTORS: {"users": ["i", "grader-backprop"]},
    }
    assert not (tmp_path / "hub.sqlite").exists()
    with sqlite3.connect(tmp_path / "hub.sqlite") as database:
        database.execute("CREATE TABLE groups (id INTEGER, name TEXT)")
        database.execute("INSERT INTO groups VALUES (1, ?)", [STUDENTS])
    groups = configured(tmp_path, students=["b", "a"], instructors=["i"]).JupyterHub.load_groups
    assert groups[STUDENTS] == {"users": []}
    assert groups[INSTRUCTORS] == {"users": ["i", "grader-backprop"]}


def test_groups_that_an_authenticator_brings_are_left_alone(tmp_path):
    c = configured(tmp_path, groups_from_authenticator=True)
    assert "load_groups" not in c.JupyterHub  # the Hub refuses both together
    of = {role: tmp_path / "settings" / role / "nbgrader_config.py" for role in hub.ROLES}
    assert "JupyterHubAuthPlugin" in of["student"].read_text()
    assert "JupyterHubAuthPlugin" not in of["formgrader"].read_text()


def test_services(tmp_path):
    c = configured(tmp_path, db="postgresql:///x", environment={"A": "1"}, tokens={"backprop": "t"})
    services = by_name(c.JupyterHub.services)
    formgrader, classroom = services["backprop"], services["classroom"]
    assert formgrader["command"] == [sys.executable, "-m", "jupyterhub.singleuser"]
    assert formgrader["cwd"] == str(tmp_path / "course")
    assert formgrader["environment"]["JUPYTERHUB_USER"] == "grader-backprop"
    assert formgrader["api_token"] == "t"
    assert classroom["command"][1:] == [
        "-m", "grader.exchange", "--course", str(tmp_path / "course"),
        "--data", str(tmp_path / "data"), "--db", "postgresql:///x",
    ]  # fmt: skip
    assert "api_token" not in classroom
    for service in services.values():
        assert service["environment"]["A"] == "1"
        assert service["environment"]["HOME"] == str(tmp_path / "data" / "home")
        url = "http://127.0.0.1:8000/services/classroom/"
        assert service["environment"]["COURSE_EXCHANGE_URL"] == url
        assert "user" not in service
        assert "admin" not in service
    account = by_name(configured(tmp_path, system_user="grader-backprop").JupyterHub.services)
    for service in account.values():
        assert service["user"] == "grader-backprop"
        assert "HOME" not in service["environment"]  # the account's own


def test_services_that_something_else_starts(tmp_path):
    with pytest.raises(ValueError, match="need tokens: \\['backprop', 'classroom'\\]"):
        configured(tmp_path, managed=False)
    tokens = {"backprop": "a", "classroom": "b"}
    url = "http://elsewhere:1"
    c = configured(tmp_path, managed=False, tokens=tokens, classroom_url=url, formgrader_url=url)
    for service in c.JupyterHub.services:
        assert set(service) == {"name", "url", "oauth_no_confirm", "api_token"}
        assert (service["url"], service["api_token"]) == (url, tokens[service["name"]])


def test_stock_exchange_has_no_service_of_ours(tmp_path):
    c = configured(tmp_path, exchange="stock", shared_folder=tmp_path / "shared")
    assert [s["name"] for s in c.JupyterHub.services] == ["backprop"]
    assert "COURSE_EXCHANGE_URL" not in c.Spawner.environment
    assert not [s for role in c.JupyterHub.load_roles for s in role["scopes"] if "classroom" in s]
    assert "classroom" not in "".join(
        c.Spawner.server_token_scopes(SimpleNamespace(user=user(INSTRUCTORS)))
    )
    with pytest.raises(ValueError, match="service and stock"):
        configured(tmp_path, exchange="carrier pigeon")


def test_what_a_hub_has_of_its_own_is_kept(tmp_path):
    c = Config()
    c.JupyterHub.services = [{"name": "cull"}]
    c.JupyterHub.load_roles = [{"name": "cull-role"}]
    c.JupyterHub.load_groups = {"others": {"users": ["x"]}}
    c.Spawner.environment = {"KEPT": "1"}
    c.Spawner.start_timeout = 20
    hub.configure(c, course_root=tmp_path, data=tmp_path / "data", settings=tmp_path / "settings")
    assert [s["name"] for s in c.JupyterHub.services] == ["cull", "backprop", "classroom"]
    assert "cull-role" in by_name(c.JupyterHub.load_roles)
    assert set(c.JupyterHub.load_groups) == {"others", STUDENTS, INSTRUCTORS}
    assert c.Spawner.environment["KEPT"] == "1"
    assert (c.Spawner.start_timeout, c.Spawner.http_timeout) == (20, 180)
    JupyterHub(config=c)  # every name is one that the Hub has


@pytest.mark.parametrize("exchange", hub.EXCHANGES)
def test_settings_of_each_role(tmp_path, exchange):
    hub.write_settings(tmp_path, exchange=exchange, shared_folder=Path("/shared"))
    for role in hub.ROLES:
        folder = tmp_path / role
        config = PyFileConfigLoader("nbgrader_config.py", path=str(folder)).load_config()
        assert config.CourseDirectory.course_id == "backprop"
        ours = "ExchangeFactory" in config
        assert ours == (exchange == "service")
        assert ("root" in config.Exchange) == (exchange == "stock")
        server = json.loads((folder / "jupyter_server_config.json").read_text())
        assert ("ServerApp" in server) == (role != "student")  # may be a frame
        for one in (server, config):  # whoever starts kernels on this host
            assert one["KernelManager"]["transport_encryption"] == "required"
        for path in [folder, *folder.rglob("*")]:
            assert path.stat().st_mode & 0o444 == 0o444, path
    extensions = {
        role: json.loads((tmp_path / role / "jupyter_server_config.d/classroom.json").read_text())[
            "ServerApp"
        ]["jpserver_extensions"]
        for role in hub.ROLES
    }
    on = {role: {n.split(".")[-1] for n, is_on in found.items() if is_on}
          for role, found in extensions.items()}  # fmt: skip
    assert on == {
        "student": {"assignment_list", "validate_assignment"},
        "instructor": {"assignment_list", "validate_assignment", "course_list"},
        "formgrader": {"formgrader", "validate_assignment"},
    }


# ---- passwords ---------------------------------------------------------------------------


def test_passwords_are_hashed_and_compared():
    one, two = passwords.new_password(), passwords.new_password()
    assert one != two
    assert len(one) == 14
    assert set(one) <= set(passwords.LETTERS) | {"-"}
    stored = passwords.hashed(one)
    assert one not in stored
    assert stored != passwords.hashed(one)  # salted
    assert passwords.matches(one, stored)
    assert not passwords.matches(two, stored)
    assert not passwords.matches("", passwords.hashed(one))


def test_who_may_log_in(tmp_path):
    import asyncio

    file = tmp_path / "passwords.json"
    file.write_text(
        json.dumps({"ada": passwords.hashed("right"), "bob": passwords.hashed("other")})
    )
    authenticator = passwords.PasswordFileAuthenticator(password_file=str(file))

    def login(name: str, password: str):
        data = {"username": name, "password": password}
        return asyncio.run(authenticator.authenticate(None, data))

    assert login("ada", "right") == "ada"
    for name, password in [("ada", "other"), ("ada", ""), ("eve", ""), ("eve", "right"), ("", "")]:
        assert login(name, password) is None


def test_private_files_are_never_open(tmp_path):
    path = tmp_path / "secret"
    before = os.umask(0)
    try:
        passwords.write_private(path, "a")
        passwords.write_private(path, "b")
    finally:
        os.umask(before)
    assert path.read_text() == "b"
    assert path.stat().st_mode & 0o777 == 0o600


def test_people_keep_their_passwords_and_new_ones_get_some(tmp_path):
    place = tryout.Place(tmp_path)
    place.course.mkdir()
    place.hub.mkdir()
    students, newcomers = tryout._people(place, 2)
    assert students == newcomers == ["student1", "student2"]
    before = dict(line.split("\t")[::2] for line in place.passwords.read_text().splitlines())
    assert list(before) == ["operator", "instructor", "student1", "student2"]
    assert tryout._people(place, 3) == (["student1", "student2", "student3"], ["student3"])
    assert tryout._people(place, 1) == (["student1", "student2", "student3"], [])
    after = dict(line.split("\t")[::2] for line in place.passwords.read_text().splitlines())
    assert before.items() <= after.items()
    stored = json.loads((place.hub / "passwords.json").read_text())
    assert all(passwords.matches(after[name], stored[name]) for name in after)


# ---- what stands in the way --------------------------------------------------------------


def test_where_isolation_is_refused_it_says_how_to_mend_it(tmp_path, monkeypatch):
    refused = SandboxUnavailable("this host refuses: sysctl -w user.max_user_namespaces=15000")
    monkeypatch.setattr(tryout, "available", lambda: refused)
    done = CliRunner().invoke(main, ["classroom", "--folder", str(tmp_path / "c")])
    assert done.exit_code == 2
    assert "sysctl -w user.max_user_namespaces" in done.output
    assert not (tmp_path / "c").exists()


def test_a_port_that_is_taken_is_named(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(tryout.CannotStart, match=f"port {port} .*--port {port + 1}"):
            tryout._check_port(port)
    tryout._check_port(port)


def test_one_classroom_in_a_folder(tmp_path):
    with (
        tryout._locked(tmp_path / "c"),
        pytest.raises(tryout.CannotStart, match="running in .* already"),
        tryout._locked(tmp_path / "c"),
    ):
        pass
    with tryout._locked(tmp_path / "c"):
        pass
    (tmp_path / "file").touch()
    with (
        pytest.raises(tryout.CannotStart, match="cannot be used"),
        tryout._locked(tmp_path / "file"),
    ):
        pass


def test_free_ports_differ():
    ports = tryout._free_ports(20)
    assert len(set(ports)) == 20


# ---- a student's wall --------------------------------------------------------------------

# what bubblewrap puts there: no disk, no other terminal
DEVICES = {"console", "core", "fd", "full", "null", "ptmx", "pts", "random", "shm", "stderr",
           "stdin", "stdout", "tty", "urandom", "zero"}  # fmt: skip
LOOK = """
import json, os, pathlib, socket, subprocess, sys

def error(what):
    try:
        what()
    except (OSError, ImportError) as problem:
        return type(problem).__name__

def found(*test):
    out = subprocess.run(["find", "/", *test], capture_output=True, text=True).stdout
    return [p for p in out.splitlines() if "/site-packages/nbgrader/" not in p]

home = pathlib.Path.home()
(home / "kept.txt").write_text("kept")
import course.check
import importlib
print(json.dumps({
    "uid": os.getuid(), "home": str(home), "cwd": os.getcwd(), "user": os.popen("id -un").read().strip(),
    "capabilities": [l.split()[1] for l in open("/proc/self/status") if l.startswith("CapEff")],
    "grader": [error(lambda: importlib.import_module(m)) for m in ("grader", "grader.release")],
    "found": found("(", "-name", "gradebook.db*", "-o", "-name", "secret.txt", "-o",
                   "-path", "*/source/0*", "-o", "-name", "nbgrader_plugins.py", ")"),
    "repository": sorted(os.listdir(sys.argv[1])),
    "unwritable": [error(lambda: open(f"{p}/x", "w")) for p in ("/", "/usr", "/etc", sys.argv[2])],
    "processes": len([p for p in os.listdir("/proc") if p.isdigit()]),
    "network": error(lambda: socket.create_connection(("127.0.0.1", int(sys.argv[3])), 5)),
    "shared_memory": error(lambda: open("/dev/shm/x", "w")),
    "devices": os.listdir("/dev"),
    "terminal": error(lambda: os.openpty()),
}))
"""


@needs_sandbox
def test_wall_lets_through_the_home_and_nothing_of_the_instructors(tmp_path):
    home = tmp_path / "homes" / "ada"
    home.mkdir(parents=True, mode=0o700)
    other = tmp_path / "homes" / "bob"
    other.mkdir()
    for place in (other / "secret.txt", tmp_path / "gradebook.db", tmp_path / "secret.txt"):
        place.write_text("not for ada")
    uid = os.geteuid()
    if uid == 0:
        uid = spawner.FIRST_UID
        spawner._give(home, uid)
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        command = spawner.wall(
            [sys.executable, "-c", LOOK, str(COURSE.parent), str(COURSE), str(port)],
            name="ada",
            home=home,
            uid=uid,
            walls=tmp_path / "walls",
            readable=[],
            writable=[],
        )
        environment = {"PATH": os.environ["PATH"], "HOME": "/students/ada", "USER": "ada"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["uid"] == uid != 0
    assert seen["user"] == "ada"
    assert seen["home"] == seen["cwd"] == "/students/ada"
    assert [int(c, 16) for c in seen["capabilities"]] == [0]
    assert seen["grader"] == ["ImportError", "ImportError"]
    assert seen["found"] == []
    assert set(seen["repository"]) <= {"course", ".venv"}
    assert "course" in seen["repository"]
    assert set(seen["unwritable"]) <= {"OSError", "PermissionError"}
    assert seen["processes"] <= 3
    assert set(seen["devices"]) <= DEVICES
    assert (seen["network"], seen["shared_memory"], seen["terminal"]) == (None, None, None)
    assert (home / "kept.txt").read_text() == "kept"


@needs_sandbox
def test_wall_shows_more_folders_at_their_own_place(tmp_path):
    (home := tmp_path / "home").mkdir()
    (readable := tmp_path / "settings").mkdir(mode=0o755)
    (writable := tmp_path / "exchange").mkdir()
    writable.chmod(0o777)
    (readable / "a.txt").write_text("a\n")
    if os.geteuid() == 0:
        spawner._give(home, spawner.FIRST_UID)
    uid = home.stat().st_uid
    script = (
        f"cat {readable}/a.txt; echo b > {writable}/b.txt; echo c > {readable}/c.txt; ls {tmp_path}"
    )
    command = spawner.wall(
        ["/bin/sh", "-c", script],
        name="ada",
        home=home,
        uid=uid,
        walls=tmp_path / "walls",
        readable=[readable],
        writable=[writable],
    )
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["a", "exchange", "settings"]
    assert "Read-only file system" in done.stderr
    assert (writable / "b.txt").read_text() == "b\n"
    assert sorted(p.name for p in readable.iterdir()) == ["a.txt"]


def test_repository_in_a_folder_that_is_shown_is_hidden(monkeypatch, tmp_path):
    """An interpreter whose prefix is above the repository shows all of it, but for these."""
    monkeypatch.setattr(spawner, "_python_folders", lambda: [ROOT.parent])
    arguments = spawner._layers([], [], tmp_path / "no_grader.py")
    pairs = list(itertools.pairwise(arguments))
    shown, hidden = (
        pairs.index(("--ro-bind", str(ROOT.parent))),
        pairs.index(("--tmpfs", str(ROOT))),
    )
    course = pairs.index(("--ro-bind", str(COURSE)))
    assert shown < hidden < course
    assert ("--tmpfs", str(HERE)) in pairs or not HERE.is_relative_to(ROOT)


@pytest.mark.parametrize("name", ["..", ".", "a/b", "../eve", "/etc", ".ssh", "", "a:0", "a\nb"])
def test_no_home_for_a_name_that_is_a_path(tmp_path, name):
    one = SimpleNamespace(user=SimpleNamespace(name=name), homes=str(tmp_path / "homes"))
    with pytest.raises(ValueError, match="no home"):
        spawner.ClassroomSpawner._prepare_home(one)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("groups", "walled"),
    [([], True), ([STUDENTS], True), ([INSTRUCTORS], False), ([STUDENTS, INSTRUCTORS], False)],
)
def test_all_but_instructors_get_a_wall(groups, walled):
    one = SimpleNamespace(user=user(*groups), course="backprop", isolated=True)
    assert spawner.ClassroomSpawner.needs_wall(one) == walled
    one.isolated = False
    assert not spawner.ClassroomSpawner.needs_wall(one)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_as_root_every_home_has_a_user_of_its_own(tmp_path):
    def home_of(name: str, isolated: bool = True) -> Path:
        one = spawner.ClassroomSpawner(
            homes=str(tmp_path / "homes"), isolated=isolated, course="backprop", hub=None
        )
        one.user = SimpleNamespace(name=name, groups=[SimpleNamespace(name=STUDENTS)])
        return one._prepare_home()

    homes = [home_of(name) for name in ("ada", "bob", "ada")]
    assert [h.stat().st_uid for h in homes] == [61184, 61185, 61184]
    (homes[0] / "folder").symlink_to(tmp_path)
    (outside := tmp_path / "of-root.txt").touch()
    (homes[0] / "file").symlink_to(outside)
    assert home_of("ada", isolated=False).stat().st_uid == 0
    (homes[0] / "by-root.txt").touch()
    assert home_of("ada").stat().st_uid == 61184
    assert (homes[0] / "by-root.txt").stat().st_uid == 61184
    assert tmp_path.stat().st_uid == outside.stat().st_uid == 0


def test_module_that_stands_for_the_grader_says_so(tmp_path):
    (tmp_path / "no_grader.py").write_text(spawner.NO_GRADER)
    with pytest.raises(ImportError, match="not for students"):
        runpy.run_path(str(tmp_path / "no_grader.py"))

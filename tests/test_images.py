"""The container images and compose.yaml: linted, built by a real engine, and run."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
import time
from pathlib import Path

import dockerfile
import nbformat
import pytest
import tomllib
import yaml
from classroom.harness import Classroom
from images import BASE, Engine, compose_command, install_engine
from packaging.requirements import Requirement

from grader.classroom import fill_in
from grader.exchange.hub import role_settings
from grader.units import load_unit, reference_answer, unit_names

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "deploy" / "docker"
NAMES = ("student", "grader")
FILES = {name: FOLDER / f"{name}.Dockerfile" for name in NAMES}
COMPOSE = yaml.safe_load((FOLDER / "compose.yaml").read_text("utf-8"))
UNIT = "04-activations"
# What they take, with some room for new versions; a package too many shows.
LARGEST_MB = {"student": 640, "grader": 670}

# ---- without an engine ------------------------------------------------------------------


def beside(program: str) -> str:
    """Return the path of a program of this environment."""
    return str(Path(sys.executable).with_name(program))


@pytest.mark.parametrize("name", NAMES)
def test_the_linter_finds_nothing(name):
    # DL3008 wants the versions of Debian's packages: Debian keeps none but the latest of a
    # release, and that file could not be built any more.
    command = [beside("hadolint"), "--no-color", "--ignore", "DL3008", str(FILES[name])]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_compose_file_fits_the_schema_of_the_specification():
    command = [beside("check-jsonschema"), "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*command, str(FOLDER / "compose.yaml")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def stages(name: str) -> list[list[dockerfile.Command]]:
    """Return the commands of each stage of an image."""
    found: list[list[dockerfile.Command]] = []
    for command in dockerfile.parse_file(str(FILES[name])):
        if command.cmd == "FROM":
            found.append([])
        if found:
            found[-1].append(command)
    return found


def copied(name: str) -> set[str]:
    """Return what an image takes from the repository."""
    commands = [command for stage in stages(name) for command in stage]
    assert not [c.original for c in commands if c.cmd == "ADD"]
    own = [c for c in commands if c.cmd == "COPY" and not any("--from=" in f for f in c.flags)]
    return {source for command in own for source in command.value[:-1]}


def test_nothing_of_the_grader_comes_into_the_students_image():
    assert copied("student") == {
        "LICENSE",
        "README.md",
        "pyproject.toml",
        "requirements.lock",
        "course",
        "course/__init__.py",
        "deploy/docker/health.py",
        "deploy/docker/settings/student",
    }


@pytest.mark.parametrize("name", NAMES)
def test_the_engine_is_sent_what_is_copied_and_no_more(name):
    lines = FILES[name].with_name(f"{FILES[name].name}.dockerignore").read_text("utf-8")
    rules = [line for line in lines.splitlines() if line and not line.startswith("#")]
    admitted = {rule[1:] for rule in rules if rule.startswith("!")}
    top = {path for path in copied(name) if not any(path.startswith(f"{a}/") for a in admitted)}
    assert rules[0] == "*"
    assert admitted == top
    assert {rule for rule in rules[1:] if not rule.startswith("!")} == {"**/__pycache__", "**/.*"}


def test_both_images_are_made_from_the_same_stages():
    """So that an engine builds these once; see also `test_images_share_all_large_layers`."""
    first, second = (
        [[command.original for command in stage] for stage in stages(name)[:2]] for name in NAMES
    )
    assert first == second
    assert [stage[0] for stage in first] == [
        f"FROM {BASE} AS system",
        "FROM system AS packages",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_versions_come_from_the_lock_file_alone(name):
    text = FILES[name].read_text("utf-8")
    installs = [c.original for s in stages(name) for c in s if "/bin/pip --python" in c.original]
    assert len(installs) == {"student": 2, "grader": 3}[name]
    for command in installs:
        assert "PIP_CONSTRAINT=/build/constraints" in command
        assert not re.search(r"[\w\]]\s*[=<>~]=\s*\d", command)
    extras = re.search(r"\./grader\[([\w,]+)\]", text)
    if name == "grader":
        project = tomllib.loads((ROOT / "grader" / "pyproject.toml").read_text("utf-8"))
        assert set(extras[1].split(",")) <= set(project["project"]["optional-dependencies"])
    else:
        assert extras is None


def test_the_students_image_has_the_settings_of_a_student():
    folder = FOLDER / "settings" / "student"
    there = {
        str(p.relative_to(folder)): p.read_text("utf-8") for p in folder.rglob("*") if p.is_file()
    }
    assert there == role_settings("student"), (
        "grader.exchange.hub has changed: write what role_settings('student') returns there"
    )


def test_compose_gives_nobody_more_than_he_needs():
    services = COMPOSE["services"]
    holders = {n: str(s.get("volumes")) for n, s in services.items()}
    assert [n for n, v in holders.items() if "docker.sock" in v] == ["hub"]
    # neither gradebook nor submissions for the Hub, no passwords for whoever grades
    assert [n for n, v in holders.items() if "classroom:" in v] == [
        "course",
        "classroom",
        "formgrader",
    ]
    assert [n for n, v in holders.items() if "'hub:" in v] == ["hub"]
    for name, service in services.items():
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
        assert not service.get("privileged")
        relaxed = [o for o in service["security_opt"] if o != "no-new-privileges:true"]
        assert bool(relaxed) == (name in ("classroom", "formgrader"))
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
        for variable, value in service.get("environment", {}).items():
            if "TOKEN" in variable:
                assert re.fullmatch(r"\$\{\w+(:\?[^}]+)?\}", value)
        if name != "course":
            assert service["restart"] == "unless-stopped"
            assert service["healthcheck"]["test"][:2] == ["CMD", "health"]
    assert COMPOSE["networks"]["students"]["internal"]
    profile = next(o for o in COMPOSE["x-sandbox"] if o.startswith("seccomp:"))
    assert (FOLDER / profile.removeprefix("seccomp:")).is_file()


# ---- with an engine ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def engine():
    """A running engine that has the base image."""
    if reason := install_engine():
        assert not os.environ.get("CI"), reason
        pytest.skip(reason)
    with Engine() as running:
        running.make_base()
        yield running


@pytest.fixture(scope="module")
def images(engine):
    """Return the function that builds an image, once."""
    built: dict[str, str] = {}

    def build(name: str) -> str:
        if name not in built:
            began = time.monotonic()
            built[name] = engine.build(name)
            size = engine.inspect(built[name])["Size"] / 1e6
            print(f"{built[name]}: {size:.0f} MB, built in {time.monotonic() - began:.0f} s")
        return built[name]

    return build


@pytest.mark.slow
@pytest.mark.images
@pytest.mark.parametrize("name", NAMES)
class TestImage:
    """What holds for both images."""

    def test_size(self, engine, images, name):
        layers = engine.docker("history", "--format", "{{.Size}}\t{{.CreatedBy}}", images(name))
        size_mb = engine.inspect(images(name))["Size"] / 1e6
        assert size_mb < LARGEST_MB[name], layers.stdout

    def test_nobody_is_root_and_nothing_makes_root(self, engine, images, name):
        assert engine.inspect(images(name))["Config"]["User"] == "1000"
        said = engine.run(images(name), "sh", "-c", "id -u; echo $HOME; stat -c %u $HOME; pwd")
        assert said.stdout.split() == ["1000", "/home/student", "1000", "/home/student"]
        as_root = ("--user", "0")
        find = "find / -xdev -type f -perm /6000"
        assert engine.run(images(name), "sh", "-c", find, options=as_root).stdout == ""
        find = "find / -xdev -perm -o+w -not -type l -not -path '/proc/*'"
        writable = engine.run(images(name), "sh", "-c", find, options=as_root).stdout.split()
        assert set(writable) == {"/tmp", "/var/tmp", "/run/lock"}
        mine = "find / -xdev -user 1000 -not -path '/proc/*' -not -path '/home/student*'"
        owned = engine.run(images(name), "sh", "-c", mine, options=as_root).stdout.split()
        assert sorted(owned) == ([] if name == "student" else ["/srv/classroom", "/srv/hub"])

    def test_build_tools_stay_out(self, engine, images, name):
        look = "for one in pip pip3 gcc git curl sudo; do command -v $one; done; true"
        assert engine.run(images(name), "sh", "-c", look).stdout == ""
        assert (
            engine.run(images(name), "sh", "-c", "ls /build /root /pip", check=False).stdout == ""
        )

    def test_versions_are_those_of_the_lock_file(self, engine, images, name):
        code = (
            "import importlib.metadata as m, json; "
            "from packaging.markers import default_environment as e; "
            "print(json.dumps([{d.name: d.version for d in m.distributions()}, e()]))"
        )
        found, environment = json.loads(engine.run(images(name), "python3", "-c", code).stdout)
        lock = {}
        for line in (ROOT / "requirements.lock").read_text("utf-8").splitlines():
            one = Requirement(line)
            if one.marker is None or one.marker.evaluate(environment):
                lock[_plain(one.name)] = str(one.specifier).removeprefix("==")
        own = {"backprop-course"} | ({"backprop-course-grader"} if name == "grader" else set())
        others = {_plain(n): v for n, v in found.items() if _plain(n) not in own}
        assert own <= {_plain(n) for n in found}
        assert others == {n: lock.get(n) for n in others}
        assert "pytest" not in others

    def test_commands_and_health(self, engine, images, name):
        version = engine.run(images(name), "jupyterhub-singleuser", "--version").stdout.strip()
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
        assert engine.inspect(images(name))["Config"]["Healthcheck"]["Test"] == ["CMD", "health"]
        nobody_there = engine.run(images(name), "health", check=False)
        assert nobody_there.returncode == 1
        assert "127.0.0.1:8888" in nobody_there.stdout
        server = engine.docker(
            "run", "--detach", "--network", "none", "--read-only", "--tmpfs", "/tmp",
            "--tmpfs", "/home/student:uid=1000", "--health-interval", "1s",
            images(name), "jupyter", "lab", "--ServerApp.token=t",
        ).stdout.strip()  # fmt: skip
        try:
            until = time.monotonic() + 90
            while (health := engine.inspect(server)["State"]["Health"]["Status"]) != "healthy":
                assert time.monotonic() < until, (health, engine.docker("logs", server).stderr)
                time.sleep(0.5)
            assert engine.docker("exec", server, "cat", "/proc/1/comm").stdout.strip() == "tini"
            answers = {page: self._answer(engine, server, page) for page in ("formgrader", "lab")}
            assert answers == {"formgrader": 404, "lab": 200}
        finally:
            engine.docker("rm", "--force", server)

    @staticmethod
    def _answer(engine: Engine, server: str, page: str) -> int:
        code = (
            "import sys, urllib.request as u, urllib.error as e\n"
            "try: print(u.urlopen(f'http://127.0.0.1:8888/{sys.argv[1]}?token=t').status)\n"
            "except e.HTTPError as error: print(error.code)"
        )
        return int(engine.docker("exec", server, "python3", "-c", code, page).stdout)


@pytest.mark.slow
@pytest.mark.images
def test_images_share_all_large_layers(engine, images):
    layers = [engine.inspect(images(name))["RootFS"]["Layers"] for name in NAMES]
    assert layers[0][:3] == layers[1][:3]
    own_mb = engine.docker("history", "--format", "{{.Size}}", "--human=false", images("grader"))
    assert sum(int(size) for size in own_mb.stdout.split()[:-4]) < 60e6


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.slow
@pytest.mark.images
def test_a_student_has_the_course_and_no_answer(engine, images):
    code = "import course.check, course.toolbox; print(course.__file__)"
    said = engine.run(images("student"), "python3", "-c", code).stdout
    assert said.startswith("/opt/course/lib/python3")
    refused = engine.run(images("student"), "python3", "-c", "import grader", check=False)
    assert "No module named 'grader'" in refused.stderr
    # nbgrader's manual has a course of its own
    find = ["find", "/", "-xdev", "-not", "-path", "*/nbgrader/docs/*", "("]
    for name in (*(f"{unit}*" for unit in unit_names()), "gradebook.db*", "submitted", ".git"):
        find += ["-name", name, "-o"]
    find[-1] = ")"
    found = engine.run(images("student"), *find, options=("--user", "0")).stdout.split()
    assert found == []


def sandbox_options() -> tuple[str, ...]:
    """Return what compose.yaml gives a service that grades, as arguments of ``docker run``."""
    options = ["--cap-drop", "ALL"]
    for one in COMPOSE["services"]["classroom"]["security_opt"]:
        kind, _, value = re.sub("^(seccomp|no-new-privileges):", r"\1=", one).partition("=")
        value = str(FOLDER / value) if kind == "seccomp" else value
        options += ["--security-opt", f"{kind}={value}"]
    return tuple(options)


@pytest.mark.slow
@pytest.mark.images
def test_the_grader_grades_in_the_sandbox_or_says_why_not(engine, images, tmp_path):
    (tmp_path / "mine.ipynb").write_bytes((ROOT / "source" / UNIT / f"{UNIT}.ipynb").read_bytes())
    for path in (tmp_path, *tmp_path.iterdir()):
        path.chmod(0o755)
    place = ("--volume", f"{tmp_path}:/work:ro")
    command = ["grader", "check", "/work/mine.ipynb", "--json"]
    refused = engine.run(images("grader"), *command, check=False, options=place)
    assert refused.returncode == 2
    assert "--security-opt systempaths=unconfined" in refused.stderr
    done = engine.run(images("grader"), *command, options=(*place, *sandbox_options()))
    assert json.loads(done.stdout)["score"] == 16


class ComposedClassroom(Classroom):
    """The classroom of compose.yaml on an engine, used as the tests of the try-out use theirs."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        super().__init__(folder)
        self.engine = engine
        self.settings = folder / "env"
        self.project = f"room{os.getpid()}"
        self.settings.write_text(
            f"COMPOSE_PROJECT_NAME={self.project}\n"
            f"DOCKER_SOCKET={engine.socket}\n"
            f"DOCKER_GID={engine.socket.stat().st_gid}\n"
            f"CLASSROOM_PORT={self.port}\n"
            f"CLASSROOM_TOKEN={secrets.token_hex(32)}\n"
            f"FORMGRADER_TOKEN={secrets.token_hex(32)}\n"
            "CLASSROOM_STUDENTS=student1 student2\n"
        )

    def compose(self, *arguments: str, check: bool = True) -> str:
        """Run Docker Compose; return what it said."""
        command = [*compose_command(), "--env-file", str(self.settings), *arguments]
        done = subprocess.run(
            command, cwd=FOLDER, env=self.engine.environment, capture_output=True, text=True
        )
        assert not (check and done.returncode), f"{done.stderr}\n{self.logs()}"
        return done.stdout

    def start(self) -> None:
        """Start it, and wait until every service is healthy."""
        try:
            self.compose("up", "--detach", "--wait", "--wait-timeout", "400")
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End it, with the servers of users and all that it kept."""
        left = self.engine.docker("ps", "-aq", "--filter", f"name={self.project}-").stdout.split()
        if left:
            self.engine.docker("rm", "-f", *left)
        self.compose("down", "--volumes", "--timeout", "10", check=False)

    def logs(self) -> str:
        """Return what the services have said."""
        return self.compose("logs", "--no-color", check=False)

    @property
    def passwords(self) -> dict[str, str]:
        """The password of everybody, as an operator reads them."""
        lines = self.compose("exec", "-T", "hub", "cat", "/srv/hub/passwords.txt").splitlines()
        return dict(line.split("\t") for line in lines)


@pytest.mark.slow
@pytest.mark.images
def test_a_unit_goes_all_the_way_in_the_classroom_of_compose(engine, images, tmp_path):
    for name in NAMES:
        images(name)
    with ComposedClassroom(engine, tmp_path) as room:
        assert room.formgrader().release(UNIT)["success"]
        student = room.student("student1")
        path = student.fetch(UNIT)
        answers = {name: reference_answer(cell) for name, cell in load_unit(UNIT).answers.items()}
        student.write(path, fill_in(nbformat.from_dict(student.read(path)), answers))
        assert student.submit(UNIT)["success"]

        def graded() -> list[dict]:
            records = room.service("GET", "api/submissions", name="student1").json()
            return (
                records
                if records[0]["state"] != "queued" and records[0]["state"] != "grading"
                else []
            )

        (record,) = room.wait(graded)
        assert (record["state"], record["score"], record["max"]) == ("graded", 16, 16)
        container = f"{room.project}-user-student1"
        state = engine.inspect(container)
        assert state["Config"]["Image"] == "backprop-student"
        assert state["HostConfig"]["CapDrop"] == ["ALL"]
        assert set(state["NetworkSettings"]["Networks"]) == {f"{room.project}-students"}
        assert [mount["Destination"] for mount in state["Mounts"]] == ["/home/student"]
        assert engine.docker("exec", container, "health").returncode == 0
        assert "ModuleNotFoundError" in student.execute("import grader")
        # neither the service itself nor Formgrader, only the Hub's proxy
        for host in ("classroom", "formgrader"):
            code = f"import socket; socket.getaddrinfo({host!r}, 80)"
            assert "gaierror" in student.execute(code)
        instructor = room.student("instructor")
        assert (
            engine.inspect(f"{room.project}-user-instructor")["Config"]["Image"]
            == "backprop-grader"
        )
        assert "import grader" not in instructor.execute("import grader")
        # All is kept: the Hub made anew, with its volume, knows the server and lets it in.
        room.compose("up", "--detach", "--wait", "--force-recreate", "hub")
        assert student.read(path)

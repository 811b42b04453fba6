"""A class graded on a Dask cluster: the same as on one machine, whatever befalls the workers."""

from __future__ import annotations

import functools
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import psutil
import pytest
import requests
from batches import UNITS, grader, hand_in, release, scores, stored, tree, until, url
from dask_cluster import DaskCluster, Failing, read_book, through, unit

from grader import batch, cluster
from grader.errors import ClusterUnavailable, SandboxUnavailable
from grader.units import unit_names
from grader.worker import Crash, Settings, Task

pytestmark = pytest.mark.slow
UNIT = UNITS[1]
ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
CLASS = 50  # of six units: 300 submissions
FEW = 8  # of two
CERTIFICATES = ("dask-ca.pem", "dask.pem", "dask.key")


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """A cluster of two workers, which no test breaks."""
    with DaskCluster(tmp_path_factory.mktemp("dask")) as made:
        yield made


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """300 submissions, and what one machine makes of them."""
    home = tmp_path_factory.mktemp("whole")
    root = release(home / "handed in", unit_names())
    assert len(hand_in(root, CLASS, unit_names())) == 300
    shutil.copytree(root, home / "graded")
    batch.grade_class(home / "graded")
    return root, home / "graded"


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """A small class, and what one machine makes of it."""
    home = tmp_path_factory.mktemp("few")
    root = release(home / "handed in")
    hand_in(root, FEW)
    shutil.copytree(root, home / "graded")
    batch.grade_class(home / "graded", feedback=True)
    return root, home / "graded"


@pytest.fixture
def course(few, tmp_path):
    """The small class, ungraded."""
    shutil.copytree(few[0], tmp_path / "course")
    return tmp_path / "course"


def assert_same(root: Path, expected: Path, *folders: str) -> None:
    """Compare gradebooks and files, byte for byte."""
    assert stored(url(root)) == stored(url(expected))
    for folder in folders or ("autograded",):
        assert tree(root / folder) == tree(expected / folder)
        assert tree(root / folder)


# ---------------------------------------------------------------- the same


def test_a_class_is_graded_as_on_one_machine(two, few, course):
    """By the command, with pages; what is left after it are no processes."""
    done = grader(course, "grade", "--scheduler", two.address, "--feedback")
    assert done.returncode == 0, done.stderr
    assert_same(course, few[1], "autograded", "feedback")
    until(lambda: not two.graders(), 60)
    again = batch.grade_class(course, scheduler=two.address)
    assert sum(t.unchanged for t in again.units.values()) == FEW * len(UNITS)


def test_whatever_befalls_the_cluster_costs_only_time(whole, tmp_path):
    """Of 300, in the middle of which workers are killed, added and stopped, the connection is cut
    and the scheduler is killed: each is graded once, and as on one machine.
    """
    root, said = tmp_path / "course", []
    shutil.copytree(whole[0], root)
    dead_s = {"DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "10s"}
    with (
        DaskCluster(tmp_path, workers=2, **dead_s) as dask,
        through(dask.port) as (address, cut),
    ):
        first, second = dask.machines

        def kill_worker():
            os.kill(min(dask.workers().values()), signal.SIGKILL)  # its nanny starts another

        def kill_machine():
            os.killpg(first.pid, signal.SIGKILL)
            dask.add()

        def stop():
            os.killpg(second.pid, signal.SIGSTOP)

        def kill_scheduler():
            os.kill(dask.scheduler.pid, signal.SIGKILL)
            dask.start_scheduler()
            dask.add()
            dask.add()

        events = {25: kill_worker, 60: kill_machine, 100: cut, 140: stop, 200: kill_scheduler}
        done = []

        def tell(report):
            done.append(report)
            if len(done) in events:
                event = events.pop(len(done))
                threading.Thread(target=event).start()

        batch.grade_class(root, scheduler=address, tell=tell, say=said.append)
        assert not events
    assert {r.status for r in done} == {"graded"}
    assert sorted((r.student, r.unit) for r in done) == sorted({(r.student, r.unit) for r in done})
    assert any("lost" in sentence for sentence in said), said
    assert_same(root, whole[1])


def test_two_batches_at_once_on_one_cluster(two, few, course, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(few[0], other)
    ended = []

    def run(root):
        done = grader(root, "grade", "--scheduler", two.address, "--quiet")
        ended.append((done.returncode, done.stderr))

    threads = [threading.Thread(target=run, args=(root,)) for root in (course, other)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert ended == [(0, "")] * 2
    for root in (course, other):
        assert_same(root, few[1])


def test_a_worker_of_two_threads_has_two_graders(few, course, tmp_path):
    seen = set()
    with DaskCluster(tmp_path, workers=0) as dask:
        dask.add(threads=2)
        dask.wait_for(1)
        summary = batch.grade_class(
            course, scheduler=dask.address, tell=lambda r: seen.update(dask.graders())
        )
    assert sum(t.submissions for t in summary.units.values()) == FEW * len(UNITS)
    assert len(seen) == 2
    assert_same(course, few[1])


# ---------------------------------------------------------------- submissions that do harm


def failing(course: Path, tmp_path: Path, how: str, times: int) -> tuple[str, functools.partial]:
    victim = sorted(p.name for p in (course / "submitted").iterdir())[2]
    book = tmp_path / "book"
    return victim, functools.partial(Failing, victim=victim, times=times, how=how, book=book)


@pytest.mark.parametrize("times", [1, 2])
def test_what_brings_a_grader_down_is_tried_once_elsewhere(two, few, course, tmp_path, times):
    _, make = failing(course, tmp_path, "dies", times)
    summary = batch.grade_class(course, [UNIT], scheduler=two.address, make=make)
    totals = summary.units[UNIT]
    assert (totals.submissions, totals.needs_person) == (FEW, times - 1)
    where = read_book(tmp_path / "book")
    assert len(where) == len(set(where)) == times  # the second time at another worker
    if times == 2:
        assert "signal 9" in summary.ungraded[0][2]
        batch.grade_class(course, [UNIT], scheduler=two.address)  # and this time nothing happens
    batch.grade_class(course)
    assert_same(course, few[1])


@pytest.mark.parametrize("workers", [1, 2])
def test_what_takes_the_whole_worker_along_is_marked_and_harms_no_other(course, tmp_path, workers):
    """Whatever lies ready at the worker is blamed by Dask as well; at the one worker, always."""
    victim, make = failing(course, tmp_path, "takes the worker along", 99)
    once = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
    with DaskCluster(tmp_path, workers=workers, **once) as dask:
        summary = batch.grade_class(course, [UNIT], scheduler=dask.address, make=make)
    assert len(read_book(tmp_path / "book")) == 4  # twice among others, twice by itself
    assert [(s, r) for s, _, r in summary.ungraded] == [
        (victim, "2 workers of the cluster ended while they had it")
    ]
    assert (summary.units[UNIT].submissions, summary.units[UNIT].needs_person) == (FEW, 1)


def test_a_grader_that_hangs_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE_S", 3.0)
    make = functools.partial(Failing, victim="amara", times=1, how="hangs", book=tmp_path / "book")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    process = cluster._Process(Settings({}), make)
    answer = process.call("grade", (Task("amara", UNIT, b"", ""),))
    assert isinstance(answer, Crash)
    assert "hung for 3 s" in answer.reason
    assert process.ended


# ---------------------------------------------------------------- workers that cannot grade


def without_bubblewrap(folder: Path) -> dict[str, str]:
    """Return variables for a worker on a machine without bubblewrap."""
    folder.mkdir()
    return {"PATH": str(folder)}


def test_a_worker_without_a_sandbox_is_not_used(few, course, tmp_path):
    said = []
    with DaskCluster(tmp_path, workers=0) as dask:
        dask.add(**without_bubblewrap(tmp_path / "bin"))
        dask.wait_for(1)
        done = grader(course, "grade", "--scheduler", dask.address)
        assert done.returncode == 2
        assert "no worker" in done.stderr
        assert "bubblewrap is not installed" in " ".join(done.stderr.split())
        assert not scores(url(course))
        with pytest.raises(SandboxUnavailable):
            batch.grade_class(course, scheduler=dask.address)
        dask.add()
        dask.wait_for(2)
        batch.grade_class(course, scheduler=dask.address, say=said.append)
    assert len(said) == 1
    assert "is not used" in said[0]
    assert_same(course, few[1])


def test_a_worker_of_another_version_is_not_used(course, tmp_path):
    """It would give other grades: its code differs, though it calls itself the same version."""
    other = tmp_path / "other"
    for package in ("grader", "course", "source"):
        shutil.copytree(Path(__file__).parents[1] / package, other / package)
    (other / "grader" / "restore.py").write_text(
        (other / "grader" / "restore.py").read_text() + "\nANOTHER = True\n"
    )
    with DaskCluster(tmp_path, workers=0) as dask:
        dask.add(FIRST_PATH=str(other))
        dask.wait_for(1)
        with pytest.raises(SandboxUnavailable, match="otherwise, with grader ") as error:
            batch.grade_class(course, scheduler=dask.address)
    assert str(error.value).endswith("; install the same version of the grader there")


def test_a_checkout_and_its_wheels_grade_alike(tmp_path):
    """An operator grades from the one, and installs the other on the machines that grade."""
    tree = tmp_path / "tree"
    tree.mkdir()
    for name in ("course", "grader", "source"):
        leave = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, tree / name, ignore=leave)
    for name in ("LICENSE", "README.md", "nbgrader_config.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tree)
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path)]
    for project in (tree, tree / "grader"):
        subprocess.run([*build, str(project)], check=True, capture_output=True)
    for wheel in tmp_path.glob("*.whl"):
        zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    assert (tmp_path / "installed" / "grader" / "nbgrader_config.py").exists()
    code = "import grader.cluster as c; print(c.__file__); print(c.versions())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path / "installed")},
    )
    where, versions = done.stdout.splitlines()
    assert Path(where).is_relative_to(tmp_path / "installed"), done.stderr
    assert versions == str(cluster.versions())


# ---------------------------------------------------------------- certificates


def test_who_has_no_certificate_has_no_way_in(few, course, tmp_path):
    """With the files that an operator takes: deploy/dask."""
    shutil.copytree(DEPLOY / "dask", tmp_path / "dask")
    subprocess.run([tmp_path / "dask" / "certificates", tmp_path], check=True)
    modes = {p: (tmp_path / p).stat().st_mode & 0o777 for p in CERTIFICATES}
    assert modes == {"dask-ca.pem": 0o644, "dask.pem": 0o644, "dask.key": 0o600}
    text = (tmp_path / "dask" / "tls.yaml").read_text().replace("/etc/backprop-dask", str(tmp_path))
    (tmp_path / "tls.yaml").write_text(text)
    ours = {"DASK_CONFIG": str(tmp_path / "tls.yaml")}
    stranger = tmp_path / "stranger"  # the script makes it
    subprocess.run([tmp_path / "dask" / "certificates", stranger], check=True)
    (stranger / "tls.yaml").write_text(text.replace(str(tmp_path), str(stranger)))
    with DaskCluster(tmp_path, workers=0, SCHEME="tls", **ours) as dask:
        dask.add(**ours)

        def grade(**environment):
            return grader(
                course, "grade", "--scheduler", dask.address, env=os.environ | environment
            )

        done = grade(**ours)
        assert done.returncode == 0, done.stderr
        assert_same(course, few[1])
        for others in ({}, {"DASK_CONFIG": str(stranger / "tls.yaml")}):
            done = grade(**others)
            assert done.returncode == 2
            assert ("no scheduler answers" if others else "TLS certificate") in done.stderr
        with_tls = dask.address
    (stranger / "dask.key").unlink()
    with DaskCluster(tmp_path, workers=0) as plain:
        for scheduler, files, words in (
            (plain.address, ours, "tls:// in place of tcp://"),
            (plain.address.replace("tcp:", "tls:"), ours, "does not speak TLS"),
            (with_tls, {"DASK_CONFIG": str(stranger / "tls.yaml")}, f"{stranger}/dask.key) cannot"),
        ):
            done = grader(course, "grade", "--scheduler", scheduler, env=os.environ | files)
            assert done.returncode == 2
            said = " ".join(done.stderr.split())
            assert words in said
            assert not {"Traceback", "Exception"} & set(re.findall(r"\w+", said)), said


def test_the_page_of_the_operator_and_the_files_name_the_same_places():
    page = (ROOT / "docs" / "operator.md").read_text("utf-8")
    page = page[page.index("### Grade on other machines") : page.index("### Kubernetes")]
    folder = "/etc/backprop-dask"
    assert all(
        f"{folder}/{name}" in (DEPLOY / "dask" / "tls.yaml").read_text() for name in CERTIFICATES
    )
    for part in ("scheduler", "worker"):
        assert f"{folder}/settings\n" in unit(part)
    assert f"`{folder}/settings`" in page
    assert f"install -m 600 -o grader-backprop /root/cluster/dask.key {folder}/" in page
    given = dict(re.findall(r"^    (SCHEDULER\w*)=(.*)$", page, re.MULTILINE))
    # systemd knows no comment at the end of a line, and would hand it to Dask
    assert given == {
        "SCHEDULER": "tls://10.0.0.5:8786",
        "SCHEDULER_OPTIONS": "--host tls://10.0.0.5",
    }


def test_no_web_server_of_dask_is_open_to_others(two):
    """Certificates do not cover it."""
    found = set()
    for started in two._started:
        parent = psutil.Process(started.pid)
        for process in (parent, *parent.children(recursive=True)):
            found |= {c.laddr for c in process.net_connections("tcp") if c.status == "LISTEN"}
    web = set()
    for ip, port in found:
        try:
            requests.get(f"http://127.0.0.1:{port}/health", timeout=5).raise_for_status()
            web.add(ip)
        except requests.RequestException:  # Dask's own protocol
            pass
    assert web == {"127.0.0.1"}


def test_parts_of_dask_by_the_names_that_its_chart_calls(tmp_path):
    for name in ("dask-scheduler", "dask-worker"):
        (tmp_path / name).symlink_to(DEPLOY / "docker" / "dask-part")
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        done = subprocess.run(
            [tmp_path / name, "--help"], capture_output=True, text=True, env={"PATH": path}
        )
        assert f"dask {name.removeprefix('dask-')} [OPTIONS]" in done.stdout, done.stderr


# ---------------------------------------------------------------- no cluster


def test_a_cluster_that_is_not_there_is_told_in_a_line(course, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_S", 1.0)
    with pytest.raises(ClusterUnavailable, match="no scheduler answers at tcp://127.0.0.1:9"):
        batch.grade_class(course, scheduler="tcp://127.0.0.1:9")
    for address in (
        "nonsense://x:1",
        "http://x:1",
        "tcp://",
        "tls://x",
        "tcp://x:y",
        "x:1",
        "x",
        "",
    ):
        with pytest.raises(ClusterUnavailable, match="is no address of a scheduler: tls://host"):
            batch.grade_class(course, scheduler=address)
    with pytest.raises(batch.WrongUse, match="jobs are processes of this machine"):
        batch.grade_class(course, scheduler="tcp://127.0.0.1:9", jobs=2)


def test_a_cluster_without_workers_is_told(course, tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr(cluster, "WORKER_S", 1.0)
    with (
        DaskCluster(tmp_path, workers=0) as dask,
        pytest.raises(ClusterUnavailable, match=r"no worker for 1 s; start some with: dask worker"),
    ):
        batch.grade_class(course, scheduler=dask.address, say=said.append)
    assert "one is waited for" in said[0]


def test_local_processes_need_no_dask(course):
    """The extra is one: nothing else loads it."""
    code = f"""
import sys
from pathlib import Path
sys.modules["distributed"] = None  # as if it were not installed
from grader import batch
from grader.exchange import marking
assert sum(t.submissions for t in batch.grade_class(Path({str(course)!r})).units.values()) == {FEW * 2}
try:
    batch.grade_class(Path({str(course)!r}), scheduler="tcp://127.0.0.1:9")
except batch.WrongUse as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "distributed is missing: pip install 'backprop-course-grader[dask]'" in done.stdout

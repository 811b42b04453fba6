"""course.exchange: real nbgrader on the classroom service's interface, and all that goes wrong."""

from __future__ import annotations

import json
import logging
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from classroom_service import COURSE, Service, digest
from fake_hub import PREFIX, classroom
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError, ExchangeFactory, default
from nbgrader.server_extensions.assignment_list.handlers import AssignmentList
from traitlets.config import Config

from course import exchange
from course.exchange import _client, _files, _records
from course.exchange._client import ClassroomError, Client
from grader.coursedir import environment_on_path, open_course

ROOT = Path(__file__).resolve().parent.parent
UNIT, OTHER = "05-affine-softmax", "04-activations"
GIVEN = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}\n'
SOLVED = GIVEN.replace(b"{}", b'{"solved": true}')
CONFIG = """
from course.exchange import configure
c = get_config()
configure(c)
"""


@pytest.fixture
def service():
    with Service() as service:
        service.units = {UNIT: GIVEN, OTHER: GIVEN + b"\n"}
        yield service


@pytest.fixture(autouse=True)
def surroundings(service, tmp_path, monkeypatch):
    """A student's server: a folder, a token, no settings of this machine; waits are short."""
    home = tmp_path / "ann"
    home.mkdir()
    (home / "nbgrader_config.py").write_text(CONFIG)
    monkeypatch.chdir(home)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "none"))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("JUPYTER_CONFIG_PATH", raising=False)
    monkeypatch.setenv("COURSE_EXCHANGE_URL", service.url)
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "token-of-ann")
    monkeypatch.setattr(_client, "FIRST_WAIT_S", 0.02)
    return home


class Lines(logging.Handler):
    """Keeps what was logged."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record) -> None:
        self.lines.append(record.getMessage())

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@pytest.fixture
def log():
    lines = Lines()
    logger = logging.getLogger("exchange under test")
    logger.setLevel(logging.DEBUG)
    logger.handlers, logger.propagate = [lines], False
    return lines


def job(name, unit="", log=None, student="*", course=COURSE, **traits):
    """Return an exchange object, made as nbgrader makes it."""
    config = Config()
    exchange.configure(config)
    config.CourseDirectory.root = os.getcwd()
    coursedir = CourseDirectory(config=config)
    coursedir.assignment_id, coursedir.student_id, coursedir.course_id = unit, student, course
    factory = ExchangeFactory(config=config)
    made = getattr(factory, name)(coursedir=coursedir, authenticator=None, config=config)
    if log is not None:
        made.log = logging.getLogger("exchange under test")
    for key, value in traits.items():
        setattr(made, key, value)
    return made


def as_(person, monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", f"token-of-{person}")


def work_on(home, data=SOLVED, unit=UNIT, name=None):
    folder = home / COURSE / unit
    folder.mkdir(parents=True, exist_ok=True)
    (folder / (name or f"{unit}.ipynb")).write_bytes(data)
    return folder


def drafts(folder):
    """Return what a write that failed has left behind."""
    return [p for p in Path(folder).rglob(".*") if p.suffix in (".tmp", ".old")]


# ---------------------------------------------------------------- the settings


def test_nbgrader_config_uses_the_classroom_where_there_is_one():
    source = (ROOT / "nbgrader_config.py").read_text("utf-8")
    code = compile(source, str(ROOT / "nbgrader_config.py"), "exec")

    def load():
        config = Config()
        exec(code, {"get_config": lambda: config, "__file__": str(ROOT / "nbgrader_config.py")})
        return ExchangeFactory(config=config)

    ours, url = load(), os.environ.pop("COURSE_EXCHANGE_URL")
    stock = load()
    names = ExchangeFactory.class_trait_names(config=True)
    assert len(names) == 8
    for name in names:
        assert getattr(ours, name).__module__.startswith("course.exchange.")
        assert getattr(stock, name).__module__.startswith("nbgrader.exchange.default.")
        assert getattr(ours, name).__name__ == getattr(stock, name).__name__  # sections of config
    os.environ["COURSE_EXCHANGE_URL"] = url


def test_settings_of_a_file_arrive():
    config = Config()
    config.Exchange.patience_s = 7.0
    config.Exchange.url = "http://elsewhere/"
    config.ExchangeList.read_timeout_s = 3.0
    lister = exchange.ExchangeList(config=config)
    assert (lister.patience_s, lister.url, lister.read_timeout_s) == (7, "http://elsewhere/", 3)
    assert exchange.ExchangeList().patience_s == 4
    assert exchange.ExchangeSubmit().patience_s == 45
    assert exchange.ExchangeSubmit().read_timeout_s == 60
    assert not hasattr(lister, "root")  # Formgrader would take it for a folder


# ---------------------------------------------------------------- a student, in the Lab


@pytest.fixture
def lab(surroundings):
    """What stands behind the Assignment List of JupyterLab."""
    manager = AssignmentList()
    manager.root_dir = str(surroundings)
    return manager


def listed(lab):
    answer = lab.list_assignments(course_id=COURSE)
    assert answer["success"], answer["value"]
    json.dumps(answer)
    return answer["value"]


def link(submission):
    """Return what the lab extension shows beside a submission: its rule, in its words."""
    if submission["has_local_feedback"] and not submission["feedback_updated"]:
        return "view feedback"
    return "feedback available to fetch" if submission["has_exchange_feedback"] else ""


def test_a_student_in_the_assignment_list(service, lab, surroundings):
    assert lab.list_courses() == {"success": True, "value": [COURSE]}
    assert [(a["assignment_id"], a["status"]) for a in listed(lab)] == [
        (OTHER, "released"), (UNIT, "released"),
    ]  # fmt: skip

    assert lab.fetch_assignment(COURSE, UNIT) == {"success": True}
    notebook = surroundings / COURSE / UNIT / f"{UNIT}.ipynb"
    assert notebook.read_bytes() == GIVEN
    assert [p.name for p in notebook.parent.iterdir()] == [notebook.name]
    fetched = listed(lab)[1]
    assert fetched["status"] == "fetched"
    assert fetched["path"] == f"{COURSE}/{UNIT}"
    assert fetched["notebooks"] == [{"notebook_id": UNIT, "path": f"{COURSE}/{UNIT}/{UNIT}.ipynb"}]

    notebook.write_bytes(SOLVED)
    assert lab.submit_assignment(COURSE, UNIT) == {"success": True}
    (work,) = service.works
    assert (work.student, work.unit, work.data, work.name) == ("ann", UNIT, SOLVED, notebook.name)
    (group,) = [a for a in listed(lab) if a["status"] == "submitted"]
    (one,) = group["submissions"]
    assert one["timestamp"] == "2026-11-02 09:01:00.000005 UTC"
    assert link(one) == "feedback available to fetch"  # the place in the queue

    assert lab.fetch_feedback(COURSE, UNIT) == {"success": True}
    page = surroundings / COURSE / UNIT / "feedback" / one["timestamp"] / f"{UNIT}.html"
    assert page.read_bytes() == b"<p>place 1 in the queue</p>"
    (group,) = [a for a in listed(lab) if a["status"] == "submitted"]
    (one,) = group["submissions"]
    assert link(one) == "view feedback"
    assert surroundings / one["local_feedback_path"] == page.parent

    work.page, work.state, work.place, work.score = b"<p>16 of 16</p>", "graded", None, 16.0
    (group,) = [a for a in listed(lab) if a["status"] == "submitted"]
    assert link(group["submissions"][0]) == "feedback available to fetch"
    assert lab.fetch_feedback(COURSE, UNIT) == {"success": True}
    assert page.read_bytes() == b"<p>16 of 16</p>"
    (group,) = [a for a in listed(lab) if a["status"] == "submitted"]
    assert link(group["submissions"][0]) == "view feedback"
    assert notebook.read_bytes() == SOLVED
    assert drafts(surroundings) == []


def test_feedback_that_is_here_already_is_not_fetched_again(service, lab):
    for data in (GIVEN, SOLVED):
        service.hand_in("ann", UNIT, data)
    service.hand_in("ben", UNIT, GIVEN)
    lab.fetch_feedback(COURSE, UNIT)
    assert service.count("GET", r"submissions/\w+/feedback") == 2
    service.works[1].page = b"<p>news</p>"
    lab.fetch_feedback(COURSE, UNIT)
    assert service.count("GET", r"submissions/\w+/feedback") == 3


def test_the_list_has_the_form_of_nbgraders_own(service, surroundings, tmp_path, monkeypatch):
    """The same story told to nbgrader's folder: the same keys, types and states."""
    work_on(surroundings)
    job("Submit", UNIT).start()
    job("Submit", UNIT).start()
    job("FetchFeedback", UNIT).start()
    config = Config()
    config.CourseDirectory.course_id = COURSE
    config.CourseDirectory.root = str(tmp_path / "course")
    config.Exchange.root, config.Exchange.path_includes_course = str(tmp_path / "x"), True
    config.Exchange.assignment_dir = str(surroundings)
    config.Exchange.cache = str(tmp_path / "cache")
    for unit in (UNIT, OTHER):
        release = tmp_path / "course" / "release" / unit
        release.mkdir(parents=True)
        (release / f"{unit}.ipynb").write_bytes(GIVEN)
        coursedir = CourseDirectory(config=config, assignment_id=unit)
        ExchangeFactory(config=config).ReleaseAssignment(coursedir=coursedir, config=config).start()

    def theirs(kind, **traits):
        coursedir = CourseDirectory(config=config, assignment_id=UNIT if kind == "Submit" else "")
        from nbgrader.auth import Authenticator

        made = getattr(ExchangeFactory(config=config), kind)(
            coursedir=coursedir, authenticator=Authenticator(config=config), config=config
        )
        for key, value in traits.items():
            setattr(made, key, value)
        return made.start()

    assert isinstance(ExchangeFactory(config=config).List(config=config), default.ExchangeList)
    theirs("Submit")
    theirs("Submit")

    def form(value):
        if isinstance(value, dict):
            return {k: form(v) for k, v in value.items()}
        if isinstance(value, list):
            return [form(v) for v in value]
        return type(value).__name__

    assert form(job("List").start()) == form(theirs("List"))
    assert [a["status"] for a in job("List").start()] == [a["status"] for a in theirs("List")]
    ours, own = job("List", cached=True).start(), theirs("List", cached=True)
    # their second submission has no feedback to fetch: a path is null there
    (group,), (their_group,) = ours, own
    assert form({**group, "submissions": []}) == form({**their_group, "submissions": []})
    mine, their = group["submissions"][0], their_group["submissions"][0]
    mine["local_feedback_path"] = mine["notebooks"][0]["local_feedback_path"] = None
    assert form(mine) == form(their)
    assert len(group["submissions"]) == 2


def test_another_course_has_nothing_here(service, lab, surroundings):
    work_on(surroundings)
    service.hand_in("ann", UNIT, GIVEN)
    assert lab.list_assignments(course_id="other") == {"success": True, "value": []}
    answer = lab.submit_assignment("other", UNIT)
    assert (
        answer["value"]
        .strip()
        .splitlines()[-1]
        .endswith("ExchangeError: this classroom holds the course 'backprop', not 'other'")
    )
    assert len(service.works) == 1


# ---------------------------------------------------------------- fetching


def test_fetching_never_touches_work(service, surroundings, log):
    folder = work_on(surroundings)
    with pytest.raises(ExchangeError, match="already have a copy"):
        job("FetchAssignment", UNIT).start()
    job("FetchAssignment", UNIT, replace_missing_files=True).start()
    assert (folder / f"{UNIT}.ipynb").read_bytes() == SOLVED
    assert service.count("GET", r"units/.*/notebook") == 0
    # what is missing is put back beside other notebooks
    (folder / f"{UNIT}.ipynb").rename(folder / "mine.ipynb")
    with pytest.raises(ExchangeError, match="already have a copy"):
        job("FetchAssignment", UNIT).start()
    job("FetchAssignment", UNIT, replace_missing_files=True).start()
    assert (folder / f"{UNIT}.ipynb").read_bytes() == GIVEN
    assert (folder / "mine.ipynb").read_bytes() == SOLVED
    assert drafts(surroundings) == []


def test_a_folder_without_a_notebook_can_be_fetched_into(service, surroundings, lab):
    """The notebook was deleted, feedback fetched since: nbgrader would leave no way back."""
    service.hand_in("ann", UNIT, GIVEN)
    lab.fetch_feedback(COURSE, UNIT)
    assert listed(lab)[1]["status"] == "released"
    lab.fetch_assignment(COURSE, UNIT)
    assert listed(lab)[1]["status"] == "fetched"
    assert (surroundings / COURSE / UNIT / f"{UNIT}.ipynb").read_bytes() == GIVEN


def test_a_dangling_link_in_the_way_is_not_written_through(service, surroundings, tmp_path):
    folder = surroundings / COURSE / UNIT
    folder.mkdir(parents=True)
    (folder / f"{UNIT}.ipynb").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ExchangeError, match="already have a copy"):
        job("FetchAssignment", UNIT).start()
    job("FetchAssignment", UNIT, replace_missing_files=True).start()
    assert not (tmp_path / "elsewhere").exists()


def test_a_unit_that_is_not_released_is_named_with_those_that_are(service):
    with pytest.raises(
        ExchangeError, match=f"'06-x' is not released. Released are: {OTHER}, {UNIT}"
    ):
        job("FetchAssignment", "06-x").start()
    with pytest.raises(ExchangeError, match="'../ben' is not the name of a unit"):
        job("FetchAssignment", "../ben").start()


def test_a_damaged_notebook_is_not_kept(service, surroundings):
    service.trouble = [("GET", "units/.*/notebook", b"login here")]
    with pytest.raises(ExchangeError, match="arrived damaged"):
        job("FetchAssignment", UNIT).start()
    assert not (surroundings / COURSE / UNIT).exists()
    job("FetchAssignment", UNIT).start()


def test_a_full_disk_leaves_nothing_behind(service, surroundings, monkeypatch):
    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ExchangeError, match="No space left on device"):
        job("FetchAssignment", UNIT).start()
    assert list((surroundings / COURSE).iterdir()) == []
    work_on(surroundings, name="other.ipynb")
    with pytest.raises(ExchangeError, match="No space left on device"):
        job("FetchAssignment", UNIT, replace_missing_files=True).start()
    assert [p.name for p in (surroundings / COURSE / UNIT).iterdir()] == ["other.ipynb"]


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_appears_meanwhile_is_not_overwritten(tmp_path, monkeypatch, links):
    def refuse(old, new):
        raise PermissionError(1, "Operation not permitted")

    if not links:  # some network file systems have none
        monkeypatch.setattr(os, "link", refuse)
    _files.write_new(tmp_path / "a", b"first")
    with pytest.raises(FileExistsError):
        _files.write_new(tmp_path / "a", b"second")
    assert (tmp_path / "a").read_bytes() == b"first"
    _files.write_whole(tmp_path / "a", b"third")
    assert (tmp_path / "a").read_bytes() == b"third"
    assert drafts(tmp_path) == []


def test_too_much_is_not_taken(service, surroundings):
    service.units[UNIT] = b" " * 3_000_000
    with pytest.raises(ExchangeError, match="more than 2 MB: not taken"):
        job("FetchAssignment", UNIT, max_notebook_mb=2).start()
    assert not (surroundings / COURSE / UNIT).exists()
    job("FetchAssignment", UNIT, max_notebook_mb=3).start()


# ---------------------------------------------------------------- handing in


def test_one_click_is_one_submission(service, surroundings, log):
    work_on(surroundings)
    path = "units/.*/submissions"
    service.trouble = [("POST", path, what) for what in ("lose", 500, "drop", "cut", 503)]
    job("Submit", UNIT, log).start()
    assert service.count("POST", path) == 6
    (work,) = service.works
    assert f"Submitted as: backprop {UNIT} {work.record()['timestamp']} (attempt 1, place 1" in (
        log.text
    )
    assert log.text.count("Trying again") == 5
    keys = {h["Idempotency-Key"] for h in service.headers if "Idempotency-Key" in h}
    assert len(keys) == 1
    job("Submit", UNIT, log).start()
    assert [w.attempt for w in service.works] == [1, 2]


def test_a_lost_cause_is_given_up_in_time(service, surroundings):
    work_on(surroundings)
    service.trouble = [("POST", ".*", 502)] * 1000
    began = time.monotonic()
    with pytest.raises(ExchangeError, match=r"out of order .*\(HTTP 502\)\. Whether .* not known"):
        job("Submit", UNIT, patience_s=1.0).start()
    assert time.monotonic() - began < 2
    assert 3 < service.count("POST", "units/.*") < 12


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 415, 429, 507])
def test_a_refusal_is_final_and_in_the_services_words(service, surroundings, status, lab):
    work_on(surroundings)
    said = {"error": f"the deadline\nof {UNIT} was \x1b[31myesterday; token-of-ann"}

    class Refusal(bytes):
        pass

    async def harm(self, what):
        self.set_status(status)
        self.finish(said)

    from classroom_service import Api

    service.trouble = [("POST", ".*", 1)]
    original, Api.harm = Api.harm, harm
    try:
        answer = lab.submit_assignment(COURSE, UNIT)
    finally:
        Api.harm = original
    assert answer["success"] is False
    last = answer["value"].strip().splitlines()[-1]
    assert last.endswith(f"ExchangeError: the deadline of {UNIT} was [31myesterday; ...")
    assert service.count("POST", ".*") == 1
    assert "During handling" not in answer["value"]
    assert "token-of-ann" not in answer["value"]
    assert len(answer["value"].splitlines()) < 12  # the sentence is in view


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (401, "does not accept the token"), (403, "does not admit"), (404, "no classroom answers"),
        (409, "in the state"), (413, "too big"), (429, "wait a minute"), (418, "HTTP 418"),
    ],
)  # fmt: skip
def test_a_refusal_without_words_gets_ours(service, surroundings, status, says):
    work_on(surroundings)
    service.trouble = [("POST", ".*", status)] * 9
    with pytest.raises(ExchangeError, match=says) as caught:
        job("Submit", UNIT, patience_s=1.0).start()
    assert "html" not in str(caught.value)


@pytest.mark.parametrize("answer", [404, (302, {"Location": "/hub/services/classroom/api/me"})])
def test_a_proxy_that_has_forgotten_the_classroom_is_asked_again(service, surroundings, answer):
    """A Hub that starts anew tells its proxy of the services one after the other."""
    work_on(surroundings)
    service.trouble = [("POST", ".*", answer)] * 2
    job("Submit", UNIT).start()
    assert len(service.works) == 1


def test_a_service_that_asks_to_wait_is_waited_for(service, surroundings):
    work_on(surroundings)
    service.trouble = [("POST", ".*", (429, {"Retry-After": "1"}))]
    began = time.monotonic()
    job("Submit", UNIT).start()
    assert time.monotonic() - began > 0.99
    service.trouble = [("POST", ".*", (429, {"Retry-After": "3600"}))]
    began = time.monotonic()
    with pytest.raises(ExchangeError, match="wait a minute"):
        job("Submit", UNIT).start()
    assert time.monotonic() - began < 1


def test_what_is_sent_is_one_notebook(service, surroundings, log):
    folder = work_on(surroundings)
    (folder / "notes.txt").write_text("secret")
    (folder / "draft.ipynb").write_text("{}")
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / "feedback").mkdir()
    job("Submit", UNIT, log).start()
    assert "Not sent, for a unit is its notebook: 'draft.ipynb', 'notes.txt'" in log.lines
    assert service.works[0].data == SOLVED
    for number in range(1_000):
        (folder / f"{number:05}").touch()
    job("Submit", UNIT, log).start()
    assert "and 994 more" in log.text


def test_the_only_notebook_will_do_and_two_will_not(service, surroundings, log):
    folder = work_on(surroundings, name="my work.ipynb")
    with pytest.raises(ExchangeError, match="is missing"):
        job("Submit", UNIT, strict=True).start()
    job("Submit", UNIT, log).start()
    assert (service.works[0].name, service.works[0].data) == ("my work.ipynb", SOLVED)
    assert f"{UNIT}.ipynb is missing: 'my work.ipynb' is sent in its place" in log.lines
    (folder / "two.ipynb").write_text("{}")
    with pytest.raises(ExchangeError, match=r"There is: 'my work.ipynb', 'two.ipynb'\."):
        job("Submit", UNIT).start()
    shutil.rmtree(folder)
    with pytest.raises(ExchangeError, match="there is no folder"):
        job("Submit", UNIT).start()
    folder.mkdir()
    with pytest.raises(ExchangeError, match="There is: nothing"):
        job("Submit", UNIT).start()
    assert len(service.works) == 1


@pytest.mark.parametrize("what", ["link", "dangling", "pipe", "folder"])
def test_links_pipes_and_folders_are_not_sent(service, surroundings, tmp_path, what):
    folder = work_on(surroundings, name="x")
    (folder / "x").unlink()
    path = folder / f"{UNIT}.ipynb"
    (tmp_path / "secret").write_text("{}")
    {
        "link": lambda: path.symlink_to(tmp_path / "secret"),
        "dangling": lambda: path.symlink_to(tmp_path / "nothing"),
        "pipe": lambda: os.mkfifo(path),
        "folder": path.mkdir,
    }[what]()
    with pytest.raises(ExchangeError, match=f"{UNIT}.ipynb is (a link|not a file): put the"):
        job("Submit", UNIT).start()
    assert service.count("POST", ".*") == 0


def test_a_link_that_appears_at_the_last_moment_is_not_followed(tmp_path, monkeypatch):
    (tmp_path / "secret").write_text("{}")
    (tmp_path / "a").symlink_to(tmp_path / "secret")
    monkeypatch.setattr(Path, "is_symlink", lambda self: False)
    with pytest.raises(OSError, match="symbolic links"):
        _files.read_regular(tmp_path / "a", 1)


def test_a_name_that_is_no_text_is_told_as_well_as_can_be(service, surroundings, log):
    folder = work_on(surroundings, name="x")
    os.rename(folder / "x", os.fsencode(folder) + b"/a\xff\n.ipynb")
    job("Submit", UNIT, log).start()
    assert service.works[0].name == "a__.ipynb"
    json.dumps(job("List").start())


def test_a_big_notebook_is_refused_before_it_is_sent(service, surroundings):
    work_on(surroundings, b" " * 2_000_001)
    with pytest.raises(ExchangeError, match=r"has 2 MB, and the classroom takes 2 MB: clear its"):
        job("Submit", UNIT, max_notebook_mb=2).start()
    service.me = {"max_notebook_mb": 1}
    with pytest.raises(ExchangeError, match="takes 1 MB: clear its outputs"):
        job("Submit", UNIT).start()
    assert service.count("POST", ".*") == 0
    service.me = {}
    job("Submit", UNIT).start()


def test_nobody_hands_in_for_another(service, surroundings):
    work_on(surroundings)
    for kind in ("Submit", "FetchFeedback"):
        with pytest.raises(ExchangeError, match="you are 'ann' here and cannot act for 'ben'"):
            job(kind, UNIT, student="ben").start()
    job("Submit", UNIT, student="ann").start()
    assert [w.student for w in service.works] == ["ann"]


@pytest.mark.parametrize("answer", [b"{}", b"[]", b"null", b"<html>", b"[" * 100_000])
def test_a_receipt_for_something_else_is_none(service, surroundings, answer):
    work_on(surroundings)
    service.trouble = [("POST", ".*", answer)]
    with pytest.raises(ExchangeError, match="receipt is not for|is not the classroom"):
        job("Submit", UNIT).start()


def test_the_receipt_is_for_these_bytes_and_this_unit(service, surroundings):
    work_on(surroundings)
    for unit, data in ((UNIT, GIVEN), (OTHER, SOLVED)):
        record = service.hand_in("ann", unit, data).record()
        service.trouble = [("POST", ".*", json.dumps(record).encode())]
        with pytest.raises(ExchangeError, match="receipt is not for what was sent"):
            job("Submit", UNIT).start()
    service.trouble = []
    job("Submit", UNIT).start()


# ---------------------------------------------------------------- connections


def test_no_service_is_a_sentence_and_the_token_is_in_none(service, lab, monkeypatch, log):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for url, says in {
        f"http://127.0.0.1:{port}/x": "cannot be reached",
        "": "COURSE_EXCHANGE_URL is not set",
        "file:///etc/passwd": "must be http",
        "http://user:pw@host/": "must be http",
        "http://[::1/": "must be http",
        "http://" + "a" * 300 + "/": "cannot be (reached|asked)",
        service.url.replace("http:", "https:"): "time is up",
        service.url.replace("classroom", "other"): "no classroom answers at",
    }.items():
        monkeypatch.setenv("COURSE_EXCHANGE_URL", url)
        with pytest.raises(ExchangeError, match=says) as caught:
            job("FetchAssignment", UNIT, log, patience_s=0.2, connect_timeout_s=0.5).start()
        assert "token-of-ann" not in str(caught.value) + log.text
        assert (caught.value.__cause__, caught.value.__context__) == (None, None)


@pytest.mark.parametrize("token", ["", "  \n", "bad\ntoken", "tökèn", "not-known"])
def test_a_token_that_is_none(service, monkeypatch, token, log):
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", token)
    with pytest.raises(ExchangeError, match="TOKEN|token is not known") as caught:
        job("FetchAssignment", UNIT, log).start()
    if token.strip():
        assert token not in str(caught.value) + log.text
    # a line end from a file does no harm
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "token-of-ann\n")
    job("FetchAssignment", UNIT, log).start()


def test_who_is_not_in_the_course_is_told_by_the_service(service, monkeypatch, lab):
    as_("mallory", monkeypatch)
    for kind in ("FetchAssignment", "Submit", "FetchFeedback", "Collect", "ReleaseFeedback"):
        with pytest.raises(ExchangeError, match="mallory is not in the course backprop"):
            job(kind, UNIT).start()
    assert lab.list_assignments(course_id=COURSE)["success"] is False


@pytest.mark.parametrize(
    ("to", "says"),
    [
        ("/hub/api/oauth2/authorize?client_id=x", "does not accept the token"),
        ("/hub/services/classroom/api/me", "no classroom answers at http"),
        ("http://{evil}/", r"leads on to http://\{evil\}/"),
        ("https://sso.example.org/login?next=/", "does not accept the token"),
        ("", "does not accept the token"),
        ("https://hub.example.org/services/classroom/?a=b", "COURSE_EXCHANGE_URL leads on to https"),
    ],
)  # fmt: skip
def test_a_redirect_is_not_followed(service, to, says):
    with Service() as trap:
        if not to.startswith("https://hub"):
            to = to or trap.url
        service.trouble = [("GET", "me", (302, {"Location": to}))] * 9
        with pytest.raises(
            ExchangeError, match=says if to != trap.url else "leads on to"
        ) as caught:
            job("FetchAssignment", UNIT, patience_s=0.0).start()
        assert trap.asked == []
    assert "?" not in str(caught.value)
    assert service.count("GET", ".*") == 1


def test_a_service_that_hangs_or_drips_does_not_hold_us(service, surroundings, monkeypatch):
    service.trouble = [("GET", "me", "hang")]
    began = time.monotonic()
    with pytest.raises(ExchangeError, match=r"does not answer \(time is up\)"):
        job("FetchAssignment", UNIT, read_timeout_s=0.3, patience_s=0.2).start()
    assert time.monotonic() - began < 2
    monkeypatch.setattr(_client, "TRANSFER_S", 0.5)
    service.trouble = [("GET", "me", "drip")]
    began = time.monotonic()
    with pytest.raises(ExchangeError, match="was not complete after"):
        job("FetchAssignment", UNIT, patience_s=0.2).start()
    assert time.monotonic() - began < 3  # it drips for 4


def test_neither_netrc_nor_proxies_nor_cookies_have_a_say(service, tmp_path, monkeypatch):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login eve password evil\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    service.trouble = [("GET", "me", (503, {"Set-Cookie": "who=eve; Path=/"}))]
    job("FetchAssignment", UNIT).start()
    assert {h["Authorization"] for h in service.headers} == {"token token-of-ann"}
    assert not [h for h in service.headers if "Cookie" in h]


def test_a_refusal_at_the_door_is_heard_though_the_body_is_on_its_way(service):
    """The service answers and hangs up before it has read 30 MB."""
    log = logging.getLogger("exchange under test")
    with (
        Client(service.url, "token-of-ann", log) as client,
        pytest.raises(ClassroomError, match="64 MB at most, says the door"),
    ):
        client.request("POST", "api", "door", data=b" " * 30_000_000)


# ---------------------------------------------------------------- what a service may say


@pytest.mark.parametrize(
    "name", ["../x", "..", ".", "", ".hidden", "a/b", "a\\b", "a\0b", "a\nb", "*", "b?", "[ab]", " a",
             "x" * 300, None, 5, ["a"]],
)  # fmt: skip
def test_a_name_that_leads_elsewhere_is_none(service, name, log, monkeypatch, surroundings):
    with pytest.raises(ValueError, match="cannot be the name"):
        _files.safe_name(name)
    service.extra_units = [{"unit": name, "sha256": digest(GIVEN)}, {}, None]
    assert len(job("List", log=log).start()) == 2
    service.hand_in("ann", UNIT, GIVEN).lies = {"unit": name}
    service.hand_in("ann", UNIT, SOLVED)
    (group,) = job("List", log=log, cached=True).start()
    assert len(group["submissions"]) == 1
    as_("tea", monkeypatch)
    service.works[0].lies = {"student": name}
    job("Collect", UNIT, log).start()
    assert [p.name for p in (surroundings / "submitted").iterdir()] == ["ann"]
    assert sorted(p.name for p in surroundings.iterdir()) == ["nbgrader_config.py", "submitted"]


@pytest.mark.parametrize(
    "lie",
    [
        {"timestamp": "../../x"}, {"timestamp": "2026-11-02 09:01:00.000005 UTC/../x"},
        {"timestamp": "2026-13-02 09:01:00.000005 UTC"}, {"timestamp": None}, {"id": "../me"},
        {"id": "A" * 32}, {"sha256": "0"}, {"attempt": "one"}, {"feedback": 7}, {"score": "16 of"},
        {"feedback": {"sha256": "../x"}},
    ],
)  # fmt: skip
def test_a_record_that_makes_no_sense_is_left_out(service, lie, log, surroundings):
    service.hand_in("ann", UNIT, GIVEN).lies = lie
    service.hand_in("ann", UNIT, SOLVED)
    (group,) = job("List", log=log, cached=True).start()
    assert [s["timestamp"] for s in group["submissions"]] == ["2026-11-02 09:02:00.000005 UTC"]
    assert log.text.count("makes no sense, left out") == 1
    job("FetchFeedback", UNIT, log).start()
    assert len(list((surroundings / COURSE / UNIT / "feedback").iterdir())) == 1


@pytest.mark.parametrize("answer", [b"", b"{", b"[]", b"7", b'{"name": 1}', b"null",
                                    b'{"name": "ann", "role": "student", "course": "../x"}'])  # fmt: skip
def test_an_answer_that_is_not_the_services(service, answer):
    service.trouble = [("GET", "me", answer)]
    with pytest.raises(ExchangeError, match="makes no sense|is not the classroom"):
        job("List").start()
    service.trouble = [("GET", "units", b'{"units": []}')]
    with pytest.raises(ExchangeError, match="makes no sense"):
        job("List").start()


# ---------------------------------------------------------------- an instructor


@pytest.fixture
def teacher(surroundings, tmp_path, monkeypatch):
    """A course directory, with the token of an instructor."""
    as_("tea", monkeypatch)
    root = tmp_path / "course"
    root.mkdir()
    (root / "nbgrader_config.py").write_text(
        CONFIG + f"c.CourseDirectory.course_id = {COURSE!r}\n"
        f"c.CourseDirectory.root = {str(root)!r}\n"
    )
    monkeypatch.chdir(root)
    for unit in (UNIT, OTHER):
        folder = root / "release" / unit
        folder.mkdir(parents=True)
        (folder / f"{unit}.ipynb").write_bytes(GIVEN)
    return root


def collected(root, student, unit=UNIT):
    folder = root / "submitted" / student / unit
    return {p.name: p.read_text() for p in folder.iterdir()}


def test_collect_writes_what_nbgrader_needs(service, teacher, log):
    ann = service.hand_in("ann", UNIT, GIVEN, name="other.ipynb")
    service.hand_in("ben", UNIT, GIVEN)
    ben = service.hand_in("ben", UNIT, SOLVED)
    service.hand_in("ben", OTHER, GIVEN)
    job("Collect", UNIT, log).start()
    assert collected(teacher, "ann") == {
        f"{UNIT}.ipynb": GIVEN.decode(), "timestamp.txt": "2026-11-02 09:01:00.000005 UTC",
        "submission_secret.txt": ann.id,
    }  # fmt: skip
    assert collected(teacher, "ben")["submission_secret.txt"] == ben.id
    assert collected(teacher, "ben")[f"{UNIT}.ipynb"] == SOLVED.decode()
    assert not (teacher / "submitted" / "ben" / OTHER).exists()
    downloads = service.count("GET", r"submissions/\w+/notebook")
    assert downloads == 2
    for update in (False, True):  # a second time there is nothing to do
        job("Collect", UNIT, log, update=update).start()
    assert service.count("GET", r"submissions/\w+/notebook") == downloads
    assert drafts(teacher) == []


def test_collect_updates_as_nbgrader_does(service, teacher, log):
    service.hand_in("ann", UNIT, GIVEN)
    job("Collect", UNIT).start()
    newer = service.hand_in("ann", UNIT, SOLVED)
    job("Collect", UNIT, log).start()
    assert f"Submission already exists, use --update to update: ann {UNIT}" in log.lines
    assert collected(teacher, "ann")[f"{UNIT}.ipynb"] == GIVEN.decode()
    (teacher / "submitted" / "ann" / UNIT / "stray.txt").write_text("of before")
    job("Collect", UNIT, log, update=True).start()
    assert collected(teacher, "ann")["submission_secret.txt"] == newer.id
    assert "stray.txt" not in collected(teacher, "ann")
    # brought by hand, and later: stays
    folder = teacher / "submitted" / "ann" / UNIT
    (folder / "timestamp.txt").write_text("2027-01-01 00:00:00 UTC")
    (folder / "submission_secret.txt").unlink()
    job("Collect", UNIT, log, update=True).start()
    assert "timestamp.txt" in collected(teacher, "ann")
    assert "submission_secret.txt" not in collected(teacher, "ann")
    for stamp in ("", "no time at all", "\udcff"):
        (folder / "timestamp.txt").write_bytes(stamp.encode("utf-8", "surrogateescape"))
        (folder / f"{UNIT}.ipynb").write_text("old")
        job("Collect", UNIT, log, update=True).start()
        assert collected(teacher, "ann")[f"{UNIT}.ipynb"] == SOLVED.decode()


def test_the_best_counts_though_it_is_older(service, teacher):
    best = service.hand_in("ann", UNIT, SOLVED)
    last = service.hand_in("ann", UNIT, GIVEN)
    job("Collect", UNIT, update=True).start()
    assert collected(teacher, "ann")["submission_secret.txt"] == last.id
    best.counts, last.counts = True, False
    job("Collect", UNIT, update=True).start()
    assert collected(teacher, "ann")["submission_secret.txt"] == best.id


def test_before_the_due_date(service, teacher):
    works = [service.hand_in("ann", UNIT, data) for data in (GIVEN, SOLVED, GIVEN)]
    works[2].late = True
    (ben,) = [service.hand_in("ben", UNIT, GIVEN)]
    ben.late = True
    job("Collect", UNIT, before_duedate=True).start()
    assert collected(teacher, "ann")["submission_secret.txt"] == works[1].id
    assert collected(teacher, "ben")["submission_secret.txt"] == ben.id
    job("Collect", UNIT, update=True).start()
    assert collected(teacher, "ann")["submission_secret.txt"] == works[2].id
    job("Collect", UNIT, before_duedate=True).start()
    assert collected(teacher, "ann")["submission_secret.txt"] == works[1].id


def test_collect_of_one_or_some(service, teacher):
    for name in ("ann", "ben", "bob"):
        service.hand_in(name, UNIT, GIVEN)
    job("Collect", UNIT, student="ann").start()
    assert [p.name for p in (teacher / "submitted").iterdir()] == ["ann"]
    job("Collect", UNIT, student="b*").start()
    assert sorted(p.name for p in (teacher / "submitted").iterdir()) == ["ann", "ben", "bob"]


def test_one_damaged_submission_does_not_keep_the_others(service, teacher, log):
    bad = service.hand_in("ann", UNIT, GIVEN)
    service.hand_in("ben", UNIT, SOLVED)
    service.trouble = [("GET", f"submissions/{bad.id}/notebook", b"something else")]
    with pytest.raises(ExchangeError, match=f"not collected: {UNIT} of ann; see the log"):
        job("Collect", UNIT, log).start()
    assert [p.name for p in (teacher / "submitted").iterdir()] == ["ben"]
    # but a service that is gone is not asked for each of 800
    shutil.rmtree(teacher / "submitted")
    before = service.count("GET", r"submissions/\w+/notebook")
    service.trouble = [("GET", r"submissions/\w+/notebook", 503)] * 1000
    with pytest.raises(ExchangeError, match="out of order"):
        job("Collect", UNIT, log, patience_s=0.1).start()
    assert service.count("GET", r"submissions/\w+/notebook") - before < 6


def test_a_folder_is_swapped_whole_or_stays(tmp_path, monkeypatch):
    folder = tmp_path / "ann" / UNIT
    _files.put_folder(folder, {"a": b"1"})
    with pytest.raises(OSError, match="not empty"):
        _files.put_folder(folder, {"a": b"2"})
    assert (folder / "a").read_bytes() == b"1"
    rename, calls = os.rename, []

    def failing(old, new):
        calls.append(new)
        if len(calls) == 2:
            raise OSError(5, "Input/output error")
        rename(old, new)

    monkeypatch.setattr(os, "rename", failing)
    with pytest.raises(OSError, match="Input/output"):
        _files.put_folder(folder, {"a": b"3"}, replace=True)
    assert (folder / "a").read_bytes() == b"1"
    monkeypatch.setattr(os, "rename", rename)
    _files.put_folder(folder, {"b": b"4"}, replace=True, groupshared=True)
    assert [p.name for p in folder.iterdir()] == ["b"]
    assert folder.stat().st_mode & 0o7777 == 0o2775 | folder.stat().st_mode & 0o2
    assert (folder / "b").stat().st_mode & 0o660 == 0o660
    assert drafts(tmp_path) == []


def test_release_and_withdraw(service, teacher, log):
    service.units = {}
    (teacher / "release" / UNIT / "answers.txt").write_text("42")
    job("ReleaseAssignment", UNIT, log).start()
    assert service.units == {UNIT: GIVEN}
    assert "Not released, for a unit is its notebook: answers.txt" in log.lines
    job("ReleaseAssignment", UNIT).start()  # the same again is no conflict
    (teacher / "release" / UNIT / f"{UNIT}.ipynb").write_bytes(SOLVED)
    with pytest.raises(ExchangeError, match=r"another version .* --force"):
        job("ReleaseAssignment", UNIT).start()
    assert service.units == {UNIT: GIVEN}
    job("ReleaseAssignment", UNIT, force=True).start()
    assert service.units == {UNIT: SOLVED}
    job("ReleaseAssignment", OTHER).start()
    service.trouble = [("DELETE", ".*", "lose")]
    (gone,) = job("List", UNIT, log, remove=True).start()
    assert (gone["assignment_id"], gone["status"]) == (UNIT, "removed")
    assert list(service.units) == [OTHER]
    with pytest.raises(ExchangeError, match="no .*06-x.ipynb: there is no .* either"):
        job("ReleaseAssignment", "06-x").start()
    (teacher / "source" / "06-x").mkdir(parents=True)
    with pytest.raises(ExchangeError, match="nbgrader generate_assignment"):
        job("ReleaseAssignment", "06-x").start()


def test_no_submission_can_be_removed(service, teacher):
    service.hand_in("ann", UNIT, GIVEN)
    for traits in ({"inbound": True}, {"cached": True}):
        with pytest.raises(ExchangeError, match="keeps every submission"):
            job("List", remove=True, **traits).start()
    with pytest.raises(ExchangeError, match="incompatible"):
        job("List", inbound=True, cached=True).start()
    assert len(service.works) == 1


def test_inbound_is_the_whole_class(service, teacher, log, monkeypatch):
    for name, unit in (("ben", UNIT), ("ann", OTHER), ("ann", UNIT), ("ann", UNIT)):
        service.hand_in(name, unit, GIVEN)
    service.works[0].score, service.works[0].state = 7.5, "graded"
    found = job("List", log=log, inbound=True).start()
    assert [(g["student_id"], g["assignment_id"], len(g["submissions"])) for g in found] == [
        ("ann", OTHER, 1), ("ann", UNIT, 2), ("ben", UNIT, 1),
    ]  # fmt: skip
    assert (
        f"backprop ben {UNIT} 2026-11-02 09:01:00.000005 UTC (feedback ready to be fetched) "
        "[7.5 of 16 points]"
    ) in log.lines
    assert len(job("List", UNIT, inbound=True, student="b*").start()) == 1
    as_("ann", monkeypatch)
    with pytest.raises(ExchangeError, match="is for instructors"):
        job("List", inbound=True).start()


def put_feedback(root, student, secret, page=b"<p>by hand</p>", unit=UNIT):
    folder = root / "feedback" / student / unit
    folder.mkdir(parents=True)
    (folder / f"{unit}.html").write_bytes(page)
    (folder / "timestamp.txt").write_text("2026-11-02 09:01:00.000005 UTC")
    if secret is not None:
        (folder / "submission_secret.txt").write_text(secret)


def test_feedback_of_a_person_reaches_its_attempt(service, teacher, log):
    first, second = (service.hand_in("ann", UNIT, data) for data in (GIVEN, SOLVED))
    ben, bob = (service.hand_in(name, UNIT, GIVEN) for name in ("ben", "bob"))
    put_feedback(teacher, "ann", first.id + "\n")
    put_feedback(teacher, "ben", ben.id)
    put_feedback(teacher, "bob", bob.id)
    put_feedback(teacher, "ann", second.id, unit=OTHER)
    one = job("ReleaseFeedback", UNIT, log)
    one.coursedir.student_id_exclude = "eve, bob"
    one.start()
    kinds = [w.kind for w in (first, second, ben, bob)]
    assert kinds == ["person", "status", "person", "status"]
    assert first.page == b"<p>by hand</p>"
    ben.kind = "status"
    job("ReleaseFeedback", UNIT, student="bob").start()
    assert (bob.kind, ben.kind) == ("person", "status")


def test_feedback_that_cannot_be_released_is_named(service, teacher, log):
    ben = service.hand_in("ben", UNIT, GIVEN)
    put_feedback(teacher, "abe", None)
    put_feedback(teacher, "ada", "x" * 128)  # of nbgrader's own exchange
    put_feedback(teacher, "amy", "0" * 32)
    put_feedback(teacher, "ben", ben.id)
    (teacher / "feedback" / "cid" / UNIT).mkdir(parents=True)
    with pytest.raises(ExchangeError, match="no feedback released to abe, ada, amy, cid; the log"):
        job("ReleaseFeedback", UNIT, log).start()
    assert ben.kind == "person"
    for text in ("abe was not handed in through", "amy: there is no such", "generate the feedback"):
        assert text in log.text


@pytest.mark.slow
def test_formgraders_buttons(service, teacher):
    service.units = {}
    (teacher / "source" / UNIT).mkdir(parents=True)
    (teacher / "source" / UNIT / f"{UNIT}.ipynb").write_bytes(GIVEN)
    with environment_on_path():
        api = open_course(teacher)
        assert api.exchange_is_functional
        assert api.exchange_root == ""
        assert [a["status"] for a in api.get_assignments()] == ["draft"]
        assert api.release_assignment(UNIT)["success"]
        assert [a["status"] for a in api.get_assignments()] == ["released"]
        work = service.hand_in("ann", UNIT, SOLVED)
        assert api.collect(UNIT)["success"]
        assert api.get_submitted_students(UNIT) == {"ann"}
        put_feedback(teacher, "ann", work.id)
        for student in (None, "ann"):
            work.kind = "status"
            assert api.release_feedback(UNIT, student)["success"]
            assert work.kind == "person"
        told = api.fetch_feedback(UNIT, "tea")
        assert told["success"], told
        service.trouble = [("DELETE", ".*", 403)]
        answer = api.unrelease(UNIT)
        assert answer["success"] is False
        assert "does not admit" in answer["error"].strip().splitlines()[-1]
        assert api.unrelease(UNIT)["success"]
        assert [a["status"] for a in api.get_assignments()] == ["draft"]


@pytest.mark.slow
def test_formgrader_without_a_service_says_so_and_works_on(service, teacher, monkeypatch):
    monkeypatch.setenv("COURSE_EXCHANGE_URL", "http://127.0.0.1:9/")
    (teacher / "source" / UNIT).mkdir(parents=True)
    monkeypatch.setattr(exchange.ExchangeList, "_patience_default", lambda self: 0.1)
    with environment_on_path():
        api = open_course(teacher)
        assert api.exchange_missing
        assert [a["status"] for a in api.get_assignments()] == ["draft"]


# ---------------------------------------------------------------- commands and servers


def command(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=folder, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.mark.slow
def test_the_commands(service, surroundings, teacher, monkeypatch):
    def run(folder, *arguments):
        done = command(folder, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stderr

    service.units = {}
    run(teacher, "release_assignment", UNIT)
    as_("ann", monkeypatch)
    assert f"backprop {UNIT}\n" in run(surroundings, "list", COURSE, "--course", COURSE) + (
        run(surroundings, "list")
    )
    run(surroundings, "fetch_assignment", UNIT, "--course", COURSE)
    work_on(surroundings)
    said = run(surroundings, "submit", UNIT, "--course", COURSE)
    assert "(attempt 1, place 1 in the queue)" in said
    assert "feedback ready to be fetched" in run(surroundings, "list", "--cached")
    assert "Fetched feedback" in run(surroundings, "fetch_feedback", UNIT, "--course", COURSE)
    refused = command(surroundings, "collect", UNIT)
    assert refused.returncode == 1
    assert "is for instructors" in refused.stderr
    assert "token-of-ann" not in refused.stderr
    as_("tea", monkeypatch)
    assert f"backprop ann {UNIT}" in run(teacher, "list", "--inbound")
    run(teacher, "collect", UNIT, "--update")
    put_feedback(teacher, "ann", service.works[0].id)
    run(teacher, "release_feedback", UNIT)
    assert service.works[0].kind == "person"
    run(teacher, "list", UNIT, "--remove")
    assert service.units == {}


@pytest.mark.slow
def test_a_real_server_with_the_real_assignment_list(service, surroundings):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "JUPYTER_TOKEN": "lab"}
    arguments = [
        "-m", "jupyter", "server", f"--port={port}", "--no-browser", "--allow-root",
        "--ServerApp.jpserver_extensions={'nbgrader.server_extensions.assignment_list': True}",
    ]  # fmt: skip

    def ask(path, **body):
        request = urllib.request.Request(
            f"{base}/{path}", json.dumps(body).encode() if body else None,
            {"Authorization": "token lab", "Content-Type": "application/json"},
        )  # fmt: skip
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    with open(surroundings / "log", "w") as log:
        server = subprocess.Popen(
            [sys.executable, *arguments], cwd=surroundings, env=environment, stdout=log, stderr=log
        )
    try:
        until = time.monotonic() + 60
        while True:
            try:
                assert ask("courses") == {"success": True, "value": [COURSE]}
                break
            except OSError:
                assert server.poll() is None, (surroundings / "log").read_text()
                assert time.monotonic() < until, (surroundings / "log").read_text()
                time.sleep(0.2)
        about = {"course_id": COURSE, "assignment_id": UNIT}
        fetched = ask("assignments/fetch", **about)["value"]
        assert {a["assignment_id"]: a["status"] for a in fetched}[UNIT] == "fetched"
        sent = ask("assignments/submit", **about)["value"]
        assert [a["status"] for a in sent] == ["released", "fetched", "submitted"]
        after = ask("assignments/fetch_feedback", **about)["value"]
        assert link(after[2]["submissions"][0]) == "view feedback"
        shown = after[2]["submissions"][0]["local_feedback_path"]
        assert (surroundings / shown / f"{UNIT}.html").is_file()
        (surroundings / COURSE / UNIT / f"{UNIT}.ipynb").unlink()
        refused = ask("assignments/submit", **about)
        assert f"{UNIT}.ipynb is missing" in refused["value"].strip().splitlines()[-1]
    finally:
        server.terminate()
        server.wait(30)
    assert "token-of-ann" not in (surroundings / "log").read_text()


def test_records_name_what_a_person_wants_to_know():
    told = {
        "id": "0" * 32, "unit": UNIT, "attempt": 1, "sha256": "0" * 64, "counts": True,
        "timestamp": "2026-11-02 09:01:00.000005 UTC",
    }  # fmt: skip
    for more, says in (
        ({"state": "queued", "place": 3}, "place 3 in the queue"),
        ({"state": "queued", "place": None}, "queued"),
        ({"state": "graded", "score": 13.5, "max": 16}, "13.5 of 16 points"),
        ({"state": "graded", "score": None, "max": None}, "graded"),
        ({"state": "needs a person"}, "needs a person"),
    ):
        assert _records.submission(told | more, "ann").standing() == says


# ---------------------------------------------------------------- the real service


CLASSROOM = """
c.Classroom.max_notebook_mb = 1
c.Classroom.feedback = "when released"
"""


@pytest.fixture
def room(tmp_path, monkeypatch):
    """The classroom service itself, with a small Hub; `enter` puts somebody in front of it."""
    with classroom(tmp_path / "room", CLASSROOM) as room:
        monkeypatch.setenv("COURSE_EXCHANGE_URL", f"http://127.0.0.1:{room.port}{PREFIX}")
        yield room


def enter(who, room, monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", room.token(who))


def shown(unit=UNIT):
    """Return what the Assignment List shows beside each submission."""
    groups = job("List", unit, cached=True).start()
    return [link(s) for group in groups for s in group["submissions"]]


@pytest.mark.parametrize("instructor", ["ina", COURSE])
def test_the_real_service_from_release_to_feedback(
    room, surroundings, teacher, monkeypatch, log, instructor
):
    enter(instructor, room, monkeypatch)
    job("ReleaseAssignment", UNIT).start()
    assert [a["assignment_id"] for a in job("List").start()] == [UNIT]
    (teacher / "release" / UNIT / f"{UNIT}.ipynb").write_bytes(SOLVED)
    with pytest.raises(ExchangeError, match=r"another version of .* --force"):
        job("ReleaseAssignment", UNIT).start()

    monkeypatch.chdir(surroundings)
    enter("ada", room, monkeypatch)
    job("FetchAssignment", UNIT).start()
    folder = surroundings / COURSE / UNIT
    assert (folder / f"{UNIT}.ipynb").read_bytes() == GIVEN
    (folder / f"{UNIT}.ipynb").write_bytes(SOLVED)
    assert shown() == []
    job("Submit", UNIT, log).start()
    assert "(attempt 1, place 1 in the queue)" in log.text
    assert shown() == ["feedback available to fetch"]
    job("FetchFeedback", UNIT).start()
    assert shown() == ["view feedback"]

    monkeypatch.chdir(teacher)
    enter(instructor, room, monkeypatch)
    (group,) = job("List", inbound=True).start()
    assert group["student_id"] == "ada"
    job("Collect", UNIT).start()
    handed_in = collected(teacher, "ada")
    assert handed_in[f"{UNIT}.ipynb"] == SOLVED.decode()
    assert handed_in["timestamp.txt"] == group["submissions"][0]["timestamp"]
    put_feedback(teacher, "ada", handed_in["submission_secret.txt"])
    job("ReleaseFeedback", UNIT).start()
    job("List", UNIT, remove=True).start()
    assert job("List").start() == []
    assert len(job("List", inbound=True).start()) == 1  # withdrawn, and what was handed in stays

    monkeypatch.chdir(surroundings)
    enter("ada", room, monkeypatch)
    assert shown() == ["feedback available to fetch"]
    job("FetchFeedback", UNIT).start()
    assert shown() == ["view feedback"]
    (page,) = folder.glob("feedback/*/*.html")
    assert page.read_bytes() == b"<p>by hand</p>"


def test_an_instructor_who_hands_in_sees_a_students_page(room, surroundings, monkeypatch):
    enter("ben", room, monkeypatch)  # in both groups
    room.ask("ina", "PUT", f"api/units/{UNIT}/notebook", GIVEN)
    work_on(surroundings)
    job("Submit", UNIT).start()
    store = room.service.store
    (one,) = store.take("a test")
    pages = {"page": store.put(b"<p>all</p>").sha256, "visible_page": store.put(b"-").sha256}
    store.set_grade(one.id, state="graded", score=16.0, max=16.0, **pages)
    job("FetchFeedback", UNIT).start()
    assert shown() == ["view feedback"]
    (page,) = (surroundings / COURSE / UNIT).glob("feedback/*/*.html")
    assert page.read_bytes() != b"<p>all</p>"


def test_the_real_service_takes_one_of_several_tries(room, surroundings, monkeypatch, log):
    enter("ada", room, monkeypatch)
    room.ask("ina", "PUT", f"api/units/{UNIT}/notebook", GIVEN)
    work_on(surroundings)
    hand_in, calls = room.service.store.hand_in_all, []

    def losing(*args, **options):
        calls.append(hand_in(*args, **options))
        raise RuntimeError("after it was written")

    monkeypatch.setattr(room.service.store, "hand_in_all", losing)
    job("Submit", UNIT, log).start()
    assert len(calls) == 1  # the second try is answered with what the first one made
    assert len(room.ask("ada", "GET", "api/submissions").json()) == 1
    assert "(attempt 1," in log.text


def test_the_real_services_refusals_are_shown(room, surroundings, teacher, monkeypatch):
    monkeypatch.chdir(surroundings)
    enter("ada", room, monkeypatch)
    work_on(surroundings)
    with pytest.raises(ExchangeError, match=f"{UNIT} is not handed out"):
        job("Submit", UNIT).start()
    work_on(surroundings, b" " * 1_000_001, OTHER)
    with pytest.raises(ExchangeError, match="the classroom takes 1 MB: clear its outputs"):
        job("Submit", OTHER).start()
    work_on(surroundings, b"PK\3\4", OTHER)
    with pytest.raises(ExchangeError, match="this is an archive|not handed out"):
        job("Submit", OTHER).start()
    for name, traits in (("Collect", {}), ("List", {"inbound": True})):
        with pytest.raises(ExchangeError, match="for instructors; ada is not one of them"):
            job(name, UNIT, **traits).start()
    enter("ina", room, monkeypatch)
    with pytest.raises(ExchangeError, match="for students of the course"):
        job("Submit", UNIT).start()
    enter("eve", room, monkeypatch)
    with pytest.raises(ExchangeError, match="eve is not a member of the course backprop"):
        job("List").start()
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "a" * 32)
    with pytest.raises(ExchangeError, match="token of your server"):
        job("List").start()


def test_the_real_service_refuses_what_is_too_big_in_words(room):
    log = logging.getLogger("exchange under test")
    url = f"http://127.0.0.1:{room.port}{PREFIX}"
    room.ask("ina", "PUT", f"api/units/{UNIT}/notebook", GIVEN)
    with (
        Client(url, room.token("ada"), log) as client,
        pytest.raises(ClassroomError, match="larger than 1 MB: clear its outputs"),
    ):
        client.request("POST", "api", "units", UNIT, "submissions", data=b" " * 9_000_000)

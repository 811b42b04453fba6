"""A full class in one real classroom: who tries what is not theirs, and everybody at once.

What one request can do wrong is in tests/test_classroom_service.py, against a small Hub; here it
is the real Hub's tokens and cookies, the real proxy, processes that are killed.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import nbformat
import pytest
import requests
from batches import scores

from grader.classroom import fill_in
from grader.exchange.hub import COURSE, server_scopes, students_group
from grader.exchange.tryout import INSTRUCTOR, OPERATOR
from grader.units import load_unit, reference_answer

from .harness import ROOT, TIMEOUT_S

UNIT = "01-computational-graph"
CROWD = 200
SERVERS = 50
KINDS = {  # what is handed in, in turn, and the points for it
    "right": (None, 12.0),
    "visible only": ("def apple_forward(price, n, tax):\n    return 200, 220\n", 11.0),
}
in_one_room = pytest.mark.parametrize(
    "classroom", [pytest.param({"students": CROWD}, id="crowd")], indirect=True, scope="module"
)


def notebook(kind: str, mark: str = "") -> bytes:
    """Return a notebook to hand in; ``mark`` makes it another file."""
    released = nbformat.read(ROOT / "release" / UNIT / f"{UNIT}.ipynb", as_version=4)
    answers = {name: reference_answer(cell) for name, cell in load_unit(UNIT).answers.items()}
    other, _points = KINDS[kind]
    filled = fill_in(released, answers | ({"apple-forward": other} if other else {}))
    filled.metadata["mark"] = mark
    return nbformat.writes(filled).encode()


def tokens(classroom, names: list[str]) -> dict[str, str]:
    """Return a token for each, with the scopes that their servers have; the operator makes them."""
    scopes = [s for s in server_scopes("student", COURSE) if s != "access:servers!server"]

    def make(name: str) -> str:
        path = f"users/{name}/tokens"
        answer = classroom.hub_api(OPERATOR, "POST", path, json={"scopes": scopes})
        return answer.json()["token"]

    return {name: make(name) for name in names}


def post(classroom, token: str, data: bytes, key: str, until: float) -> dict:
    """Hand in as the client does: the same click is sent again until it is answered."""
    address = f"{classroom.url}services/classroom/api/units/{UNIT}/submissions"
    headers = {"Authorization": f"token {token}", "Idempotency-Key": key}
    while True:
        answer = None
        try:
            answer = requests.post(address, data=data, headers=headers, timeout=TIMEOUT_S)
            if answer.status_code in (200, 201):
                return answer.json()
        except requests.RequestException:
            pass
        said = "no answer" if answer is None else f"{answer.status_code} {answer.text[:300]}"
        # without a sentence of the service it is the proxy's, which does not know it yet again
        ours = answer is not None and answer.headers["Content-Type"].startswith("application/json")
        assert not ours or answer.status_code >= 500, said
        assert time.monotonic() < until, said
        time.sleep(0.3)


def stored(classroom) -> list[sqlite3.Row]:
    """Return all that the service has taken in."""
    with sqlite3.connect(classroom.place.data / "classroom.db") as db:
        db.row_factory = sqlite3.Row
        return db.execute("select * from submissions order by number").fetchall()


def all_graded(classroom) -> bool:
    """Return whether nothing waits any more."""
    return {row["state"] for row in stored(classroom)} <= {"graded", "needs a person"}


def refused(classroom, name: str, method: str, path: str, **options) -> str:
    """Return the sentence of a refusal; the service has a line on it in its log."""
    before = len(classroom.logs())
    answer = classroom.service(method, path, name=name, **options)
    assert answer.status_code in (400, 401, 403, 404, 409, 413, 415), (path, answer.text[:300])
    sentence = answer.json()["error"]
    assert sentence

    def told() -> bool:
        return any(
            f'"status": {answer.status_code}' in line and path.split("?")[0] in line
            for line in classroom.logs()[before:].splitlines()
        )

    classroom.wait(told, timeout_s=10)
    return sentence


@pytest.fixture(scope="module")
def victim(classroom):
    """A submission of student1, graded."""
    record = post(
        classroom, classroom.token("student1"), notebook("right"), "mine", time.monotonic() + 60
    )
    classroom.wait(lambda: all_graded(classroom))
    return record


@in_one_room
def test_nobody_reads_or_changes_what_is_anothers(classroom, victim):
    id = victim["id"]
    for path in (f"api/submissions/{id}/notebook", f"api/submissions/{id}/feedback"):
        assert "not yours" in refused(classroom, "student2", "GET", path)
        assert classroom.service("GET", path, name="student1").ok
    assert classroom.service("GET", "api/submissions", name="student2").json() == []
    page = "<p>all points</p>"
    refused(classroom, "student2", "PUT", f"api/submissions/{id}/feedback", data=page)
    refused(classroom, "student1", "PUT", f"api/submissions/{id}/feedback", data=page)
    (row,) = (row for row in stored(classroom) if row["id"] == id)
    assert (row["student"], row["person_page"], row["score"]) == ("student1", None, 12.0)


@in_one_room
def test_a_submission_is_of_whoever_the_hub_says(classroom, victim):
    data = notebook("visible only", "forged")
    headers = {
        "Authorization": f"token {classroom.token('student2')}",
        "X-Forwarded-User": "student1",
    }
    address = f"{classroom.url}services/classroom/api/units/{UNIT}/submissions"
    query = {"student": "student1", "user": "student1", "name": f"{UNIT}.ipynb"}
    answer = requests.post(address, params=query, data=data, headers=headers, timeout=TIMEOUT_S)
    assert answer.status_code == 201
    (row,) = (row for row in stored(classroom) if row["id"] == answer.json()["id"])
    assert row["student"] == "student2"
    # the key of another's click gives nothing of theirs
    headers["Idempotency-Key"] = "mine"
    again = requests.post(address, data=data, headers=headers, timeout=TIMEOUT_S)
    assert (again.status_code, again.json()["id"] != victim["id"]) == (201, True)


@in_one_room
def test_students_get_into_no_route_of_instructors(classroom):
    for method, path in (
        ("GET", "api/class"),
        ("GET", f"api/class/submissions?unit={UNIT}"),
        ("GET", f"api/class/download?unit={UNIT}"),
        ("POST", "api/class/regrade"),
        ("PUT", "api/class/extensions"),
        ("PUT", f"api/units/{UNIT}/notebook"),
        ("DELETE", f"api/units/{UNIT}"),
    ):
        body = (
            {} if method == "GET" else {"json": {"unit": UNIT, "student": "student2", "minutes": 9}}
        )
        assert "instructor" in refused(classroom, "student2", method, path, **body)
    assert classroom.service("GET", "api/class", name=INSTRUCTOR).ok


@in_one_room
def test_strangers_and_tokens_for_something_else_are_refused(classroom):
    narrow = classroom.token("student3", ["read:users:name!user"])
    # the operator runs the Hub and is no member of the course
    stranger = classroom.token(OPERATOR, ["access:services!service=classroom"])
    address = f"{classroom.url}services/classroom/api/units"
    for token, status in ((stranger, 403), (narrow, 403), ("0" * 32, 401), ("", 401)):
        answer = requests.get(
            address, headers={"Authorization": f"token {token}"}, timeout=TIMEOUT_S
        )
        assert (answer.status_code, bool(answer.json()["error"])) == (status, True)
    good = classroom.token("student3")
    assert requests.get(address, params={"token": good}, timeout=TIMEOUT_S).status_code == 401


@in_one_room
def test_a_page_elsewhere_cannot_use_a_students_cookie(classroom):
    session = classroom.login("student4")
    assert session.get("services/classroom/").ok  # signed in, by way of the Hub
    before = len(stored(classroom))
    address = f"services/classroom/api/units/{UNIT}/submissions"
    for headers in ({}, {"Origin": "http://evil.example", "Content-Type": "text/plain"}):
        answer = session.post(address, data=notebook("right", "csrf"), headers=headers)
        assert answer.status_code == 403, answer.text
        assert "page of the classroom" in answer.json()["error"]
    assert len(stored(classroom)) == before


@in_one_room
def test_who_is_taken_out_of_the_course_is_out(classroom):
    assert classroom.service("GET", "api/me", name="student5").ok
    body = {"users": ["student5"]}
    classroom.hub_api(OPERATOR, "DELETE", f"groups/{students_group()}/users", json=body)

    def out() -> bool:
        return classroom.service("GET", "api/me", name="student5").status_code == 403

    classroom.wait(out, timeout_s=30, pause_s=0.5)
    classroom.hub_api(OPERATOR, "POST", f"groups/{students_group()}/users", json=body)
    classroom.wait(lambda: not out(), timeout_s=30, pause_s=0.5)


@in_one_room
def test_everybody_at_once_and_then_the_power_fails(classroom):
    """Two hundred hand in within seconds; service, marker, worker and Hub are killed meanwhile."""
    names = [f"student{number}" for number in range(1, CROWD + 1)]
    kinds = list(KINDS)
    keys = tokens(classroom, names)
    before = Counter(row["student"] for row in stored(classroom))
    done = threading.Event()

    def kill() -> None:
        for part in ("marker", "service", "marker", "hub"):
            if done.wait(1.5):
                return
            if classroom.find(part):
                classroom.kill(part)

    def send(number: int) -> dict:
        name = names[number]
        data = notebook(kinds[number % len(kinds)], name)
        return post(classroom, keys[name], data, "burst", time.monotonic() + 300)

    killer = threading.Thread(target=kill)
    with ThreadPoolExecutor(100) as pool:
        sending = [pool.submit(send, number) for number in range(CROWD)]
        killer.start()
        records = [one.result() for one in sending]
    killer.join()
    done.set()
    assert len({record["id"] for record in records}) == CROWD

    classroom.wait(lambda: all_graded(classroom), timeout_s=400, pause_s=1.0)
    rows = {row["id"]: row for row in stored(classroom)}
    after = Counter(row["student"] for row in rows.values())
    assert after - before == Counter(names)  # none lost, none twice
    for number, record in enumerate(records):
        points = KINDS[kinds[number % len(kinds)]][1]
        row = rows[record["id"]]
        found = (row["student"], row["state"], row["score"])
        assert found == (names[number], "graded", points), row["reason"]
    course = classroom.place.course
    book = scores(f"sqlite:///{course / 'gradebook.db'}")
    assert {name: book[name, UNIT] for name in names} == {
        name: KINDS[kinds[number % len(kinds)]][1] for number, name in enumerate(names)
    }
    for name in names:
        graded = json.loads((course / "autograded" / name / UNIT / f"{UNIT}.ipynb").read_bytes())
        assert graded["metadata"]["course"]["result"]["score"] == book[name, UNIT]
        assert (course / "feedback" / name / UNIT / f"{UNIT}.html").stat().st_size > 1000


@in_one_room
def test_fifty_servers(classroom):
    names = [f"student{number}" for number in range(1, SERVERS + 1)]
    model = {name: f"users/{name}" for name in names}

    def start(name: str) -> None:
        classroom.hub_api(OPERATOR, "POST", f"{model[name]}/server")

    def running() -> int:
        people = classroom.hub_api(OPERATOR, "GET", "users?state=ready").json()
        return len({person["name"] for person in people} & set(names))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(start, names))
    classroom.wait(lambda: running() == SERVERS, timeout_s=400, pause_s=1.0)
    for name in names[:: SERVERS // 5]:
        assert classroom.student(name).assignment(UNIT)["status"] in ("released", "fetched")

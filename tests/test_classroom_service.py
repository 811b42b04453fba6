"""The classroom service as its callers see it, beside a small Hub of our own (fake_hub.py).

A real Hub, browsers and the marker come in tests/classroom.
"""

from __future__ import annotations

import asyncio
import errno
import gzip
import hashlib
import html
import http.client
import io
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner
from fake_hub import COURSE, PREFIX, SCOPE, Room, classroom
from nbgrader import api as nbgrader_api
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from grader.coursedir import environment_on_path
from grader.exchange import __main__ as command_line
from grader.exchange import api, handlers
from grader.exchange.access import TOKEN_FRESH_S
from grader.exchange.app import Marker, WrongStart, from_environment, without_hub
from grader.exchange.store import GRADED, NEEDS_PERSON, Store, Upload

UNIT, OTHER, STRICT = "02-chain-rule", "01-computational-graph", "03-add-mul-nodes"
HELD, VISIBLE = "04-activations", "05-affine-softmax"
NOTEBOOK = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
DUE = datetime(2026, 3, 2, 12)
TICK = timedelta(microseconds=1)
STUDENTS = [f"s{n:03}" for n in range(200)]
CONFIG = """
c.Classroom.max_notebook_mb = 1
c.Classroom.units = {
    "03-add-mul-nodes": {"accept_late": False, "attempts": 2},
    "04-activations": {"feedback": "after the deadline"},
    "05-affine-softmax": {"feedback": "visible part at once", "counts": "best"},
}
"""


class Noon:
    """The service's clock; ticks, so that times of a test may be told apart."""

    def __init__(self) -> None:
        self.now = DUE - timedelta(days=1)

    def __call__(self) -> datetime:
        return self.now


def start(folder, **options):
    return classroom(folder, CONFIG, **options)


def hand_out(room: Room) -> None:
    for unit in room.service.units:
        assert room.ask("ina", "PUT", f"api/units/{unit}/notebook", NOTEBOOK).status == 200
    room.service.dues._known = dict.fromkeys(room.service.units, None)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with start(tmp_path_factory.mktemp("room"), body_s=1.0) as room:
        room.hub.groups[f"nbgrader-{COURSE}"] += STUDENTS
        hand_out(room)
        yield room


@pytest.fixture
def room(shared):
    """The shared classroom, and proof that no request leaves anything half behind."""
    yield shared
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        left = list(shared.service.store.folder.glob("incoming/*"))
        if not left and not shared.service.uploads:
            break
        time.sleep(0.02)
    assert left == []
    assert not shared.service.uploads


@pytest.fixture
def own(tmp_path):
    """A classroom whose Hub and clock a test may change."""
    noon = Noon()
    with start(tmp_path, clock=noon) as room:
        room.noon = noon
        hand_out(room)
        yield room


_names = iter(STUDENTS)


@pytest.fixture
def student() -> str:
    """A student who has done nothing yet."""
    return next(_names)


@pytest.fixture
def lines(caplog):
    """Return a function that returns the log's lines about requests; with a status, the last."""
    caplog.set_level(logging.INFO)

    def told() -> list[dict]:
        name = handlers.request_log.name
        return [json.loads(one.getMessage()) for one in caplog.records if one.name == name]

    def found(status: int | None = None):
        if status is None:
            return told()
        # A line is written behind the answer.
        return eventually(lambda: [one for one in told() if one["status"] == status])[-1]

    return found


def eventually(look, within_s: float = 10.0):
    """Return what ``look`` returns, once it is something."""
    until = time.monotonic() + within_s
    while not (found := look()) and time.monotonic() < until:
        time.sleep(0.02)
    return found


def post_line(unit: str = UNIT, name: str = "") -> str:
    return f"POST {PREFIX}api/units/{unit}/submissions{name} HTTP/1.1\r\nHost: x\r\n"


def answer_of(connection: socket.socket) -> tuple[int, bytes]:
    """Return status and content of what a raw connection says before it is closed."""
    response = http.client.HTTPResponse(connection)
    response.begin()
    return response.status, response.read()


# ---------------------------------------------------------------- every route has a role

OPEN = (api.Health, api.Static, api.Callback, api.NotHere, api.PageNotHere)
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")


def paths(room: Room) -> list[tuple[str, type]]:
    id = next(one.id for one in room.service.store.submissions("ada"))
    return [
        (route.replace(api.UNIT, UNIT).replace(api.ID, id).replace("([^/]+)", "x"), kind)
        for route, kind in api.ROUTES
        if kind not in (api.NotHere, api.PageNotHere)
    ]


@pytest.fixture
def ada(room):
    if not room.service.store.submissions("ada"):
        assert room.hand_in("ada", UNIT, NOTEBOOK).status == 201
    return room


def test_no_handler_is_without_a_role():
    for _route, kind in api.ROUTES:
        assert issubclass(kind, handlers.Handler)
        assert kind.roles
        roles = (handlers.ANYONE, handlers.MEMBER, handlers.STUDENT, handlers.INSTRUCTOR)
        assert set(kind.roles.values()) <= set(roles)
        assert (handlers.ANYONE in kind.roles.values()) == (kind in OPEN)
        if kind not in (api.NotHere, api.PageNotHere):
            made = {m for m in METHODS if m.lower() in _methods(kind)}
            assert made == set(kind.roles), kind


def _methods(kind: type) -> set[str]:
    ours = [one for one in kind.__mro__ if one.__module__.startswith(("grader.", "jupyterhub."))]
    return set().union(*(vars(one) for one in ours))


@pytest.mark.parametrize("method", METHODS)
def test_nobody_and_strangers_get_in_nowhere(ada, method):
    for path, kind in paths(ada):
        if kind in OPEN:
            continue
        nobody = ada.ask(None, method, path)
        login = nobody.status == 302 and "/hub/api/oauth2/authorize" in nobody.headers["Location"]
        is_page = issubclass(kind, handlers.Page) and method == "GET"
        assert login if is_page else nobody.status == 401, (method, path)
        assert ada.ask("mallory", method, path).status == 403, (method, path)


def test_students_are_refused_what_is_for_instructors_and_the_other_way_round(ada, lines):
    for path, kind in paths(ada):
        for method, role in kind.roles.items():
            if role == handlers.INSTRUCTOR:
                answer = ada.ask("bob", method, path)
                assert answer.status == 403, (method, path)
                assert b"for instructors" in answer.body
            elif role == handlers.STUDENT:
                assert ada.ask("ina", method, path).status == 403, (method, path)
    # The line on the last request of the test before may come in only now.
    theirs = [line for line in lines() if line["who"] != "mallory"]
    assert {line["who"] for line in theirs} == {"bob", "ina"}
    assert all(line["why"] for line in theirs)


def test_what_does_not_exist_is_said_in_json_and_on_a_page(ada):
    assert ada.ask("ada", "GET", "api/nothing").error == "there is nothing at this address"
    assert ada.ask("ada", "GET", "api/nothing").status == 404
    page = ada.ask("ada", "GET", "nothing")
    assert (page.status, page.headers.get_content_type()) == (404, "text/html")
    for method in ("PUT", "DELETE", "PATCH", "POST", "OPTIONS"):
        answer = ada.ask("ada", method, "api/me")
        assert answer.status == 405
        assert answer.headers["Allow"] == "GET"
        assert answer.error == f"{method} is not possible here"
    assert ada.ask("ada", "PROPFIND", "api/me").status == 405
    for id in ("0" * 32, "0" * 31, "..%2f..%2fetc%2fpasswd"):
        assert ada.ask("ina", "GET", f"api/submissions/{id}/notebook").status == 404


# ---------------------------------------------------------------- who somebody is


@pytest.mark.parametrize(
    ("who", "role"),
    [("ada", "student"), ("ina", "instructor"), ("ben", "instructor"), (COURSE, "instructor")],
)
def test_roles_come_from_the_groups(room, who, role):
    assert room.ask(who, "GET", "api/me").json() == {
        "name": who, "role": role, "course": COURSE, "max_notebook_mb": 1,
    }  # fmt: skip


def test_who_is_in_both_groups_may_hand_in(room):
    assert room.hand_in("ben", UNIT, NOTEBOOK).status == 201
    assert room.ask("ben", "GET", "api/class").status == 200


def ask_with(room: Room, token: str, path: str = "api/me", **headers: str):
    return room.ask(None, "GET", path, headers={"Authorization": f"token {token}", **headers})


def test_a_token_made_for_something_else_does_not_count(room):
    """Else whoever an instructor visits could grade in their name."""
    visited = room.hub.token(
        "ina", scopes=("access:servers!server=mallory/", "read:users!user=ina")
    )
    answer = ask_with(room, visited)
    assert answer.status == 403
    assert SCOPE in answer.error
    other_service = room.hub.token("ina", scopes=("access:services!service=backprop",))
    assert ask_with(room, other_service).status == 403
    everything = room.hub.token("ina", scopes=("access:services",))
    assert ask_with(room, everything).status == 200


def test_only_the_service_itself_is_the_service(room):
    assert ask_with(room, room.hub.token(COURSE, "user")).status == 403
    assert ask_with(room, room.hub.token("ina", "service")).status == 403
    assert ask_with(room, room.hub.token("other", "service")).status == 403


@pytest.mark.parametrize("header", ["token nonsense", "nonsense", "Basic YTpi", "token ", ""])
def test_a_token_that_the_hub_does_not_know_is_nobodys(room, header):
    assert room.ask(None, "GET", "api/me", headers={"Authorization": header}).status == 401


@pytest.mark.parametrize("mode", ["navigate", "cors", "websocket", None])
def test_a_token_in_an_address_is_not_accepted(room, lines, mode):
    token, asked = room.hub.token("ada"), len(room.hub.asked)
    headers = {"Sec-Fetch-Mode": mode} if mode else {}
    for path in ("api/me", ""):
        answer = room.ask(None, "GET", f"{path}?token={token}", headers=headers)
        assert answer.status == 401
        assert b"address" in answer.body
        assert "Set-Cookie" not in answer.headers
    assert len(room.hub.asked) == asked
    assert token not in json.dumps(lines())


@pytest.mark.parametrize(
    "name",
    ["a/../b", "..", ".hidden", "-rf", "ädä", "a b", "x" * 65, "<b>", "a\nb", "a\x00", "+x", ""],
)
def test_a_name_that_is_no_folder_cannot_be_used(own, name):
    own.hub.groups[f"nbgrader-{COURSE}"].append(name)
    own.clock.seconds += 3
    answer = own.hand_in(name, UNIT, NOTEBOOK)
    assert answer.status == 403
    assert "user name" in answer.error
    assert own.service.store.submissions() == []


def test_ordinary_names_can_be_used(own):
    for name in ("ada.l@uni.example", "A_1", "x" * 64, "@me", "a+b=c-d"):
        own.hub.groups[f"nbgrader-{COURSE}"].append(name)
        own.clock.seconds += 3
        assert own.hand_in(name, UNIT, NOTEBOOK).status == 201


# ---------------------------------------------------------------- the Hub, and what is kept of it


def test_a_token_that_is_taken_back_ends_soon(own):
    assert own.ask("ada", "GET", "api/me").status == 200
    del own.hub.tokens[own.token("ada")]
    own.clock.seconds += TOKEN_FRESH_S + 1
    assert own.ask("ada", "GET", "api/me").status == 401
    assert TOKEN_FRESH_S <= 60


def test_who_is_taken_out_of_the_course_is_out_soon(own):
    assert own.ask("bob", "GET", "api/me").status == 200
    own.hub.groups[f"nbgrader-{COURSE}"].remove("bob")
    own.clock.seconds += 11
    assert own.ask("bob", "GET", "api/me").status == 403


def test_who_joins_is_in_at_once(own):
    assert own.ask("new", "GET", "api/me").status == 403
    own.hub.groups[f"nbgrader-{COURSE}"].append("new")
    own.clock.seconds += 3
    assert own.ask("new", "GET", "api/me").status == 200


def test_the_hub_may_be_away_for_some_minutes(own):
    assert own.ask("ada", "GET", "api/me").status == 200
    own.hub.away = True
    own.clock.seconds += 200
    assert own.hand_in("ada", UNIT, NOTEBOOK).status == 201
    answer = own.ask("bob", "GET", "api/me")  # whose token was never seen
    assert (answer.status, answer.headers["Retry-After"]) == (503, "3")
    assert "JupyterHub does not answer" in answer.error
    own.clock.seconds += 200
    assert own.ask("ada", "GET", "api/me").status == 503
    asked = len(own.hub.asked)
    assert own.ask("ada", "GET", "api/me").status == 503
    assert len(own.hub.asked) == asked  # it is left alone for a second
    own.hub.away = False
    own.clock.seconds += 2
    assert own.ask("ada", "GET", "api/me").status == 200


def test_a_group_that_does_not_exist_has_no_members(own):
    del own.hub.groups[f"formgrade-{COURSE}"]
    own.clock.seconds += 11
    assert own.ask("ina", "GET", "api/me").status == 403
    assert own.ask("ada", "GET", "api/me").status == 200


def test_what_many_ask_at_once_the_hub_is_asked_once(own):
    token = own.token("ada")
    own.hub.asked.clear()
    own.hub.delay_s = 0.5
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _n: ask_with(own, token).status, range(40)))
    assert set(answers) == {200}
    assert own.hub.asked.count("/hub/api/user") == 1


# ---------------------------------------------------------------- browsers


class Browser:
    """Keeps cookies, follows the login as far as the service has a part in it."""

    def __init__(self, room: Room) -> None:
        self.room, self.cookies = room, {}

    def ask(self, method: str, path: str, body=None, **headers: str):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self.room.ask(None, method, path, body, sent)
        for line in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
                if not morsel.value:
                    del self.cookies[name]
        return answer

    def sign_in(self, name: str) -> None:
        login = self.ask("GET", "", Sec_Fetch_Mode="navigate")
        assert login.status == 302
        query = parse_qs(urlsplit(login.headers["Location"]).query)
        assert query["client_id"] == ["service-classroom"]
        self.room.hub.codes["c0de"] = self.room.hub.token(name)
        state = query["state"][0]
        back = self.ask("GET", f"oauth_callback?code=c0de&state={state}", Sec_Fetch_Mode="navigate")
        assert (back.status, back.headers["Location"]) == (302, PREFIX)
        assert self.ask("GET", "", Sec_Fetch_Mode="navigate").status == 200


@pytest.fixture
def browser(room, student):
    made = Browser(room)
    made.sign_in(student)
    return made


HAND_IN = f"api/units/{UNIT}/submissions"


def test_a_browser_signs_in_and_its_pages_may_hand_in(browser, room):
    page = browser.ask("GET", "", Sec_Fetch_Mode="navigate")
    assert page.headers["Content-Security-Policy"].startswith(
        "default-src 'none'; script-src 'self'"
    )
    token = browser.cookies["_xsrf"]
    assert token.encode() in page.body
    for mode in ("cors", "same-origin"):
        sent = {"Sec_Fetch_Mode": mode, "X_XSRFToken": token}
        assert browser.ask("GET", "api/me", **sent).status == 200
        assert browser.ask("POST", HAND_IN, NOTEBOOK, **sent).status == 201


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec_Fetch_Mode": "navigate", "Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Mode": "no-cors", "Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Mode": "cors", "Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Mode": "cors", "X_XSRFToken": "forged"},
        {"Origin": "https://evil.example", "Content_Type": "text/plain"},
    ],
)
def test_another_site_cannot_hand_in_with_a_students_cookie(browser, room, headers, lines):
    answer = browser.ask("POST", HAND_IN, NOTEBOOK, **headers)
    assert answer.status == 403
    assert "X-XSRFToken" in answer.error
    assert lines(403)["why"] == answer.error
    name = browser.ask("GET", "api/me").json()["name"]
    assert room.service.store.submissions(name) == []


def test_a_websocket_is_no_way_round(browser, room):
    answer = browser.ask("POST", HAND_IN, NOTEBOOK, Sec_Fetch_Mode="websocket")
    assert answer.status in (401, 403)


def test_the_token_of_another_session_does_not_count(browser, room):
    other = Browser(room)
    other.sign_in("bob")
    answer = browser.ask("POST", HAND_IN, NOTEBOOK, X_XSRFToken=other.cookies["_xsrf"])
    assert answer.status == 403
    browser.cookies["_xsrf"] = other.cookies["_xsrf"]  # planted by another page of the host
    answer = browser.ask("POST", HAND_IN, NOTEBOOK, X_XSRFToken=other.cookies["_xsrf"])
    assert answer.status == 403


def test_scripts_of_other_pages_cannot_read(browser):
    assert browser.ask("GET", "api/submissions", Sec_Fetch_Mode="cors").status == 403
    assert browser.ask("GET", "api/submissions", Sec_Fetch_Mode="no-cors").status == 403


def test_a_cookie_that_is_not_ours_is_nobodys(browser, room):
    name = "service-classroom"
    browser.cookies[name] = browser.cookies[name][:-3] + "abc"
    assert browser.ask("GET", "api/me").status == 401
    assert browser.ask("GET", "").status == 302


def test_a_login_that_was_not_begun_here_is_refused(room):
    room.hub.codes["c0de"] = room.hub.token("mallory")
    answer = Browser(room).ask("GET", "oauth_callback?code=c0de&state=forged")
    assert answer.status in (400, 403)
    assert b"signing in did not work" in answer.body.lower()
    assert "c0de" in room.hub.codes  # the code was not used
    assert "Set-Cookie" not in answer.headers


# ---------------------------------------------------------------- what is refused of an upload


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"", 400, "empty"),
        (b"PK\x03\x04" + b"\0" * 100, 415, "archive"),
        (gzip.compress(b"\0" * 10_000_000), 415, "archive"),
        (b"BZh91AY", 415, "archive"),
        (b"<!DOCTYPE html><html>", 415, "web page"),
        (b"\xef\xbb\xbf \r\n\t<html>", 415, "web page"),
    ],
)
def test_what_is_no_notebook_at_all_is_refused(room, student, body, status, said):
    answer = room.hand_in(student, UNIT, body)
    assert answer.status == status
    assert said in answer.error
    assert room.service.store.submissions(student) == []


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "GZIP", "identity, gzip"])
def test_a_packed_body_is_refused_unread(room, student, encoding):
    bomb = gzip.compress(b"\0" * 50_000_000)
    answer = room.hand_in(student, UNIT, bomb, Content_Encoding=encoding)
    assert answer.status == 415
    assert "Content-Encoding" in answer.error


@pytest.mark.parametrize(
    "name",
    [
        "../a.ipynb", "/etc/a.ipynb", "a/b.ipynb", "a\\b.ipynb", "..", "", "a.txt", "a.ipynb.exe",
        "a\n.ipynb", "a\x00.ipynb", "\u202ea.ipynb", "x" * 250 + ".ipynb", "ü" * 125 + ".ipynb",
        "x" * 10_000 + ".ipynb", "a.IPYNB\r\nX-Evil: 1",
    ],
)  # fmt: skip
def test_a_name_with_a_folder_or_another_ending_is_refused(room, student, name):
    answer = room.hand_in(student, UNIT, NOTEBOOK, name=name)
    assert answer.status == 400
    assert ".ipynb" in answer.error
    assert "X-Evil" not in answer.headers


def test_a_name_of_ill_formed_bytes_is_refused(room, student):
    answer = room.ask(student, "POST", HAND_IN + "?name=%ff.ipynb", NOTEBOOK)
    assert answer.status == 400


@pytest.mark.parametrize(
    "name", ["a.ipynb", "Übung 1 (Kopie).ipynb", "作业.ipynb", "a'\"<b>.ipynb"]
)
def test_an_odd_name_of_a_file_is_kept_as_it_is(room, student, name):
    record = room.hand_in(student, UNIT, NOTEBOOK, name=name).json()
    assert record["name"] == name
    answer = room.ask(student, "GET", f"api/submissions/{record['id']}/notebook")
    assert answer.body == NOTEBOOK
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="')
    assert '"' not in answer.headers["Content-Disposition"][22:-1]


@pytest.mark.parametrize(
    "unit",
    ["..", "%2e%2e", "..%2f..%2fetc", "nope", "02-chain-rule%00", "%3Cscript%3E", "x" * 10_000,
     "02-chain-rule%2f..", "02-CHAIN-RULE", "%ff"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["POST", "GET", "PUT", "DELETE"])
def test_a_unit_that_there_is_not(room, method, unit):
    who = "bob" if method in ("POST", "GET") else "ina"
    path = {"POST": "submissions", "DELETE": ""}.get(method, "notebook")
    answer = room.ask(who, method, f"api/units/{unit}/{path}".rstrip("/"), NOTEBOOK)
    assert answer.status in (404, 400)
    assert b"<script" not in answer.body
    assert answer.error


@pytest.mark.parametrize("key", ["", "x" * 129, "ü", "a\tb"])
def test_a_key_that_is_none_is_refused(room, student, key):
    answer = room.hand_in(student, UNIT, NOTEBOOK, Idempotency_Key=key)
    assert answer.status == 400
    assert "Idempotency-Key" in answer.error


def head(room: Room, student: str, *headers: str, unit: str = UNIT) -> bytes:
    lines = [f"Authorization: token {room.token(student)}", *headers]
    return (post_line(unit) + "".join(f"{line}\r\n" for line in lines) + "\r\n").encode()


@pytest.mark.parametrize("length", ["1000000000", "1000001", "9" * 18, "9" * 5000])
@pytest.mark.parametrize("expect", [(), ("Expect: 100-continue",)])
def test_a_gigabyte_is_refused_before_it_is_sent(room, student, length, expect):
    began = time.monotonic()
    connection = room.raw(head(room, student, f"Content-Length: {length}", *expect))
    status, body = answer_of(connection)
    assert status == 413
    assert "larger than 1 MB: clear its outputs" in json.loads(body)["error"]
    assert time.monotonic() - began < 2
    connection.close()


def test_a_chunked_body_without_end_is_cut_off(room, student):
    connection = room.raw(head(room, student, "Transfer-Encoding: chunked"))
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    sent = 0

    def send() -> None:
        nonlocal sent
        for _ in range(4000):  # 260 MB
            connection.sendall(chunk)
            sent += len(chunk)

    with pytest.raises(OSError, match="reset|pipe|Broken"):
        send()
    assert sent < 100_000_000
    connection.close()
    assert room.service.store.submissions(student) == []


def test_whoever_sends_too_much_hears_why(room, student):
    """A connection closed at once would take the sentence with it."""
    for body in (b"x" * 5_000_000, b"PK" + b"x" * 900_000):
        answer = room.hand_in(student, UNIT, body)
        assert answer.status in (413, 415)
        # It is answered before all of it has come in, and counts as one on its way until then.
        assert eventually(lambda: not room.service.uploads[student])
    chunks = iter([b"x" * 100_000] * 30)
    headers = {"Transfer-Encoding": "chunked"}
    answer = room.ask(student, "POST", HAND_IN, chunks, headers)
    assert answer.status == 413


def test_a_body_that_drips_is_cut_off(room, student, lines):
    connection = room.raw(head(room, student, "Content-Length: 1000"))
    began = time.monotonic()

    def drip():
        try:
            while time.monotonic() < began + 10:
                connection.sendall(b"x")
                time.sleep(0.05)
        except OSError:
            pass

    dripping = threading.Thread(target=drip)
    dripping.start()
    status, body = answer_of(connection)
    dripping.join()
    assert status == 408
    assert "within 1 s" in json.loads(body)["error"]
    assert 0.8 < time.monotonic() - began < 5
    connection.close()
    assert lines(408)["who"] == student


def test_who_leaves_in_the_middle_leaves_nothing(room, student, lines):
    connection = room.raw(head(room, student, "Content-Length: 900000") + b"x" * 200_000)
    assert eventually(lambda: room.service.uploads[student])
    connection.close()
    assert lines(499)["who"] == student
    assert room.service.store.submissions(student) == []


def test_two_uploads_at_once_and_no_more(room, student):
    room.hand_in(student, UNIT, NOTEBOOK)
    begun = [room.raw(head(room, student, f"Content-Length: {len(NOTEBOOK)}")) for _ in range(2)]
    assert eventually(lambda: room.service.uploads[student] == 2)
    answer = room.hand_in(student, UNIT, NOTEBOOK)
    assert (answer.status, answer.headers["Retry-After"]) == (429, "5")
    assert room.hand_in("bob", UNIT, NOTEBOOK).status == 201  # others go on
    for connection in begun:
        connection.sendall(NOTEBOOK)
        assert answer_of(connection)[0] == 201
        connection.close()
    assert room.hand_in(student, UNIT, NOTEBOOK).json()["attempt"] == 4


def test_a_loop_that_hands_in_is_slowed_down(own, monkeypatch):
    monkeypatch.setattr(api, "MOST_AN_HOUR", 3)
    for _ in range(3):
        assert own.hand_in("ada", UNIT, NOTEBOOK).status == 201
        own.noon.now += timedelta(minutes=10)
    answer = own.hand_in("ada", OTHER, NOTEBOOK)
    assert answer.status == 429
    assert 29 * 60 < int(answer.headers["Retry-After"]) < 31 * 60
    assert own.hand_in("bob", OTHER, NOTEBOOK).status == 201
    own.noon.now += timedelta(minutes=31)
    assert own.hand_in("ada", OTHER, NOTEBOOK).status == 201


def test_small_bodies_are_bounded_too(room):
    answer = room.ask("ina", "POST", "api/class/regrade", b'{"unit": "' + b"x" * 100_000)
    assert answer.status == 413
    assert room.ask("ada", "GET", "api/me", b"x" * 1_000_000).status == 413


def test_smuggled_lengths_are_refused(room, student):
    both = head(room, student, "Content-Length: 5", "Transfer-Encoding: chunked")
    connection = room.raw(both + b"0\r\n\r\n")
    assert answer_of(connection)[0] == 400
    connection.close()
    assert room.service.store.submissions(student) == []


# ---------------------------------------------------------------- handing in


def test_what_is_handed_in_is_kept_to_the_byte(room, student, lines):
    data = NOTEBOOK + b"\n" + bytes(range(256)) * 3000  # anything goes to the grader
    answer = room.hand_in(student, UNIT, data, name="my work.ipynb")
    record = answer.json()
    assert answer.status == 201
    digest = hashlib.sha256(data).hexdigest()
    assert re.fullmatch("[0-9a-f]{32}", record["id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} UTC", record["timestamp"])
    told = {k: v for k, v in record.items() if k not in ("id", "timestamp", "place", "feedback")}
    assert told == {
        "unit": UNIT, "attempt": 1, "sha256": digest, "size": len(data), "name": "my work.ipynb",
        "state": "queued", "counts": True, "score": None, "max": None, "late": False,
    }  # fmt: skip
    assert record["place"] >= 1
    assert room.ask(student, "GET", "api/submissions").json() == [record]
    back = room.ask(student, "GET", f"api/submissions/{record['id']}/notebook")
    assert (back.body, back.headers["ETag"]) == (data, f'"{digest}"')
    line = lines(201)
    assert (line["who"], line["submission"]) == (student, record["id"])
    assert line["ms"] >= 0
    assert room.ask(student, "GET", f"api/submissions?unit={OTHER}").json() == []


def test_one_click_is_one_submission_however_often_it_is_sent(room, student):
    with ThreadPoolExecutor(2) as pool:  # two at once, the most that are let in
        answers = list(
            pool.map(
                lambda _n: room.hand_in(student, UNIT, NOTEBOOK, Idempotency_Key="click"), range(8)
            )
        )
    assert sorted(answer.status for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert room.hand_in(student, OTHER, NOTEBOOK, Idempotency_Key="click").status == 409
    # Somebody else's key is their own.
    assert room.hand_in("bob", UNIT, NOTEBOOK, Idempotency_Key="click").status == 201


def test_a_known_key_is_no_way_to_fill_the_disk(own):
    assert own.hand_in("ada", UNIT, NOTEBOOK, Idempotency_Key="click").status == 201
    before = sorted(own.service.store.folder.glob("objects/*/*"))
    for body in (b"other", b"x" * 900_000):
        answer = own.hand_in("ada", UNIT, body, Idempotency_Key="click")
        assert answer.status == 409
        assert f"another notebook before (attempt 1 at {UNIT})" in answer.error
        assert "hand it in with a new key" in answer.error
    assert own.hand_in("ada", OTHER, NOTEBOOK, Idempotency_Key="click").status == 409
    assert own.hand_in("ada", UNIT, NOTEBOOK, Idempotency_Key="click").status == 200
    assert sorted(own.service.store.folder.glob("objects/*/*")) == before
    eventually(lambda: not list(own.service.store.folder.glob("incoming/*")))
    assert len(own.service.store.submissions()) == 1


def test_of_two_contents_under_one_key_at_once_one_is_taken_and_one_refused(own):
    bodies = [b"%d" % n for n in range(2)]
    with ThreadPoolExecutor(2) as pool:
        sent = [pool.submit(own.hand_in, "ada", UNIT, b, Idempotency_Key="k") for b in bodies]
    statuses = [one.result().status for one in sent]
    assert sorted(statuses) == [201, 409]
    (one,) = own.service.store.submissions()
    assert own.service.store.read(one.sha256) == bodies[statuses.index(201)]


def test_who_leaves_while_it_is_kept_has_handed_in(own, monkeypatch):
    keep, inside, go_on = Upload.keep, threading.Event(), threading.Event()

    def slow(self):
        inside.set()
        go_on.wait(10)
        return keep(self)

    monkeypatch.setattr(Upload, "keep", slow)
    connection = own.raw(head(own, "ada", f"Content-Length: {len(NOTEBOOK)}") + NOTEBOOK)
    assert inside.wait(10)
    connection.close()
    time.sleep(0.2)
    go_on.set()
    (one,) = eventually(lambda: own.service.store.submissions("ada"))
    assert own.service.store.read(one.sha256) == NOTEBOOK


def test_a_unit_is_handed_out_though_that_cannot_be_noted(own, monkeypatch):
    monkeypatch.setattr(Store, "note_fetch", locked_database)
    assert own.ask("ada", "GET", f"api/units/{UNIT}/notebook").body == NOTEBOOK


def test_two_submits_at_once_are_two_attempts(room, student):
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda n: room.hand_in(student, UNIT, b"%d" % n), range(2)))
    assert sorted(answer.json()["attempt"] for answer in answers) == [1, 2]
    stamps = {answer.json()["timestamp"] for answer in answers}
    assert len(stamps) == 2


def test_what_waits_for_the_disk_is_written_at_once(own, monkeypatch):
    later = [("ada", STRICT), ("bob", UNIT), ("bob", STRICT)]
    real, calls, go_on = own.service.store.hand_in_all, [], threading.Event()

    def slow(handed):
        some = list(handed)
        calls.append(len(some))
        go_on.wait(10)
        return real(some)

    monkeypatch.setattr(own.service.store, "hand_in_all", slow)
    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(own.hand_in, "ada", UNIT, NOTEBOOK)
        eventually(lambda: calls)
        others = [pool.submit(own.hand_in, who, unit, NOTEBOOK) for who, unit in later]
        eventually(lambda: len(own.service._handed) == len(others))
        go_on.set()
        answers = [first.result(), *(one.result() for one in others)]
    assert calls == [1, 3]
    assert [one.status for one in answers] == [201] * 4
    assert len({one.json()["timestamp"] for one in answers}) == 4
    assert len(own.service.store.submissions()) == 4


def test_of_limited_attempts_no_more_than_that(own):
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda n: own.hand_in("ada", STRICT, b"%d" % n), range(6)))
    assert sorted(answer.status for answer in answers) == [201, 201, 409, 409, 409, 409]
    assert own.ask("ada", "GET", "api/units").json()[2]["attempts_left"] == 0
    refused = next(answer for answer in answers if answer.status == 409)
    assert refused.error == f"all 2 attempts at {STRICT} are used up"


@pytest.mark.parametrize(
    ("after", "strict", "lenient"),
    [(timedelta(), (201, False), (201, False)), (TICK, (409, None), (201, True))],
)
def test_at_the_microsecond_of_the_deadline(own, after, strict, lenient):
    own.service.dues._known = {UNIT: DUE, STRICT: DUE}
    for unit, (status, late) in ((STRICT, strict), (UNIT, lenient)):
        own.noon.now = DUE + after  # a stamp is never the one before
        one = own.hand_in("ada" if unit == UNIT else "bob", unit, NOTEBOOK)
        assert one.status == status
        if status == 201:
            assert one.json()["late"] == late
        else:
            assert "due on 2026-03-02 12:00:00 UTC" in one.error
        own.service.store._engine  # noqa: B018
        with own.service.store._writing() as db:  # the next one's stamp is free again
            db.execute(text("UPDATE changes SET stamp = '2026-01-01 00:00:00.000000'"))


def test_too_late_for_a_large_body_is_said_before_it_is_read(own):
    own.service.dues._known = {STRICT: DUE}
    own.noon.now = DUE + TICK
    connection = own.raw(head(own, "ada", "Content-Length: 999999", unit=STRICT))
    assert answer_of(connection)[0] == 409
    connection.close()
    assert list(own.service.store.folder.glob("objects/*/*"))[1:] == []  # what is handed out alone


def test_an_extension_opens_the_door_again(own):
    own.service.dues._known = {STRICT: DUE}
    own.noon.now = DUE + timedelta(minutes=30)
    assert own.hand_in("ada", STRICT, NOTEBOOK).status == 409
    more = {"student": "ada", "unit": STRICT, "minutes": 60}
    assert own.ask("ina", "PUT", "api/class/extensions", more).status == 200
    assert own.hand_in("bob", STRICT, NOTEBOOK).status == 409
    record = own.hand_in("ada", STRICT, NOTEBOOK).json()
    assert record["late"] is False
    unit = own.ask("ada", "GET", "api/units").json()[2]
    assert (unit["due"], unit["extension_s"]) == ("2026-03-02 13:00:00.000000 UTC", 3600)
    own.ask("ina", "PUT", "api/class/extensions", more | {"minutes": 0})
    assert own.ask("ada", "GET", "api/submissions").json()[0]["late"] is True


# ---------------------------------------------------------------- units


def test_a_unit_is_fetched_and_the_fetch_is_remembered(room, student):
    answer = room.ask(student, "GET", f"api/units/{UNIT}/notebook")
    digest = hashlib.sha256(NOTEBOOK).hexdigest()
    assert (answer.body, answer.headers["ETag"]) == (NOTEBOOK, f'"{digest}"')
    units = {unit["unit"]: unit for unit in room.ask(student, "GET", "api/units").json()}
    assert units[UNIT]["fetched_at"]
    assert units[OTHER]["fetched_at"] is None
    assert units[UNIT]["sha256"] == digest
    assert list(units) == sorted(units)
    again = room.ask(
        student, "GET", f"api/units/{UNIT}/notebook", headers={"If-None-Match": f'"{digest}"'}
    )
    assert (again.status, again.body) == (304, b"")
    room.ask("ina", "GET", f"api/units/{UNIT}/notebook")
    assert ("ina", UNIT) not in room.service.store.fetches()


def test_releasing_replacing_and_withdrawing(own):
    path = f"api/units/{UNIT}/notebook"
    other = NOTEBOOK + b" "
    assert own.ask("ina", "PUT", path, NOTEBOOK).status == 200
    refused = own.ask("ina", "PUT", path, other)
    assert refused.status == 409
    assert "force" in refused.error
    assert own.ask("ina", "PUT", f"{path}?force=0", other).status == 409
    assert own.ask("ina", "PUT", f"{path}?force=1", other).status == 200
    assert own.ask("ada", "GET", path).body == other
    record = own.hand_in("ada", UNIT, NOTEBOOK).json()
    assert own.ask("ina", "DELETE", f"api/units/{UNIT}").json() == {"unit": UNIT, "withdrawn": True}
    assert own.ask("ina", "DELETE", f"api/units/{UNIT}").status == 404
    assert own.ask("ada", "GET", path).status == 404
    assert UNIT not in [unit["unit"] for unit in own.ask("ada", "GET", "api/units").json()]
    assert own.hand_in("ada", UNIT, NOTEBOOK).status == 409
    assert own.ask("ada", "GET", "api/submissions").json() == [record]
    assert own.ask("ina", "PUT", path, b"").status == 400
    assert own.ask("ina", "PUT", path, b"PK\x03\x04").status == 415
    assert own.ask("ada", "PUT", path, other).status == 403


# ---------------------------------------------------------------- feedback

PAGES = {"page": b"<p>full: hidden-check</p>", "visible_page": b"<p>visible</p>"}


def graded(room: Room, who: str, unit: str, score=6.5, **facts) -> str:
    """Hand in and grade; return the submission's id."""
    id = room.hand_in(who, unit, NOTEBOOK).json()["id"]
    store = room.service.store
    kept = {name: store.put(data).sha256 for name, data in PAGES.items()}
    known = {"state": GRADED, "score": score, "max": 8.0, "visible_score": 2.0, "visible_max": 3.0}
    store.set_grade(id, **(known | kept | facts))
    return id


def shown(room: Room, who: str, id: str, query: str = "") -> tuple[str, bytes]:
    """Return the kind of page that somebody sees, and its content, checked against its record."""
    if who == "ina" and not query:
        path = f"api/class/submissions?unit={room.service.store.submission(id).unit}"
    else:
        path = "api/submissions"
    answer = room.ask(who, "GET", f"api/submissions/{id}/feedback{query}")
    assert answer.status == 200
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    digest = hashlib.sha256(answer.body).hexdigest()
    assert answer.headers["ETag"] == f'"{digest}"'
    records = [one for one in room.ask(who, "GET", path).json() if one["id"] == id]
    for record in records:
        assert record["feedback"]["sha256"] == digest
        return record["feedback"]["kind"], answer.body
    return "", answer.body


def test_feedback_at_once(own):
    id = graded(own, "ada", UNIT, penalty=1.0)
    assert shown(own, "ada", id) == ("full", PAGES["page"])
    record = own.ask("ada", "GET", "api/submissions").json()[0]
    assert (record["score"], record["max"], record["state"]) == (5.5, 8.0, "graded")
    answer = own.ask("ada", "GET", f"api/submissions/{id}/feedback")
    etag = {"If-None-Match": answer.headers["ETag"]}
    again = own.ask("ada", "GET", f"api/submissions/{id}/feedback", headers=etag)
    assert (again.status, again.body) == (304, b"")


def test_the_visible_part_first(own):
    own.service.dues._known = {VISIBLE: DUE}
    id = graded(own, "ada", VISIBLE)
    assert shown(own, "ada", id) == ("visible part", PAGES["visible_page"])
    record = own.ask("ada", "GET", "api/submissions").json()[0]
    assert (record["score"], record["max"]) == (2.0, 3.0)
    assert record["feedback"]["until"] == "2026-03-02 12:00:00.000000 UTC"
    assert shown(own, "ina", id) == ("full", PAGES["page"])
    assert shown(own, "ina", id, "?as=student")[1] == PAGES["visible_page"]
    # Nobody becomes an instructor by asking for it.
    assert (
        own.ask("ada", "GET", f"api/submissions/{id}/feedback?as=instructor").body
        == (PAGES["visible_page"])
    )
    own.noon.now = DUE
    assert shown(own, "ada", id)[0] == "visible part"
    own.noon.now = DUE + TICK
    assert shown(own, "ada", id) == ("full", PAGES["page"])


def test_nothing_before_the_deadline_and_no_longer_for_who_has_more_time(own):
    own.service.dues._known = {HELD: DUE}
    id, other = graded(own, "ada", HELD), graded(own, "bob", HELD)
    kind, page = shown(own, "ada", id)
    assert kind == "status"
    assert b"held back" in page
    assert b"hidden-check" not in page
    record = own.ask("ada", "GET", "api/submissions").json()[0]
    assert (record["score"], record["max"]) == (None, None)
    more = {"student": "bob", "unit": HELD, "minutes": 60}
    own.ask("ina", "PUT", "api/class/extensions", more)
    own.noon.now = DUE + TICK
    assert shown(own, "ada", id)[0] == "full"
    assert shown(own, "bob", other)[0] == "status"


def test_while_it_waits_there_is_a_page_that_says_so(own):
    first = own.hand_in("bob", UNIT, NOTEBOOK).json()["id"]
    id = own.hand_in("ada", UNIT, NOTEBOOK).json()["id"]
    kind, page = shown(own, "ada", id)
    assert kind == "status"
    assert b"place 2" in page
    own.service.store.set_grade(first, state=NEEDS_PERSON, reason="secret reason")
    assert b"place 1" in shown(own, "ada", id)[1]
    kind, page = shown(own, "bob", first)
    assert kind == "status"
    assert b"person" in page
    assert b"secret reason" not in page
    for path in ("api/submissions", f"submissions/{first}"):
        assert b"secret reason" not in own.ask("bob", "GET", path).body
    record = own.ask("ina", "GET", f"api/class/submissions?unit={UNIT}").json()[0]
    assert (record["reason"], record["student"]) == ("secret reason", "bob")


def test_a_person_page_replaces_the_automatic_one(own):
    id = graded(own, "ada", HELD)
    page = "<p>Schön gemacht</p>".encode()
    assert own.ask("ada", "PUT", f"api/submissions/{id}/feedback", page).status == 403
    assert own.ask("ina", "PUT", f"api/submissions/{id}/feedback", b"").status == 400
    answer = own.ask("ina", "PUT", f"api/submissions/{id}/feedback", page)
    assert answer.json()["feedback"]["kind"] == "person"
    assert shown(own, "ada", id) == ("person", page)
    assert own.ask("ina", "PUT", f"api/submissions/{'0' * 32}/feedback", page).status == 404


def test_a_person_page_brings_the_points_that_a_person_gave(own):
    first = graded(own, "ada", UNIT, 6.5, penalty=1.0)
    handed_in = own.service.store.submission(first).at
    with environment_on_path(), nbgrader_api.Gradebook(own.service.gradebook, COURSE) as book:
        book.add_assignment(UNIT)
        book.add_notebook(UNIT, UNIT)
        book.add_student("ada")
        for name in ("mul", "add"):
            book.add_grade_cell(name, UNIT, UNIT, max_score=4.0, cell_type="code")
        book.add_submission(UNIT, "ada", timestamp=handed_in)
        for name, points in (("mul", 4.0), ("add", 2.5)):
            book.find_grade(name, UNIT, UNIT, "ada").auto_score = points
        book.find_grade("add", UNIT, UNIT, "ada").manual_score = 3.25
        book.db.commit()

    def points(id: str) -> float:
        (record,) = [one for one in own.ask("ada", "GET", "api/submissions").json()
                     if one["id"] == id]  # fmt: skip
        return record["score"]

    assert points(first) == 5.5
    assert (
        own.ask("ina", "PUT", f"api/submissions/{first}/feedback", b"<p>").json()["score"] == 6.25
    )
    assert points(first) == 6.25
    # The gradebook does not tell of another attempt.
    own.noon.now += timedelta(minutes=1)
    second = graded(own, "ada", UNIT, 2.0)
    assert (
        own.ask("ina", "PUT", f"api/submissions/{second}/feedback", b"<p>").json()["score"] == 2.0
    )
    assert points(second) == 2.0


def test_another_students_work_is_closed(own):
    id = graded(own, "ada", UNIT)
    for path in (f"api/submissions/{id}/notebook", f"api/submissions/{id}/feedback"):
        answer = own.ask("bob", "GET", path)
        assert answer.status == 403
        assert answer.error == "this submission is not yours"
        assert own.ask("ina", "GET", path).status == 200
        assert own.ask(COURSE, "GET", path).status == 200
    assert own.ask("bob", "GET", f"submissions/{id}").status == 403
    assert own.ask("bob", "GET", "api/submissions").json() == []
    assert own.ask("bob", "GET", "api/submissions?student=ada").json() == []
    for path in (
        "api/class/submissions?student=ada",
        "api/class",
        f"api/class/download?unit={UNIT}",
    ):
        assert own.ask("bob", "GET", path).status == 403


def test_the_best_attempt_counts_where_the_course_says_so(own):
    for score in (3.0, 7.0, 5.0):
        graded(own, "ada", VISIBLE, score)
        graded(own, "bob", UNIT, score)
    counts = [one["counts"] for one in own.ask("ada", "GET", "api/submissions").json()]
    assert counts == [False, True, False]
    counts = [one["counts"] for one in own.ask("bob", "GET", "api/submissions").json()]
    assert counts == [False, False, True]


# ---------------------------------------------------------------- the class


def test_the_table_of_the_class(own):
    own.service.dues._known = {UNIT: DUE}
    own.service.dues._names = {"ada": "Ada Lovelace"}
    own.noon.now = DUE - timedelta(hours=1)
    graded(own, "ada", UNIT)
    own.noon.now = DUE + timedelta(hours=1)
    own.hand_in("bob", UNIT, NOTEBOOK)
    own.ask("ben", "GET", f"api/units/{OTHER}/notebook")
    own.ask("ina", "PUT", "api/class/extensions", {"student": "ben", "unit": UNIT, "minutes": 90})
    answer = own.ask("ina", "GET", "api/class")
    told = answer.json()
    at = 1772452800
    assert told["course"] == COURSE
    assert [unit["unit"] for unit in told["units"]] == list(own.service.units)
    assert told["units"][1]["max"] == 8.0
    assert told["units"][1]["due"] == at
    assert told["units"][0]["due"] is None
    assert told["queue"] == {"length": 1, "grading": 0, "oldest": at + 3600, "per_minute": 0}
    assert told["notices"] == []
    cells = {name: cells[:2] for name, _shown, cells in told["students"]}
    assert cells == {
        "ada": [0, [1, "d", 6.5, at - 3600]],
        "ben": [1, [0, "n", None, None, "", 90]],
        "bob": [0, [1, "q", None, at + 3600, "l"]],
    }
    assert [shown for _name, shown, _cells in told["students"]] == ["Ada Lovelace", "ben", "bob"]


def test_an_unchanged_class_costs_nothing_and_a_changed_one_is_told(own, monkeypatch):
    etag = {"If-None-Match": own.ask("ina", "GET", "api/class").headers["ETag"]}
    made = []
    make = own.service.records._make_table

    def counted(*args):
        made.append(args)
        return make(*args)

    monkeypatch.setattr(own.service.records, "_make_table", counted)
    assert own.ask("ina", "GET", "api/class", headers=etag).status == 304
    assert made == []
    id = graded(own, "ada", UNIT)
    own.service.store.set_grade(id, score=7.0)
    answer = own.ask("ina", "GET", "api/class", headers=etag)
    assert answer.json()["queue"]["per_minute"] == 1
    etag["If-None-Match"] = answer.headers["ETag"]
    assert own.ask("ina", "GET", "api/class", headers=etag).status == 304
    own.noon.now += timedelta(seconds=61)  # without any change of the data
    assert own.ask("ina", "GET", "api/class", headers=etag).json()["queue"]["per_minute"] == 0
    own.hub.groups[f"nbgrader-{COURSE}"].append("new")
    own.clock.seconds += 11
    assert "new" in str(own.ask("ina", "GET", "api/class", headers=etag).json()["students"])
    own.service.dues._known = {UNIT: DUE}
    assert own.ask("ina", "GET", "api/class").json()["units"][1]["due"]


def test_who_has_left_the_course_is_still_in_the_table(own):
    own.hand_in("bob", UNIT, NOTEBOOK)
    own.hub.groups[f"nbgrader-{COURSE}"].remove("bob")
    own.clock.seconds += 11
    names = [name for name, *_rest in own.ask("ina", "GET", "api/class").json()["students"]]
    assert names == ["ada", "ben", "bob"]


def test_names_cannot_become_markup(own):
    evil = "<script>alert(1)</script>"
    own.hub.groups[f"nbgrader-{COURSE}"].append(evil)
    own.clock.seconds += 11
    own.service.dues._names = {"ada": evil}
    own.hand_in("ada", UNIT, NOTEBOOK, name=f"{evil.replace('/', '')}.ipynb")
    id = own.service.store.submissions("ada")[0].id
    told = own.ask("ina", "GET", "api/class")
    assert evil in told.json()["notices"][0]
    assert told.json()["students"][0][1] == evil
    for who, path in (
        ("ina", "api/class"),
        ("ina", f"api/class/submissions?unit={UNIT}"),
        ("ina", f"submissions/{id}"),
        ("ada", f"submissions/{id}"),
        ("ada", f"api/submissions/{id}/feedback"),
        ("ada", "api/submissions"),
        (evil, ""),
        (evil, "api/me"),
        ("<img src=x onerror=alert(1)>", ""),
        ("ada", "%3Cscript%3Ealert(1)%3C/script%3E"),
    ):
        body = own.ask(who, "GET", path).body
        assert b"<script>alert" not in body, path
        assert b"<img src=x" not in body, path


def test_records_for_collecting(own):
    graded(own, "ada", UNIT)
    own.hand_in("bob", UNIT, NOTEBOOK)
    own.hand_in("bob", OTHER, NOTEBOOK)
    records = own.ask(COURSE, "GET", f"api/class/submissions?unit={UNIT}").json()
    assert [one["student"] for one in records] == ["ada", "bob"]
    assert records[0]["score"] == 6.5
    one = own.ask("ina", "GET", f"api/class/submissions?unit={UNIT}&student=bob").json()
    assert [one["student"] for one in one] == ["bob"]
    assert len(own.ask("ina", "GET", "api/class/submissions").json()) == 3
    for query in ("unit=nope", "student=..%2f..", "unit=%00", "student=%00"):
        assert own.ask("ina", "GET", f"api/class/submissions?{query}").status in (400, 404)


def test_grading_again(own):
    ids = {who: graded(own, who, UNIT) for who in ("ada", "bob")}
    ask = ("ina", "POST", "api/class/regrade")
    assert own.ask(*ask, {"unit": UNIT, "students": ["ada", "nobody", "../x"]}).json() == {
        "unit": UNIT, "queued": 1,
    }  # fmt: skip
    store = own.service.store
    assert store.submission(ids["ada"]).state == "queued"
    assert store.submission(ids["bob"]).state == "graded"
    record = own.ask("ada", "GET", "api/submissions").json()[0]
    assert (record["state"], record["score"], record["place"]) == ("queued", 6.5, 1)
    assert own.ask(*ask, {"unit": UNIT, "students": None}).json()["queued"] == 1
    assert own.ask(*ask, {"unit": UNIT}).json()["queued"] == 0
    for wrong in (
        {"unit": UNIT, "students": "ada"},
        {"unit": UNIT, "students": [1]},
        {},
        [],
        {"unit": 3},
    ):
        assert own.ask(*ask, wrong).status == 400
    assert own.ask(*ask, {"unit": "nope"}).status == 404
    assert own.ask(*ask, b"\xff").status == 400
    assert own.ask(*ask, b"[" * 60_000).status == 400


@pytest.mark.parametrize("minutes", [-1, 1.5, "60", None, True, 10**9])
def test_an_extension_that_makes_no_sense(room, minutes):
    asked = {"student": "ada", "unit": UNIT, "minutes": minutes}
    answer = room.ask("ina", "PUT", "api/class/extensions", asked)
    assert answer.status == 400
    assert "minutes" in answer.error


def test_a_unit_without_a_due_date_has_nothing_to_extend(own):
    asked = {"student": "ada", "unit": UNIT, "minutes": 90}
    answer = own.ask("ina", "PUT", "api/class/extensions", asked)
    assert answer.status == 409
    assert answer.error == f"the unit {UNIT} has no due date: there is nothing to extend"
    assert own.service.store.extensions() == {}
    # What was given before the due date went can be taken back.
    own.service.dues._known = {UNIT: DUE}
    assert own.ask("ina", "PUT", "api/class/extensions", asked).status == 200
    own.service.dues._known = {}
    assert own.ask("ina", "PUT", "api/class/extensions", asked | {"minutes": 0}).status == 200
    assert own.service.store.extensions("ada") == {}


def test_a_students_page_knows_which_attempt_counts(own):
    page = own.ask("ada", "GET", "").body.decode()
    counts = json.loads(html.unescape(re.search('data-counts="([^"]*)"', page)[1]))
    assert list(counts) == list(own.service.units)
    assert set(counts.values()) <= {"last", "best"}


def test_an_extension_reaches_the_gradebook_and_is_graded_by(own):
    engine = create_engine(own.service.gradebook)
    nbgrader_api.Base.metadata.create_all(engine)
    with Session(engine) as session:
        unit = nbgrader_api.Assignment(name=UNIT, course_id=COURSE, duedate=DUE)
        session.add_all([nbgrader_api.Course(id=COURSE), unit])
        for name in ("ada", "bob"):
            session.add(nbgrader_api.Student(id=name))
            session.flush()
            session.add(nbgrader_api.SubmittedAssignment(assignment_id=unit.id, student_id=name))
        session.commit()
    id = graded(own, "ada", UNIT)
    asked = {"student": "ada", "unit": UNIT, "minutes": 90}
    answer = own.ask("ina", "PUT", "api/class/extensions", asked)
    assert answer.json() == asked | {"queued": 1}
    assert own.service.store.submission(id).state == "queued"
    submitted = nbgrader_api.SubmittedAssignment.__table__

    def stored() -> dict:
        with engine.connect() as db:
            return dict(db.execute(submitted.select().with_only_columns(
                submitted.c.student_id, submitted.c.extension)).all())  # fmt: skip

    assert stored() == {"ada": timedelta(minutes=90), "bob": None}
    own.ask("ina", "PUT", "api/class/extensions", asked | {"minutes": 0})
    assert stored() == {"ada": None, "bob": None}
    engine.dispose()
    for who in ("nobody", "../x", "\x00"):
        answer = own.ask("ina", "PUT", "api/class/extensions", asked | {"student": who})
        assert answer.status == 404
    assert own.ask("ina", "PUT", "api/class/extensions", asked | {"unit": "nope"}).status == 404


def test_the_class_is_downloaded_as_a_zip(own):
    for n, score in enumerate((3.0, 7.0, 5.0)):
        id = own.hand_in("ada", VISIBLE, b"ada %d" % n, name="../../evil.ipynb"[6:]).json()["id"]
        own.service.store.set_grade(id, state=GRADED, score=score, max=8.0)
    lost = own.hand_in("bob", VISIBLE, b"bob").json()
    own.service.store.path(lost["sha256"]).unlink()
    answer = own.ask("ina", "GET", f"api/class/download?unit={VISIBLE}")
    assert answer.headers["Content-Type"] == "application/zip"
    assert f'"{VISIBLE}.zip"' in answer.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    best = own.service.store.submissions("ada")[1]
    assert files.pop("MISSING.txt").startswith(b"bob: ")
    assert files == {
        f"ada/{VISIBLE}/{VISIBLE}.ipynb": b"ada 1",
        f"ada/{VISIBLE}/timestamp.txt": best.timestamp.encode(),
    }
    assert own.ask("ina", "GET", "api/class/download").status == 404
    assert own.ask("ina", "GET", "api/class/download?unit=..%2f..").status == 404


# ---------------------------------------------------------------- what can go wrong here


def full_disk(*_args):
    raise OSError(errno.ENOSPC, "No space left on device")


def full_database(*_args, **_options):
    raise OperationalError("INSERT", {}, Exception("database or disk is full"))


def locked_database(*_args, **_options):
    raise OperationalError("INSERT", {}, Exception("database is locked"))


@pytest.mark.parametrize(
    ("owner", "name", "fault", "status"),
    [
        (Upload, "write", full_disk, 507),
        (Upload, "keep", full_disk, 507),
        (Store, "upload", full_disk, 507),
        (Store, "hand_in_all", full_database, 507),
        (Store, "hand_in_all", locked_database, 503),
        (Store, "submissions", locked_database, 503),
    ],
)
@pytest.mark.parametrize("size", [100, 900_000, None])
def test_a_full_disk_and_a_locked_database_cost_an_answer_and_no_more(
    own, monkeypatch, lines, owner, name, fault, status, size
):
    body = iter([b"x" * 300_000] * 3) if size is None else b"x" * size
    headers = {"Transfer-Encoding": "chunked"} if size is None else {}
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, fault)
        answer = own.ask("ada", "POST", HAND_IN, body, headers)
    assert answer.status == status
    assert "nothing of this was kept" in answer.error
    assert answer.headers["Retry-After"]
    assert lines(status)["why"] == answer.error
    assert own.service.store.submissions() == []
    assert eventually(lambda: not list(own.service.store.folder.glob("incoming/*")))
    assert own.hand_in("ada", UNIT, NOTEBOOK).status == 201


def test_a_missing_or_damaged_file_is_said_and_logged(own, lines):
    record = own.hand_in("ada", UNIT, NOTEBOOK + b" ").json()
    path = own.service.store.path(record["sha256"])
    path.chmod(0o600)
    path.write_bytes(b"evil")
    answer = own.ask("ada", "GET", f"api/submissions/{record['id']}/notebook")
    assert answer.status == 500
    assert "restore it from a backup" in answer.error
    assert lines(500)["why"] == answer.error
    path.unlink()
    assert own.ask("ada", "GET", f"api/submissions/{record['id']}/notebook").status == 500
    assert own.ask("ada", "GET", "api/submissions").status == 200


def test_a_mistake_of_ours_tells_nothing_of_the_inside(own, monkeypatch, caplog):
    def broken(*_args, **_options):
        raise KeyError("the secret of the inside")

    monkeypatch.setattr(own.service.records, "units", broken)
    answer = own.ask("ada", "GET", "api/units")
    assert answer.status == 500
    assert b"secret" not in answer.body
    assert "the secret of the inside" in caplog.text
    monkeypatch.undo()
    assert own.ask("ada", "GET", "api/units").status == 200


def test_a_clock_that_steps_back_changes_no_order(own):
    own.hand_in("ada", UNIT, NOTEBOOK)
    own.noon.now -= timedelta(hours=5)
    own.hand_in("ada", UNIT, NOTEBOOK)
    stamps = [one["timestamp"] for one in own.ask("ada", "GET", "api/submissions").json()]
    assert stamps == sorted(set(stamps))


def test_no_token_is_ever_logged(own, caplog):
    caplog.set_level(logging.INFO)  # as the service logs
    token = own.token("ada")
    own.hand_in("ada", UNIT, NOTEBOOK)
    own.hand_in("ada", UNIT, b"")
    own.ask("ada", "GET", f"api/me?token={token}")
    own.ask("ada", "GET", f"nothing?token={token}")
    own.hub.away = True
    own.clock.seconds += 1000
    own.ask("ada", "GET", "api/me")
    assert "503" in caplog.text
    assert token not in caplog.text


# ---------------------------------------------------------------- headers


def test_the_headers_of_every_answer(own):
    own.hand_in("ada", UNIT, NOTEBOOK)
    for who, path in (
        ("ada", "api/me"),
        ("ada", "api/submissions"),
        ("ada", ""),
        (None, "api/me"),
        ("ada", "api/nothing"),
        ("ina", f"api/class/download?unit={UNIT}"),
    ):
        headers = own.ask(who, "GET", path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "Server" not in headers
    style = own.ask(None, "GET", "static/classroom.css")
    assert (style.status, style.headers["Cache-Control"]) == (200, "no-cache")
    etag = {"If-None-Match": style.headers["ETag"]}
    assert own.ask(None, "GET", "static/classroom.css", headers=etag).status == 304
    assert own.ask(None, "GET", "static/..%2fpages.py").status == 404
    assert own.ask(None, "GET", "health").json()["status"] == "ok"


# ---------------------------------------------------------------- starting and ending


def marker(code: str) -> Marker:
    return Marker([sys.executable, "-c", code])


def test_a_marker_that_ends_is_started_again(tmp_path, monkeypatch):
    monkeypatch.setattr("grader.exchange.app.FIRST_WAIT_S", 0.01)
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "secret")
    log = tmp_path / "log"
    code = f"import os; open({str(log)!r}, 'a').write(str(sorted(os.environ)) + '\\n'); exit(3)"

    async def run() -> str:
        one = marker(code)
        one.start()
        for _ in range(500):
            await asyncio.sleep(0.02)
            if log.exists() and len(log.read_text().splitlines()) >= 3:
                break
        notice = one.notice
        await one.stop()
        return notice

    assert "ended with status 3" in asyncio.run(run())
    assert len(log.read_text().splitlines()) >= 3
    assert "JUPYTERHUB" not in log.read_text()
    assert without_hub({"JUPYTERHUB_X": "1", "PATH": "p"}) == {"PATH": "p"}


def test_a_marker_ends_with_the_service(monkeypatch):
    monkeypatch.setattr("grader.exchange.app.MARKER_LEAVE_S", 0.3)

    async def run(code: str) -> int:
        one = marker(code + "; print('up', flush=True); import time; time.sleep(60)")
        one.start()
        while one._process is None:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.5)
        await one.stop()
        return one._process.returncode

    assert asyncio.run(run("pass")) == -signal.SIGTERM
    stubborn = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    assert asyncio.run(run(stubborn)) == -signal.SIGKILL


@pytest.fixture
def environment(monkeypatch):
    for name in [name for name in os.environ if name.startswith("JUPYTERHUB_")]:
        monkeypatch.delenv(name)
    settings = {
        "JUPYTERHUB_SERVICE_URL": "http://127.0.0.1:9991",
        "JUPYTERHUB_SERVICE_PREFIX": PREFIX,
        "JUPYTERHUB_SERVICE_NAME": "classroom",
        "JUPYTERHUB_CLIENT_ID": "service-classroom",
        "JUPYTERHUB_API_TOKEN": "secret",
        "JUPYTERHUB_API_URL": "http://127.0.0.1:1/hub/api",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return settings


def course(tmp_path, text: str = 'c = get_config()\nc.CourseDirectory.course_id = "backprop"\n'):
    (tmp_path / "nbgrader_config.py").write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (None, "there is no nbgrader_config.py"),
        ("c = get_config(", "SyntaxError"),
        ("1 / 0", "ZeroDivisionError"),
        ("c = get_config()", "course_id is not set"),
        (
            "c = get_config(); c.CourseDirectory.course_id = 'x'; c.Classroom.counts = 'first'",
            "counts",
        ),
        ("c = get_config(); c.CourseDirectory.course_id = 'x'; c.Classroom.atempts = 1", "atempts"),
    ],
)
def test_a_wrong_course_is_said_in_one_line(tmp_path, environment, config, said):
    root = tmp_path if config is None else course(tmp_path, config)
    with pytest.raises(WrongStart, match=said) as caught:
        from_environment(root, tmp_path / "data", None)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"JUPYTERHUB_API_TOKEN": ""}, "JUPYTERHUB_API_TOKEN is not set"),
        ({"JUPYTERHUB_SERVICE_URL": "unix:/x"}, "JUPYTERHUB_SERVICE_URL"),
        ({"JUPYTERHUB_SERVICE_URL": "http://127.0.0.1:x"}, "JUPYTERHUB_SERVICE_URL"),
        ({"JUPYTERHUB_CLIENT_ID": ""}, "JUPYTERHUB_CLIENT_ID"),
        ({"CLASSROOM_COURSE_ID": "other"}, "must agree"),
    ],
)
def test_a_wrong_environment_is_said_in_one_line(tmp_path, environment, monkeypatch, change, said):
    for name, value in change.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(WrongStart, match=said):
        from_environment(course(tmp_path), tmp_path / "data", None)


def test_the_command_ends_with_status_2(tmp_path, environment, monkeypatch):
    monkeypatch.setattr(command_line, "die_with_parent", lambda: None)
    monkeypatch.setattr(command_line, "set_up_log", lambda: None)
    options = ["--course", str(tmp_path), "--data", str(tmp_path / "data")]
    told = CliRunner().invoke(command_line.main, options)
    assert told.exit_code == 2
    assert told.stderr == (f"classroom: --course {tmp_path}: there is no nbgrader_config.py\n")


def test_wrong_data_is_said_in_one_line(tmp_path, environment):
    root = course(tmp_path)
    (tmp_path / "file").write_text("x")
    for data, db, said in (
        (tmp_path / "file" / "data", None, "--data"),
        (tmp_path / "data", "mysql://x", "mysql"),
        (tmp_path / "data", "sqlite:////no/such/folder/x.db", "cannot be used"),
    ):
        with pytest.raises(WrongStart, match=said):
            from_environment(root, data, db)


def test_the_process_starts_answers_and_ends(tmp_path, environment):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    known = {**os.environ, "JUPYTERHUB_SERVICE_URL": f"http://127.0.0.1:{port}"}
    options = ["--course", str(course(tmp_path)), "--data", str(tmp_path / "data")]
    command = [sys.executable, "-m", "grader.exchange", *options, "--no-marker"]

    def start():
        # A parent of its own, which is killed while the service runs.
        parent = "import subprocess, sys; subprocess.run(sys.argv[1:])"
        return subprocess.Popen([sys.executable, "-c", parent, *command], env=known)

    def healthy() -> bool:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", f"{PREFIX}health")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    parent = start()
    assert eventually(healthy, 120)
    secret = (tmp_path / "data" / "cookie_secret").read_bytes()
    parent.kill()  # the Hub dies: the service goes, too
    parent.wait()
    assert eventually(lambda: not healthy(), 60)

    service = subprocess.Popen(command, env=known)
    assert eventually(healthy, 120)
    assert (tmp_path / "data" / "cookie_secret").read_bytes() == secret
    half = socket.create_connection(("127.0.0.1", port), timeout=20)
    half.sendall(f"GET {PREFIX}health HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n.".encode())
    time.sleep(0.5)
    service.send_signal(signal.SIGINT)
    time.sleep(0.5)
    half.sendall(b".")  # what was begun is still answered
    assert answer_of(half)[0] == 200
    half.close()
    assert service.wait(60) == 0

"""The proxy in front of a classroom: many requests at once, bodies and answers that are not held,
and WebSockets as a kernel's."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
import requests
import websocket
from tornado.web import Application, RequestHandler, stream_request_body
from tornado.websocket import WebSocketHandler

from grader.exchange import proxy
from grader.exchange.policy import Classroom

MANY = 25  # more than the ten that the proxy passes on as it comes
PROTOCOL = "v1.kernel.websocket.jupyter.org"
WAIT_S = 60
MODULE = "grader.exchange.proxy"
MB = 1 << 20


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class _Together(RequestHandler):
    """Answers nobody before all have come."""

    here = 0
    everybody: asyncio.Event

    async def get(self):
        _Together.here += 1
        if _Together.here == MANY:
            self.everybody.set()
        await self.everybody.wait()
        self.write("together")


class _Kernel(WebSocketHandler):
    """Says what it has heard: text or bytes, and which."""

    def select_subprotocol(self, offered):
        return PROTOCOL if PROTOCOL in offered else None

    def on_message(self, message):
        kind = b"bytes " if isinstance(message, bytes) else "text "
        self.write_message(kind + message, binary=isinstance(message, bytes))


@stream_request_body
class _Counts(RequestHandler):
    """Takes a body in and holds nothing of it."""

    received = 0

    def prepare(self):
        self.request.connection.set_max_body_size(1 << 40)
        self.own = 0

    def data_received(self, chunk):
        self.own += len(chunk)
        _Counts.received += len(chunk)

    def post(self):
        self.write(f"{self.request.method} {self.own}")

    put = delete = post


@stream_request_body
class _Refuses(RequestHandler):
    """Refuses a body when a part of it has come, as the classroom service does, and reads on.

    With a query it refuses at once, and closes the connection.
    """

    answered = False

    def prepare(self):
        self.request.connection.set_max_body_size(1 << 40)
        if self.request.query:
            self.set_status(401)
            self.finish("who is it")

    async def data_received(self, chunk):
        if not self.answered:
            self.answered = True
            self.set_status(413)
            self.set_header("Content-Length", "8")
            self.write("too much")
            await self.flush()

    def post(self):
        self.finish()


class _Parts(RequestHandler):
    """Answers in two parts, the second when it is asked to; or leaves in between."""

    second: asyncio.Event

    async def get(self, how):
        self.set_header("Content-Length", "11")
        self.write("first ")
        await self.flush()
        if how == "breaks":
            self.request.connection.close()
            return
        await self.second.wait()
        self.write("part.")


class _Status(RequestHandler):
    """Answers with a status, whatever is asked."""

    def get(self, status):
        self.set_status(int(status))
        self.add_header("Set-Cookie", "a=1")
        self.add_header("Set-Cookie", "b=2")
        self.finish()

    head = get


class _Running:
    """A proxy in front of a server, both of them running."""

    def __init__(self, folder: Path, **settings: float) -> None:
        self.server_port, self.port, self.api_port = _free_ports(3)
        self.address, self.log = f"127.0.0.1:{self.port}", folder / "log"
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.call(self._listen())
        lines = ["from grader.exchange import proxy"]
        lines += [f"proxy.{name} = {value!r}" for name, value in settings.items()]
        module = ["-c", "; ".join([*lines, "proxy.main()"])] if settings else ["-m", MODULE]
        command = [sys.executable, *module, "--ip", "127.0.0.1", "--port", str(self.port)]
        command += ["--api-ip", "127.0.0.1", "--api-port", str(self.api_port)]
        command += ["--default-target", f"http://127.0.0.1:{self.server_port}"]
        command += ["--log-level", "info"]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        _until_it_answers(self.process, self.port)

    def call(self, coroutine):
        """Run something where the server runs."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(WAIT_S)

    async def _listen(self) -> None:
        _Together.everybody, _Parts.second = asyncio.Event(), asyncio.Event()
        routes = [("/together", _Together), ("/kernel", _Kernel), ("/counts", _Counts)]
        routes += [("/hub/counts", _Counts), ("/refuses", _Refuses)]
        routes += [(r"/parts/(\w+)", _Parts), (r"/status/(\d+)", _Status)]
        Application(routes).listen(self.server_port, "127.0.0.1")

    def route(self, path: str, port: int, **more) -> None:
        """Set a route, as the Hub does."""
        data = {"target": f"http://127.0.0.1:{port}", **more}
        api = f"http://127.0.0.1:{self.api_port}/api/routes{path}"
        requests.post(api, json=data, timeout=WAIT_S).raise_for_status()

    def send(self, head: str, *parts: bytes) -> socket.socket:
        """Send a request, or a part of it."""
        one = socket.create_connection(("127.0.0.1", self.port), timeout=WAIT_S)
        one.sendall(f"{head}\r\nHost: {self.address}\r\n\r\n".encode())
        for part in parts:
            one.sendall(part)
        return one

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(WAIT_S)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(WAIT_S)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A proxy as it is."""
    one = _Running(tmp_path_factory.mktemp("proxy"))
    yield one
    one.stop()


@pytest.fixture(scope="module")
def strict(tmp_path_factory):
    """A proxy with bounds that a test can reach."""
    folder = tmp_path_factory.mktemp("strict")
    one = _Running(folder, MAX_BODY_BYTES=4 * MB, MAX_TOGETHER_BYTES=6 * MB)
    yield one
    one.stop()


@pytest.fixture(scope="module")
def impatient(tmp_path_factory):
    """A proxy that looks often whether a body comes in."""
    one = _Running(tmp_path_factory.mktemp("impatient"), PACE_S=1.0, PACE_BYTES=10_000)
    yield one
    one.stop()


@pytest.fixture
def address(running):
    """Where the proxy answers."""
    return running.address


def _answer(one: socket.socket) -> tuple[int, dict[str, str], bytes]:
    with one, http.client.HTTPResponse(one) as answer:
        answer.begin()
        return answer.status, dict(answer.getheaders()), answer.read()


def _until(holds, what: str) -> None:
    end = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def _until_it_answers(running: subprocess.Popen, port: int) -> None:
    end = time.monotonic() + WAIT_S
    while True:
        assert running.poll() is None, "the proxy has ended"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        except OSError:
            assert time.monotonic() < end, "the proxy does not answer"
            time.sleep(0.05)


def test_more_than_ten_requests_are_passed_on_at_once(address):
    with ThreadPoolExecutor(MANY) as pool:
        asked = [
            pool.submit(requests.get, f"http://{address}/together", timeout=WAIT_S)
            for _ in range(MANY)
        ]
        assert {(one.result().status_code, one.result().text) for one in asked} == {
            (200, "together")
        }


@pytest.mark.parametrize(("offered", "agreed"), [([PROTOCOL], PROTOCOL), (None, None)])
def test_a_kernel_agrees_to_a_protocol_and_hears_bytes_as_bytes(address, offered, agreed):
    one = websocket.create_connection(
        f"ws://{address}/kernel", timeout=WAIT_S, subprotocols=offered
    )
    try:
        assert one.getsubprotocol() == agreed
        one.send_binary(b"\xff\x00")
        assert one.recv() == b"bytes \xff\x00"
        one.send("hello")
        assert one.recv() == "text hello"
    finally:
        one.close()


def test_a_request_may_take_long():
    assert proxy.REQUEST_S >= 1800


# ---------------------------------------------------------------- bodies


def test_a_body_goes_through_part_by_part_and_is_not_held(running):
    process, before = psutil.Process(running.process.pid), _Counts.received
    held = process.memory_info().rss
    part, parts, people = bytes(10 * MB), 4, 5
    head = f"POST /counts HTTP/1.1\r\nContent-Length: {100 * MB}"
    senders = [running.send(head, *[part] * parts) for _ in range(people)]
    try:
        sent = people * parts * len(part)
        _until(lambda: _Counts.received - before == sent, "nothing came through before the end")
        assert process.memory_info().rss - held < sent / 4
    finally:
        for one in senders:
            one.close()


def test_the_largest_notebook_of_a_course_goes_through(address):
    most_mb = Classroom.class_traits()["max_notebook_mb"].max
    assert most_mb * MB * 4 / 3 <= proxy.MAX_BODY_BYTES
    body = bytes(101 * MB)  # more than tornado takes by itself
    answer = requests.post(f"http://{address}/counts", data=body, timeout=WAIT_S)
    assert (answer.status_code, answer.text) == (200, f"POST {len(body)}")


def test_bodies_of_all_kinds_come_through_whole(address):
    url = f"http://{address}/counts"
    chunked = requests.put(url, data=iter([b"ab", b"c" * 100_000]), timeout=WAIT_S)
    assert chunked.text == "PUT 100002"
    assert requests.post(url, timeout=WAIT_S).text == "POST 0"
    assert requests.delete(url, data=b"abc", timeout=WAIT_S).text == "DELETE 3"
    # What tornado's client would send without a word of where it ends.
    assert requests.delete(url, data=iter([b"abc"]), timeout=WAIT_S).status_code == 411


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (f"Content-Length: {1 << 30}", 413),
        (f"Content-Length: {1 << 30}\r\nExpect: 100-continue", 413),
        ("Content-Length: 5, 6", 400),
        ("Content-Length: 5\r\nTransfer-Encoding: chunked", 400),
        ("Content-Length: 5\r\nConnection: Upgrade\r\nUpgrade: websocket", 400),
    ],
)
def test_a_body_that_cannot_be_taken_is_refused_with_words_and_a_line_in_the_log(
    running, head, status
):
    one = running.send(f"POST /counts HTTP/1.1\r\nX: {head[-9:]}\r\n{head}")
    got, headers, content = _answer(one)
    assert (got, headers["Connection"]) == (status, "close")
    assert len(json.loads(content)["message"]) > 20
    assert f"{status} POST /counts from 127.0.0.1: " in running.log.read_text()


@pytest.mark.parametrize("path", ["/kernel", "/_chp_healthz"])
def test_what_goes_without_a_body_makes_no_mistake_with_one(running, path):
    before = len(running.log.read_text())
    upgrade = "\r\nConnection: Upgrade\r\nUpgrade: websocket" if path == "/kernel" else ""
    one = running.send(f"GET {path} HTTP/1.1\r\nContent-Length: 3{upgrade}", b"abc")
    assert _answer(one)[0] in (400, 404)
    requests.get(f"http://{running.address}/status/200", timeout=WAIT_S)
    assert "Traceback" not in running.log.read_text()[before:]


def test_a_target_may_refuse_a_body_that_still_comes_in(running):
    head = f"POST /refuses HTTP/1.1\r\nContent-Length: {50 * MB}"
    status, _, content = _answer(running.send(head, bytes(MB)))
    assert (status, content) == (413, b"too much")
    # ... and a client that reads no answer before it has sent everything hears of it too.
    late = requests.post(f"http://{running.address}/refuses", data=bytes(20 * MB), timeout=WAIT_S)
    assert (late.status_code, late.text) == (413, "too much")


def test_a_client_that_waits_for_a_word_before_its_body_hears_it_before_an_early_answer(running):
    head = "POST /refuses?now HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue"
    with running.send(head) as one, one.makefile("rb") as file:
        got = file.read()
    assert re.fullmatch(
        rb"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 401 .*\r\n\r\nwho is it", got, re.DOTALL
    )
    taken = running.send(head.replace("refuses?now", "counts"), b"12345")
    assert _answer(taken)[::2] == (200, b"POST 5")


@pytest.mark.parametrize("parts", [0, 3], ids=["nothing", "too little"])
def test_a_body_without_progress_is_dropped(impatient, parts):
    head = f"POST /counts HTTP/1.1\r\nContent-Length: {2 * MB}"
    one = impatient.send(head)
    for _ in range(parts):
        one.sendall(bytes(1000))
        time.sleep(0.1)
    status, _, content = _answer(one)
    assert status == 408
    assert "too slowly" in json.loads(content)["message"]
    assert "408 POST /counts from 127.0.0.1: the content comes in too slowly" in (
        impatient.log.read_text()
    )


def test_a_slow_body_with_progress_comes_through(impatient):
    head = f"POST /counts HTTP/1.1\r\nContent-Length: {3 * MB}"
    one = impatient.send(head)
    for _ in range(24):  # in more than two times of a look
        one.sendall(bytes(MB // 8))
        time.sleep(0.1)
    assert _answer(one)[::2] == (200, f"POST {3 * MB}".encode())


def test_a_body_that_does_not_say_how_long_it_is_ends_at_the_bound(strict):
    def parts():
        for _ in range(10):
            yield bytes(MB)

    url = f"http://{strict.address}/counts"
    answer = requests.post(url, data=parts(), timeout=WAIT_S)
    assert answer.status_code == 413
    assert "at most 4 MB" in answer.json()["error"]


def test_what_is_on_its_way_to_one_target_is_bounded_and_others_are_not_concerned(strict):
    strict.route("/hub", strict.server_port, hub=True)
    held, before = [], _Counts.received
    head = f"POST /counts HTTP/1.1\r\nContent-Length: {4 * MB}"
    more = {"data": bytes(3 * MB), "timeout": WAIT_S}
    # The target would get each of them whole, were it to wait for the end.
    for _ in range(2):
        held.append(strict.send(head, bytes(2 * MB)))
    _until(lambda: _Counts.received - before == 4 * MB, "nothing came through before the end")
    refused = requests.post(f"http://{strict.address}/counts", **more)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, str(proxy.RETRY_S))
    assert "too much is on its way" in refused.json()["error"]
    assert "503 POST /counts from 127.0.0.1: too much is on its way" in strict.log.read_text()
    # Nobody can shut out a login, or a small notebook.
    held.append(strict.send(head, bytes(2 * MB)))
    url, some = f"http://{strict.address}/counts", bytes(MB // 4)
    _until(
        lambda: requests.post(url, data=some, timeout=WAIT_S).status_code == 503,
        "what is on its way is not counted",
    )
    small = requests.post(f"http://{strict.address}/counts", data=b"abc", timeout=WAIT_S)
    assert small.text == "POST 3"
    other = requests.post(f"http://{strict.address}/hub/counts", data=b"abc", timeout=WAIT_S)
    assert other.text == "POST 3"
    for one in held:
        one.close()
    _until(
        lambda: requests.post(f"http://{strict.address}/counts", **more).text == f"POST {3 * MB}",
        "bodies of people who have left are still counted",
    )


def test_the_hub_takes_small_bodies_alone(running):
    running.route("/hub", running.server_port, hub=True)
    url = f"http://{running.address}/hub/counts"
    assert requests.post(url, data=bytes(MB), timeout=WAIT_S).text == f"POST {MB}"
    assert requests.post(url, data=bytes(MB + 1), timeout=WAIT_S).status_code == 413


def test_a_body_for_a_target_that_does_not_answer_is_an_error_with_words(running):
    (nobody,) = _free_ports(1)
    running.route("/nobody", nobody)
    answer = requests.post(
        f"http://{running.address}/nobody/x", data=bytes(10 * MB), timeout=WAIT_S
    )
    assert answer.status_code == 503
    assert "Uncaught" not in running.log.read_text()


# ---------------------------------------------------------------- answers


def test_an_answer_goes_through_part_by_part(running):
    url = f"http://{running.address}/parts/waits"
    with requests.get(url, stream=True, timeout=WAIT_S) as answer:
        assert answer.headers["Content-Length"] == "11"
        assert answer.raw.read(6) == b"first "  # the second part is not made yet

        async def ask():
            _Parts.second.set()

        running.call(ask())
        assert answer.raw.read() == b"part."


def test_a_cut_answer_does_not_look_whole(running):
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        requests.get(f"http://{running.address}/parts/breaks", timeout=WAIT_S).content  # noqa: B018


@pytest.mark.parametrize("status", [200, 204, 302, 304, 404, 500])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_answer_keeps_its_status_and_its_headers(address, method, status):
    answer = requests.request(
        method, f"http://{address}/status/{status}", timeout=WAIT_S, allow_redirects=False
    )
    assert (answer.status_code, answer.content) == (status, b"")
    assert dict(answer.cookies) == {"a": "1", "b": "2"}


# ---------------------------------------------------------------- WebSockets that are declined


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/status/200", 200),
        ("/status/302", 302),
        ("/status/304", 400),
        ("/status/403", 403),
        ("/nothing", 404),
        ("/nobody/x", 503),
    ],
)
def test_a_declined_websocket_has_the_status_of_the_target_and_no_traceback(running, path, status):
    running.route("/nobody", _free_ports(1)[0])
    before = len(running.log.read_text())
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    upgrade["Sec-WebSocket-Key"] = "bm90IGEgc2VjcmV0IGtleQ=="
    url = f"http://{running.address}{path}"
    answer = requests.get(url, headers=upgrade, timeout=WAIT_S, allow_redirects=False)
    assert answer.status_code == status
    # The log's lines are written before the next request is answered.
    requests.get(f"http://{running.address}/status/200", timeout=WAIT_S)
    assert "Traceback" not in running.log.read_text()[before:]


def test_a_package_that_does_not_fit_is_named(monkeypatch):
    monkeypatch.setattr(proxy, "NEEDED", ((proxy.cli, ("nothing",)),))
    with pytest.raises(SystemExit, match=r"configurable_http_proxy.cli has no nothing: install"):
        proxy.configure()

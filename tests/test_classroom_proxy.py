"""The proxy in front of a classroom: many requests at once, and WebSockets as a kernel's."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
import websocket
from tornado.httpclient import AsyncHTTPClient
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketHandler

from grader.exchange import proxy

MANY = 25  # more than the ten that the proxy passes on as it comes
PROTOCOL = "v1.kernel.websocket.jupyter.org"
WAIT_S = 60


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


@pytest.fixture(scope="module")
def address():
    """The address of a proxy in front of a server."""
    server_port, port, api_port = _free_ports(3)
    loop = asyncio.new_event_loop()
    listening = threading.Event()

    async def serve():
        _Together.everybody = asyncio.Event()
        Application([("/together", _Together), ("/kernel", _Kernel)]).listen(
            server_port, "127.0.0.1"
        )
        listening.set()

    loop.call_soon_threadsafe(lambda: loop.create_task(serve()))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    assert listening.wait(WAIT_S)
    command = [sys.executable, "-m", "grader.exchange.proxy", "--ip", "127.0.0.1"]
    command += ["--port", str(port), "--api-ip", "127.0.0.1", "--api-port", str(api_port)]
    command += ["--default-target", f"http://127.0.0.1:{server_port}", "--log-level", "error"]
    running = subprocess.Popen(command)
    try:
        _until_it_answers(running, port)
        yield f"127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait(WAIT_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(WAIT_S)


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
    known = AsyncHTTPClient._save_configuration()
    try:
        proxy.configure()

        async def made() -> AsyncHTTPClient:
            return AsyncHTTPClient(force_instance=True)

        client = asyncio.run(made())
        assert client.defaults["request_timeout"] >= 1800
        assert client.max_body_size >= 1_000_000_000
    finally:
        AsyncHTTPClient._restore_configuration(known)

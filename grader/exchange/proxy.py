"""The proxy in front of a classroom: configurable-http-proxy with room for a class.

As it comes, it passes on ten requests at once and gives up each after 20 seconds. A page that
waits for a server to start is one request for as long as that takes, and so is "Validate", or
Formgrader's work on a whole class: fifty students who log in together would see the page of the
start for good, and everybody else an error 503.

It takes in each body and each answer whole before it passes it on, so that anybody could fill its
memory, and no server behind it could refuse a body while it comes in. Here both go through part by
part, and a part is read when the one before it has been taken. A target that is not ours (the Hub,
a student's server) takes a body in whole before it asks who sends it; how large one may be, and how
much may be on its way to one target at once, is therefore bounded here.

Nor does it tell a browser which protocol of those offered a kernel's WebSocket has agreed to, so
that the browser refuses the connection and JupyterLab tries an older protocol after an error; and
it passes bytes on to a kernel as text.

``python -m grader.exchange.proxy`` takes the options of ``configurable-http-proxy``, and is a
value for ``c.ConfigurableHTTPProxy.command``.
"""

from __future__ import annotations

import asyncio
import functools
import json
import ssl
from collections import Counter
from typing import ClassVar
from urllib.parse import urlsplit

from configurable_http_proxy import cli, configproxy, handlers
from tornado.http1connection import HTTP1Connection, HTTP1ConnectionParameters
from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from tornado.httpserver import HTTPServer
from tornado.httputil import (
    HTTPHeaders,
    HTTPMessageDelegate,
    RequestStartLine,
    parse_response_start_line,
    responses,
)
from tornado.iostream import StreamClosedError
from tornado.tcpclient import TCPClient
from tornado.web import RequestHandler, stream_request_body
from tornado.websocket import WebSocketError, websocket_connect

# Pages of errors that the proxy asks the Hub for: one for each student of a class.
MAX_REQUESTS = 4000
# Formgrader grades a class in one request; whoever has gone away does not hold it longer.
REQUEST_S = 3600
CONNECT_S = 20

MB = 1 << 20
# The largest `max_notebook_mb`, and a third: what JSON or base64 make of it at the most.
MAX_BODY_BYTES = 352 * MB
# On their way to one target at once, and not answered yet.
MAX_TOGETHER_BYTES = 512 * MB
# The Hub takes forms and lists of names, from people who are not signed in too.
MAX_HUB_BODY_BYTES = 1 * MB
MAX_HUB_TOGETHER_BYTES = 64 * MB
# A login passes even when somebody has used these up: it is no more than a socket's own buffers.
SMALL_BYTES = 64 * 1024
# In each such time, so much of a body comes in or the end of it. A time for the whole of it would
# shut out a slow line (64 MB are nine minutes at 1 Mbit/s), one without progress would be met by
# a byte a minute; this is a line of 140 kbit/s.
PACE_S = 60.0
PACE_BYTES = 1 * MB
# A connection that is closed on a client that still sends takes the answer with it: what comes
# after an answer is read and dropped for a moment.
LINGER_S = 2.0
RETRY_S = 10
UNBOUNDED = 1 << 60  # for tornado, whose own refusal has no words

# What concerns one connection alone, and is not passed on.
OF_A_CONNECTION = (
    "Connection", "Expect", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding",
    "Upgrade",
)  # fmt: skip
# What is built upon here.
NEEDED = (
    (configproxy, ("ProxyHandler",)),
    (cli, ("HTTPServer", "main")),
    (handlers, ("websocket_connect",)),
    (
        handlers.ProxyHandler,
        ("call_proxy", "get_target_url", "_get_proxy_request", "handle_proxy_error", "on_message"),
    ),
)


class _Answer(HTTPMessageDelegate):
    """The answer of a target, which is passed on while it comes in; called by tornado."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.complete = False

    def headers_received(self, start_line, headers) -> None:
        """Pass status and headers on, but for a word in between such as 100."""
        if start_line.code >= 200:
            self.handler.begin_answer(start_line.code, headers)

    async def data_received(self, chunk: bytes) -> None:
        """Pass a part on; the next one is read when this one is gone."""
        await self.handler.pass_back(chunk)

    def finish(self) -> None:
        """End the answer."""
        self.complete = True
        self.handler.end_answer()


@stream_request_body
class Handler(handlers.ProxyHandler):
    """A request that is passed on."""

    together: ClassVar[Counter[str]] = Counter()  # bytes on their way, by the target's route

    def initialize(self, **kwargs) -> None:
        """Begin; called by tornado first."""
        super().initialize(**kwargs)
        self._upstream: HTTP1Connection | None = None
        self._answer: asyncio.Task | None = None
        self._left = asyncio.get_running_loop().create_future()  # done when the client has left
        self._has_body = self._body_over = self._lingers = self._waits = False
        self._received = self._seen = self._counted = 0
        self._route, self._bounds = "", (0, 0)
        self._timers: list[asyncio.TimerHandle] = []

    # ------------------------------------------------------------ bodies

    async def prepare(self) -> None:
        """Look at what a body says of itself, and call its target; called before it comes in."""
        self.request.connection.set_max_body_size(UNBOUNDED)
        self.request.connection.set_body_timeout(None)
        headers = self.request.headers
        chunked, declared = "Transfer-Encoding" in headers, headers.get("Content-Length", "0")
        self._has_body = chunked or declared != "0"
        if not self._has_body:
            return
        if not (declared.isascii() and declared.isdigit()) or (
            chunked and "Content-Length" in headers
        ):
            self.refuse(400, "the request does not say in one way how long its content is")
        elif chunked and self.request.method not in ("POST", "PUT", "PATCH"):
            self.refuse(411, "say how long the content is, by Content-Length")
        elif headers.get("Upgrade", "").lower() == "websocket":
            self.refuse(400, "a request for a WebSocket has no content")
        else:
            await self._call(self.path_args[0], int(declared[:18]))
            self._later(PACE_S, self._check_pace)

    async def data_received(self, chunk: bytes) -> None:
        """Pass a part of the body on; called by tornado, which waits for the end of it."""
        self._received += len(chunk)
        if self._lingers or self._finished or not self._may_come(self._received):
            return
        if self._upstream is None or self._upstream.stream.closed():
            return  # the answer is made, or is about to be
        self._count(len(chunk))
        if self.together[self._route] > self._bounds[1] and self._received > SMALL_BYTES:
            self.refuse(
                503,
                "too much is on its way to this server at the moment: try again in a moment",
                {"Retry-After": str(RETRY_S)},
            )
            return
        self._waits = True
        # Tornado forgets who waits for a part to be gone when the target closes the connection.
        written = asyncio.ensure_future(self._upstream.write(chunk))
        await asyncio.wait({written, self._answer}, return_when=asyncio.FIRST_COMPLETED)
        self._waits = False

    def _may_come(self, length: int) -> bool:
        """Refuse a body that is too long."""
        most = self._bounds[0]
        if length > most:
            self.refuse(413, f"at most {most // MB} MB are taken here; this is more")
        return length <= most

    def _count(self, length: int) -> None:
        self._counted += length
        self.together[self._route] += length

    def _check_pace(self) -> None:
        if self._body_over or self._lingers or self._finished:
            return
        # While the target takes nothing, the client is not to blame.
        if not self._waits and self._received - self._seen < PACE_BYTES:
            self.refuse(408, "the content comes in too slowly: try again over a better line")
            self._hang_up_soon()
            return
        self._seen = self._received
        self._later(PACE_S, self._check_pace)

    def _later(self, seconds: float, function) -> None:
        self._timers.append(asyncio.get_running_loop().call_later(seconds, function))

    # ------------------------------------------------------------ the target

    async def get(self, path: str | None = None) -> None:
        """Pass a request on; one with a body can be nothing else. Called by tornado."""
        await (self.call_proxy(path) if self._has_body else super().get(path))

    async def call_proxy(self, path: str | None = None) -> None:
        """Pass a request on, whose body has come in by now; called by the package."""
        self._body_over = True
        if not self._has_body:
            await self._call(path, 0)
        if self._answer is not None:
            self._upstream.finish()
            await self._answer

    async def _call(self, path: str, declared: int) -> None:
        """Connect to the target and send it the headers."""
        url = await self.get_target_url(path)
        if url is None:
            return  # answered
        self._route = self.target["prefix"]
        of_hub = (self.proxy.get_route(self._route) or {}).get("hub")
        self._bounds = (
            (MAX_HUB_BODY_BYTES, MAX_HUB_TOGETHER_BYTES)
            if of_hub
            else (MAX_BODY_BYTES, MAX_TOGETHER_BYTES)
        )
        if not self._may_come(declared):
            return
        headers = HTTPHeaders(self._get_proxy_request(url).headers)
        for name in OF_A_CONNECTION:
            headers.pop(name, None)
        headers["Connection"] = "close"
        if not self._has_body and self.request.method in ("POST", "PUT", "PATCH"):
            headers["Content-Length"] = "0"  # or tornado would send an empty body in parts
        target = urlsplit(url)
        secure = target.scheme == "https"
        try:
            stream = await TCPClient().connect(
                target.hostname,
                target.port or (443 if secure else 80),
                ssl_options=ssl.create_default_context() if secure else None,
                timeout=CONNECT_S,
            )
        except Exception as error:
            if not self._left.done():
                await self.handle_proxy_error(503, getattr(error, "real_error", None) or error)
            return
        if self._left.done():
            stream.close()
            return
        stream.set_nodelay(True)
        wait_s = self.proxy.proxy_timeout or REQUEST_S
        parameters = HTTP1ConnectionParameters(
            no_keep_alive=True,
            header_timeout=wait_s,
            body_timeout=wait_s,
            max_body_size=UNBOUNDED,
        )
        self._upstream = HTTP1Connection(stream, True, parameters)
        address = (target.path or "/") + (f"?{target.query}" if target.query else "")
        self._upstream.write_headers(RequestStartLine(self.request.method, address, ""), headers)
        client = self.request.connection.stream
        if self.request.headers.pop("Expect", None) and not client.closed():
            # Tornado would say it later, perhaps in the middle of an early answer.
            client.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self._answer = asyncio.ensure_future(self._read_answer())
        # Nobody asks for the error if the client leaves first.
        self._answer.add_done_callback(lambda task: task.cancelled() or task.exception())

    async def _read_answer(self) -> None:
        answer = _Answer(self)
        try:
            await self._upstream.read_response(answer)
        except StreamClosedError:
            pass
        finally:
            self._upstream.close()
        if answer.complete or self._lingers or self._finished or self._left.done():
            return
        if self._headers_written:  # a cut answer must not look like a whole one
            self.proxy.log.error(f"{self.request.method} {self.request.path}: the answer broke off")
            self.request.connection.close()
        else:
            await self.handle_proxy_error(503, "the target closed the connection")

    # ------------------------------------------------------------ answers

    def begin_answer(self, status: int, headers: HTTPHeaders) -> None:
        """Pass on the status and the headers of the target's answer."""
        if self._lingers or self._finished:
            return
        self.set_status(status)
        for name in ("Server", "Content-Type", "Date"):  # tornado's own
            self.clear_header(name)
        for name, value in headers.get_all():
            if name not in OF_A_CONNECTION:
                self.add_header(name, value)
        if self._body_is_coming():
            self.set_header("Connection", "close")
        self.flush()

    async def pass_back(self, chunk: bytes) -> None:
        """Pass on a part of the target's answer."""
        if self._lingers or self._finished or self._left.done():
            self._upstream.close()
            return
        self.write(chunk)
        written = asyncio.ensure_future(self.flush())
        await asyncio.wait({written, self._left}, return_when=asyncio.FIRST_COMPLETED)
        if written.done():
            written.exception()  # the client has left: `on_connection_close` is about to be called

    def end_answer(self) -> None:
        """Close the target's connection, which may still wait for more of the body, and finish."""
        self._upstream.close()
        if not self._finished:
            self.finish()

    def refuse(self, status: int, why: str, headers: dict[str, str] | None = None) -> None:
        """Answer that a body is not taken, unless the target has answered before."""
        if self._headers_written or self._finished:
            return
        self.proxy.log.warning(
            f"{status} {self.request.method} {self.request.path} from {self.request.remote_ip}: "
            f"{why}"
        )
        self.clear()
        self.set_status(status)
        for name, value in (headers or {}).items():
            self.set_header(name, value)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.set_header("Connection", "close")  # the rest of the body is not read
        # JupyterLab shows the one, our own client the other.
        self.finish(json.dumps({"message": why, "error": why}))
        if self._upstream is not None:
            self._upstream.close()

    def _body_is_coming(self) -> bool:
        if "Expect" in self.request.headers:
            return False  # the client waits for a word of ours, see `_call`
        return self._has_body and not self._body_over

    def finish(self, chunk=None):
        """End the answer, but first let a client that still sends hear of it."""
        if not self._body_is_coming():
            return super().finish(chunk)
        if not self._lingers:
            self._lingers = True
            if not self._headers_written:
                self.set_header("Connection", "close")
                if chunk is not None:
                    self.set_header("Content-Length", str(len(chunk.encode())))
            if chunk is not None:
                self.write(chunk)
            self.flush()
            self._hang_up_soon()
        return None

    def _hang_up_soon(self) -> None:
        self._later(LINGER_S, self._hang_up)

    def _hang_up(self) -> None:
        self._body_over = True
        if not self._finished:
            self.finish()  # tornado closes a connection with a body that was not read

    def on_finish(self) -> None:
        """Tidy up; called by tornado after the answer."""
        self._let_go()
        super().on_finish()

    def on_connection_close(self) -> None:
        """Tidy up when the client has gone; called by tornado."""
        if not self._left.done():
            self._left.set_result(None)
        self._let_go()
        if self._upstream is not None:
            self._upstream.close()
        super().on_connection_close()
        RequestHandler.on_connection_close(self)  # the class between them does not call it

    def _let_go(self) -> None:
        """Stop counting what is not on its way any more; may be called twice."""
        for timer in self._timers:
            timer.cancel()
        if self._counted:
            self._count(-self._counted)
            if not self.together[self._route]:
                del self.together[self._route]

    # ------------------------------------------------------------ WebSockets

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        """Return the protocol that the target has chosen of those offered; called by tornado."""
        return self.ws_client.selected_subprotocol if self.ws_client else None

    def on_message(self, message: str | bytes) -> None:
        """Pass a message of a browser's on as what it is, text or bytes; called by tornado."""
        if self.ws_client:
            if prefix := self.target and self.target["prefix"]:
                self.proxy.update_last_activity(prefix)
            self.ws_client.write_message(message, binary=isinstance(message, bytes))


async def _connect(request, **options):
    """Open a WebSocket to a target; one that declines is the error that the package expects.

    Of an answer such as 200 it makes an error 503 with a traceback.

    Raises
    ------
    HTTPClientError
        With the target's status; 503 if it does not answer.
    """
    lines: list[str] = []
    request.header_callback = lines.append
    try:
        return await websocket_connect(request, **options)
    except Exception as error:
        code = getattr(error, "code", 503)
        if isinstance(error, WebSocketError) and lines:
            code = parse_response_start_line(lines[0].strip()).code
        # 599 is tornado's own for a target that does not answer. The others have no content, and
        # come of a condition that has no meaning here.
        code = {599: 503, 204: 400, 304: 400}.get(code, code)
        raise HTTPClientError(code, responses.get(code, "Unknown")) from error


def configure() -> None:
    """Put our handler into the package.

    Raises
    ------
    SystemExit
        If the package is not the one that this is built upon.
    """
    for owner, names in NEEDED:
        if missing := [name for name in names if not hasattr(owner, name)]:
            raise SystemExit(
                f"this configurable-http-proxy does not fit, {owner.__name__} has no "
                f"{missing[0]}: install the version that grader/pyproject.toml names"
            )
    configproxy.ProxyHandler = Handler
    handlers.websocket_connect = _connect
    # For the routes, which the Hub alone sets; `Handler` has bounds of its own.
    cli.HTTPServer = functools.partial(HTTPServer, max_body_size=MB, body_timeout=PACE_S)
    AsyncHTTPClient.configure(
        None,
        max_clients=MAX_REQUESTS,
        defaults={"connect_timeout": CONNECT_S, "request_timeout": CONNECT_S},
    )


def main() -> None:
    """Run the proxy with the command line's options."""
    configure()
    cli.main()


if __name__ == "__main__":
    main()

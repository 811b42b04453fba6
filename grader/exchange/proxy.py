"""The proxy in front of a classroom: configurable-http-proxy with room for a class.

As it comes, it passes on ten requests at once and gives up each after 20 seconds. A page that
waits for a server to start is one request for as long as that takes, and so is "Validate", or
Formgrader's work on a whole class: fifty students who log in together would see the page of the
start for good, and everybody else an error 503.

Nor does it tell a browser which protocol of those offered a kernel's WebSocket has agreed to, so
that the browser refuses the connection and JupyterLab tries an older protocol after an error; and
it passes bytes on to a kernel as text.

``python -m grader.exchange.proxy`` takes the options of ``configurable-http-proxy``, and is a
value for ``c.ConfigurableHTTPProxy.command``.
"""

from __future__ import annotations

from tornado.httpclient import AsyncHTTPClient

# A student has one or two requests under way, each of them two sockets here.
MAX_REQUESTS = 4000
# Formgrader grades a class in one request; whoever has gone away does not hold it longer.
REQUEST_S = 3600
CONNECT_S = 20
# The download of a class, as one file; the proxy holds it in memory.
MAX_ANSWER_BYTES = 1 << 30


def _agreed(handler, _offered: list[str]) -> str | None:
    """Return the protocol that the server behind the proxy has chosen of those offered."""
    return handler.ws_client.selected_subprotocol if handler.ws_client else None


def _passed_on(handler, message: str | bytes) -> None:
    """Pass a message of a browser's on as what it is, text or bytes."""
    if handler.ws_client:
        if prefix := handler.target and handler.target["prefix"]:
            handler.proxy.update_last_activity(prefix)
        handler.ws_client.write_message(message, binary=isinstance(message, bytes))


def configure() -> None:
    """Set how many requests the proxy passes on at once, for how long, and mend WebSockets."""
    from configurable_http_proxy.handlers import ProxyHandler

    ProxyHandler.select_subprotocol = _agreed
    ProxyHandler.on_message = _passed_on
    AsyncHTTPClient.configure(
        None,
        max_clients=MAX_REQUESTS,
        max_body_size=MAX_ANSWER_BYTES,
        max_buffer_size=MAX_ANSWER_BYTES,
        defaults={"connect_timeout": CONNECT_S, "request_timeout": REQUEST_S},
    )


def main() -> None:
    """Run the proxy with the command line's options."""
    from configurable_http_proxy.cli import main as run

    configure()
    run()


if __name__ == "__main__":
    main()

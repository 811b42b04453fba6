"""A real Chromium for tests, driven over its own debugging protocol.

One WebSocket and a few commands: no driver binary and no framework to keep in step with the
browser. ``websocket-client`` is there already: Jupyter needs it.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import websocket

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", "--remote-debugging-port=0", "--remote-allow-origins=*",
)  # fmt: skip

# A real dialog would stop the page, and with it the test: this one leaves a note.
_NO_DIALOGS = """for (const name of ['alert', 'confirm', 'prompt', 'print'])
  window[name] = words => console.log('dialog ' + words);"""


def executable() -> str | None:
    """Return the path of a Chromium, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Chromium:
    """One browser with one page; a context manager.

    Attributes
    ----------
    events : list of dict
        What the browser reported since `open`: console (dialogs too), requests, violations.
    """

    def __enter__(self) -> Chromium:
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        command = [executable() or NAMES[0], *FLAGS, f"--user-data-dir={self._profile.name}"]
        self._process = subprocess.Popen(
            [*command, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        port = Path(self._profile.name, "DevToolsActivePort")
        deadline = time.monotonic() + 60
        while not (port.exists() and port.read_text().count("\n") >= 1):
            assert self._process.poll() is None, "Chromium ended at once"
            assert time.monotonic() < deadline, "Chromium did not start"
            time.sleep(0.05)
        number, path = port.read_text().split("\n")[:2]
        self._socket = websocket.create_connection(
            f"ws://127.0.0.1:{number}{path}", timeout=60, max_size=None
        )
        self._count, self._session, self.events = 0, None, []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(f"{domain}.enable")
        self.send("Page.addScriptToEvaluateOnNewDocument", source=_NO_DIALOGS)
        return self

    def __exit__(self, *error) -> None:
        try:
            self._session = None
            self.send("Browser.close")
            self._socket.close()
            self._process.wait(20)
        except Exception:
            self._process.kill()
            self._process.wait()
        self._profile.cleanup()

    def send(self, method: str, **params) -> dict:
        """Send one command and return its result; events that arrive meanwhile are kept."""
        self._count += 1
        message = {"id": self._count, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        self._socket.send(json.dumps(message))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == self._count:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def open(self, page: Path | str, settle_s: float = 0.0) -> None:
        """Open a file or an address and wait until it has loaded."""
        self.events.clear()
        self.send("Page.navigate", url=page.as_uri() if isinstance(page, Path) else page)
        deadline = time.monotonic() + 60
        while self.evaluate("document.readyState") != "complete":
            assert time.monotonic() < deadline, f"{page} does not finish loading"
            time.sleep(0.02)
        time.sleep(settle_s)

    def evaluate(self, script: str):
        """Return the value of a JavaScript expression, awaited, as plain data.

        The browser runs it itself: the page's Content-Security-Policy does not apply.
        """
        result = self.send(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in result:
            raise RuntimeError(str(result["exceptionDetails"])[:500])
        return result.get("result", {}).get("value")

    def look(self, *, width: int = 1000, dark: bool = False, media: str = "") -> None:
        """Set the width of the window, the colour scheme, and the medium (``'print'``)."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=900, deviceScaleFactor=1, mobile=width < 600,
        )  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", media=media, features=[scheme])

    def screenshot(self, path: Path) -> None:
        """Write the whole page as PNG."""
        shot = self.send("Page.captureScreenshot", captureBeyondViewport=True, format="png", clip={
            "x": 0, "y": 0, "scale": 1,
            "width": self.evaluate("document.documentElement.clientWidth"),
            "height": self.evaluate("document.documentElement.scrollHeight"),
        })  # fmt: skip
        path.write_bytes(base64.b64decode(shot["data"]))

    def pdf(self, path: Path) -> None:
        """Write the page as it prints."""
        made = self.send("Page.printToPDF", printBackground=True, paperWidth=8.27, paperHeight=11.7)
        path.write_bytes(base64.b64decode(made["data"]))


_PROVOKE = """(async () => {
  for (const d of document.querySelectorAll('details')) { d.open = !d.open; }
  for (const e of document.querySelectorAll('body *')) {
    // our own links, to a part of the page or to another unit's page, lead away
    if (/^(#[\\w-]+|[\\w%.~/-]+\\.html)$/.test(e.closest('a')?.getAttribute('href'))) continue;
    for (const kind of ['mouseover', 'mouseenter', 'focus', 'click', 'toggle', 'load', 'error'])
      e.dispatchEvent(new MouseEvent(kind, {bubbles: true}));
    if (e.focus) e.focus();
  }
  await new Promise(done => setTimeout(done, WAIT));
  return location.href;
})()"""


def provoke(browser: Chromium, wait_s: float) -> str:
    """Open, click and focus everything on a page; return the address that it is at then."""
    return browser.evaluate(_PROVOKE.replace("WAIT", str(int(1000 * wait_s))))


def acted(browser: Chromium) -> list[str]:
    """Return what a page did: dialogs, requests to anywhere, pages that it went to."""
    did = []
    for event in browser.events:
        method, params = event.get("method"), event.get("params", {})
        if method == "Runtime.consoleAPICalled":
            did.append(str(params["args"][0].get("value")))
        elif method == "Network.requestWillBeSent":
            url = params["request"]["url"]
            if not url.startswith(("file:", "data:")):
                did.append(f"request {url}")
    return did


def violations(browser: Chromium, axe: str) -> list:
    """Return what axe-core finds wrong with a page: impact, rule, elements."""
    browser.evaluate(axe + "; undefined")
    return browser.evaluate(
        "axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map("
        "v => [v.impact, v.id, v.nodes.slice(0, 4).map(n => n.html.slice(0, 160) + ' ' + "
        "n.failureSummary)]))"
    )

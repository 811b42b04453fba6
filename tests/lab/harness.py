"""A real JupyterLab in a headless Chromium, and notebooks opened in it.

One server and one page serve a whole folder of tests: `JupyterLab` starts them, `open` puts cells
into a new notebook and opens it in that page, as a student does. What comes back is an
`OpenNotebook`: run its cells, find its widgets by role and name, change the theme, read what the
browser's console said, ask axe-core, compare with a golden picture.
"""

from __future__ import annotations

import base64
import contextlib
import json
import math
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

import matplotlib
import nbformat
from chromium import FLAGS, executable
from playwright.sync_api import Locator, expect, sync_playwright

from .pictures import compare

ROOT = Path(__file__).resolve().parents[2]
GOLDENS = Path(__file__).parent / "goldens"
RENEW = "RENEW_GOLDENS"
VIEWPORT = {"width": 1000, "height": 900}
PHONE = {"width": 380, "height": 800}
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
READY_S = 90  # a machine that is busy with other tests; nothing waits longer than it must

# What a picture of the page must not depend on: motion, the caret, the fonts of this machine.
FONT = "Course test"
STILL = f"""
*, *::before, *::after {{
  animation-duration: 0s !important; animation-delay: 0s !important;
  transition-duration: 0s !important; transition-delay: 0s !important;
  caret-color: transparent !important; scroll-behavior: auto !important;
}}
/* JupyterLab's body has no height and hides what overflows: axe-core takes all of it for hidden */
body {{ height: 100vh; }}
:root, body {{
  --jp-ui-font-family: "{FONT}" !important; --jp-content-font-family: "{FONT}" !important;
  --jp-code-font-family: "{FONT} mono" !important;
  --jp-code-font-family-default: "{FONT} mono" !important;
}}
"""
# The same letters on every machine: not by the fonts' hinting, nor by the screen's sub-pixels.
SAME_LETTERS = ("--font-render-hinting=none", "--disable-lcd-text", "--force-color-profile=srgb")
# Playwright has its own way of talking to the browser.
OPTIONS = [f for f in FLAGS if not f.startswith(("--remote", "--headless"))] + [*SAME_LETTERS]

SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {
        "checkForUpdates": False,
        "fetchNews": "false",
        "doNotDisturbMode": True,
    },
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
}
# a grader's tabs, a converter of formats and a second front end have no part in these tests
DISABLED = ("@jupyter-notebook/lab-extension", "@jupyter/nbgrader", "jupyterlab-jupytext")
NO_PART = ("nbgrader.server_extensions.formgrader", "nbgrader.server_extensions.assignment_list",
           "nbgrader.server_extensions.course_list",
           "nbgrader.server_extensions.validate_assignment", "jupyterlab_jupytext",
           "jupyter_lsp", "notebook", "notebook_shim")  # fmt: skip


class JupyterLab:
    """A server, a browser and one page with JupyterLab in it; a context manager.

    Parameters
    ----------
    folder : Path
        Where the notebooks and all settings are kept; nothing of the user's is read.
    axe : str
        The source of axe-core.
    options : sequence of str
        Further command line options of the browser.

    Attributes
    ----------
    page : playwright.sync_api.Page
        The page, whichever notebook is open in it.
    context : playwright.sync_api.BrowserContext
        For further pages.
    files : Path
        The root of the file browser.
    """

    def __init__(self, folder: Path, axe: str = "", options: Sequence[str] = ()):
        self.folder, self._axe_source, self._options = folder, axe, options
        self.files = folder / "files"
        self.console: list[str] = []
        self._count = 0

    def __enter__(self) -> JupyterLab:
        self._start_server()
        self._playwright = sync_playwright().start()
        self._browser = self._playwright.chromium.launch(
            executable_path=executable(), args=[*OPTIONS, *self._options]
        )
        self.context = self._browser.new_context(
            viewport=VIEWPORT, device_scale_factor=1, locale="en-US", reduced_motion="no-preference"
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.console.append(f"uncaught: {error}"))
        self.page.on("request", self._asked)
        self._load()
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._browser.close()
            self._playwright.stop()
        finally:
            self._server.terminate()
            try:
                self._server.wait(20)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
            self._log.close()

    # ------------------------------------------------------------------ server and page

    def _start_server(self) -> None:
        folder = self.folder
        config, settings = folder / "config", folder / "settings"
        for place in (self.files, config / "labconfig", settings, folder / "home"):
            place.mkdir(parents=True, exist_ok=True)
        (config / "labconfig" / "default_setting_overrides.json").write_text(json.dumps(SETTINGS))
        (config / "labconfig" / "page_config.json").write_text(
            json.dumps({"disabledExtensions": dict.fromkeys(DISABLED, True)})
        )
        (config / "jupyter_server_config.json").write_text(
            json.dumps({"ServerApp": {"jpserver_extensions": dict.fromkeys(NO_PART, False)}})
        )
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self._token = secrets.token_hex(16)
        self.url = f"http://127.0.0.1:{port}/"
        keep = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "COURSE_"))}
        self._log = (folder / "server.log").open("wb")
        self._server = subprocess.Popen(
            [
                sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
                f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1",
                f"--IdentityProvider.token={self._token}", f"--ServerApp.root_dir={self.files}",
                "--LabApp.expose_app_in_browser=True", "--LabApp.news_url=None",
                "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
                f"--LabApp.user_settings_dir={settings}",
                f"--LabApp.workspaces_dir={folder / 'workspaces'}",
                "--LabApp.extension_manager=readonly", "--ServerApp.terminals_enabled=False",
            ],
            env=keep | {
                "HOME": str(folder / "home"), "JUPYTER_CONFIG_DIR": str(config),
                "JUPYTER_DATA_DIR": str(folder / "data"),
                "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
                "IPYTHONDIR": str(folder / "ipython"), "MPLCONFIGDIR": str(folder / "mpl"),
                "PYDEVD_DISABLE_FILE_VALIDATION": "1", "LANG": "C.UTF-8",
            },
            cwd=self.files, stdout=self._log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        deadline = time.monotonic() + READY_S
        while True:
            try:
                self.rest("api/status")
                return
            except OSError:
                said = (folder / "server.log").read_text("utf-8", "replace")[-2000:]
                assert self._server.poll() is None, f"JupyterLab ended at once:\n{said}"
                assert time.monotonic() < deadline, f"JupyterLab did not start:\n{said}"
                time.sleep(0.1)

    def rest(self, path: str, method: str = "GET"):
        """Ask the server's REST interface; return the answer, None where it is empty."""
        request = urllib.request.Request(
            self.url + path, method=method, headers={"Authorization": f"token {self._token}"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            said = answer.read()
        return json.loads(said) if said else None

    def _load(self) -> None:
        self.page.goto(f"{self.url}lab?reset&token={self._token}")
        self.page.wait_for_function(
            "window.jupyterapp && document.querySelector('#jupyterlab-splash') === null",
            timeout=READY_S * 1000,
        )
        self.page.evaluate("jupyterapp.restored.then(() => true)")
        self.command("application:set-mode", mode="single-document")
        self.page.evaluate("jupyterapp.shell.collapseLeft(); jupyterapp.shell.collapseRight();")
        self.page.add_style_tag(content=STILL + _font_faces())
        self.page.evaluate("document.fonts.ready.then(() => true)")

    def command(self, name: str, **arguments) -> None:
        """Run one of JupyterLab's own commands, and wait until it is done."""
        self.page.evaluate(
            "([name, args]) => jupyterapp.commands.execute(name, args).then(() => null)",
            [name, arguments],
        )

    def _heard(self, message) -> None:
        if message.type == "error":
            self.console.append(f"{message.text} ({message.location.get('url', '')})")

    def _asked(self, request) -> None:
        if not request.url.startswith((self.url, "data:", "blob:", self.url.replace("http", "ws"))):
            self.console.append(f"asked the network for {request.url}")

    # ------------------------------------------------------------------ notebooks

    def write(self, cells: Sequence[str], name: str = "") -> str:
        """Write a notebook with these code cells and return its path in the file browser."""
        self._count += 1
        path = f"{name or 'notebook'}-{self._count}.ipynb"
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(source) for source in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        nbformat.write(notebook, self.files / path)
        return path

    def open(
        self,
        *cells: str,
        path: str | Path | None = None,
        run: bool = True,
        width: int | None = None,
    ) -> OpenNotebook:
        """Open a notebook and run it; whatever was open before is closed, its kernel ended.

        Parameters
        ----------
        cells : str
            The code cells of a new notebook.
        path : str or Path, optional
            A notebook in the file browser's folder to open instead.
        run : bool
            Whether all cells are run.
        width : int, optional
            The width of the window in pixels; 1000 without.
        """
        self.close()
        self.page.set_viewport_size(
            PHONE if width == PHONE["width"] else VIEWPORT | ({"width": width} if width else {})
        )
        path = str(path) if path is not None else self.write(cells)
        self.console.clear()
        self.command("docmanager:open", path=path, factory="Notebook")
        notebook = OpenNotebook(self, path)
        notebook.wait_for_kernel()
        if run:
            notebook.run()
        return notebook

    def close(self) -> None:
        """Close what is open, without saving, and end its kernel."""
        self.page.evaluate(_CLOSE)
        for session in self.rest("api/sessions"):
            self.rest(f"api/sessions/{session['id']}", "DELETE")

    def theme(self, theme: str) -> None:
        """Change JupyterLab's theme, `"light"` or `"dark"`, as its menu does."""
        name = THEMES[theme]
        if self.page.evaluate("document.body.dataset.jpThemeName") != name:
            self.command("apputils:change-theme", theme=name)
            self.page.wait_for_function(
                # the moon and stars that JupyterLab shows meanwhile are gone again, too
                "([name, light]) => document.body.dataset.jpThemeName === name"
                " && document.body.dataset.jpThemeLight === light"
                " && !document.getElementById('jupyterlab-splash')",
                arg=[name, str(theme == "light").lower()],
            )
        self.page.emulate_media(color_scheme=theme)


# The panel first and the kernel later: outputs that are still there when their kernel goes are
# rendered once more, and miss their models on the console.
_CLOSE = """() => {
  for (const widget of [...jupyterapp.shell.widgets('main')]) {
    if (widget.context) widget.context.model.dirty = false;
    widget.dispose();
  }
}"""

_NOTEBOOK = "const panel = jupyterapp.shell.currentWidget; const notebook = panel.content;"


class OpenNotebook:
    """A notebook that is open in JupyterLab.

    Attributes
    ----------
    page : playwright.sync_api.Page
    console : list of str
        Errors that the page reported since the notebook was opened: console errors, uncaught
        exceptions, requests to anything but the server. JupyterLab has none of its own.
    """

    def __init__(self, lab: JupyterLab, path: str):
        self.lab, self.page, self.path = lab, lab.page, path

    # ------------------------------------------------------------------ what it holds

    @property
    def panel(self) -> Locator:
        """The notebook that is in front."""
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")

    @property
    def widget(self) -> Locator:
        """The only widget of the notebook."""
        return self.panel.locator(".course-widget")

    def cell(self, i: int) -> Locator:
        """Cell number i, from 0."""
        return self.panel.locator(f".jp-Cell[data-windowed-list-index='{i}']")

    @property
    def console(self) -> list[str]:
        self.page.evaluate("new Promise(done => setTimeout(done, 0))")  # let events come in
        return list(self.lab.console)

    def outputs(self) -> list[list[dict]]:
        """Return the outputs of each cell as JupyterLab holds them."""
        return self.page.evaluate(
            "() => {" + _NOTEBOOK + "return notebook.widgets.map("
            "c => c.model.type === 'code' ? c.model.sharedModel.toJSON().outputs : []);}"
        )

    def code(self) -> list[str]:
        """Return the sources of the code cells."""
        cells = nbformat.read(self.lab.files / self.path, as_version=4).cells
        return [c.source for c in cells if c.cell_type == "code"]

    # ------------------------------------------------------------------ what one can do

    def wait_for_kernel(self) -> None:
        """Wait until the kernel answers."""
        self.page.evaluate(
            "async () => {" + _NOTEBOOK + "await panel.context.ready; await panel.revealed;"
            "await panel.sessionContext.ready;"
            "await panel.sessionContext.session?.kernel?.info;}"
        )

    def run(self, cell: int | None = None, wait: bool = True) -> None:
        """Run all cells, or cell number ``cell`` alone, one by one as Shift+Enter does.

        An error ends no more than its cell: a student also leaves an exercise for later. Without
        ``wait`` the cells run on while the test goes on.
        """
        wanted = "notebook.widgets.keys()" if cell is None else f"[{cell}]"
        self.page.evaluate(
            "() => {" + _NOTEBOOK + f"const wanted = [...{wanted}];" + _RUN
            + ("return done;" if wait else "") + "}"
        )  # fmt: skip

    def save(self) -> nbformat.NotebookNode:
        """Save through JupyterLab and return the file that it wrote."""
        self.lab.command("docmanager:save")
        return nbformat.read(self.lab.files / self.path, as_version=4)

    def reopen(self) -> OpenNotebook:
        """Save, close, end the kernel, and open again: a new kernel that knows no widget."""
        self.save()
        return self.lab.open(path=self.path, run=False)

    def theme(self, theme: str) -> None:
        """Change JupyterLab's theme: `"light"` or `"dark"`."""
        self.lab.theme(theme)

    def width(self, width: int) -> None:
        """Change the width of the window, in pixels."""
        self.page.set_viewport_size(VIEWPORT | {"width": width})

    # ------------------------------------------------------------------ what is asked of it

    def axe(self, within: str = ".course-widget") -> list[str]:
        """Return what axe-core calls serious or critical in the widgets, one line a finding."""
        elements = self.panel.locator(within).all()
        assert elements, f"no {within} in the notebook to look at"
        if not self.page.evaluate("typeof axe === 'object'"):
            self.page.evaluate(self.lab._axe_source + ";undefined")
        found = []
        for element in elements:
            with self._in_view(element):
                found += element.evaluate(_AXE)
        return found

    def golden(self, name: str, element: Locator | None = None, theme: str = "") -> None:
        """Compare a picture of an element with ``goldens/<name>-<theme>.png``.

        Parameters
        ----------
        name : str
        element : Locator, optional
            The widget without.
        theme : str, optional
            Both themes, light and dark, without.

        Raises
        ------
        AssertionError
            If more of the picture differs than letters and edges do between two machines; got,
            want and difference are written to files that the message names.
        """
        element = element or self.widget
        focused = self.page.evaluate_handle("document.activeElement").as_element()
        ringed = element.evaluate(
            "(e, focused) => e.contains(focused) && focused.matches(':focus-visible')", focused
        )
        for each in [theme] if theme else THEMES:
            self.theme(each)
            if ringed:  # a change of theme may take the focus away
                self.page.keyboard.press("Shift")  # so that it counts as the keyboard's
                focused.evaluate("e => e === document.activeElement || e.focus()")
                expect(element.locator(":focus-visible").first).to_be_attached()
            got = self._picture(element)
            golden = GOLDENS / f"{name}-{each}.png"
            if os.environ.get(RENEW):
                golden.parent.mkdir(exist_ok=True)
                golden.write_bytes(got)
            else:
                compare(got, golden, self.lab.folder / "differences")

    def _picture(self, element: Locator) -> bytes:
        with self._in_view(element):
            self.page.mouse.move(0, 0)  # nothing is hovered
            self.page.evaluate(_DRAWN)
            return element.screenshot(animations="disabled", caret="hide", scale="css")

    @contextlib.contextmanager
    def _in_view(self, element: Locator) -> Iterator[None]:
        """Make the window as high as an element: the notebook scrolls inside the page."""
        size = self.page.viewport_size
        height = math.ceil(element.bounding_box()["height"]) + 300
        self.page.set_viewport_size(size | {"height": max(height, size["height"])})
        try:
            element.scroll_into_view_if_needed()
            yield
        finally:
            self.page.set_viewport_size(size)


_DRAWN = """document.fonts.ready.then(
  () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))))"""

# One after the other and in order, as Shift+Enter does.
_RUN = """
const done = (async () => {
  for (const i of wanted) {
    if (notebook.widgets[i].model.type !== 'code') continue;
    notebook.activeCellIndex = i;
    await jupyterapp.commands.execute('notebook:run-cell');
  }
})();
"""

_AXE = """async element => {
  const { violations, passes, incomplete } = await axe.run(element);
  const looked = [...violations, ...passes, ...incomplete].map(rule => rule.id);
  if (!looked.includes('color-contrast')) throw new Error('axe-core sees no text here');
  return violations.filter(v => ['serious', 'critical'].includes(v.impact)).flatMap(v =>
    v.nodes.map(n => `${v.impact} ${v.id}: ${n.html.slice(0, 200)} (${n.failureSummary})`));
}"""


def _font_faces() -> str:
    """Return CSS that gives the page DejaVu, which matplotlib has on every machine."""
    folder = Path(matplotlib.get_data_path(), "fonts", "ttf")
    faces = []
    for family, stem in ((FONT, "DejaVuSans"), (f"{FONT} mono", "DejaVuSansMono")):
        for suffix, weight in (("", 400), ("-Bold", 700)):
            data = base64.b64encode((folder / f"{stem}{suffix}.ttf").read_bytes()).decode()
            faces.append(
                f'@font-face{{font-family:"{family}";font-weight:{weight};'
                f"src:url(data:font/ttf;base64,{data})}}"
            )
    return "\n".join(faces)

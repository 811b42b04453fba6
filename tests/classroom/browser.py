"""People in a real Chromium: their windows, what their pages complained of, and JupyterLab.

A `Visitor` is somebody's own browser profile with as many windows as they open. Nothing is ever
asked of the network outside of the classroom, and whatever a page complains of is kept:
`Visitor.check_quiet` is red for all that `EXPECTED` does not name with a reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chromium import FLAGS, executable
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect, sync_playwright

from .harness import ROOT, Classroom

PICTURES = ROOT / "build" / "pictures" / "classroom"
VIEWPORT = {"width": 1280, "height": 900}
PHONE = {"width": 380, "height": 800}
WAIT_MS = 120_000  # a machine that is busy with other tests; nothing waits longer than it must
OPTIONS = [f for f in FLAGS if not f.startswith(("--remote", "--headless"))]

# What pages that are not ours complain of: the complaint, and why it is none.
EXPECTED = {
    r"//cdnjs\.cloudflare\.com/ajax/libs/mathjax/": "nbgrader's page for grading by hand loads "
    "MathJax from the network, which no test may ask; formulas stay as they were typed",
    r"^uncaught: MathJax is not defined$": "the same page, without it",
}


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield a running Chromium without a profile."""
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=OPTIONS)
        try:
            yield browser
        finally:
            browser.close()


class Visitor:
    """Somebody with a browser; a context manager.

    Parameters
    ----------
    browser : playwright.sync_api.Browser
        The browser.
    classroom : Classroom
        Where to.
    name : str
        Who it is.

    Attributes
    ----------
    page : playwright.sync_api.Page
        The first window.
    complaints : list of str
        What the windows complained of: errors on their consoles, errors that nobody caught,
        answers of 400 and more, requests that failed, requests to other places.
    """

    def __init__(self, browser: Browser, classroom: Classroom, name: str) -> None:
        self.classroom = classroom
        self.name = name
        self.complaints: list[str] = []
        self.context = browser.new_context(
            viewport=VIEWPORT,
            device_scale_factor=1,
            locale="en-GB",
            timezone_id="UTC",
            base_url=classroom.url,
        )
        self.context.set_default_timeout(WAIT_MS)
        self.context.on("console", self._heard)
        self.context.on("weberror", lambda error: self._complain(f"uncaught: {error.error}"))
        self.context.on("response", self._answered)
        self.context.on("requestfailed", self._failed)
        self.context.route(self._is_outside, lambda route: route.abort())
        self.page = self.context.new_page()

    def __enter__(self) -> Visitor:
        return self

    def __exit__(self, kind, _error, _trace) -> None:
        if kind is not None:
            for number, page in enumerate(self.context.pages):
                self.picture(f"failed-{self.name}-{number}", page)
            print(f"--- complaints of {self.name}'s windows", *self.complaints, sep="\n")
        self.context.close()

    # ---- what the windows complain of ------------------------------------------------

    def _is_outside(self, url: str) -> bool:
        return url.startswith(("http:", "https:")) and not url.startswith(self.classroom.url)

    def _complain(self, what: str) -> None:
        self.complaints.append(what.replace(self.classroom.url, "/"))

    def _heard(self, message) -> None:
        if message.type == "error":
            self._complain(f"console: {message.text} ({message.location.get('url', '')})")

    def _answered(self, response) -> None:
        if response.status >= 400:
            self._complain(f"{response.status} {response.request.method} {response.url}")

    def _failed(self, request) -> None:
        # A window that goes elsewhere gives up what it was asking for.
        if request.failure != "net::ERR_ABORTED" or self._is_outside(request.url):
            self._complain(f"{request.failure} {request.method} {request.url}")

    def check_quiet(self) -> None:
        """Fail if a window complained of anything that `EXPECTED` does not name."""
        self.page.evaluate("new Promise(done => setTimeout(done, 0))")  # let events come in
        odd = [c for c in self.complaints if not any(re.search(e, c) for e in EXPECTED)]
        assert not odd, "\n".join(odd)

    # ---- what one does ---------------------------------------------------------------

    def login(self, target: str) -> None:
        """Log in at the Hub's page, to which an address of the classroom leads."""
        self.page.goto(target)
        self.page.get_by_label("Username").fill(self.name)
        self.page.get_by_label("Password").fill(self.classroom.passwords[self.name])
        self.page.get_by_role("button", name="Sign in").click()

    def picture(self, name: str, page: Page | None = None, full: bool = False) -> Path:
        """Write what a window shows to ``build/pictures/classroom/<name>.png``."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        path = PICTURES / f"{name}.png"
        (page or self.page).screenshot(path=path, full_page=full, animations="disabled")
        return path

    @contextmanager
    def new_window(self) -> Iterator[list[Page]]:
        """Yield a list that holds the window that was opened meanwhile, once there is one."""
        opened: list[Page] = []
        with self.context.expect_page() as event:
            yield opened
        opened.append(event.value)


class Lab:
    """JupyterLab in a window, used by mouse and keyboard.

    Parameters
    ----------
    page : playwright.sync_api.Page
        A window in which JupyterLab loads.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        expect(page.get_by_role("menubar").get_by_role("menuitem", name="File")).to_be_visible()
        expect(page.locator("#jupyterlab-splash")).to_have_count(0)

    def menu(self, name: str, item: str) -> None:
        """Choose from a menu of the menu bar."""
        self.page.get_by_role("menubar").get_by_role("menuitem", name=name, exact=True).click()
        self.page.get_by_role("menu").get_by_role("menuitem", name=item, exact=True).click()

    def front(self) -> Locator:
        """Return what stands in front in the main area."""
        return self.page.locator("#jp-main-dock-panel > [role=tabpanel]:not(.lm-mod-hidden)")

    def close(self, name: str) -> None:
        """Close a tab."""
        tab = self.page.locator("#jp-main-dock-panel").get_by_role("tab", name=name)
        tab.locator(".lm-TabBar-tabCloseIcon").click()
        expect(tab).to_have_count(0)

    # ---- nbgrader's list -------------------------------------------------------------

    def assignments(self) -> None:
        """Open nbgrader's Assignment List, and wait until it has loaded."""
        self.menu("Nbgrader", "Assignment List")
        self.loaded()

    def refresh(self) -> None:
        """Let the Assignment List load again."""
        self.page.get_by_title("Refresh assignments list").click()
        self.loaded()

    def loaded(self) -> None:
        """Wait until the Assignment List has loaded."""
        loading = self.page.locator("#nbgrader-assignment-list .list_loading")
        for one in range(3):
            expect(loading.nth(one)).to_be_hidden()

    def listed(self, what: str, unit: str) -> Locator:
        """Return the entry of a unit: ``'released'``, ``'fetched'`` or ``'submitted'``."""
        entries = self.page.locator(f"#{what}_assignments_list > .list_item")
        return entries.filter(has_text=unit)

    # ---- files -----------------------------------------------------------------------

    def open_file(self, name: str) -> None:
        """Open a file of the folder that the file browser shows, by a double click."""
        self.page.locator("#filebrowser").get_by_text(name, exact=True).dblclick()
        expect(self.front()).to_have_count(1)

    def html(self) -> FrameLocator:
        """Return the HTML page in front."""
        return self.front().frame_locator("iframe")

    def notebook(self, name: str) -> Locator:
        """Return the notebook in front, once its kernel waits for something to do."""
        tabs = self.page.locator("#jp-main-dock-panel").get_by_role("tab", selected=True)
        expect(tabs).to_have_text(name)
        self.idle()
        return self.front()

    def idle(self) -> None:
        """Wait until the kernel of the notebook in front has nothing to do."""
        indicator = self.front().locator(".jp-Notebook-ExecutionIndicator")
        expect(indicator).to_have_attribute("data-status", "idle")

"""The pages of the classroom service: pure functions, and live ones in a real Chromium.

A small tornado application stands in for the service: it serves the real pages, modules and
policies, and answers api/* from data that a test changes while the browser looks.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import re
import shutil
import threading
from pathlib import Path

import pytest
import tornado.httpserver
import tornado.netutil
import tornado.web
from chromium import FLAGS, executable
from playwright.sync_api import expect, sync_playwright

from grader.exchange import api, pages
from grader.units import unit_names

OPTIONS = [f for f in FLAGS if not f.startswith(("--remote", "--headless"))]
without = pytest.mark.skipif(executable() is None, reason="no Chromium on this machine")
LINKS = pages.links()
ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "build" / "pictures" / "classroom"
UNITS = unit_names()
NOON = "2026-03-02 12:00:00.000000 UTC"
HOSTILE = "<img src=x onerror=alert(1)></script><script>alert(2)</script>{unit}\"'"


def needs_browser(test):
    """Mark a test that drives a real Chromium."""
    return pytest.mark.slow(without(test))


def record(**changes) -> dict:
    """Return a submission's record as the API gives it."""
    made = {
        "id": hashlib.md5(repr(sorted(changes.items())).encode()).hexdigest(),
        "unit": "04-activations",
        "attempt": 1,
        "timestamp": NOON,
        "sha256": "ab" * 32,
        "size": 12000,
        "name": "04-activations.ipynb",
        "state": "graded",
        "place": None,
        "counts": True,
        "score": 11.25,
        "max": 16.0,
        "late": False,
        "feedback": {"sha256": "cd" * 32, "kind": "full", "until": None},
    } | changes
    if made["state"] != "graded" or made["feedback"]["kind"] == "status":
        made |= {"score": None, "max": None}
        made["feedback"] = made["feedback"] | {"kind": "status"}
    return made


def held(until: str | None = None) -> dict:
    """Return what a record says of feedback that is held back."""
    return {"sha256": "ee" * 32, "kind": "status", "until": until}


# ---------------------------------------------------------------- pure functions


@pytest.mark.parametrize(
    ("changes", "english", "chinese"),
    [
        ({"state": "queued", "place": 3}, "In the queue: place 3", "排队中：第 3 位"),
        ({"state": "queued"}, "In the queue", "排队中"),
        ({"state": "grading"}, "Being graded", "正在评分"),
        ({"state": "needs a person"}, "A person will look at it", "需要人工查看"),
        ({"feedback": held()}, "Your instructor decides when", "由老师决定"),
        (
            {"feedback": held(NOON)},
            "after 02 March 2026 at 12:00 UTC",
            "2026 年 3 月 02 日 12:00（UTC）之后",
        ),
    ],
)
def test_a_status_page_says_how_it_stands(changes, english, chinese):
    one = record(**changes)
    for lang, words in ("en", english), ("zh", chinese):
        page = pages.status_page(one, LINKS, lang=lang)
        assert words in page
        assert "<script" not in page
        assert f'href="/services/classroom/submissions/{one["id"]}"' in page
        assert one["sha256"] in page
        assert page == pages.status_page(json.loads(json.dumps(one)), LINKS, lang=lang)


def test_a_status_page_does_not_read_its_own_hash():
    one, other = record(state="grading"), record(state="grading")
    other["feedback"] = other["feedback"] | {"sha256": "00" * 32}
    assert pages.status_page(one, LINKS) == pages.status_page(other, LINKS)
    assert pages.status_page(one, LINKS) != pages.status_page(one | {"state": "queued"}, LINKS)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_pages_escape_names_and_units(lang):
    one = record(unit=HOSTILE, name=HOSTILE, feedback=held(), reason=HOSTILE)
    made = [
        pages.student_page(HOSTILE, LINKS, lang=lang, units=[HOSTILE]),
        pages.instructor_page(HOSTILE, HOSTILE, LINKS, units=[HOSTILE]),
        pages.status_page(one, LINKS, lang=lang),
        pages.feedback_frame(one, LINKS, lang=lang, student=HOSTILE),
        pages.error_page(403, LINKS, lang=lang, name=HOSTILE, course=HOSTILE, contact=HOSTILE),
        pages.error_page(500, LINKS, lang=lang, message=HOSTILE),
    ]
    for page in made:
        assert "&lt;img" in page
        assert "<img" not in page
        assert "alert(2)</script>" not in page


def test_live_pages_hold_no_script_and_no_style_of_their_own():
    made = [
        pages.student_page("bela", LINKS),
        pages.instructor_page("ines", "backprop", LINKS),
        pages.feedback_frame(record(), LINKS),
        pages.error_page(404, LINKS),
    ]
    for page in made:
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]* src=)", page)
        assert all(
            src.startswith("/services/classroom/") for src in re.findall(r'src="([^"]*)', page)
        )


def test_who_is_not_a_member_is_told_whom_to_ask():
    page = pages.error_page(403, LINKS, name="bela", course="backprop", contact="Ines, room 4")
    assert "You are signed in as bela, who is not a member of the course backprop." in page
    assert "Ask Ines, room 4 to add you" in page
    page = pages.error_page(403, LINKS, lang="zh", name="bela", course="backprop")
    assert "课程" in page
    assert "请联系老师" in page
    page = pages.error_page(403, LINKS, message="Only an instructor may do this.")
    assert "Only an instructor may do this." in page
    assert "not a member" not in page
    assert "There is no such page" in pages.error_page(404, LINKS)
    page = pages.error_page(404, LINKS, message="There is nothing at this address.")
    assert "what it named is gone" in page
    assert "nothing at this address" not in page
    assert "Something went wrong here" in pages.error_page(503, LINKS)


@pytest.mark.parametrize(
    ("wanted", "accept", "lang"),
    [
        (None, None, "en"),
        ("zh", "en", "zh"),
        ("zh-CN", "", "zh"),
        ("fr", "zh", "zh"),
        (None, "en-US,en;q=0.9,zh;q=0.8", "en"),
        (None, "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        (None, "de,fr;q=0.9", "en"),
        (None, "de, zh;q=0.2", "zh"),
        (None, "zh;q=0, en;q=0.1", "en"),
        (None, "zh;q=x,,;=,en;q=nan", "en"),
        (None, "*", "en"),
    ],
)
def test_the_language_of_a_reader(wanted, accept, lang):
    assert pages.reader_language(wanted, accept) == lang


def test_a_cell_is_as_short_as_it_can_be():
    assert pages.class_cell(False) == 0
    assert pages.class_cell(True) == 1
    assert pages.class_cell(True, extension_minutes=60) == [0, "f", None, None, "", 60]
    assert pages.class_cell(False, 1, "queued", last=5.9) == [1, "q", None, 5]
    assert pages.class_cell(True, 3, "graded", 7.123, 5, late=True) == [3, "d", 7.12, 5, "l"]
    assert pages.class_cell(True, 1, "needs a person", None, 5, False, 1) == [
        1,
        "p",
        None,
        5,
        "",
        1,
    ]


def test_a_large_class_is_small_enough_to_send():
    assert len(json.dumps(large_class(), separators=(",", ":"))) < 200_000


def test_a_report_without_a_class_says_so(tmp_path):
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    page = pages.report_page(tmp_path, LINKS)
    assert "There is nothing to report yet" in page
    assert "release a unit and grade it first" in page


def test_links_follow_the_hub():
    made = pages.links("/a/", "/a/services/classroom/")
    assert made["lab"] == "/a/hub/user-redirect/lab"
    assert 'href="/a/services/classroom/static/classroom.css"' in pages.student_page("x", made)


def test_an_instructor_who_changes_the_language_still_looks_as_a_student():
    for lang, other in (("en", "zh"), ("zh", "en")):
        own = pages.student_page("bela", LINKS, lang=lang)
        shown = pages.student_page("bela", LINKS, lang=lang, instructor=True)
        assert f'?lang={other}"' in own
        assert f'?as=student&amp;lang={other}"' in shown


# ---------------------------------------------------------------- the stand-in service


def cell(**facts):
    return pages.class_cell(**({"fetched": True, "state": "graded"} | facts))


def small_class() -> dict:
    """Return api/class of eight students, one of each kind."""
    t = 1772449000
    due = t + 86400
    units = [
        {
            "unit": name,
            "released_at": t - 86400 * 7,
            "due": due if i < 4 else None,
            "max": float(8 + 2 * i),
        }
        for i, name in enumerate(UNITS)
    ]
    units[5] |= {"released_at": None, "max": None}
    people = [
        ("anna", "Anna Magdalena", [cell(attempts=2, score=8, last=t), cell(attempts=1, score=9.25, last=t + 60),
         cell(attempts=1, state="queued", last=t + 90), 1, 0, 0]),
        ("bela", "Béla Bartók", [cell(attempts=1, score=3, last=t - 90, late=True),
         cell(attempts=3, state="grading", score=4, last=t), 1, 0, 0, 0]),
        ("clara", "Clara Schumann", [cell(attempts=1, score=7.5, last=t - 600), cell(attempts=1, state="needs a person", last=t + 5),
         cell(extension_minutes=1440), 0, 0, 0]),
        ("david", "", [1, 0, 0, 0, 0, 0]),
        ("小明", "王小明", [cell(attempts=1, score=5, last=t - 6000), 1, 0, 0, 0, 0]),
        ("fanny", "Fanny Mendelssohn-Bartholdy-Hensel", [0, 0, 0, 0, 0, 0]),
        ("gustav", "gustav", [cell(attempts=1, score=0, last=t - 100), 0, 0, 0, 0, 0]),
        ("hildegard", "Hildegard", [cell(attempts=1, score=8, last=t - 50, late=True, extension_minutes=90), 1, 0, 0, 0, 0]),
    ]  # fmt: skip
    return {
        "course": "backprop",
        "units": units,
        "queue": {"length": 1, "grading": 1, "oldest": t + 90, "per_minute": 41},
        "notices": [],
        "students": [[name, shown, cells] for name, shown, cells in people],
    }


def large_class(n: int = 800) -> dict:
    chance = random.Random(5)
    made = small_class()

    def one() -> object:
        at = 1772449000 + chance.randrange(10**6)
        score = round(chance.random() * 16, 2)
        return chance.choice([0, 1] + 6 * [cell(attempts=chance.randrange(1, 4), score=score, last=at, late=chance.random() < 0.1)])  # fmt: skip

    made["students"] = [
        [f"student{i:04d}", f"Given{i} Family{i * 7919 % 800}", [one() for _ in UNITS]]
        for i in range(n)
    ]
    return made


def unit_entry(name: str, **changes) -> dict:
    return {
        "unit": name,
        "sha256": "ab" * 32,
        "size": 12000,
        "released_at": NOON,
        "due": "2026-03-09 22:59:00.000000 UTC",
        "extension_s": 0,
        "fetched_at": NOON,
        "attempts": 0,
        "attempts_left": None,
    } | changes


def my_units() -> list[dict]:
    return [
        unit_entry(UNITS[0], attempts=2, attempts_left=1),
        unit_entry(UNITS[1], attempts=1, extension_s=86400 + 5400),
        unit_entry(UNITS[2], attempts=1, due=None),
        unit_entry(UNITS[3], attempts=1),
        unit_entry(UNITS[4], attempts=1, fetched_at=None),
    ]


def my_submissions() -> list[dict]:
    until = "2026-03-09 22:59:00.000000 UTC"
    return [
        record(unit=UNITS[0], attempt=1, score=3.0, max=8.0, counts=False, sha256="ba" * 32),
        record(unit=UNITS[0], attempt=2, score=7.5, max=8.0, late=True),
        record(unit=UNITS[1], feedback=held(until)),
        record(unit=UNITS[2], state="needs a person"),
        record(unit=UNITS[3], state="queued", place=3),
        record(unit=UNITS[4], score=4.0, max=6.0,
               feedback={"sha256": "11" * 32, "kind": "visible part", "until": until}),
    ]  # fmt: skip


class Desk:
    """The service's stand-in: its data, what was asked of it, and how to make it fail."""

    def __init__(self):
        self.reset()

    def reset(self) -> None:
        self.name, self.course = "bela", "backprop"
        self.units, self.submissions, self.view = my_units(), my_submissions(), small_class()
        self.records: list[dict] = []
        self.counts = dict.fromkeys(UNITS, "last")
        self.asked: list[tuple] = []
        self.broken: tuple[int, str] | None = None
        self.feedback = (
            "<!DOCTYPE html><title>f</title><h1>Feedback itself</h1><script>alert(3)</script>"
        )


class Handler(tornado.web.RequestHandler):
    """Serves pages and data of `desk` as the service does."""

    @property
    def desk(self) -> Desk:
        return self.settings["desk"]

    def prepare(self) -> None:
        path = self.request.path.removeprefix("/services/classroom/")
        if path.startswith("api/"):
            self.desk.asked.append(
                (self.request.method, path, self.request.query, self.request.body)
            )
            if (
                self.request.headers.get("Sec-Fetch-Mode") == "cors"
                and self.request.headers.get("X-XSRFToken") != "tok"
            ):
                raise tornado.web.HTTPError(403)
            if self.desk.broken:
                status, error = self.desk.broken
                self.set_status(status)
                self.finish(json.dumps({"error": error}) if error else "<h1>proxy</h1>")

    def send(self, data) -> None:
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(data, ensure_ascii=False, separators=(",", ":")))

    def page(self, html: str, policy: str = "page") -> None:
        self.set_header("Content-Security-Policy", pages.CSP[policy])
        self.set_header("Cache-Control", "no-cache")
        self.finish(html)

    @property
    def lang(self) -> str:
        accept = self.request.headers.get("Accept-Language")
        return pages.reader_language(self.get_query_argument("lang", None), accept)

    def get(self, path: str) -> None:
        desk = self.desk
        found = next((r for r in [*desk.submissions, *desk.records] if r["id"] in path), None)
        if path == "":
            made = pages.student_page(
                desk.name, LINKS, xsrf="tok", lang=self.lang, counts=desk.counts
            )
            self.page(made)
        elif path == "class":
            self.page(pages.instructor_page(desk.name, desk.course, LINKS, xsrf="tok"))
        elif path == "error":
            self.set_status(403)
            self.page(pages.error_page(403, LINKS, lang=self.lang, name="x", course="backprop"))
        elif path.startswith("static/"):
            kind, data, etag = pages.static_files()[path.removeprefix("static/")]
            self.set_header("Content-Type", kind)
            self.set_header("ETag", etag)
            self.finish(data)
        elif path == "api/units":
            self.send(desk.units)
        elif path == "api/submissions":
            self.send(desk.submissions)
        elif path == "api/class":
            self.send(desk.view)
        elif path == "api/class/submissions":
            self.send(desk.records)
        elif path.startswith("unsandboxed/"):  # where scripts may not run, axe-core may not either
            self.page(pages.status_page(found, LINKS, lang=self.lang), "report")
        elif found and path.endswith("/feedback"):
            waits = found["feedback"]["kind"] == "status"
            html = pages.status_page(found, LINKS) if waits else desk.feedback
            self.set_header("ETag", f'"{found["feedback"]["sha256"]}"')
            self.page(html, "feedback")
        elif found:
            self.page(pages.feedback_frame(found, LINKS, xsrf="tok", lang=self.lang))
        else:
            raise tornado.web.HTTPError(404)

    def post(self, path: str) -> None:
        self.send({})

    put = post


class Service:
    """The stand-in, listening; a context manager."""

    def __enter__(self) -> Service:
        self.desk = Desk()
        ready = threading.Event()

        def serve() -> None:
            self.loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self.loop)
            application = tornado.web.Application(
                [("/services/classroom/(.*)", Handler)], desk=self.desk
            )
            sockets = tornado.netutil.bind_sockets(0, "127.0.0.1")
            self.server = tornado.httpserver.HTTPServer(application)
            self.server.add_sockets(sockets)
            self.url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}/services/classroom/"
            ready.set()
            self.loop.run_forever()

        self.thread = threading.Thread(target=serve, daemon=True)
        self.thread.start()
        assert ready.wait(20)
        return self

    def __exit__(self, *error) -> None:
        self.loop.call_soon_threadsafe(self.server.stop)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)


@pytest.fixture(scope="module")
def service():
    with Service() as running:
        yield running


@pytest.fixture
def desk(service) -> Desk:
    service.desk.reset()
    return service.desk


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable(), args=OPTIONS)
        yield running
        running.close()


class Look:
    """One page of a browser: where it stands, what its console said, what it asked for."""

    def __init__(
        self, chromium, service, *, dark=False, width=1100, locale="en-GB", zone="Europe/Berlin"
    ):
        self.context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light",
            locale=locale, timezone_id=zone, reduced_motion="reduce",
        )  # fmt: skip
        self.page, self.url, self.heard, self.foreign = self.context.new_page(), service.url, [], []
        self.page.set_default_timeout(15_000)
        self.page.on("console", lambda message: self.heard.append(message.text))
        self.page.on("pageerror", lambda error: self.heard.append(f"uncaught: {error}"))
        self.page.on(
            "dialog",
            lambda dialog: (self.heard.append(f"dialog {dialog.message}"), dialog.dismiss()),
        )
        self.page.on("request", self._asked)

    def _asked(self, request) -> None:
        if not request.url.startswith((self.url, "data:")):
            self.foreign.append(request.url)

    def __enter__(self) -> Look:
        return self

    def __exit__(self, *error) -> None:
        self.context.close()

    def open(self, path: str = "") -> Look:
        self.page.goto(self.url + path)
        return self

    def quiet(self) -> None:
        """Assert that nothing was said in the console and nothing loaded from elsewhere."""
        self.page.wait_for_timeout(300)  # events arrive only while the test listens
        assert (self.heard, self.foreign) == ([], [])

    def picture(self, name: str) -> None:
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}.png", full_page=True)

    def wrong(self, axe: str) -> list:
        """Return what axe-core finds wrong."""
        self.page.evaluate(axe + "; undefined")
        found = self.page.evaluate(
            "axe.run(document, {resultTypes: ['violations'], iframes: false}).then(r => r.violations.map("
            "v => [v.impact, v.id, v.nodes.slice(0, 4).map(n => n.html.slice(0, 160) + n.failureSummary)]))"
        )
        return found


# Tells a page that its tab is hidden, or that it is not.
LOOKED_AT = """hidden => {
  Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});
  document.dispatchEvent(new Event('visibilitychange'));
}"""


@pytest.fixture
def look(chromium, service, desk):
    """Return a function that opens a browser's page; all are closed at the end."""
    opened = []

    def make(**options) -> Look:
        opened.append(Look(chromium, service, **options))
        return opened[-1]

    yield make
    for one in opened:
        one.context.close()


# ---------------------------------------------------------------- a student's page


def card(page, title: str):
    return page.get_by_role("region", name=title)


@needs_browser
def test_a_student_sees_every_state(look, desk):
    page = look().open().page
    first = card(page, "01 Computational graph")
    expect(first).to_contain_text("Attempts: 2, 1 left")
    attempts = first.get_by_role("listitem")
    expect(attempts).to_have_count(2)
    expect(attempts.first).to_contain_text("Attempt 2")
    expect(attempts.first).to_contain_text("7.5 of 8 points")
    expect(attempts.first).to_contain_text("counts")
    expect(attempts.first).to_contain_text("late")
    expect(attempts.last).not_to_contain_text("counts")
    expect(attempts.first.get_by_role("link", name="Feedback")).to_have_attribute(
        "href", f"/services/classroom/submissions/{desk.submissions[1]['id']}"
    )
    expect(attempts.first.get_by_role("link", name="What you handed in")).to_have_attribute(
        "href", f"/services/classroom/api/submissions/{desk.submissions[1]['id']}/notebook"
    )
    # 22:59 UTC is one minute before midnight in Berlin.
    expect(first.locator("time").first).to_have_text(re.compile("9 Mar.*23:59.*(CET|GMT\\+1)"))
    expect(first.locator("time").first).to_have_attribute("datetime", "2026-03-09T22:59:00.000Z")
    expect(card(page, "02 Chain rule")).to_contain_text("extended by 1 d 1 h")
    expect(card(page, "02 Chain rule")).to_contain_text(re.compile("held back until 9 Mar"))
    expect(card(page, "02 Chain rule")).not_to_contain_text("points")
    expect(card(page, "03 Add and multiply nodes")).to_contain_text("No due date")
    expect(card(page, "03 Add and multiply nodes")).to_contain_text("Needs a person")
    expect(card(page, "04 Activations")).to_contain_text("In the queue: place 3")
    expect(card(page, "05 Affine")).to_contain_text(
        re.compile("4 of 6 points.*visible checks only; the rest after")
    )
    expect(card(page, "06 Two-layer")).to_contain_text("Not released yet")
    expect(page.locator("#how")).not_to_have_attribute("open", "")


@needs_browser
def test_a_queued_submission_becomes_a_score_while_the_page_is_open(look, desk):
    seen = look().open()
    unit = card(seen.page, "04 Activations")
    expect(unit).to_contain_text("place 3")
    unit.get_by_role("link", name="What you handed in").focus()
    status = seen.page.get_by_role("status")
    desk.submissions[4] |= {"place": 1}
    expect(unit).to_contain_text("place 1")
    expect(status).to_have_text("")  # a place is not read out
    desk.submissions[4] |= {"state": "grading", "place": None}
    expect(status).to_have_text("04 Activations: Being graded")
    full = {"sha256": "aa" * 32, "kind": "full", "until": None}
    desk.submissions[4] |= {"state": "graded", "score": 11.2, "max": 16.0, "feedback": full}
    expect(status).to_have_text("04 Activations: 11.2 of 16 points")
    expect(unit).to_contain_text("11.2 of 16 points")
    # The keyboard is where it was, though the card was written anew.
    expect(unit.get_by_role("link", name="What you handed in")).to_be_focused()
    desk.submissions.append(record(unit=UNITS[3], attempt=2, state="queued", place=9))
    seen.page.evaluate(LOOKED_AT, False)
    expect(status).to_have_text("04 Activations, attempt 2: In the queue: place 9")
    seen.quiet()


@needs_browser
def test_pages_ask_often_only_while_something_waits_and_somebody_looks(look, desk):
    desk.submissions = [one for one in my_submissions() if one["state"] != "queued"]
    seen = look().open()
    expect(card(seen.page, "06 Two-layer")).to_be_visible()
    seen.page.wait_for_timeout(5000)
    assert len([1 for asked in desk.asked if asked[1] == "api/units"]) == 1
    # A hidden tab asks nothing; when it is looked at again, it asks at once.
    desk.submissions = my_submissions()
    seen.page.evaluate(LOOKED_AT, False)
    expect(card(seen.page, "04 Activations")).to_contain_text("place 3")
    seen.page.evaluate(LOOKED_AT, True)
    seen.page.wait_for_timeout(3000)
    before = len(desk.asked)
    seen.page.wait_for_timeout(5000)
    assert len(desk.asked) == before
    seen.page.evaluate(LOOKED_AT, False)
    seen.page.wait_for_timeout(1000)
    assert len(desk.asked) > before
    seen.quiet()


@needs_browser
def test_a_student_who_has_nothing_yet_is_told_how(look, desk):
    desk.submissions, desk.units = [], [unit_entry(UNITS[0], fetched_at=None), unit_entry(UNITS[1])]
    page = look().open().page
    expect(page.locator("#how")).to_have_attribute("open", "")
    expect(page.get_by_text("Under “Downloaded assignments” press “Submit”")).to_be_visible()
    expect(card(page, "01 Computational graph")).to_contain_text("Not fetched yet")
    expect(card(page, "02 Chain rule")).to_contain_text("Fetched; nothing handed in yet")


@needs_browser
def test_without_a_connection_everything_stays_and_the_page_says_since_when(look, desk):
    seen = look().open()
    expect(card(seen.page, "04 Activations")).to_contain_text("place 3")
    desk.broken = (503, "")
    alert = seen.page.get_by_role("alert")
    expect(alert).to_have_text(re.compile(r"^No connection since \d\d:\d\d; trying again\.$"))
    expect(card(seen.page, "04 Activations")).to_contain_text("place 3")
    desk.broken = None
    expect(alert).to_be_hidden()
    expect(seen.page.get_by_role("status")).to_have_text("Connected again.")
    desk.broken = (403, "You are not a member of backprop any more.")
    expect(alert).to_have_text("The service refused: You are not a member of backprop any more.")
    desk.broken = (401, "")
    expect(alert).to_have_text(re.compile("^You are signed out"), timeout=20_000)


@needs_browser
def test_before_handing_in_again_a_student_knows_which_attempt_counts(look, desk):
    desk.counts[UNITS[1]] = "best"
    desk.units[4] |= {"attempts_left": 0}
    page = look().open().page
    expect(card(page, "01 Computational graph")).to_contain_text(
        "The last attempt counts, even if it is worse"
    )
    expect(card(page, "02 Chain rule")).to_contain_text("The best attempt counts")
    # Nothing can be handed in again there.
    expect(card(page, "05 Affine")).to_contain_text("0 left")
    expect(card(page, "05 Affine")).not_to_contain_text("attempt counts")
    page = look(locale="zh-CN").open().page
    expect(card(page, "01 ")).to_contain_text("计入成绩的是最后一次，即使得分更低")
    expect(card(page, "02 ")).to_contain_text("计入成绩的是最好的一次")


@needs_browser
def test_a_file_that_was_handed_in_twice_is_marked(look, desk):
    desk.submissions += [
        record(unit=UNITS[0], attempt=3, state="queued", sha256="ab" * 32),
        record(unit=UNITS[0], attempt=4, state="queued", sha256="ba" * 32),
    ]
    attempts = card(look().open().page, "01 Computational graph").get_by_role("listitem")
    expect(attempts).to_have_count(4)
    marked = attempts.filter(has_text="same file as attempt 2: was the notebook saved?")
    expect(marked).to_have_count(1)
    expect(marked).to_contain_text("Attempt 3")
    expect(attempts.filter(has_text="same file")).to_have_count(1)


@needs_browser
def test_a_due_date_that_is_over_says_so_and_none_is_not_extended(look, desk):
    desk.units[2] |= {"extension_s": 3 * 86400}
    seen = look()
    seen.page.clock.install(time="2026-03-09T22:50:00Z")
    # Whatever the machine's clock is, the page goes by the service's.
    seen.page.route("**/api/**", lambda route: route.fulfill(response=(answer := route.fetch()),
        headers=answer.headers | {"date": "Mon, 09 Mar 2026 22:50:00 GMT"}))  # fmt: skip
    page = seen.open().page
    first, third = card(page, "01 Computational graph"), card(page, "03 Add and multiply")
    expect(first.locator(".facts")).not_to_contain_text("over")
    expect(third).to_contain_text("No due date")
    expect(third).not_to_contain_text("extended")
    seen.page.unroute("**/api/**")
    seen.page.route("**/api/**", lambda route: route.fulfill(response=(answer := route.fetch()),
        headers=answer.headers | {"date": "Mon, 09 Mar 2026 23:00:00 GMT"}))  # fmt: skip
    page.clock.fast_forward(600_000)
    expect(first.locator(".facts")).to_contain_text(re.compile("Due: .*23:59 CET.*over"))


@needs_browser
def test_the_page_speaks_chinese(look, desk):
    page = look(locale="zh-CN").open().page
    expect(page).to_have_title("交作业与反馈: bela")
    expect(card(page, "04 激活函数")).to_contain_text("排队中：第 3 位")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.get_by_role("link", name="English").click()
    expect(card(page, "04 Activations")).to_contain_text("place 3")


# ---------------------------------------------------------------- hostile data


@needs_browser
@pytest.mark.parametrize("path", ["", "class", "submission"])
def test_hostile_names_and_units_are_text(look, desk, path):
    bad = record(unit=HOSTILE, name=HOSTILE, state="needs a person", reason=HOSTILE)
    desk.name, desk.course = HOSTILE, HOSTILE
    desk.units = [unit_entry(HOSTILE, attempts=1), unit_entry("__proto__"), unit_entry("{unit}")]
    desk.submissions = desk.records = [bad]
    desk.view["students"] = [
        [HOSTILE, HOSTILE + "2", [cell(attempts=1, score=1, last=1772449000)] * 7],
        ["__proto__", "constructor", [0] * 7],
    ]
    desk.view["units"].append({"unit": HOSTILE, "released_at": 0, "due": 0, "max": 1.0})
    desk.view["notices"] = [HOSTILE]
    seen = look()
    page = seen.open(f"submissions/{bad['id']}" if path == "submission" else path).page
    if path == "class":
        page.locator("td.cell").nth(6).click()
        expect(page.get_by_role("dialog")).to_contain_text(HOSTILE)
        expect(page.locator("#panel-attempts")).to_contain_text("Attempt 1")
        page.keyboard.press("Escape")
        page.get_by_role("button", name="List members").click()
        page.keyboard.press("Escape")
        expect(page.get_by_role("rowheader", name="constructor")).to_be_visible()
    expect(page.locator("body")).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("img, script:not([src])").count() == 0
    seen.quiet()


@needs_browser
def test_the_policy_holds_against_a_script_that_got_in(look, desk):
    seen = look().open()
    expect(card(seen.page, "04 Activations")).to_be_visible()
    seen.page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.acted=1\">');"
        "const s = document.createElement('script'); s.textContent = 'window.acted=2'; document.body.append(s);"
        "fetch('https://example.invalid/').catch(() => 0)"
    )
    seen.page.wait_for_timeout(500)
    assert seen.page.evaluate("window.acted") is None
    said = "\n".join(seen.heard)
    assert "script-src" in said
    assert "connect-src" in said


# ---------------------------------------------------------------- feedback


@needs_browser
def test_feedback_stays_in_its_frame(look, desk):
    seen = look()
    page = seen.open(f"submissions/{desk.submissions[1]['id']}").page
    expect(page.locator("#live")).to_contain_text("attempt 2, handed in 2 Mar")
    # The score stands in the frame, and so does the time of UTC.
    expect(page.locator("#live")).not_to_contain_text("points")
    expect(page.locator("#live time")).to_have_text(re.compile(r"2 Mar.*13:00.* \(12:00 UTC\)$"))
    frame = page.frame_locator("#feedback")
    expect(frame.get_by_role("heading", name="Feedback itself")).to_be_visible()
    assert page.locator("#feedback").get_attribute("sandbox") == ""
    assert [said for said in seen.heard if "Blocked script execution" not in said] == []
    assert seen.foreign == []


@needs_browser
def test_a_waiting_submissions_page_becomes_its_feedback(look, desk):
    one = desk.submissions[4]
    seen = look()
    page = seen.open(f"submissions/{one['id']}").page
    expect(page.locator("#live")).to_contain_text("In the queue: place 3")
    expect(page.locator("#feedback")).to_have_count(0)
    desk.feedback = "<!DOCTYPE html><title>f</title><h1>Feedback itself</h1>"
    one |= {"place": 1, "feedback": one["feedback"] | {"sha256": "01" * 32}}
    expect(page.locator("#live")).to_contain_text("In the queue: place 1")
    full = {"sha256": "aa" * 32, "kind": "full", "until": None}
    one |= {"state": "graded", "score": 12.0, "max": 16.0, "feedback": full}
    expect(page.locator("#live")).not_to_contain_text("In the queue")
    expect(page.frame_locator("#feedback").get_by_role("heading")).to_have_text("Feedback itself")
    expect(page.get_by_role("status")).to_have_text("04 Activations: Graded")
    seen.quiet()


# ---------------------------------------------------------------- an instructor's page


@needs_browser
def test_an_instructor_sees_the_class(look, desk):
    seen = look().open("class")
    page = seen.page
    row = page.get_by_role("row", name=re.compile("^Béla Bartók bela"))
    expect(row.get_by_role("gridcell")).to_have_text(
        [
            "3 late",
            "4 grading ×3",
            "fetched",
            "– not fetched",
            "– not fetched",
            "– not fetched",
            "7",
            re.compile("2 Mar"),
        ]
    )
    assert "low" in row.get_by_role("gridcell").first.get_attribute("class")
    row = page.get_by_role("row", name=re.compile("^Clara"))
    expect(row.get_by_role("gridcell").nth(1)).to_have_text("needs a person")
    expect(row.get_by_role("gridcell").nth(2)).to_have_text("fetched +1 d")
    numbers = {"members": "8", "fetched": "7", "handed_in": "6", "graded": "6", "length": "1", "grading": "1", "per_minute": "41"}  # fmt: skip
    for name, number in numbers.items():
        expect(page.locator(f"#total-{name}")).to_have_text(number)
    expect(page.locator("#total-oldest")).to_have_text(re.compile(r"\d+ d"))
    unit = page.get_by_role("row", name=re.compile("^01 Computational graph"))
    expect(unit).to_contain_text("7 fetched, 6 handed in, 6 graded, of 8")
    expect(unit).to_contain_text("5.3 of 8")
    expect(unit.get_by_role("link", name="Download unit 01 (zip)")).to_have_attribute(
        "href", f"/services/classroom/api/class/download?unit={UNITS[0]}"
    )
    expect(page.get_by_role("link", name="Formgrader")).to_have_attribute(
        "href", "/services/backprop/formgrader/"
    )
    expect(page.get_by_role("link", name="Class report")).to_have_attribute(
        "href", "/services/classroom/report"
    )
    seen.quiet()


@needs_browser
def test_a_cell_changes_in_place_and_an_unchanged_class_costs_a_304(look, desk):
    seen = look()
    answers = []
    seen.page.on(
        "response",
        lambda answer: answers.append(answer.status) if answer.url.endswith("api/class") else None,
    )
    page = seen.open("class").page
    td = page.get_by_role("row", name=re.compile("^Anna")).get_by_role("gridcell").nth(2)
    expect(td).to_have_text("queued")
    page.evaluate("document.querySelectorAll('#matrix tbody tr').forEach(tr => tr.mine = true)")
    page.wait_for_timeout(4500)
    assert answers[1:] == [304] * len(answers[1:])
    assert len(answers) >= 3
    desk.view["students"][0][2][2] = cell(attempts=1, score=10.5, last=1772449090)
    desk.view["queue"] |= {"length": 0, "oldest": None}
    desk.view["students"].append(["zoe", "Zoe", [0] * 6])
    expect(td).to_have_text("10.5")
    expect(page.get_by_role("status").first).to_have_text(
        "Anna Magdalena, unit 03: 10.5 of 12 points"
    )
    expect(page.locator("#total-oldest")).to_have_text("-")
    expect(page.get_by_role("rowheader", name="Zoe")).to_be_visible()
    assert (
        page.evaluate(
            "[...document.querySelectorAll('#matrix tbody tr')].filter(tr => tr.mine).length"
        )
        == 8
    )
    desk.view["students"] = desk.view["students"][1:]
    expect(page.get_by_role("rowheader", name="Anna")).to_have_count(0)
    seen.quiet()


@needs_browser
def test_the_first_grade_of_a_unit_is_no_change_of_everybody(look, desk):
    desk.view["units"][0]["max"] = None
    page = look().open("class").page
    bela = page.get_by_role("row", name=re.compile("^Béla")).get_by_role("gridcell").first
    expect(bela).to_have_class("cell ")
    desk.view["units"][0]["max"] = 8.0
    desk.view["students"][5][2][0] = 1
    expect(bela).to_have_class("cell low")
    expect(page.get_by_role("status").first).to_have_text(
        "Fanny Mendelssohn-Bartholdy-Hensel, unit 01: fetched"
    )
    assert page.locator("td.changed").count() <= 1


def names(page) -> list[str]:
    return page.locator("#matrix tbody tr:not([hidden]) th bdi:first-child").all_inner_texts()


@needs_browser
def test_members_are_filtered_and_sorted(look, desk):
    page = look().open("class").page
    expect(page.locator("#matrix tbody tr")).to_have_count(8)
    assert names(page)[:3] == ["Anna Magdalena", "Béla Bartók", "Clara Schumann"]
    page.get_by_role("button", name="sum").click()
    assert names(page)[:4] == ["Anna Magdalena", "Hildegard", "Clara Schumann", "Béla Bartók"]
    assert names(page)[-2:] == ["david", "Fanny Mendelssohn-Bartholdy-Hensel"]
    assert page.get_by_role("columnheader", name="sum").get_attribute("aria-sort") == "descending"
    page.get_by_role("button", name="sum").click()
    assert names(page)[0] == "gustav"
    assert (
        names(page)[-1] == "Fanny Mendelssohn-Bartholdy-Hensel"
    )  # without a score: last either way
    page.get_by_role("button", name="last hand-in").click()
    assert names(page)[0] == "Anna Magdalena"
    page.get_by_role("columnheader", name="01 Computational graph").get_by_role("button").click()
    assert set(names(page)[:2]) == {"Anna Magdalena", "Hildegard"}
    for written in ("BÉLA", "bela", "bartok", "be\u0301la"):
        page.get_by_role("searchbox", name="Name").fill(written)
        assert names(page) == ["Béla Bartók"]
    expect(page.locator("#shown")).to_have_text("1 of 8 members shown")
    page.get_by_role("searchbox", name="Name").fill("")
    for what, wanted in {
        "without any hand-in": {"david", "Fanny Mendelssohn-Bartholdy-Hensel"},
        "in the queue or being graded": {"Anna Magdalena", "Béla Bartók"},
        "needs a person": {"Clara Schumann"},
        "late": {"Béla Bartók", "Hildegard"},
        "with an extension": {"Clara Schumann", "Hildegard"},
    }.items():
        page.get_by_label("Show").select_option(what)
        assert set(names(page)) == wanted


@needs_browser
def test_members_without_a_hand_in_are_listed(look, desk):
    page = look().open("class").page
    expect(page.locator("#matrix tbody tr")).to_have_count(8)
    page.get_by_role("button", name="List members without a hand-in").click()
    box = page.get_by_role("dialog")
    expect(box.get_by_role("textbox")).to_have_value("david\nfanny")
    expect(box).to_contain_text("2 members")
    box.locator("#missing-unit").select_option("02 Chain rule")
    expect(box.get_by_role("textbox")).to_have_value("david\nfanny\ngustav\nhildegard\n小明")
    box.get_by_role("button", name="Close").click()
    expect(box).to_have_count(0)


@needs_browser
def test_the_keyboard_does_all_of_it(look, desk):
    desk.records = [
        record(attempt=1, score=2.0, max=8.0, counts=False),
        record(attempt=2, state="queued", place=2, late=True),
        record(attempt=3, state="needs a person", reason="The kernel died in cell 7."),
    ]
    seen = look()
    page = seen.open("class").page
    expect(page.locator("#matrix tbody tr")).to_have_count(8)
    page.get_by_role("button", name="last hand-in").focus()
    page.keyboard.press("Tab")
    first = page.locator("#matrix tbody tr").first.get_by_role("gridcell").first
    expect(first).to_be_focused()
    for key in ("ArrowDown", "ArrowRight", "End", "Home", "Control+End", "ArrowUp", "Control+Home"):
        page.keyboard.press(key)
    expect(first).to_be_focused()
    page.keyboard.press("PageDown")
    page.keyboard.press("PageUp")
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    panel = page.get_by_role("dialog", name="Anna Magdalena")
    attempts = panel.get_by_role("listitem")
    expect(attempts).to_have_count(3)
    expect(attempts.first).to_contain_text("The kernel died in cell 7.")
    expect(attempts.nth(1)).to_contain_text("queued, place 2")
    expect(attempts.nth(2)).to_contain_text("2 of 8 points")
    asked = [one for one in desk.asked if one[1] == "api/class/submissions"]
    assert asked[0][2] == f"unit={UNITS[0]}&student=anna"
    page.keyboard.press("Escape")
    expect(first).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="last hand-in")).to_be_focused()
    seen.quiet()


def asked_to_change(desk) -> list:
    return [(m, p, json.loads(b)) for m, p, _q, b in desk.asked if m != "GET"]


@needs_browser
def test_extensions_and_regrading(look, desk):
    seen = look()
    page = seen.open("class").page
    page.get_by_role("row", name=re.compile("^Clara")).get_by_role("gridcell").nth(2).click()
    panel = page.get_by_role("dialog", name="Clara Schumann")
    expect(panel).to_contain_text(re.compile("Extended by 1 d. Due for this student: .*4 Mar"))
    expect(panel).to_contain_text("Nothing was handed in.")
    expect(panel.get_by_role("spinbutton", name="By")).to_have_value("1")
    panel.get_by_role("spinbutton", name="By").fill("36")
    panel.get_by_label("unit of time").select_option("hours")
    panel.get_by_role("button", name="Set").click()
    expect(panel.get_by_role("status")).to_have_text("The extension is now 1 d 12 h.")
    desk.view["students"][2][2][2] = cell(extension_minutes=2160)
    expect(panel).to_contain_text("Extended by 1 d 12 h.")
    panel.get_by_role("button", name="Take back").click()
    expect(panel.get_by_role("status")).to_have_text("There is no extension now.")
    desk.view["students"][2][2][2] = 1
    expect(panel).to_contain_text("No extension.")
    expect(panel.get_by_role("button", name="Take back")).to_be_disabled()
    # The button is gone for the keyboard, which goes on in the field.
    expect(panel.get_by_role("spinbutton", name="By")).to_be_focused()
    expect(panel.get_by_role("spinbutton", name="By")).to_have_value("")
    expect(panel.get_by_role("button", name="Re-grade")).to_be_disabled()
    panel.get_by_role("spinbutton", name="By").fill("-1")
    panel.get_by_role("button", name="Set").click()  # the browser refuses
    page.keyboard.press("Escape")
    who = {"student": "clara", "unit": UNITS[2]}
    assert asked_to_change(desk) == [
        ("PUT", "api/class/extensions", who | {"minutes": 2160}),
        ("PUT", "api/class/extensions", who | {"minutes": 0}),
    ]
    desk.asked.clear()
    page.get_by_role("button", name="Re-grade unit 01").click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text(
        "Grade everything that 6 members handed in for “01 Computational graph” again?"
    )
    question.get_by_role("button", name="Cancel").click()
    assert asked_to_change(desk) == []
    page.get_by_role("button", name="Re-grade unit 01").click()
    question.get_by_role("button", name="Re-grade").click()
    expect(page.get_by_role("status").first).to_have_text("Queued again: 01 Computational graph.")
    page.get_by_role("row", name=re.compile("^Béla")).get_by_role("gridcell").first.click()
    page.get_by_role("dialog", name="Béla").get_by_role("button", name="Re-grade").click()
    page.locator("#question").get_by_role("button", name="Re-grade").click()
    expect(page.get_by_role("dialog", name="Béla").get_by_role("status")).to_have_text(
        "Queued again: 01 Computational graph."
    )
    assert asked_to_change(desk) == [
        ("POST", "api/class/regrade", {"unit": UNITS[0], "students": None}),
        ("POST", "api/class/regrade", {"unit": UNITS[0], "students": ["bela"]}),
    ]
    desk.broken = (409, "The unit is being withdrawn.")
    page.get_by_role("dialog", name="Béla").get_by_role("button", name="Re-grade").click()
    page.locator("#question").get_by_role("button", name="Re-grade").click()
    expect(page.get_by_role("dialog", name="Béla").get_by_role("status")).to_have_text(
        "The service refused: The unit is being withdrawn."
    )


@needs_browser
def test_one_member_is_one(look, desk):
    page = look().open("class").page
    desk.view["students"] = desk.view["students"][:1]
    expect(page.locator("#matrix tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Re-grade unit 01").click()
    expect(page.get_by_role("dialog")).to_contain_text("Grade everything that one member handed in")


@needs_browser
def test_a_unit_without_a_due_date_cannot_be_extended(look, desk):
    page = look().open("class").page
    page.get_by_role("row", name=re.compile("^Clara")).get_by_role("gridcell").nth(4).click()
    panel = page.get_by_role("dialog", name="Clara Schumann")
    expect(panel).to_contain_text("This unit has no due date.")
    expect(panel.get_by_text("Counted from")).to_be_hidden()
    for role, name in (("spinbutton", "By"), ("button", "Set"), ("button", "Take back")):
        expect(panel.get_by_role(role, name=name)).to_be_disabled()
    # What there is of an earlier one can be taken back, and a new due date opens the form.
    desk.view["students"][2][2][4] = cell(extension_minutes=4320)
    expect(panel).to_contain_text("Extended by 3 d. This unit has no due date.")
    expect(panel.get_by_role("button", name="Take back")).to_be_enabled()
    expect(panel.get_by_role("button", name="Set")).to_be_disabled()
    desk.view["units"][4]["due"] = desk.view["units"][0]["due"]
    expect(panel.get_by_role("button", name="Set")).to_be_enabled()
    expect(panel).to_contain_text("Due for this student:")


def test_page_and_service_take_the_same_extensions():
    assert pages.MOST_EXTENSION_MINUTES == api.MOST_MINUTES


@needs_browser
def test_the_most_of_an_extension_is_said_in_the_unit_of_time_that_was_chosen(look, desk):
    page = look().open("class").page
    page.get_by_role("row", name=re.compile("^Clara")).get_by_role("gridcell").nth(2).click()
    panel = page.get_by_role("dialog", name="Clara Schumann")
    field = panel.get_by_role("spinbutton", name="By")
    for scale, most, said in (("days", 366, "366 d"), ("hours", 8784, "8784 h"), ("minutes", 527040, "527040 min")):  # fmt: skip
        panel.get_by_label("unit of time").select_option(scale)
        field.fill(str(most + 1))
        assert field.evaluate("field => field.validationMessage") == f"At most {said}."
        panel.get_by_role("button", name="Set").click()
        field.fill(str(most))
        assert field.evaluate("field => field.validity.valid")
    assert asked_to_change(desk) == []


@needs_browser
def test_what_could_not_be_sent_is_not_said_to_be_tried_again(look, desk):
    desk.records = [record(attempt=1)]
    page = look().open("class").page
    page.get_by_role("row", name=re.compile("^Anna")).get_by_role("gridcell").first.click()
    panel = page.get_by_role("dialog", name="Anna Magdalena")
    status = panel.get_by_role("status")
    expect(panel.get_by_role("listitem")).to_have_count(1)
    desk.broken = (503, "")
    panel.get_by_role("spinbutton", name="By").fill("2")
    panel.get_by_role("button", name="Set").click()
    expect(status).to_have_text("No connection: nothing was changed. Try again.")
    desk.broken = (504, "")
    panel.get_by_role("button", name="Set").click()
    expect(status).to_have_text("No answer: perhaps nothing was changed. Try again.")
    # The class is asked for again and again, and then what the panel shows as well.
    desk.records = [record(attempt=1), record(attempt=2)]
    desk.broken = None
    expect(panel.get_by_role("listitem")).to_have_count(2, timeout=20_000)


@needs_browser
def test_a_panel_that_was_opened_without_a_connection_fills_itself(look, desk):
    desk.records = [record(attempt=1)]
    page = look().open("class").page
    first = page.get_by_role("row", name=re.compile("^Anna")).get_by_role("gridcell").first
    expect(first).to_have_text("8 ×2")
    desk.broken = (503, "")
    first.click()
    panel = page.get_by_role("dialog", name="Anna Magdalena")
    expect(panel.get_by_role("status")).to_have_text(re.compile("^No connection since .*; trying"))
    desk.broken = None
    expect(panel.get_by_role("listitem")).to_have_count(1, timeout=20_000)
    expect(panel.get_by_role("status")).to_have_text("Connected again.")


@needs_browser
def test_news_wait_until_an_answer_is_read(look, desk):
    page = look().open("class").page
    page.get_by_role("button", name="Re-grade unit 01").click()
    page.locator("#question").get_by_role("button", name="Re-grade").click()
    status = page.locator("#news")
    expect(status).to_have_text("Queued again: 01 Computational graph.")
    desk.view["students"][0][2][2] = cell(attempts=1, score=10.5, last=1772449090)
    expect(page.get_by_role("row", name=re.compile("^Anna"))).to_contain_text("10.5")
    expect(status).to_have_text("Queued again: 01 Computational graph.")
    expect(status).to_have_text("Anna Magdalena, unit 03: 10.5 of 12 points", timeout=10_000)


@needs_browser
def test_what_went_wrong_is_seen_wherever_one_has_scrolled(look, desk):
    desk.view = large_class(60)
    page = look().open("class").page
    expect(page.locator("#matrix tbody tr")).to_have_count(60)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    desk.view["students"][0][2][2] = cell(attempts=9, score=1.5, last=1772449090)
    expect(page.locator("#news")).to_have_text(re.compile("1.5 of 12 points"))
    expect(page.locator("#news")).to_be_in_viewport(ratio=1)
    desk.broken = (401, "")
    alert = page.get_by_role("alert")
    expect(alert).to_have_text(re.compile("^You are signed out"))
    expect(alert).to_be_in_viewport(ratio=1)
    assert alert.evaluate(
        "box => { const {x, y, bottom} = box.getBoundingClientRect();"
        " return document.elementFromPoint(x + 9, y + 9) === box"
        " && bottom <= document.getElementById('news').getBoundingClientRect().top; }"
    )


@needs_browser
def test_feedback_begins_near_the_top_of_a_phone(look, desk):
    page = look(width=390).open(f"submissions/{desk.submissions[1]['id']}").page
    assert page.locator("#feedback").evaluate("frame => frame.getBoundingClientRect().top") < 170


@needs_browser
def test_a_large_class_stays_quick(look, desk):
    desk.view = large_class()
    seen = look()
    page = seen.page
    session = seen.context.new_cdp_session(page)
    # Of the processor alone: other tests run beside this one.
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    spent = [0.0]

    def took() -> float:
        page.wait_for_timeout(500)
        found = session.send("Performance.getMetrics")["metrics"]
        spent.append(next(m["value"] for m in found if m["name"] == "TaskDuration"))
        return spent[-1] - spent[-2]

    seen.open("class")
    expect(page.locator("#matrix tbody tr")).to_have_count(800)
    built = took()
    for i in range(0, 800, 4):  # a burst: a quarter of the class at once
        desk.view["students"][i][2][3] = cell(attempts=1, score=16, last=1772450000)
    expect(page.get_by_role("status").first).to_have_text("200 changes")
    update = took()
    page.get_by_role("button", name="sum").click()
    sorting = took()
    page.get_by_role("searchbox", name="Name").fill("student0123")
    assert len(names(page)) == 1
    page.get_by_role("searchbox", name="Name").fill("")
    filtering = took()
    print(
        f"800 members: build {built:.2f} s, update {update:.2f}, sort {sorting:.2f}, filter {filtering:.2f}"
    )
    assert built < 3  # measured: 0.5 s, and 0.3 s each
    assert max(update, sorting, filtering) < 1.5
    seen.quiet()


# ---------------------------------------------------------------- how it looks


@needs_browser
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1100, 380])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_pages_are_accessible_and_fit(look, desk, axe, lang, width, dark):
    desk.records = my_submissions()[:3]
    seen = look(dark=dark, width=width, locale={"en": "en-GB", "zh": "zh-CN"}[lang])
    page, kind = seen.page, f"{lang}-{width}-{'dark' if dark else 'light'}"
    queued, partly = desk.submissions[4]["id"], desk.submissions[5]["id"]
    paths = {"student": "", "error": "error", "queued": f"submissions/{queued}",
             "frame": f"submissions/{partly}", "status": f"unsandboxed/{queued}"}  # fmt: skip
    if lang == "en":
        paths["class"] = "class"
    for name, path in paths.items():
        seen.open(path)
        if name == "student":
            expect(page.locator("section.unit")).to_have_count(6)
            page.locator("#how summary").click()
        if name == "class":
            expect(page.locator("#matrix tbody tr")).to_have_count(8)
        assert seen.wrong(axe) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        seen.picture(f"{name}-{kind}")
        if name == "class":
            page.locator("td.cell").first.click()
            expect(page.get_by_role("dialog").get_by_role("listitem")).to_have_count(3)
            assert seen.wrong(axe) == [], "panel"
            page.screenshot(path=PICTURES / f"panel-{kind}.png")
            page.keyboard.press("Escape")
            page.get_by_role("button", name="List members").click()
            assert seen.wrong(axe) == [], "missing"
            page.screenshot(path=PICTURES / f"missing-{kind}.png")

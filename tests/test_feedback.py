"""The feedback pages: what they tell, what they keep to themselves, and that nothing in them acts."""

from __future__ import annotations

import html.parser
import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from chromium import acted, provoke, violations
from handed_in import code_with, graded_notebook
from nbformat import from_dict
from nbformat.v4 import new_markdown_cell, new_output, new_raw_cell

from course import figures
from grader import feedback, sanitise
from grader.feedback import Grades, UnitScore, course_page, page, parts, read_result
from grader.grading import result_of
from grader.units import kind, load_unit, unit_names

HERE = Path(__file__).parent
UNIT = "03-add-mul-nodes"
COURSE = [UnitScore(n, s, m) for n, s, m in zip(unit_names(), (12, 9.5, 14.25, 0, 20, None), (12, 14, 16, 16, 22, 20), strict=True)]  # fmt: skip
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def made(
    unit: str = UNIT, grades: Grades | None = None, misconception=None, student="bela", **options
):
    """Return the page of a made-up submission."""
    notebook = graded_notebook(unit, **options)
    result = result_of(notebook, load_unit(unit))
    if misconception:
        result.checks[0] = replace(result.checks[0], misconception=misconception)
    return page(result, notebook, student=student, grades=grades, course=COURSE)


class Text(html.parser.HTMLParser):
    """Collects the tags, the attributes and the words of a page."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags, self.attributes, self.words = [], [], []
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, k, v or "") for k, v in attrs]

    def handle_data(self, data):
        if not self.tags or self.tags[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


# ---------------------------------------------------------------- what a page tells


def test_a_page_tells_the_score_the_verdicts_and_the_reasons():
    text = Text(made(share={"mul-layer": 0.5, "add-layer": 0})).text
    assert "03 Add and multiply nodes" in text
    assert "Exercise 3.1: a multiply layer" in text
    assert "2 of 4 points: partly right" in text
    assert "0 of 2 points: not right yet" in text
    assert "dx is twice as large as it should be" in text
    assert "Hint 1: the idea" in text


def test_a_visible_check_shows_what_it_expected_and_a_hidden_one_never():
    seen = "mul: 0 of 1 points\n  WRONG  dx\n         dx differs\n         expected 3.25\n              got 7.5\n"
    assert parts(seen, hidden=False)[0].detail == "expected 3.25\n     got 7.5"
    hidden = parts(seen, hidden=True)[0]
    assert (hidden.reason, hidden.detail) == ("dx differs", "")


def test_no_source_of_a_check_and_no_traceback_of_one_is_on_a_page():
    notebook = graded_notebook(UNIT, share={"mul-layer": 0})
    for cell in notebook.cells:
        if kind(cell) == "check" and "hidden" in cell.id:
            cell.outputs = [new_output("error", ename="NameError", evalue="no MulLayer", traceback=["secret_line = 1"])]  # fmt: skip
    words = page(result_of(notebook, load_unit(UNIT)), notebook)
    assert "secret_line" not in words
    assert "NameError: no MulLayer" in words
    for cell in notebook.cells:
        if kind(cell) == "check":
            for line in filter(lambda x: len(x.strip()) > 25, cell.source.splitlines()):
                assert sanitise.html_library.escape(line.strip(), quote=True) not in words


def test_a_misconception_is_named_with_its_message_and_the_section_to_read_again():
    words = Text(made(share={"mul-layer": 0.25}, misconception="both-y")).text
    assert "Both gradients use the stored y." in words
    assert "two inputs play two parts" in words
    assert "Unit 03, section “Multiply swaps”" in words


@pytest.mark.parametrize(
    "said",
    [
        "The count is added.\n\nMultiply instead. See unit 03, section 'Multiply swaps'.",
        ["The count is added.\nMultiply instead."],
        [{"name": "The count is added.", "message": "Multiply instead."}],
    ],
)
def test_a_misconception_may_come_as_words(said):
    words = Text(made(share={"mul-layer": 0}, misconception=said)).text
    assert "What seems to have happened The count is added. Multiply instead." in words


def test_the_gradebook_has_the_last_word():
    grades = Grades(
        scores={"mul-layer-check": 1.5, "mul-layer-hidden": 2.0},
        by_hand=frozenset({"mul-layer-check"}),
        comments={"mul-layer": "Nearly.\n\nCome and see me."},
        late_penalty=1.0,
    )
    words = Text(made(share={"mul-layer": 0}, grades=grades)).text
    assert "3.5 of 4 points: partly right" in words
    assert "points given by hand" in words
    assert "From your instructor Nearly. Come and see me." in words
    assert "14.5 of 16 points" in words
    assert "1 points were taken off" in words


def test_cells_stand_in_the_order_of_the_notebook_and_unchanged_prose_is_left_out():
    notebook = graded_notebook(UNIT)
    notebook.cells[0:0] = load_unit(UNIT).notebook.cells[2:4]  # prose and a demo of ours
    notebook.cells.insert(2, new_markdown_cell("I predict **7**"))
    notebook.cells.append(new_raw_cell("my raw words"))
    words = Text(page(result_of(notebook, load_unit(UNIT)), notebook)).text
    order = ["I predict", "Exercise 3.1: a multiply layer 4", "Exercise 3.6", "my raw words"]
    places = [
        words.rindex(w) if w.startswith("my") else words.index(w) for w in order[:1] + order[3:]
    ]
    assert places == sorted(places)
    assert "sits somewhere inside a larger" not in words


def test_what_is_not_written_is_said_so_and_not_called_wrong():
    notebook = graded_notebook(UNIT, share={"add-layer": 0})
    for cell in notebook.cells:
        if cell.id.startswith("add-layer-"):
            cell.outputs[
                0
            ].text = "add-layer: 0 of 1 points\n  add-layer is not written yet: its raise\n"
    words = Text(page(result_of(notebook, load_unit(UNIT)), notebook)).text
    assert "0 of 2 points: not written yet" in words
    assert "There is nothing to judge yet" in words


def test_a_reason_that_many_parts_share_is_said_once():
    notebook = graded_notebook(UNIT, share={"mul-layer": 0})
    for cell in notebook.cells:
        if cell.id.startswith("mul-layer-"):
            cell.outputs[0].text = (
                "mul-layer: 0 of 2 points\n" + "  WRONG  a part\n         no such name\n" * 4
            )
    words = page(result_of(notebook, load_unit(UNIT)), notebook)
    assert words.count("no such name") == 1
    assert words.count("(for the same reason)") == 7


def test_the_stored_result_is_read_and_what_a_student_stored_is_not_let_in():
    from grader.submission import parse

    notebook = graded_notebook(UNIT)
    unit = load_unit(UNIT)
    stored = replace(result_of(notebook, unit), notes=["cell 'x' was missing"])
    notebook.metadata.course["result"] = stored.to_dict()
    assert read_result(notebook, unit) == stored
    assert "cell &#39;x&#39; was missing" in page(read_result(notebook, unit), notebook)
    handed_in = {"nbformat": 4, "nbformat_minor": 5, "cells": [], "metadata": {"course": {"unit": UNIT, "result": {"checks": []}}}}  # fmt: skip
    assert parse(json.dumps(handed_in), "x").metadata["course"] == {"unit": UNIT}


def test_the_page_of_the_course_has_a_bar_for_every_unit():
    source = course_page("bela", COURSE)
    found = Text(source)
    assert "55.75 of 80 points" in found.text
    assert "not handed in" in found.text
    assert found.tags.count("svg") == len(COURSE) + 1
    assert 'href="03-add-mul-nodes/03-add-mul-nodes.html"' in source
    assert 'href="06-two-layer-net' not in source


# ---------------------------------------------------------------- self-contained and quick


@pytest.mark.parametrize("unit", unit_names())
def test_every_formula_of_the_hints_and_sections_becomes_mathml(unit):
    text = feedback._unit_text(unit, "en")
    everything = "".join([e.hints for e in text.exercises.values()] + list(text.sections.values()))
    assert "<math" in everything
    left = re.sub(r"(?s)<(code|pre)\b.*?</\1>", "", everything)
    assert "$" not in left
    assert "\\" not in left
    assert "<mi>\\" not in everything
    assert all(
        e.title.startswith("Exercise ") and "Hint 1" in e.hints for e in text.exercises.values()
    )


def test_a_page_asks_for_nothing_and_allows_nothing():
    source = made(share={"mul-layer": 0})
    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in source
    found = Text(source)
    assert not {"script", "link", "iframe", "object", "embed", "form", "base"} & set(found.tags)
    for tag, name, value in found.attributes:
        assert not name.startswith("on")
        if name in ("src", "href", "xlink:href"):
            assert value.startswith(("#", "data:image/")), (tag, name, value)


def test_a_page_takes_less_than_20_ms():
    notebook = graded_notebook("06-two-layer-net", share={"two-layer-net": 0.3, "sgd-step": 0})
    result = result_of(notebook, load_unit("06-two-layer-net"))
    times = []
    for _ in range(8):
        start = time.perf_counter()
        page(result, notebook, student="bela", course=COURSE)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.02


# ---------------------------------------------------------------- what survives, what does not


def test_the_figures_of_the_course_survive():
    picture = figures.relu_node()
    shown = sanitise.html(picture._repr_html_(), "p-")
    for words in ('class="cf"', 'class="line v"', 'role="img"', "p-cf-relu-node", "viewBox="):
        assert words in shown
    assert "<style" not in shown
    assert shown.count("<path") == picture._repr_html_().count("<path")


def test_a_plot_of_the_course_survives_with_its_markers():
    fig, axes = figures.subplots(3, 2)
    axes.plot([0, 1, 2], [2, 1, 3], "o-", label="loss")
    axes.imshow([[0, 1], [1, 0]])
    axes.legend()
    shown = str(sanitise.html(figures.plot(fig, alt="a", caption="c")._repr_html_(), "p-"))
    used = set(re.findall(r'<use [^>]*href="#([^"]+)"', shown))
    assert used
    assert used <= set(re.findall(r' id="([^"]+)"', shown))
    assert "var(--cf-c0)" in shown
    assert "data:image/png;base64," in shown


def test_tables_pictures_and_formulas_of_a_student_survive():
    outputs = [
        new_output(
            "display_data", {"text/html": "<table><tr><th>a</th><td colspan=2>1</td></tr></table>"}
        ),
        new_output("display_data", {"image/png": PNG, "text/plain": "<Figure size 640x480>"}),
        new_output("display_data", {"text/latex": r"\frac{1}{2}"}),
        new_output("stream", name="stdout", text="\x1b[31mred\x1b[0m 10%\r100%\n"),
    ]
    attached = new_markdown_cell("![a cat](attachment:cat.png) $x^2$")
    attached["attachments"] = {"cat.png": {"image/png": PNG}}
    source = made(own=[attached, code_with(outputs)])
    assert '<td colspan="2">1</td>' in source
    assert f'src="data:image/png;base64,{PNG}" alt="a cat"' in source
    assert "<mfrac>" in source
    assert "<msup><mi>x</mi><mn>2</mn></msup>" in source
    assert "red 100%" not in source
    assert "100%\n" in source


def test_a_use_may_not_refer_to_a_group_so_that_no_page_grows_without_end():
    groups = "".join(
        f'<g id="g{i}">' + f'<use href="#g{i - 1}"/>' * 10 + "</g>" for i in range(1, 12)
    )
    shown = sanitise.html(f"<svg>{groups}</svg>", "p-")
    assert " id=" not in shown


@pytest.mark.parametrize(
    "bad",
    [
        "$" * 30000,
        "[" * 30000,
        ">" * 30000,
        "**a" * 9000,
        "\\begin{a}" * 3000,
        "<b>" * 9000,
        "![[" * 9000,
        "{" * 2000,
    ],
)
def test_no_text_takes_the_parser_long(bad):
    start = time.perf_counter()
    sanitise.markdown(bad, "x")
    sanitise.markdown(f"${bad[:3000]}$", "x")
    assert time.perf_counter() - start < 3


def payloads(name: str) -> list[str]:
    return (HERE / "xss" / f"{name}.txt").read_text("utf-8").split("\n%%%\n")


CORPUS = {n: payloads(n) for n in ("html", "svg", "markdown", "latex", "text")}
BUNDLES = json.loads((HERE / "xss" / "mime.json").read_text("utf-8"))
ALL = [p for some in CORPUS.values() for p in some]


def _unchecked(bundle: dict):
    """Return an output as it may lie in a file; nbformat would refuse some of them."""
    return from_dict({"output_type": "display_data", "data": bundle, "metadata": {}})


def hostile_page() -> str:
    """Return one page with every payload in every place where it can stand."""
    own = []
    for kind_, mime in (("html", "text/html"), ("svg", "image/svg+xml"), ("markdown", "text/markdown"), ("latex", "text/latex")):  # fmt: skip
        own += [code_with([new_output("display_data", {mime: p})], source=p) for p in CORPUS[kind_]]
        own += [new_markdown_cell(p) for p in CORPUS[kind_]]
    own += [new_markdown_cell(f"${p}$ and\n\n$${p}$$") for p in CORPUS["latex"] + CORPUS["html"]]
    own += [code_with([_unchecked(b)]) for b in BUNDLES]
    streams = [new_output("stream", name=n, text=p) for p in ALL for n in ("stdout", "stderr")]
    errors = [new_output("error", ename=p, evalue=p, traceback=[p, p]) for p in CORPUS["text"]]
    attached = new_markdown_cell("![a](attachment:evil.svg) ![b](attachment:b.png)")
    attached["attachments"] = {
        "evil.svg": {"image/svg+xml": CORPUS["svg"][0]},
        "b.png": {"image/png": '"><script>alert(1)</script>'},
    }
    own += [code_with(streams + errors), attached, *(new_raw_cell(p) for p in ALL)]
    text = "\n".join(CORPUS["text"])
    notebook = graded_notebook(
        UNIT,
        share={"mul-layer": 0.5},
        own=own,
        answers={"mul-layer": "\n".join(ALL)},
        outputs={
            "mul-layer": [new_output("display_data", {"text/html": p}) for p in CORPUS["html"]]
        },
    )
    for cell in notebook.cells:
        if cell.get("id", "").startswith("mul-layer-"):
            cell.outputs[0].text += "".join(
                f"  WRONG  {p}\n         {p}\n         hint: {p}\n" for p in ALL
            )
    result = result_of(notebook, load_unit(UNIT))
    result.notes.extend(ALL)
    result.checks[0] = replace(
        result.checks[0], misconception=[{"name": p, "message": p} for p in ALL]
    )
    grades = Grades(comments={"mul-layer": text})
    return page(
        result, notebook, student=text, grades=grades, course=[*COURSE, UnitScore(ALL[0], 1, 2)]
    )


def test_the_corpus_is_large_enough():
    assert len(ALL) + len(BUNDLES) >= 60


@pytest.mark.parametrize("payload", ALL + [json.dumps(b) for b in BUNDLES])
def test_nothing_that_could_act_is_left_of_a_payload(payload):
    """Read by an HTML parser: no element or attribute but those of the allow-list."""
    for shown in (
        sanitise.html(payload, "p-"),
        sanitise.markdown(payload, "p-"),
        sanitise.markdown(f"${payload}$", "p-"),
    ):
        found = Text(str(shown))
        allowed = {
            t.lower() for t in sanitise._TEXT_TAGS | sanitise._SVG_TAGS | sanitise._MATH_TAGS
        }
        assert set(found.tags) <= allowed
        for _, name, value in found.attributes:
            assert not name.startswith("on")
            assert name not in (
                "formaction",
                "srcset",
                "srcdoc",
                "action",
                "ping",
                "background",
                "name",
            )
            if name in ("src", "href", "xlink:href"):
                assert re.match(r"#p-|data:image/(png|jpeg);base64,", value)
            if name == "id":
                assert value.startswith("p-")
            if name == "class":
                assert set(value.split()) <= sanitise._CLASSES
            if name == "style":
                assert not re.search(r"position|url\((?!#p-)|expression|import", value)


# ---------------------------------------------------------------- in a real browser

needs_browser = pytest.mark.slow


@needs_browser
@pytest.mark.parametrize("wall", ["policy", "sanitiser alone"])
def test_no_payload_acts_in_a_browser(browser, tmp_path, wall):
    for name, source in (
        ("feedback", hostile_page()),
        ("course", course_page("\n".join(ALL), [*COURSE, *(UnitScore(p, 1, 2) for p in ALL)])),
    ):
        if wall != "policy":
            source, count = re.subn(
                r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", source, count=1
            )
            assert count == 1
        path = tmp_path / f"{name}.html"
        path.write_text(source, "utf-8", "replace")
        browser.look()
        browser.open(path, settle_s=0.3)
        assert provoke(browser, 0.3) == path.as_uri()
        assert acted(browser) == []
        left = browser.evaluate(
            "[...document.querySelectorAll('script, iframe, object, embed, form, input, base, link, "
            "body style, foreignObject, animate, set')].map(e => e.outerHTML)"
        )
        assert left == []
        assert browser.evaluate("document.querySelectorAll('#main').length") == 1
        assert browser.evaluate("document.getElementsByTagName('h1').length") == 1


@needs_browser
def test_the_same_payloads_act_where_nothing_holds_them(browser, tmp_path):
    """The corpus has teeth: shown raw, most of its HTML and SVG does something."""
    active = 0
    some = CORPUS["html"] + CORPUS["svg"]
    browser.look()
    for number, payload in enumerate(some):
        path = tmp_path / f"{number}.html"
        path.write_text(f"<!DOCTYPE html><body>{payload}", "utf-8")
        try:
            browser.open(path)
            provoke(browser, 0.03)
            active += bool(acted(browser))
        except RuntimeError:  # it went to another page, which is an act
            active += 1
    assert active > len(some) / 2


def full_page() -> str:
    """Return a page with one of everything."""
    own = [
        new_markdown_cell("My own **words** and $x^2$"),
        code_with(
            [
                new_output("display_data", {"text/html": figures.relu_node()._repr_html_()}),
                new_output("display_data", {"image/png": PNG}),
                new_output("stream", name="stderr", text="a warning"),
                new_output("display_data", {"text/html": "<table><tr><td>1<td>2</table>"}),
            ],
            source="# a comment\nfor i in range(3):\n    print('text', 1.5 * i, None)",
        ),
    ]
    grades = Grades(comments={"mul-layer": "See me."}, late_penalty=0.5)
    return made(
        own=own, grades=grades, share={"mul-layer": 0.5, "add-layer": 0}, misconception="both-y"
    )


@needs_browser
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1000, 360])
@pytest.mark.parametrize("name", ["feedback", "course"])
def test_a_page_is_accessible(browser, axe, tmp_path, name, width, dark):
    path = tmp_path / "page.html"
    path.write_text(full_page() if name == "feedback" else course_page("bela", COURSE), "utf-8")
    browser.look(width=width, dark=dark)
    browser.open(path)
    browser.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert violations(browser, axe) == []
    # Nothing but code and wide outputs, which scroll by themselves, is wider than a phone.
    assert browser.evaluate("document.documentElement.scrollWidth") <= width


@needs_browser
def test_points_stand_clear_of_the_name_and_inside_the_line_of_their_check(browser, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(full_page(), "utf-8")
    crossing = """[...document.querySelectorAll('details.check > summary')].filter(s => {
      const name = s.querySelector('.soft').getClientRects();
      const last = name[name.length - 1], points = s.querySelector('.number');
      const box = points.getBoundingClientRect();
      return box.bottom > s.getBoundingClientRect().bottom ||
        (box.top < last.bottom - 4 && box.left < last.right + 8);
    }).length"""
    for width in range(300, 420, 6):  # some of them leave the points just no room
        browser.look(width=width)
        browser.open(path)
        assert browser.evaluate(crossing) == 0, width


@needs_browser
def test_print_opens_what_is_folded(browser, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(full_page(), "utf-8")
    folded = (
        "[...document.querySelectorAll('details:not([open])')].filter(d => "
        "d.getBoundingClientRect().height < d.firstElementChild.offsetHeight + 10).length"
    )
    browser.look()
    browser.open(path)
    assert browser.evaluate(folded) > 5
    browser.look(media="print")
    assert browser.evaluate(folded) == 0


# ---------------------------------------------------------------- through nbgrader


@pytest.mark.slow
def test_nbgrader_writes_our_page_and_its_exchange_hands_it_out(tmp_path):
    from nbgrader.api import Gradebook
    from nbgrader.utils import notebook_hash

    from grader.classroom import make_class, write_submission
    from grader.coursedir import environment_on_path, must, open_course
    from grader.release import make_course

    make_course(tmp_path / "course")
    root = tmp_path / "course"
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    with environment_on_path():
        api = open_course(root)
        must(api.generate_assignment(UNIT), "release")
        for unit in unit_names():  # make_class fills in all of them
            released = root / "release" / unit / f"{unit}.ipynb"
            if not released.exists():
                released.parent.mkdir(exist_ok=True)
                shutil.copy(HERE.parent / "release" / unit / released.name, released)
        one = next(
            s for s in make_class(root / "release") if s.unit == UNIT and s.student == "bela"
        )
        one.notebook.cells.append(new_markdown_cell("<script>alert(1)</script>my notes"))
        folder = write_submission(root, one).parent
        (folder / "submission_secret.txt").write_text("s3cret")
        (folder / "answers.txt").write_text("not to travel")
        must(api.autograde(UNIT, "bela"), "autograde")
        with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
            book.find_grade("mul-layer-hidden", UNIT, UNIT, "bela").manual_score = 1.25
            book.find_comment("mul-layer", UNIT, UNIT, "bela").manual_comment = "see me <b>"
            book.db.commit()
        must(api.generate_feedback(UNIT), "feedback")
    written = root / "feedback" / "bela" / UNIT / f"{UNIT}.html"
    assert {p.name for p in written.parent.iterdir()} == {
        written.name,
        "timestamp.txt",
        "submission_secret.txt",
    }
    source = written.read_text("utf-8")
    assert "see me &lt;b&gt;" in source
    assert "points given by hand" in source
    assert "<script" not in source
    assert "my notes" in source
    assert "The course so far" in (root / "feedback" / "bela" / "course.html").read_text("utf-8")
    exchange = tmp_path / "exchange"
    (exchange / "backprop" / "feedback").mkdir(parents=True)
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "release_feedback", UNIT, f"--Exchange.root={exchange}"],
        cwd=root, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    name = notebook_hash(secret="s3cret", notebook_id=UNIT)
    assert (exchange / "backprop" / "feedback" / f"{name}.html").read_text("utf-8") == source


def test_a_hint_that_goes_on_is_one_hint(capsys):
    """What `course.check` wraps is put together again, and no part of it becomes a reason."""
    from course.check import Check

    hint = "how far does the output move when one of the two inputs moves " * 3
    check = Check("mul-layer", points=1)
    check.part("dx", hint=hint.strip())(lambda: check.value("dx", 1.0, 3.0))
    check.score()
    (part,) = feedback.parts(capsys.readouterr().out, hidden=False)
    assert part.hint == hint.strip()
    assert part.reason == "dx is not right"

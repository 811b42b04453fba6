"""What all widgets share: lazy names, the still picture, the three outputs, the browser's helpers."""

from __future__ import annotations

import base64
import importlib
import io
import json
import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import traitlets
from PIL import Image

from course import figures, widgets
from course.figures._any_graph import shown
from course.widgets import _strip
from course.widgets._widget import VIEW, Widget

ROOT = Path(__file__).resolve().parents[1]
node = pytest.mark.skipif(shutil.which("node") is None, reason="no node on this machine")


class Example(Widget):
    """Two pictures and a sentence."""

    _esm = "export default { render() {} }"

    def strip(self):
        picture = figures.apple_graph(backward=True).element()
        return [(picture, "Forward, 2 apples"), (picture, "and < backward.")]

    def text(self):
        return "A < B.\nThe total is 220."


def browser_says(script: str, *args):
    """Return what a function of `shared.mjs` gives for each of ``args``, run by node."""
    code = f"{(ROOT / 'course/widgets/shared.mjs').read_text('utf-8')}\nconst f = {script};\n"
    code += f"console.log(JSON.stringify({json.dumps(args)}.map((a) => f(...a))));"
    run = subprocess.run(
        ["node", "--input-type=module", "-"],
        input=code, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return json.loads(run.stdout)


# -- the package


def test_the_names_are_the_contract_with_the_notebooks():
    assert set(widgets.__all__) == {
        "activation_explorer", "bug_clinic", "gear_train", "gradient_check_map", "graph_stepper",
        "logit_explorer", "node_bench", "path_sum", "shape_puzzle", "training_dashboard",
    }  # fmt: skip


@pytest.mark.parametrize("name", widgets.__all__)
def test_each_name_leads_to_a_documented_function(name):
    make = getattr(widgets, name)
    assert callable(make)
    assert make.__doc__.strip().endswith((".", "```")) or len(make.__doc__) > 40


def test_an_unknown_name_is_named():
    with pytest.raises(AttributeError, match="no attribute 'gear_trian'"):
        widgets.gear_trian  # noqa: B018


def test_the_import_is_light():
    code = "import sys; from course import widgets; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert "course.widgets" in run.stdout.split()
    assert not {"ipywidgets", "anywidget", "numpy"} & set(run.stdout.split())


def widget_classes():
    """Return every kind of widget."""
    for home in set(widgets._HOMES.values()):
        importlib.import_module(f"course.widgets.{home}")

    def below(cls):
        for sub in cls.__subclasses__():
            if sub.__module__.startswith("course."):
                yield sub
            yield from below(sub)

    return sorted(below(Widget), key=lambda c: c.__name__)


@node
@pytest.mark.parametrize("cls", widget_classes(), ids=lambda c: c.__name__)
def test_each_module_of_the_browser_is_whole(cls, tmp_path):
    """Helpers and the widget's own file are one module: no name may be declared twice."""
    path = tmp_path / "widget.mjs"
    path.write_text(str(cls._esm), encoding="utf-8")
    run = subprocess.run(["node", "--check", path], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert str(cls._esm).count("\nexport default") == 1
    # a comment may name an address; a module may load nothing
    assert not re.search(r"\bimport\s*[({\"']|\bfetch\(", str(cls._esm))


@pytest.mark.parametrize("cls", widget_classes(), ids=lambda c: c.__name__)
def test_each_text_of_the_browser_is_there(cls):
    """What a module asks of ``words`` by a fixed key is in WORDS or in the common words."""
    from course.widgets._words import COMMON

    asked = set(re.findall(r"\bwords\.(\w+)", str(cls._esm)))
    asked |= set(re.findall(r"\bwords\[\"([^\"]+)\"\]", str(cls._esm)))
    assert asked <= {*COMMON, *cls.WORDS}, sorted(asked - {*COMMON, *cls.WORDS})
    assert all(isinstance(w, str) and w for w in cls.WORDS.values())


def test_words_are_looked_up_when_a_widget_is_made(monkeypatch):
    from course.widgets import _words

    class Greeting(Example):
        WORDS = {"hello": "Hello"}  # noqa: RUF012

    monkeypatch.setattr(_words, "_", {"Hello": "你好"}.get)
    monkeypatch.setattr(_words, "COMMON", {})
    assert Greeting(title="T").words["hello"] == "你好"


# -- the still picture


def image(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


def test_the_flat_style_holds_what_a_plain_renderer_knows():
    style = _strip.flat_style()
    assert not re.search(r"var\(|color-mix|@supports|currentColor", style)
    for rule in (".cf .node", ".cf text.v", ".cf .line.g"):
        assert rule in style


def test_the_pictures_stand_side_by_side_on_white():
    one = image(_strip.png(Example(title="T").strip()[:1]))
    two = image(Example(title="T").still())
    assert two.width > 1.9 * one.width
    assert two.width <= 1000 * _strip.ZOOM
    for picture in (one, two):
        assert picture.getpixel((0, 0)) == (255, 255, 255)
    colours = {c for _, c in two.getcolors(1 << 20)}
    for key in ("c0", "c1"):
        colour = _strip._on_paper(figures._picture.PALETTE[key])
        assert tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5)) in colours


def test_wide_pictures_shrink_rather_than_grow_the_page():
    wide = '<svg viewBox="0 0 2400 40"><path class="line v" d="M0 20H2400"/></svg>'
    picture = image(_strip.png([(wide, "A long line"), (wide, "Another")]))
    assert picture.width == 1000 * _strip.ZOOM
    assert picture.height < 300 * _strip.ZOOM


def test_captions_stay_within_their_cells():
    words = "A caption that is much longer than the picture above it is wide, by far"
    for line in _strip.wrapped(words, 200, 15):
        assert _strip._text.extent(line, 15)[0] <= 200
    assert " ".join(_strip.wrapped(words, 200, 15)) == words
    lines = _strip.wrapped("正向传播从左到右，反向传播从右到左；上游乘以 dout，完。", 80, 15)
    assert lines[0] == "正向传播从"
    assert len(lines) > 4
    assert not any(line[0] in "，；。" for line in lines)


def test_a_frame_without_a_view_box_is_refused():
    with pytest.raises(ValueError, match="viewBox"):
        _strip.png([("<svg><g/></svg>", "x")])


# -- the outputs


@pytest.fixture
def published(monkeypatch):
    said = []
    monkeypatch.setattr(
        "IPython.display.publish_display_data",
        lambda data, metadata=None: said.append((data, metadata or {})),
    )
    return said


def test_a_widget_displays_as_live_view_picture_and_words(published):
    widget = Example(title="Two apples")
    widget._ipython_display_()
    (live, _), (still, size), (note, _) = published
    assert live == {VIEW: live[VIEW], "text/plain": "Two apples"}
    assert live[VIEW]["model_id"] == widget.model_id
    assert still["text/plain"] == widget.text()
    picture = image(base64.b64decode(still["image/png"]))
    assert size["image/png"]["width"] == picture.width // 2
    assert "<p>A &lt; B.</p><p>The total is 220.</p>" in note["text/html"]
    assert "A &lt; B" not in note["text/plain"]


def test_without_a_chinese_font_words_stand_in_place_of_empty_boxes(published, monkeypatch):
    class InChinese(Example):
        def strip(self):
            return [(figures.apple_graph().element(), "正向传播")]

    monkeypatch.setattr(_strip, "_a_chinese_font", lambda: None)
    InChinese(title="两个苹果")._ipython_display_()
    (live, _), (still, _), (note, _) = published
    assert VIEW in live
    assert still == {"text/plain": Example(title="").text()}
    assert "picture shows" not in note["text/html"]
    Example(title="Two apples")._ipython_display_()  # no Chinese, no need
    assert "image/png" in published[4][0]


def test_only_plain_data_is_synced():
    class Odd(Example):
        xs = traitlets.List().tag(sync=True)

    state = Odd(title="T", xs=[1, 2.5, {"a": None}]).get_state()
    assert json.loads(json.dumps({k: v for k, v in state.items() if k != "layout"}))["xs"]


# -- the helpers of the browser


@node
def test_numbers_are_written_as_in_the_pictures():
    rng = random.Random(1)
    xs = [rng.gauss(0, 1) * 10 ** rng.randint(-9, 12) for _ in range(2000)]
    xs += [0, 0.5, 1, -1, 1e7, 99999.4, 9999.96, 0.00012345, 1e-5, 2.25, 1e16, 715.0000000000001]
    assert browser_says("fmt", *([x] for x in xs)) == [shown(x) for x in xs]


@node
def test_a_student_s_number_may_be_a_fraction_or_a_product():
    typed = ["2/3", " 1 / 2", "-2e-3", "2*1.1", "0,5", "−3", ".5", "5.", "+4", "2×110", "1/2/2"]
    values = [2 / 3, 0.5, -0.002, 2.2, 0.5, -3, 0.5, 5, 4, 220, 0.25]
    assert browser_says("parse_number", *([t] for t in typed)) == pytest.approx(values)
    # JSON has no NaN: null
    nonsense = ["", "x", "1//2", "alert(1)", "2+", "x 1", "--1", "1,000,000"]
    assert browser_says("parse_number", *([t] for t in nonsense)) == [None] * len(nonsense)


@node
def test_one_per_cent_off_is_right_and_two_are_not():
    pairs = [(2.2, 2.2), (2.21, 2.2), (2.25, 2.2), (-2.2, 2.2), (0, 0), (0.01, 0), (66.7, 200 / 3)]
    right = [True, True, False, False, True, False, True]
    assert browser_says("is_close", *pairs) == right


@node
def test_gaps_are_filled_by_name():
    got = browser_says("filled", ("{a} x {b} {c}", {"a": 2, "b": "$&"}))
    assert got == ["2 x $& {c}"]


# -- a notebook without a browser

NOTEBOOK = """from course import widgets
widgets.graph_stepper(
    {"z": ("*", ("x", "y"))}, {"x": 2, "y": 3}, title="A product")"""


@pytest.fixture(scope="module")
def executed():
    """A notebook with one widget, run by nbclient as nbgrader runs it."""
    import nbclient

    cells = [nbformat.v4.new_code_cell(NOTEBOOK), nbformat.v4.new_code_cell("print('went on')")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(notebook, timeout=120, store_widget_state=False).execute()
    return notebook


@pytest.mark.slow
def test_a_run_without_a_browser_does_not_crash_and_stores_no_state(executed):
    _live, still, note = executed.cells[0].outputs
    assert "image/png" in still.data
    assert "text/html" in note.data
    assert executed.cells[1].outputs[0].text == "went on\n"
    assert "widgets" not in executed.metadata


@pytest.mark.slow
def test_html_by_nbconvert_shows_the_picture_and_the_words(executed):
    from nbconvert import HTMLExporter

    html, _ = HTMLExporter().from_notebook_node(executed)
    assert html.count('src="data:image/png;base64') == 1
    assert "Forward, z: 2 × 3 = 6." in html
    assert "A product" in html
    assert "model not found" not in html


@pytest.mark.slow
def test_the_feedback_page_shows_the_picture(executed):
    from grader.feedback import _Outputs

    kinds = [shown["kind"] for shown in _Outputs().show(executed.cells[0])]
    assert kinds == ["text", "image", "html"]
    title, picture, words = _Outputs().show(executed.cells[0])
    assert title["text"] == "A product"
    assert picture["url"].startswith("data:image/png;base64,")
    assert "Forward, z: 2 × 3 = 6." in words["html"]
    assert "display:none" not in words["html"]


def test_in_a_graded_run_one_calm_line_stands_in_its_place(monkeypatch):
    monkeypatch.setenv("COURSE_GRADED", "1")
    for name in widgets.__all__:
        shown = getattr(widgets, name)({"z": ("*", ("x", "y"))}, anything="at all")
        assert repr(shown) == shown.text() == "A widget is not drawn while a notebook is graded."
    code = "import sys; from course import widgets; widgets.bug_clinic(); print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT,
        env=os.environ | {"COURSE_GRADED": "1"},
    )  # fmt: skip
    assert not {"ipywidgets", "anywidget", "course._engine"} & set(run.stdout.split())

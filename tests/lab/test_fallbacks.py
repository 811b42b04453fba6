"""Where no kernel knows a widget any more, its still picture stands there, and no error.

One notebook holds every widget. It is run and saved by JupyterLab; then it is read in each of the
ways in which someone meets a notebook later.
"""

from __future__ import annotations

import base64
import html
import json
import re
from io import BytesIO

import nbformat
import nbformat.sign
import numpy as np
import pytest
from handed_in import code_with, graded_notebook
from PIL import Image

from grader import grading
from grader.feedback import page
from grader.grading import result_of
from grader.sandbox import available
from grader.units import load_unit
from grader.verdict import Examiner
from lab.calls import CALLS, cell

each_widget = pytest.mark.parametrize("name", CALLS)
UNIT = "03-add-mul-nodes"
MINE = "# a cell of my own\n"  # a demo cell as it was handed out is not the student's
BAD = re.compile(r"model not found|Error displaying|Error creating|Loading widget|Traceback", re.I)

# What a reader sees of an output area: words and pictures that are not hidden.
SEEN = """area => ({
  text: area.innerText,
  folded: area.textContent,
  pictures: [...area.querySelectorAll('img')].filter(i => i.checkVisibility() && i.naturalWidth > 1)
    .map(i => i.alt),
  widgets: [...area.querySelectorAll('.course-widget')].filter(w => w.checkVisibility()).length,
})"""


def seen(areas) -> dict[str, dict]:
    """Return what a reader sees below each cell, by the widget's name."""
    assert areas.count() == len(CALLS)
    found = {}
    for i, name in enumerate(CALLS):
        areas.nth(i).scroll_into_view_if_needed()
        found[name] = areas.nth(i).evaluate(SEEN)
    return found


def words_of(saved, name: str) -> list[str]:
    """Return the lines of a widget's printed equivalent, as they were saved."""
    [still] = [o for o in saved.cells[list(CALLS).index(name)].outputs if "image/png" in o.data]
    return [line for line in still.data["text/plain"].splitlines() if line.strip()]


def missing(words: list[str], page: str) -> list[str]:
    """Return those lines that a page does not have; spaces apart."""
    page = "".join(html.unescape(page).split())
    return [line for line in words if "".join(line.split()) not in page]


def is_still_picture(shown: dict) -> bool:
    """Say whether there is one picture with words of its own, no live view and no error."""
    return len(shown["pictures"]) == 1 and not shown["widgets"] and not BAD.search(shown["text"])


@pytest.fixture(scope="module")
def run_once(lab):
    """What was seen while the widgets ran, and the notebook as JupyterLab saved it."""
    opened = lab.open(*(cell(name) for name in CALLS))
    for i in range(len(CALLS)):
        # one that fails shows it in a test of its own
        opened.cell(i).locator(".course-widget, [data-mime-type$=stderr]").first.wait_for()
    return seen(opened.panel.locator(".jp-Cell-outputArea")), opened.save()


@pytest.fixture(scope="module")
def live(run_once):
    return run_once[0]


@pytest.fixture(scope="module")
def saved(run_once):
    return run_once[1]


@pytest.fixture(scope="module", params=["trusted", "untrusted"])
def reopened(request, lab, saved):
    """What is seen in JupyterLab with a new kernel, in one's own notebook and in a friend's."""
    notebook = nbformat.from_dict(saved)
    if request.param == "untrusted":  # the server has never signed this one
        notebook.metadata["friend"] = True
    path = f"{request.param}.ipynb"
    if request.param == "trusted":
        nbformat.sign.NotebookNotary(data_dir=str(lab.folder / "data")).sign(notebook)
    nbformat.write(notebook, lab.files / path)
    opened = lab.open(path=path, run=False)
    opened.page.wait_for_function(
        "n => [...document.querySelectorAll('.jp-OutputArea img')]"
        ".filter(i => i.complete).length >= n",
        arg=sum("image/png" in o.get("data", ()) for c in notebook.cells for o in c.outputs),
    )
    # each live view has been given up
    opened.page.wait_for_function(
        "![...document.querySelectorAll('.jp-OutputArea-output')]"
        ".some(o => o.textContent.startsWith('Loading widget'))"
    )
    trusted = opened.page.evaluate(
        "[...jupyterapp.shell.currentWidget.content.widgets].every(c => c.model.trusted)"
    )
    assert trusted == (request.param == "trusted")
    return seen(opened.panel.locator(".jp-Cell-outputArea"))


# ---------------------------------------------------------------- what is stored


@each_widget
def test_while_it_runs_the_live_view_alone_is_seen(live, name):
    assert live[name]["widgets"] == 1
    assert live[name]["pictures"] == []
    assert not BAD.search(live[name]["text"])


def test_no_state_of_a_widget_is_stored(saved):
    assert "widgets" not in saved.metadata
    assert "widget-state" not in json.dumps(saved)


@each_widget
def test_the_saved_outputs_hold_a_picture_and_its_words(saved, name):
    outputs = saved.cells[list(CALLS).index(name)].outputs
    assert [o.output_type for o in outputs if o.output_type in ("error", "stream")] == []
    [still] = [o for o in outputs if "image/png" in o.data]
    words = still.data["text/plain"]
    assert len(re.findall(r"[.:?]\s|[.:?]$", words)) >= 3, "sentences"
    assert re.search(r"\d", words), "and numbers"
    assert len(still.metadata["image/png"]["alt"]) > 60
    with Image.open(BytesIO(base64.b64decode(still.data["image/png"]))) as image:
        assert image.width <= 2000
        assert still.metadata["image/png"]["width"] <= 1000
        paper = np.asarray(image.convert("RGB"))
    assert (paper[:8] == 255).all(), "white paper, with a margin"
    assert 0.01 < (paper < 250).any(axis=2).mean() < 0.9, "something is drawn on it"
    assert len(json.dumps(outputs)) < 500_000


# ---------------------------------------------------------------- where it is read


@each_widget
def test_a_notebook_opened_again_shows_the_still_picture(reopened, saved, name):
    assert is_still_picture(reopened[name]), reopened[name]
    assert "Run the cell" in reopened[name]["text"]
    # JupyterLab gives no picture an alternative text: the words stand beside it
    assert missing(words_of(saved, name), reopened[name]["folded"]) == []


@pytest.fixture(scope="module")
def converted(lab, saved, tmp_path_factory):
    """What is seen in the page that nbconvert makes."""
    from nbconvert import HTMLExporter

    path = tmp_path_factory.mktemp("html") / "widgets.html"
    path.write_text(HTMLExporter().from_notebook_node(saved)[0], encoding="utf-8")
    tab = lab.context.new_page()
    # formulas and old widgets' code would come from the network: it does without
    tab.route(re.compile("^https?:"), lambda route: route.abort())
    tab.goto(path.as_uri(), wait_until="domcontentloaded")
    yield seen(tab.locator(".jp-Cell-outputWrapper"))
    tab.close()


@each_widget
def test_nbconvert_shows_the_still_picture(converted, saved, name):
    assert is_still_picture(converted[name]), converted[name]
    assert missing(words_of(saved, name), converted[name]["folded"]) == []


@each_widget
def test_the_feedback_page_shows_the_still_picture(saved, name):
    """Outputs of a cell of the student's own, as they were stored."""
    outputs = saved.cells[list(CALLS).index(name)].outputs
    notebook = graded_notebook(UNIT, own=[code_with(outputs, MINE + cell(name))])
    made = page(result_of(notebook, load_unit(UNIT)), notebook)
    own = made.split('<div class="own">')[1].split("<section")[0]
    assert own.count("<img ") == 1
    assert re.search(r'<img [^>]*alt="picture: [^"]{60,}', own)
    assert missing(words_of(saved, name), own) == []
    assert not BAD.search(own)


@pytest.fixture(scope="module")
def graded():
    """The feedback on a submission that shows each widget in a cell of the student's own."""
    if available() is not None:
        pytest.skip(available())
    unit = load_unit(UNIT)
    notebook = nbformat.from_dict(
        graded_notebook(UNIT, own=[code_with([], MINE + cell(n)) for n in CALLS])
    )
    with Examiner() as examiner:
        result, executed = grading.examine(
            notebook, unit, "widgets.ipynb", examiner, grading.graded_cells(unit)
        )
    assert result.score == result.max
    cells = page(result, executed).split('<div class="own">')[1:]
    return {n: c.split("<section")[0] for n, c in zip(CALLS, cells, strict=True)}


@each_widget
def test_a_graded_run_shows_no_error(graded, name):
    """Of a cell that the student added: no kernel is there, and no engine."""
    assert 'class="output error"' not in graded[name]
    assert not BAD.search(graded[name])
    assert "<img " in graded[name] or "is not drawn while" in graded[name]

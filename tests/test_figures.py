"""The pictures: whole, readable without eyes, in the page's colours, nothing on top of anything."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest
from render_pictures import _chromium, browser, public_pictures

from course import figures
from course.figures._any_graph import graph_picture, shown
from course.figures._layout import layout, ranks
from course.figures._picture import _SHARE, PALETTE
from course.figures._svg import Canvas

ROOT = Path(__file__).resolve().parents[1]
PICTURES = public_pictures()
WORDS = {"title": "A graph", "alt": "A graph.", "caption": "A graph."}
each = pytest.mark.parametrize("name", PICTURES)


def parsed(html: str) -> Element:
    """Return the figure of a picture's markup, its tags without their namespace."""
    figure = fromstring(html)
    for e in figure.iter():
        e.tag = e.tag.rpartition("}")[2]
    return figure


def svgs(html: str) -> list[Element]:
    """Return the drawings that carry meaning."""
    found = [e for e in parsed(html).iter("svg") if e.get("aria-hidden") != "true"]
    assert found
    return found


def canvases(picture: figures.Picture) -> list[Canvas]:
    return [p.canvas for p in picture.panels if isinstance(p.canvas, Canvas)]


def test_the_public_names_are_the_contract_with_the_notebooks():
    assert set(figures.__all__) == {
        "Picture", "activation_curves", "affine_graph", "apple_graph", "backprop_add",
        "backprop_mul", "chain_rule_1", "chain_rule_2", "chain_rule_3", "fruit_graph",
        "graph_picture", "local_node", "path_sum", "plot", "relu_node", "sigmoid_graph",
        "sigmoid_node", "softmax_with_loss_graph", "subplots", "training_loop",
        "two_layer_net_graph",
    }  # fmt: skip


# -- what a reader gets who cannot see


@each
def test_it_has_title_description_and_caption(name):
    picture = PICTURES[name]
    figure = parsed(picture._repr_html_())
    assert figure.tag == "figure"
    caption = figure.find("figcaption").text
    assert caption == picture.caption
    assert caption.endswith((".", "?"))
    assert "\n" not in caption
    assert len(caption) < 140
    drawings = svgs(picture._repr_html_())
    assert len(drawings) == len(picture.panels)
    for svg in drawings:
        title, desc = list(svg)[:2]
        assert (title.tag, desc.tag) == ("title", "desc")
        assert title.text.strip()
        assert len(desc.text) > len(title.text)
        assert svg.get("role") == "img"
        assert svg.get("aria-labelledby").split() == [title.get("id"), desc.get("id")]


@each
def test_the_words_name_every_number_of_the_drawing(name):
    if name in ("activation_curves", "plot", "graph_picture"):
        pytest.skip("the numbers are ticks of an axis, or an example's")
    picture = PICTURES[name]
    said = set(re.findall(r"\d+(?:\.\d+)?", picture.alt.replace("²", "2")))
    for svg in svgs(picture._repr_html_()):
        for text in svg.iter("text"):
            drawn = "".join(text.itertext())
            assert set(re.findall(r"\d+(?:\.\d+)?", drawn)) <= said, drawn


def test_without_html_title_and_alt_text_are_shown():
    picture = figures.apple_graph()
    bundle = picture._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}
    assert bundle["text/plain"] == f"{picture.title}\n{picture.alt}"


@pytest.mark.parametrize("missing", ["title", "alt", "caption"])
def test_a_picture_without_words_is_refused(missing):
    with pytest.raises(ValueError, match=missing):
        graph_picture({"z": ("+", ("x", "y"))}, **WORDS | {missing: " "})


# -- what a page gets


def test_ids_on_one_page_differ_even_if_a_picture_is_shown_twice():
    page = "".join(p._repr_html_() for _ in range(2) for p in public_pictures().values())
    ids = re.findall(r'\bid="([^"]*)"', page)
    assert len(ids) > 80
    assert len(ids) == len(set(ids))
    for reference in re.findall(r'(?:href="#|url\(#)([^")]*)', page):
        assert reference in ids


@each
def test_it_needs_no_script_and_no_other_file(name):
    html = PICTURES[name]._repr_html_()
    assert "<script" not in html
    assert not re.search(r"\son\w+=", html)
    assert not re.search(r"@import|@font-face", html)
    for link in re.findall(r'(?:href|src)="([^"]*)"', html) + re.findall(r"url\(([^)]*)\)", html):
        assert link.startswith(("#", "data:image/png;base64,")), link
    assert set(re.findall(r"https?://[^\"'<> ]*", html)) <= {"http://www.w3.org/2000/svg"}


@each
def test_it_has_no_colour_of_its_own_but_the_palette(name):
    html = re.sub(r'href="data:[^"]*"', "", PICTURES[name]._repr_html_())
    html = html.replace("color-mix(in srgb,red,blue)", "")  # asks if the browser can mix
    assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b(?!\")", html)) <= set(PALETTE.values())
    assert not re.search(r"\b(black|white|rgba?\()", re.sub(r"<(desc|title).*?</\1>", "", html))
    assert "currentColor" in html


def mixed(colour: str, ink: str) -> list[float]:
    pair = [[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in (colour, ink)]
    return [(a * _SHARE + b * (100 - _SHARE)) / 100 for a, b in zip(*pair, strict=True)]


def contrast(a: list[float], b: list[float]) -> float:
    def luminance(rgb: list[float]) -> float:
        linear = [((c / 255 + 0.055) / 1.055) ** 2.4 if c > 10 else c / 3294.6 for c in rgb]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("ink", "paper"), [("#212121", "#ffffff"), ("#e0e0e0", "#111111")])
@pytest.mark.parametrize("colour", PALETTE.values())
def test_the_palette_can_be_read_on_light_and_on_dark(colour, ink, paper):
    assert contrast(mixed(colour, ink), mixed(paper, paper)) >= 4.5


def test_gradients_differ_from_values_in_more_than_colour():
    html = figures.apple_graph(backward=True)._repr_html_()
    assert re.search(r"\.line\.g\{[^}]*stroke-dasharray", html)
    assert not re.search(r"\.line\.v\{[^}]*stroke-dasharray", html)
    assert html.count('class="open g"') == 6  # an arrow for each gradient, one in the key
    assert html.count('class="head v"') == 6
    assert 'class="open' not in figures.apple_graph()._repr_html_()


# -- what an eye gets


def overlaps(canvas: Canvas) -> list[str]:
    """Return what lies on top of what."""
    found = []
    for a, b in combinations(canvas.nodes, 2):
        if a.overlaps(b):
            found.append(f"nodes {a} {b}")
    for a, b in combinations(canvas.labels, 2):
        if a.overlaps(b, 1.5):
            found.append(f"labels {a} {b}")
    for label in canvas.labels:
        inner = label.grown(-1.5)
        for node in canvas.nodes:
            inside = node.left < label.left < label.right < node.right
            if label.overlaps(node, 1.5) and not inside:
                found.append(f"label {label} and node {node}")
        for line in canvas.lines:
            for (x0, y0), (x1, y1) in pairwise(line):
                for k in range(65):
                    x, y = x0 + (x1 - x0) * k / 64, y0 + (y1 - y0) * k / 64
                    if inner.left < x < inner.right and inner.top < y < inner.bottom:
                        found.append(f"label {label} and line {line}")
                        break
    for node in canvas.nodes:
        core = node.grown(-8)
        for line in canvas.lines:
            for (x0, y0), (x1, y1) in pairwise(line):
                for k in range(65):
                    x, y = x0 + (x1 - x0) * k / 64, y0 + (y1 - y0) * k / 64
                    if core.left < x < core.right and core.top < y < core.bottom:
                        found.append(f"node {node} and line {line}")
                        break
    return found


@each
def test_nothing_covers_anything(name):
    for canvas in canvases(PICTURES[name]):
        assert overlaps(canvas) == []


def test_the_overlap_test_has_teeth():
    canvas = Canvas()
    canvas.circle(0, 0, 20, "+")
    canvas.label("long label", 20, 4)
    canvas.forward([(-90, 2), (90, 2)])
    assert len(overlaps(canvas)) == 3


@each
def test_nothing_is_cut(name):
    for svg, canvas in zip(
        svgs(PICTURES[name]._repr_html_()), canvases(PICTURES[name]), strict=False
    ):
        left, top, width, height = map(float, svg.get("viewBox").split())
        for box in canvas.nodes + canvas.labels + canvas.inked:
            assert left <= box.left < box.right <= left + width
            assert top <= box.top < box.bottom <= top + height


def crosses(a, b) -> bool:
    """Say whether two segments cross at a point inside both."""
    (p, q), (r, s) = a, b

    def side(o, u, v) -> float:
        return (u[0] - o[0]) * (v[1] - o[1]) - (u[1] - o[1]) * (v[0] - o[0])

    return side(p, q, r) * side(p, q, s) < -1 and side(r, s, p) * side(r, s, q) < -1


@each
def test_no_two_arrows_cross(name):
    for canvas in canvases(PICTURES[name]):
        if name in ("path_sum", "graph_picture"):
            pytest.skip("at a fork the gradients' arrows cross behind the dot")
        for one, two in combinations(canvas.lines, 2):
            assert not any(crosses(a, b) for a in pairwise(one) for b in pairwise(two))


@each
def test_it_can_be_read_on_a_phone(name):
    """360 pixels hold the picture with letters of at least 8 pixels, or nearly: it scrolls."""
    for svg in svgs(PICTURES[name]._repr_html_()):
        style = svg.get("style")
        assert "max-width:100%" in style
        assert "height:auto" in style
        least = float(re.search(r"min-width:(\d+)px", style)[1])
        assert least <= 400
        if name != "plot":
            sizes = [float(t.get("font-size")) for t in svg.iter("text")]
            assert min(sizes) * max(least, min(360, float(svg.get("width")))) / float(
                svg.get("width")
            ) >= (7 if name == "activation_curves" else 6.5)


# -- any graph


def random_graph(rng: random.Random) -> dict:
    nodes: dict = {}
    names = [f"x{i}" for i in range(rng.randint(1, 5))]
    for i in range(rng.randint(1, 9)):
        op = rng.choice(["+", "*", "/", "-", "exp", "square", "log", "sin"])
        near = names[-rng.randint(1, len(names)) :]
        inputs = tuple(rng.choice(near) for _ in range(2 if op in "+*/-" else 1))
        name = rng.choice(["n", "subtotal", "a_long_name"]) + str(i)
        nodes[name] = (op, inputs)
        names.append(name)
    return nodes


@pytest.mark.parametrize("seed", range(200))
def test_a_random_graph_is_drawn_without_overlap(seed):
    rng = random.Random(seed)
    graph = random_graph(rng)
    names = {*graph, *(i for _, inputs in graph.values() for i in inputs)}
    values = {n: rng.uniform(-1e4, 1e4) for n in sorted(names)} if seed % 3 else {}
    grads = {n: rng.uniform(-2, 2) for n in sorted(names)} if seed % 2 else {}
    (canvas,) = canvases(graph_picture(graph, values, grads, **WORDS))
    assert len(canvas.nodes) == len(graph)
    assert overlaps(canvas) == []


def line_crossings(place, inputs) -> int:
    lines = [
        (place.rank[a], place.y[a], place.y[b])
        for target, sources in inputs.items()
        for source in dict.fromkeys(sources)
        for a, b in pairwise(place.route(source, target))
    ]
    return sum(
        r == s and (a - c) * (b - d) < -1e-6 for (r, a, b), (s, c, d) in combinations(lines, 2)
    )


@pytest.mark.parametrize("seed", range(60))
def test_a_tree_is_drawn_without_crossing_and_long_lines_are_level(seed):
    rng = random.Random(seed)
    inputs: dict = {f"leaf{i}": () for i in range(rng.randint(2, 9))}
    loose = list(inputs)
    rng.shuffle(loose)
    while len(loose) > 1:
        pair = (loose.pop(rng.randrange(len(loose))), loose.pop(rng.randrange(len(loose))))
        inputs[f"n{len(inputs)}"] = pair
        loose.append(f"n{len(inputs) - 1}")
    place = layout(inputs, dict.fromkeys(inputs, 20), dict.fromkeys(inputs, 20))
    assert line_crossings(place, inputs) == 0
    for target, sources in inputs.items():
        for source in sources:
            dummies = place.route(source, target)[1:-1]
            heights = [place.y[d] for d in dummies]
            assert max(heights, default=0) - min(heights, default=0) < 1e-6


def test_a_crossing_that_can_be_avoided_is_avoided():
    inputs = {"x": (), "k": (), "a": ("x",), "b": ("k",), "c": ("a", "b"), "z": ("c", "x")}
    place = layout(inputs, {}, {})
    assert line_crossings(place, inputs) == 0


def test_inputs_stand_in_their_order_from_top_to_bottom():
    inputs = {"a": (), "b": (), "c": (), "d": ("a", "b"), "e": ("d", "c")}
    place = layout(inputs, {}, {})
    assert place.y["a"] < place.y["b"] < place.y["c"]
    assert place.y["a"] < place.y["d"] < place.y["b"]


def test_a_cycle_is_named():
    with pytest.raises(ValueError, match=r"cycle through .*'a', 'b'"):
        graph_picture({"a": ("exp", ("b",)), "b": ("exp", ("a",))}, **WORDS)
    with pytest.raises(ValueError, match="cycle"):
        ranks({"a": ("a",)})


def test_an_empty_graph_is_refused():
    with pytest.raises(ValueError, match="empty"):
        graph_picture({}, **WORDS)


def test_a_graph_object_serves_as_well_as_its_dict():
    from course.graph import Graph

    nodes = {"t": ("+", ("x", "y")), "z": ("square", ("t",))}
    graph = Graph(nodes)
    values = graph.forward({"x": 1, "y": 2})
    html = graph_picture(graph, values, graph.backward(values), **WORDS)._repr_html_()
    texts = {"".join(t.itertext()) for svg in svgs(html) for t in svg.iter("text")}
    assert {"1", "2", "3", "9", "6"} <= texts


def test_names_with_markup_letters_are_shown_as_they_are():
    graph = {"a$b{c": ("+", ("x^2", "under_score")), "z<&": ("exp", ("a$b{c",))}
    texts = [
        "".join(t.itertext()).replace("\u00a0", " ")
        for svg in svgs(graph_picture(graph, **WORDS)._repr_html_())
        for t in svg.iter("text")
    ]
    assert {"ab{c", "x^2", "under_score", "z<&"} <= set(texts)


@pytest.mark.parametrize(
    ("value", "text"),
    [(715.0000000000001, "715"), (0.1 + 0.2, "0.3"), (-2.5e-5, "−2.5e−05"),
     (float("nan"), "nan"), (12345.678, "12345.7"), (1e8, "1e+08"), ("free", "free")],
)  # fmt: skip
def test_numbers_are_short(value, text):
    assert shown(value) == text


def test_a_tiny_number_does_not_look_like_zero():
    assert shown(3e-12) == "3e−12"
    assert shown(0.0) == "0"


# -- plots


def small_plot(**options):
    fig, ax = figures.subplots(4, 2.5, **options)
    ax.plot([0, 1], [1, 0], label="one")
    ax.plot([0, 1], [0, 1], label="two")
    ax.axvline(0.5, color="k")
    ax.set(xlabel="$x_1$", title="A $z^2$ title")
    ax.legend()
    return figures.plot(fig, alt="Two lines.", caption="Two lines.")


def test_a_plot_takes_its_title_from_the_axes():
    assert small_plot().title == "A z^2 title"


def test_curves_of_a_plot_differ_in_more_than_colour():
    html = small_plot()._repr_html_()
    assert html.count("stroke: var(--cf-c0)") == html.count("stroke: var(--cf-c1)") > 0
    assert "stroke-dasharray" in html.partition('class="plot"')[2]


def test_a_plot_is_the_same_each_time():
    first, second = (re.sub(r"cf-plot-\d+", "", small_plot()._repr_html_()) for _ in range(2))
    assert first == second
    assert "matplotlib" not in first
    assert not re.search(r"\d{4}-\d\d-\d\dT", first)


def test_a_plot_of_pyplot_follows_the_theme_and_is_not_shown_twice():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    before = pyplot.get_fignums()
    fig, ax = pyplot.subplots()
    ax.plot([1, 2], color="black", label="a")
    ax.legend()
    html = figures.plot(fig, alt="A line.", caption="A line.")._repr_html_()
    assert pyplot.get_fignums() == before
    assert not re.search(r"#000000|#ffffff", html)


def test_black_cells_of_a_colour_map_stay_black():
    fig, ax = figures.subplots(3, 3)
    ax.pcolormesh([[0, 1], [1, 0]], cmap="gray")
    html = figures.plot(fig, alt="Four cells.", caption="Four cells.")._repr_html_()
    assert "fill: #000000" in html


def test_sizes_above_40_are_pixels():
    fig, _ = figures.subplots(480, 288)
    assert tuple(fig.get_size_inches()) == (5, 3)


# -- how it is built


def python(code: str, **environment: str) -> str:
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "tests"), **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_the_import_is_light():
    code = "import sys; from course import figures; figures.fruit_graph()._repr_html_();"
    loaded = python(code + "print(*sys.modules)").split()
    assert not {"matplotlib", "numpy", "course._switch", "course._engine"} & set(loaded)


def test_every_picture_is_drawn_in_a_graded_run_and_is_the_same_everywhere():
    code = (
        "import hashlib, render_pictures as r;"
        "print(hashlib.md5(''.join(p._repr_html_() for p in r.public_pictures().values())"
        ".encode()).hexdigest())"
    )
    assert python(code, COURSE_GRADED="1", PYTHONHASHSEED="1") == python(code, PYTHONHASHSEED="2")


def test_no_module_of_the_pictures_computes_what_an_exercise_asks_for():
    for path in (ROOT / "course" / "figures").glob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert not re.search(
            r"^\s*(import numpy|from numpy|from \.\.(?!_language))", source, re.M
        ), path.name


def test_a_file_of_its_own_follows_the_reader_s_scheme(tmp_path):
    figures.backprop_mul().write_svg(tmp_path / "a.svg")
    text = (tmp_path / "a.svg").read_text(encoding="utf-8")
    root = fromstring(text)
    assert root.tag.endswith("svg")
    assert "prefers-color-scheme" in text
    _, _, width, height = map(float, root.get("viewBox").split())
    for svg in root.findall("{http://www.w3.org/2000/svg}svg"):
        if svg.get("aria-hidden") != "true":
            assert float(svg.get("x")) + float(svg.get("width")) <= width
            assert float(svg.get("height")) < height


MEASURE = """<script>
const found = [];
for (const figure of document.querySelectorAll('[data-name]')) {
  for (const svg of figure.querySelectorAll('svg.cf')) {
    const view = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll('text')].filter(t => !t.closest('.plot'));
    const boxes = texts.map(t => t.getBoundingClientRect());
    boxes.forEach((a, i) => {
      if (a.left < view.left - 1 || a.right > view.right + 1 || a.top < view.top - 1 ||
          a.bottom > view.bottom + 4)
        found.push([figure.dataset.name, 'cut', texts[i].textContent]);
      boxes.slice(i + 1).forEach((b, j) => {
        const w = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const h = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (w > 2 && h > 7)
          found.push([figure.dataset.name, texts[i].textContent, texts[i + 1 + j].textContent, w, h]);
      });
    });
  }
}
document.body.insertAdjacentHTML('beforeend', '<pre id=found>' + JSON.stringify(found) + '</pre>');
</script>"""


@pytest.mark.slow
@pytest.mark.skipif(browser() is None, reason="no Chromium here")
def test_in_a_browser_no_text_is_cut_or_covers_another(tmp_path):
    """Line boxes of a browser hold room above and below the letters: 7 pixels may be shared."""
    body = "".join(
        f'<div data-name="{n}" style="width:900px">{p._repr_html_()}</div>'
        for n, p in PICTURES.items()
    )
    page = tmp_path / "page.html"
    page.write_text(f'<!doctype html><meta charset="utf-8">{body}{MEASURE}', encoding="utf-8")
    dom = _chromium(page, "--dump-dom", "--window-size=1000,800").decode()
    assert json.loads(re.search(r"<pre id=.found.>(.*?)</pre>", dom, re.S)[1]) == []

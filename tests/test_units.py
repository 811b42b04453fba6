"""Every unit, in this process: what right, wrong and missing answers score."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import seed_notes
from inprocess import run_unit

from grader.classroom import MISCONCEPTIONS
from grader.restore import defined_names
from grader.units import kind, load_unit, unit_names

ANSWERS = Path(__file__).parent / "answers"
UNITS = unit_names()
POINTS = {
    "01-computational-graph": 12,
    "02-chain-rule": 14,
    "03-add-mul-nodes": 16,
    "04-activations": 16,
    "05-affine-softmax": 22,
    "06-two-layer-net": 20,
}
SEED_ANSWERS = {
    "MulLayer": ("03-add-mul-nodes", "mul-layer"),
    "AddLayer": ("03-add-mul-nodes", "add-layer"),
    "Relu": ("04-activations", "relu"),
    "Sigmoid": ("04-activations", "sigmoid"),
    "Affine": ("05-affine-softmax", "affine"),
    "SoftmaxWithLoss": ("05-affine-softmax", "softmax-with-loss"),
    "TwoLayerNet": ("06-two-layer-net", "two-layer-net"),
}


def answer_files(root: Path) -> list:
    """Return the answer files under ``root`` as parameters named unit/exercise/name."""
    return [
        pytest.param(path, id=str(path.relative_to(root).with_suffix("")))
        for path in sorted(root.glob("*/*/*.py"))
    ]


def grade_file(path: Path) -> tuple[float, float, str]:
    """Return what an answer file scores of what, in its own exercise, and the printed reasons."""
    exercise, unit = path.parent.name, path.parent.parent.name
    runs = run_unit(load_unit(unit), {exercise: path.read_text("utf-8")}, only=exercise).values()
    text = "\n".join(r.text for r in runs)
    return sum(r.score for r in runs), sum(r.points for r in runs), text


def test_six_units_of_100_points():
    assert {name: load_unit(name).points for name in UNITS} == POINTS
    assert sum(POINTS.values()) == 100


@pytest.mark.parametrize("name", UNITS)
def test_reference_earns_every_point(name):
    runs = run_unit(load_unit(name))
    assert {k: r.score for k, r in runs.items()} == {k: r.points for k, r in runs.items()}


@pytest.mark.parametrize("name", UNITS)
def test_untouched_unit_earns_nothing(name):
    assert sum(r.score for r in run_unit(load_unit(name), blank=True).values()) == 0


@pytest.mark.parametrize(
    "block", [0, *(pytest.param(b, marks=pytest.mark.slow) for b in range(1, 10))]
)
@pytest.mark.parametrize("name", UNITS)
def test_no_false_alarm_in_1000_seeds(name, block):
    unit = load_unit(name)
    for seed in range(100 * block, 100 * block + 100):
        lost = {k: r.text for k, r in run_unit(unit, seed=seed).items() if r.score != r.points}
        assert not lost, f"seed {seed}"


@pytest.mark.parametrize("path", answer_files(ANSWERS))
def test_right_style_earns_full_marks(path):
    score, points, text = grade_file(path)
    assert score == points, text


@pytest.mark.parametrize("name", SEED_ANSWERS)
def test_the_notes_own_class_earns_full_marks(name):
    unit, exercise = SEED_ANSWERS[name]
    code = seed_notes.code_blocks()[name]
    runs = run_unit(load_unit(unit), {exercise: code}, only=exercise).values()
    assert sum(r.score for r in runs) == sum(r.points for r in runs) > 0, "\n".join(
        r.text for r in runs
    )


@pytest.mark.parametrize("path", answer_files(MISCONCEPTIONS))
def test_known_mistake_loses_points(path):
    score, points, _ = grade_file(path)
    assert score < points


@pytest.mark.parametrize("path", answer_files(MISCONCEPTIONS))
def test_known_mistake_is_named_and_explained(path):
    text = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    first, _, rest = text.partition("\n\n")
    assert len(first) <= 72
    assert first.endswith(".")
    assert len(rest.split()) >= 15, "two or three sentences to the student"
    assert re.search(r"unit\s+0[1-6]|exercise\s+[1-6]\.\d|\bhint|\btask\b", rest, re.I), (
        "where to look"
    )
    for twin in re.findall(r"(?m)^Same as: ([\w-]+)\.$", rest):
        assert (path.parent / f"{twin}.py").is_file()


@pytest.mark.parametrize("path", answer_files(MISCONCEPTIONS))
def test_the_section_to_look_at_exists(path):
    text = " ".join(ast.get_docstring(ast.parse(path.read_text("utf-8"))).split())
    for number, section in re.findall(
        r"unit (0[1-6]), section ['\"](.+?)['\"](?:[.,;)]| and|$)", text, re.I
    ):
        (unit,) = (u for u in UNITS if u.startswith(number))
        prose = "\n".join(c.source for c in load_unit(unit).notebook.cells)
        headings = [h.strip() for h in re.findall(r"(?m)^##+ (.*)$", prose)]
        assert any(
            h == section or h.startswith(f"{section} (") or h.startswith(f"{section}:")
            for h in headings
        )


@pytest.mark.parametrize("name", UNITS)
def test_at_least_ten_known_mistakes_a_unit(name):
    files = list((MISCONCEPTIONS / name).glob("*/*.py"))
    assert len(files) >= 10
    assert {f.parent.name for f in files} <= set(load_unit(name).answers)


@pytest.mark.parametrize("name", UNITS)
def test_a_check_states_the_points_of_its_metadata(name):
    unit = load_unit(name)
    for check_id, run in run_unit(unit).items():
        stated = re.search(
            r"Check\([^)]*?points=([\d.]+)", unit.checks[check_id].source.replace("\n", " ")
        )
        assert float(stated[1]) == run.points, check_id


@pytest.mark.parametrize("name", UNITS)
def test_visible_checks_give_about_two_fifths(name):
    unit = load_unit(name)
    hidden = sum(
        c.metadata.nbgrader.points for c in unit.checks.values() if "BEGIN HIDDEN" in c.source
    )
    assert 0.5 <= hidden / unit.points <= 0.7
    for exercise in unit.answers:
        owned = [c for i, c in unit.checks.items() if unit.exercise_of(i) == exercise]
        assert any("BEGIN HIDDEN" in c.source for c in owned), exercise
        assert any("BEGIN HIDDEN" not in c.source for c in owned), exercise


@pytest.mark.parametrize(("lang", "minutes"), [("en", "minutes"), ("zh", "分钟")])
@pytest.mark.parametrize("name", UNITS)
def test_a_unit_is_built_as_the_style_says(name, lang, minutes):
    """One title, marked prose, readable ids, short cells, hints, quizzes, no outputs."""
    both = load_unit(name).notebook.cells
    assert all(c.metadata.course.lang in ("en", "zh") for c in both if c.cell_type == "markdown")
    cells = [c for c in both if c.cell_type == "code" or c.metadata.course.lang == lang]
    prose = [c for c in cells if c.cell_type == "markdown"]
    code = [c for c in cells if c.cell_type == "code"]
    unfenced = [re.sub(r"(?s)```.*?```", "", c.source) for c in prose]
    assert sum(len(re.findall(r"(?m)^# ", text)) for text in unfenced) == 1
    assert prose[0].source.startswith("# ")
    assert minutes in prose[0].source
    assert 20 <= len(cells) <= 75
    assert all(not c.outputs and c.execution_count is None for c in code)
    ids = [c.id for c in both]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", i) for i in ids)
    assert all(not re.fullmatch(r"[0-9a-f]{8}", i) for i in ids)
    assert kind(code[0]) == "given", "first the imports, locked"
    text = "\n".join(c.source for c in prose)
    assert text.count("<details>") == text.count("</details>")
    folded = len(re.findall("<details>", text))
    assert folded >= 3 * len(load_unit(name).answers) + 3, "three hints an exercise, and quizzes"


@pytest.mark.parametrize("name", UNITS)
def test_nothing_graded_depends_on_a_demo_cell(name):
    """What a given, answer or check cell reads is not defined in a demo cell alone."""
    cells = load_unit(name).notebook.cells
    in_demos = set().union(*(defined_names(c.source) for c in cells if kind(c) == "demo"))
    elsewhere = set().union(
        *(defined_names(c.source) for c in cells if kind(c) in ("given", "answer", "check"))
    )
    for cell in cells:
        if kind(cell) in ("given", "answer", "check"):
            tree = ast.parse(cell.source)
            read = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
            local = {
                n.id
                for n in ast.walk(tree)
                if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
            } | {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
            assert not (read & in_demos) - elsewhere - local, cell.id


def test_every_bullet_of_the_notes_has_a_home():
    rows, bullets = seed_notes.where_taught(), seed_notes.bullets()
    assert [r["seed"] for r in rows] == [b[:24] for b in bullets]
    for row in rows:
        cells = {c.id: c for c in load_unit(row["unit"]).notebook.cells}
        assert row["cell"] in cells, row
        source = " ".join(cells[row["cell"]].source.lower().split())
        for word in row["words"].split("; "):
            assert word.lower() in source, f"{row['unit']} {row['cell']} does not speak of {word!r}"

"""The graph to step through: its steps, its numbers, its words, its picture; here and in a browser."""

from __future__ import annotations

import json
import math
import random
import re
import shutil
import subprocess
from xml.etree.ElementTree import fromstring

import pytest
from test_figures import overlaps, random_graph

from course.graph import Edge, Graph
from course.widgets import _graph_stepper as module
from course.widgets import graph_stepper

APPLES = {"subtotal": ("*", ("price", "n")), "total": ("*", ("subtotal", "tax"))}
BASKET = {"price": 100, "n": 2, "tax": 1.1}
FORKED = {"a": ("*", ("x", "x")), "c": ("-", ("k", "a")), "z": ("/", ("c", "x"))}


def working_graph(seed: int) -> tuple[Graph, dict[str, float]]:
    """Return a random graph and inputs for which every node has a value."""
    rng = random.Random(seed)
    while True:
        graph = Graph(random_graph(rng))
        inputs = {leaf: round(rng.uniform(-3, 3), 2) for leaf in graph.leaves}
        try:
            values = graph.forward(inputs)
        except (ArithmeticError, ValueError):
            continue
        if all(abs(v) < 1e6 for v in values.values()):
            return graph, inputs


def sentences(*args, **options) -> list[str]:
    return [f.sentence for f in graph_stepper(*args, **options).frames()]


# -- steps and numbers


@pytest.mark.parametrize("seed", range(100))
def test_the_last_step_has_what_the_engine_says(seed):
    graph, inputs = working_graph(seed)
    stepper = graph_stepper(graph, inputs, sliders=False)
    last = stepper.frames()[-1]
    values = graph.forward(inputs)
    grads, shares = graph.backward(values), graph.edge_gradients(values)
    assert last.values == pytest.approx(values)
    for name, got in last.grads.items():
        if name in grads:
            assert got == pytest.approx(grads[name]), name
    for step in stepper.plan["steps"]:
        if step["do"] == "back":
            edge = Edge(step["source"], step["node"], step["slot"])
            assert last.grads[step["wire"]] == pytest.approx(shares[edge])
    # whoever has no gradient does not reach the output
    for name in set(grads) - set(last.grads):
        assert grads[name] == 0


@pytest.mark.parametrize("seed", range(40))
def test_a_step_uses_nothing_that_is_not_there_yet(seed):
    graph, inputs = working_graph(seed)
    stepper = graph_stepper(graph, inputs, sliders=False)
    before = None
    for frame in stepper.frames():
        step = frame.step
        if step["do"] == "forward":
            assert step["node"] not in before.values
            assert set(graph.nodes[step["node"]][1]) <= set(before.values)
        elif step["do"] == "back":
            assert step["node"] in before.grads
            assert step["wire"] not in before.grads
        elif step["do"] == "sum":
            assert set(step["wires"]) <= set(before.grads)
            assert step["source"] not in before.grads
        if before is not None:
            added = {("value", n) for n in frame.values.keys() - before.values.keys()}
            added |= {("gradient", n) for n in frame.grads.keys() - before.grads.keys()}
            assert len(added) == 1
            assert added <= frame.now
        before = frame


def test_the_sweeps_can_be_had_apart():
    steps = [s["do"] for s in graph_stepper(APPLES, BASKET, backward=False).plan["steps"]]
    assert steps == ["start", "forward", "forward"]
    assert 'data-part="gradient' not in graph_stepper(APPLES, BASKET, backward=False).drawing
    steps = [s["do"] for s in graph_stepper(APPLES, BASKET).plan["steps"]]
    assert steps == ["start", "forward", "forward", "seed", "back", "back", "back", "back"]


# -- words


def test_the_rule_at_work_is_said_with_its_numbers():
    said = sentences(APPLES, BASKET)
    assert said[1] == "Forward, subtotal: 100 × 2 = 200."
    assert said[3] == "Now backward, from the end: d total / d total = 1."
    assert "swapped, the local gradient is the other input, 200" in said[5]
    assert said[5].endswith("Upstream 1 × local 200 = 200 = d total / d tax.")
    assert said[-1].endswith("Upstream 1.1 × local 100 = 110 = d total / d n.")


@pytest.mark.parametrize(
    ("op", "inputs", "rule", "hows"),
    [
        ("+", (2, -3), "2 + (−3) = −1", ["copied", "copied"]),
        ("-", (2, -3), "2 − (−3) = 5", ["to its first input", "sign turned, for y is subtracted"]),
        ("*", (2, -3), "2 × (−3) = −6", ["other input, −3", "other input, 2"]),
        ("/", (1, -4), "1 ÷ (−4) = −0.25", ["1 ÷ (−4)", "−1 ÷ (−4)²"]),
        ("square", (-3,), "(−3)² = 9", ["2 × (−3)"]),
        ("exp", (0,), "exp(0) = 1", ["exp(0), the value itself"]),
        ("log", (2,), "log(2) = 0.6931", ["1 ÷ 2"]),
        ("sin", (0,), "sin(0) = 0", ["cos(0)"]),
        ("relu", (2,), "relu(2) = 2", ["let through by the mask, for 2 is above 0"]),
        ("relu", (-2,), "relu(−2) = 0", ["blocked by the mask, for −2 is not above 0"]),
    ],
)
def test_each_op_says_its_rule(op, inputs, rule, hows):
    names = ("x", "y")[: len(inputs)]
    said = sentences({"z": (op, names)}, dict(zip(names, inputs, strict=True)))
    assert said[1] == f"Forward, z: {rule}."
    for sentence, how in zip(said[3:], hows, strict=True):
        assert how in sentence


def test_shares_of_a_forked_value_add_up():
    said = sentences({"z": ("*", ("x", "x"))}, {"x": 3})
    assert [s.endswith("= 3, one share of dz/dx.") for s in said[3:5]] == [True, True]
    assert said[5] == "x is used 2 times, so its shares add up: 3 + 3 = 6 = dz/dx."


def test_a_constant_has_neither_slider_nor_gradient():
    stepper = graph_stepper({"m": ("*", ("x", "-1")), "y": ("exp", ("m",))}, {"x": 0.5})
    assert [s[0] for s in stepper.sliders] == ["x"]
    last = stepper.frames()[-1]
    assert "-1" not in last.grads
    assert last.values["m"] == -0.5
    assert "−1" in "".join(fromstring(stepper.drawing).itertext())


def test_the_printed_text_has_every_step():
    stepper = graph_stepper(FORKED, {"x": 2.0, "k": 5.0}, title="A fork")
    lines = stepper.text().splitlines()
    assert lines[0] == "A fork"
    assert lines[1:] == [f.sentence for f in stepper.frames()]


# -- what is wrong is named


def test_a_missing_input_and_an_unknown_slider_are_named():
    with pytest.raises(KeyError, match="tax"):
        graph_stepper(APPLES, {"price": 1, "n": 2})
    with pytest.raises(ValueError, match="no input of the graph is called prize"):
        graph_stepper(APPLES, BASKET, sliders={"prize": (1, 2, 1)})


def test_a_graded_run_refuses(monkeypatch):
    from course._switch import EngineOff

    monkeypatch.setenv("COURSE_GRADED", "1")
    with pytest.raises(EngineOff):
        graph_stepper(APPLES, BASKET)


# -- sliders


def test_a_slider_can_stand_at_the_start_value():
    for value in (100, 2, 1.1, -0.5, 0, 150, 2.345, 1e-4, 12345, -7):
        least, most, step = module._reach(value)
        steps = (value - least) / step
        assert least < value < most
        assert steps == pytest.approx(round(steps), abs=1e-6)
        assert value <= 0 or least > 0


# -- the picture


def canvas_of(graph: Graph, inputs: dict[str, float]):
    plan = module._plan(graph, backward=True)
    ways = module._sliders(graph, inputs, True, {})
    return plan, module._canvas(plan, inputs, ways, {})


@pytest.mark.parametrize("seed", range(200))
def test_a_random_graph_is_drawn_without_overlap(seed):
    graph, inputs = working_graph(seed)
    plan, canvas = canvas_of(graph, inputs)
    assert len(canvas.nodes) == len(graph.nodes)
    assert overlaps(canvas) == []
    places = [(g.get("data-part"), g.get("data-of")) for g in canvas.root.iter("g")]
    numbers = [p for p in places if p[0] in ("value", "gradient")]
    assert len(numbers) == len(set(numbers))
    made = {("value", leaf) for leaf in graph.leaves}
    for step in plan["steps"]:
        made |= {("value", step["node"])} if step["do"] == "forward" else set()
        made |= {("gradient", step["wire"])} if step["do"] in ("back", "sum") else set()
    assert set(numbers) == made | {("gradient", plan["out"])}
    lines = {p for p in places if p[0] == "gradient-line"}
    assert {of for _, of in lines} == {of for part, of in made if part == "gradient"} | {
        plan["out"]
    }


@pytest.mark.parametrize("seed", range(0, 60, 3))
def test_every_number_that_a_slider_leads_to_has_room(seed):
    graph, inputs = working_graph(seed)
    plan, canvas = canvas_of(graph, inputs)
    room = {
        (g.get("data-part"), g.get("data-of")): float(g.get("data-box").split()[2])
        for g in canvas.root.iter("g")
        if g.get("data-part") in ("value", "gradient")
    }
    rng = random.Random(seed)
    ways = module._sliders(graph, inputs, True, {})
    tight = 0
    for _ in range(20):
        chosen = {n: rng.choice([low, high]) for n, low, high, _ in ways}
        try:
            *_, last = module._frames(plan, inputs | chosen, module.WORDS)
        except (ArithmeticError, ValueError):
            continue
        for part, numbers in (("value", last.values), ("gradient", last.grads)):
            for name, x in numbers.items():
                if (part, name) in room:
                    tight += module._width(module.shown(x)) > room[part, name] + 0.1
    assert tight == 0


def test_the_strip_goes_from_the_inputs_to_the_last_gradient():
    stepper = graph_stepper(APPLES, BASKET, title="Two apples")
    strip = stepper.strip()
    assert 4 <= len(strip) <= 6
    assert [caption for _, caption in strip] == [
        s for s in stepper.text().splitlines() if s in {c for _, c in strip}
    ]

    def numbers(svg) -> set[str]:
        groups = [g for g in svg.iter() if g.get("data-part") in ("value", "gradient")]
        return {"".join(g.itertext()) for g in groups}

    assert numbers(strip[0][0]) == {"100", "2", "1.1"}
    assert numbers(strip[-1][0]) == {"100", "2", "1.1", "200", "220", "1", "2.2", "110"}
    marked = [g for g in strip[-1][0].iter() if g.get("stroke-dasharray")]
    assert len(marked) == 2  # upstream and what it becomes, told apart from values by dashes
    assert len(stepper.still()) > 10_000
    forward = graph_stepper(APPLES, BASKET, backward=False).strip()
    assert len(forward) == 3


# -- the browser computes the same


@pytest.mark.skipif(shutil.which("node") is None, reason="no node on this machine")
def test_the_browser_has_the_same_numbers_and_sentences():
    cases, wanted = [], []
    for seed in range(60):
        graph, inputs = working_graph(seed)
        if seed % 4 == 0:
            inputs[graph.leaves[0]] = 0.0 if "/" not in str(graph.nodes) else 2.0
        try:
            stepper = graph_stepper(graph, inputs, sliders=False)
            last = stepper.frames()[-1]
        except (ArithmeticError, ValueError):
            continue
        cases.append([stepper.plan, stepper.inputs, stepper.words])
        wanted.append([[f.sentence for f in stepper.frames()], last.values, last.grads])
    cases.append([(s := graph_stepper({"z": ("relu", ("x",))}, {"x": -2})).plan, s.inputs, s.words])
    wanted.append(
        [[f.sentence for f in s.frames()], *(vars(s.frames()[-1])[k] for k in ("values", "grads"))]
    )
    code = re.sub(r"export default.*", "", str(module.GraphStepper._esm))
    code += f"""
const cases = {json.dumps(cases)};
console.log(JSON.stringify(cases.map((c) => {{
  const made = computed(...c);
  return [made.steps.map((s) => s.sentence), made.values, made.grads];
}})));"""
    run = subprocess.run(
        ["node", "--input-type=module", "-"],
        input=code, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    got = json.loads(run.stdout)
    assert len(got) == len(wanted) > 50
    for (said, values, grads), (want_said, want_values, want_grads) in zip(
        got, wanted, strict=True
    ):
        assert said == want_said
        assert values == pytest.approx(want_values, rel=1e-12)
        assert grads == pytest.approx(want_grads, rel=1e-12)
        assert all(map(math.isfinite, values.values()))

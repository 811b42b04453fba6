"""Each known mistake gets its name, alone and in company; right answers get none."""

from __future__ import annotations

import random
import re
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import seed_notes
from mutations import mutations
from test_units import ANSWERS, SEED_ANSWERS, answer_files
from transcripts import transcribe

from grader import grading, wire
from grader.classroom import MISCONCEPTIONS, fill_in, wrong_answers
from grader.diagnose import diagnose
from grader.grading import check, read_score
from grader.units import load_unit, reference_answer, unit_names
from grader.verdict import Examiner


def lost(cells) -> list[str]:
    """Return the ids of the checks that lost points."""
    return [i for i, c in cells.items() if read_score(c)[0] < c.metadata.nbgrader.points]


def diagnosed(unit_name: str, answers: dict[str, str], *, always: bool = False, **options):
    """Return the diagnoses of a unit with these answers; ``always`` asks for points not lost too."""
    unit = load_unit(unit_name)
    cells, operations = transcribe(unit, answers, **options)
    return diagnose(unit, operations, list(cells) if always else lost(cells), answers, 60.0)


def names(diagnosis) -> list[set[str]]:
    """Return, for each mistake of a diagnosis, the names of the files that it may be."""
    return [{i.rsplit("/", 1)[1] for i in (m.id, *m.also_ids)} for m in diagnosis.mistakes]


def equals(path: Path) -> set[str]:
    """Return the names of a file and of those that it is declared to be the same as."""
    return {path.stem, *re.findall(r"(?m)^Same as: ([\w-]+)\.$", path.read_text("utf-8"))}


@pytest.mark.parametrize("path", answer_files(MISCONCEPTIONS))
def test_known_mistake_gets_its_name(path):
    exercise, unit = path.parent.name, path.parent.parent.name
    found = diagnosed(unit, {exercise: path.read_text("utf-8")}, only={exercise})
    (mistake,) = names(found[exercise])
    assert path.stem in mistake
    assert mistake <= equals(path), "declare them the same, or let a check tell them apart"


@pytest.mark.parametrize("path", answer_files(ANSWERS))
def test_right_style_has_no_known_mistake(path):
    exercise, unit = path.parent.name, path.parent.parent.name
    answers = {exercise: path.read_text("utf-8")}
    assert diagnosed(unit, answers, only={exercise}) == {}
    # and would have none if it were asked for
    assert not diagnosed(unit, answers, always=True, only={exercise})[exercise].mistakes


@pytest.mark.parametrize("name", SEED_ANSWERS)
def test_the_notes_own_class_has_no_known_mistake(name):
    unit, exercise = SEED_ANSWERS[name]
    answers = {exercise: seed_notes.code_blocks()[name]}
    assert not diagnosed(unit, answers, always=True, only={exercise})[exercise].mistakes


@pytest.mark.parametrize("name", unit_names())
def test_reference_and_blank_have_no_known_mistake(name):
    assert not any(d.mistakes or d.facts for d in diagnosed(name, {}, always=True).values())
    assert not any(d.mistakes for d in diagnosed(name, {}, blank=True).values())


@pytest.mark.parametrize(
    "seed",
    [pytest.param(s, marks=[] if s % 5 == 0 else pytest.mark.slow) for s in range(200)],
)
def test_two_mistakes_in_two_exercises_are_both_named(seed):
    rng = random.Random(seed)
    unit = rng.choice(unit_names())
    files = wrong_answers(unit)
    pair = {e: rng.choice(files[e]) for e in rng.sample(sorted(files), 2)}
    answers = {e: p.read_text("utf-8") for e, p in pair.items()}
    found = diagnosed(unit, answers)
    for exercise, path in pair.items():
        if found[exercise].follows_from:  # then nothing of this one is to be seen: see for yourself
            rest = {e: s for e, s in answers.items() if e != exercise}
            assert seen(unit, answers, exercise) == seen(unit, rest, exercise)
            continue
        (mistake,) = names(found[exercise])
        assert mistake & equals(path)
    assert not any(d.mistakes for e, d in found.items() if e not in pair)


def seen(unit_name: str, answers: dict[str, str], exercise: str) -> list:
    """Return the scores and the reasons that the checks of an exercise print."""
    unit = load_unit(unit_name)
    cells, _ = transcribe(unit, answers)
    return [read_score(c) for i, c in cells.items() if unit.exercise_of(i) == exercise]


def test_two_mistakes_in_one_exercise_are_both_named():
    answer = load_unit("05-affine-softmax").answers["affine"]
    both = reference_answer(answer).replace("self.x.T @ dout", "self.x.T @ dout / len(dout)")
    both = both.replace("dout.sum(axis=0)", "dout.mean(axis=0)")
    found = diagnosed("05-affine-softmax", {"affine": both}, only={"affine"})["affine"]
    assert len(found.mistakes) == 2
    assert {m.id.rsplit("/", 1)[1].split("-")[0].lower() for m in found.mistakes} == {"dw", "db"}


def test_an_answer_in_another_hand_is_known_by_what_it_does():
    other = """
class MulLayer:
    def forward(self, left, right):
        self.kept = [left, right]
        return np.multiply(left, right)

    def backward(self, upstream):
        print("my own words")
        return tuple(upstream * one for one in self.kept)
"""
    found = diagnosed("03-add-mul-nodes", {"mul-layer": other}, only={"mul-layer"})["mul-layer"]
    assert names(found)[0] & {"not-swapped", "returned-swapped"}
    assert found.text.startswith(found.mistakes[0].title)


@pytest.mark.parametrize(
    "name", ["spread-of-one", "zero-weights", "uniform-weights", "stale-copies", "not-reversed"]
)
def test_a_student_who_draws_numbers_too_is_known(name):
    """Weights then differ from those of our replay; only their spread can be compared."""
    path = MISCONCEPTIONS / "06-two-layer-net" / "two-layer-net" / f"{name}.py"
    answers = {"two-layer-net": path.read_text("utf-8") + "\nnp.random.rand(7)\n"}
    found = diagnosed("06-two-layer-net", answers, only={"two-layer-net"})
    assert name in names(found["two-layer-net"])[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("def backward", "def backwards"), "backward"),
        (("dy = dout * self.x", "dy = dout + self.x"), "dy is the upstream gradient plus x"),
        (("return dx, dy", "return [dx, dy, dx]"), "is 3 values, wanted 2 values"),
        (
            ("dx = dout * self.y", "dx = 7 * dout * self.y"),
            "dx is everywhere 7 times|dx is 7 times",
        ),
    ],
)
def test_without_a_known_mistake_there_are_facts(change, words):
    unit = load_unit("03-add-mul-nodes")
    answer = reference_answer(unit.answers["mul-layer"])
    assert change[0] in answer
    found = diagnosed(unit.name, {"mul-layer": answer.replace(*change)}, only={"mul-layer"})
    diagnosis = found["mul-layer"]
    assert not diagnosis.mistakes
    assert diagnosis.text is None
    assert re.search(words, "\n".join(diagnosis.facts))
    assert len(diagnosis.facts) == len(diagnosis.kinds) <= 8


@pytest.mark.parametrize("name", unit_names())
def test_facts_of_a_hidden_check_show_no_expected_value(name):
    """With its visible checks passed over, nothing that a diagnosis says was expected."""
    unit = load_unit(name)
    for exercise, cell in unit.answers.items():
        for source in mutations(reference_answer(cell), 2, random.Random(exercise)):
            if "while" in source:
                continue
            cells, operations = transcribe(unit, {exercise: source}, only={exercise})
            hidden = {i: o for i, o in operations.items() if "hidden" in i}
            for diagnosis in diagnose(unit, hidden, lost(cells)).values():
                assert not any("expected" in fact for fact in diagnosis.facts)


STRANGE = [
    None, True, "", "x" * 5000, 10**400, -(2**1000), float("nan"), float("inf"), (), [], {}, [[[[]]]],
    {"a": {"b": (1, None)}}, {(1, 2): 3, None: 4}, np.zeros((0, 3)), np.bool_(True),
    np.float16(3), np.full((2, 2, 2, 2), np.inf), np.ones((4, 3), dtype=bool), list(range(200_000)),
    wire.Ref(77, "Evil", "mapping"), wire.Live(78, None), wire.Live(79, np.ones(3)),
]  # fmt: skip


@pytest.mark.parametrize("name", unit_names())
def test_whatever_an_answer_gives_a_diagnosis_ends_in_peace(name):
    unit, rng = load_unit(name), random.Random(name)
    _, operations = transcribe(unit, {})
    for _ in range(5):
        lied = {
            i: [
                replace(o, result=rng.choice(STRANGE)) if rng.random() < 0.2 else o
                for o in done
            ]
            for i, done in operations.items()
        }  # fmt: skip
        start = time.perf_counter()
        found = diagnose(unit, lied, list(lied))
        assert time.perf_counter() - start < 30
        for diagnosis in found.values():
            assert len(diagnosis.facts) <= 8
            assert all(len(fact) < 500 for fact in diagnosis.facts)


def sample() -> list:
    """Return one known mistake of each exercise."""
    return [
        pytest.param(name, exercise, random.Random(exercise).choice(files), id=f"{name}/{exercise}")
        for name in unit_names()
        for exercise, files in wrong_answers(name).items()
    ]


@pytest.fixture(scope="module")
def examiner():
    with Examiner() as examiner:
        yield examiner


@pytest.mark.slow
@pytest.mark.parametrize(("name", "exercise", "path"), sample())
def test_known_mistake_is_named_in_a_session(name, exercise, path, examiner):
    unit = load_unit(name)
    answers = {e: reference_answer(c) for e, c in unit.answers.items()}
    notebook = fill_in(unit.notebook, answers | {exercise: path.read_text("utf-8")})
    result = check(notebook, examiner)
    (mistake,) = names(result.diagnoses[exercise])
    assert path.stem in mistake
    assert mistake <= equals(path)
    for one in result.checks:
        own = unit.exercise_of(one.id) == exercise and one.score < one.points
        assert (one.misconception is not None) == own
        if own:
            assert one.misconception == result.diagnoses[exercise].text
    assert not any(d.mistakes for e, d in result.diagnoses.items() if e != exercise)
    grading.Result(**result.__dict__).to_dict()

"""What a diagnosis tells, and what it costs: unknown slips, and a class of twelve."""

from __future__ import annotations

import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from figure import Figure

sys.path.append(str(Path(__file__).parents[1]))
from mutations import mutations
from transcripts import transcribe

from grader import grading
from grader.classroom import make_class
from grader.diagnose import diagnose
from grader.grading import read_score
from grader.units import load_unit, reference_answer, unit_names
from grader.verdict import Examiner

RELEASE = Path(__file__).parents[2] / "release"
MUTATIONS = 50
GENERAL = {"element"}  # a fact of this kind says no more than that values differ


@contextmanager
def _alarm(limit_s: float) -> Iterator[list]:
    """Interrupt what takes longer, again and again; the list is empty if nothing did."""
    rung: list = []

    def ring(*_) -> None:
        rung.append(1)
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, limit_s, 0.2)
    try:
        yield rung
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _outcome(unit, exercise: str, source: str) -> str:
    """Return what becomes of a mutation: unnoticed, stopped, named, follows, fact or general."""
    with _alarm(2.0) as rung:
        cells, operations = transcribe(unit, {exercise: source}, only={exercise})
    if rung:
        return "stopped"
    lost = [i for i, c in cells.items() if read_score(c)[0] < c.metadata.nbgrader.points]
    if not lost:
        return "unnoticed"
    found = diagnose(unit, operations, lost, {exercise: source})[exercise]
    if found.mistakes:
        return "named"
    return "fact" if set(found.kinds) - GENERAL else "general"


def mutation_facts() -> Iterator[Figure]:
    """One-token mutations of each reference answer: the share that is told something specific.

    A loop without end is stopped by the time limit, and the check says so: that counts as
    specific. What the checks do not notice is left out of the shares and counted.
    """
    total: Counter = Counter()
    for name in unit_names():
        unit = load_unit(name)
        for exercise, cell in unit.answers.items():
            rng = random.Random(exercise)
            for source in mutations(reference_answer(cell), MUTATIONS, rng):
                total[_outcome(unit, exercise, source)] += 1
    lost = total.total() - total["unnoticed"]
    specific = total["named"] + total["fact"] + total["stopped"]
    yield Figure("mutations", total.total(), "programs", "50 an exercise, where there are as many")
    yield Figure("mutations_unnoticed", total["unnoticed"], "programs", "those that change nothing")
    yield Figure("mutations_named", 100 * total["named"] / lost, "%", "for comparison")
    yield Figure("mutations_named_or_specific_fact", 100 * specific / lost, "%", "at least 90")


def diagnosis_of_a_class() -> Iterator[Figure]:
    """Grade the demo class; the time in `diagnose` against the rest, all caches empty at first."""
    spent, plain = [], grading.diagnose

    def timed(*arguments):
        start = time.perf_counter()
        try:
            return plain(*arguments)
        finally:
            spent.append(time.perf_counter() - start)

    submissions = list(make_class(RELEASE))
    grading.diagnose = timed
    try:
        with Examiner() as examiner:
            grading.check(submissions[0].notebook, examiner)  # the sandbox starts
            spent.clear()
            start = time.perf_counter()
            for submission in submissions:
                grading.check(submission.notebook, examiner)
            whole = time.perf_counter() - start
    finally:
        grading.diagnose = plain
    rest = whole - sum(spent)
    yield Figure("class_graded", rest, "s", f"{len(submissions)} notebooks, for comparison")
    yield Figure("class_diagnosed", sum(spent), "s", "for comparison")
    yield Figure("diagnosis_share", 100 * sum(spent) / rest, "%", "at most 10")


def diagnosis() -> Iterator[Figure]:
    """Both."""
    yield from mutation_facts()
    yield from diagnosis_of_a_class()

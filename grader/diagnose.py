"""Name the mistake: find the known wrong answer that behaves as a student's answer did.

A file in misconceptions/<unit>/<exercise>/ is a wrong answer of our own with a docstring:
the first line names the mistake, the rest is what to say to whoever made it. When an
exercise has lost points, what its checks did to the student's answer is done again to each
of these files. Whichever gives the same results throughout has the name; no code of the
student's is run for it.

Doing a transcript again is chosen over running each file through the checks in advance. A
part of a check stops at the first wrong value and so leaves its later probes undrawn: the
checks of two wrong answers soon ask different questions, and only the transcript holds the
ones that were asked here. It is also the cheaper way, because a check spends its time in
numerical gradients of its own and a transcript has none. What a file gave is kept for the
next student, who was mostly asked the same (`Trace`), and a file is dropped at the first
step in which it differs, mostly one of the first three.
"""

from __future__ import annotations

import ast
import functools
import itertools
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from .clues import NOT_WRITTEN, clues
from .language import _, joined, language, misconception
from .remote import Operation
from .replay import (
    ALIKE,
    DIFFERENT,
    SAME,
    Leaf,
    Script,
    Trace,
    compare,
    distance,
    surroundings,
    wrong_paths,
)
from .restore import defined_names
from .units import Unit, grade_id, kind, load_unit, reference_answer, reference_toolbox
from .verdict import TOOLBOX_VARIABLE, execute_cell

MISCONCEPTIONS = Path(__file__).parent / "misconceptions"
PATIENCE_S = 2.0  # for one notebook; what has been found by then is told
TRACES = 2  # kept of each file: most students were asked the same
FAR_IN = 40  # steps; before that, to play from the start is as quick as anything
TOGETHER = 3  # mistakes that are looked for in one exercise


@dataclass(frozen=True)
class Mistake:
    """A known mistake.

    Attributes
    ----------
    id : str
        ``unit/exercise/name``, where its file is.
    title : str
        Its name in words.
    message : str
        What to say to the student; gives no answer away.
    also : tuple of str
        Titles of other mistakes that the checks cannot tell from this one.
    """

    id: str
    title: str
    message: str
    also: tuple[str, ...] = ()
    also_ids: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The title, what else it may be, and the message."""
        said = _("Or, which looks the same from outside: {title}")
        other = "".join("\n" + said.format(title=t) for t in self.also)
        return f"{self.title}{other}\n\n{self.message}"


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong with one exercise.

    Attributes
    ----------
    exercise : str
    mistakes : tuple of Mistake
        That together explain every wrong result; most often one, empty if none is known.
    follows_from : tuple of str
        Exercises whose mistakes alone explain this one's.
    facts : tuple of str
        Where no mistake is known: what can be said of the wrong results, most telling first.
    kinds : tuple of str
        Of which kind each fact is, as in `course.facts`.
    """

    exercise: str
    mistakes: tuple[Mistake, ...] = ()
    follows_from: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    @property
    def text(self) -> str | None:
        """The mistakes as text, each title on a line of its own; None if there is none."""
        return "\n\n".join(m.text for m in self.mistakes) or None


# ---------------------------------------------------------------- what is known of a unit


@dataclass
class Suspect:
    """One known answer of an exercise, right (the reference) or wrong, and how it behaved."""

    name: str
    source: str
    traces: dict[tuple, list[Trace]] = field(default_factory=dict)

    @functools.cached_property
    def code(self):
        """The answer, compiled."""
        return compile(self.source, f"<{self.name}>", "exec")

    @functools.cached_property
    def by_chance(self) -> bool:
        """Whether it may draw random numbers."""
        return "random" in self.source

    @functools.cached_property
    def words(self) -> tuple[str, str]:
        """The title and the message of its docstring."""
        return words_of(ast.get_docstring(ast.parse(self.source)) or "")


def words_of(docstring: str) -> tuple[str, str]:
    """Return the title and the message in the docstring of a known mistake."""
    title, _blank, message = docstring.partition("\n\n")
    message = re.sub(r"(?m)^Same as: [\w-]+\.$", "", message).strip()
    paragraphs = (joined(*p.split()) for p in message.split("\n\n"))
    return joined(*title.split()), "\n\n".join(paragraphs)


@functools.lru_cache(1024)
def _docstring(mistake: str) -> str:
    """Return the docstring of a known mistake by its id; nothing if its file is gone."""
    if not re.fullmatch(r"[\w-]+(/[\w-]+){2}", mistake):
        return ""
    try:
        source = (MISCONCEPTIONS / f"{mistake}.py").read_text("utf-8")
        return ast.get_docstring(ast.parse(source)) or ""
    except (OSError, SyntaxError):
        return ""


def as_spoken(mistake: Mistake) -> Mistake:
    """Return a mistake in the language that is spoken now; results hold it in English."""
    if language() == "en":
        return mistake

    def words(name: str, title: str, message: str) -> tuple[str, str]:
        docstring = _docstring(name)
        known = misconception(docstring)
        return (title, message) if known == docstring else words_of(known)

    title, message = words(mistake.id, mistake.title, mistake.message)
    also = tuple(
        words(name, other, "")[0]
        for name, other in zip(mistake.also_ids, mistake.also, strict=False)
    )
    return replace(mistake, title=title, message=message, also=also or mistake.also)


Context = dict[str, Suspect]  # answers of other exercises that are not the reference


class Casebook:
    """The known answers of one unit, and what is needed to run them.

    Parameters
    ----------
    unit : Unit
    """

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.right = {
            name: Suspect(name, reference_answer(cell)) for name, cell in unit.answers.items()
        }
        self.wrong: dict[str, list[Suspect]] = {name: [] for name in self.right}
        for path in sorted((MISCONCEPTIONS / unit.name).glob("*/*.py")):
            if path.parent.name in self.wrong:
                suspect = Suspect(path.stem, path.read_text("utf-8"))
                self.wrong[path.parent.name].append(suspect)
        self.names, self.chance = self._given()
        self.hidden = {i for i, c in unit.checks.items() if "BEGIN HIDDEN" in c.source}
        self.owner = {check_id: unit.exercise_of(check_id) for check_id in unit.checks}

    def _given(self) -> tuple[dict, tuple]:
        """Run the given cells once; return their names, and the state of ``np.random`` then."""
        names: dict = {"__name__": "__main__"}
        before = os.environ.get(TOOLBOX_VARIABLE)
        if self.unit.loads_layers:
            os.environ[TOOLBOX_VARIABLE] = str(reference_toolbox())
        try:
            with surroundings():
                for cell in self.unit.notebook.cells:
                    if kind(cell) == "given":
                        execute_cell(cell.source, grade_id(cell), names)
                return names, np.random.get_state()
        finally:
            if before is not None:
                os.environ[TOOLBOX_VARIABLE] = before
            elif self.unit.loads_layers:
                del os.environ[TOOLBOX_VARIABLE]

    @functools.cached_property
    def needs(self) -> dict[str, set[str]]:
        """For each exercise, the other ones whose names its answers use, directly or not."""
        owners = {n: e for e, s in self.right.items() for n in defined_names(s.source)}
        direct = {}
        for exercise, right in self.right.items():
            used = set(re.findall(r"\w+", right.source))
            used |= {w for s in self.wrong[exercise] for w in re.findall(r"\w+", s.source)}
            direct[exercise] = {e for n, e in owners.items() if n in used} - {exercise}
        everything = {}
        for exercise in direct:
            todo, seen = [exercise], set()
            while todo:
                for other in direct[todo.pop()] - seen:
                    seen.add(other)
                    todo.append(other)
            everything[exercise] = seen - {exercise}
        return everything

    def namespace(self, exercise: str, suspect: Suspect, context: Context) -> dict:
        """Return fresh globals in which ``suspect`` is the answer to ``exercise``."""
        names = dict(self.names)
        for other, right in self.right.items():
            if other == exercise:
                exec(suspect.code, names)
            elif other in self.needs[exercise]:
                exec(context.get(other, right).code, names)
        return names

    def play(
        self, exercise: str, suspect: Suspect, context: Context, script: Script, twice: bool
    ) -> Playback:
        """Return what ``suspect`` gives in a script, step by step.

        With ``twice`` an answer that draws numbers is played with two seeds; see `Trace`.
        """
        twice = twice and suspect.by_chance
        key = (twice, *sorted((e, s.name) for e, s in context.items()))
        if len(suspect.traces) > 8 and key not in suspect.traces:
            suspect.traces.clear()
        kept = suspect.traces.setdefault(key, [])

        def new() -> Trace:
            return Trace(
                lambda: self.namespace(exercise, suspect, context),
                suspect.by_chance,
                twice,
                self.chance,
            )

        return Playback(kept, new, script)


class Playback:
    """The results of one known answer in one script, from the traces that are kept or anew."""

    def __init__(self, kept: list[Trace], new: Callable[[], Trace], script: Script) -> None:
        self._kept, self._new, self._script = kept, new, script
        self._trace: Trace | None = None

    def __getitem__(self, number: int) -> list[Leaf]:
        if self._trace is None or not self._fits(self._trace, number):
            self._trace = self._find(number)
        for step in range(len(self._trace.keys), number + 1):
            self._trace.step(self._script, step)
        return self._trace.found[number]

    def _fits(self, trace: Trace, number: int) -> bool:
        """Whether a trace that fitted so far also fits at the next step."""
        return len(trace.keys) <= number or trace.keys[number] == self._script.steps[number].key

    def _find(self, number: int) -> Trace:
        for trace in self._kept:
            if trace.follows(self._script, number + 1):
                return trace
        trace = self._new()
        self._kept.insert(0, trace)
        del self._kept[TRACES:]
        return trace


@functools.cache
def casebook(unit_name: str) -> Casebook:
    """Return the casebook of a unit; made once a process."""
    return Casebook(load_unit(unit_name))


# ---------------------------------------------------------------- who did it


@dataclass(frozen=True)
class Match:
    """A suspect that gives what the student's answer gave; how far off, and in what style."""

    suspect: Suspect
    worst: float
    style: int


def _open_steps(script: Script) -> list[int]:
    """Return the numbers of the steps that judge something: not those that are not written."""
    return [n for n, s in enumerate(script.steps) if s.found[0][1:3] != NOT_WRITTEN]


def _agreement(played: Playback, script: Script, steps: Sequence[int], bound: float) -> tuple:
    """Return the largest distance and the differences in style, or `DIFFERENT` early."""
    worst, style = 0.0, 0
    for number in steps:
        far, other = compare(played[number], script.steps[number].found)
        if far > bound:
            return DIFFERENT, 0
        worst, style = max(worst, far), style + other
    return worst, style


class _Case:
    """One exercise of one student: its script, and the answers of the others.

    Parameters
    ----------
    book : Casebook
    exercise : str
    operations : dict of str to list of Operation
        By check.
    context : dict
        What is known of the student's other answers.
    source : str
        The student's answer; puts those first that nothing else tells apart.
    deadline : float
        Of `time.monotonic`.
    """

    def __init__(self, book, exercise, operations, context, source, deadline) -> None:
        self.book, self.exercise, self.operations = book, exercise, operations
        self.script = script = Script(operations)
        self.context, self.source, self.deadline = context, source, deadline
        self.steps = _open_steps(script)  # the others are not written yet
        self.right = self.play(book.right[exercise], twice=True)
        # Where the student's draws are those of the reference, to play a suspect once is enough.
        self.twice = self._out_of_step()

    def play(self, suspect: Suspect, twice: bool | None = None) -> Playback:
        twice = self.twice if twice is None else twice
        return self.book.play(self.exercise, suspect, self.context, self.script, twice)

    def _out_of_step(self) -> bool:
        """Whether the student's first random numbers are others than the reference's."""
        if not self.book.right[self.exercise].by_chance:
            return False
        for number in self.steps:
            for ours, theirs in zip(
                self.right[number], self.script.steps[number].found, strict=False
            ):
                if ours.spread is not None:
                    return distance(theirs, ours._replace(spread=None)) > SAME
        return False

    def distance_of_right(self) -> float:
        """Return how far the reference is from the student's results; above `ALIKE` any number."""
        return _agreement(self.right, self.script, self.steps, ALIKE)[0]

    def begun(self) -> bool:
        """Whether anything is written: a result other than that something is there to call."""
        written = any(self.script.steps[n].action != "name" for n in self.steps)
        return written or len(self.steps) == len(self.script.steps)

    def _suspects(self) -> Iterator[Suspect]:
        for suspect in self.book.wrong[self.exercise]:
            if time.monotonic() > self.deadline:
                return
            yield suspect

    def alone(self, bound: float) -> list[Match]:
        """Return the suspects that explain everything by themselves, the closest ones."""
        found: list[Match] = []
        likely = self._likely(bound)
        for suspects, twice in itertools.product((likely, None), (False, True)):
            if found or suspects == [] or (twice and not self.twice):
                continue
            for suspect in self._suspects() if suspects is None else suspects:
                played = self.play(suspect, twice)
                worst, style = _agreement(played, self.script, self.steps, bound)
                if worst <= bound:
                    found.append(Match(suspect, worst, style))
        if not found:
            return []
        nearest = min(m.worst for m in found)
        found = [m for m in found if m.worst <= max(100 * nearest, SAME)]
        plainest = min(m.style for m in found)
        return [m for m in found if m.style == plainest]

    def _likely(self, bound: float) -> list[Suspect]:
        """Return the suspects that explain the first wrong result in a replay of its check alone.

        A network's gradient is judged after hundreds of right results of other methods: to
        play those for each suspect takes longer than all the rest. What is carried over from
        one check to another is lost here, so this list is tried first and decides nothing.
        """
        first = next(
            n for n in self.steps
            if compare(self.right[n], self.script.steps[n].found)[0] > bound
        )  # fmt: skip
        check_id = self.script.steps[first].check_id
        start = next(n for n, s in enumerate(self.script.steps) if s.check_id == check_id)
        if start < FAR_IN:
            return []
        script = Script({check_id: self.operations[check_id]})
        likely = []
        for suspect in self._suspects():
            played = self.book.play(self.exercise, suspect, self.context, script, twice=True)
            if _agreement(played, script, range(first - start + 1), bound)[0] <= bound:
                likely.append(suspect)
        return likely

    def together(self, bound: float) -> list[list[Match]]:
        """Return the fewest mistakes that together explain everything; for each, its equals.

        A suspect takes part if each result of its own is the student's or the right one:
        all its symptoms are there, and some result is explained by it.
        """
        wrong = {
            (n, path)
            for n in self.steps
            for path in wrong_paths(self.right[n], self.script.steps[n].found, bound)
        }
        groups: dict[frozenset, list[Match]] = {}
        for suspect in self._suspects():
            explained = self._symptoms(suspect, wrong, bound)
            if explained:
                groups.setdefault(frozenset(explained), []).append(Match(suspect, 0.0, 0))
        sets = sorted(groups, key=len, reverse=True)[:40]
        for count in range(2, TOGETHER + 1):
            for some in itertools.combinations(sets, count):
                if time.monotonic() > self.deadline:
                    return []
                if frozenset().union(*some) == wrong:
                    return [groups[s] for s in some]
        return []

    def _symptoms(self, suspect: Suspect, wrong: set[tuple], bound: float) -> set[tuple]:
        """Return the wrong results that ``suspect`` has too; none if it has others."""
        played, explained = self.play(suspect), set()
        for number in self.steps:
            ours, theirs = played[number], self.script.steps[number].found
            if compare(ours, theirs)[0] <= bound:
                explained |= {(number, p.path) for p in theirs if (number, p.path) in wrong}
                explained |= {  # what the right answer has there and both others lack
                    (number, p.path) for p in self.right[number] if (number, p.path) in wrong
                }
                continue
            off = {(number, p) for p in wrong_paths(ours, theirs, bound)}
            if not off <= wrong:
                return set()
            if any((number, p) in off for p in wrong_paths(ours, self.right[number], bound)):
                return set()
            here = {(number, p.path) for p in theirs} & wrong
            explained |= here - off
        return explained

    def mistakes(self, group: Sequence[Match]) -> Mistake:
        """Return one mistake for suspects that nothing tells apart, the likeliest first."""
        lines = _lines(self.source)

        def likeness(match: Match) -> float:
            other = _lines(match.suspect.source)
            return len(lines & other) / max(1, len(lines | other))

        ranked = [m.suspect for m in sorted(group, key=likeness, reverse=True)]
        (title, message), *others = [s.words for s in ranked]
        ids = [f"{self.book.unit.name}/{self.exercise}/{s.name}" for s in ranked]
        return Mistake(ids[0], title, message, tuple(o[0] for o in others), tuple(ids[1:]))


def _lines(source: str) -> set[str]:
    source = re.sub(r'""".*?"""', "", source, flags=re.S)
    return {"".join(line.split("#")[0].split()) for line in source.splitlines()} - {""}


# ---------------------------------------------------------------- the whole notebook


def diagnose(
    unit: Unit,
    operations: dict[str, Sequence[Operation]],
    lost: Sequence[str],
    sources: dict[str, str] | None = None,
    patience_s: float = PATIENCE_S,
) -> dict[str, Diagnosis]:
    """Return what is wrong with the exercises that lost points.

    Parameters
    ----------
    unit : Unit
    operations : dict of str to list of Operation
        What each check did to the student's answers and what came of it.
    lost : sequence of str
        The ids of the checks that lost points.
    sources : dict of str to str, optional
        The student's answers by exercise; looked at as text, to order what nothing else
        tells apart.
    patience_s : float
        After this time no further mistake is looked for.

    Returns
    -------
    dict of str to Diagnosis
        By exercise, those alone that lost points.
    """
    book, deadline = casebook(unit.name), time.monotonic() + patience_s
    exercises = {book.owner[check_id] for check_id in lost}
    context: Context = {}
    found: dict[str, Diagnosis] = {}
    with surroundings():
        for exercise in book.right:
            if exercise not in exercises:
                continue
            done = {c: ops for c, ops in operations.items() if book.owner.get(c) == exercise}
            diagnosis, suspects = _examine(
                book, exercise, done, context, (sources or {}).get(exercise, ""), deadline
            )
            found[exercise] = diagnosis
            if len(suspects) == 1:
                context[exercise] = suspects[0]
    return found


def _examine(book, exercise, done, context, source, deadline) -> tuple[Diagnosis, list[Suspect]]:
    """Return the diagnosis of one exercise, and the suspects that it names."""
    nobody: list[Suspect] = []
    used = {e: s for e, s in context.items() if e in book.needs[exercise]}
    contexts: list[Context] = [{e: s} for e, s in used.items()]
    contexts += [used] if len(used) > 1 else []

    def case_in(others: Context) -> _Case:
        return _Case(book, exercise, done, others, source, deadline)

    alone = case_in({})
    if not alone.begun():
        return Diagnosis(exercise), nobody
    # A right answer that uses a wrong one of another exercise comes before any mistake of its own.
    for others in contexts:
        if case_in(others).distance_of_right() <= SAME:
            return Diagnosis(exercise, follows_from=tuple(others)), nobody
    # Then a mistake beside those of the others, and at last without them.
    for case in [*([case_in(used)] if used else []), alone]:
        far = case.distance_of_right()
        if far <= SAME:
            continue
        bound = ALIKE if far > ALIKE else SAME
        group = case.alone(bound)
        if group:
            first = case.mistakes(group)
            chosen = next(m.suspect for m in group if first.id.rsplit("/", 1)[1] == m.suspect.name)
            return Diagnosis(exercise, (first,)), [chosen]
        groups = case.together(bound)
        if groups:
            found = tuple(case.mistakes(g) for g in groups)
            return Diagnosis(exercise, found), [g[0].suspect for g in groups]
    case = case_in(used)
    right = [case.right[n] for n in range(len(case.script.steps))]
    told = clues(case.script, right, book.right[exercise].source, book.hidden)
    texts, kinds = tuple(f.text for f in told), tuple(f.kind for f in told)
    return Diagnosis(exercise, facts=texts, kinds=kinds), nobody

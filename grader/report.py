"""What a class understood, from its gradebook: tables, plots, exports for other gradebooks.

`load` reads everything once; the rest is arithmetic on plain data. The gradebook gives scores and
times; the graded notebooks in autograded/ give the misconceptions that the grader named
(``metadata.course.result``, see `grading.Result.to_dict`).

Item statistics, by exercise: *difficulty* is the mean share of its points that was won by those
who handed the unit in (1 is easy). *Discrimination* is told in two ways: ``r``, the correlation of
an exercise's share with the share won in everything else (the corrected point-biserial correlation,
which for partial credit is Pearson's), and ``d``, the mean share in the upper 27 % of the class
less that in the lower 27 %.
"""

from __future__ import annotations

import csv
import io
import json
import re
import statistics
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

from . import feedback, sanitise
from .units import UnitNotFound, load_unit, unit_names

UPPER_LOWER = 0.27  # the share of a class that an upper-lower index compares
FEWEST = 8  # students, below which a correlation says nothing
LOW = 0.5  # of the points so far
FALL = 0.08  # of a unit's points, lost from each unit to the next
EXAMPLE_LINES = 30
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Student:
    """One student of the gradebook; ``lms`` is the id in the learning management system."""

    id: str
    first: str = ""
    last: str = ""
    email: str = ""
    lms: str = ""

    @property
    def name(self) -> str:
        """Last name first, as gradebooks sort; the id where no name is known."""
        return ", ".join(filter(None, (self.last, self.first))) or self.id


@dataclass(frozen=True)
class Handed:
    """One submission: its points after any penalty, by exercise without, and its time (UTC)."""

    student: str
    unit: str
    score: float
    penalty: float = 0.0
    time: datetime | None = None
    exercises: Mapping[str, float] = field(default_factory=dict)
    mistakes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    needs_person: bool = False

    @property
    def raw(self) -> float:
        """The points before any penalty."""
        return round(float(sum(self.exercises.values())), 2)


@dataclass(frozen=True)
class UnitInfo:
    """A unit of the gradebook: its points, those of its exercises, its due date."""

    name: str
    max: float
    exercises: Mapping[str, float]
    due: datetime | None = None

    @property
    def title(self) -> str:
        """As people read it: ``'03 Add and multiply nodes'``."""
        return feedback.unit_title(self.name)


@dataclass(frozen=True)
class ClassData:
    """A class: who, what units, what was handed in, and where the graded notebooks lie."""

    students: tuple[Student, ...]
    units: tuple[UnitInfo, ...]
    handed: Mapping[tuple[str, str], Handed]
    messages: Mapping[str, str] = field(default_factory=dict)
    autograded: Path | None = None

    def of_unit(self, unit: str) -> list[Handed]:
        """Return what was handed in for a unit."""
        return [h for h in self.handed.values() if h.unit == unit]

    def share(self, student: str, unit: UnitInfo) -> float | None:
        """Return the share of a unit's points that a student won; None if nothing was handed in."""
        found = self.handed.get((student, unit.name))
        return found.score / unit.max if found and unit.max else None


# ---------------------------------------------------------------- reading


def load(gradebook, autograded: Path | None = None) -> ClassData:
    """Read a class from an open gradebook and, for the misconceptions, its graded notebooks.

    Parameters
    ----------
    gradebook : nbgrader.api.Gradebook
        Open; only read.
    autograded : Path, optional
        The folder with ``<student>/<unit>/<unit>.ipynb``.
    """
    from nbgrader import api

    db = gradebook.db
    rows = db.query(
        api.Student.id,
        api.Student.first_name,
        api.Student.last_name,
        api.Student.email,
        api.Student.lms_user_id,
    )
    students = tuple(Student(*(str(v or "") for v in row)) for row in rows.order_by(api.Student.id))
    points: dict[str, dict[str, float]] = {}
    dues = dict(db.query(api.Assignment.name, api.Assignment.duedate))
    cells = (
        db.query(api.Assignment.name, api.GradeCell.name, api.GradeCell.max_score)
        .join(api.Notebook, api.GradeCell.notebook_id == api.Notebook.id)
        .join(api.Assignment, api.Notebook.assignment_id == api.Assignment.id)
    )
    for unit, cell, most in cells:
        by_exercise = points.setdefault(unit, defaultdict(float))
        by_exercise[_exercise(unit, cell)] += most
    order = {name: i for i, name in enumerate(unit_names())}
    units = tuple(
        UnitInfo(n, sum(points[n].values()), _in_order(n, points[n]), dues.get(n))
        for n in sorted(points, key=lambda n: (order.get(n, len(order)), n))
    )
    handed = _handed(db, api)
    messages: dict[str, str] = {}
    if autograded is not None:
        for key, one in handed.items():
            path = autograded / one.student / one.unit / f"{one.unit}.ipynb"
            found = _mistakes(path, one.unit, messages)
            handed[key] = Handed(**{**vars(one), "mistakes": found})
    return ClassData(students, units, handed, messages, autograded)


def _handed(db, api) -> dict[tuple[str, str], Handed]:
    submissions = (
        db.query(
            api.SubmittedAssignment.id,
            api.Student.id,
            api.Assignment.name,
            api.SubmittedAssignment.timestamp,
        )
        .join(api.Student, api.SubmittedAssignment.student_id == api.Student.id)
        .join(api.Assignment, api.SubmittedAssignment.assignment_id == api.Assignment.id)
    )
    made = {i: {"student": s, "unit": u, "time": t, "exercises": defaultdict(float), "penalty": 0.0, "needs_person": False} for i, s, u, t in submissions}  # fmt: skip
    penalties = db.query(
        api.SubmittedNotebook.assignment_id, api.SubmittedNotebook.late_submission_penalty
    )
    for key, penalty in penalties:
        made[key]["penalty"] += penalty or 0.0
    grades = (
        db.query(
            api.SubmittedNotebook.assignment_id,
            api.GradeCell.name,
            api.Grade.score,
            api.Grade.extra_credit,
            api.Grade.needs_manual_grade,
        )
        .join(api.SubmittedNotebook, api.Grade.notebook_id == api.SubmittedNotebook.id)
        .join(api.GradeCell, api.Grade.cell_id == api.GradeCell.id)
    )
    for key, cell, score, extra, person in grades:
        one = made[key]
        one["exercises"][_exercise(one["unit"], cell)] += (score or 0.0) + (extra or 0.0)
        one["needs_person"] |= bool(person)
    return {
        (m["student"], m["unit"]): Handed(
            score=max(0.0, round(sum(m["exercises"].values()) - m["penalty"], 2)), **m
        )
        for m in made.values()
    }


def _exercise(unit: str, cell: str) -> str:
    try:
        return load_unit(unit).exercise_of(cell)
    except (UnitNotFound, ValueError):
        return cell  # an assignment of the instructor's own


def _in_order(unit: str, points: Mapping[str, float]) -> dict[str, float]:
    try:
        known = list(load_unit(unit).answers)
    except UnitNotFound:
        known = []
    order = {name: i for i, name in enumerate(known)}
    return {n: points[n] for n in sorted(points, key=lambda n: (order.get(n, len(order)), n))}


def _mistakes(path: Path, unit: str, messages: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the names of the misconceptions in a graded notebook, by exercise."""
    result = _stored(path).get("metadata", {}).get("course", {}).get("result")
    if not isinstance(result, dict):
        return {}
    try:
        known = feedback.read_result(
            feedback.NotebookNode(metadata={"course": {"result": result}}), load_unit(unit)
        )
        exercises = {load_unit(unit).exercise_of(c.id) for c in known.checks}
    except (UnitNotFound, ValueError, AttributeError, TypeError):
        return {}
    found = {}
    for exercise in exercises:
        named = feedback.named_mistakes(known, exercise)
        if named:
            found[exercise] = tuple(m.name for m in named)
            messages.update({m.name: m.message for m in named})
    return found


def _stored(path: Path) -> dict:
    try:
        stored = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return stored if isinstance(stored, dict) else {}


# ---------------------------------------------------------------- arithmetic


@dataclass(frozen=True)
class UnitStats:
    """A unit in numbers: points, and times in UTC; None where nobody handed it in."""

    unit: str
    title: str
    max: float
    handed_in: int
    missing: int
    late: int
    mean: float | None
    median: float | None
    lowest: float | None
    highest: float | None
    first: datetime | None
    middle: datetime | None
    last: datetime | None


@dataclass(frozen=True)
class ItemStats:
    """An exercise in numbers; see the head of this module. ``r`` and ``d`` are None in small classes."""

    unit: str
    exercise: str
    title: str
    max: float
    count: int
    difficulty: float
    all_right: float
    nothing: float
    r: float | None
    d: float | None


@dataclass(frozen=True)
class MistakeStats:
    """A misconception: how many had it, among how many who lost points there, and an example."""

    name: str
    unit: str
    exercise: str
    title: str
    message: str
    count: int
    lost: int
    example: str


@dataclass(frozen=True)
class NeedsHelp:
    """A student to look after, and why."""

    student: str
    share: float
    shares: tuple[float | None, ...]
    reasons: tuple[str, ...]


def unit_stats(data: ClassData) -> list[UnitStats]:
    """Return the numbers of each unit."""
    found = []
    for unit in data.units:
        handed = data.of_unit(unit.name)
        scores = [h.score for h in handed]
        times = sorted(h.time for h in handed if h.time)
        late = sum(bool(unit.due and t > unit.due) for t in times)
        found.append(
            UnitStats(
                unit.name, unit.title, unit.max, len(handed), len(data.students) - len(handed), late,
                statistics.fmean(scores) if scores else None,
                statistics.median(scores) if scores else None,
                min(scores, default=None), max(scores, default=None),
                times[0] if times else None,
                times[len(times) // 2] if times else None,
                times[-1] if times else None,
            )
        )  # fmt: skip
    return found


def item_stats(data: ClassData) -> list[ItemStats]:
    """Return difficulty and discrimination of every exercise."""
    found = []
    for unit in data.units:
        handed = data.of_unit(unit.name)
        for exercise, most in unit.exercises.items():
            if not handed or not most:
                continue
            shares = {h.student: h.exercises.get(exercise, 0.0) / most for h in handed}
            rest = {s: _rest(data, s, unit.name, exercise) for s in shares}
            pairs = [(shares[s], rest[s]) for s in shares if rest[s] is not None]
            values = list(shares.values())
            found.append(
                ItemStats(
                    unit.name, exercise, exercise_title(unit.name, exercise), most, len(values),
                    statistics.fmean(values),
                    sum(v >= 1 for v in values) / len(values),
                    sum(v <= 0 for v in values) / len(values),
                    correlation(pairs), upper_lower(pairs),
                )
            )  # fmt: skip
    return found


def _rest(data: ClassData, student: str, unit: str, exercise: str) -> float | None:
    """Return a student's share of everything handed in but one exercise."""
    won = most = 0.0
    for info in data.units:
        found = data.handed.get((student, info.name))
        if found is None:
            continue
        for name, points in info.exercises.items():
            if (info.name, name) != (unit, exercise):
                won += found.exercises.get(name, 0.0)
                most += points
    return won / most if most else None


def correlation(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Return Pearson's correlation; None for few pairs, or where one side does not vary.

    >>> round(correlation([(0, 0), (0, 0.2), (1, 0.9), (1, 1)] * 2), 2)
    0.98
    """
    if len(pairs) < FEWEST:
        return None
    try:
        return statistics.correlation(*zip(*pairs, strict=True))
    except statistics.StatisticsError:
        return None


def upper_lower(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Return the mean item share of the upper 27 % by the rest, less that of the lower 27 %.

    >>> upper_lower([(i >= 5, i) for i in range(10)])
    1.0
    """
    if len(pairs) < FEWEST:
        return None
    size = max(1, round(UPPER_LOWER * len(pairs)))
    ranked = [item for item, _ in sorted(pairs, key=lambda p: p[1])]
    return statistics.fmean(ranked[-size:]) - statistics.fmean(ranked[:size])


def exercise_title(unit: str, exercise: str) -> str:
    """Return an exercise's title without the word: ``'3.1: a multiply layer'``."""
    try:
        title = feedback._unit_text(unit, "en").exercises[exercise].title
    except (UnitNotFound, KeyError):
        return exercise
    return title.removeprefix("Exercise ")


def mistake_stats(data: ClassData) -> list[MistakeStats]:
    """Return the misconceptions, the most common first, each with one anonymous example."""
    owners: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for handed in data.handed.values():
        for exercise, names in handed.mistakes.items():
            for name in dict.fromkeys(names):
                owners[handed.unit, exercise, name].append(handed.student)
    most = {u.name: u.exercises for u in data.units}
    found = []
    for (unit, exercise, name), students in owners.items():
        lost = sum(
            h.exercises.get(exercise, 0.0) < most[unit].get(exercise, 0.0)
            for h in data.of_unit(unit)
        )
        example = _example(data, unit, exercise, sorted(students))
        title = exercise_title(unit, exercise)
        message = data.messages.get(name, "")
        found.append(
            MistakeStats(name, unit, exercise, title, message, len(students), lost, example)
        )
    return sorted(found, key=lambda m: (-m.count, m.unit, m.exercise, m.name))


def _example(data: ClassData, unit: str, exercise: str, students: Iterable[str]) -> str:
    """Return the shortest answer of some students, with nothing in it that says whose it is."""
    people = {s.id: s for s in data.students}
    answers = []
    for student in students:
        if data.autograded is None:
            break
        stored = _stored(data.autograded / student / unit / f"{unit}.ipynb")
        for cell in stored.get("cells", []):
            meta = cell.get("metadata", {}).get("nbgrader", {})
            if meta.get("solution") and meta.get("grade_id") == exercise:
                source = cell.get("source", "")
                text = source if isinstance(source, str) else "".join(source)
                answers.append(anonymous(text, people.values()))
    return min(answers, key=lambda a: (len(a), a), default="")


def anonymous(source: str, people: Iterable[Student]) -> str:
    """Return code without comments, docstrings, and the names and ids of a class.

    >>> print(anonymous("x = 1  # by Ann\\ny = 'ann b'", [Student("ann", "Ann", "B")]))
    x = 1
    y = '... b'
    """
    lines = _without_words(source).splitlines()
    text = "\n".join(line.rstrip() for line in lines if line.strip())
    words = {w for p in people for w in (p.id, p.first, p.last, p.email, p.lms) if len(w) > 2}
    for word in sorted(words, key=len, reverse=True):
        # Whole words alone: a student whose id is "add" does not empty everyone's code.
        text = re.sub(rf"(?i)(?<![A-Za-z0-9_.]){re.escape(word)}(?![A-Za-z0-9_(])", "...", text)
    lines = text.splitlines()
    more = [f"... {len(lines) - EXAMPLE_LINES} more lines"] if len(lines) > EXAMPLE_LINES else []
    return "\n".join(lines[:EXAMPLE_LINES] + more)


def _without_words(source: str) -> str:
    """Drop comments and strings that stand alone; source that is no Python loses its # lines."""
    lines = source.splitlines(keepends=True)
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError, ValueError):
        return "".join(line for line in lines if not line.lstrip().startswith("#"))
    layout = (tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING)
    drop = []
    for before, token, after in zip([None, *tokens], tokens, [*tokens[1:], None], strict=False):
        alone = (before is None or before.type in layout) and (
            after is None or after.type in (tokenize.NEWLINE, tokenize.ENDMARKER, tokenize.COMMENT)
        )
        if token.type == tokenize.COMMENT or (token.type == tokenize.STRING and alone):
            drop.append((token.start, token.end))
    for (top, left), (bottom, right) in reversed(drop):
        head, tail = lines[top - 1][:left], lines[bottom - 1][right:]
        lines[top - 1 : bottom] = [head + tail]
    return "".join(lines)


def current_units(data: ClassData) -> list[UnitInfo]:
    """Return the units that at least half of the class has handed in."""
    return [u for u in data.units if len(data.of_unit(u.name)) * 2 >= len(data.students)]


def nobody(data: ClassData) -> str:
    """Return what is said where `needs_help` names nobody."""
    if not current_units(data):
        return "No unit was handed in by half of the class yet: too early to say."
    return "Nobody is low, falling or missing."


def needs_help(data: ClassData) -> list[NeedsHelp]:
    """Return whom to look after: low, falling, or not handing in; the lowest first.

    Units that less than half of the class handed in do not count yet. What was not handed in
    counts as no points. *Falling* is a line through at least three units' shares that loses
    `FALL` of the points a unit, and ends lower than it began.
    """
    current = current_units(data)
    found = []
    for student in data.students:
        shares = tuple(data.share(student.id, u) for u in current)
        won = sum(s * u.max for s, u in zip(shares, current, strict=True) if s is not None)
        most = sum(u.max for u in current)
        share = won / most if most else 0.0
        reasons = []
        if current and share < LOW:
            reasons.append("less than half of the points so far")
        given = [s for s in shares if s is not None]
        if is_falling(given):
            reasons.append("falling: " + ", ".join(f"{s:.0%}" for s in given))
        missing = [u.name[:2] for u, s in zip(current, shares, strict=True) if s is None]
        if missing:
            reasons.append(f"not handed in: {', '.join(missing)}")
        if reasons:
            found.append(NeedsHelp(student.id, share, shares, tuple(reasons)))
    return sorted(found, key=lambda n: (n.share, n.student))


def is_falling(shares: Sequence[float]) -> bool:
    """Say whether shares fall from unit to unit.

    >>> is_falling([0.9, 0.8, 0.5]), is_falling([0.5, 0.9, 0.6]), is_falling([0.9, 0.1])
    (True, False, False)
    """
    if len(shares) < 3:
        return False
    slope = statistics.linear_regression(range(len(shares)), shares).slope
    return slope <= -FALL and shares[-1] < shares[0]


# ---------------------------------------------------------------- exports


def escape(value: object) -> str:
    """Return a text that no spreadsheet takes for a formula.

    A cell that starts with one of ``= + - @``, a tab or a line end would be computed, or could
    call a program, when an instructor opens the file; an apostrophe before it makes it text.

    >>> escape("=1+1"), escape("Ann"), escape(3.5), escape(" =1")
    ("'=1+1", 'Ann', '3.5', "' =1")
    """
    if isinstance(value, (int, float)):
        return f"{round(value, 2):g}"
    text = str(value).replace("\0", "")
    formula = text.lstrip()[:1] in tuple("=+-@＝＋－＠") and text != "-"
    if formula or text[:1] in ("\t", "\r", "\n"):
        return f"'{text}"
    return text


def _csv(rows: Iterable[Iterable[object]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([escape(v) for v in row] for row in rows)
    return out.getvalue()


def canvas_csv(data: ClassData) -> str:
    """Return the class as Canvas's gradebook imports it.

    A student is found by the Canvas id (``lms_user_id`` in nbgrader's gradebook) or by the login,
    which is the student's id here. A column goes to the assignment of the same title, or makes a
    new one; the second row has its points. An empty cell changes nothing.
    """
    head = [
        "Student",
        "ID",
        "SIS User ID",
        "SIS Login ID",
        "Section",
        *(u.title for u in data.units),
    ]
    rows = [head, ["    Points Possible", "", "", "", "", *(u.max for u in data.units)]]
    for s in data.students:
        number = s.lms if s.lms.isdigit() else ""
        rows.append([s.name, number, "", s.id, "", *_scores(data, s.id, "")])
    return _csv(rows)


def moodle_csv(data: ClassData) -> str:
    """Return the class as Moodle's gradebook imports it (Grades, Import, CSV file).

    The import page asks which column tells who it is: map ``Username`` to *username*, or the
    e-mail address, or the ID number (``lms_user_id``); then each unit to its grade item. A hyphen
    is no grade, as in Moodle's own exports.
    """
    head = ["Username", "First name", "Last name", "ID number", "Email address"]
    rows = [[*head, *(u.title for u in data.units)]]
    for s in data.students:
        rows.append([s.id, s.first, s.last, s.lms, s.email, *_scores(data, s.id, "-")])
    return _csv(rows)


def _scores(data: ClassData, student: str, none: str) -> Iterator[object]:
    for unit in data.units:
        found = data.handed.get((student, unit.name))
        yield found.score if found else none


def nbgrader_csv(data: ClassData) -> str:
    """Return the columns and rows of `nbgrader export`, which leaves its own texts unquoted."""
    head = [
        "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email",
        "raw_score", "late_submission_penalty", "score", "max_score",
    ]  # fmt: skip
    rows: list[list[object]] = [head]
    for unit in data.units:
        for s in data.students:
            found = data.handed.get((s.id, unit.name)) or Handed(s.id, unit.name, 0.0)
            numbers = (found.raw, found.penalty, found.score, unit.max)
            who = (s.id, s.last, s.first, s.email)
            # As text, since nbgrader writes 12.0 and not 12.
            rows.append([unit.name, unit.due or "", found.time or "", *who, *map(str, numbers)])
    return _csv(rows)


def to_json(data: ClassData) -> str:
    """Return everything as JSON: students, scores by unit and exercise, and the statistics."""
    everything = {
        "students": [asdict(s) for s in data.students],
        "units": [{**asdict(u), "exercises": dict(u.exercises)} for u in data.units],
        "submissions": [
            {**vars(h), "exercises": dict(h.exercises), "mistakes": dict(h.mistakes)}
            for h in data.handed.values()
        ],
        "unit_stats": [asdict(s) for s in unit_stats(data)],
        "exercises": [asdict(s) for s in item_stats(data)],
        "misconceptions": [asdict(s) for s in mistake_stats(data)],
        "needs_help": [asdict(s) for s in needs_help(data)],
    }
    return json.dumps(everything, ensure_ascii=False, indent=1, default=str) + "\n"


EXPORTS = {
    "canvas": ("canvas.csv", canvas_csv),
    "moodle": ("moodle.csv", moodle_csv),
    "nbgrader": ("nbgrader.csv", nbgrader_csv),
    "json": ("report.json", to_json),
}
PAGE = "report.html"


# ---------------------------------------------------------------- the page


def plots(data: ClassData) -> dict:
    """Return the plots of the report by what they show; None where there is nothing to show."""
    return {
        "scores": _score_plot(data),
        "exercises": _item_plot(item_stats(data)),
        "times": _time_plot(data),
    }


def _score_plot(data: ClassData):
    from course import figures

    units = [u for u in data.units if data.of_unit(u.name)]
    if not units:
        return None
    fig, axes = figures.subplots(7, 2.8)
    medians = []
    for place, unit in enumerate(units):
        shares = sorted(100 * h.score / unit.max for h in data.of_unit(unit.name))
        # Equal scores side by side, so that each student is one dot.
        seen: dict[int, int] = defaultdict(int)
        across = []
        for share in shares:
            seen[round(share / 3)] += 1
            across.append(
                place + 0.035 * (seen[round(share / 3)] // 2) * (-1) ** seen[round(share / 3)]
            )
        axes.plot(across, shares, "o", color="#1272c4", markersize=4, alpha=0.6, linestyle="none")
        medians.append(statistics.median(shares))
        axes.plot([place - 0.3, place + 0.3], [medians[-1]] * 2, "-", color="#cc5200", linewidth=2)
    axes.set(ylim=(-4, 104), ylabel="% of the points")
    axes.set_xticks(range(len(units)), [u.name[:2] for u in units])
    axes.grid(False, axis="x")
    words = ", ".join(f"unit {u.name[:2]}: {m:.0f} %" for u, m in zip(units, medians, strict=True))
    return figures.plot(
        fig, title="Scores by unit", alt=f"One dot a student. Medians: {words}.",
        caption="One dot a student, a line at the median.",
    )  # fmt: skip


def _item_plot(items: Sequence[ItemStats]):
    from course import figures

    if not items:
        return None
    fig, axes = figures.subplots(7, 0.9 + 0.24 * len(items))
    places = range(len(items))
    axes.barh(places, [100 * i.difficulty for i in items], color="#1272c4", height=0.6)
    axes.set_yticks(places, [_plain(i.title) for i in items], fontsize=9)
    axes.set(xlim=(0, 100), xlabel="mean % of the points")
    axes.set_ylim(len(items) - 0.4, -0.6)
    axes.grid(False, axis="y")
    hardest = ", ".join(
        f"{i.title} {i.difficulty:.0%}" for i in sorted(items, key=lambda i: i.difficulty)[:3]
    )
    return figures.plot(
        fig, title="Exercises", alt=f"A bar for each exercise. The hardest: {hardest}.",
        caption="How much of each exercise the class got.",
    )  # fmt: skip


def _plain(text: str) -> str:
    return text.replace("$", "")  # matplotlib would set it as a formula


def _time_plot(data: ClassData):
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    from course import figures

    units = [u for u in data.units if any(h.time for h in data.of_unit(u.name))]
    if not units:
        return None
    fig, axes = figures.subplots(7, 0.9 + 0.34 * len(units))
    for place, unit in enumerate(units):
        times = [h.time for h in data.of_unit(unit.name) if h.time]
        axes.plot(
            times, [place] * len(times), "|", color="#1272c4", markersize=12, linestyle="none"
        )
        if unit.due:
            axes.plot([unit.due] * 2, [place - 0.4, place + 0.4], "-", color="#cc5200", linewidth=2)
    axes.set_yticks(range(len(units)), [u.name[:2] for u in units])
    axes.set_ylim(len(units) - 0.4, -0.6)
    axes.grid(False, axis="y")
    moments = [h.time for u in units for h in data.of_unit(u.name) if h.time]
    moments += [u.due for u in units if u.due]
    first, last = min(moments), max(moments)
    if last - first < DAY:  # matplotlib would spread a single moment over years
        middle = first + (last - first) / 2
        axes.set_xlim(middle - DAY / 2, middle + DAY / 2)
    locator = AutoDateLocator(minticks=4, maxticks=8)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    stats = {s.unit: s for s in unit_stats(data)}
    words = "; ".join(
        f"unit {u.name[:2]} from {stats[u.name].first:%d %b %H:%M} to {stats[u.name].last:%d %b %H:%M}"
        for u in units
    )
    return figures.plot(
        fig, title="Times of handing in", alt=f"A stroke for each submission: {words} (UTC).",
        caption="A stroke for each submission (UTC); a longer line is the due date.",
    )  # fmt: skip


def html(data: ClassData, now: datetime | None = None, back: str = "") -> str:
    """Return the report as one HTML file, like the feedback pages: no script, no network.

    ``now`` is in UTC; ``back`` is the address of the page that it was opened from, where there
    is one.
    """
    shown = {k: feedback.Markup(p._repr_html_()) if p else "" for k, p in plots(data).items()}
    return (
        feedback.environment()
        .get_template("report.html")
        .render(
            data=data,
            units=unit_stats(data),
            items=item_stats(data),
            mistakes=[(m, feedback.highlight(m.example)) for m in mistake_stats(data)],
            help=needs_help(data),
            nobody=nobody(data),
            names={s.id: sanitise.text(s.name) for s in data.students},
            plots=shown,
            fewest=FEWEST,
            now=now or datetime.now(timezone.utc),
            back=back,
        )
    )


# ---------------------------------------------------------------- the terminal


def tables(data: ClassData) -> Iterator:
    """Yield the report as tables of rich."""
    from rich import box
    from rich.markup import escape as no_markup
    from rich.table import Table

    def plain(words: str) -> str:
        return no_markup(sanitise.text(words))

    def table(title: str, *columns: str, left: int = 1) -> Table:
        made = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
        for i, column in enumerate(columns):
            made.add_column(column, justify="left" if i < left else "right", overflow="fold")
        return made

    made = table("Units", "unit", "handed in", "missing", "late", "mean", "median", "of")
    for u in unit_stats(data):
        made.add_row(
            plain(u.title), str(u.handed_in), str(u.missing or ""), str(u.late or ""),
            *("-" if v is None else f"{v:.1f}" for v in (u.mean, u.median)), f"{u.max:g}",
        )  # fmt: skip
    yield made

    made = table("Exercises", "exercise", "difficulty", "all right", "nothing", "r", "d")
    for i in item_stats(data):
        made.add_row(
            plain(i.title), f"{i.difficulty:.2f}", f"{i.all_right:.0%}", f"{i.nothing:.0%}",
            *("-" if v is None else f"{v:.2f}" for v in (i.r, i.d)),
        )  # fmt: skip
    made.caption = (
        "difficulty: mean share of the points. r: corrected point-biserial correlation "
        "with all the rest. d: upper less lower 27 %."
    )
    yield made

    found = mistake_stats(data)[:15]
    if found:
        made = table("Most common misconceptions", "misconception", "exercise", "count", left=2)
        for m in found:
            made.add_row(plain(m.name), plain(m.title), str(m.count))
        yield made

    made = table("Who needs help", "student", "why", "points so far", left=2)
    for n in needs_help(data):
        made.add_row(plain(n.student), plain("; ".join(n.reasons)), f"{n.share:.0%}")
    if not made.row_count:
        made.caption = nobody(data)
    yield made


# ---------------------------------------------------------------- the command


class NoClass(LookupError):
    """Raised when there is no gradebook that can be read, or nobody in it."""


def run_report(
    root: Path, as_html: bool, exports: Sequence[str], to: Path, db: str | None, console
) -> None:
    """Do what ``grader report`` does: print the tables, or write the page and the exports.

    Parameters
    ----------
    root : Path
        The course directory.
    as_html : bool
        Whether to write the page.
    exports : sequence of str
        Keys of `EXPORTS`.
    to : Path
        The folder to write to.
    db : str or None
        The URL of the gradebook; by default the configured one.
    console : rich.console.Console

    Raises
    ------
    NoClass
        If there is nothing to tell of; the message says why.
    """
    data = load_course(root, db)
    if not (as_html or exports):
        for table in tables(data):
            console.print(table)
        return
    to.mkdir(parents=True, exist_ok=True)
    files = {PAGE: html} if as_html else {}
    files |= dict(EXPORTS[name] for name in exports)
    for name, write in files.items():
        # As bytes: the line ends of a CSV file are its own.
        (to / name).write_bytes(write(data).encode("utf-8", "replace"))
        console.print(f"wrote {to / name}", highlight=False, soft_wrap=True, markup=False)


def load_course(root: Path, db: str | None = None) -> ClassData:
    """Read the class of a course directory.

    Raises
    ------
    NoClass
        If there is no gradebook yet, nobody in it, or it cannot be read.
    """
    from nbgrader.api import Gradebook
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import SQLAlchemyError

    from .coursedir import environment_on_path, open_course
    from .gradebook import GradebookError, database_url

    coursedir = open_course(root, **({"db_url": db} if db else {})).coursedir
    try:
        url = database_url(coursedir.db_url)
    except GradebookError as error:
        raise NoClass(str(error)) from None
    path = coursedir.db_url.removeprefix("sqlite:///")
    if path == coursedir.db_url:
        path = make_url(url).render_as_string(hide_password=True)
    elif not Path(path).is_file():
        raise NoClass(f"there is no gradebook at {path}: release a unit and grade it first")
    try:
        with environment_on_path(), Gradebook(url, coursedir.course_id) as book:
            data = load(book, Path(coursedir.root) / coursedir.autograded_directory)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise NoClass(f"the gradebook {path} cannot be used: {reason}") from None
    if not data.students or not data.units:
        raise NoClass(f"the gradebook {path} has no students or no units yet")
    return data

"""The pages that a student reads: one for a submission, one for the whole course.

A page is one file that needs no network and no script: formulas are MathML, pictures are inline,
a strict Content-Security-Policy forbids the rest. Everything of the student's goes through
`grader.sanitise`; a check's source, a hidden check's expected values and tracebacks stay out.

`page` is pure and quick (about 10 ms): a batch calls it in its workers. `Grades` and
`course_so_far` hold what only a gradebook knows.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import jinja2
from markupsafe import Markup
from nbformat import NotebookNode

from course.check import FAILED, NOT_WRITTEN, PASSED
from course.figures._picture import STYLE as FIGURE_STYLE

from . import sanitise
from .diagnose import Diagnosis, Mistake, as_spoken
from .editions import TWIN, translated_demos
from .grading import CheckResult, Result, result_of
from .language import N_, _, every, joined, language, language_of, using
from .units import Unit, UnitNotFound, grade_id, kind, load_unit, unit_names

TEMPLATES = Path(__file__).parent / "templates"
MISCONCEPTIONS = Path(__file__).parent / "misconceptions"
COURSE_PAGE = "course.html"
MOST_FACTS = 6
SAME_REASON = N_("for the same reason")
STATES = {
    "right": N_("all right"),
    "partly": N_("partly right"),
    "wrong": N_("not right yet"),
    "blank": N_("not written yet"),
}
RIGHT_SO_FAR = N_("right so far")


@dataclass(frozen=True)
class Grades:
    """What the gradebook says of one submission; its scores stand above the checks' own.

    Attributes
    ----------
    scores : mapping of str to float
        Points by check id: those given by hand where there are some.
    by_hand : set of str
        The check ids whose points a person gave.
    comments : mapping of str to str
        What a person wrote, by exercise.
    late_penalty : float
        Points taken off for a late hand-in.
    handed_in : datetime or None
        In UTC.
    """

    scores: Mapping[str, float] = field(default_factory=dict)
    by_hand: frozenset[str] = frozenset()
    comments: Mapping[str, str] = field(default_factory=dict)
    late_penalty: float = 0.0
    handed_in: datetime | None = None


@dataclass(frozen=True)
class UnitScore:
    """One bar of the course so far; ``score`` is None where nothing was handed in."""

    unit: str
    score: float | None
    max: float

    @property
    def title(self) -> str:
        """The unit's name as people read it: ``'03 Add and multiply nodes'``."""
        return unit_title(self.unit)

    @property
    def share(self) -> float:
        """The part of the points that was won, from 0 to 1."""
        return min(max((self.score or 0.0) / self.max, 0.0), 1.0) if self.max else 0.0

    @property
    def link(self) -> str:
        """Where the unit's page is, seen from the page of the course."""
        return f"{quote(self.unit)}/{quote(self.unit)}.html"


@dataclass(frozen=True)
class Part:
    """One part of a check as it was printed."""

    passed: bool
    what: str
    reason: str = ""
    detail: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Misconception:
    """What a wrong answer is known as, and what to say to whoever wrote it."""

    name: str
    message: str = ""
    also: tuple[str, ...] = ()


# ---------------------------------------------------------------- what a check printed


def parts(text: str, hidden: bool) -> list[Part]:
    """Return the parts of a check from its printed text; see `course.check.Check.score`.

    What a hidden check expected is left out, should it ever have been printed.

    >>> parts("mul: 1 of 2 points\\n  ok     forward\\n  WRONG  dx\\n         dx is not right", True)
    [Part(passed=True, what='forward'...), Part(passed=False, what='dx', reason='dx is not right'...)]
    """
    found: list[dict] = []
    for line in text.splitlines():
        head = _part_line().match(line)
        if head:
            found.append({"passed": not head[2], "what": head[3], "reason": []})
        elif found and line.startswith(" " * 9):
            _add_line(found[-1], line[9:], hidden)
    return [
        Part(**{k: "\n".join(v) if isinstance(v, list) else v for k, v in f.items()}) for f in found
    ]


def _any_of(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, words))


@functools.cache
def _part_line() -> re.Pattern:
    """Return the pattern of a line that says how a part went, in any language."""
    return re.compile(rf"  ({_any_of(every(PASSED))}|({_any_of(every(FAILED))}))  (.*)")


@functools.cache
def _beginnings(message: str) -> tuple[str, ...]:
    """Return what a printed line of a check begins with, in every language."""
    return tuple(words.partition("{")[0] for words in every(message))


def _add_line(part: dict, line: str, hidden: bool) -> None:
    hint = next((w for w in _beginnings("hint: {hint}") if line.startswith(w)), None)
    if hint:
        part["hint"] = line[len(hint) :]
    elif "hint" in part:  # a hint comes last, and a long one goes on
        part["hint"] = joined(part["hint"], line.strip())
    elif line.startswith(_beginnings("expected {expected}\n     got {got}")) or "detail" in part:
        if not hidden:
            part.setdefault("detail", []).append(line)
        else:
            part["detail"] = []
    else:
        part["reason"].append(line)


def _printed(cell: NotebookNode) -> str:
    return "".join(o.text for o in cell.outputs if o.output_type == "stream" and o.name == "stdout")


# ---------------------------------------------------------------- results in notebooks


def read_result(notebook: NotebookNode, unit: Unit, name: str = "<notebook>") -> Result:
    """Return the result of an executed notebook: the stored one, else read off its checks.

    Parameters
    ----------
    notebook : NotebookNode
        As `grading.examine` returns it or as it lies in autograded/. Its metadata may hold
        ``{"course": {"result": Result.to_dict()}}``.
    unit : Unit
        What it is a copy of.
    name : str
        Stands in a result that is read off the checks.
    """
    course = notebook.metadata.get("course")
    stored = course.get("result") if isinstance(course, dict) else None
    if isinstance(stored, dict):
        try:
            checks = [CheckResult(**c) for c in stored["checks"]]
            found = {n: _diagnosis(d) for n, d in stored.get("diagnoses", {}).items()}
            return Result(
                **{**stored, "checks": checks, "notes": list(stored["notes"]), "diagnoses": found}
            )
        except (KeyError, TypeError):
            pass  # of another version of the grader
    return result_of(notebook, unit, name)


def _diagnosis(stored: Mapping) -> Diagnosis:
    """Return a diagnosis from what `Result.to_dict` made of it, by way of a JSON file."""
    mistakes = [Mistake(**{k: _frozen(v) for k, v in m.items()}) for m in stored["mistakes"]]
    return Diagnosis(**{k: _frozen(v) for k, v in stored.items()} | {"mistakes": tuple(mistakes)})


def _frozen(value):
    return tuple(value) if isinstance(value, list) else value


def named_mistakes(result: Result, exercise: str) -> list[Misconception]:
    """Return the misconceptions that explain what an exercise lost, each once."""
    diagnosis = result.diagnoses.get(exercise)
    if diagnosis and diagnosis.mistakes:
        return [Misconception(m.title, m.message, tuple(m.also)) for m in diagnosis.mistakes]
    unit = load_unit(result.unit)
    checks = [c for c in result.checks if unit.exercise_of(c.id) == exercise]
    found = [m for c in checks for m in misconceptions(c, exercise, result.unit)]
    return list(dict.fromkeys(found))


def misconceptions(check: CheckResult, exercise: str, unit: str) -> list[Misconception]:
    """Return the misconceptions that stand in one check's own result.

    ``CheckResult.misconception`` is None, one string, or a list of them. A string is the name of a
    file in misconceptions/<unit>/<exercise>/, or words: a name, and after the first line
    what to say. A mapping with ``name`` and ``message`` does as well.
    """
    named = check.misconception
    if not named:
        return []
    found = []
    for one in named if isinstance(named, (list, tuple)) else [named]:
        if isinstance(one, Mapping):
            found.append(Misconception(str(one.get("name", "")), str(one.get("message", ""))))
            continue
        stem = str(one).strip().removesuffix(".py").rpartition("/")[2]
        known = _from_file(unit, exercise, stem) if re.fullmatch(r"[\w-]+", stem) else None
        head, _line, rest = str(one).strip().partition("\n")
        found.append(known or Misconception(head.strip(), _paragraphs(rest)))
    return found


@functools.lru_cache(1024)
def _from_file(unit: str, exercise: str, stem: str) -> Misconception | None:
    path = MISCONCEPTIONS / unit / exercise / f"{stem}.py"
    try:
        words = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    except (OSError, SyntaxError):
        return None
    head, _line, rest = words.partition("\n")
    return Misconception(head.strip(), _paragraphs(re.sub(r"(?m)^Same as:.*$", "", rest)))


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(p.split()) for p in re.split(r"\n\s*\n", text) if p.strip())


# ---------------------------------------------------------------- what the unit says


@dataclass(frozen=True)
class _ExerciseText:
    title: str
    hints: Markup
    section: str


@dataclass(frozen=True)
class _UnitText:
    title: str
    exercises: Mapping[str, _ExerciseText]
    sections: Mapping[str, Markup]
    headings: Mapping[str, str]
    given: frozenset[str]


def _heading(source: str) -> str:
    """Return the heading that a text cell starts with, without what stands in brackets."""
    found = re.match(r"#{1,2} +(.+)", source.lstrip())
    return re.sub(r"\s*[(（][^()（）]*[)）]\s*$", "", found[1]).strip() if found else ""


@functools.lru_cache(64)
def _unit_text(name: str, lang: str) -> _UnitText:
    """Return the titles, hints and sections of a unit; rendered once a process."""
    cells = load_unit(name).notebook.cells
    spoken = [
        c for c in cells if c.cell_type != "markdown" or c.metadata.get("course", {}).get("lang", lang) == lang
    ]  # fmt: skip
    title, section, heading, answer = name, "", "", None
    titles: dict[str, tuple[str, str]] = {}
    hints: dict[str, list[str]] = {}
    sections: dict[str, list[str]] = {}
    headings: dict[str, str] = {}  # by the id of the English cell
    for cell in spoken:
        if kind(cell) == "answer":
            answer = grade_id(cell)
            titles[answer] = (heading or answer, section)
        if cell.cell_type != "markdown":
            continue
        found = _heading(cell.source)
        if cell.source.startswith("# "):
            title = found
        elif found:
            heading, answer = found, None
            if not _is_exercise(cell.source):
                section = found
        if answer and "<details>" in cell.source:
            hints.setdefault(answer, []).append(cell.source)
        elif heading:
            # A section by its heading, a task by its number alone: "Exercise 3.1".
            about = re.sub(r"[:：].*", "", heading) if _is_exercise(heading) else heading
            headings[cell.id.removesuffix(TWIN)] = about
            sections.setdefault(about, []).append(re.sub(r"^#+ .*\n", "", cell.source))
    return _UnitText(
        title,
        {
            e: _ExerciseText(t, sanitise.markdown("\n\n".join(hints.get(e, [])), f"h-{e}-"), s)
            for e, (t, s) in titles.items()
        },
        {
            h: sanitise.markdown("\n\n".join(t), f"s{i}-")
            for i, (h, t) in enumerate(sections.items())
        },
        headings,
        frozenset(c.source.strip() for c in [*cells, *translated_demos(load_unit(name))]),
    )


def _is_exercise(heading: str) -> bool:
    return bool(re.match(r"(?:## +)?(?:Exercise|练习)\s*\d", heading))


def unit_title(name: str) -> str:
    """Return a unit's title, such as ``'03 Add and multiply nodes'``; its name if unknown."""
    try:
        return _unit_text(name, language()).title
    except UnitNotFound:
        return name


def _to_read(message: str, lang: str) -> Iterator[tuple[str, Markup]]:
    """Yield the titles and texts of the sections that a message, in English, names."""
    number = re.search(r"unit (\d\d)", message)
    message = " ".join(message.split())
    tasks = [f"Exercise {n}" for n in re.findall(r"task of exercise (\d+\.\d+)", message)]
    sections = [s for _quote, s in re.findall(r"""section (['"])(.+?)\1""", message)]
    for section in sections + tasks:
        for name in unit_names():
            if number and not name.startswith(number[1]):
                continue
            cell = next((i for i, h in _unit_text(name, "en").headings.items() if h == section), "")
            ours = _unit_text(name, lang).headings.get(cell, "")
            text = _unit_text(name, lang).sections.get(ours)
            if text and section in tasks:
                task = ours[:1].lower() + ours[1:]
                yield _("The task of {exercise}").format(exercise=task), text
            elif text:
                said = _("Unit {number}, section “{section}”")
                yield said.format(number=name[:2], section=ours), text


# ---------------------------------------------------------------- the page of a submission


@dataclass
class _Check:
    id: str
    hidden: bool
    score: float
    points: float
    by_hand: bool
    parts: list[Part]
    message: str


@dataclass
class _Exercise:
    id: str
    title: str
    code: Markup
    outputs: list[dict]
    checks: list[_Check] = field(default_factory=list)
    misconceptions: list[Misconception] = field(default_factory=list)
    reading: list[tuple[str, Markup]] = field(default_factory=list)
    hints: str = ""
    section: str = ""
    comment: str = ""
    blank: bool = False
    facts: list[str] = field(default_factory=list)
    follows_from: list[str] = field(default_factory=list)
    whole: bool = True  # whether all its checks are told of

    @property
    def score(self) -> float:
        return round(sum(c.score for c in self.checks), 2)

    @property
    def points(self) -> float:
        return sum(c.points for c in self.checks)

    @property
    def state(self) -> str:
        if self.score >= self.points:
            return "right"
        if self.blank:
            return "blank"
        return "partly" if self.score > 0 else "wrong"

    @property
    def state_words(self) -> str:
        if self.state == "right" and not self.whole:
            return _(RIGHT_SO_FAR)
        return _(STATES[self.state])


class _Outputs:
    """Turns the outputs of cells into what the template shows; numbers them for their ids."""

    def __init__(self) -> None:
        self.count = 0

    def prefix(self) -> str:
        self.count += 1
        return f"own{self.count}-"

    def show(self, cell: NotebookNode) -> list[dict]:
        """Return the outputs of a cell as dicts with a ``kind`` and what it needs."""
        return [shown for o in cell.get("outputs", ()) if (shown := self._one(o))]

    def _one(self, output: NotebookNode) -> dict | None:
        if output.output_type == "stream":
            return {
                "kind": "text",
                "text": sanitise.text(output.text),
                "error": output.name == "stderr",
            }
        if output.output_type == "error":
            lines = "\n".join(output.traceback) or f"{output.ename}: {output.evalue}"
            return {"kind": "text", "text": sanitise.text(lines), "error": True}
        return self._data(output.get("data", {}))

    def _data(self, data: Mapping) -> dict | None:
        """Choose the richest form of an output that is safe to show, as a notebook does."""
        data = {k: "".join(v) if isinstance(v, list) else v for k, v in data.items()}
        words = data.get("text/plain") if isinstance(data.get("text/plain"), str) else ""
        for mime in ("image/svg+xml", "text/html", "text/markdown", "text/latex"):
            source = data.get(mime)
            if not isinstance(source, str):
                continue
            if mime == "text/latex":
                source = source if "$" in source or "\\begin" in source else f"$${source}$$"
            make = sanitise.html if mime in ("image/svg+xml", "text/html") else sanitise.markdown
            html = make(source, self.prefix())
            # An output that was all script leaves nothing; then its words are shown.
            if (
                re.search(r"<(?:svg|img|math|td|hr)\b", html)
                or re.sub(r"<[^>]*>", "", html).strip()
            ):
                return {"kind": "html", "html": html}
        for mime in ("image/png", "image/jpeg"):
            source = data.get(mime)
            url = sanitise.image_url(mime, source) if isinstance(source, str) else None
            if url:
                return {"kind": "image", "url": url, "alt": _alt(words)}
        if words:
            return {"kind": "text", "text": sanitise.text(words), "error": False}
        return (
            {
                "kind": "note",
                "text": _("an output of type {types}").format(types=", ".join(map(str, data))[:80]),
            }
            if data
            else None
        )


def _alt(words: str) -> str:
    words = sanitise.text(words).strip()[:200]
    return _("picture: {words}").format(words=words) if words else _("picture drawn by your code")


@functools.cache
def _highlighter():
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    return PythonLexer(stripnl=False), HtmlFormatter(nowrap=True, classprefix="hl-")


@functools.lru_cache(512)
def highlight(source: str) -> Markup:
    """Return Python source as HTML with classes; stubs and right answers repeat: cached."""
    from pygments import highlight as pygments_highlight

    source = sanitise.text(source)
    if len(source) > 100_000:
        return Markup("{}").format(source)
    return Markup(pygments_highlight(source, *_highlighter()).rstrip("\n"))


@functools.cache
def environment() -> jinja2.Environment:
    """Return the templates' environment, made once a process; everything is escaped by default."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
    )
    made.filters["points"] = lambda x: f"{round(x, 2):g}"
    made.filters["paragraphs"] = lambda t: [p for p in t.split("\n\n") if p.strip()]
    made.filters["moment"] = _moment
    made.globals["_"] = _
    made.globals["language"] = language
    css = (TEMPLATES / "page.css").read_text("utf-8")
    made.globals["css"] = Markup(re.sub(r"(?m)^\s+|/\*.*?\*/", "", css) + FIGURE_STYLE)
    return made


def _moment(time: datetime) -> str:
    """Return a time as people write it."""
    said = _("{day} {month} {year} at {time}")
    return said.format(
        day=f"{time:%d}",
        month=f"{time:%B}",
        number=time.month,
        year=time.year,
        time=f"{time:%H:%M}",
    )


def page(
    result: Result,
    notebook: NotebookNode,
    *,
    student: str = "",
    grades: Grades | None = None,
    course: Sequence[UnitScore] = (),
    lang: str | None = None,
    whole: bool = True,
) -> str:
    """Return the feedback page of one submission as one HTML file.

    Parameters
    ----------
    result : Result
        As `grading.examine` or `read_result` gives it.
    notebook : NotebookNode
        The restored, executed notebook. Not modified.
    student : str, optional
        Whose it is; stands in the heading.
    grades : Grades, optional
        What the gradebook knows besides: points given by hand, comments, a late penalty.
    course : sequence of UnitScore, optional
        The units so far, for the bars at the end of the page.
    lang : str, optional
        ``'en'`` or ``'zh'``; by default what the notebook's metadata says, else English.
    whole : bool
        False for the visible part, for who may not know the rest yet: result and notebook are
        those of a run without hidden checks (`worker.Outcome.visible`), and what `grades` and
        `course` tell of all checks together is left out.
    """
    grades = grades or Grades()
    if not whole:
        grades = Grades(grades.scores, grades.by_hand, handed_in=grades.handed_in)
        course = ()
    with using(lang or language_of(notebook)):
        return _page(result, notebook, student, grades, course, whole)


def _page(
    result: Result,
    notebook: NotebookNode,
    student: str,
    grades: Grades,
    course: Sequence[UnitScore],
    whole: bool,
) -> str:
    unit, lang = load_unit(result.unit), language()
    blocks = list(_blocks(result, notebook, unit, grades, lang))
    exercises = [b for b in blocks if isinstance(b, _Exercise)]
    for exercise in exercises:
        exercise.whole = whole
    gained = sum(e.score for e in exercises)
    score = max(gained - grades.late_penalty, 0.0) if grades.late_penalty else gained
    return (
        environment()
        .get_template("feedback.html")
        .render(
            title=_unit_text(unit.name, lang).title,
            unit=unit.name,
            student=sanitise.text(student),
            grades=grades,
            score=score,
            max=sum(e.points for e in exercises),
            blocks=blocks,
            exercises=exercises,
            notes=[sanitise.text(n) for n in result.notes],
            course=course,
            same=_(SAME_REASON),
            whole=whole,
        )
    )


def _blocks(
    result: Result, notebook: NotebookNode, unit: Unit, grades: Grades, lang: str
) -> Iterator[_Exercise | dict]:
    """Yield the exercises and the student's own cells, in the order of the notebook."""
    text = _unit_text(unit.name, lang)
    outputs = _Outputs()
    cells = {grade_id(c): c for c in notebook.cells if kind(c) == "check"}
    checks: dict[str, list[CheckResult]] = {}
    for check in result.checks:
        checks.setdefault(unit.exercise_of(check.id), []).append(check)
    for cell in notebook.cells:
        if kind(cell) == "answer":
            name = grade_id(cell)
            yield _exercise(
                cell, name, result, checks.get(name, []), cells, unit, text, grades, outputs, lang
            )
        elif kind(cell) in ("prose", "free", "demo") and cell.source.strip() not in text.given:
            own = _own(cell, outputs)
            if own:
                yield own


def _exercise(
    cell: NotebookNode,
    name: str,
    result: Result,
    checks: Iterable[CheckResult],
    cells: Mapping[str, NotebookNode],
    unit: Unit,
    text: _UnitText,
    grades: Grades,
    outputs: _Outputs,
    lang: str,
) -> _Exercise:
    known = text.exercises.get(name, _ExerciseText(name, Markup(""), ""))
    made = _Exercise(
        name, known.title, highlight(cell.source), outputs.show(cell), section=known.section
    )
    named = named_mistakes(result, name)
    made.misconceptions = _as_spoken(result, name) or named
    diagnosis = result.diagnoses.get(name)
    if diagnosis and not diagnosis.mistakes:
        made.facts = [sanitise.text(f) for f in diagnosis.facts[:MOST_FACTS]]
        made.follows_from = [
            text.exercises[e].title for e in diagnosis.follows_from if e in text.exercises
        ]
    printed = ""
    for one in checks:
        check_cell = cells.get(one.id)
        said = sanitise.text(_printed(check_cell)) if check_cell else ""
        printed += said
        hidden = _is_hidden(unit, one.id)
        made.checks.append(
            _Check(
                one.id,
                hidden,
                float(grades.scores.get(one.id, one.score)),
                one.points,
                one.id in grades.by_hand,
                parts(said, hidden),
                "" if said else sanitise.text(one.message)[:500],
            )
        )
    _say_once(made.checks)
    unwritten = [re.split("[:：]", words)[0] for words in every(NOT_WRITTEN)]
    made.blank = any(words in printed for words in unwritten) and not any(
        p.passed for c in made.checks for p in c.parts
    )
    if made.state != "right":
        made.hints = known.hints
        sections = {t: b for m in named for t, b in _to_read(m.message, lang)}
        made.reading = list(sections.items())
    made.comment = sanitise.text(grades.comments.get(name) or "")
    return made


def _as_spoken(result: Result, exercise: str) -> list[Misconception]:
    """Return the mistakes of a diagnosis in the language of the page."""
    diagnosis = result.diagnoses.get(exercise)
    spoken = [as_spoken(m) for m in diagnosis.mistakes] if diagnosis else []
    return [Misconception(m.title, m.message, tuple(m.also)) for m in spoken]


def _say_once(checks: list[_Check]) -> None:
    """Shorten reasons and hints that parts of an exercise share: the first part keeps them."""
    reasons, hints = set(), set()
    for check in checks:
        for i, part in enumerate(check.parts):
            if part.reason and part.reason in reasons:
                part = replace(part, reason=_(SAME_REASON))
            if part.hint in hints:
                part = replace(part, hint="")
            reasons.add(part.reason)
            hints.add(part.hint)
            check.parts[i] = part


@functools.lru_cache(512)
def _hidden_ids(unit: str) -> frozenset[str]:
    checks = load_unit(unit).checks
    return frozenset(i for i, c in checks.items() if "### BEGIN HIDDEN TESTS" in c.source)


def _is_hidden(unit: Unit, check_id: str) -> bool:
    # A check that is not in source/ any more tells as little as a hidden one.
    return check_id in _hidden_ids(unit.name) or check_id not in unit.checks


def _own(cell: NotebookNode, outputs: _Outputs) -> dict | None:
    """Return a cell of the student's own for the template, or None for an empty one."""
    if not cell.source.strip():
        return None
    if cell.cell_type == "markdown":
        shown = sanitise.markdown(cell.source, outputs.prefix(), cell.get("attachments"))
        return {"own": "text", "html": shown}
    if cell.cell_type == "code":
        return {"own": "code", "code": highlight(cell.source), "outputs": outputs.show(cell)}
    return {"own": "raw", "text": sanitise.text(cell.source)}


# ---------------------------------------------------------------- the page of the course


def course_page(
    student: str, units: Sequence[UnitScore], *, lang: str | None = None, links: bool = True
) -> str:
    """Return the page of a student's whole course: scores by unit, bars, links to the units.

    Parameters
    ----------
    student : str
        Whose it is.
    units : sequence of UnitScore
        In the order of the course.
    lang : str, optional
        ``'en'`` or ``'zh'``; English by default.
    links : bool
        Whether the pages of the units lie beside it, as ``<unit>/<unit>.html``.
    """
    done = [u for u in units if u.score is not None]
    with using(lang):
        return (
            environment()
            .get_template("course.html")
            .render(
                student=sanitise.text(student),
                course=units,
                links=links,
                score=sum(u.score for u in done),
                max=sum(u.max for u in done),
                whole=sum(u.max for u in units),
            )
        )


# ---------------------------------------------------------------- from the gradebook


def grades_of(gradebook, unit: str, student: str) -> Grades:
    """Return what a gradebook holds of one submission.

    Parameters
    ----------
    gradebook : nbgrader.api.Gradebook
        Open.
    """
    submission = gradebook.find_submission(unit, student)
    stored = gradebook.find_submission_notebook(unit, unit, student)
    return Grades(
        scores={g.name: float(g.score or 0.0) for g in stored.grades},
        by_hand=frozenset(g.name for g in stored.grades if g.manual_score is not None),
        # Not `auto_comment`, nbgrader's "No response.": the page says that better itself.
        comments={c.name: c.manual_comment for c in stored.comments if c.manual_comment},
        late_penalty=float(stored.late_submission_penalty or 0.0),
        handed_in=submission.timestamp,
    )


def course_so_far(gradebook, student: str) -> list[UnitScore]:
    """Return a student's score in every unit that the gradebook has, in the order of the course."""
    from nbgrader.api import Assignment, Student, SubmittedAssignment

    db = gradebook.db
    scores = {
        name: max(0.0, float(s.score or 0.0) - float(s.late_submission_penalty or 0.0))
        for s, name in db.query(SubmittedAssignment, Assignment.name)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .join(Student, SubmittedAssignment.student_id == Student.id)
        .filter(Student.id == student)
    }
    known = {a.name: float(a.max_score) for a in gradebook.assignments}
    order = [n for n in unit_names() if n in known] + sorted(set(known) - set(unit_names()))
    return [UnitScore(n, scores.get(n), known[n]) for n in order]

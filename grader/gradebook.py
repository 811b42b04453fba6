"""The one writer of a batch: nbgrader's gradebook, a transaction a submission.

The tables and the meaning of their columns are nbgrader's (`nbgrader.api`); whatever is
written here, nbgrader, Formgrader, export and feedback read as their own. Its `Gradebook`
class commits after every row and opens a connection for every step, so the rows are
written directly, by the rules of its `SaveAutoGrades` and `AssignLatePenalties`.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace

from nbformat import NotebookNode
from nbgrader import api
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import compute_checksum, determine_grade
from sqlalchemy import bindparam, create_engine, event, inspect, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import DBAPIError, NoResultFound, SQLAlchemyError
from traitlets.config import Config

from .batch import WrongUse
from .coursedir import environment_on_path
from .feedback import Grades, UnitScore
from .nbgrader_plugins import handed_out
from .units import grade_id, unit_names

TRIES = 5  # of one transaction, when a server ends it in favour of another
BUSY_S = 60  # how long a locked SQLite file is waited for
MISSING = (0, 0)  # in place of a file
NO_GRADEBOOK = "there is no gradebook yet: release a unit first"
EXTENSION_BUSY_S = 10  # and by somebody in front of a page

_students, _submissions = api.Student.__table__, api.SubmittedAssignment.__table__
_notebooks, _grades = api.SubmittedNotebook.__table__, api.Grade.__table__
_comments, _assignments = api.Comment.__table__, api.Assignment.__table__
_cells = api.BaseCell.__table__
_handed_out = api.Notebook.__table__
_POINTS = (_grades.c.auto_score, _grades.c.manual_score, _grades.c.extra_credit)
_sources, _graded_cells = api.SourceCell.__table__, api.GradeCell.__table__


class GradebookError(WrongUse):
    """Raised for a gradebook that cannot be used; says what is the matter and the mend."""


@dataclass(frozen=True)
class _Cell:
    """A graded or answer cell of a unit, and the row that stands for it."""

    row: str
    cell: NotebookNode


@dataclass(frozen=True)
class _Unit:
    """What the gradebook knows of a unit, fetched once for a batch."""

    assignment: str
    notebook: str
    others: tuple[str, ...]  # further notebooks of the assignment, of which we grade none
    duedate: datetime | None
    template: list[NotebookNode]
    graded: dict[str, _Cell]
    answers: dict[str, _Cell]
    max_score: float


@dataclass
class _Stored:
    """What stands for one submission: its times, its penalty, its grades."""

    timestamp: datetime | None
    extension: timedelta | None
    penalty: float | None
    scores: dict[str, float | None] = field(default_factory=dict)  # automatic, by cell's row
    points: float = 0.0  # before the penalty, with a person's own


def database_url(url: str) -> str:
    """Return a URL for SQLAlchemy: PostgreSQL is spoken to by psycopg 3 unless it says otherwise.

    Raises
    ------
    GradebookError
        If it is none, or of a kind that is not supported.
    """
    try:
        parsed = make_url(url)
    except SQLAlchemyError:
        raise GradebookError(
            f"{url!r} is no database URL: write sqlite:////folder/gradebook.db "
            "or postgresql://user@host/database"
        ) from None
    kind = parsed.get_backend_name()
    if kind not in ("sqlite", "postgresql"):
        raise GradebookError(f"a gradebook is kept in SQLite or PostgreSQL, not in {kind}")
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername == "postgresql+psycopg":
        try:
            importlib.import_module("psycopg")
        except ImportError:
            raise GradebookError(
                "PostgreSQL needs psycopg: pip install 'backprop-course-grader[postgres]'"
            ) from None
    return parsed.render_as_string(hide_password=False)


class Writer:
    """Writes verdicts into a gradebook; a context manager.

    Parameters
    ----------
    url : str
        Of the database.
    course : str
        nbgrader's id of the course.
    units : iterable of str
        Those to grade.
    config : Config
        nbgrader's, for its penalty of late submissions.
    strict : bool
        False leaves out a unit that cannot be graded; `refused` says why.
    tries : int
        Of one transaction.
    busy_s : float
        How long a locked SQLite file is waited for in each.

    Attributes
    ----------
    refused : dict of str to str
        For each unit that was left out, the reason.

    Raises
    ------
    GradebookError
        If the database cannot be opened, or a unit was never released into it.
    """

    def __init__(
        self,
        url: str,
        course: str,
        units: Iterable[str],
        config: Config,
        *,
        strict: bool = True,
        tries: int = TRIES,
        busy_s: float = BUSY_S,
    ) -> None:
        self.url, self._tries = database_url(url), tries
        self._units: dict[str, _Unit] = {}
        self._stored: dict[str, dict[str, _Stored]] = {}
        self.refused: dict[str, str] = {}
        if _file_of(self.url) == MISSING:  # nbgrader would make one, without a word
            raise GradebookError(_no_gradebook(self.url) if strict else NO_GRADEBOOK)
        try:
            with environment_on_path(), api.Gradebook(self.url, course) as book:
                self._known = (_file_of(self.url), _about_units(book.engine))
                for name in units:
                    try:
                        self._units[name] = self._unit(book, name)
                    except GradebookError as error:
                        if strict:
                            raise
                        self.refused[name] = str(error)
                most = {a.name: float(a.max_score) for a in book.assignments}
        except SQLAlchemyError as error:
            hidden = make_url(self.url).render_as_string(hide_password=True)
            raise GradebookError(
                f"the gradebook {hidden} cannot be used: {_reason(error)}"
            ) from None
        order = [n for n in unit_names() if n in most]
        self._course = [(n, most[n]) for n in order + sorted(set(most) - set(order))]
        self._engine = create_engine(self.url)
        self._insert = postgresql.insert
        if self._engine.dialect.name == "sqlite":
            self._insert = sqlite.insert
            _begin_with_the_lock(self._engine, busy_s)
        self._penalties = _penalties(config)

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *error) -> None:
        self._engine.dispose()

    def template(self, unit: str) -> list[NotebookNode]:
        """Return the cells that were handed out for a unit."""
        return self._units[unit].template

    @property
    def units(self) -> list[str]:
        """The units that can be graded."""
        return list(self._units)

    def is_current(self) -> bool:
        """Return whether units and due dates are still what they were when this was opened.

        Raises
        ------
        GradebookError
            If the gradebook cannot be read.
        """
        try:
            return (_file_of(self.url), _about_units(self._engine)) == self._known
        except SQLAlchemyError as error:
            raise GradebookError(f"the gradebook cannot be read: {_reason(error)}") from None

    def max_score(self, unit: str) -> float:
        """Return what a unit is worth."""
        return self._units[unit].max_score

    @staticmethod
    def _unit(book: api.Gradebook, name: str) -> _Unit:
        try:
            assignment = book.find_assignment(name)
            notebook = book.find_notebook(name, name)
        except api.MissingEntry:
            raise GradebookError(
                f"the unit {name} is not in this gradebook: release it first, "
                f"with `nbgrader generate_assignment {name}` "
                "(and --db=URL, if it is not the gradebook of nbgrader_config.py)"
            ) from None
        template = handed_out(book, name, name)
        cells = {grade_id(c): c for c in template}
        if notebook.task_cells:
            raise GradebookError(f"the unit {name} has a task cell, which only nbgrader grades")
        return _Unit(
            assignment.id,
            notebook.id,
            tuple(n.id for n in assignment.notebooks if n.id != notebook.id),
            assignment.duedate,
            template,
            {c.name: _Cell(c.id, cells[c.name]) for c in notebook.grade_cells},
            {c.name: _Cell(c.id, cells[c.name]) for c in notebook.solution_cells},
            sum(c.max_score for c in notebook.grade_cells),
        )

    # ------------------------------------------------------------ reading

    def has(self, student: str, unit: str, scores: dict[str, float | None]) -> bool:
        """Return whether exactly these automatic scores stand for a submission.

        What stands is read once for a whole unit; only of who is not in it is asked again.
        """
        if unit not in self._stored:
            self._stored[unit] = self._read(unit)
        known, stored = self._units[unit], self._stored[unit]
        wanted = {known.graded[n].row: s for n, s in scores.items() if n in known.graded}
        if student in stored and self._are(wanted, stored[student], known):
            return True
        stored.update(self._read(unit, student))
        return student in stored and self._are(wanted, stored[student], known)

    @staticmethod
    def _are(wanted: dict[str, float | None], stored: _Stored, known: _Unit) -> bool:
        scores = stored.scores
        return len(scores) == len(known.graded) and all(
            row in scores and scores[row] == score for row, score in wanted.items()
        )

    def _read(self, unit: str, student: str | None = None) -> dict[str, _Stored]:
        """Return what stands for the submissions of a unit, or for one student's."""
        known = self._units[unit]
        query = (
            select(
                _submissions.c.student_id,
                _submissions.c.timestamp,
                _submissions.c.extension,
                _notebooks.c.late_submission_penalty,
                *_POINTS,
                _grades.c.cell_id,
            )
            .join(_notebooks, _notebooks.c.id == _grades.c.notebook_id)
            .join(_submissions, _submissions.c.id == _notebooks.c.assignment_id)
            .where(_submissions.c.assignment_id == known.assignment)
            .where(_notebooks.c.notebook_id == known.notebook)
        )
        if student is not None:
            query = query.where(_submissions.c.student_id == student)
        found: dict[str, _Stored] = {}
        with self._engine.begin() as db:
            for row in db.execute(query):
                facts = (row.timestamp, row.extension, row.late_submission_penalty)
                one = found.setdefault(row.student_id, _Stored(*facts))
                one.scores[row.cell_id] = row.auto_score
                one.points += _score(row)
        return found

    def standing(self, student: str) -> tuple[dict[str, Grades], list[UnitScore]]:
        """Return what the feedback pages of a student tell: of each unit, and of the course."""
        with self._engine.begin() as db:
            notebooks = db.execute(
                select(
                    _notebooks.c.id,
                    _notebooks.c.late_submission_penalty.label("penalty"),
                    _submissions.c.timestamp,
                    _assignments.c.name,
                )
                .join(_submissions, _submissions.c.id == _notebooks.c.assignment_id)
                .join(_assignments, _assignments.c.id == _submissions.c.assignment_id)
                .where(_submissions.c.student_id == student)
            ).all()
            ids = [n.id for n in notebooks]
            cells = _by_notebook(db, _grades, ids)
            comments = _by_notebook(db, _comments, ids)
        told, scores = {}, {}
        for notebook in notebooks:
            mine = cells.get(notebook.id, [])
            penalty = float(notebook.penalty or 0.0)
            points = sum(map(_score, mine)) - penalty
            scores[notebook.name] = scores.get(notebook.name, 0.0) + points
            told[notebook.name] = Grades(
                scores={g.name: _score(g) for g in mine},
                by_hand=frozenset(g.name for g in mine if g.manual_score is not None),
                comments={
                    c.name: c.manual_comment
                    for c in comments.get(notebook.id, [])
                    if c.manual_comment
                },
                late_penalty=penalty,
                handed_in=notebook.timestamp,
            )
        course = [
            UnitScore(name, max(0.0, scores[name]) if name in scores else None, points)
            for name, points in self._course
        ]
        return told, course

    # ------------------------------------------------------------ writing

    def save(
        self,
        student: str,
        unit: str,
        scores: dict[str, float | None],
        answers: dict[str, str],
        handed_in: datetime | None,
        extension: timedelta | None = None,
    ) -> None:
        """Write one verdict in one transaction.

        A grader's own scores, comments and extra credit stay.

        Parameters
        ----------
        student, unit : str
        scores : dict of str to float or None
            Points of each check cell; None leaves it to a person.
        answers : dict of str to str
            The source of each answer cell as it was handed in.
        handed_in : datetime or None
            In UTC; None leaves what is known.
        extension : timedelta or None
            How much more time the student was given; None leaves what is known. One of no
            length, or of a unit without a due date, is stored as none at all.
        """

        def save(db: Connection) -> None:
            self._save(db, student, unit, scores, answers, handed_in, extension)

        self._in_transaction(save, student, unit)
        self._stored.get(unit, {}).pop(student, None)

    def _in_transaction(
        self, do: Callable[[Connection], object], student: str, unit: str
    ) -> object:
        attempt = 0
        while True:
            try:
                with self._engine.begin() as db:
                    return do(db)
            except DBAPIError as error:
                # A deadlock, a lost connection, a lock held by a tool of the instructor.
                attempt += 1
                if attempt >= self._tries:
                    raise GradebookError(
                        f"the gradebook took no grade of {student}, {unit}: {error.orig}"
                    ) from error
                time.sleep(0.05 * 2**attempt)

    def _save(self, db, student, unit, scores, answers, handed_in, extension) -> None:
        known = self._units[unit]
        self._add(db, _students, [{"id": student}], ["id"])
        key = {"assignment_id": known.assignment, "student_id": student}
        self._add(db, _submissions, [key], list(key))
        submission = self._find_submission(db, student, unit)  # and lock it to the end
        if handed_in is None:
            handed_in = submission.timestamp
        extension = submission.extension if extension is None else extension
        submission = self._save_times(db, student, unit, submission, handed_in, extension)
        mirrored = [known.notebook, *known.others]
        keys = [{"notebook_id": n, "assignment_id": submission.id} for n in mirrored]
        self._add(db, _notebooks, keys, ["notebook_id", "assignment_id"])
        notebook = self._find_notebook(db, unit, submission)
        score = self._save_grades(db, known, notebook.id, scores, answers)
        self._save_comments(db, known, notebook.id, answers)
        self._save_penalty(db, student, unit, submission, notebook, score)

    def _save_times(self, db, student, unit, submission, handed_in, extension):
        """Write when it was handed in and how much more time there was; return the row."""
        facts = {"timestamp": handed_in, "extension": _lasting(db, unit, extension)}
        told = {k: v for k, v in facts.items() if v != submission._mapping[k]}
        if not told:
            return submission
        mine = _submissions.c.id == submission.id
        db.execute(_submissions.update().where(mine).values(told))
        return self._find_submission(db, student, unit)

    def _find_notebook(self, db: Connection, unit: str, submission):
        return db.execute(
            select(_notebooks)
            .where(_notebooks.c.assignment_id == submission.id)
            .where(_notebooks.c.notebook_id == self._units[unit].notebook)
        ).one()

    def _save_penalty(self, db, student, unit, submission, notebook, score: float) -> bool:
        """Write what the score loses for being late; return whether that is news."""
        late_s = self._seconds_late(unit, submission.timestamp, submission.extension)
        penalty = self._penalty(student, score, late_s)
        if penalty == notebook.late_submission_penalty:
            return False
        mine = _notebooks.c.id == notebook.id
        db.execute(_notebooks.update().where(mine).values(late_submission_penalty=penalty))
        return True

    def _add(self, db: Connection, table, rows: list[dict], unique: list[str]) -> None:
        """Insert the rows that are not there yet, whoever else is inserting them now."""
        db.execute(self._insert(table).on_conflict_do_nothing(index_elements=unique), rows)

    def _find_submission(self, db: Connection, student: str, unit: str):
        return db.execute(
            select(_submissions)
            .where(_submissions.c.assignment_id == self._units[unit].assignment)
            .where(_submissions.c.student_id == student)
            .with_for_update()
        ).one()

    def _save_grades(self, db, known: _Unit, notebook: str, scores, answers) -> float:
        """Write the automatic scores; return the score that now stands."""
        rows = [
            {"cell_id": c.row, "notebook_id": notebook, "needs_manual_grade": True}
            for c in known.graded.values()
        ]
        self._add(db, _grades, rows, ["cell_id", "notebook_id"])
        names = {c.row: n for n, c in known.graded.items()}
        changes, total = [], 0.0
        for row in db.execute(select(_grades).where(_grades.c.notebook_id == notebook)).all():
            name = names[row.cell_id]
            if name in scores:
                score = scores[name]
            else:  # an answer that a person grades: nbgrader gives zero for one not begun
                score = determine_grade(_filled(known.graded[name].cell, answers))[0]
            person = row.manual_score is not None or score is None
            changes.append({"row": row.id, "score": score, "person": person})
            total += _points(score, row.manual_score, row.extra_credit)
        update = _grades.update().where(_grades.c.id == bindparam("row"))
        db.execute(
            update.values(auto_score=bindparam("score"), needs_manual_grade=bindparam("person")),
            changes,
        )
        return total

    def _save_comments(self, db, known: _Unit, notebook: str, answers) -> None:
        rows = [{"cell_id": c.row, "notebook_id": notebook} for c in known.answers.values()]
        if not rows:
            return
        self._add(db, _comments, rows, ["cell_id", "notebook_id"])
        names = {c.row: n for n, c in known.answers.items()}
        changes = []
        for row in db.execute(select(_comments).where(_comments.c.notebook_id == notebook)).all():
            cell = _filled(known.answers[names[row.cell_id]].cell, answers)
            same = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell)
            changes.append({"row": row.id, "text": "No response." if same else None})
        update = _comments.update().where(_comments.c.id == bindparam("row"))
        db.execute(update.values(auto_comment=bindparam("text")), changes)

    # ------------------------------------------------------------ late submissions

    def penalty(
        self,
        student: str,
        unit: str,
        score: float,
        handed_in: datetime,
        extension: timedelta | None = None,
    ) -> float:
        """Return what a score would lose for being late, if it were to stand.

        Parameters
        ----------
        student, unit : str
        score : float
        handed_in : datetime
            In UTC.
        extension : timedelta or None
            How much more time the student was given; None for what the gradebook knows.
        """
        if extension is None:
            mine = _submissions.c.assignment_id == self._units[unit].assignment
            mine &= _submissions.c.student_id == student
            with self._engine.begin() as db:
                extension = db.execute(select(_submissions.c.extension).where(mine)).scalar()
        late_s = self._seconds_late(unit, handed_in, extension)
        return self._penalty(student, score, late_s) or 0.0

    def settle(self, student: str, unit: str) -> bool:
        """Bring the penalty of a submission that `has` found in line with what holds now.

        A due date, an extension, the plugin or a person's points may have changed since it
        was graded. Nothing is asked of the gradebook as long as they have not.

        Returns
        -------
        bool
            Whether the penalty is another than before.
        """
        stored = self._stored[unit][student]
        late_s = self._seconds_late(unit, stored.timestamp, stored.extension)
        penalty = self._penalty(student, stored.points, late_s)
        # Points are summed in the order of the rows, which may be another each time.
        settled = abs((penalty or 0.0) - (stored.penalty or 0.0)) < 1e-9
        lasting = stored.extension and self._units[unit].duedate
        if settled and (stored.extension is None or lasting):
            return False

        def settle(db: Connection) -> bool:
            submission = self._find_submission(db, student, unit)  # and lock it to the end
            when, extension = submission.timestamp, submission.extension
            submission = self._save_times(db, student, unit, submission, when, extension)
            notebook = self._find_notebook(db, unit, submission)
            rows = db.execute(select(*_POINTS).where(_grades.c.notebook_id == notebook.id))
            points = sum(map(_score, rows))
            return self._save_penalty(db, student, unit, submission, notebook, points)

        with contextlib.suppress(NoResultFound):  # somebody took it out meanwhile
            return self._in_transaction(settle, student, unit)
        return False

    def _seconds_late(self, unit: str, when: datetime | None, extension: timedelta | None) -> float:
        due = self._units[unit].duedate
        if due is None or when is None:
            return 0.0
        return max(0.0, (when - due - (extension or timedelta())).total_seconds())

    def _penalty(self, student: str, score: float, late_s: float) -> float | None:
        if self._penalties is None or late_s <= 0:
            return None
        penalty = self._penalties.plugin_inst.late_submission_penalty(student, score, late_s)
        if penalty is None:
            return None
        return self._penalties._check_late_penalty(SimpleNamespace(score=score), penalty)


def _lasting(db: Connection, unit: str, extension: timedelta | None) -> timedelta | None:
    """Return an extension as a row may hold it: None for one of nothing, or to no due date.

    nbgrader adds whatever the row holds to the due date, even where that is None.
    """
    if not extension:
        return None
    # Asked anew: it may have been set after the units were read.
    due = db.execute(select(_assignments.c.duedate).where(_assignments.c.name == unit)).scalar()
    return None if due is None else extension


def set_extension(url: str, student: str, unit: str, extension: timedelta | None) -> bool:
    """Give a student more time for a unit; return whether the gradebook has their submission.

    nbgrader keeps the extension in the row of the submission: there is nothing to write before
    there is one. The penalty for being late follows when it is graded again.

    Parameters
    ----------
    url : str
        Of the gradebook.
    student, unit : str
    extension : timedelta or None
        None takes it back. One of no length, or of a unit without a due date, is stored as none.

    Raises
    ------
    GradebookError
        If the gradebook cannot be reached, or is locked for long.
    """
    units = select(_assignments.c.id).where(_assignments.c.name == unit).scalar_subquery()
    theirs = (_submissions.c.student_id == student) & (_submissions.c.assignment_id == units)
    engine = create_engine(database_url(url))
    if engine.dialect.name == "sqlite":
        _begin_with_the_lock(engine, EXTENSION_BUSY_S)
    try:
        with engine.begin() as db:
            if not inspect(db).has_table(_submissions.name):
                return False  # nothing was graded yet
            stored = _lasting(db, unit, extension)
            change = _submissions.update().where(theirs).values(extension=stored)
            return db.execute(change).rowcount > 0
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise GradebookError(f"the gradebook took no extension of {student}: {reason}") from None
    finally:
        engine.dispose()


def points_of(url: str, student: str, unit: str) -> tuple[float, datetime | None] | None:
    """Return the points of a submission before the penalty for being late, with a person's own.

    Parameters
    ----------
    url : str
        Of the gradebook.
    student, unit : str

    Returns
    -------
    (float, datetime or None) or None
        The points, and when that submission was handed in, in UTC; None if there is none.

    Raises
    ------
    GradebookError
        If the gradebook cannot be read.
    """
    engine = create_engine(database_url(url))
    columns = (_submissions.c.timestamp, *(_grades.c[f"{k}_score"] for k in ("auto", "manual")))
    theirs = (_submissions.c.student_id == student) & (_assignments.c.name == unit)
    try:
        with engine.begin() as db:
            if not inspect(db).has_table(_submissions.name):
                return None
            rows = db.execute(
                select(*columns, _grades.c.extra_credit)
                .join(_notebooks, _notebooks.c.id == _grades.c.notebook_id)
                .join(_submissions, _submissions.c.id == _notebooks.c.assignment_id)
                .join(_assignments, _assignments.c.id == _submissions.c.assignment_id)
                .where(theirs)
            ).all()
    except SQLAlchemyError as error:
        raise GradebookError(f"the gradebook cannot be read: {_reason(error)}") from None
    finally:
        engine.dispose()
    return (round(sum(map(_score, rows)), 6), rows[0].timestamp) if rows else None


def _points(auto: float | None, manual: float | None, extra: float | None) -> float:
    """Return the points of a grade as nbgrader's `Grade.score` has them."""
    given = auto if manual is None else manual
    return 0.0 if given is None else given + (extra or 0.0)


def _score(grade) -> float:
    return _points(grade.auto_score, grade.manual_score, grade.extra_credit)


def _by_notebook(db: Connection, table, notebooks: list[str]) -> dict[str, list]:
    """Return the rows of some notebooks with the names of their cells."""
    rows = db.execute(
        select(table, _cells.c.name)
        .join(_cells, _cells.c.id == table.c.cell_id)
        .where(table.c.notebook_id.in_(notebooks))
    )
    found: dict[str, list] = {}
    for row in rows:
        found.setdefault(row.notebook_id, []).append(row)
    return found


def _filled(cell: NotebookNode, answers: dict[str, str]) -> NotebookNode:
    """Return a cell as it was handed out, with the source that came back."""
    return NotebookNode(cell, source=answers.get(grade_id(cell), cell.source))


def _penalties(config: Config) -> AssignLatePenalties | None:
    """Return nbgrader's step for late submissions, unless the configuration leaves it out."""
    steps = config.get("Autograde", {}).get("autograde_preprocessors")
    if steps is not None and not any("AssignLatePenalties" in str(step) for step in steps):
        return None
    penalties = AssignLatePenalties(config=config)
    penalties.log = logging.getLogger(__name__)
    penalties.log.setLevel(logging.ERROR)  # it warns of each late submission: a page for a class
    penalties.init_plugin()
    return penalties


def _reason(error: SQLAlchemyError) -> str:
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0]


def _file_of(url: str) -> tuple[int, int] | None:
    """Return which file a gradebook in SQLite is: another may have taken its place."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return None
    if parsed.database.startswith("file:"):
        return None  # SQLite's own form of a URL, which may say more than a path
    try:
        about = os.stat(parsed.database)
    except (FileNotFoundError, NotADirectoryError):
        return MISSING
    return about.st_dev, about.st_ino


def _no_gradebook(url: str) -> str:
    shown = make_url(url).render_as_string(hide_password=True)
    return (
        f"the gradebook {shown} cannot be used: there is no such file. Name another with --db or "
        "c.CourseDirectory.db_url in nbgrader_config.py, or release the units into it, each with "
        f"`nbgrader generate_assignment <unit> --db={shown}`"
    )


def _about_units(engine) -> list[tuple]:
    """Return all that a gradebook says of units and that grading depends on: a few hundred rows."""
    queries = (
        select(_assignments.c.id, _assignments.c.name, _assignments.c.duedate),
        select(_handed_out.c.id, _handed_out.c.name, _handed_out.c.assignment_id),
        select(_cells.c.id, _cells.c.name, _cells.c.notebook_id, _cells.c.type),
        select(_graded_cells.c.id, _graded_cells.c.max_score),
        select(_sources.c.id, _sources.c.name, _sources.c.checksum, _sources.c.locked),
    )
    with engine.connect() as db:
        return [sorted(map(tuple, db.execute(query)), key=repr) for query in queries]


def _begin_with_the_lock(engine, busy_s: float) -> None:
    """Let each transaction of SQLite begin as a writer.

    The driver would begin as a reader and ask for more later: two graders then wait for
    each other, and one is refused at once.
    """

    @event.listens_for(engine, "connect")
    def connect(connection, _record) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {busy_s * 1000:.0f}")

    @event.listens_for(engine, "begin")
    def begin(connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

"""Attacks on the grade: each file of tests/attacks/ is tried here, and in plain nbgrader.

``python tests/test_attacks.py --write`` measures all of them and writes docs/attacks.md.

An attack hands in a wrong answer (``WRONG``) for one exercise and leaves the others as
they were handed out. What it does besides stands in

    ATTACK       code below the wrong answer, in the same cell
    EXTRA        cells after it
    tamper       a function that changes the notebook, or returns the text to hand in for it
    hand_in      a function that changes the folder that is handed in (nbgrader alone)
    HARMS        why it is not run in plain nbgrader
    LIMITS       of the session, where the short ones below will not do; also for an examiner
                 of its own
    SHOWS_NO     what none of its outputs may hold
    SAYS         what the checks must say of it
    JUDGED       "hidden": the points of the visible check may be won by it

and may use ROOTS, the folder of the course that grades it, and PORT, where a server listens.
"""

from __future__ import annotations

import atexit
import concurrent.futures
import contextlib
import ctypes
import functools
import gc
import importlib.util
import inspect
import json
import multiprocessing
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI

from grader import submission
from grader.classroom import fill_in
from grader.coursedir import environment_on_path, must, open_course
from grader.grading import Result, check
from grader.release import make_course
from grader.sandbox import Limits, available
from grader.units import (
    grade_id,
    kind,
    load_unit,
    reference_answer,
    solution_removed,
)
from grader.verdict import Examiner

HERE = Path(__file__).resolve().parent
TABLE = HERE.parent / "docs" / "attacks.md"
TEMPORARY = tempfile.gettempdir()
MARK = "token-of-the-instructor"
SHORT = {"cell_time_s": 2.5, "call_time_s": 2.0, "notebook_time_s": 6.0, "grace_s": 0.3,
         "memory_mb": 512, "scratch_mb": 32, "file_mb": 16}  # fmt: skip
LONGEST_S = 25.0  # of one attack, on a machine with other work to do
MOST_MB = 600  # that the grader itself may come to hold; 64 MB is the largest message
PLAIN_CONFIG = """
from pathlib import Path
c = get_config()
c.CourseDirectory.course_id = "backprop"
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
"""


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem.replace("-", "_"), path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ATTACKS = {path.stem: load(path) for path in sorted((HERE / "attacks").glob("*.py"))}
IN_A_FOLDER = [name for name, attack in ATTACKS.items() if hasattr(attack, "hand_in")]
IN_A_NOTEBOOK = [name for name in ATTACKS if name not in IN_A_FOLDER]
IN_PLAIN_NBGRADER = [name for name, attack in ATTACKS.items() if not hasattr(attack, "HARMS")]
# Each way into nbgrader once more with our configuration: a submitted notebook that is
# edited, code that ends the process, code that writes files, a file that cannot be read.
THROUGH_NBGRADER = [
    *IN_A_FOLDER, "edited-points", "edited-ids", "check-cells-as-text", "forged-graded-cell",
    "metadata-of-the-wrong-kind", "half-a-character", "deep-metadata", "os-exit",
    "write-the-gradebook", "write-into-source", "kill-everything",
]  # fmt: skip


# ---------------------------------------------------------------- submissions


@functools.cache
def handed_out(unit: str) -> str:
    """Return the graded cells of a unit as a student gets them; as JSON, to be changed freely."""
    cells = []
    for cell in load_unit(unit).notebook.cells:
        if kind(cell) not in ("given", "answer", "check"):
            continue
        cell = nbformat.from_dict(dict(cell, id=grade_id(cell)))
        if kind(cell) == "check" and "BEGIN HIDDEN TESTS" in cell.source:
            cell.source = cell.source.partition("### END HIDDEN TESTS\n")[2]
        cells.append(cell)
    notebook = new_notebook(cells=cells, metadata={"course": {"unit": unit}})
    notebook = fill_in(
        notebook,
        {name: solution_removed(c.source) for name, c in load_unit(unit).answers.items()},
    )
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    return nbformat.writes(notebook)


def handed_in(attack: ModuleType, attacks: bool, world: dict) -> str:
    """Return the attacker's notebook, with the attack or with the wrong answer alone."""
    notebook = nbformat.reads(handed_out(attack.UNIT), as_version=4)
    cell = next(c for c in notebook.cells if grade_id(c) == attack.EXERCISE)
    cell.source = attack.WRONG.strip() + "\n"
    if attacks:
        code = getattr(attack, "ATTACK", "").strip("\n")
        told = "".join(f"{name} = {value!r}\n" for name, value in world.items() if name in code)
        if code:
            cell.source += f"\n\n{told}{code}\n"
        place = notebook.cells.index(cell) + 1
        notebook.cells[place:place] = [
            new_code_cell(source, id=f"extra-{n}")
            for n, source in enumerate(getattr(attack, "EXTRA", []))
        ]
        if hasattr(attack, "tamper"):
            return attack.tamper(notebook) or json.dumps(notebook)
    return json.dumps(notebook)


def bystander(unit: str) -> str:
    """Return an honest notebook: all right but for the last exercise, which is not begun."""
    notebook = nbformat.reads(handed_out(unit), as_version=4)
    answers = {name: reference_answer(c) for name, c in load_unit(unit).answers.items()}
    answers.popitem()
    return json.dumps(fill_in(notebook, answers))


def points_of(scores: dict[str, float], attack: ModuleType) -> float:
    """Return the points in the attacked exercise that count."""
    unit = load_unit(attack.UNIT)
    only_hidden = getattr(attack, "JUDGED", "") == "hidden"
    return round(
        sum(
            score
            for name, score in scores.items()
            if name in unit.checks
            and unit.exercise_of(name) == attack.EXERCISE
            and not (only_hidden and "-hidden" not in name)
        ),
        2,
    )


def most_points(attack: ModuleType) -> float:
    """Return what the attacked exercise is worth."""
    checks = load_unit(attack.UNIT).checks
    return points_of({n: float(c.metadata.nbgrader.points) for n, c in checks.items()}, attack)


# ---------------------------------------------------------------- the world around


def descendants() -> set[int]:
    """Return the processes that descend from this one."""
    parents = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            stat = Path(f"/proc/{name}/stat").read_text("utf-8", "replace")
            parents[int(name)] = int(stat.rpartition(")")[2].split()[1])
    found, fresh = set(), {os.getpid()}
    while fresh:
        fresh = {p for p, parent in parents.items() if parent in fresh} - found
        found |= fresh
    return found


def listing(folder: Path) -> dict[str, tuple]:
    """Return every file below a folder with its size and its time of change."""
    found = {}
    for place, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(place, name)
            state = os.lstat(path)
            found[os.path.relpath(path, folder)] = (
                state.st_mode, () if name in folders else (state.st_size, state.st_mtime_ns)
            )  # fmt: skip
    return found


def surroundings(folders: list[Path]) -> dict:
    """Return what an attack may not change: processes, files, mounts, our own settings."""
    return {
        "processes": descendants(),
        "mounts": Path("/proc/self/mounts").read_text(),
        "environment": dict(os.environ),
        "working folder": os.getcwd(),
        **{str(folder): listing(folder) for folder in folders},
    }


def differences(before: dict, after: dict) -> list[str]:
    """Return what has changed, in words."""
    return [
        f"{what}: {set(before[what]) ^ set(after[what]) or 'other contents'}"
        if isinstance(before[what], (dict, set))
        else f"{what}: was {before[what]}, is {after[what]}"
        for what in before
        if before[what] != after[what]
    ]


def peak_mb(reset: bool = False) -> float:
    """Return the most memory that this process has held since the last reset."""
    if reset:
        gc.collect()
        Path("/proc/self/clear_refs").write_text("5")
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


@contextlib.contextmanager
def in_time(seconds: float) -> Iterator[None]:
    """Fail, and do not hang, when an attack holds up the grader."""

    def late(number, frame):
        raise AssertionError(f"the grader was held up for {seconds} s: {inspect.stack()[1][1:4]}")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _be_subreaper(on: bool = True) -> None:
    ctypes.CDLL(None).prctl(36, int(on), 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


@pytest.fixture(scope="module", autouse=True)
def _adopt_orphans():
    """A process that leaves its parent behind becomes a child of this one, and is seen."""
    _be_subreaper()
    yield
    _be_subreaper(False)


@contextlib.contextmanager
def world_in(folder: Path) -> Iterator[dict]:
    """Make a folder like a course directory, a token, a server that listens, a tempdir of our own."""
    for unit in ("03-add-mul-nodes", "06-two-layer-net"):
        honest(unit)  # starts the two kinds of servers, whose folders are not the attacker's
    root, temporary = folder / "course", folder / "temporary"
    temporary.mkdir()
    for unit in ("03-add-mul-nodes", "01-computational-graph"):
        shutil.copytree(HERE.parent / "source" / unit, root / "source" / unit)
    (root / "gradebook.db").write_bytes(b"SQLite format 3\0")
    with pytest.MonkeyPatch.context() as patch, socket.create_server(("127.0.0.1", 0)) as server:
        patch.setattr(tempfile, "tempdir", str(temporary))
        patch.setenv("JUPYTERHUB_API_TOKEN", MARK)
        server.setblocking(False)
        yield {"ROOTS": [str(root)], "PORT": server.getsockname()[1], "server": server}


@pytest.fixture
def world(tmp_path):
    with world_in(tmp_path) as world:
        yield world


# ---------------------------------------------------------------- this grader


def graded(text: str, examiner: Examiner) -> tuple[Result, list[str]]:
    """Grade a notebook; return the result and what its cells show."""
    shown = []
    real = Examiner.execute

    def execute(self, notebook, unit):
        operations = real(self, notebook, unit)
        shown.extend(json.dumps(c.get("outputs", [])) for c in notebook.cells)
        return operations

    Examiner.execute = execute
    try:
        return check(submission.parse(text, "<notebook>"), examiner), shown
    except submission.SubmissionError as error:  # its verdict: nothing, and why
        return Result("<notebook>", "", 0.0, 0.0, notes=[str(error)]), shown
    finally:
        Examiner.execute = real


@functools.cache
def examiner() -> Examiner:
    """Return the one examiner that grades all attackers and all bystanders."""
    examiner = Examiner(Limits(**SHORT))
    atexit.register(examiner.close)
    return examiner


def examiner_for(attack: ModuleType):
    """Return a context with the common examiner, or with one of the attack's own limits."""
    if not hasattr(attack, "LIMITS"):
        return contextlib.nullcontext(examiner())
    return Examiner(Limits(**{**SHORT, **attack.LIMITS}))


@functools.cache
def honest(unit: str) -> dict:
    """Return the result of the bystander where nobody attacks."""
    return asdict(graded(bystander(unit), examiner())[0])


@functools.cache
def wrong_alone(unit: str, exercise: str, wrong: str) -> Result:
    """Return the result of a wrong answer without its attack."""
    attack = ModuleType("wrong")
    attack.UNIT, attack.EXERCISE, attack.WRONG = unit, exercise, wrong
    return graded(handed_in(attack, False, {}), examiner())[0]


def scores_of(result: Result) -> dict[str, float]:
    return {c.id: c.score for c in result.checks}


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    tries: str
    plain: str
    here: str

    def __str__(self) -> str:
        return f"| {self.name} | {self.tries} | {self.plain} | {self.here} |"


def shown_points(points: float | None, attack: ModuleType) -> str:
    return "no grade" if points is None else f"{points:g} of {most_points(attack):g}"


def told_of_here(name: str, points: float) -> str:
    """Return the points here; of what a limit ends, only the most that it may have."""
    attack = ATTACKS[name]
    if not hasattr(attack, "HARMS"):
        return shown_points(points, attack)
    alone = wrong_alone(attack.UNIT, attack.EXERCISE, attack.WRONG)
    return f"at most {shown_points(points_of(scores_of(alone), attack), attack)}"


def try_here(name: str, world: dict) -> float:
    """Grade the attacker and then the bystander; return the attacker's points."""
    attack = ATTACKS[name]
    told = {key: world[key] for key in ("ROOTS", "PORT")}
    text, beside = handed_in(attack, True, told), bystander(attack.UNIT)
    base, alone = honest(attack.UNIT), wrong_alone(attack.UNIT, attack.EXERCISE, attack.WRONG)
    folders = [Path(world["ROOTS"][0]), Path(tempfile.gettempdir()), HERE.parent / "source"]
    before = surroundings(folders)
    at_first = peak_mb(reset=True)
    start = time.monotonic()
    with in_time(LONGEST_S), examiner_for(attack) as its:
        result, shown = graded(text, its)
        after = graded(beside, its)[0]
    took, held = time.monotonic() - start, peak_mb() - at_first

    assert points_of(scores_of(result), attack) <= points_of(scores_of(alone), attack)
    if not hasattr(attack, "JUDGED"):
        assert result.score <= alone.score
    assert asdict(after) == base
    assert not (changed := differences(before, surroundings(folders))), changed
    assert held < MOST_MB, f"the grader came to hold {held:.0f} MB"
    assert sum(map(len, shown)) < 12 << 20
    assert took < LONGEST_S
    forbidden = getattr(attack, "SHOWS_NO", MARK)
    assert not [text for text in shown if forbidden in text]
    says = getattr(attack, "SAYS", "")
    assert not says or any(says in check.message for check in result.checks)
    with pytest.raises(BlockingIOError):  # nobody has knocked
        world["server"].accept()
    return points_of(scores_of(result), attack)


needs_sandbox = pytest.mark.skipif(available() is not None, reason=str(available()))


@pytest.mark.slow
@needs_sandbox
@pytest.mark.parametrize("name", IN_A_NOTEBOOK)
def test_no_point_is_won(name, world):
    points = try_here(name, world)
    assert table()[name].here == told_of_here(name, points)


@pytest.mark.slow
@needs_sandbox
@pytest.mark.parametrize("name", IN_A_NOTEBOOK + IN_A_FOLDER)
def test_the_wrong_answer_alone_loses_points(name):
    attack = ATTACKS[name]
    alone = scores_of(wrong_alone(attack.UNIT, attack.EXERCISE, attack.WRONG))
    assert points_of(alone, attack) < most_points(attack)


# ---------------------------------------------------------------- nbgrader


@functools.cache
def course_of(unit: str) -> Path:
    """Return a course directory in which one unit is released, for copies."""
    root = Path(tempfile.mkdtemp(prefix="attacked-", dir=TEMPORARY)) / "school"
    atexit.register(shutil.rmtree, root.parent, ignore_errors=True)
    make_course(root)
    for folder in (root / "source").iterdir():
        if folder.name != unit:
            shutil.rmtree(folder)
    with environment_on_path():
        must(open_course(root).generate_assignment(unit), unit)
    return root


def write(root: Path, student: str, unit: str, text: str) -> Path:
    """Put a notebook into submitted/ and return its folder."""
    folder = root / "submitted" / student / unit
    folder.mkdir(parents=True)
    (folder / f"{unit}.ipynb").write_text(text, "utf-8")
    (folder / "timestamp.txt").write_text("2026-09-07 09:00:00.000000 UTC")
    return folder


def stored(root: Path, student: str) -> dict | None:
    """Return the scores that the gradebook holds for a student; None if it holds none."""
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
        grades = [
            (g.name, g.score, g.auto_score, g.manual_score, g.needs_manual_grade)
            for assignment in book.assignments
            for s in assignment.submissions
            if s.student_id == student
            for n in s.notebooks
            for g in n.grades
        ]
    if not any(auto is not None for _, _, auto, _, _ in grades):
        return None
    return {name: tuple(rest) for name, *rest in grades}


def autograde(api: NbGraderAPI, unit: str, student: str) -> dict:
    with environment_on_path():
        return api.autograde(unit, student)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def try_through_nbgrader(name: str, world: dict, folder: Path) -> float:
    """Autograde with our nbgrader_config.py: alice, then the attacker, then zoe."""
    attack, root = ATTACKS[name], folder / "school"
    unit = attack.UNIT
    shutil.copytree(course_of(unit), root)
    text = handed_in(attack, True, {"ROOTS": [str(root)], "PORT": world["PORT"]})
    for student in ("alice", "zoe"):
        write(root, student, unit, bystander(unit))
    submitted = write(root, "mallory", unit, text)
    if hasattr(attack, "hand_in"):
        attack.hand_in(submitted)
    api = open_course(root)
    must(autograde(api, unit, "alice"), "alice")
    before = contents(root / "autograded" / "alice"), stored(root, "alice")
    kept = [listing(root / part) for part in ("source", "release", "submitted/alice")]
    with in_time(LONGEST_S * 2):
        done = autograde(api, unit, "mallory")
        must(autograde(api, unit, "zoe"), "zoe")
    assert done["success"], done.get("log", "") + str(done.get("error"))
    assert (contents(root / "autograded" / "alice"), stored(root, "alice")) == before
    assert stored(root, "zoe") == stored(root, "alice")
    assert [listing(root / part) for part in ("source", "release", "submitted/alice")] == kept
    left = {p.name for p in (root / "autograded" / "mallory" / unit).iterdir()}
    assert left <= {f"{unit}.ipynb", "timestamp.txt"}
    scores = {check: score[0] for check, score in stored(root, "mallory").items()}
    alone = wrong_alone(unit, attack.EXERCISE, attack.WRONG)
    assert sum(scores.values()) <= alone.score + 0.001
    assert points_of(scores, attack) <= points_of(scores_of(alone), attack)
    return points_of(scores, attack)


@pytest.mark.slow
@needs_sandbox
@pytest.mark.parametrize("name", THROUGH_NBGRADER)
def test_no_point_is_won_through_nbgrader(name, world, tmp_path):
    points = try_through_nbgrader(name, world, tmp_path)
    if name in IN_A_FOLDER:
        assert table()[name].here == told_of_here(name, points)


def try_plain(name: str, attacks: bool = True) -> float | None:
    """Return the attacker's points in plain nbgrader, or None where there is no grade."""
    attack = ATTACKS[name]
    with tempfile.TemporaryDirectory(prefix="plain-") as folder:
        root = Path(folder) / "school"
        shutil.copytree(course_of(attack.UNIT), root)
        (root / "nbgrader_config.py").write_text(PLAIN_CONFIG)
        told = {"ROOTS": [str(root)], "PORT": 9}
        place = write(root, "alice", attack.UNIT, bystander(attack.UNIT))
        place = write(root, "mallory", attack.UNIT, handed_in(attack, attacks, told))
        if attacks and hasattr(attack, "hand_in"):
            attack.hand_in(place)
        autograde(open_course(root), attack.UNIT, "mallory")
        grades = stored(root, "mallory")
        # nbgrader has dropped a submission whose graded notebook it has taken away again.
        if grades is None or not (root / "autograded" / "mallory" / attack.UNIT).exists():
            return None
        return points_of({check: score[0] for check, score in grades.items()}, attack)


def told_of_plain(name: str, points: float | None) -> str:
    attack = ATTACKS[name]
    if hasattr(attack, "HARMS"):
        return f"not run: {attack.HARMS}"
    told = shown_points(points, attack)
    won = points is not None and points >= most_points(attack)
    return f"**{told}**" if won else told


@pytest.mark.slow
@pytest.mark.parametrize("name", IN_PLAIN_NBGRADER)
def test_plain_nbgrader_gives_what_the_table_says(name):
    points = try_plain(name)
    assert table()[name].plain == told_of_plain(name, points)


# ---------------------------------------------------------------- the table


@functools.cache
def table() -> dict[str, Row]:
    """Return the rows of docs/attacks.md."""
    rows: dict[str, Row] = {}
    for line in TABLE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and cells[0] in ATTACKS:
            rows[cells[0]] = Row(*cells)
    return rows


def test_the_table_has_every_attack_and_no_other():
    assert list(table()) == list(ATTACKS)
    for name, attack in ATTACKS.items():
        assert table()[name].tries == attack.__doc__.splitlines()[0]


def test_plain_nbgrader_is_cheated():
    won = [row for row in table().values() if row.plain.startswith("**")]
    assert len(won) >= 11


def measure(name: str) -> tuple[Row, str]:
    """Return the row of one attack as it is measured now, and what went wrong, if anything."""
    attack, wrong = ATTACKS[name], ""
    _be_subreaper()
    here = plain = None
    with tempfile.TemporaryDirectory() as folder, world_in(Path(folder)) as world:
        try:
            if name in IN_A_FOLDER:
                here = try_through_nbgrader(name, world, Path(folder))
            else:
                here = try_here(name, world)
        except AssertionError as error:
            wrong = str(error) or "an assertion failed"
    if not hasattr(attack, "HARMS"):
        plain = try_plain(name)
    tries = attack.__doc__.splitlines()[0]
    held = "**not held**" if wrong else told_of_here(name, here)
    return Row(name, tries, told_of_plain(name, plain), held), wrong


INTRO = """# Attacks on the grade

Each line is a file of `tests/attacks/`: a notebook with a wrong answer to one exercise and with
something that is to win its points all the same, to harm the grader or to harm somebody else.
Every one is run by `tests/test_attacks.py`, which demands of this grader that

- the answer gets no point more than without the attack, nor does any other exercise;
- the honest submission that is graded next gets what it gets where nobody attacks;
- no process, no file and no mount is left, `source/` and the gradebook are as before, nothing has
  reached the network, the grader has held little memory and was not held up;
- the batch goes on.

The two columns on the right are measured: the points that the attacked exercise gets, of those
that it is worth. Bold are full marks for a wrong answer. *Plain nbgrader* is 0.9.6 with its own
settings, on the same notebooks; "no grade" means that it drops the submission and ends the batch
with an error. What would harm the machine is not run there. Points below the full marks are those
that the wrong answer earns: it is not wrong in everything. "At most" stands where a limit may
end the session, sooner or later, and points go with it.

What this table does not show: an attack that nobody has thought of, a hole in Linux's own walls,
and a student who writes the right answer by other means. A session is the student's own process,
so it can lie about what happens inside it: it may claim that an input was left as it was, or
compute a derivative from complex numbers in place of a formula. It gains what an honest wrapper
around the answer would have gained, and not more.

This page is written by `python tests/test_attacks.py --write`; a test compares it.

| attack | what it tries | plain nbgrader | here |
|---|---|---|---|"""


def main(names: list[str]) -> None:
    """Measure the named attacks, or all, and write the table."""
    rows = table() if TABLE.exists() else {}
    spawn = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(2, spawn) as pool:
        for row, wrong in pool.map(measure, names or ATTACKS):
            rows[row.name] = row
            print(row, *wrong.splitlines()[:1], sep="\n    ", flush=True)
    lines = [INTRO.rstrip(), *(str(rows[name]) for name in ATTACKS if name in rows)]
    TABLE.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] != ["--write"]:
        sys.exit("usage: python tests/test_attacks.py --write [ATTACK...]")
    main(sys.argv[2:])

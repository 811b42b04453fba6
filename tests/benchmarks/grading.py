"""A class of 60 students and 6 units: stock nbgrader, bare execution, and `grader grade`.

Stock nbgrader grades a fair sample (of each kind of student as many as the class has) in
rounds that alternate with whole classes graded by us, on the same machine in the same run.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import logging
import os
import pkgutil
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
from figure import Figure
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook

from grader.batch import Summary, grade_class
from grader.classroom import ROW, Submission, fill_in, make_class, write_submission
from grader.coursedir import environment_on_path, must, open_course
from grader.grading import graded_cells
from grader.release import make_course
from grader.restore import restore
from grader.units import (
    kind,
    load_unit,
    reference_answer,
    reference_toolbox,
    unit_names,
)

STUDENTS = 60
ROUNDS = 3  # stock grades a third of the sample in each: 12 students, one of each place in a row
PLAIN_CONFIG = """
from pathlib import Path
c = get_config()
c.CourseDirectory.course_id = "backprop"
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
"""
# A few who cheat, in one unit. Stock nbgrader gives what they ask for; listed, not compared.
HOSTILE_UNIT = "03-add-mul-nodes"
HOSTILE = {
    "mallory-patches": "import numpy as np\nnp.allclose = lambda *a, **k: True\n"
    "import course.check\ncourse.check.Check.score = lambda self: float(self.points)",
    "mallory-exits": "import os\nos._exit(0)",
    "mallory-floods": "for _ in range(100_000): print('x' * 100)",
}


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the words of nbgrader and of its kernels off the screen: some lines a notebook."""
    logging.disable(logging.CRITICAL)
    kept = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        logging.disable(logging.NOTSET)


def released_course(root: Path) -> None:
    """Lay out a course directory and release all units into it."""
    make_course(root)
    with _quiet(), environment_on_path():
        api = open_course(root)
        for unit in unit_names():
            must(api.generate_assignment(unit), unit)


def _hostile(release: Path) -> Iterator[Submission]:
    unit = load_unit(HOSTILE_UNIT)
    released = nbformat.read(release / HOSTILE_UNIT / f"{HOSTILE_UNIT}.ipynb", as_version=4)
    wrong = dict.fromkeys(unit.answers, "# nothing here is right\n")
    right = {name: reference_answer(cell) for name, cell in unit.answers.items()}
    first = next(make_class(release, 1))
    for student, code in HOSTILE.items():
        notebook = fill_in(released, wrong if student == "mallory-patches" else right)
        notebook.cells.insert(3, new_code_cell(code, id="hostile"))
        yield Submission(student, HOSTILE_UNIT, "hostile", first.handed_in, notebook)


def _make_courses(home: Path) -> tuple[Path, Path, list[list[str]]]:
    """Lay out the class twice, for stock and for us; return also the sample by rounds."""
    ours, stock = home / "ours", home / "stock"
    released_course(ours)
    for one in make_class(ours / "release", STUDENTS):
        write_submission(ours, one)
    for one in _hostile(ours / "release"):
        write_submission(ours, one)
    shutil.copytree(ours, stock)
    (stock / "nbgrader_config.py").write_text(PLAIN_CONFIG)
    everyone = list(dict.fromkeys(s.student for s in make_class(ours / "release", STUDENTS)))
    sample = everyone[: len(ROW)]
    return ours, stock, [sample[i::ROUNDS] for i in range(ROUNDS)]


def _stock(course: Path, students: list[str], units: list[str]) -> float:
    """Grade with stock `nbgrader autograde`, warm: its imports are not counted."""
    with _quiet(), environment_on_path():
        api = open_course(course)
        start = time.perf_counter()
        for unit in units:
            # Units 03 to 05 write a student's layers there; unit 06 is to load the reference's.
            saved = str(reference_toolbox() if load_unit(unit).loads_layers else course / "toolbox")
            os.environ["COURSE_TOOLBOX"] = saved
            for student in students:
                api.autograde(unit, student)  # a hostile one may fail: that is listed
        return time.perf_counter() - start


def _ours(course: Path, jobs: int, **more) -> Summary:
    return grade_class(course, jobs=jobs, force=True, **more)


def _each(summary: Summary) -> float:
    """Return the seconds of one submission once the batch has started."""
    count = sum(t.submissions for t in summary.units.values())
    return (summary.seconds - summary.first_s) / (count - 1)


def _scores(course: Path, students: set[str]) -> dict[tuple[str, str, str], float | None]:
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        return {
            (s.student_id, a.name, g.name): g.auto_score
            for a in book.assignments
            for s in a.submissions
            if s.student_id in students
            for n in s.notebooks
            for g in n.grades
        }


# ---------------------------------------------------------------- bare execution

BARE = "--bare"


def _bare_work(course: Path, students: list[str]) -> list[tuple[str, list[str]]]:
    """Return for each notebook the folder of its layers, and its cells."""
    work = []
    for unit in unit_names():
        # Units 03 to 05 save a student's layers; unit 06 is to load the reference's.
        saved = str(reference_toolbox() if load_unit(unit).loads_layers else course / "toolbox")
        for student in students:
            path = course / "submitted" / student / unit / f"{unit}.ipynb"
            restored = restore(nbformat.read(path, as_version=4), graded_cells(load_unit(unit)))
            cells = restored.notebook.cells
            code = [c.source for c in cells if c.cell_type == "code" and kind(c) != "demo"]
            work.append((saved, code))
    return work


def _bare(course: Path, students: list[str], cores: int) -> float:
    """Run the same cells, checks and all, in forks of a warm interpreter; return s a notebook.

    No wall, no limit, no verdict: what executing the cells costs. On as many cores as we
    use: a process for each, both at once.
    """
    halves = [students[i::cores] for i in range(cores)]
    command = [sys.executable, __file__, BARE, str(course)]
    start = [
        subprocess.Popen(
            [*command, str(core), *half], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
        )
        for core, half in enumerate(halves)
    ]
    for one in start:  # all warm before any begins
        assert one.stdout.readline() == "ready\n"
    begin = time.perf_counter()
    for one in start:
        one.stdin.write("go\n")
        one.stdin.flush()
    for one in start:
        assert one.stdout.readline() == "done\n"
    elapsed = time.perf_counter() - begin
    for one in start:
        one.communicate()
    return elapsed / (len(students) * len(unit_names()))


def _run_bare(course: Path, core: int, students: list[str]) -> None:
    """Be one of the processes of `_bare`."""
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[core]})
    work = _bare_work(course, students)
    from grader.inside.main import warm_up
    from grader.sandbox import Limits

    shell, limits = warm_up(), Limits()
    engine = importlib.import_module("course._engine")
    for module in pkgutil.walk_packages(engine.__path__, "course._engine."):
        importlib.import_module(module.name)
    gc.collect()
    gc.freeze()
    print("ready", flush=True)
    sys.stdin.readline()
    for saved, cells in work:
        pid = os.fork()
        if pid == 0:
            try:
                os.environ["COURSE_TOOLBOX"] = saved
                shell.take_streams(limits)
                for source in cells:
                    shell.run(source, "cell", limits)
            finally:
                os._exit(0)
        os.waitpid(pid, 0)
    print("done", flush=True)


# ---------------------------------------------------------------- the suite


def _first_grade(course: Path) -> float:
    """Return the seconds from the command to its first verdict, all cold but the disk."""
    command = [sys.executable, "-m", "grader.cli", "grade", "--force", "--json"]
    start = time.perf_counter()
    with subprocess.Popen(command, cwd=course, stdout=subprocess.PIPE, text=True) as process:
        json.loads(process.stdout.readline())
        elapsed = time.perf_counter() - start
        process.kill()
    return elapsed


def grading() -> Iterator[Figure]:
    """A class graded: against stock nbgrader, against bare execution, one worker and two."""
    cores = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory(prefix="bench-grading-") as folder:
        home = Path(folder)
        ours, stock, rounds = _make_courses(home)
        shutil.copytree(ours, home / "sample")
        sample = [student for some in rounds for student in some]
        for path in (home / "sample" / "submitted").iterdir():
            if path.name not in sample:
                shutil.rmtree(path)
        first = statistics.median(_first_grade(home / "sample") for _ in range(3))
        against_stock, against_bare, against_one, stock_s, ours_s = [], [], [], [], []
        memory = small_memory = 0.0
        for some in rounds:
            stock_each = _stock(stock, some, unit_names()) / (len(some) * len(unit_names()))
            whole = _ours(ours, cores)
            count = sum(t.submissions for t in whole.units.values())
            against_stock.append(stock_each / (whole.seconds / count))
            stock_s.append(stock_each)
            ours_s.append(whole.seconds / count)
            memory = max(memory, whole.memory_mb)
            two, bare = _ours(home / "sample", cores), _bare(ours, sample, cores)
            small_memory = max(small_memory, two.memory_mb)
            against_bare.append(_each(two) / bare)
            against_one.append(_each(_ours(home / "sample", 1)) / _each(two))
        pages = _ours(ours, cores, feedback=True)
        _stock(stock, list(HOSTILE), [HOSTILE_UNIT])
        same = _compare(ours, stock, set(sample))
    yield Figure("grading_stock_nbgrader", 1000 * statistics.median(stock_s), "ms", "a notebook")
    yield Figure("grading_ours", 1000 * statistics.median(ours_s), "ms", "a notebook")
    yield Figure(
        "grading_throughput_against_stock", statistics.median(against_stock), "x", "at least 40"
    )
    yield Figure("grading_scores_that_differ", float(same), "cells", "0")
    yield Figure("grading_against_bare", statistics.median(against_bare), "x", "at most 1.5")
    name = "grading_all_cores_against_one"
    yield Figure(name, statistics.median(against_one), "x", "at least 1.8 on two")
    yield Figure("grading_peak_memory", memory, "MB", f"{count} submissions, {cores} workers")
    yield Figure("grading_peak_memory_sample", small_memory, "MB", "a fifth of them")
    yield Figure("grading_cold_start_to_first_grade", first, "s", "for comparison")
    yield Figure("grading_class_with_feedback", pages.seconds, "s", "below 60")


def _compare(ours: Path, stock: Path, sample: set[str]) -> int:
    """Print what the hostile ones get; return how many cells of the honest ones differ."""
    a, b = _scores(ours, sample), _scores(stock, sample)
    differing = [key for key in a if a[key] != b.get(key)]
    for key in differing:
        print(f"# {key}: ours {a[key]}, stock {b.get(key)}")
    if len(a) != len(b):
        print(f"# {len(a)} cells graded by us, {len(b)} by stock")
    for student in HOSTILE:
        points = [
            sum(v or 0.0 for v in _scores(root, {student}).values()) for root in (ours, stock)
        ]
        print(f"# {student}: ours {points[0]:g}, stock {points[1]:g}")
    return len(differing) + abs(len(a) - len(b))


if __name__ == "__main__":
    if sys.argv[1:2] == [BARE]:
        _run_bare(Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
    else:
        for figure in grading():
            print(figure, flush=True)

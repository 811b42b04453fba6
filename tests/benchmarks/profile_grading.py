"""Where the time of a grade goes: prints the parts and draws docs/images/grading-profile.svg.

    python tests/benchmarks/profile_grading.py

Wall time of one worker on one core, so that the turns of the session count where the
worker waits for them. The parts are taken apart by wrapping the functions that do them.
"""

from __future__ import annotations

import gc
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "images" / "grading-profile.svg"
# In the order of the picture: name, colour.
PARTS = {
    "read and rebuild the notebook": "#8a8f98",
    "start and end a session": "#c44e52",
    "run the student's cells": "#dd8452",
    "checks: calls of the answers": "#55a868",
    "checks: their own arithmetic": "#4c72b0",
    "name the mistakes": "#8172b3",
    "write the graded notebook": "#937860",
    "write the gradebook": "#64b5cd",
}


class Clock:
    """Adds up the time of parts; what a part contains of another is the other's."""

    def __init__(self) -> None:
        self.spent: Counter[str] = Counter()
        self._open: list[str] = []
        self._since = time.perf_counter()

    def _turn(self) -> None:
        now = time.perf_counter()
        if self._open:
            self.spent[self._open[-1]] += now - self._since
        self._since = now

    def wrap(self, owner, name: str, part: str) -> None:
        """Let the calls of ``owner.name`` count as ``part``."""
        function = getattr(owner, name)

        def timed(*args, **kwargs):
            self._turn()
            self._open.append(part)
            try:
                return function(*args, **kwargs)
            finally:
                self._turn()
                self._open.pop()

        setattr(owner, name, timed)


def measure(students: int = 12) -> dict[str, float]:
    """Return milliseconds a notebook for each part."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    from traitlets.config import Config

    from grader import forkserver, grading, session, submission, verdict, worker
    from grader.classroom import make_class
    from grader.gradebook import Writer
    from grader.units import unit_names

    sys.path.insert(0, str(ROOT / "tests"))
    from batches import release, url

    clock = Clock()
    names = list(PARTS)
    clock.wrap(submission, "from_bytes", names[0])
    clock.wrap(grading, "restore", names[0])
    clock.wrap(forkserver.ForkServer, "new_session", names[1])
    clock.wrap(session.Session, "close", names[1])
    clock.wrap(verdict, "_run_in_session", names[2])
    clock.wrap(verdict, "run_given", names[4])
    clock.wrap(verdict, "judge", names[4])
    clock.wrap(session.Session, "_ask", names[3])
    clock.wrap(grading, "diagnose_notebook", names[5])
    clock.wrap(worker, "_outcome", names[6])
    clock.wrap(Writer, "save", names[7])
    with tempfile.TemporaryDirectory() as folder:
        root = release(Path(folder) / "course", unit_names())
        work = [
            (s.student, s.unit, nbformat.writes(s.notebook).encode())
            for s in make_class(root / "release", students)
        ]
        with Writer(url(root), "backprop", unit_names(), Config()) as writer:
            templates = {u: [dict(c) for c in writer.template(u)] for u in unit_names()}
            with worker.Grader(worker.Settings(templates)) as grader:
                for student, unit, data in work[:12]:
                    grader.grade(worker.Task(student, unit, data, ""))
                gc.collect()
                gc.freeze()  # as a worker does
                clock.spent.clear()
                for student, unit, data in work:
                    done = grader.grade(worker.Task(student, unit, data, ""))
                    writer.save(student, unit, done.scores, done.answers, None)
    return {name: 1000 * clock.spent[name] / len(work) for name in PARTS}


def draw(parts: dict[str, float]) -> str:
    """Return the parts as bars, the longest as wide as the picture."""
    total, longest = sum(parts.values()), max(parts.values())
    rows = []
    for index, (name, value) in enumerate(parts.items()):
        y, width = 44 + 26 * index, 300 * value / longest
        rows.append(
            f'<text x="232" y="{y + 13}" text-anchor="end">{name.replace("&", "&amp;")}</text>'
            f'<rect x="240" y="{y}" width="{width:.1f}" height="18" fill="{PARTS[name]}"/>'
            f'<text x="{246 + width:.1f}" y="{y + 13}">{value:.1f} ms, {value / total:.0%}</text>'
        )
    title = f"Where {total:.0f} ms of one core go: one notebook, mean over a class"
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 270" role="img" '
        f'aria-label="{title}" font-family="sans-serif" font-size="13">'
        '<rect width="640" height="270" fill="white"/>'
        f'<text x="16" y="24" font-size="15">{title}</text>{"".join(rows)}</svg>\n'
    )


def main() -> None:
    """Measure, print and draw."""
    parts = measure()
    for name, value in parts.items():
        print(f"{name:32} {value:6.1f} ms")
    PICTURE.write_text(draw(parts), "utf-8")


if __name__ == "__main__":
    main()

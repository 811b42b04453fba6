"""The classroom's marker: a deadline's burst of 200 submissions, and one alone."""

from __future__ import annotations

import itertools
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
from figure import Figure
from grading import released_course

from grader.classroom import make_class
from grader.exchange.store import GRADED, GRADING, QUEUED, Store, Submission

BURST = 200
SINGLES = 12
IDLE_S = 10.0


def _hand_in(store: Store, one, student: str) -> Submission:
    blob = store.put(nbformat.writes(one.notebook).encode())
    return store.hand_in(student, one.unit, f"{one.unit}.ipynb", blob)[0]


def _drain(store: Store) -> None:
    while any(s.state in (QUEUED, GRADING) for s in store.submissions()):
        time.sleep(0.1)


def _latency(store: Store, one, student: str) -> float:
    """Return the seconds from handing in to the grade, with nothing else to do."""
    start = time.perf_counter()
    id = _hand_in(store, one, student).id
    while store.submission(id).state != GRADED:
        time.sleep(0.005)
    return time.perf_counter() - start


def _processor_s(pid: int) -> float:
    """Return the processor time that a process has used."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / 100


def marker() -> Iterator[Figure]:
    """A burst of submissions of all units, single ones, and an idle marker."""
    with tempfile.TemporaryDirectory(prefix="bench-classroom-") as folder:
        root, data = Path(folder) / "course", Path(folder) / "data"
        released_course(root)
        made = make_class(root / "release", BURST)
        burst = list(itertools.islice(made, BURST))
        command = [sys.executable, "-m", "grader.exchange.marking", "--course", str(root)]
        with Store(data) as store, open(data / "log", "w") as log:
            process = subprocess.Popen([*command, "--data", str(data)], stderr=log)
            try:
                for number in range(3):  # until all is warm
                    _latency(store, burst[number], f"warm-{number}")
                start = time.perf_counter()
                for one in burst:
                    _hand_in(store, one, one.student)
                _drain(store)
                drained = time.perf_counter() - start
                alone = []
                for number, one in enumerate(burst[:SINGLES]):
                    time.sleep(0.2 + 0.037 * number)  # at any moment between two looks
                    alone.append(_latency(store, one, f"alone-{number}"))
                before = _processor_s(process.pid)
                time.sleep(IDLE_S)
                idle = (_processor_s(process.pid) - before) / IDLE_S
            finally:
                process.terminate()
                process.wait()
            lost = sum(s.state != GRADED for s in store.submissions())
    yield Figure("classroom_burst_drained", drained, "s", f"{BURST} submissions, at most 60 on two")
    yield Figure("classroom_each_of_the_burst", 1000 * drained / BURST, "ms", "for comparison")
    yield Figure("classroom_burst_not_graded", float(lost), "submissions", "0")
    yield Figure("classroom_single_latency", statistics.median(alone), "s", "below 1")
    yield Figure("classroom_single_latency_worst", max(alone), "s", f"of {SINGLES}, below 1")
    yield Figure("classroom_idle_marker", 100 * idle, "%", "of a core, below 5")

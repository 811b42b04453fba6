"""A Dask cluster of this machine's cores: two workers against one, and against local processes."""

from __future__ import annotations

import contextlib
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from figure import Figure
from grading import released_course

from grader.batch import grade_class
from grader.classroom import make_class, write_submission

sys.path.append(str(Path(__file__).parents[1]))
from dask_cluster import DaskCluster

STUDENTS = 36
ROUNDS = 3
BEGUN = 24  # submissions after which all workers are warm and busy


def scheduler() -> Iterator[Figure]:
    """A class of 36, six units: by turns on a worker a core, on one, and in local processes."""
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory(prefix="bench-scheduler-") as folder:
        home = Path(folder)
        root = home / "course"
        released_course(root)
        for one in make_class(root / "release", STUDENTS):
            write_submission(root, one)
        with contextlib.ExitStack() as stack:

            def cluster(name: str, *cores: int | None) -> str:
                (home / name).mkdir()
                made = stack.enter_context(DaskCluster(home / name, workers=0))
                for core in cores:
                    made.add(core=core)
                made.wait_for(len(cores))
                return made.address

            whole, one, tied = (
                cluster("whole", *cores),
                cluster("one", None),
                cluster("tied", cores[0]),
            )

            def each(**where) -> float:
                # Answers come in parcels: from the first one on would leave out its parcel.
                answered: list[float] = []
                grade_class(
                    root, force=True, tell=lambda _: answered.append(time.monotonic()), **where
                )
                return (answered[-1] - answered[BEGUN - 1]) / (len(answered) - BEGUN)

            rounds = []
            for _ in range(ROUNDS):
                all_s = each(scheduler=whole)
                one_s, tied_s = each(scheduler=one), each(scheduler=tied)
                rounds.append((all_s, one_s / all_s, tied_s / all_s, all_s / each(jobs=len(cores))))
    all_s, against_one, against_tied, against_local = map(
        statistics.median, zip(*rounds, strict=True)
    )
    yield Figure("cluster_each", 1000 * all_s, "ms", "a notebook")
    yield Figure("cluster_all_cores_against_one", against_one, "x", "at least 1.8 on two")
    yield Figure("cluster_all_cores_against_one_tied", against_tied, "x", "for comparison")
    yield Figure("cluster_against_local_processes", against_local, "x", "at most 1.1")

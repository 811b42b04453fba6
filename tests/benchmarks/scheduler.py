"""A Dask cluster of this machine's cores: two workers against one, and against local processes."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from figure import Figure
from grading import _each, released_course

from grader.batch import grade_class
from grader.classroom import make_class, write_submission

sys.path.append(str(Path(__file__).parents[1]))
from dask_cluster import DaskCluster

STUDENTS = 24
ROUNDS = 3


def scheduler() -> Iterator[Figure]:
    """A class of 24, six units: by turns on two workers, on one, and in local processes."""
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory(prefix="bench-scheduler-") as folder:
        home = Path(folder)
        root = home / "course"
        released_course(root)
        for one in make_class(root / "release", STUDENTS):
            write_submission(root, one)
        (home / "one").mkdir()
        with (
            DaskCluster(home, workers=0) as whole,
            DaskCluster(home / "one", workers=0) as single,
        ):
            # A worker a core, as machines of one core each.
            for core in cores:
                whole.add(core=core)
            single.add(core=cores[0])
            whole.wait_for(len(cores))
            single.wait_for(1)

            def each(**where) -> float:
                return _each(grade_class(root, force=True, **where))

            against_one, against_local, cluster_s = [], [], []
            for _ in range(ROUNDS):
                all_of_them = each(scheduler=whole.address)
                against_one.append(each(scheduler=single.address) / all_of_them)
                against_local.append(all_of_them / each(jobs=len(cores)))
                cluster_s.append(all_of_them)
    yield Figure("cluster_each", 1000 * statistics.median(cluster_s), "ms", "a notebook")
    name = "cluster_all_cores_against_one"
    yield Figure(name, statistics.median(against_one), "x", "at least 1.8 on two")
    name = "cluster_against_local_processes"
    yield Figure(name, statistics.median(against_local), "x", "at most 1.1")

"""How many machines a class needs: a small simulation, fed with measured costs.

    python docs/scale_model.py                            # print the capacity table
    python docs/scale_model.py --costs build/bench.json   # take new costs into scale-costs.json
    python docs/scale_model.py --write                    # put tables into scale.md, draw its plots

A submission passes three stations, each first come first served: the classroom service takes it
in, one of W workers grades it, the one writer of the course puts it into the gradebook. What
they take comes from ``scale-costs.json`` (``tests/benchmarks/costs.py`` measures it); how
students behave does not: it stands in `Habits`, and is an assumption.
"""

from __future__ import annotations

import argparse
import heapq
import io
import json
import math
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
COSTS, PAGE, IMAGES = HERE / "scale-costs.json", HERE / "scale.md", HERE / "images"
CLASSES = (100, 1_000, 10_000, 100_000)
UNITS = 6
MOST_WORKERS = 4096
KIB_IN_GIB, MIB_IN_GIB = 1024**2, 1024

# Limits that nobody measured here; each with its source.
MACHINE_CORES, MACHINE_GIB = 16, 64  # a machine to count in: common in clouds, rented as one piece
# A Hub's own people say that one carries launches in the hundreds at once and users in the
# thousands (github.com/jupyterhub/binderhub/issues/465). The smallest number that is thousands.
HUB_SERVERS = 2_000
CONNECTIONS = 200  # max_connections in deploy/kubernetes/grading/postgresql.yaml
# Threads that may hold one: 11 of the service (grader/exchange/app.py), 2 of the marker (store
# and gradebook), Formgrader, the Hub.
CONNECTIONS_A_COURSE = 15
POLL_S, QUIET_S = 2.0, 15.0  # how often a student's page asks (student.js): while one waits, else
FULL = 0.7  # a process that does one thing at a time is planned to be busy so much of its time


@dataclass(frozen=True)
class Habits:
    """What students do; assumptions, not measurements.

    Attributes
    ----------
    attempts : float
        How often a student hands in a unit, mean; the first, and a Poisson number of others.
    gap_min : float
        Minutes between two attempts, mean of an exponential distribution.
    lead_h, lead_spread : float
        How long before the deadline the last attempt comes: log-normal with this median in hours
        and this standard deviation of the natural logarithm. 6 and 2 put a fifth of the class
        into the last hour.
    open_h : float
        Hours from the release of a unit to its deadline; no attempt is earlier.
    burst_min : float
        The worst case: each student hands in once, evenly over so many minutes.
    goal_s : float
        Seconds from handing in to feedback that 95 of 100 may wait at most.
    at_work : float
        Share of the class that has a server at the fullest moment.
    start_min : float
        Minutes within which those start theirs.
    hours : float
        Hours with a server that a student spends on a unit.
    watching : float
        Share of those who wait, and of those at work, who have their page open.
    """

    attempts: float = 2.5
    gap_min: float = 15.0
    lead_h: float = 6.0
    lead_spread: float = 2.0
    open_h: float = 7 * 24.0
    burst_min: float = 10.0
    goal_s: float = 60.0
    at_work: float = 0.3
    start_min: float = 10.0
    hours: float = 4.0
    watching: float = 0.5


# ---------------------------------------------------------------- costs

# Every cost that the model asks for, with its unit. Those of `MAY_BE_ZERO` are differences.
NEEDED = {
    "cost_worker": "s", "cost_writer": "ms", "cost_hand_in": "ms", "cost_take_queue": "ms",
    "cost_poll": "ms", "cost_poll_waiting": "ms", "cost_poll_queue": "ms",
    "cost_worker_wall_p05": "s", "cost_worker_wall_p25": "s", "cost_worker_wall_p50": "s",
    "cost_worker_wall_p75": "s", "cost_worker_wall_p95": "s", "cost_worker_wall_p99": "s",
    "cost_worker_wall_max": "s", "cost_dearest_unit": "x", "cost_worker_memory": "MiB",
    "cost_disk_files": "KiB", "cost_disk_store": "KiB", "cost_disk_course": "KiB",
    "cost_disk_gradebook": "KiB", "cost_gradebook_rows": "rows", "cost_home": "MiB",
    "cost_hub_start": "s", "cost_server_start": "s", "cost_server_work": "s",
    "cost_server_idle": "s", "cost_server_memory_most": "MiB", "cost_rest_memory": "MiB",
    "cost_batch_worker": "s", "cost_batch_writer": "ms",
}  # fmt: skip
MAY_BE_ZERO = {"cost_take_queue", "cost_poll_queue"}
QUANTILES = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95, "p99": 0.99, "max": 1}


class CostError(ValueError):
    """Raised for costs that the model cannot reckon with; names the cost."""


@dataclass(frozen=True)
class Costs:
    """Measured costs, in the units of `NEEDED`; ``costs["cost_worker"]`` reads one.

    Raises
    ------
    CostError
        For a cost that is missing, of another unit, or no number above zero.
    """

    values: Mapping[str, float]
    units: Mapping[str, str]

    def __post_init__(self) -> None:
        for name, unit in NEEDED.items():
            if name not in self.values:
                raise CostError(f"{name} is missing: measure it with tests/benchmarks/run.py costs")
            if self.units[name] != unit:
                raise CostError(f"{name} is in {self.units[name]!r}; the model wants {unit!r}")
            value = self.values[name]
            fine = isinstance(value, (int, float)) and math.isfinite(value)
            if not fine or value < 0 or (value == 0 and name not in MAY_BE_ZERO):
                raise CostError(f"{name} is {value!r}; it must be a number above zero")

    def __getitem__(self, name: str) -> float:
        return self.values[name]

    @property
    def writer_s(self) -> float:
        """Seconds of the one writer for a submission."""
        return self["cost_writer"] / 1000

    @property
    def hand_in_s(self) -> float:
        """Seconds of the service to take one in."""
        return self["cost_hand_in"] / 1000

    def worker_s(self, count: int, rng: np.random.Generator, dearest: bool = True) -> np.ndarray:
        """Draw what a worker takes for some submissions.

        The shape is that of the measured quantiles, straight between them; the mean is that
        of the processor time, which other work on the machine does not stretch.

        Parameters
        ----------
        count : int
        rng : numpy.random.Generator
        dearest : bool
            Of the dearest unit (a deadline is one unit's), else of all units alike.

        Returns
        -------
        ndarray, shape (count,)
            Seconds.
        """
        at = [0.0, *QUANTILES.values()]
        seconds = [self[f"cost_worker_wall_{name}"] for name in QUANTILES]
        seconds = np.maximum.accumulate([seconds[0], *seconds])
        mean = np.trapezoid(seconds, at) if hasattr(np, "trapezoid") else np.trapz(seconds, at)
        drawn = np.interp(rng.random(count), at, seconds) / mean * self["cost_worker"]
        return drawn * (self["cost_dearest_unit"] if dearest else 1.0)


def read_costs(path: Path = COSTS) -> Costs:
    """Return the costs of a file that `refresh` wrote."""
    rows = json.loads(path.read_text("utf-8"))["costs"]
    return Costs({r["name"]: r["value"] for r in rows}, {r["name"]: r["unit"] for r in rows})


def refresh(bench: Path, path: Path = COSTS) -> None:
    """Take the costs of a run of the benchmarks into the committed file.

    Parameters
    ----------
    bench : Path
        What ``tests/benchmarks/run.py costs`` wrote.
    """
    report = json.loads(bench.read_text("utf-8"))
    rows = [
        {"name": f["name"], "value": float(f"{f['value']:.4g}"), "unit": f["unit"], "of": f["goal"]}
        for f in report["figures"]
        if f["name"].startswith("cost_")
    ]
    Costs({r["name"]: r["value"] for r in rows}, {r["name"]: r["unit"] for r in rows})
    told = {"date": report["date"], "machine": report["machine"], "costs": rows}
    path.write_text(json.dumps(told, indent=1) + "\n", "utf-8")


# ---------------------------------------------------------------- the simulation


def around_deadline(students: int, habits: Habits, rng: np.random.Generator) -> np.ndarray:
    """Return when submissions come in: seconds, 0 is the deadline, sorted.

    Returns
    -------
    ndarray, shape (about students * habits.attempts,)
    """
    lead_s = 3600 * habits.lead_h * np.exp(habits.lead_spread * rng.standard_normal(students))
    more = rng.poisson(habits.attempts - 1, students)
    last = np.repeat(-lead_s, more)
    # The k-th attempt from the end lies k gaps before the last: sums of gaps, student by student.
    gaps = rng.exponential(60 * habits.gap_min, more.sum())
    summed = np.cumsum(gaps)
    before = np.concatenate([[0.0], summed])[np.cumsum(more) - more]
    at = np.concatenate([-lead_s, last - (summed - np.repeat(before, more))])
    return np.sort(np.maximum(at, -3600 * habits.open_h))


def burst(students: int, habits: Habits, rng: np.random.Generator) -> np.ndarray:
    """Return when submissions come in if all come in the last minutes: seconds, sorted."""
    return np.sort(rng.uniform(-60 * habits.burst_min, 0.0, students))


def serve(ready: np.ndarray, seconds: np.ndarray, servers: int) -> tuple[np.ndarray, np.ndarray]:
    """Serve first come first served by several alike; return begin and end of each.

    Parameters
    ----------
    ready : ndarray, shape (n,)
        When each is ready, sorted, in seconds.
    seconds : ndarray, shape (n,)
        What each takes.
    servers : int
        How many serve at once.

    Returns
    -------
    tuple of ndarray, shape (n,)
    """
    if servers < 1:
        raise ValueError(f"servers is {servers}; at least one is needed")
    free = [-math.inf] * min(servers, max(1, len(ready)))  # when each is free next: a heap
    begin = np.empty(len(ready))
    for i, (at, takes) in enumerate(zip(ready.tolist(), seconds.tolist(), strict=True)):
        begin[i] = start = max(at, free[0])
        heapq.heapreplace(free, start + takes)
    return begin, begin + seconds


@dataclass(frozen=True)
class Run:
    """What became of each submission; arrays of shape (n,), in seconds, in order of coming in.

    Attributes
    ----------
    came, taken, begun, graded, answered : ndarray
        Handed in, taken in by the service, begun by a worker, graded, and in the gradebook.
    writer_s : ndarray
        What the writer took for each.
    workers : int
    """

    came: np.ndarray
    taken: np.ndarray
    begun: np.ndarray
    graded: np.ndarray
    answered: np.ndarray
    writer_s: np.ndarray
    workers: int

    @property
    def wait(self) -> np.ndarray:
        """Seconds from handing in to feedback."""
        return self.answered - self.came

    def at(self, quantile: float, since: float = -3600.0) -> float:
        """Return a quantile of the wait of those who came after a moment, in seconds."""
        late = self.wait[self.came >= since]
        return float(np.quantile(late, quantile)) if len(late) else 0.0

    def waiting(self, moments: np.ndarray) -> np.ndarray:
        """Return how many wait for feedback at some moments."""
        came = np.searchsorted(self.came, moments, "right")
        return came - np.searchsorted(np.sort(self.answered), moments, "right")

    def busy_workers(self, moments: np.ndarray) -> np.ndarray:
        """Return how many workers grade at some moments."""
        begun = np.searchsorted(np.sort(self.begun), moments, "right")
        return begun - np.searchsorted(np.sort(self.graded), moments, "right")

    def writer_busy(self, since: float = -600.0, until: float = 0.0) -> float:
        """Return the share of a span of time in which the writer works."""
        ends = np.clip(self.answered, since, until)
        begins = np.clip(self.answered - self.writer_s, since, until)
        return float((ends - begins).sum() / (until - since))


def simulate(came: np.ndarray, workers: int, costs: Costs, seed: int = 0, **of_worker) -> Run:
    """Send submissions through the service, the workers and the writer of one course.

    Parameters
    ----------
    came : ndarray, shape (n,)
        When they are handed in, sorted, in seconds.
    workers : int
    costs : Costs
    seed : int
        The same seed draws the same times of workers, whatever their number.
    **of_worker
        Of `Costs.worker_s`.
    """
    count = len(came)
    worker_s = costs.worker_s(count, np.random.default_rng(seed), **of_worker)
    _, taken = serve(came, np.full(count, costs.hand_in_s), 1)
    begun, graded = serve(taken, worker_s, workers)
    # What a longer queue makes dearer for who takes a submission off it: nothing, by the index.
    queue = np.searchsorted(taken, begun, "right") - np.arange(1, count + 1)
    writer_s = costs.writer_s + costs["cost_take_queue"] / 1000 * queue / 1000
    order = np.argsort(graded, kind="stable")
    answered = np.empty(count)
    answered[order] = serve(graded[order], writer_s[order], 1)[1]
    return Run(came, taken, begun, graded, answered, writer_s, workers)


def workers_needed(came: np.ndarray, costs: Costs, goal_s: float, seed: int = 0) -> int | None:
    """Return the fewest workers with which 95 of 100 of the last hour wait at most ``goal_s``.

    None if no number does: then the service or the writer is too slow for one course.
    """

    def fine(workers: int) -> bool:
        return simulate(came, workers, costs, seed).at(0.95) <= goal_s

    high = 1
    while not fine(high):
        high *= 2
        if high > MOST_WORKERS or high > 2 * len(came):
            return None
    low = high // 2  # fine(low) is False, or low is 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fine(middle) else (middle, high)
    return high


# ---------------------------------------------------------------- limits and a plan


def limits(costs: Costs, habits: Habits) -> dict[str, float]:
    """Return at how many students of one course each part is as full as it may be.

    Returns
    -------
    dict of str to float
        Smallest first; parts that more machines do not help stand for a course of their own.
    """
    server_gib = costs["cost_server_memory_most"] / MIB_IN_GIB
    left_gib = MACHINE_GIB - costs["cost_rest_memory"] / MIB_IN_GIB
    burst_s, start_s = 60 * habits.burst_min, 60 * habits.start_min
    # Quiet pages of all who are at work, beside a burst of hand-ins.
    page_s = habits.at_work * habits.watching * costs["cost_poll"] / 1000 / QUIET_S
    found = {
        "memory": left_gib / (habits.at_work * server_gib),
        "Hub: servers": HUB_SERVERS / habits.at_work,
        "Hub: starts": FULL * start_s / (habits.at_work * costs["cost_hub_start"]),
        "service": FULL / (costs.hand_in_s / burst_s + page_s),
        "writer": FULL * burst_s / costs.writer_s,
    }
    return dict(sorted(found.items(), key=lambda item: item[1]))


def service_busy(run: Run, costs: Costs, habits: Habits) -> float:
    """Return which share of a core the service wants in the busiest ten seconds of a run.

    Above 1 the pages of those who wait are renewed less often, and handing in takes longer.
    """
    moments = np.arange(run.came[0], run.answered.max() + 10, 10.0)
    came = np.diff(np.searchsorted(run.came, moments))
    waiting = run.waiting(moments[1:])
    poll_s = (costs["cost_poll_waiting"] + costs["cost_poll_queue"] * waiting / 1000) / 1000
    pages = habits.watching * waiting * poll_s / POLL_S
    return float((came * costs.hand_in_s / 10 + pages).max(initial=0.0))


PARTS_OF_A_COURSE = ("Hub: servers", "Hub: starts", "service", "writer")


@dataclass(frozen=True)
class Plan:
    """What a class needs; cores, GiB and core hours of all its courses together.

    Attributes
    ----------
    students, courses : int
        Each course is a Hub, a service, a marker and a gradebook of its own.
    workers, workers_burst : int
        So that the goal holds around the deadline, and if all hand in within minutes.
    grading_h, servers_h : float
        Core hours of one unit.
    at_once : int
        Servers at the fullest moment.
    servers_cores, servers_gib, grading_gib : float
    machines : int
        Of `MACHINE_CORES` and `MACHINE_GIB`.
    disk_gib, gradebook_gib : float
        All units.
    rows : int
        Of the gradebooks.
    wait_p50, wait_p95, wait_max : float
        In the worst case, with ``workers_burst``; seconds.
    writer_busy, service_busy : float
        There, of one course: share of the burst; share of a core in the busiest ten seconds.
    again_h : float
        Hours of a course's writer in which `grader grade --force` does all units again.
    """

    students: int
    courses: int
    workers: int
    workers_burst: int
    grading_h: float
    servers_h: float
    at_once: int
    servers_cores: float
    servers_gib: float
    grading_gib: float
    machines: int
    disk_gib: float
    gradebook_gib: float
    rows: int
    wait_p50: float
    wait_p95: float
    wait_max: float
    writer_busy: float
    service_busy: float
    again_h: float


def plan(students: int, costs: Costs, habits: Habits | None = None, seed: int = 0) -> Plan:
    """Return what a class needs."""
    habits = habits or Habits()
    most = limits(costs, habits)
    courses = max(math.ceil(students / most[part]) for part in PARTS_OF_A_COURSE)
    each = math.ceil(students / courses)
    rng = np.random.default_rng(seed)
    usual, worst = around_deadline(each, habits, rng), burst(each, habits, rng)
    workers = workers_needed(usual, costs, habits.goal_s, seed)
    workers_burst = workers_needed(worst, costs, habits.goal_s, seed)
    if workers is None or workers_burst is None:
        raise CostError(f"no number of workers keeps the goal of {habits.goal_s:g} s")
    run = simulate(worst, workers_burst, costs, seed)
    at_once = math.ceil(students * habits.at_work)
    hour_s = costs["cost_server_work"] + costs["cost_server_idle"]
    working = at_once * hour_s / 3600
    starting = at_once * costs["cost_server_start"] / (60 * habits.start_min)
    servers_cores = max(working, starting)
    servers_gib = at_once * costs["cost_server_memory_most"] / MIB_IN_GIB
    all_workers = courses * max(workers, workers_burst)
    grading_gib = courses * costs["cost_rest_memory"] + all_workers * costs["cost_worker_memory"]
    grading_gib /= MIB_IN_GIB
    cores = servers_cores + all_workers + 2 * courses  # the service and the writer have a core each
    machines = max(cores / MACHINE_CORES, (servers_gib + grading_gib) / MACHINE_GIB)
    submission_s = costs["cost_worker"] + costs.writer_s + costs.hand_in_s
    attempt_kib = costs["cost_disk_files"] + costs["cost_disk_store"]
    book_kib = UNITS * costs["cost_disk_gradebook"]
    kept_kib = UNITS * costs["cost_disk_course"] + book_kib + 1024 * costs["cost_home"]
    return Plan(
        students=students,
        courses=courses,
        workers=courses * workers,
        workers_burst=courses * workers_burst,
        grading_h=students * habits.attempts * submission_s / 3600,
        servers_h=students * (habits.hours * hour_s + costs["cost_server_start"]) / 3600,
        at_once=at_once,
        servers_cores=servers_cores,
        servers_gib=servers_gib,
        grading_gib=grading_gib,
        machines=math.ceil(machines),
        disk_gib=students * (UNITS * habits.attempts * attempt_kib + kept_kib) / KIB_IN_GIB,
        gradebook_gib=students * book_kib / KIB_IN_GIB,
        rows=round(students * UNITS * costs["cost_gradebook_rows"]),
        wait_p50=run.at(0.5),
        wait_p95=run.at(0.95),
        wait_max=float(run.wait.max()),
        writer_busy=run.writer_busy(-60 * habits.burst_min),
        service_busy=service_busy(run, costs, habits),
        again_h=UNITS * each * costs["cost_batch_writer"] / 1000 / 3600,
    )


SEVERAL = "several courses, each with a Hub, a service and a gradebook"
THEN = {
    "memory": "more machines: [Kubernetes](../deploy/kubernetes)",
    **dict.fromkeys(PARTS_OF_A_COURSE, SEVERAL),
    "PostgreSQL: connections": "one PostgreSQL for {n} courses",
}


def broken(students: int, costs: Costs, habits: Habits) -> list[str]:
    """Return what a class is too large for, what breaks first at the front."""
    found = [part for part, most in limits(costs, habits).items() if students > most]
    courses = plan(students, costs, habits).courses
    if courses * CONNECTIONS_A_COURSE > CONNECTIONS:
        found.append("PostgreSQL: connections")
    return found


# ---------------------------------------------------------------- the page


def few(value: float) -> str:
    """Return a number to two digits, or whole with separators: 0.42, 3.1, 42, 1,300."""
    if value >= 100:
        digits = 1 - math.floor(math.log10(value))
        return f"{round(value, digits):,.0f}"
    return f"{value:.2g}" if value < 10 else f"{value:.0f}"


def capacity_table(costs: Costs, habits: Habits | None = None) -> str:
    """Return the first table of the page: class size, machines, what breaks, what then."""
    habits = habits or Habits()
    lines = [
        f"| students | machines of {MACHINE_CORES} cores, {MACHINE_GIB} GiB | courses | "
        "cores to grade | breaks first, one after the other | what then |",
        "|---:|---:|---:|---:|---|---|",
    ]
    per = CONNECTIONS // CONNECTIONS_A_COURSE
    for students in CLASSES:
        made, parts = plan(students, costs, habits), broken(students, costs, habits)
        then = dict.fromkeys(THEN[part].format(n=per) for part in parts)
        nearest, most = next(iter(limits(costs, habits).items()))
        first = ", ".join(parts) or f"nothing; {nearest} at {few(most)}"
        cores = max(made.workers, made.workers_burst)
        lines.append(
            f"| {students:,} | {made.machines:,} | {made.courses} | {cores} | {first} | "
            f"{'; '.join(then) or 'one host'} |"
        )
    return "\n".join(lines)


def detail_table(costs: Costs, habits: Habits | None = None) -> str:
    """Return the table of what stands behind the first one."""
    plans = [plan(students, costs, habits) for students in CLASSES]
    rows = {
        "students": [f"{p.students:,}" for p in plans],
        "workers: around the deadline": [str(p.workers) for p in plans],
        "workers: all in ten minutes": [str(p.workers_burst) for p in plans],
        "wait there, median": [f"{few(p.wait_p50)} s" for p in plans],
        "wait there, 95 of 100": [f"{few(p.wait_p95)} s" for p in plans],
        "wait there, longest": [f"{few(p.wait_max)} s" for p in plans],
        "each writer is busy there": [f"{p.writer_busy:.0%}" for p in plans],
        "each service, at most": [f"{p.service_busy:.0%}" for p in plans],
        "core hours a unit: grading": [few(p.grading_h) for p in plans],
        "core hours a unit: servers": [few(p.servers_h) for p in plans],
        "hours to grade all units again": [few(p.again_h) for p in plans],
        "servers at once": [f"{p.at_once:,}" for p in plans],
        "cores for servers": [few(p.servers_cores) for p in plans],
        "GiB of memory for servers": [few(p.servers_gib) for p in plans],
        "GiB of memory for all else": [few(p.grading_gib) for p in plans],
        "GiB of disk": [few(p.disk_gib) for p in plans],
        "of these the gradebooks": [few(p.gradebook_gib) for p in plans],
        "rows in the gradebooks": [few(p.rows) for p in plans],
    }
    head, *body = ([name, *cells] for name, cells in rows.items())
    lines = [f"| {' | '.join(head)} |", f"|---|{'---:|' * len(plans)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in body)])


def limits_table(costs: Costs, habits: Habits | None = None) -> str:
    """Return the table of class sizes at which a part of one course is full."""
    lines = ["| part of one course | full at students |", "|---|---:|"]
    found = limits(costs, habits or Habits()).items()
    return "\n".join([*lines, *(f"| {part} | {few(most)} |" for part, most in found)])


def costs_table(path: Path = COSTS) -> str:
    """Return the table of the measured costs, with their date and machine."""
    told = json.loads(path.read_text("utf-8"))
    lines = [f"Measured on {told['date']}: {told['machine']}.", "", "| cost | value | of |"]
    rows = (f"| `{r['name']}` | {r['value']:.3g} {r['unit']} | {r['of']} |" for r in told["costs"])
    return "\n".join([*lines, "|---|---:|---|", *rows])


def tables(path: Path = COSTS) -> dict[str, str]:
    """Return what stands between the markers of the page, by marker."""
    costs = read_costs(path)
    return {
        "capacity": capacity_table(costs),
        "details": detail_table(costs),
        "limits": limits_table(costs),
        "costs": costs_table(path),
    }


def with_tables(page: str, made: Mapping[str, str]) -> str:
    """Return a page with tables between ``<!-- name -->`` and ``<!-- /name -->``."""
    for name, table in made.items():
        start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        if page.count(start) != 1 or page.count(end) != 1:
            raise ValueError(f"the page wants {start} and {end} once each")
        before, _, rest = page.partition(start)
        page = f"{before}{start}\n{table}\n{end}{rest.partition(end)[2]}"
    return page


# ---------------------------------------------------------------- the plots

# Light and dark: ink, faint ink, paper, and the colours of curves as in course.figures.
LIGHT = ("#1f2328", "#59636e", "#ffffff", "#1272c4", "#cc5200", "#0f8a68", "#a2559c")
DARK = ("#e6edf3", "#9da7b1", "#0d1117", "#58a6ff", "#f0883e", "#3fb68b", "#d18bcb")
INK, FAINT, PAPER, *CURVES = LIGHT
DASHES = ("-", "--", "-.", ":")


def axes(width: float = 7.6, height: float = 3.9, **options):
    """Return a figure of matplotlib and its axes, in the colours of `LIGHT`."""
    import matplotlib
    from matplotlib.figure import Figure

    settings = {
        "font.family": ["DejaVu Sans"], "font.size": 10.5, "svg.fonttype": "none",
        "svg.hashsalt": "scale", "axes.spines.top": False, "axes.spines.right": False,
        "axes.edgecolor": FAINT, "axes.labelcolor": INK, "axes.titlecolor": INK,
        "axes.titlesize": 12, "text.color": INK, "xtick.color": FAINT, "ytick.color": FAINT,
        "xtick.labelcolor": INK, "ytick.labelcolor": INK, "axes.grid": True,
        "grid.color": FAINT, "grid.alpha": 0.25, "axes.facecolor": PAPER,
        "figure.facecolor": PAPER, "legend.frameon": False,
    }  # fmt: skip
    matplotlib.rcParams.update(settings)
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(**options)


def save(figure, name: str, title: str, words: str) -> None:
    """Write a figure as SVG that is light on a light page and dark on a dark one."""
    out = io.BytesIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    svg = out.getvalue().decode()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.S)
    # points into pixels: not every reader of SVG knows units
    svg = re.sub(r'"([\d.]+)pt"', lambda found: f'"{float(found[1]) * 4 / 3:.0f}"', svg, count=2)
    rules = "".join(
        f'[style*="{kind}: {light}"]{{{kind}:{dark}!important}}'
        for light, dark in zip(LIGHT, DARK, strict=True)
        for kind in ("fill", "stroke")
    )
    style = f"<style>@media (prefers-color-scheme: dark){{{rules}}}</style>"
    told = f'<title id="t">{title}</title><desc id="d">{words}</desc>'
    svg = svg.replace(">", f' role="img" aria-labelledby="t d">{told}{style}', 1)
    svg = "\n".join(line.rstrip() for line in svg.splitlines())
    (IMAGES / f"scale-{name}.svg").write_text(svg + "\n", "utf-8")


def draw_wait(costs: Costs, habits: Habits) -> None:
    """Draw the wait over the time after a burst, for several numbers of workers."""
    students = 10_000
    figure, ax = axes()
    came = burst(students, habits, np.random.default_rng(0))
    parts = np.array_split(np.arange(students), 100)
    for workers, colour, dash in zip((2, 4, 8, 16), CURVES, DASHES, strict=True):
        run = simulate(came, workers, costs)
        wait = [np.quantile(run.wait[part], 0.95) for part in parts]
        moments = [came[part].mean() / 60 for part in parts]
        ax.plot(moments, wait, dash, color=colour, lw=2, label=f"{workers} workers")
    ax.axhline(habits.goal_s, color=INK, lw=1, dashes=(1, 3))
    ax.annotate(
        f"goal: {habits.goal_s:g} s", (0, habits.goal_s), (0, -3), textcoords="offset points",
        ha="right", va="top",
    )  # fmt: skip
    ax.set(
        xlabel="handed in, minutes before the deadline", ylabel="wait to feedback, s (95 of 100)",
        title=f"{students:,} students of one course, all in the last {habits.burst_min:g} minutes",
        yscale="log",
    )  # fmt: skip
    ax.set_yticks([1, 10, 100, 1000], ["1", "10", "100", "1,000"])
    ax.minorticks_off()
    ax.set_xticks(range(-10, 1, 2), [str(-m) for m in range(-10, 1, 2)])
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    words = "Wait to feedback against the minute of handing in, for 2, 4, 8 and 16 workers."
    save(figure, "wait", "Wait to feedback in a burst", words)


def draw_workers(costs: Costs, habits: Habits) -> None:
    """Draw the workers that one course needs against its size, and where its writer is full."""
    figure, ax = axes()
    sizes = np.unique(np.geomspace(100, 100_000, 25).round(-1).astype(int))
    made = {"around the deadline": around_deadline, "all in ten minutes": burst}
    for (label, arrivals), colour, dash in zip(made.items(), CURVES, DASHES, strict=False):
        needed = [
            workers_needed(arrivals(int(n), habits, np.random.default_rng(0)), costs, habits.goal_s)
            for n in sizes
        ]
        shown = [(n, w) for n, w in zip(sizes, needed, strict=True) if w is not None]
        ax.plot(*zip(*shown, strict=True), dash, color=colour, lw=2, label=label)
    for part, colour in (("writer", CURVES[2]), ("service", CURVES[3])):
        most = limits(costs, habits)[part]
        ax.axvline(
            most, color=colour, lw=1.5, dashes=(2, 2), label=f"the {part} is {FULL:.0%} busy"
        )
    ax.set(
        xscale="log", yscale="log", xlabel="students of one course", ylabel="workers, a core each",
        title=f"Workers so that 95 of 100 wait at most {habits.goal_s:g} s",
    )  # fmt: skip
    ax.set_xticks(CLASSES, [f"{n:,}" for n in CLASSES])
    ax.set_yticks([1, 2, 5, 10, 20, 50], ["1", "2", "5", "10", "20", "50"])
    ax.minorticks_off()
    ax.legend(loc="upper left")
    words = "Workers that one course needs against its size, around a deadline and in a burst."
    save(figure, "workers", "Workers against class size", words)


def draw_sizes(costs: Costs, habits: Habits) -> None:
    """Draw core hours and memory against class size, grading and servers apart."""
    figure, (left, right) = axes(8.4, 3.7, ncols=2)
    plans = [plan(n, costs, habits) for n in CLASSES]
    curves = (
        (left, "servers_h", "students' servers", 0), (left, "grading_h", "grading", 1),
        (right, "servers_gib", "students' servers", 0), (right, "grading_gib", "all else", 1),
    )  # fmt: skip
    for ax, name, label, i in curves:
        values = [getattr(p, name) for p in plans]
        ax.plot(CLASSES, values, DASHES[i], marker="os"[i], color=CURVES[i], lw=2, label=label)
    right.axhline(MACHINE_GIB, color=INK, lw=1, dashes=(1, 3))
    right.annotate("one machine", (CLASSES[-1], MACHINE_GIB), (0, 3), ha="right",
                   textcoords="offset points")  # fmt: skip
    left.set(title="Core hours for one unit", xlabel="students")
    right.set(title="GiB of memory at the fullest moment", xlabel="students")
    for ax in (left, right):
        ax.set(xscale="log", yscale="log")
        ax.set_xticks(CLASSES, [f"{n:,}" for n in CLASSES])
        ax.yaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")
        ax.minorticks_off()
        ax.legend(loc="upper left")
    words = "Core hours a unit and GiB of memory against class size: servers take most of both."
    save(figure, "sizes", "Core hours and memory against class size", words)


def draw_limits(costs: Costs, habits: Habits) -> None:
    """Draw at which class size each part of one course is full, as bars."""
    figure, ax = axes(7.6, 2.9)
    found = limits(costs, habits)
    names = list(found)[::-1]
    ax.barh(names, [found[name] for name in names], color=CURVES[0], height=0.6)
    for y, name in enumerate(names):
        ax.annotate(
            few(found[name]), (found[name], y), (5, 0), textcoords="offset points", va="center"
        )
    ax.set(xscale="log", xlabel="students", title="One course: what is full at which class size")
    ax.set_xlim(100, 4 * max(found.values()))
    ax.set_xticks(CLASSES, [f"{n:,}" for n in CLASSES])
    ax.minorticks_off()
    ax.grid(visible=False, axis="y")
    words = "; ".join(f"{name}: {few(most)} students" for name, most in found.items())
    save(figure, "limits", "What is full at which class size", words)


def main() -> None:
    """Refresh the costs, write the page, or print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--costs", type=Path, metavar="BENCH", help="take new costs from this file")
    parser.add_argument("--write", action="store_true", help="write the page's tables and plots")
    arguments = parser.parse_args()
    try:
        if arguments.costs:
            refresh(arguments.costs)
        made = tables()
    except CostError as error:
        sys.exit(str(error))
    print(made["capacity"], made["details"], made["limits"], sep="\n\n")
    if arguments.write:
        PAGE.write_text(with_tables(PAGE.read_text("utf-8"), made), "utf-8")
        for draw in (draw_wait, draw_workers, draw_sizes, draw_limits):
            draw(read_costs(), Habits())


if __name__ == "__main__":
    main()

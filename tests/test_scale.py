"""The model behind docs/scale.md: its simulation against queueing theory, its page against it."""

from __future__ import annotations

import importlib.util
import json
import math
import re
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.units import unit_names

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "scale.md"


def load():
    """Import docs/scale_model.py, which is in no package."""
    spec = importlib.util.spec_from_file_location("scale_model", ROOT / "docs" / "scale_model.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["scale_model"] = module  # its dataclasses look themselves up
    spec.loader.exec_module(module)
    return module


model = load()
COSTS = model.read_costs()
HABITS = model.Habits()


def costs(**changed):
    """Return the committed costs with some changed."""
    return model.Costs({**COSTS.values, **changed}, COSTS.units)


def constant(worker_s, writer_s, hand_in_s, queue_ms=0.0):
    """Return costs whose worker always takes the same."""
    quantiles = {f"cost_worker_wall_{name}": 1.0 for name in model.QUANTILES}
    return costs(
        **quantiles, cost_worker=worker_s, cost_dearest_unit=1.0, cost_writer=1000 * writer_s,
        cost_hand_in=1000 * hand_in_s, cost_take_queue=queue_ms,
    )  # fmt: skip


# ---------------------------------------------------------------- against theory


def mean_wait(arrivals, seconds, servers):
    begin, _end = model.serve(arrivals, seconds, servers)
    return (begin - arrivals).mean()


@pytest.mark.parametrize(("servers", "load"), [(1, 0.6), (3, 0.7), (8, 0.8)])
def test_many_servers_and_random_times_wait_as_erlang_says(servers, load):
    rng, count = np.random.default_rng(servers), 300_000
    arrivals = np.cumsum(rng.exponential(1 / (load * servers), count))
    offered = load * servers
    last = offered**servers / math.factorial(servers) / (1 - load)
    all_busy = last / (sum(offered**k / math.factorial(k) for k in range(servers)) + last)
    expected = all_busy / (servers * (1 - load))
    found = mean_wait(arrivals, rng.exponential(1.0, count), servers)
    assert found == pytest.approx(expected, rel=0.05)


def test_one_server_and_constant_times_wait_half_as_long():
    rng, load, count = np.random.default_rng(1), 0.7, 300_000
    arrivals = np.cumsum(rng.exponential(1 / load, count))
    found = mean_wait(arrivals, np.ones(count), 1)
    assert found == pytest.approx(load / (2 * (1 - load)), rel=0.05)


@given(rounds=st.integers(1, 40), servers=st.integers(1, 30), takes=st.integers(1, 64))
def test_a_burst_drains_in_its_work_divided_by_the_servers(rounds, servers, takes):
    count, takes_s = rounds * servers, takes / 8  # eighths add up exactly
    _begin, end = model.serve(np.zeros(count), np.full(count, takes_s), servers)
    assert end.max() == count * takes_s / servers


@given(
    count=st.integers(1, 60), worker=st.integers(1, 9), writer=st.integers(1, 9),
    service=st.integers(1, 9),
)  # fmt: skip
def test_three_stations_in_a_row_end_when_the_slowest_has_served_all(
    count, worker, writer, service
):
    """One passes all three; each of the others comes one step of the slowest later."""
    run = model.simulate(np.zeros(count), 1, constant(worker, writer, service))
    expected = worker + writer + service + (count - 1) * max(worker, writer, service)
    assert run.answered.max() == pytest.approx(expected)


# ---------------------------------------------------------------- what holds for every run

runs = st.builds(
    lambda came, workers, seed: model.simulate(
        np.sort(np.array(came)), workers, constant_or_drawn(seed), seed
    ),
    st.lists(st.floats(-7000, 0), min_size=1, max_size=80),
    st.integers(1, 12),
    st.integers(0, 5),
)


def constant_or_drawn(seed):
    return COSTS if seed % 2 else constant(20.0, 3.0, 1.0, queue_ms=500.0)


@given(run=runs)
def test_each_is_answered_once_in_turn_and_no_sooner_than_its_work_takes(run):
    count = len(run.came)
    assert all(len(a) == count for a in (run.taken, run.begun, run.graded, run.answered))
    assert (run.wait >= run.writer_s).all()
    for earlier, later in (
        (run.came, run.taken), (run.taken, run.begun), (run.begun, run.graded),
        (run.graded, run.answered),
    ):  # fmt: skip
        assert (later >= earlier).all()
    assert (np.diff(run.taken) > 0).all()
    assert (np.diff(run.begun) >= 0).all()  # first come, first begun
    order = np.argsort(run.graded, kind="stable")
    # the one writer: the next begins when the last has ended
    assert (np.diff(run.answered[order]) >= run.writer_s[order][1:] - 1e-9).all()
    moments = np.concatenate([run.begun, run.graded])
    assert run.busy_workers(moments).max() <= run.workers
    assert run.waiting(np.array([run.came[0] - 1, run.answered.max() + 1])).tolist() == [0, 0]


@given(run=runs)
def test_nobody_idles_while_somebody_waits(run):
    """Whoever does not begin at once finds all workers busy."""
    for i in np.flatnonzero(run.begun > run.taken + 1e-9):
        just_before = np.array([run.begun[i] - 1e-9])
        assert run.busy_workers(just_before)[0] == run.workers


@given(count=st.integers(1, 80), workers=st.integers(1, 9), seed=st.integers(0, 99))
def test_with_one_worker_more_nobody_begins_later(count, workers, seed):
    came = np.sort(np.random.default_rng(seed).uniform(-2.0, 0.0, count))
    made = constant_or_drawn(seed)
    few, more = (model.simulate(came, w, made, seed) for w in (workers, workers + 1))
    assert (more.begun <= few.begun + 1e-9).all()


def test_looking_through_the_queue_costs_the_writer():
    run = model.simulate(np.zeros(1001), 1, constant(5.0, 1.0, 1e-9, queue_ms=100.0))
    # while the second is taken 999 wait, while the last is none does
    assert run.writer_s[1] == pytest.approx(1.0 + 0.1 * 0.999, rel=1e-6)
    assert run.writer_s[-1] == 1.0


def test_at_its_limit_the_writer_is_as_full_as_it_may_be():
    most = int(model.limits(COSTS, HABITS)["writer"])
    slow = costs(cost_take_queue=0.0, cost_hand_in=COSTS["cost_writer"] / 1000)
    came = model.burst(most, HABITS, np.random.default_rng(0))
    busy = model.simulate(came, 500, slow).writer_busy()
    assert busy == pytest.approx(model.FULL, abs=0.02)


@pytest.mark.parametrize("goal_s", [5.0, 60.0])
def test_the_workers_needed_are_enough_and_one_fewer_is_not(goal_s):
    came = model.burst(5_000, HABITS, np.random.default_rng(2))
    needed = model.workers_needed(came, COSTS, goal_s)
    assert needed > 1
    assert model.simulate(came, needed, COSTS).at(0.95) <= goal_s
    assert model.simulate(came, needed - 1, COSTS).at(0.95) > goal_s


def test_a_writer_that_is_too_slow_is_helped_by_no_workers():
    came = model.burst(500, HABITS, np.random.default_rng(3))
    assert model.workers_needed(came, constant(0.1, 10.0, 0.001), 60.0) is None


# ---------------------------------------------------------------- who comes when


def test_a_class_comes_as_its_habits_say():
    habits, students = HABITS, 40_000
    rng = np.random.default_rng(4)
    at = model.around_deadline(students, habits, rng)
    assert len(at) / students == pytest.approx(habits.attempts, rel=0.02)
    assert (np.diff(at) >= 0).all()
    assert at[0] >= -3600 * habits.open_h
    assert at[-1] < 0
    once = model.around_deadline(students, replace(habits, attempts=1.0), rng)
    assert len(once) == students
    assert np.median(once) == pytest.approx(-3600 * habits.lead_h, rel=0.05)
    assert np.mean(once > -3600) == pytest.approx(0.2, abs=0.03)  # "a fifth comes in the last hour"
    # of attempts far apart from each other the mean lies so many gaps before the last
    two = replace(habits, attempts=3.0, lead_spread=0.0, gap_min=1.0)
    back = -3600 * two.lead_h - model.around_deadline(students, two, rng)
    # a Poisson number of others, mean 2: the mean number of gaps is (2² + 2 · 2) / 2 for 3 attempts
    assert back.mean() / 60 == pytest.approx(4 / 3, rel=0.03)


def test_a_burst_is_even_and_has_everybody_once():
    at = model.burst(20_000, HABITS, np.random.default_rng(5))
    assert len(at) == 20_000
    assert at[0] >= -60 * HABITS.burst_min
    assert at[-1] <= 0
    thirds = np.histogram(at, 3, (-60 * HABITS.burst_min, 0))[0] / len(at)
    assert thirds == pytest.approx([1 / 3] * 3, abs=0.02)


def test_the_times_of_workers_have_the_measured_mean_and_shape():
    drawn = COSTS.worker_s(200_000, np.random.default_rng(6), dearest=False)
    assert drawn.mean() == pytest.approx(COSTS["cost_worker"], rel=0.01)
    wall = [COSTS[f"cost_worker_wall_{name}"] for name in ("p25", "p50", "p95")]
    found = np.quantile(drawn, [0.25, 0.5, 0.95])
    assert found / found[1] == pytest.approx(np.array(wall) / wall[1], rel=0.02)
    dear = COSTS.worker_s(200_000, np.random.default_rng(6))
    assert dear == pytest.approx(drawn * COSTS["cost_dearest_unit"])


# ---------------------------------------------------------------- the costs


def test_the_committed_costs_have_all_that_the_model_asks_for():
    told = json.loads(model.COSTS.read_text("utf-8"))
    assert {row["name"] for row in told["costs"]} >= model.NEEDED.keys()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", told["date"])
    assert told["machine"]
    asked = set(re.findall(r'\["(cost_\w+)"\]', Path(model.__file__).read_text("utf-8")))
    assert asked <= model.NEEDED.keys()


@pytest.mark.parametrize("name", sorted(model.NEEDED))
def test_a_missing_cost_is_named(name):
    left = {key: value for key, value in COSTS.values.items() if key != name}
    with pytest.raises(model.CostError, match=rf"^{name} is missing"):
        model.Costs(left, COSTS.units)


@given(
    name=st.sampled_from(sorted(model.NEEDED)),
    value=st.one_of(st.floats(max_value=-1e-9), st.just(math.nan), st.just(math.inf), st.none()),
)
def test_a_cost_that_is_none_is_named(name, value):
    with pytest.raises(model.CostError, match=rf"^{name} is .*above zero"):
        costs(**{name: value})


@pytest.mark.parametrize("name", sorted(model.NEEDED))
def test_only_a_difference_may_be_zero(name):
    if name in model.MAY_BE_ZERO:
        costs(**{name: 0.0})
    else:
        with pytest.raises(model.CostError, match=name):
            costs(**{name: 0.0})


def test_a_cost_in_another_unit_is_named():
    with pytest.raises(model.CostError, match="cost_writer is in 's'"):
        model.Costs(COSTS.values, {**COSTS.units, "cost_writer": "s"})


def test_new_costs_are_taken_from_a_run_of_the_benchmarks(tmp_path):
    rows = json.loads(model.COSTS.read_text("utf-8"))["costs"]
    figures = [{**{k: r[k] for k in ("name", "value", "unit")}, "goal": r["of"]} for r in rows]
    figures[0]["value"] = 0.123456
    figures.append({"name": "widget_step", "value": 1.0, "unit": "ms", "goal": ""})
    report = {"date": "2030-01-02", "machine": "a machine", "figures": figures}
    bench, kept = tmp_path / "bench.json", tmp_path / "costs.json"
    bench.write_text(json.dumps(report))
    model.refresh(bench, kept)
    assert model.read_costs(kept)[rows[0]["name"]] == 0.1235
    assert "widget_step" not in model.read_costs(kept).values
    assert "2030-01-02: a machine" in model.costs_table(kept)
    report["figures"] = figures[1:]
    bench.write_text(json.dumps(report))
    with pytest.raises(model.CostError, match=rows[0]["name"]):
        model.refresh(bench, tmp_path / "other.json")
    assert not (tmp_path / "other.json").exists()


# ---------------------------------------------------------------- the plan and its page


def test_the_page_has_the_tables_that_the_model_computes():
    page = PAGE.read_text("utf-8")
    assert model.with_tables(page, model.tables()) == page
    for name, table in model.tables().items():
        assert f"<!-- {name} -->\n{table}\n<!-- /{name} -->" in page
    assert len(model.capacity_table(COSTS).splitlines()) == 2 + len(model.CLASSES)


def test_a_page_without_a_place_for_a_table_is_refused():
    with pytest.raises(ValueError, match="<!-- capacity -->"):
        model.with_tables("nothing here", {"capacity": "|"})


def test_a_plan_keeps_every_limit_and_grows_with_the_class():
    plans = [model.plan(n, COSTS, HABITS) for n in (50, 500, 5_000, 30_000)]
    most = model.limits(COSTS, HABITS)
    for one in plans:
        each = one.students / one.courses
        assert all(each <= most[part] for part in model.PARTS_OF_A_COURSE)
        assert one.wait_p95 <= HABITS.goal_s
        assert one.machines * model.MACHINE_GIB >= one.servers_gib + one.grading_gib
        assert one.machines * model.MACHINE_CORES >= one.servers_cores + one.workers_burst
        assert one.courses == 1 or one.students / (one.courses - 1) > min(
            most[part] for part in model.PARTS_OF_A_COURSE
        )
    for name in ("courses", "workers_burst", "machines", "disk_gib", "servers_h", "rows"):
        values = [getattr(one, name) for one in plans]
        assert values == sorted(values)


@settings(max_examples=20, deadline=None)
@given(
    factor=st.floats(1.5, 8.0),
    name=st.sampled_from(("cost_writer", "cost_hand_in", "cost_hub_start")),
)
def test_what_costs_more_is_full_sooner(factor, name):
    part = {"cost_writer": "writer", "cost_hand_in": "service", "cost_hub_start": "Hub: starts"}
    dearer = costs(**{name: factor * COSTS[name]})
    before, after = (model.limits(c, HABITS)[part[name]] for c in (COSTS, dearer))
    assert after < before
    if name != "cost_hand_in":  # pages keep the service busy too
        assert after == pytest.approx(before / factor)


def test_what_is_reckoned_with_stands_where_it_was_taken_from():
    script = (ROOT / "grader" / "exchange" / "static" / "student.js").read_text("utf-8")
    assert f"const BUSY_MS = {1000 * model.POLL_S:.0f};" in script
    assert f"const QUIET_MS = {1000 * model.QUIET_S:.0f};" in script
    manifest = ROOT / "deploy" / "kubernetes" / "grading" / "postgresql.yaml"
    assert f"max_connections={model.CONNECTIONS}\n" in manifest.read_text("utf-8")
    assert len(unit_names()) == model.UNITS


def test_the_words_of_the_page_are_those_of_the_model():
    page = " ".join(PAGE.read_text("utf-8").split())
    h = HABITS
    for said in (
        f"hands a unit in {h.attempts} times; the attempts lie {h.gap_min:g} minutes apart",
        f"done for good {h.lead_h:g} hours before the deadline",
        f"median {h.lead_h:g} h, spread {h.lead_spread:g}",
        f"95 of 100 wait at most {h.goal_s:g} s",
        f"{10 * h.at_work:g} of 10 students have a server",
        f"A student spends {h.hours:g} hours on a unit",
        f"asks every {model.POLL_S:g} s",
        f"full at {100 * model.FULL:g} % of a core",
        f"{model.HUB_SERVERS:,} servers",
        f"{model.CONNECTIONS} connections are what our manifest sets, "
        f"{model.CONNECTIONS_A_COURSE} for a course",
    ):
        assert said in page
    assert (h.burst_min, h.start_min, h.watching) == (10, 10, 0.5)  # written as words
    thousand = model.plan(1_000, COSTS, h)
    assert (thousand.workers, thousand.workers_burst) == (1, 1)  # "one core grades a thousand"
    # "memory ends first", "then the Hub", "the writer and the service end last"
    first, second, *_, third, last = model.limits(COSTS, h)
    assert (first, second) == ("memory", "Hub: servers")
    assert {third, last} == {"service", "writer"}
    assert thousand.servers_h > 20 * thousand.grading_h  # "small beside them"


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.0421, "0.042"), (3.14159, "3.1"), (42.4, "42"), (99.6, "100"), (1261, "1,300"), (0, "0")],
)
def test_numbers_are_written_with_two_digits(value, written):
    assert model.few(value) == written

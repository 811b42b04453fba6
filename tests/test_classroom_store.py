"""The store: whatever happens in whatever order, nothing is lost, doubled or half there."""

from __future__ import annotations

import contextlib
import errno
import itertools
import multiprocessing
import os
import random
import signal
import sqlite3
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import postgres
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import OperationalError

from grader.exchange.store import (
    _NEXT,
    _STANDING,
    AGAIN,
    GRADED,
    GRADING,
    LEFT_AFTER_S,
    NEEDS_PERSON,
    ONCE_MORE,
    QUEUED,
    TICK,
    Handed,
    Refused,
    Store,
    StoreError,
    _queue,
    _submissions,
)

UNIT = "02-chain-rule"
NOON = datetime(2026, 3, 2, 12)
forked = multiprocessing.get_context("fork")


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(tmp_path, clock):
    with Store(tmp_path / "data", clock=clock) as made:
        yield made


@pytest.fixture(scope="module")
def server():
    if postgres.programs() is None:
        pytest.skip("no PostgreSQL server is installed")
    # Not among pytest's own folders, which each run of pytest closes to other users.
    with tempfile.TemporaryDirectory() as folder, postgres.server(Path(folder) / "server") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def open_store(request, tmp_path):
    """Return a function that opens the same data again and again."""
    url = None
    if request.param == "postgresql":
        url = request.getfixturevalue("server")
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        with engine.begin() as db:
            db.execute(text("DROP SCHEMA public CASCADE"))
            db.execute(text("CREATE SCHEMA public"))
        engine.dispose()
    with contextlib.ExitStack() as stack:
        yield lambda: stack.enter_context(Store(tmp_path / "data", url))


def hand_in(store: Store, student: str = "ada", unit: str = UNIT, data: bytes = b"{}", **options):
    return store.hand_in(student, unit, f"{unit}.ipynb", store.put(data), **options)


def files(store: Store) -> list[Path]:
    return [path for path in store.folder.glob("objects/*/*") if path.is_file()]


# ---------------------------------------------------------------- any order of things


class Life(RuleBasedStateMachine):
    """A class goes on in any order, on two stores at once, with a clock that also steps back."""

    students = st.sampled_from(["ada", "bob", "cy"])
    units = st.sampled_from([UNIT, "01-computational-graph"])

    @initialize()
    def begin(self) -> None:
        self.folder = Path(os.environ["LIFE"]) / str(time.monotonic_ns())
        self.clock = Clock()
        self.stores = [Store(self.folder, clock=self.clock) for _ in range(2)]
        self.keys: dict[tuple[str, str], tuple] = {}  # id, unit and content
        self.held: dict[str, str] = {}  # by whom each is taken
        self.waiting: dict[str, tuple[int, int]] = {}  # place in the order of the queue

    def teardown(self) -> None:
        for store in getattr(self, "stores", []):
            store.close()

    @rule(seconds=st.integers(-7200, 7200))
    def time_passes(self, seconds: int) -> None:
        self.clock.now += timedelta(seconds=seconds)

    @rule(
        which=st.integers(0, 1),
        student=students,
        unit=units,
        key=st.none() | st.sampled_from(["k1", "k2", "k3"]),
        allowed=st.sampled_from([0, 3]),
        data=st.sampled_from([b"{}", b"[]"]),
    )
    def hand_in(self, which, student, unit, key, allowed, data) -> None:
        store = self.stores[which]
        earlier = store.submissions()
        before = sum((s.student, s.unit) == (student, unit) for s in earlier)
        known = self.keys.get((student, key))
        try:
            one, new = hand_in(store, student, unit, data, key=key, attempts=allowed)
        except Refused:
            if known is None:
                assert allowed
                assert before >= allowed
            else:
                assert known[1:] != (unit, data)
            return
        assert new == (known is None)
        if known is not None:
            assert known == (one.id, unit, data)
            return
        assert one.attempt == before + 1
        assert not allowed or one.attempt <= allowed
        rounds = [s for s in earlier if s.turn < AGAIN]
        now_at = [s.turn for s in rounds if s.state == QUEUED]
        now_at = min(now_at or [max((s.turn for s in rounds), default=0)])
        assert one.turn == max([now_at, *(s.turn + 1 for s in rounds if s.student == student)])
        self.waiting[one.id] = (one.turn, one.number)
        if key is not None:
            self.keys[student, key] = (one.id, unit, data)

    @rule(which=st.integers(0, 1), marker=st.sampled_from(["m1", "m2"]), most=st.integers(1, 3))
    def take(self, which, marker, most) -> None:
        taken = self.stores[which].take(marker, most)
        whose = {one.id: one.student for one in self.stores[0].submissions()}
        busy, wanted = {whose[id] for id in self.held}, []
        for id in sorted(self.waiting, key=self.waiting.get):
            if whose[id] not in busy and len(wanted) < most:
                busy.add(whose[id])
                wanted.append(id)
        assert [one.id for one in taken] == wanted
        for id in wanted:
            del self.waiting[id]
            assert id not in self.held
            self.held[id] = marker

    @rule(which=st.integers(0, 1), marker=st.sampled_from(["m1", "m2"]))
    def marker_dies(self, which, marker) -> None:
        mine = [id for id, by in self.held.items() if by == marker]
        assert self.stores[which].recover(marker) == len(mine)
        self._queue_again(mine)

    @rule(which=st.integers(0, 1))
    def give_back(self, which) -> None:
        some = list(self.held)[:2]
        self.stores[which].give_back(some)
        self._queue_again(some)

    @rule(which=st.integers(0, 1), score=st.integers(0, 10))
    def grade(self, which, score) -> None:
        for id in list(self.held)[:1]:
            once_more = self.stores[which].submission(id).turn == ONCE_MORE
            self.stores[which].set_grade(id, state=GRADED, score=float(score), max=10.0)
            del self.held[id]
            if once_more:  # what it was graded by held no longer
                self.waiting[id] = (AGAIN, self.stores[which].submission(id).number)

    @rule(which=st.integers(0, 1), unit=units)
    def grade_again(self, which, unit) -> None:
        store = self.stores[which]
        before = store.submissions(unit=unit)
        graded = [one for one in before if one.state == GRADED]
        busy = [one for one in before if one.state == GRADING]
        assert store.grade_again(unit) == len(graded) + len(busy)
        self.waiting |= {one.id: (AGAIN, one.number) for one in graded}

    def _queue_again(self, ids) -> None:
        for id in ids:
            del self.held[id]
            one = self.stores[0].submission(id)
            self.waiting[id] = (one.turn, one.number)

    @invariant()
    def all_is_well(self) -> None:
        if not hasattr(self, "stores"):
            return
        found = self.stores[1].submissions()
        stamps = [one.at for one in found]
        assert all(earlier < later for earlier, later in itertools.pairwise(stamps))
        attempts: dict[tuple[str, str], list[int]] = {}
        for one in found:
            attempts.setdefault((one.student, one.unit), []).append(one.attempt)
        assert all(one == list(range(1, len(one) + 1)) for one in attempts.values())
        assert {one.id for one in found if one.state == QUEUED} == set(self.waiting)
        assert {one.id for one in found if one.state == GRADING} == set(self.held)
        places = self.stores[0].places()
        assert sorted(places, key=places.get) == sorted(self.waiting, key=self.waiting.get)
        assert {one.id: self.stores[1].place(one) for one in found} == {
            one.id: places.get(one.id) for one in found
        }


def test_whatever_the_order(tmp_path, monkeypatch):
    monkeypatch.setenv("LIFE", str(tmp_path))
    few = settings(
        max_examples=20,
        stateful_step_count=25,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # each step flushes a disk: to shorten an example takes minutes
        suppress_health_check=list(HealthCheck),
    )
    Life.TestCase.settings = few
    Life.TestCase("runTest").runTest()


# ---------------------------------------------------------------- several at once


def _take_all(folder: Path, url: str | None, name: str, ready, results) -> None:
    with Store(folder, url) as store:
        ready.wait()
        taken = []
        while store.places():
            for one in store.take(name, 2):
                taken.append(one.id)
                time.sleep(0.002)
                store.set_grade(one.id, state=GRADED)
        results.put(taken)


def test_the_queue_is_read_in_its_order_and_never_sorted(tmp_path):
    for _ in range(2):  # data that have lost the index get it again
        with Store(tmp_path) as store, store._engine.begin() as db:
            (plan,) = plans(db, _queue(_submissions.c.number))
            assert "COVERING INDEX submissions_by_round" in plan
            looks, listed, *_ = [p for p in plans(db, _NEXT) if "BLOOM" not in p]
            assert "COVERING INDEX submissions_by_round (state=?)" in looks
            assert "LIST SUBQUERY" in listed
            steps = plans(db, _STANDING.params(student="ada", unit=UNIT))
            steps = [step for step in steps if "SUBQUERY" not in step and "CONSTANT" not in step]
            assert len(steps) == 6
            assert all(step.startswith("SEARCH") for step in steps)
            assert sum("submissions_by_round (state=? AND turn<?)" in step for step in steps) == 4
            db.execute(text("DROP INDEX submissions_by_round"))


def plans(db, query) -> list[str]:
    """Return the lines in which SQLite says how it goes about a query."""
    query = query.compile(db, compile_kwargs={"literal_binds": True})
    lines = [row.detail for row in db.execute(text(f"EXPLAIN QUERY PLAN {query}"))]
    assert not any("TEMP B-TREE" in line for line in lines)
    return lines


def test_two_processes_never_take_the_same(tmp_path):
    with Store(tmp_path) as store:
        handed_in = [hand_in(store, f"s{n % 7}")[0].id for n in range(60)]
    ready, results = forked.Barrier(3), forked.Queue()
    takers = [
        forked.Process(target=_take_all, args=(tmp_path, None, f"m{n}", ready, results))
        for n in range(3)
    ]
    for taker in takers:
        taker.start()
    parts = [results.get(timeout=30) for _ in takers]
    for taker in takers:
        taker.join(10)
    assert Counter(itertools.chain(*parts)) == Counter(handed_in)
    assert sum(bool(part) for part in parts) > 1  # they did work at the same time


def test_many_at_once_are_counted_one_after_the_other(open_store):
    stores = [open_store() for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: hand_in(stores[n % 4], data=b"%d" % n)[0], range(40)))
    assert sorted(one.attempt for one in made) == list(range(1, 41))
    in_order = sorted(made, key=lambda one: one.attempt)
    stamps = [one.at for one in in_order]
    assert stamps == sorted(set(stamps))


def test_one_click_sent_twice_at_once_is_one_submission(open_store):
    stores = [open_store() for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: hand_in(stores[n % 4], key="click"), range(16)))
    assert len({one.id for one, _new in made}) == 1
    assert sum(new for _one, new in made) == 1
    assert len(stores[0].submissions()) == 1


def test_a_key_that_is_used_for_something_else_is_refused(open_store):
    store = open_store()
    first, _new = hand_in(store, data=b"one", key="click")
    assert hand_in(store, data=b"one", key="click") == (first, False)
    with pytest.raises(Refused, match=f"another notebook before .attempt 1 at {UNIT}"):
        hand_in(store, data=b"two", key="click")
    with pytest.raises(Refused, match=f"used for {UNIT} before"):
        hand_in(store, unit="01-computational-graph", data=b"one", key="click")
    here = [Handed("bob", UNIT, "a.ipynb", store.put(data), "k") for data in (b"1", b"2", b"1")]
    made, refused, again = store.hand_in_all(here)
    assert (made[1], again) == (True, (made[0], False))
    assert "another notebook" in str(refused)
    assert [one.id for one in store.submissions()] == [first.id, made[0].id]


def test_the_last_attempt_is_given_once(open_store):
    stores = [open_store() for _ in range(4)]

    def attempt(n: int) -> bool:
        try:
            return hand_in(stores[n % 4], attempts=3)[1]
        except Refused:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(12))) == 3


def test_a_grade_and_its_files_come_back(open_store):
    store = open_store()
    one, _new = hand_in(store)
    assert store.take("m")[0].id == one.id
    page = store.put("<p>ü</p>".encode())
    store.set_grade(one.id, state=GRADED, score=7.5, max=8.0, penalty=1.5, page=page.sha256)
    again = open_store().submission(one.id)
    assert (again.state, again.net, again.max, again.marker) == (GRADED, 6.0, 8.0, None)
    assert store.read(again.page) == "<p>ü</p>".encode()
    store.extend("ada", UNIT, 3600, "ina")
    store.extend("ada", UNIT, 7200, "ina")
    assert store.extensions() == {("ada", UNIT): timedelta(hours=2)}
    store.extend("ada", UNIT, 0, "ina")
    assert store.extensions("ada") == {}
    before = store.changes()
    store.note_fetch("ada", UNIT)
    first = store.fetches("ada")
    store.note_fetch("ada", UNIT)
    assert store.fetches() == first
    assert store.changes() == before + 1  # the second fetch told nothing new


# ---------------------------------------------------------------- the clock


def test_a_clock_that_steps_back_makes_no_stamp_earlier(store, clock):
    stamps = []
    for hours in (0, -5, -5, 1):
        clock.now = NOON + timedelta(hours=hours)
        stamps.append(hand_in(store)[0].at)
    tick = timedelta(microseconds=1)
    assert stamps == [NOON, NOON + tick, NOON + 2 * tick, NOON + timedelta(hours=1)]


def test_what_comes_in_at_once_is_taken_in_one_by_one(store, clock):
    blob, before = store.put(b"{}"), store.changes()

    def too_late(stamp):
        raise Refused("too late")

    def handed(student, **options):
        return Handed(student, UNIT, "a.ipynb", blob, **options)

    answers = store.hand_in_all(
        [
            handed("ada", key="click", attempts=2),
            handed("bob", admit=too_late),
            handed("ada", key="click", attempts=2),
            handed("ada", attempts=2),
            handed("ada", attempts=2),
            handed("bob"),
        ]
    )
    first, refused, again, second, spent, other = answers
    assert (first[1], again[1], again[0]) == (True, False, first[0])
    assert [one[0].attempt for one in (first, second, other)] == [1, 2, 1]
    assert [str(one) for one in (refused, spent)] == [
        "too late",
        f"all 2 attempts at {UNIT} are used up",
    ]
    assert [one.at for one in store.submissions()] == [NOON, NOON + TICK, NOON + 2 * TICK]
    assert store.changes() == before + 1
    # what changes nothing lets no page look again
    assert [type(one) for one in store.hand_in_all([handed("bob", admit=too_late)])] == [Refused]
    assert store.hand_in_all([handed("ada", key="click")]) == [(first[0], False)]
    assert store.hand_in_all([]) == []
    assert store.changes() == before + 1
    assert hand_in(store)[0].at == NOON + 3 * TICK


def test_who_is_asked_hears_the_stamp_and_may_refuse(store, clock):
    heard = []

    def admit(stamp):
        heard.append(stamp)
        raise Refused("too late")

    with pytest.raises(Refused, match="too late"):
        hand_in(store, admit=admit)
    assert heard == [NOON]
    assert store.submissions() == []
    assert hand_in(store)[0].attempt == 1  # no number is lost


# ---------------------------------------------------------------- handing out


def test_a_unit_that_is_out_is_replaced_by_force_alone(store):
    old, new = store.put(b"old"), store.put(b"new")
    first = store.release(UNIT, old, "ina")
    assert store.release(UNIT, old, "ina") == first  # the same again is nothing
    with pytest.raises(Refused, match="force"):
        store.release(UNIT, new, "ina")
    assert store.released()[UNIT].sha256 == old.sha256
    store.release(UNIT, new, "ina", force=True)
    assert store.released()[UNIT].sha256 == new.sha256
    assert store.read(old.sha256) == b"old"
    assert store.withdraw(UNIT)
    assert not store.withdraw(UNIT)
    assert store.released() == {}
    assert store.release(UNIT, old, "ina").sha256 == old.sha256


# ---------------------------------------------------------------- the queue


def test_what_was_just_handed_in_comes_before_what_is_graded_again(store):
    old = [hand_in(store, student)[0] for student in ("ada", "bob")]
    store.take("m", 2)
    store.set_grade(old[0].id, state=GRADED, score=3.0)
    store.set_grade(old[1].id, state=NEEDS_PERSON, reason="broken")
    assert store.grade_again(UNIT, ["ada"]) == 1
    assert store.grade_again(UNIT) >= 1
    new, _ = hand_in(store, "cy")
    assert store.places() == {new.id: 1, old[0].id: 2, old[1].id: 3}
    waiting = [store.submission(id) for id in (new.id, old[0].id, old[1].id)]
    assert [store.place(one) for one in waiting] == [1, 2, 3]
    assert store.submission(old[0].id).score == 3.0  # stands until there is another
    assert [one.id for one in store.take("m", 9)] == [new.id, old[0].id, old[1].id]
    assert store.take("m") == []


def take_one(store: Store, marker: str = "m") -> str | None:
    """Take the next; return whose it is."""
    return next((one.student for one in store.take(marker)), None)


def finish(store: Store, student: str) -> None:
    """Let what is being graded of a student be done."""
    (one,) = [one for one in store.submissions(student) if one.state == GRADING]
    store.set_grade(one.id, state=GRADED)


def test_one_students_many_wait_behind_everybodys_first(open_store):
    store = open_store()
    blob = store.put(b"{}")
    came = ["mal"] * 5 + ["ada", "bob"] + ["mal", "ada"]
    answers = store.hand_in_all([Handed(who, UNIT, "a.ipynb", blob) for who in came])
    assert [one.turn for one, _new in answers] == [0, 1, 2, 3, 4, 0, 0, 5, 1]
    hand_in(store, "cy")
    waiting = {id: store.submission(id) for id in store.places()}
    order = ["mal", "ada", "bob", "cy", "mal", "ada", "mal", "mal", "mal", "mal"]
    assert [one.student for one in waiting.values()] == order
    assert [store.place(one) for one in waiting.values()] == list(range(1, 11))
    taken = []
    while who := take_one(store):
        taken.append(who)
        finish(store, who)
    assert taken == order


def test_of_a_student_one_is_graded_at_a_time(open_store):
    stores = [open_store() for _ in range(2)]
    for who in ["mal"] * 3 + ["ada", "ada"]:
        hand_in(stores[0], who)
    assert [take_one(stores[n % 2], f"m{n}") for n in range(3)] == ["mal", "ada", None]
    finish(stores[0], "ada")
    assert [one.student for one in stores[1].take("m1", 9)] == ["ada"]
    assert stores[0].recover("m0") == 1  # its marker died
    assert [one.student for one in stores[1].take("m1", 9)] == ["mal"]
    finish(stores[0], "mal")
    assert stores[0].grade_again(UNIT, ["mal"]) == 1
    assert [take_one(stores[1]) for _ in range(2)] == ["mal", None]


def test_a_class_is_graded_again_by_as_many_workers_as_it_has_students(store):
    class_ = ["ada", "bob", "cy"]
    for who in class_ * 2:
        hand_in(store, who)
    while who := take_one(store):
        finish(store, who)
    assert store.grade_again(UNIT) == 6
    for _ in range(2):
        assert [take_one(store) for _ in range(4)] == [*class_, None]
        for who in class_:
            finish(store, who)
    assert store.places() == {}


def test_who_hands_in_six_units_is_not_kept_waiting_by_who_hands_in_for_ever(store):
    for who in ("mal", "moe", "mal", "moe"):
        hand_in(store, who)
    for n in range(6):
        hand_in(store, "ada", f"0{n}-unit")
    busy = [take_one(store), take_one(store)]  # by two workers
    for _ in range(16):
        finish(store, busy.pop(0))
        busy.append(take_one(store))
        if busy[-1] != "ada":
            hand_in(store, busy[-1])
    assert {one.state for one in store.submissions("ada")} == {GRADED}


few = settings(max_examples=20, deadline=None, database=None, phases=[Phase.generate])


@few
@given(
    steps=st.lists(
        st.sampled_from(["mal", "mal", "mal", "ada", "bob", "take", "take", "done"]), max_size=30
    ),
    workers=st.integers(1, 3),
)
def test_while_a_first_waits_nobody_has_a_second_turn(steps, workers):
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder)) as store:
        turns: dict[str, tuple[int, Counter]] = {}  # of others, since one came who had none waiting
        busy = []
        for step in [*steps, *["take", "done"] * len(steps)]:
            if step == "take" and len(busy) < workers:
                who = take_one(store)
                assert who not in busy
                if who is None:
                    assert {s.student for s in store.submissions() if s.state == QUEUED} <= {*busy}
                    continue
                busy.append(who)
                turns.pop(who, None)
                for most, had in turns.values():
                    had[who] += 1
                    assert had[who] <= most
            elif step == "done" and busy:
                finish(store, busy.pop(0))
            elif step not in ("take", "done"):
                earlier = [one.state for one in store.submissions(step)]
                hand_in(store, step)
                if QUEUED not in earlier:
                    # Who has had a turn in this round waits for the others' in the next one.
                    turns[step] = (2 if earlier else 1, Counter())
        assert store.places() == {}


def test_a_queue_of_an_earlier_version_keeps_its_order(open_store):
    store = open_store()
    ids = [hand_in(store, who)[0].id for who in ("ada", "bob", "cy", "dan")]
    with store._writing() as db:
        db.execute(text("DROP INDEX submissions_by_round"))
        db.execute(text("CREATE INDEX submissions_by_turn ON submissions (state, turn, number)"))
        change = "UPDATE submissions SET turn = {}, state = '{}' WHERE id = '{}'"
        for id, turn, state in zip(
            ids, (1, 0, 2, 0), (QUEUED, QUEUED, GRADING, QUEUED), strict=True
        ):
            db.execute(text(change.format(turn, state, id)))
    store = open_store()
    ids.append(hand_in(store, "bob")[0].id)
    assert list(store.places()) == [ids[1], ids[3], ids[4], ids[0]]
    store.set_grade(ids[2], state=GRADED)
    assert list(store.places()) == [ids[1], ids[3], ids[4], ids[0], ids[2]]
    with store._engine.begin() as db:
        names = {index["name"] for index in inspect(db).get_indexes("submissions")}
    assert "submissions_by_round" in names
    assert "submissions_by_turn" not in names


def test_what_a_dead_marker_held_is_queued_and_what_another_holds_is_not(store):
    one, two = (hand_in(store, student)[0].id for student in ("ada", "bob"))
    assert [taken.id for taken in store.take("m1") + store.take("m2")] == [one, two]
    assert store.recover("m1") == 1
    assert store.recover("m1") == 0
    assert [store.submission(id).state for id in (one, two)] == [QUEUED, GRADING]
    assert [(taken.id, taken.tries) for taken in store.take("m1")] == [(one, 2)]


# ---------------------------------------------------------------- files


def test_a_file_is_never_changed_and_kept_once(store):
    blobs = {store.put(b"same").sha256 for _ in range(3)}
    with store.upload() as upload:
        upload.write(b"sa")
        upload.write(b"me")
        blobs.add(upload.keep().sha256)
    (path,) = files(store)
    assert len(blobs) == 1
    assert path.stat().st_mode & 0o777 == 0o444
    assert path.parent.parent.stat().st_mode & 0o077 == 0
    assert store.folder.stat().st_mode & 0o077 == 0  # the database lies in it
    assert list(store.folder.glob("incoming/*")) == []


def test_what_is_not_kept_leaves_nothing(store):
    with store.upload() as upload:
        upload.write(b"half")

    def fail():
        with store.upload() as upload:
            upload.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert files(store) == list(store.folder.glob("incoming/*")) == []


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_keeps_nothing_half(store, monkeypatch, call):
    def full(*_args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, call, full)
    with pytest.raises(OSError, match="No space"):
        store.put(b"data")
    assert files(store) == list(store.folder.glob("incoming/*")) == []


def test_missing_and_damaged_files_are_told_apart_from_good_ones(store):
    blob = store.put(b"good")
    path = store.path(blob.sha256)
    path.chmod(0o600)
    path.write_bytes(b"evil")
    with pytest.raises(StoreError, match="damaged: restore it from a backup"):
        store.read(blob.sha256)
    path.unlink()
    with pytest.raises(StoreError, match="cannot be read"):
        store.read(blob.sha256)


def test_old_uploads_of_nobody_are_swept_away(store):
    incoming = store.folder / "incoming"
    (incoming / "old").write_bytes(b"x")
    (incoming / "new").write_bytes(b"x")
    long_ago = time.time() - LEFT_AFTER_S - 60
    os.utime(incoming / "old", (long_ago, long_ago))
    store.sweep()
    assert [path.name for path in incoming.iterdir()] == ["new"]


def _hand_in_for_ever(folder: Path, seed: int, done) -> None:
    dice = random.Random(seed)
    with Store(folder) as store:
        while True:
            with store.upload() as upload:
                for _ in range(4):
                    upload.write(dice.randbytes(30_000))
                blob = upload.keep()
            store.hand_in("ada", UNIT, "a.ipynb", blob)
            done.release()


def test_killed_at_any_moment_no_row_is_without_its_file(tmp_path):
    Store(tmp_path).close()
    dice, handed_in = random.Random(8), 0
    for n in range(10):
        done = forked.Semaphore(0)
        process = forked.Process(target=_hand_in_for_ever, args=(tmp_path, n, done))
        process.start()
        assert all(done.acquire(timeout=20) for _ in range(2))
        time.sleep(dice.uniform(0, 0.02))
        os.kill(process.pid, signal.SIGKILL)
        process.join(10)
        with Store(tmp_path) as store:
            found = store.submissions()
            for one in found[handed_in:]:
                assert len(store.read(one.sha256)) == one.size == 120_000
            handed_in = len(found)
    assert handed_in >= 20
    assert [one.attempt for one in found] == list(range(1, handed_in + 1))


# ---------------------------------------------------------------- a database in trouble


def test_a_locked_database_is_waited_for_and_loses_nothing(tmp_path):
    with Store(tmp_path, busy_s=0.2) as store:
        blob = store.put(b"x")
        lock = sqlite3.connect(tmp_path / "classroom.db", isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError, match="locked"):
            store.hand_in("ada", UNIT, "a.ipynb", blob)
        assert store.submissions() == []  # readers go on
        lock.execute("ROLLBACK")
        lock.close()
        assert store.hand_in("ada", UNIT, "a.ipynb", blob)[0].attempt == 1


def test_a_lock_that_is_let_go_in_time_is_not_noticed(tmp_path):
    with Store(tmp_path, busy_s=10) as store:
        lock = sqlite3.connect(
            tmp_path / "classroom.db", isolation_level=None, check_same_thread=False
        )
        lock.execute("BEGIN IMMEDIATE")
        later = threading.Timer(0.3, lock.execute, ("ROLLBACK",))
        later.start()
        assert hand_in(store)[1]
        later.join()
        lock.close()


def test_a_database_that_is_none_is_refused_in_one_line(tmp_path):
    (tmp_path / "classroom.db").write_bytes(b"this is no database at all" * 100)
    with pytest.raises(StoreError) as caught:
        Store(tmp_path)
    assert "cannot be used" in str(caught.value)
    assert "\n" not in str(caught.value)

"""The policy: what a student may see, and when; which attempt counts; what settings are admitted."""

from __future__ import annotations

import sqlite3
import threading
import time
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from nbgrader import api
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from traitlets.config import Config

from grader.exchange import policy
from grader.exchange.policy import (
    AFTER_DEADLINE,
    AT_ONCE,
    BEST,
    LAST,
    VISIBLE_FIRST,
    WHEN_RELEASED,
    DueDates,
    Policies,
    PolicyError,
    View,
    counting,
    deadline,
    view,
)
from grader.exchange.store import AGAIN as GRADE_AGAIN
from grader.exchange.store import GRADED, GRADING, NEEDS_PERSON, QUEUED, Submission

DUE = datetime(2026, 3, 2, 12)
TICK = timedelta(microseconds=1)
KINDS = (AT_ONCE, VISIBLE_FIRST, AFTER_DEADLINE, WHEN_RELEASED)


def policy_of(**settings) -> policy.Policy:
    return Policies(Config({"Classroom": settings})).of("02-chain-rule")


def submission(**facts) -> Submission:
    known = dict.fromkeys(Submission.__dataclass_fields__)
    known |= {
        "number": 1, "id": "0" * 32, "student": "ada", "unit": "02-chain-rule", "attempt": 1,
        "at": DUE - timedelta(days=1), "state": QUEUED, "turn": 0, "penalty": 0.0,
    }  # fmt: skip
    return Submission(**(known | facts))


WAITING = submission()
TRIED = submission(state=GRADING)
DONE = submission(
    state=GRADED, score=7.0, max=10.0, penalty=1.5, visible_score=3.0, visible_max=4.0,
    page="full", visible_page="visible",
)  # fmt: skip
AGAIN = replace(DONE, state=QUEUED, turn=GRADE_AGAIN)
ODD = submission(state=NEEDS_PERSON, reason="broken")
ODD_WITH_PAGE = replace(DONE, state=NEEDS_PERSON)
BY_HAND = replace(DONE, person_page="person")
BY_HAND_ALONE = replace(ODD, person_page="person", score=4.0, max=10.0)

FULL = View("full", "full", 5.5, 10.0)
STATUS = View("status")
PERSON = View("person", "person", 5.5, 10.0)


def visible(until):
    return View("visible part", "visible", 3.0, 4.0, until, held_back=True)


def held(until):
    return View("status", until=until, held_back=True)


# What is shown before, at, and after the deadline, and where there is none.
SHOWN = {
    AT_ONCE: (FULL, FULL, FULL, FULL),
    VISIBLE_FIRST: (visible(DUE), visible(DUE), FULL, visible(None)),
    AFTER_DEADLINE: (held(DUE), held(DUE), FULL, held(None)),
    WHEN_RELEASED: (held(None),) * 4,
}
TIMES = ((DUE - TICK, DUE), (DUE, DUE), (DUE + TICK, DUE), (DUE + TICK, None))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("time_of", range(4), ids=["before", "at", "after", "no deadline"])
@pytest.mark.parametrize("one", [DONE, AGAIN], ids=["graded", "graded again"])
def test_a_grade_is_shown_when_the_course_says_so(kind, time_of, one):
    now, end = TIMES[time_of]
    assert view(one, policy_of(feedback=kind), end, now) == SHOWN[kind][time_of]


def test_without_a_page_of_the_visible_part_nothing_is_shown_in_its_place():
    one = replace(DONE, visible_page=None, visible_score=None, visible_max=None)
    policy = policy_of(feedback=VISIBLE_FIRST)
    assert view(one, policy, DUE, DUE) == held(DUE)
    assert view(one, policy, DUE, DUE + TICK) == FULL


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("now", "end"), TIMES)
@pytest.mark.parametrize(
    ("one", "shown"),
    [
        (WAITING, STATUS),
        (TRIED, STATUS),
        (ODD, STATUS),
        (ODD_WITH_PAGE, STATUS),
        (BY_HAND, PERSON),
        (replace(BY_HAND, state=QUEUED), PERSON),
        (BY_HAND_ALONE, View("person", "person", 4.0, 10.0)),
    ],
)
def test_what_does_not_depend_on_the_time(kind, now, end, one, shown):
    assert view(one, policy_of(feedback=kind), end, now) == shown


@pytest.mark.parametrize("kind", KINDS[1:])
def test_nothing_of_what_is_held_back_leaks(kind):
    told = view(DONE, policy_of(feedback=kind), DUE, DUE)
    assert "full" not in (told.page, told.kind)
    assert told.score != DONE.score
    assert told.score != DONE.net
    assert told.max != DONE.max


# ---------------------------------------------------------------- which attempt counts


def attempt(number: int, score: float | None, penalty: float = 0.0) -> Submission:
    state = QUEUED if score is None else GRADED
    return submission(attempt=number, score=score, penalty=penalty, state=state)


@pytest.mark.parametrize(
    ("attempts", "last", "best"),
    [
        ([(1, 3.0)], 1, 1),
        ([(1, 9.0), (2, 3.0)], 2, 1),
        ([(1, 9.0), (2, 9.0), (3, 2.0)], 3, 2),  # of two that are as good the later
        ([(1, 9.0, 7.0), (2, 3.0)], 2, 2),  # what is taken off for being late is off
        ([(1, 5.0), (2, 9.0, 4.5)], 2, 1),
        ([(1, 2.0, 8.0), (2, 0.0)], 2, 2),  # no penalty goes below nothing
        ([(1, 3.0), (2, None)], 2, 1),  # what is not graded yet may still become better
        ([(1, None), (2, None)], 2, 2),
        ([(2, 1.0), (1, 4.0)], 2, 1),  # in any order
    ],
)
def test_the_attempt_that_counts(attempts, last, best):
    made = [attempt(*one) for one in attempts]
    assert counting(made, policy_of()).attempt == last
    assert counting(made, policy_of(counts=LAST)).attempt == last
    assert counting(made, policy_of(counts=BEST)).attempt == best


def test_of_no_attempts_none_counts():
    assert counting([], policy_of()) is None


@pytest.mark.parametrize(
    ("due", "more", "end"),
    [
        (None, None, None),
        (None, timedelta(hours=1), None),
        (DUE, None, DUE),
        (DUE, timedelta(hours=1), DUE + timedelta(hours=1)),
    ],
)
def test_the_deadline_is_the_due_date_and_the_extension(due, more, end):
    assert deadline(due, more) == end


# ---------------------------------------------------------------- settings


def test_what_nobody_sets():
    assert policy_of() == policy.Policy(AT_ONCE, 0, LAST, True, 64)


def test_a_unit_may_differ_and_takes_the_rest_from_the_course():
    made = Policies(
        Config(
            {
                "Classroom": {
                    "feedback": WHEN_RELEASED,
                    "attempts": 5,
                    "units": {"06-two-layer-net": {"attempts": 3, "accept_late": False}},
                }
            }
        )
    )
    assert made.of("02-chain-rule") == policy.Policy(WHEN_RELEASED, 5, LAST, True, 64)
    assert made.of("06-two-layer-net") == policy.Policy(WHEN_RELEASED, 3, LAST, False, 64)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"feedback": "soon"}, ["feedback", "at once", "soon"]),
        ({"attempts": -1}, ["attempts", "-1"]),
        ({"attempts": "many"}, ["attempts", "many"]),
        ({"counts": "first"}, ["counts", "best", "first"]),
        ({"accept_late": "perhaps"}, ["accept_late"]),
        ({"max_notebook_mb": 0}, ["max_notebook_mb"]),
        ({"max_notebook_mb": 10_000}, ["max_notebook_mb"]),
        ({"atempts": 3}, ["atempts", "attempts"]),
        ({"units": {"02-chain-rule": 3}}, ["02-chain-rule", "dict"]),
        ({"units": {"02-chain-rule": {"atempts": 3}}}, ["02-chain-rule", "atempts", "attempts"]),
        ({"units": {"02-chain-rule": {"units": {}}}}, ["02-chain-rule", "'units'"]),
        ({"units": {"02-chain-rule": {"counts": "first"}}}, ["02-chain-rule", "counts", "best"]),
        ({"units": {"02-chain-rul": {}}}, ["02-chain-rul'", "02-chain-rule"]),
        ({"units": [3]}, ["units"]),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(settings, named):
    with pytest.raises(PolicyError) as caught:
        Policies(Config({"Classroom": settings}))
    assert "nbgrader_config.py" in str(caught.value)
    assert all(word in str(caught.value) for word in named)


# ---------------------------------------------------------------- due dates


@pytest.fixture
def book(tmp_path):
    """A gradebook with nbgrader's tables; its own way to make one takes seconds."""
    path = tmp_path / "gradebook.db"
    engine = create_engine(f"sqlite:///{path}")
    api.Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(api.Assignment(name="02-chain-rule", duedate=DUE))
        session.add(api.Assignment(name="01-computational-graph"))
        session.add(api.Student(id="ada", first_name="Ada", last_name="Lovelace"))
        session.add(api.Student(id="bob"))
        session.commit()
    engine.dispose()
    return path


@pytest.fixture
def dues(book):
    made = DueDates(f"sqlite:///{book}")
    yield made
    made.close()


def test_due_dates_and_names_come_from_the_gradebook(dues):
    assert dues.of("02-chain-rule") == DUE
    assert dues.of("01-computational-graph") is None
    assert dues.of("no such unit") is None
    assert dues.names() == {"ada": "Ada Lovelace"}


def test_a_due_date_that_moves_is_seen(dues, book, monkeypatch):
    assert dues.of("02-chain-rule") == DUE
    with sqlite3.connect(book) as db:
        db.execute("UPDATE assignment SET duedate = datetime(duedate, '+1 day')")
    db.close()
    assert dues.of("02-chain-rule") == DUE  # known, for some seconds
    monkeypatch.setattr(dues, "_until", 0.0)
    assert dues.of("02-chain-rule") == DUE + timedelta(days=1)


def test_a_locked_gradebook_keeps_what_is_known_and_only_one_waits(dues, book):
    assert dues.of("02-chain-rule") == DUE
    lock = sqlite3.connect(book, isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    waits = threading.Thread(target=dues.refresh)
    waits.start()
    time.sleep(0.1)
    dues._until = 0.0
    began = time.monotonic()
    assert dues.of("02-chain-rule") == DUE
    assert time.monotonic() - began < 0.5
    assert waits.is_alive()
    lock.execute("ROLLBACK")
    lock.close()
    waits.join(10)


def test_without_a_gradebook_nothing_is_due(tmp_path):
    dues = DueDates(f"sqlite:///{tmp_path / 'none' / 'gradebook.db'}")
    assert dues.of("02-chain-rule") is None
    assert dues.known() == dues.names() == {}
    dues.close()

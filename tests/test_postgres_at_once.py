"""A busy hour of a class in PostgreSQL: two graders and the service write at once.

As deploy/kubernetes lays it out: one server with two databases, the gradebook and the
classroom's store. Two batches in course folders of their own and the marker, in that of the
service, write the same gradebook, while students hand in. A batch and the marker are killed in
the middle of a transaction, and go on.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat
import postgres
import pytest
from batches import UNITS, release, scores, stored, until, url
from fake_hub import COURSE, Room, classroom
from sqlalchemy import create_engine, text
from test_classroom_marking import RELEASED, process, said, standing, start, waiting

from grader import batch, gradebook
from grader.classroom import Submission, make_class, student_ids, write_submission
from grader.exchange.store import GRADED, GRADING

pytestmark = [pytest.mark.slow, postgres.needed]

# In all 1,000 submissions: 450 in each batch, of which the same 100 in both, and 200 handed in.
STUDENTS, IN_A_BATCH, IN_BOTH, HANDED_IN = 900, 450, 100, 200
SUBMISSIONS = 2 * IN_A_BATCH - IN_BOTH + HANDED_IN
KINDS = 12  # distinct notebooks of each unit: what each is worth is found out once
SENDERS = 6
PAUSE_S = 0.3  # of a sender, so that work comes in for as long as the batches take
TWICE = 4  # each fourth click is sent by two at once, as by a client that lost the first answer


@dataclass(frozen=True)
class Database:
    """The URLs of the two databases, and the log of their server."""

    gradebook: str
    classroom: str
    log: Path


@pytest.fixture
def database() -> Iterator[Database]:
    """Two empty databases on a server of our own."""
    # Not below pytest's folder, which each run of it closes to other users.
    with (
        tempfile.TemporaryDirectory(prefix="at-once-") as home,
        postgres.server(Path(home) / "server") as first,
    ):
        second = postgres.one_more(first, "classroom")
        urls = map(gradebook.database_url, (first, second))
        yield Database(*urls, Path(home) / "server" / "server.log")


class Class:
    """Who hands in what: a few notebooks, many students.

    Attributes
    ----------
    batches : list of list of Submission
        Of the first unit. Some students are in both, with the same notebook.
    service : list of Submission
        Handed in to the service: half by students of the batches, of the other unit, and half
        by students whom nobody knows yet.
    """

    def __init__(self) -> None:
        models = [s for s in make_class(RELEASED, KINDS) if s.unit in UNITS]
        self._models = {(s.student, s.unit): s for s in models}
        names = student_ids(STUDENTS)
        kinds = itertools.cycle(student_ids(KINDS))
        self._of = dict(zip(names, kinds, strict=False))
        known, unknown = names[: -HANDED_IN // 2], names[-HANDED_IN // 2 :]
        # A batch goes by name: both come to those they share at about the same time.
        in_order, every = sorted(known), len(known) // IN_BOTH
        both = in_order[::every]
        others = sorted({*known} - {*both})
        self.batches = [
            [self._submission(student, UNITS[0]) for student in (*both, *others[half::2])]
            for half in range(2)
        ]
        some = known[:: len(known) // (HANDED_IN // 2)]
        self.service = [self._submission(student, UNITS[1]) for student in some]
        self.service += [self._submission(student, UNITS[0]) for student in unknown]

    def _submission(self, student: str, unit: str) -> Submission:
        return replace(self._models[self._of[student], unit], student=student)

    def expected(self, root: Path, stamps: dict) -> dict[str, list]:
        """Return what the gradebook must hold in the end, by what one grader alone makes of it.

        Parameters
        ----------
        root : Path
            Of a course to grade the models in, in SQLite.
        stamps : dict
            When each (student, unit) of the service was handed in.
        """
        for model in self._models.values():
            write_submission(root, model)
        batch.grade_class(root, jobs=1)
        rows: dict[tuple, list] = {}
        alone = stored(url(root))
        for table, found in alone.items():
            for unit, student, *facts in found:
                rows.setdefault((table, unit, student), []).append(facts)
        handed_in = {(s.student, s.unit) for s in itertools.chain(*self.batches, self.service)}
        told: dict[str, list] = {table: [] for table in alone}
        for student, unit in handed_in:
            for table in told:
                for facts in rows[table, unit, self._of[student]]:
                    if table == "submissions":
                        facts = [stamps.get((student, unit), *facts)]
                    told[table].append((unit, student, *facts))
        return {table: sorted(found, key=repr) for table, found in told.items()}


def grade(folder: Path, database: Database, name: str) -> subprocess.Popen:
    """Start a grader whose connections have a name."""
    command = [sys.executable, "-m", "grader.cli", "grade", "--db", database.gradebook]
    return subprocess.Popen(
        [*command, "--quiet", "--jobs", "1"], cwd=folder, env=os.environ | {"PGAPPNAME": name},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def kill_in_a_transaction(one: subprocess.Popen, database: Database, name: str) -> None:
    """Kill a process that has written rows to the gradebook and not committed them."""
    open_now = text(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = :name"
        " AND datname = 'gradebook' AND state = 'idle in transaction' AND backend_xid IS NOT NULL"
    )
    engine = create_engine(database.gradebook)
    until_s = time.monotonic() + 60
    with engine.connect() as db:
        while True:
            assert one.poll() is None, "it ended before it could be killed"
            assert time.monotonic() < until_s, "it is never in a transaction"
            one.send_signal(signal.SIGSTOP)
            time.sleep(0.005)  # in which the server is done with what it was told last
            if db.execute(open_now, {"name": name}).scalar():
                break
            db.rollback()  # or the answer stays the same to the end of this transaction
            one.send_signal(signal.SIGCONT)
            time.sleep(0.017)
    engine.dispose()
    one.kill()
    assert one.wait() == -signal.SIGKILL


def click(room: Room, number: int, one: Submission) -> dict:
    """Hand a notebook in; return the record that came back."""
    data = nbformat.writes(one.notebook).encode()
    answer = room.hand_in(one.student, one.unit, data, Idempotency_Key=f"click {number}")
    assert answer.status in (200, 201), answer.body
    time.sleep(PAUSE_S)
    return answer.json() | {"new": answer.status == 201, "sent": hashlib.sha256(data).hexdigest()}


def doubled(database: str) -> list[tuple]:
    """Return what stands in the gradebook more than once, found by names and not by ids."""
    of = """
        FROM submitted_assignment s JOIN assignment a ON a.id = s.assignment_id
        LEFT JOIN submitted_notebook n ON n.assignment_id = s.id
        LEFT JOIN {table} t ON t.notebook_id = n.id LEFT JOIN base_cell c ON c.id = t.cell_id
        GROUP BY a.name, s.student_id, c.name HAVING count(*) > 1
    """
    queries = [
        f"SELECT a.name, s.student_id, c.name, count(*) {of.format(table=table)}"
        for table in ("grade", "comment")
    ]
    queries.append("SELECT id, count(*) FROM student GROUP BY id HAVING count(*) > 1")
    engine = create_engine(database)
    with engine.begin() as db:
        found = [tuple(row) for query in queries for row in db.execute(text(query))]
    engine.dispose()
    return found


def test_two_graders_and_the_service_lose_nothing_and_double_nothing(database, tmp_path, caplog):
    whole = Class()
    root = release(tmp_path / "course", db_url=database.gradebook)
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder, handed_in in zip(folders, whole.batches, strict=True):
        shutil.copytree(root, folder)
        for one in handed_in:
            write_submission(folder, one)
    db_url = f"\nc.CourseDirectory.db_url = {database.gradebook!r}\n"
    marker_options = ("--db", database.classroom, "--jobs", "1")
    marker_env = os.environ | {"PGAPPNAME": "marker"}

    with contextlib.ExitStack() as stack:
        room = stack.enter_context(classroom(tmp_path, db_url, db=database.classroom))
        store = room.service.store
        room.hub.groups[f"nbgrader-{COURSE}"] += [one.student for one in whole.service]
        for unit in UNITS:
            notebook = (RELEASED / unit / f"{unit}.ipynb").read_bytes()
            assert room.ask("ina", "PUT", f"api/units/{unit}/notebook", notebook).status == 200
        marker = start(root, store, *marker_options, env=marker_env)
        stack.callback(marker.kill)
        until(lambda: "ready" in said(store))

        graders = [grade(f, database, f.name) for f in folders]
        for one in graders:
            stack.callback(one.kill)
        senders = stack.enter_context(ThreadPoolExecutor(SENDERS))
        clicks = [
            senders.submit(click, room, number, one)
            for number, one in enumerate(whole.service)
            for _again in range(1 + (number % TWICE == 0))
        ]

        def done() -> int:
            return sum(one.state == GRADED for one in store.submissions())

        until(lambda: done() >= 10)
        kill_in_a_transaction(marker, database, "marker")
        before = done()
        assert any(one.state == GRADING for one in store.submissions())
        # As the service does, or Kubernetes.
        stack.enter_context(process(root, store, *marker_options, env=marker_env))

        until(lambda: len(list(folders[0].glob("autograded/*"))) > IN_A_BATCH // 4)
        kill_in_a_transaction(graders[0], database, folders[0].name)
        assert 0 < len(list(folders[0].glob("autograded/*"))) < IN_A_BATCH
        assert graders[1].poll() is None
        graders[0] = grade(folders[0], database, folders[0].name)
        stack.callback(graders[0].kill)

        for one in graders:
            told = one.communicate(timeout=500)
            assert (one.returncode, *told) == (0, "", "")
        assert done() >= before + 10  # all three did write at once
        answers = [one.result() for one in clicks]
        until(lambda: not waiting(store))

        # What was answered is in the store, once each, and graded, with its page.
        made = {one.id: one for one in store.submissions()}
        assert len(made) == HANDED_IN == len({(s.student, s.unit) for s in made.values()})
        assert Counter(a["id"] for a in answers if a["new"]) == Counter(made.keys())
        assert {a["id"] for a in answers} == made.keys()
        for answer in answers:
            one = made[answer["id"]]
            assert (one.state, one.sha256, one.attempt) == (GRADED, answer["sent"], 1)
            assert standing(root, one.student, one.unit) == one.id
            page = room.ask(one.student, "GET", f"api/submissions/{one.id}/feedback")
            assert (page.status, page.body) == (200, store.read(one.page))

    # The gradebook is what one grader alone would have made of each.
    stamps = {(one.student, one.unit): one.at for one in made.values()}
    found = stored(database.gradebook)
    assert len(found["submissions"]) == len(found["notebooks"]) == SUBMISSIONS == 1000
    assert doubled(database.gradebook) == []
    assert found == whole.expected(release(tmp_path / "alone"), stamps)
    points = scores(database.gradebook)
    assert {key: round(points[key], 6) for key in stamps} == {
        (one.student, one.unit): one.score for one in made.values()
    }
    for folder, handed_in in zip(folders, whole.batches, strict=True):
        assert len(list(folder.glob("autograded/*/*/*.ipynb"))) == len(handed_in)

    # Nobody complained: not the marker, the service, or the server of what it was asked to do.
    unusual = [line for line in said(store).splitlines() if " INFO marker: " not in line]
    assert len(unusual) == 1, unusual
    assert "left behind are queued again" in unusual[0]
    assert said(store).count(": graded; ") >= HANDED_IN
    # nbgrader misses a shared folder that nobody uses (grader.exchange.app.set_up_log).
    loud = [one for one in caplog.records if one.levelname not in ("DEBUG", "INFO")]
    assert [one.getMessage() for one in loud if one.name != "traitlets"] == []
    assert re.findall(r".* (?:ERROR|FATAL|PANIC|WARNING): .*", database.log.read_text()) == []

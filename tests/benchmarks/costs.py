"""What a class costs in processor time, memory and disk: what `docs/scale_model.py` reckons with.

Processor time is the kernel's account of a process, of the children that it has waited for and
of its descendants that live: other work on the machine changes it little. Nothing is in money.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import psutil
from figure import Figure
from grading import released_course

from grader.batch import Report, grade_class
from grader.classroom import Submission, fill_in, make_class, write_submission
from grader.coursedir import open_course
from grader.exchange.hub import COURSE
from grader.exchange.store import GRADED, GRADING, QUEUED, Store
from grader.gradebook import Writer
from grader.units import grade_id, kind, load_unit, reference_answer, unit_names
from grader.worker import Grader, Settings, Task

TESTS = Path(__file__).parents[1]
sys.path.insert(0, str(TESTS))  # the classroom's harness and the small Hub live there

STUDENTS = 24  # twice each place of a made-up class's row
SERVERS = 4
LONG_QUEUE = 10_000
POLLS = 60
TAKES = 40
CHECKS_AGAIN = 30  # in an hour of work, after a unit was run through once
IDLE_S = 30.0
PATIENCE_S = 300.0
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
KIB, MIB = 1024, 1024**2
BATCH = "--batch"
# How a worker's time for a submission is spread; the model draws from these.
QUANTILES = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95, "p99": 0.99}


# ---------------------------------------------------------------- the kernel's accounts


def own_s(pid: int) -> float:
    """Return the processor seconds of a process alone."""
    return _ticks(pid)[0] * TICK_S


def tree_s(pid: int) -> float:
    """Return the processor seconds of a process, its ended children and living descendants."""
    total = sum(_ticks(pid))
    for one in psutil.Process(pid).children(recursive=True):
        with contextlib.suppress(OSError):  # it has ended, and its parent has its time
            total += sum(_ticks(one.pid))
    return total * TICK_S


def _ticks(pid: int) -> tuple[int, int]:
    """Return the ticks of a process, and of the children that it has waited for."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    user, system, childrens_user, childrens_system = map(int, fields[11:15])
    return user + system, childrens_user + childrens_system


def running_s(pid: int) -> float:
    """Return the processor seconds of all living threads below and of a process, to the ns.

    For so little that the ticks of `tree_s` would not tell; what ends meanwhile is left out.
    """
    total = 0
    for one in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
        for thread in Path(f"/proc/{one.pid}/task").glob("*/schedstat"):
            with contextlib.suppress(OSError):
                total += int(thread.read_text().split()[0])
    return total / 1e9


def memory_mib(pid: int) -> float:
    """Return the PSS of a process and its descendants in MiB: what is shared counts once."""
    return sum(map(_pss_mib, (pid, *(p.pid for p in psutil.Process(pid).children(True)))))


def _pss_mib(pid: int) -> float:
    with contextlib.suppress(OSError):  # it has ended
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        return int(re.search(r"^Pss: +(\d+)", rollup, re.M)[1]) / KIB
    return 0.0


def _workers_mib(marker: int) -> float:
    """Return the PSS of all that is below a marker."""
    return memory_mib(marker) - _pss_mib(marker)


def disk_bytes(*paths: Path) -> int:
    """Return what files and folders take of a disk: whole blocks, as ``du`` counts."""
    found = itertools.chain.from_iterable((path, *path.rglob("*")) for path in paths)
    return sum(512 * path.lstat().st_blocks for path in found if path.exists())


def _wait(ready: Callable[[], object], pause_s: float = 0.1):
    """Return the first value of ``ready()`` that is true."""
    until = time.monotonic() + PATIENCE_S
    while not (value := ready()):
        if time.monotonic() > until:
            raise TimeoutError(f"waited {PATIENCE_S:.0f} s")
        time.sleep(pause_s)
    return value


# ---------------------------------------------------------------- grading


def _marker(course: Path, data: Path, made: list[Submission]) -> Iterator[Figure]:
    """A class handed in at once: the workers, the one writer, and what it leaves on the disk."""
    command = [sys.executable, "-m", "grader.exchange.marking", "--course", str(course)]
    with Store(data) as store, open(data / "log", "w") as log:
        process = subprocess.Popen([*command, "--data", str(data)], stderr=log)
        try:

            def drain() -> None:
                _wait(lambda: not any(s.state in (QUEUED, GRADING) for s in store.submissions()))

            def hand_in(one: Submission, student: str) -> None:
                blob = store.put(nbformat.writes(one.notebook).encode())
                store.hand_in(student, one.unit, f"{one.unit}.ipynb", blob)

            for one in made[:6]:  # until all is warm; other students, so that rows can be counted
                hand_in(one, "warm")
            drain()
            before = _room_taken(course, data)
            rows = _rows(course / "gradebook.db")
            tree, own = tree_s(process.pid), own_s(process.pid)
            for one in made:
                hand_in(one, one.student)
            drain()
            own_used = own_s(process.pid) - own
            tree_used = tree_s(process.pid) - tree
            memory = _workers_mib(process.pid) / _cores()
            lost = sum(s.state != GRADED for s in store.submissions())
        finally:
            process.terminate()
            process.wait()
        assert not lost, f"{lost} submissions were not graded"
    count = len(made)
    about = f"of {count} submissions, all units"
    yield Figure("cost_worker", (tree_used - own_used) / count, "s", f"processor, mean {about}")
    yield Figure("cost_writer", 1000 * own_used / count, "ms", "processor of the one writer, each")
    yield Figure("cost_worker_memory", memory, "MiB", f"PSS of one of {_cores()}, with sandbox")
    for name, taken in _room_taken(course, data).items():
        each = (taken - before[name]) / count
        yield Figure(f"cost_disk_{name}", each / KIB, "KiB", "a submission")
    each = (_rows(course / "gradebook.db") - rows) / count
    yield Figure("cost_gradebook_rows", each, "rows", "a student's unit")


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _room_taken(course: Path, data: Path) -> dict[str, int]:
    """Return the bytes of what each attempt adds to, and of what keeps the last one alone."""
    kept = [course / name for name in ("submitted", "autograded", "feedback")]
    return {
        "files": disk_bytes(data / "objects"),
        "store": _database_bytes(data / "classroom.db"),
        "course": disk_bytes(*kept),
        "gradebook": _database_bytes(course / "gradebook.db"),
    }


def _database_bytes(path: Path) -> int:
    """Return the size of an SQLite database; its write-ahead log is as long as it once was."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        pages = db.execute("pragma page_count").fetchone()[0]
        return pages * db.execute("pragma page_size").fetchone()[0]


def _rows(gradebook: Path) -> int:
    """Return how many rows nbgrader's gradebook has in all."""
    with contextlib.closing(sqlite3.connect(gradebook)) as db:
        tables = db.execute("select name from sqlite_master where type = 'table'").fetchall()
        return sum(db.execute(f'select count(*) from "{name}"').fetchone()[0] for (name,) in tables)


def _batch(course: Path) -> Iterator[Figure]:
    """The same class by `grader grade --feedback`: the workers, the writer, the start."""
    command = [sys.executable, __file__, BATCH, str(course)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    yield Figure("cost_batch_worker", told["workers_s"], "s", "processor, mean a submission")
    yield Figure("cost_batch_writer", 1000 * told["writer_s"], "ms", "processor, each")
    yield Figure("cost_batch_start", told["start_s"], "s", "processor until the first grade")


def _spread(course: Path, made: list[Submission]) -> Iterator[Figure]:
    """How the time of one warm worker differs from submission to submission."""
    api = open_course(course)
    with Writer(api.coursedir.db_url, api.coursedir.course_id, unit_names(), api.config) as writer:
        templates = {u: [dict(c) for c in writer.template(u)] for u in unit_names()}
    seconds = defaultdict(list)
    with Grader(Settings(templates)) as grader:
        grader.warm_up()  # as the marker's workers do
        for one in made:
            data = nbformat.writes(one.notebook).encode()
            outcome = grader.grade(Task(one.student, one.unit, data, ""))
            seconds[one.unit].append(outcome.seconds)
    spread = sorted(itertools.chain.from_iterable(seconds.values()))
    for name, part in QUANTILES.items():
        at = spread[min(len(spread) - 1, int(part * len(spread)))]
        yield Figure(f"cost_worker_wall_{name}", at, "s", "to grade one, pages apart")
    yield Figure("cost_worker_wall_max", spread[-1], "s", f"of {len(spread)}")
    means = {unit: statistics.mean(times) for unit, times in seconds.items()}
    dearest = max(means, key=means.get)
    ratio = means[dearest] / statistics.mean(spread)
    yield Figure("cost_dearest_unit", ratio, "x", f"the mean of all units: {dearest}")


def _be_batch(course: Path) -> None:
    """Be the process of `_batch`: grade, and print what it took from the first grade on."""
    mine, marks, graded = os.getpid(), [], itertools.count(1)

    def mark() -> None:
        marks.append((own_s(mine), tree_s(mine)))

    def tell(report: Report) -> None:
        if next(graded) == 1:
            mark()

    pages = itertools.count(1)
    units, students = len(unit_names()), len(os.listdir(course / "submitted"))
    last = students * (units + 1)  # each unit's page, and one of the course

    def tell_page() -> None:
        if next(pages) == last:
            mark()  # the workers still live: of the dead no time is told

    grade_class(course, force=True, feedback=True, tell=tell, tell_page=tell_page)
    (own, tree), (own_then, tree_then) = marks
    count = next(graded) - 2  # without the first, which ends the start
    told = {
        "writer_s": (own_then - own) / count,
        "workers_s": (tree_then - own_then - tree + own) / count,
        "start_s": tree,
    }
    print(json.dumps(told), flush=True)


# ---------------------------------------------------------------- the classroom service


@contextlib.contextmanager
def _small_hub(students: list[str]) -> Iterator[tuple[str, object]]:
    """Run the small Hub of the tests in a thread; yield its address and it."""
    import asyncio

    from fake_hub import Hub
    from tornado.httpserver import HTTPServer
    from tornado.testing import bind_unused_port

    groups = {f"nbgrader-{COURSE}": students, f"formgrade-{COURSE}": ["ina", f"grader-{COURSE}"]}
    hub, loop, told, end = Hub(groups), asyncio.new_event_loop(), [], asyncio.Event()

    async def run() -> None:
        listener, port = bind_unused_port()
        HTTPServer(hub.application()).add_sockets([listener])
        told.append(port)
        await end.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=[run()], daemon=True)
    thread.start()
    _wait(lambda: told, 0.01)
    try:
        yield f"http://127.0.0.1:{told[0]}/hub/api", hub
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join(10)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class _Client:
    """Asks the service as students do."""

    def __init__(self, base: str, hub) -> None:
        self.base, self._hub, self._tokens = base, hub, {}

    def ask(self, who: str, path: str, body: bytes | None = None, etag: str = ""):
        """Return the answer's headers and body; None for both if nothing has changed."""
        token = self._tokens.get(who) or self._tokens.setdefault(who, self._hub.token(who))
        headers = {"Authorization": f"token {token}", "Idempotency-Key": uuid.uuid4().hex}
        headers |= {"If-None-Match": etag} if etag else {}
        request = urllib.request.Request(self.base + path, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            if error.code != 304:
                raise
            return None, None

    def poll(self, who: str, etags: dict[str, str]) -> None:
        """Ask for what a student's page asks for again and again."""
        for path in ("api/units", "api/submissions"):
            headers, _ = self.ask(who, path, etag=etags.get(path, ""))
            if headers is not None and who == "quiet":
                etags[path] = headers["ETag"]


def _service(course: Path, data: Path, made: list[Submission]) -> Iterator[Figure]:
    """One process of the service: handing in, and the page of a student who waits."""
    students = [*dict.fromkeys(one.student for one in made), "quiet", "waiting"]
    port = _free_port()
    with _small_hub(students) as (api_url, hub):
        environment = os.environ | {
            "JUPYTERHUB_SERVICE_URL": f"http://127.0.0.1:{port}",
            "JUPYTERHUB_SERVICE_PREFIX": "/services/classroom/",
            "JUPYTERHUB_SERVICE_NAME": "classroom",
            "JUPYTERHUB_API_TOKEN": hub.token("classroom", "service"),
            "JUPYTERHUB_API_URL": api_url,
            "JUPYTERHUB_CLIENT_ID": "service-classroom",
            "JUPYTERHUB_OAUTH_ACCESS_SCOPES": json.dumps(
                ["access:services", "access:services!service=classroom"]
            ),
        }
        command = [sys.executable, "-m", "grader.exchange", "--no-marker", "--course", str(course)]
        data.mkdir()
        with open(data / "log", "w") as log:
            process = subprocess.Popen(
                [*command, "--data", str(data)], env=environment, stderr=log, stdout=log
            )
        client = _Client(f"http://127.0.0.1:{port}/services/classroom/", hub)
        try:

            def answers() -> bool:
                with contextlib.suppress(OSError):
                    return bool(urllib.request.urlopen(client.base + "health", timeout=5))
                return False

            _wait(answers)
            with Store(data) as store:
                for unit in unit_names():
                    released = (course / "release" / unit / f"{unit}.ipynb").read_bytes()
                    store.release(unit, store.put(released), "ina")
            yield from _service_figures(client, process.pid, data, made)
        finally:
            process.terminate()
            process.wait()


def _service_figures(client: _Client, pid: int, data: Path, made: list[Submission]):
    def each(count: int, act: Callable[[int], object]) -> float:
        """Return the service's processor ms of one of some acts."""
        before = own_s(pid)
        for number in range(count):
            act(number)
        return 1000 * (own_s(pid) - before) / count

    def hand_in(one: Submission, mark: str = "", who: str = "") -> None:
        one.notebook.metadata["mark"] = mark  # another file, or it would be there already
        body = nbformat.writes(one.notebook).encode()
        client.ask(
            who or one.student, f"api/units/{one.unit}/submissions?name={one.unit}.ipynb", body
        )

    etags: dict[str, str] = {}
    for one in made[:3]:
        hand_in(one, "warm")
    yield Figure("cost_hand_in", each(len(made), lambda i: hand_in(made[i])), "ms", "processor")
    by_unit = sorted(made, key=lambda one: one.unit)  # of one student one at a time is taken
    begun = time.perf_counter()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: hand_in(one, "again"), by_unit))
    rate = len(made) / (time.perf_counter() - begun)
    yield Figure("cost_hand_ins_a_second", rate, "/s", "the most, its clients on the same machine")
    client.poll("quiet", etags)
    quiet = each(POLLS, lambda _: client.poll("quiet", etags))
    yield Figure("cost_poll", quiet, "ms", "processor, a student's page with nothing new")
    hand_in(made[0], "waits", "waiting")
    poll = each(POLLS, lambda _: client.poll("waiting", {}))
    queue = _fill_queue(data, 0)
    took = _take(data)
    longer = _fill_queue(data, LONG_QUEUE) - queue
    long_poll = each(POLLS // 2, lambda _: client.poll("waiting", {}))
    long_took = _take(data)
    long_hand_in = each(20, lambda i: hand_in(made[i], "late"))
    yield Figure("cost_poll_waiting", poll, "ms", f"of who waits, {queue} in the queue")
    # Differences: what the queue does not make dearer may come out a little below nothing.
    more_poll, more_took = (
        max(0.0, d / longer * 1000) for d in (long_poll - poll, long_took - took)
    )
    yield Figure("cost_poll_queue", more_poll, "ms", "more for 1000 in the queue")
    yield Figure("cost_take_queue", more_took, "ms", "of the writer, for 1000 more")
    yield Figure("cost_hand_in_long_queue", long_hand_in, "ms", f"{longer + queue} in the queue")
    yield Figure("cost_service_memory", memory_mib(pid), "MiB", "PSS")


def _fill_queue(data: Path, more: int) -> int:
    """Put rows like the first into the queue; return how many are in it."""
    with contextlib.closing(sqlite3.connect(data / "classroom.db", timeout=60)) as db:
        db.row_factory = sqlite3.Row
        row = dict(db.execute("select * from submissions order by number limit 1").fetchone())
        del row["number"]
        marks = ", ".join(f":{name}" for name in row)
        rows = (
            row | {"id": uuid.uuid4().hex, "student": f"s{n}", "key": None, "attempt": 1}
            for n in range(more)
        )
        db.executemany(f"insert into submissions ({', '.join(row)}) values ({marks})", rows)
        db.commit()
        return db.execute("select count(*) from submissions where state = 'queued'").fetchone()[0]


def _take(data: Path) -> float:
    """Return the processor ms of taking one submission off the queue."""
    with Store(data) as store:
        store.give_back([one.id for one in store.take("bench")])  # until all is warm
        used = 0.0
        for _ in range(TAKES):
            begun = time.process_time()
            (one,) = store.take("bench")
            used += time.process_time() - begun
            store.give_back([one.id])  # of each student one at a time is taken
    return 1000 * used / TAKES


# ---------------------------------------------------------------- servers and the Hub


class _Kernel:
    """A kernel in a student's server, over one connection as a browser holds it."""

    def __init__(self, server, path: str) -> None:
        import websocket

        self._server = server
        self._id = server.json("POST", "api/kernels", json={"name": "python3", "path": path})["id"]
        address = f"{server.base}api/kernels/{self._id}/channels".replace("http", "ws", 1)
        header = [f"Authorization: token {server.token}"]
        self._channel = websocket.create_connection(address, timeout=PATIENCE_S, header=header)

    def run(self, code: str) -> bool:
        """Run a cell; return whether it raised nothing."""
        mine = uuid.uuid4().hex
        header = {
            "msg_id": mine, "msg_type": "execute_request", "session": "bench", "username": "",
            "version": "5.3", "date": "",
        }  # fmt: skip
        content = {"code": code, "silent": False, "store_history": True, "stop_on_error": False}
        message = {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}}
        self._channel.send(json.dumps(message | {"content": content}))
        fine = True
        while True:
            answer = json.loads(self._channel.recv())
            if answer["parent_header"].get("msg_id") != mine:
                continue
            fine &= answer["msg_type"] != "error"
            if answer["msg_type"] == "status" and answer["content"]["execution_state"] == "idle":
                return fine

    def end(self) -> None:
        """End the kernel."""
        self._channel.close()
        self._server.request("DELETE", f"api/kernels/{self._id}")


def _servers(course: Path, folder: Path) -> Iterator[Figure]:
    """A classroom with some students: starting servers, an hour's work in one, idling."""
    from classroom.harness import Classroom

    folder.mkdir()
    shutil.copytree(course, folder / "course")  # released already
    with Classroom(folder, students=SERVERS) as room:
        (hub,), (proxy, *_) = room.find("hub"), room.find("proxy")
        (marker, *_) = _wait(lambda: room.find("marker"))
        _wait(lambda: len(marker.children(recursive=True)) > _cores())  # its workers run
        rest = memory_mib(hub.pid) - _workers_mib(marker.pid)
        names = [f"student{n}" for n in range(1, SERVERS + 1)]
        starts, hubs, proxies = [], [], []
        for name in names:
            before = own_s(hub.pid), own_s(proxy.pid)
            room.start_server(name)
            hubs.append(own_s(hub.pid) - before[0])
            proxies.append(own_s(proxy.pid) - before[1])
            starts.append(tree_s(_server_of(hub, name)))
        yield Figure(
            "cost_hub_start", statistics.median(hubs), "s", "processor: login and a server"
        )
        yield Figure("cost_proxy_start", statistics.median(proxies), "s", "processor of the proxy")
        yield Figure("cost_server_start", statistics.median(starts), "s", "processor until ready")
        yield Figure("cost_rest_memory", rest, "MiB", "PSS: all but workers and servers")
        pid, server = _server_of(hub, names[0]), room.student(names[0])
        empty = statistics.median(memory_mib(_server_of(hub, name)) for name in names)
        yield Figure("cost_server_memory_empty", empty, "MiB", "PSS, no kernel")
        before_proxy = own_s(proxy.pid)
        hours, memories, kernel, failed = [], [], None, 0
        for unit in unit_names():
            if kernel is not None:
                kernel.end()
            notebook = _solved(course, unit)
            cells = [c for c in notebook.cells if c.cell_type == "code"]
            checks = [c.source for c in cells if kind(c) == "check"]
            before = tree_s(pid)
            kernel = _Kernel(server, _save(server, unit, notebook))
            failed += sum(not kernel.run(c.source) for c in cells)
            for code in itertools.islice(itertools.cycle(checks), CHECKS_AGAIN):
                kernel.run(code)
            hours.append(tree_s(pid) - before)
            memories.append(memory_mib(pid))
        assert not failed, f"{failed} cells of solved notebooks raised"
        proxied = (own_s(proxy.pid) - before_proxy) / len(hours)
        about = f"a unit run through, {CHECKS_AGAIN} checks again"
        yield Figure("cost_server_work", statistics.mean(hours), "s", f"processor: {about}")
        yield Figure("cost_server_work_most", max(hours), "s", "of the dearest unit")
        yield Figure("cost_proxy_work", proxied, "s", "processor of the proxy for that")
        yield Figure("cost_server_memory", statistics.median(memories), "MiB", "PSS, one kernel")
        yield Figure("cost_server_memory_most", max(memories), "MiB", "of the dearest unit")
        before, begun = running_s(pid), time.monotonic()
        time.sleep(IDLE_S)
        idle = (running_s(pid) - before) / (time.monotonic() - begun)
        yield Figure("cost_server_idle", 3600 * idle, "s", "processor an hour, with a kernel")
        home = room.place.homes / names[0]
        yield Figure("cost_home", disk_bytes(home) / MIB, "MiB", "of who has begun")
        kernel.end()


def _server_of(hub: psutil.Process, name: str) -> int:
    """Return the first process of somebody's server."""
    for one in hub.children():
        with contextlib.suppress(psutil.Error):
            environment = one.environ()
            if (
                environment.get("JUPYTERHUB_USER") == name
                and "JUPYTERHUB_SERVER_NAME" in environment
            ):
                return one.pid
    raise LookupError(f"no server of {name}")


def _solved(course: Path, unit: str) -> nbformat.NotebookNode:
    """Return a released notebook with the reference answers in it."""
    released = nbformat.read(course / "release" / unit / f"{unit}.ipynb", as_version=4)
    answers = {name: reference_answer(cell) for name, cell in load_unit(unit).answers.items()}
    assert answers.keys() <= {grade_id(cell) for cell in released.cells}
    return fill_in(released, answers)


def _save(server, unit: str, notebook: nbformat.NotebookNode) -> str:
    """Save a notebook where fetching puts it; return its path, where its kernel starts."""
    for folder in (COURSE, f"{COURSE}/{unit}"):
        server.request("PUT", f"api/contents/{folder}", json={"type": "directory"})
    path = f"{COURSE}/{unit}/{unit}.ipynb"
    server.write(path, dict(notebook))
    return path


# ---------------------------------------------------------------- the suite


def costs() -> Iterator[Figure]:
    """Grading, the service, the disk, students' servers and the Hub; some minutes."""
    with tempfile.TemporaryDirectory(prefix="bench-costs-") as folder:
        home = Path(folder)
        course = home / "course"
        released_course(course)
        made = list(make_class(course / "release", STUDENTS))
        shutil.copytree(course, home / "batch")
        for one in made:
            write_submission(home / "batch", one)
        yield from _service(course, home / "service", made)
        yield from _batch(home / "batch")
        yield from _spread(course, made)
        shutil.copytree(course, home / "marked")
        yield from _marker(home / "marked", home / "data", made)
        yield from _servers(course, home / "classroom")


if __name__ == "__main__":
    if sys.argv[1:2] == [BATCH]:
        _be_batch(Path(sys.argv[2]))
    else:
        for figure in costs():
            print(figure, flush=True)

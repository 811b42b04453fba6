"""A real Hub, its classroom service and marker: two hundred students hand in within two seconds."""

from __future__ import annotations

import contextlib
import json
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from figure import Figure

sys.path.append(str(Path(__file__).parents[1]))
from classroom.harness import Classroom
from classroom.test_crowd import CROWD, UNIT, all_graded, notebook, stored, tokens

WITHIN_S = 2.0
ANSWERED = re.compile(r"\{\"who\": .*/submissions\".*\}")


def _send(room: Classroom, token: str, data: bytes, key: str) -> None:
    """Hand in once. What the client costs here would be paid on the students' machines."""
    address = urlsplit(room.url)
    with contextlib.closing(HTTPConnection(address.hostname, address.port, timeout=60)) as to:
        path = f"{address.path}services/classroom/api/units/{UNIT}/submissions"
        to.request("POST", path, data, {"Authorization": f"token {token}", "Idempotency-Key": key})
        answer = to.getresponse()
        if answer.status != 201:
            raise RuntimeError(f"{answer.status}: {answer.read()[:300]!r}")


def _hand_in(room: Classroom, keys: dict[str, str], key: str) -> float:
    """Have everybody hand in, evenly over `WITHIN_S`; return the seconds until all is graded."""
    sent = list(keys.items())
    data = {name: notebook("right", f"{name}, {key}") for name in keys}
    begin = time.monotonic()

    def send(number: int) -> None:
        name, token = sent[number]
        time.sleep(max(0.0, begin + number * WITHIN_S / len(sent) - time.monotonic()))
        _send(room, token, data[name], key)

    with ThreadPoolExecutor(100) as pool:
        list(pool.map(send, range(len(sent))))
    while not all_graded(room):
        time.sleep(0.1)
    return time.monotonic() - begin


def burst() -> Iterator[Figure]:
    """The service's own answers, by its log, and the time until the last is graded.

    Everybody's token is new to the service, which asks the Hub whose it is.
    """
    with (
        tempfile.TemporaryDirectory(prefix="bench-burst-") as folder,
        Classroom(Path(folder) / "room", students=CROWD) as room,
    ):
        keys = tokens(room, [f"student{number}" for number in range(1, CROWD + 1)])
        _hand_in(room, dict(list(keys.items())[:4]), "warm")
        before = len(room.logs())
        drained = _hand_in(room, keys, "burst")
        lines = map(json.loads, ANSWERED.findall(room.logs()[before:]))
        lines = [line for line in lines if line["status"] == 201]
        graded = [row for row in stored(room) if row["state"] == "graded"]
    yield Figure("burst_drained", drained, "s", f"{CROWD} within 2 s by a real Hub, at most 60")
    yield Figure("burst_lost", float(CROWD + 4 - len(graded)), "submissions", "0")
    whole = [line["ms"] for line in lines]
    own = [line["ms"] - line["hub_ms"] for line in lines]
    yield Figure("burst_answer_median", statistics.median(own), "ms", "for comparison")
    yield Figure("burst_answer_p95", statistics.quantiles(own, n=20)[-1], "ms", "below 200")
    p95 = statistics.quantiles(whole, n=20)[-1]
    yield Figure("burst_with_hub_p95", p95, "ms", "and the Hub's word on who it is")

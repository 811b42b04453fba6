"""A real Hub, its classroom service and marker: two hundred students hand in within two seconds."""

from __future__ import annotations

import json
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from figure import Figure

sys.path.append(str(Path(__file__).parents[1]))
from classroom.harness import Classroom
from classroom.test_crowd import CROWD, all_graded, notebook, post, stored, tokens

WITHIN_S = 2.0
ANSWERED = re.compile(r"\{\"who\": .*/submissions\".*\}")


def _hand_in(room: Classroom, keys: dict[str, str], key: str) -> float:
    """Have everybody hand in, evenly over `WITHIN_S`; return the seconds until all is graded."""
    sent = list(keys.items())
    data = {name: notebook("right", f"{name}, {key}") for name in keys}
    begin = time.monotonic()

    def send(number: int) -> None:
        name, token = sent[number]
        time.sleep(max(0.0, begin + number * WITHIN_S / len(sent) - time.monotonic()))
        post(room, token, data[name], key, begin + 300)

    with ThreadPoolExecutor(100) as pool:
        list(pool.map(send, range(len(sent))))
    while not all_graded(room):
        time.sleep(0.1)
    return time.monotonic() - begin


def burst() -> Iterator[Figure]:
    """The service's own answers, by its log, and the time until the last is graded."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-burst-") as folder,
        Classroom(Path(folder) / "room", students=CROWD) as room,
    ):
        keys = tokens(room, [f"student{number}" for number in range(1, CROWD + 1)])
        _hand_in(room, dict(list(keys.items())[:4]), "warm")
        before = len(room.logs())
        drained = _hand_in(room, keys, "burst")
        lines = map(json.loads, ANSWERED.findall(room.logs()[before:]))
        answers = sorted(line["ms"] for line in lines if line["status"] in (200, 201))
        graded = [row for row in stored(room) if row["state"] == "graded"]
    yield Figure("burst_drained", drained, "s", f"{CROWD} within 2 s by a real Hub, at most 60")
    yield Figure("burst_lost", float(CROWD + 4 - len(graded)), "submissions", "0")
    p95 = statistics.quantiles(answers, n=20)[-1]
    yield Figure("burst_answer_median", statistics.median(answers), "ms", "for comparison")
    yield Figure("burst_answer_p95", p95, "ms", f"of {len(answers)} answers, below 200")

"""What it costs to watch a training: the dashboard against the same loop without it."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
from collections.abc import Iterator

from figure import Figure, seconds
from jupyter_client.manager import start_new_kernel

STEPS = {"spiral": 30000, "digits": 15000}
ROUNDS = 7
# Both loops run in one kernel, as a student's would; the reports go out on its socket. The clock is
# that of the processor, all threads of the kernel together: what else the machine does is left out,
# and what the sending thread does is not.
PREPARE = """
import time
import numpy as np
from course import widgets
from course.widgets._training_dashboard import course_network, lesson


def bare(data, steps, lr=0.5):
    task, net = lesson(data), course_network(data)
    rng = np.random.default_rng(0)
    for array in net.params.values():
        array[...] = 0.1 * rng.standard_normal(array.shape)
    start = time.process_time()
    for _ in range(steps):
        rows = rng.integers(len(task.x), size=task.size)
        grads = net.gradient(task.x[rows], task.t[rows])
        for name, array in net.params.items():
            array -= lr * grads[name]
    return time.process_time() - start


async def watched(data, steps):
    board = widgets.training_dashboard(data=data, steps=steps)
    board.set("pace", "full")
    start = time.process_time()
    board.start()
    await board.finished()
    spent = time.process_time() - start
    assert board.state["step"] == steps, board.state
    return spent
"""
ONE_ROUND = "print(bare('{data}', {steps}), await watched('{data}', {steps}))"
FOR_EVER = """
board = widgets.training_dashboard(steps=10**9)
board.set("pace", "full")
board.start()
"""


def dashboard() -> Iterator[Figure]:
    """Training with the dashboard against the bare loop, in alternation; a cell meanwhile."""
    manager, client = start_new_kernel(
        kernel_name="python3",
        stderr=subprocess.DEVNULL,
        # Threads of a matrix product wait by spinning, and the clock would count that.
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )
    try:

        def run(code: str) -> str:
            said = []

            def hear(message) -> None:
                if message["msg_type"] == "stream":
                    said.append(message["content"]["text"])

            reply = client.execute_interactive(code, output_hook=hear, timeout=120)
            if reply["content"]["status"] != "ok":
                raise RuntimeError(json.dumps(reply["content"]))
            return "".join(said)

        run(PREPARE)
        for data, steps in STEPS.items():
            run(ONE_ROUND.format(data=data, steps=steps // 10))
            rounds = [
                [float(x) for x in run(ONE_ROUND.format(data=data, steps=steps)).split()]
                for _ in range(ROUNDS)
            ]
            bare = statistics.median(alone for alone, _ in rounds)
            yield Figure(f"training_step_bare_{data}", 1e6 * bare / steps, "us", "for comparison")
            slower = statistics.median(100 * (watched / alone - 1) for alone, watched in rounds)
            yield Figure(f"training_slower_by_dashboard_{data}", slower, "%", "below 5")
        run(FOR_EVER)
        waits = [seconds(lambda: run("pass")) for _ in range(ROUNDS)]
        waited = 1000 * statistics.median(waits)
        yield Figure("cell_while_dashboard_trains", waited, "ms", "below 200")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)

"""What isolation costs: a session against a kernel, a call across the boundary."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Iterator

import numpy as np
from figure import Figure, seconds
from jupyter_client.manager import start_new_kernel

from grader.forkserver import ForkServer

ROUNDS = 15
CLASS = """
class Layer:
    def forward(self, x):
        return 2 * x

def apply(f, x):
    return sum(f(x) for _ in range(24))
"""


def _kernel() -> None:
    manager, client = start_new_kernel(kernel_name="python3", stderr=subprocess.DEVNULL)
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def sessions() -> Iterator[Figure]:
    """Starting a session against starting a kernel, in alternation; calls and call-backs."""
    with ForkServer() as server:
        with server.new_session() as first:
            first.run_cell("pass", cell_id="warm-up")
        session_s, kernel_s = [], []
        for number in range(ROUNDS):
            start = time.perf_counter()
            session = server.new_session()
            session.run_cell("1 + 1", cell_id="first")
            session_s.append(time.perf_counter() - start)
            session.close()
            if number % 3 == 0:
                kernel_s.append(seconds(_kernel))
        start_ms = 1000 * statistics.median(session_s)
        yield Figure("session_start_and_first_cell", start_ms, "ms", "below 60")
        kernel_ms = 1000 * statistics.median(kernel_s)
        yield Figure("kernel_start", kernel_ms, "ms", "for comparison")
        yield Figure("session_start_against_kernel", kernel_ms / start_ms, "x", "at least 10")
        with server.new_session() as session:
            session.run_cell(CLASS, cell_id="layer")
            layer, x = session.stand_in("Layer")(), np.ones((4, 3))
            apply = session.stand_in("apply")

            def check() -> None:
                for _ in range(60):
                    layer.forward(x)
                apply(np.sum, x)

            median = statistics.median(seconds(check) for _ in range(ROUNDS))
            yield Figure("check_of_60_calls_and_24_callbacks", 1000 * median, "ms", "about 16")

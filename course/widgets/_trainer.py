"""Steps 1 to 4 of learning, in slices on the kernel's event loop.

A kernel has one event loop: it receives messages, runs cells, and runs us. So training is cut into
slices of some milliseconds, and after each of them the loop is free: another cell can run, a
slider can be read. Between two cells a kernel ignores an interrupt; inside a slice we let it raise,
so that a network that never returns can be stopped like a cell that never returns.
"""

from __future__ import annotations

import asyncio
import signal
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Protocol

import numpy as np

SLICE_S = 0.02
REPORT_S = 0.15
# A report may cost this share of the time; one that is slow comes less often.
REPORT_SHARE = 0.02
_NAP_S = 0.02  # between the slices of a slow pace


class Net(Protocol):
    """What can be trained: the network of unit 06."""

    params: dict[str, np.ndarray]

    def predict(self, x: np.ndarray) -> np.ndarray: ...

    def loss(self, x: np.ndarray, t: np.ndarray) -> float: ...

    def gradient(self, x: np.ndarray, t: np.ndarray) -> dict[str, np.ndarray]: ...


class Interrupted(Exception):
    """The kernel was interrupted during a slice."""


def interruptible(f: Callable, *args):
    """Return ``f(*args)``; an interrupt of the kernel ends it, wherever it is.

    Between two cells a kernel ignores the signal. Here it raises, and only here: a
    KeyboardInterrupt that reached the event loop would end the kernel.

    Raises
    ------
    Interrupted
        If that happened.
    """
    before = None
    if threading.current_thread() is threading.main_thread():
        before = signal.getsignal(signal.SIGINT)

    def once(signum, frame) -> None:
        # No second one: it might be raised when we have just left.
        signal.signal(signal.SIGINT, before)
        if callable(before):  # a cell that awaits something wants to end as well
            before(signum, frame)
        raise KeyboardInterrupt

    try:
        try:
            if before is not None:
                signal.signal(signal.SIGINT, once)
            return f(*args)
        finally:
            if before is not None:
                signal.signal(signal.SIGINT, before)
    except KeyboardInterrupt:
        raise Interrupted from None


class Trainer:
    """Mini-batch gradient descent that can be watched.

    Parameters
    ----------
    net : Net
        Trained in place.
    x, t : ndarray
        The training rows and their one-hot targets.
    size : int
        Rows of a mini-batch, drawn with replacement.
    lr : float
        The learning rate; may be changed while `run` runs.
    seed : int
        Of the mini-batches.

    Attributes
    ----------
    count : int
        How many steps were made.
    pace : float or None
        Steps a second; None is as fast as it goes.
    """

    def __init__(self, net: Net, x, t, size: int = 30, lr: float = 0.5, seed: int = 0):
        self.net, self.x, self.t, self.size, self.lr = net, x, t, size, lr
        self.count = 0
        self.pace: float | None = None
        self._rng = np.random.default_rng(seed)
        self._stop = False

    def step(self) -> None:
        """Pick a mini-batch, compute its gradient, move every parameter in place."""
        rows = self._rng.integers(len(self.x), size=self.size)
        grads = self.net.gradient(self.x[rows], self.t[rows])
        for name, array in self.net.params.items():
            array -= self.lr * grads[name]
        self.count += 1

    def stop(self) -> None:
        """Let `run` end after its present slice."""
        self._stop = True

    def steps(self, count: int, until: float) -> None:
        """Make up to ``count`` steps, at least one, and none after the time ``until``."""
        with np.errstate(all="ignore"):  # a warning would land in some other cell's output
            for _ in range(count):
                self.step()
                if perf_counter() >= until:
                    break

    async def run(self, report: Callable[[], None], limit: int) -> None:
        """Train until `stop`, or until ``limit`` steps were made in all.

        ``report`` is called now and then. What the network or ``report`` raises comes out.
        """
        self._stop = False
        started, made, report_at = perf_counter(), 0, 0.0
        while not self._stop and self.count < limit:
            now = perf_counter()
            quota = limit - self.count
            if self.pace is not None:
                due = (now - started) * self.pace - made
                if due > 0.2 * self.pace + 1:  # another cell held the loop, or the pace has changed
                    started, made, due = now, 0, 1
                quota = min(quota, int(due))
            if quota > 0:
                count = self.count
                interruptible(self.steps, quota, now + SLICE_S)
                made += self.count - count
                now = perf_counter()
                if now >= report_at:
                    interruptible(report)
                    cost = perf_counter() - now
                    report_at = now + max(REPORT_S, cost / REPORT_SHARE)
            await asyncio.sleep(0 if self.pace is None else _NAP_S)


def describe(error: BaseException) -> str:
    """Return what was raised and where, in one line: the innermost line of the reader's own."""
    ours = Path(__file__).parents[1]
    frames = [
        f
        for f in traceback.extract_tb(error.__traceback__)
        if ours not in Path(f.filename).parents and "site-packages" not in f.filename
    ]
    words = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if frames:
        line = f": {frames[-1].line}" if frames[-1].line else ""
        words += f" ({frames[-1].name}, line {frames[-1].lineno}{line})"
    return " ".join(words.split())

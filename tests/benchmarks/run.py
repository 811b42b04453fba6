"""Measurements, side by side in one run: `make bench`.

Prints one line a figure, `name value unit (goal)`, and writes build/bench.json. A figure
is a median of several rounds; ratios are taken round by round, so that a machine whose
speed drifts does not bend them. `python tests/benchmarks/run.py SUITE...` runs some.
"""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path

from diagnosis import diagnosis
from figure import Figure
from gradients import numerical_gradients
from grading import grading
from sessions import sessions

OUT = Path(__file__).parents[2] / "build" / "bench.json"

SUITES: dict[str, Callable[[], Iterator[Figure]]] = {
    "numerical_gradients": numerical_gradients,
    "sessions": sessions,
    "grading": grading,
    "diagnosis": diagnosis,
}


def main() -> None:
    """Run the named suites, or all."""
    figures = []
    for name in sys.argv[1:] or SUITES:
        for figure in SUITES[name]():
            print(figure, flush=True)
            figures.append(figure)
    OUT.parent.mkdir(exist_ok=True)
    machine = f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}"
    report = {"date": date.today().isoformat(), "machine": machine}
    OUT.write_text(json.dumps(report | {"figures": [asdict(f) for f in figures]}, indent=1))


if __name__ == "__main__":
    main()

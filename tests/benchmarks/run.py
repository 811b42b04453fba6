"""Measurements, side by side in one run: `make bench`.

Prints one line a figure, `name value unit (goal)`, and writes build/bench.json. A figure
is a median of several rounds; ratios are taken round by round, so that a machine whose
speed drifts does not bend them. `python tests/benchmarks/run.py SUITE...` runs some;
with ``--write`` first, their figures take their places in the table of docs/performance.md.
"""

from __future__ import annotations

import json
import os
import platform
import re
import sys
from dataclasses import asdict
from datetime import date
from importlib import import_module
from pathlib import Path

from figure import Figure

ROOT = Path(__file__).parents[2]
OUT = ROOT / "build" / "bench.json"
PAGE = ROOT / "docs" / "performance.md"

# A suite is a function, in the module of the same name but for one. Loaded when its turn comes:
# a worker of multiprocessing runs this file again, and would load all of them.
SUITES = {
    "numerical_gradients": "gradients",
    "dashboard": "dashboard",
    "sessions": "sessions",
    "grading": "grading",
    "diagnosis": "diagnosis",
    "widgets": "widgets",
    "marker": "marker",
    "burst": "burst",
    "scheduler": "scheduler",
    "costs": "costs",
}


def main() -> None:
    """Run the named suites, or all."""
    names = [a for a in sys.argv[1:] if a != "--write"]
    figures = []
    for name in names or SUITES:
        for figure in getattr(import_module(SUITES[name]), name)():
            print(figure, flush=True)
            figures.append(figure)
    OUT.parent.mkdir(exist_ok=True)
    today = date.today().isoformat()
    report = {"date": today, "machine": machine(), "figures": [asdict(f) for f in figures]}
    OUT.write_text(json.dumps(report, indent=1))
    if "--write" in sys.argv:
        PAGE.write_text(with_figures(PAGE.read_text("utf-8"), figures, today), "utf-8")


def machine() -> str:
    """Return what the figures were measured on."""
    cpu = platform.processor() or platform.machine()
    with open("/proc/cpuinfo") as file:
        cpu = next((line.split(":")[1].strip() for line in file if "model name" in line), cpu)
    cores = len(os.sched_getaffinity(0))
    return f"{cpu}, {cores} cores, {platform.system()}, Python {platform.python_version()}"


def with_figures(page: str, figures: list[Figure], today: str) -> str:
    """Return a page whose table has these figures; those of other suites stay."""
    start, end = "<!-- figures -->\n", "<!-- /figures -->"
    before, table, after = re.split(f"{start}|{end}", page)
    rows = {r.split("|")[1].strip(" `"): r for r in table.splitlines() if r.startswith("| `")}
    for f in figures:
        rows[f.name] = f"| `{f.name}` | {f.value:.3g} {f.unit} | {f.goal} | {today} |"
    head = ["| figure | measured | goal | date |", "|---|---|---|---|"]
    lines = [*head, *rows.values(), "", f"The machine of the latest figures: {machine()}."]
    return f"{before}{start}{chr(10).join(lines)}\n{end}{after}"


if __name__ == "__main__":
    main()

"""What pytest must not collect, and a browser that several tests share."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from chromium import Chromium, executable

# Answers of students are data.
collect_ignore_glob = ["benchmarks/*", "answers/*", "attacks/*", "seed/*"]
BROWSER = Path(__file__).parent / "browser"


@pytest.fixture(scope="session")
def browser():
    """A running Chromium with one page."""
    if executable() is None:
        pytest.skip("no Chromium on this machine")
    with Chromium() as chromium:
        yield chromium


@pytest.fixture(scope="session")
def axe():
    """Return the source of axe-core, as tests/browser/package-lock.json pins it."""
    script = BROWSER / "node_modules" / "axe-core" / "axe.min.js"
    # One of the processes that run the tests fetches it; the others wait.
    with open(BROWSER / "package-lock.json") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not script.exists():
            if shutil.which("npm") is None:
                assert not os.environ.get("CI"), "npm is needed for axe-core"
                pytest.skip("no npm on this machine")
            subprocess.run(
                ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                cwd=BROWSER, check=True, capture_output=True,
            )  # fmt: skip
    return script.read_text("utf-8")

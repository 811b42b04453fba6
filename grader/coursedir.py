"""A course directory in nbgrader's layout, opened with its own nbgrader_config.py."""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SAWarning
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

CONFIG = "nbgrader_config.py"

# nbgrader 0.9.6 links rows before it adds them; SQLAlchemy 2 warns at each, to no effect.
warnings.filterwarnings("ignore", category=SAWarning, module=r"nbgrader\.")


class NoCourse(LookupError):
    """Raised where a command needs a course directory and there is none."""


def find_root(start: Path | None = None) -> Path:
    """Return the nearest folder at or above ``start`` that holds an nbgrader_config.py.

    Raises
    ------
    NoCourse
        If there is none; the message says where to go.
    """
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / CONFIG).is_file():
            return folder
    raise NoCourse(f"no {CONFIG} in {start} or above: run this in the folder of the course")


@contextlib.contextmanager
def environment_on_path() -> Iterator[None]:
    """Put this environment's commands first on PATH: nbgrader runs `alembic` by its bare name."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{before}"
    try:
        yield
    finally:
        os.environ["PATH"] = before


def open_course(root: Path, **overrides) -> NbGraderAPI:
    """Return nbgrader's API for the course in ``root``.

    Parameters
    ----------
    root : Path
        Holds nbgrader_config.py, source/ and the rest.
    **overrides
        Traits of nbgrader's CourseDirectory, such as ``db_url``.
    """
    config = PyFileConfigLoader(CONFIG, path=str(root)).load_config()
    config.merge(Config({"CourseDirectory": {"root": str(root), **overrides}}))
    return NbGraderAPI(CourseDirectory(config=config), config=config)


class NbgraderError(RuntimeError):
    """Raised when a step of nbgrader failed; holds its log."""


def must(result: dict, what: str) -> None:
    """Raise `NbgraderError` unless a step of nbgrader's API succeeded."""
    if not result["success"]:
        log = result.get("log", "") + result.get("error", "")
        raise NbgraderError(f"{what} failed:\n{log.strip()}")

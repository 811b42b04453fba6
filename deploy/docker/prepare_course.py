#!/opt/course/bin/python3
"""Lays out a course directory, unless it is there, and builds the students' notebooks.

Run it before the services of a classroom: ``prepare-course /srv/classroom/course``.
"""

import os
import shutil
import sys
from pathlib import Path

from grader.release import build_release, make_course
from grader.units import unit_names


def main(folder: Path) -> None:
    """Prepare ``folder``; what an instructor has changed in it stays as it is."""
    if not (folder / "source").is_dir():
        # Whole or not at all: the next start must not take half a course for one.
        draft = folder.with_name(folder.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        make_course(draft)
        draft.replace(folder)
    units = [u for u in unit_names() if not (folder / "release" / u / f"{u}.ipynb").exists()]
    os.chdir(folder)
    if units:
        for line in build_release(units):
            print(line, flush=True)
    print(f"the course is in {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())

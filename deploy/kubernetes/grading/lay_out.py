"""Lay out the course directory and Formgrader's settings, before the pod's containers start.

Run again at every start of the pod: what is there already stays as it is. Needs the database;
while there is none it fails, and Kubernetes runs it again.
"""

import os
import shutil
import subprocess
from pathlib import Path

from grader.exchange.hub import write_settings
from grader.release import make_course

COURSE = Path(os.environ["COURSE_DIRECTORY"])
SETTINGS = Path(os.environ["SETTINGS_DIRECTORY"])
GRADEBOOK = """
# The gradebook of the cluster; its password comes in the variable PGPASSWORD.
c.CourseDirectory.db_url = os.environ["GRADEBOOK_URL"]
"""

if not (COURSE / "source").is_dir():
    # Whole or not at all: the next start must not take half a course for one.
    draft = COURSE.with_name(f".{COURSE.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    make_course(draft)
    config = draft / "nbgrader_config.py"
    config.write_text(config.read_text("utf-8") + GRADEBOOK, "utf-8")
    draft.replace(COURSE)

# Of the image: builds the students' notebooks, and the gradebook learns their cells.
subprocess.run(["prepare-course", str(COURSE)], check=True)

write_settings(SETTINGS, members_from_hub=os.environ["GROUPS_FROM_LOGIN"] != "true")

"""The Hub of compose.yaml: a container for each user's server.

Runs in the container `hub`; the names in capitals are set there.
"""

import json
import os
from pathlib import Path

from grader.exchange import hub
from grader.exchange.passwords import (
    PasswordFileAuthenticator,
    hashed,
    new_password,
    write_private,
)

c = get_config()  # noqa: F821  (traitlets puts it here)

HERE = Path("/srv/hub")
PYTHON = Path("/opt/course/bin/python3")  # in both images
STUDENTS = os.environ["CLASSROOM_STUDENTS"].split()
INSTRUCTORS = os.environ["CLASSROOM_INSTRUCTORS"].split()

# ---- who may log in ----------------------------------------------------------------------

# A password each, made at the first start after the name was added to .env. A school's own
# login takes the place of these lines: see docs/operator.md.
passwords, hashes = HERE / "passwords.txt", HERE / "passwords.json"
known = (
    dict(line.split("\t") for line in passwords.read_text().splitlines())
    if passwords.exists()
    else {}
)
known = {name: known.get(name) or new_password() for name in [*INSTRUCTORS, *STUDENTS]}
write_private(passwords, "".join(f"{name}\t{password}\n" for name, password in known.items()))
write_private(hashes, json.dumps({name: hashed(password) for name, password in known.items()}))
c.JupyterHub.authenticator_class = PasswordFileAuthenticator
c.PasswordFileAuthenticator.password_file = str(hashes)
c.Authenticator.allow_all = True  # who has a password
c.Authenticator.admin_users = set(INSTRUCTORS)

# ---- the Hub and its proxy ---------------------------------------------------------------

c.JupyterHub.bind_url = "http://:8000"
c.JupyterHub.hub_bind_url = "http://:8081"
c.JupyterHub.hub_connect_url = "http://hub:8081"
c.JupyterHub.db_url = f"sqlite:///{HERE / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(HERE / "cookie_secret")
# The Hub may be made anew, with another image, while servers run.
c.JupyterHub.cleanup_servers = False
c.ConfigurableHTTPProxy.command = [str(PYTHON), "-m", "grader.exchange.proxy"]

# ---- servers -----------------------------------------------------------------------------

c.JupyterHub.spawner_class = "dockerspawner.DockerSpawner"
c.DockerSpawner.network_name = os.environ["CLASSROOM_NETWORK"]
c.DockerSpawner.use_internal_ip = True
c.DockerSpawner.remove = True
# No name of a user makes a container or a volume of compose.yaml's.
PROJECT = os.environ["CLASSROOM_NETWORK"].removesuffix("-students")
c.DockerSpawner.prefix = f"{PROJECT}-user"
c.DockerSpawner.volumes = {f"{PROJECT}-home-{{username}}": "/home/student"}
c.DockerSpawner.extra_host_config = {
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges"],
    "pids_limit": 512,
}
c.Spawner.mem_limit = "2G"
c.Spawner.cpu_limit = 2
c.Spawner.start_timeout = c.Spawner.http_timeout = 120


def choose_image(spawner) -> None:
    """Give an instructor the image with the grader, and everybody else the students'."""
    instructor = hub.role_of(spawner.user) == "instructor"
    spawner.image = os.environ["INSTRUCTOR_IMAGE" if instructor else "STUDENT_IMAGE"]


c.Spawner.pre_spawn_hook = choose_image

# ---- the classroom -----------------------------------------------------------------------

hub.configure(
    c,
    # for services that the Hub starts itself; here they are containers
    course_root=Path("/srv/classroom/course"),
    data=Path("/srv/classroom/data"),
    settings=HERE / "settings",
    settings_inside=Path("/etc/classroom"),  # in both images
    students=STUDENTS,
    instructors=INSTRUCTORS,
    proxy_url="http://hub:8000/",
    python=PYTHON,
    formgrader_url="http://formgrader:9990",
    classroom_url="http://classroom:9991",
    managed=False,
    tokens={
        hub.COURSE: os.environ["FORMGRADER_TOKEN"],
        hub.CLASSROOM: os.environ["CLASSROOM_TOKEN"],
    },
)

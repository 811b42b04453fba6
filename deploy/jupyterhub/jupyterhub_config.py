"""The Hub of a classroom on one host: real system users, started as root by systemd.

Nothing is set here: the operator's settings are in /etc/backprop/classroom.toml, and an upgrade
writes this file anew. What that file has no word for goes into jupyterhub_local.py beside it:
plain JupyterHub configuration, read last.
"""

import fcntl
import sys
from pathlib import Path

HERE = str(Path(__file__).resolve().parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)

import hub_accounts  # noqa: E402
import hub_ports  # noqa: E402
import hub_settings  # noqa: E402
from hub_logins import LOGINS  # noqa: E402
from tornado.web import HTTPError  # noqa: E402

from grader.exchange import hub  # noqa: E402

c = get_config()  # noqa: F821  (traitlets puts it here)

try:
    settings = hub_settings.load()
except hub_settings.WrongSettings as error:
    sys.exit(f"classroom: {error}")
paths, ports = settings.paths, settings.ports
# `install` makes a new version beside the old one and turns a link. What runs keeps to the version
# that it was started with; nor does the grader's sandbox know an interpreter by a link's name.
instructor, student = paths.instructor.resolve(), paths.student.resolve()
STUDENTS, INSTRUCTORS = hub.students_group(), hub.instructors_group()

# ---- one Hub on this data, and no restore under it -----------------------------------------

paths.hub.mkdir(mode=0o700, parents=True, exist_ok=True)
if (paths.hub / "restoring").exists():
    sys.exit(
        "classroom: a restore was begun and did not end: run it again (classroom-data restore)"
    )
_lock = open(paths.hub / "lock", "w")  # noqa: SIM115  (held as long as the Hub lives)
try:
    fcntl.flock(_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    sys.exit(f"classroom: a Hub is running on {paths.hub} already")

hub_ports.keep(ports, settings.accounts)

# ---- the Hub and its proxy -----------------------------------------------------------------

here = f"http://127.0.0.1:{ports.proxy}{settings.base}"
c.JupyterHub.bind_url = here
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{ports.hub}"
c.JupyterHub.public_url = settings.address.rstrip("/") + "/"
c.JupyterHub.db_url = f"sqlite:///{paths.hub / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(paths.hub / "cookie_secret")
c.JupyterHub.upgrade_db = True  # the script `install` makes a backup before
c.ConfigurableHTTPProxy.command = [str(instructor / "bin/python3"), "-m", "grader.exchange.proxy"]
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{ports.proxy_api}"
c.ConfigurableHTTPProxy.pid_file = str(paths.hub / "proxy.pid")

# ---- who logs in ---------------------------------------------------------------------------

c.Authenticator.username_pattern = hub_settings.USERNAME
c.Authenticator.admin_users = set(settings.operators)
LOGINS[settings.login](c, settings, STUDENTS, INSTRUCTORS, hub.grader_user())

# ---- servers -------------------------------------------------------------------------------


def prepare(spawner) -> None:
    """Prepare the account of somebody whose server is to start, or say why it must not."""
    try:
        hub_accounts.prepare(
            spawner.user.name,
            hub.role_of(spawner.user),
            settings.accounts,
            make=settings.login != "pam",
        )
    except hub_accounts.NoServer as refusal:
        spawner.log.warning("no server for %s: %s", spawner.user.name, refusal)
        error = HTTPError(403, str(refusal))
        error.jupyterhub_message = str(refusal)
        raise error from None


c.Spawner.pre_spawn_hook = prepare
c.Spawner.start_timeout = c.Spawner.http_timeout = 120  # when a whole class comes at once
c.Spawner.env_keep = ["LANG", "LC_ALL"]  # nothing else of the Hub's environment
c.Spawner.environment = {"PYDEVD_DISABLE_FILE_VALIDATION": "1"}
c.JupyterHub.concurrent_spawn_limit = 100
if settings.spawner == "systemd":
    # A unit for each server: it has limits, and lives on while the Hub is started again.
    c.JupyterHub.spawner_class = "systemdspawner.SystemdSpawner"
    c.JupyterHub.cleanup_servers = False
    c.SystemdSpawner.isolate_tmp = True
    c.SystemdSpawner.default_shell = "/bin/bash"
    c.SystemdSpawner.unit_extra_properties = {
        "TasksMax": "512",
    }
    if settings.limits.memory:
        c.Spawner.mem_limit = settings.limits.memory
    if settings.limits.cpus:
        c.Spawner.cpu_limit = float(settings.limits.cpus)
else:
    c.JupyterHub.spawner_class = "jupyterhub.spawner.LocalProcessSpawner"
    c.LocalProcessSpawner.interrupt_timeout = c.LocalProcessSpawner.term_timeout = 5

# ---- the classroom -------------------------------------------------------------------------

hub.configure(
    c,
    course_root=paths.course,
    data=paths.data,
    settings=paths.settings,
    students=settings.students,
    instructors=settings.instructors,
    groups_from_authenticator=settings.groups_from_login,
    proxy_url=here,
    python=instructor / "bin/python3",
    student_python=student / "bin/python3",
    system_user=settings.accounts.services,
    db=settings.database or None,
    marking=settings.grading.options(),
    formgrader_url=f"http://127.0.0.1:{ports.formgrader}",
    classroom_url=f"http://127.0.0.1:{ports.classroom}",
)

local = hub_settings.place().with_name("jupyterhub_local.py")
if local.exists():
    load_subconfig(str(local))  # noqa: F821  (traitlets puts it here)

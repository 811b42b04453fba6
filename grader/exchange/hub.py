"""Everything that a JupyterHub needs for a classroom, set on its configuration by `configure`.

A ``jupyterhub_config.py`` calls it once; the try-out (`grader.exchange.tryout`), the
production form and a Hub on Kubernetes all do. What it sets, for a course named ``backprop``:

=============================  ==============================================================
Hub group ``nbgrader-backprop``   the students
Hub group ``formgrade-backprop``  the instructors, and ``grader-backprop``
Hub user ``grader-backprop``      in whose name Formgrader asks the Hub; nobody logs in as it
service ``backprop``              Formgrader, a single-user server in the course directory;
                                  nbgrader's Course List finds it by the course's name
service ``classroom``             `grader.exchange`: hand out, hand in, grade, hand back
=============================  ==============================================================

Who is what is read from the Hub's groups whenever a server starts or a request comes in, so
members are added and taken out in the Hub's admin page, or by whatever feeds its groups.

Runs on JupyterHub 5.5 and 6.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path

from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url

COURSE = "backprop"
CLASSROOM = "classroom"  # the name of our service, and the last word of its address
ROLES = ("student", "instructor", "formgrader")
EXCHANGES = ("service", "stock")
SERVICE_START_S = 120  # Formgrader takes 3 s on an idle machine
# A server takes 4 s; of fifty that are started at once, on two cores, the last one takes 76 s,
# and the Hub's own patience of 30 s would end them all.
SERVER_START_S = 180
HUB_DATABASE = "sqlite:///jupyterhub.sqlite"  # the Hub's own default

# A kernel's channels are ports of the host, open to all of its users: signed, which keeps strangers
# from running code, but readable. With keys nobody else reads what a cell holds and says.
KERNELS = {"transport_encryption": "required"}
# nbgrader enables all of its parts for everybody: what a role does not have is switched off.
WITHOUT_SERVER_EXTENSIONS = {
    "student": ("formgrader", "course_list"),
    "instructor": ("formgrader",),  # theirs is the service, not one beside the course directory
    "formgrader": ("assignment_list", "course_list"),
}
WITHOUT_LAB_EXTENSIONS = {
    "student": ("formgrader", "course-list", "create-assignment"),
    "instructor": ("formgrader", "create-assignment"),
    "formgrader": ("assignment-list", "course-list"),
}


def students_group(course: str = COURSE) -> str:
    """Return the name of the Hub group of the students of a course; nbgrader's own name."""
    return f"nbgrader-{course}"


def instructors_group(course: str = COURSE) -> str:
    """Return the name of the Hub group of the instructors of a course; nbgrader's own name."""
    return f"formgrade-{course}"


def grader_user(course: str = COURSE) -> str:
    """Return the name of the Hub user in whose name Formgrader asks the Hub."""
    return f"grader-{course}"


def role_of(user, course: str = COURSE) -> str:
    """Return what a user is in a course: ``'instructor'``, ``'student'`` or ``'guest'``.

    Parameters
    ----------
    user : jupyterhub.user.User
        Or anything with ``groups`` that have a ``name``.
    course : str
        The course.
    """
    groups = {group.name for group in user.groups}
    if instructors_group(course) in groups:
        return "instructor"
    return "student" if students_group(course) in groups else "guest"


def server_scopes(role: str, course: str = COURSE, exchange: str = "service") -> list[str]:
    """Return the scopes of the token that a server of somebody in this role holds.

    The least that its extensions need: say that the server is in use, let its owner in,
    ask who the owner is and in which groups; members may use the classroom service;
    an instructor's Course List asks the Hub where Formgrader is.
    """
    scopes = [
        "users:activity!user",
        "access:servers!server",
        "read:users:name!user",
        "read:users:groups!user",
    ]
    if role in ("student", "instructor") and exchange == "service":
        scopes.append(f"access:services!service={CLASSROOM}")
    if role == "instructor":
        scopes += [f"list:services!service={course}", f"read:services!service={course}"]
    return scopes


# ---- settings of the servers, a folder for each role ------------------------------------


def _nbgrader_config(
    course: str, exchange: str, shared_folder: Path | None, members_from_hub: bool
) -> str:
    lines = [
        '"""nbgrader in a classroom; written anew whenever the Hub starts."""',
        "",
        "c = get_config()  # noqa: F821  (traitlets puts it here)",
        "",
        *(f'c.KernelManager.{name} = "{value}"' for name, value in KERNELS.items()),
        f'c.CourseDirectory.course_id = "{course}"',
        f"# A student's notebooks lie in {course}/<unit>/.",
        "c.Exchange.path_includes_course = True",
    ]
    if members_from_hub:
        lines.append("# Who is in the course is what the Hub says.")
        lines.append('c.Authenticator.plugin_class = "nbgrader.auth.JupyterHubAuthPlugin"')
    if exchange == "service":
        lines.append("# Handed out and in by the classroom service, at $COURSE_EXCHANGE_URL.")
        lines += ["from course.exchange import configure  # noqa: E402", "", "configure(c)"]
    elif shared_folder is not None:
        lines.append(f"c.Exchange.root = {str(shared_folder)!r}")
    return "\n".join(lines) + "\n"


def role_settings(
    role: str,
    *,
    course: str = COURSE,
    exchange: str = "service",
    shared_folder: Path | None = None,
    members_from_hub: bool = True,
) -> dict[str, str]:
    """Return the settings of the servers of one role: path below the role's folder, and text.

    The folder is to stand on ``JUPYTER_CONFIG_PATH`` of these servers. Where they run in
    containers, the files go into their image or a volume.

    Parameters
    ----------
    role : str
        One of `ROLES`.
    course : str
        The course's name.
    exchange : str
        ``'service'``, the classroom service; or ``'stock'``, nbgrader's shared folder.
    shared_folder : Path, optional
        For ``'stock'``, the shared folder if it is not nbgrader's default.
    members_from_hub : bool
        False where Formgrader cannot change the Hub's groups, because an authenticator does.
    """
    # Its own user is in no group then, and whoever is added to the gradebook joins none.
    members_from_hub = members_from_hub or role != "formgrader"
    extensions = {
        f"nbgrader.server_extensions.{name}": name not in WITHOUT_SERVER_EXTENSIONS[role]
        for name in ("formgrader", "course_list", "assignment_list", "validate_assignment")
    }
    disabled = {f"@jupyter/nbgrader:{name}": True for name in WITHOUT_LAB_EXTENSIONS[role]}
    notifications = {"checkForUpdates": False, "fetchNews": "false"}
    files: dict[str, object] = {
        "jupyter_server_config.d/classroom.json": {
            "ServerApp": {"jpserver_extensions": extensions}
        },
        "labconfig/page_config.json": {"disabledExtensions": disabled},
        "labconfig/default_setting_overrides.json": {
            "@jupyterlab/apputils-extension:notification": notifications,
            # Submit sends the file: what was typed since the last save would be missing in it.
            "@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": 10},
        },
    }
    server: dict[str, object] = {"KernelManager": dict(KERNELS)}
    if role != "student":
        # The Hub forbids every frame; Formgrader is a frame in JupyterLab, on the same host.
        headers = {"Content-Security-Policy": "frame-ancestors 'self'"}
        server["ServerApp"] = {"tornado_settings": {"headers": headers}}
    files["jupyter_server_config.json"] = server
    texts = {path: json.dumps(data, indent=2) + "\n" for path, data in files.items()}
    texts["nbgrader_config.py"] = _nbgrader_config(
        course, exchange, shared_folder, members_from_hub
    )
    return texts


def write_settings(folder: Path, **options) -> None:
    """Write the settings of every role into ``folder/<role>/``, readable by everybody.

    ``options`` are those of `role_settings`.
    """
    for role in ROLES:
        for name, text_of_file in role_settings(role, **options).items():
            path = folder / role / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text_of_file, "utf-8")
            path.chmod(0o644)
        for directory in (folder / role, *(p.parent for p in (folder / role).rglob("*"))):
            directory.chmod(0o755)
    folder.chmod(0o755)


# ---- members -----------------------------------------------------------------------------


def known_groups(db_url: str) -> set[str]:
    """Return the names of the groups in a Hub's database; none when there is no database yet.

    Raises
    ------
    sqlalchemy.exc.OperationalError
        If the database's server cannot be reached.
    """
    url = make_url(db_url)
    if url.drivername.startswith("sqlite") and not (url.database and os.path.exists(url.database)):
        return set()  # connecting would make an empty file
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table("groups"):
                return set()
            return set(connection.execute(text("SELECT name FROM groups")).scalars())
    finally:
        engine.dispose()


def _groups_to_load(
    course: str, db_url: str, students: Iterable[str], instructors: Iterable[str]
) -> dict[str, dict[str, list[str]]]:
    """Return ``load_groups``: the given members of groups that the Hub does not have yet.

    The Hub adds what it finds there at each start: somebody taken out in the admin page would
    be back the next morning.
    """
    there = known_groups(db_url)
    wanted = {students_group(course): students, instructors_group(course): instructors}
    groups = {name: [] if name in there else sorted(set(who)) for name, who in wanted.items()}
    groups[instructors_group(course)].append(grader_user(course))
    return {name: {"users": users} for name, users in groups.items()}


class WriteAheadConnection(sqlite3.Connection):
    """SQLite with a log that is written ahead of the database, for the Hub.

    The Hub notes when it last saw a token, and answers nobody meanwhile. With a journal that
    is a third of the time it takes to tell whose token it is.
    """

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, **options)
        self.execute("PRAGMA journal_mode = WAL")


# ---- the configuration -------------------------------------------------------------------


def _search_path(python: Path) -> str:
    """Return a PATH with the commands beside ``python`` first.

    The servers start ``jupyterhub-singleuser`` and nbgrader starts ``alembic`` by bare name.
    """
    folders = [str(python.parent), "/usr/local/bin", "/usr/bin", "/bin"]
    return os.pathsep.join(dict.fromkeys(folders))


def _roles(course: str, exchange: str) -> list[dict]:
    """Return the Hub's roles: what each group and each service may do, and nothing more."""
    students, instructors = students_group(course), instructors_group(course)
    classroom = [f"access:services!service={CLASSROOM}"] if exchange == "service" else []
    formgrader = [f"{what}:services!service={course}" for what in ("access", "list", "read")]
    roles = [
        {
            "name": f"{course}-student",
            "description": "A student: the classroom service",
            "groups": [students],
            "scopes": classroom,
        },
        {
            "name": f"{course}-instructor",
            "description": "An instructor: the classroom service and Formgrader",
            "groups": [instructors],
            "scopes": [*classroom, *formgrader],
        },
        {
            "name": f"{course}-formgrader",
            "description": "Formgrader: its Hub user, the group of the students, the classroom",
            "services": [course],
            "scopes": [
                f"read:users!user={grader_user(course)}",
                "list:groups",
                f"groups!group={students}",
                *classroom,
            ],
        },
    ]
    if exchange == "service":
        roles.append(
            {
                "name": f"{course}-classroom",
                "description": "The classroom service: who is in the course",
                "services": [CLASSROOM],
                "scopes": [f"read:groups!group={group}" for group in (students, instructors)],
            }
        )
    return roles


def _by_role(values: dict[str, str], course: str) -> Callable[..., str]:
    """Return a function of a spawner that picks by its user's role; a guest is a student."""

    def pick(spawner) -> str:
        return values["instructor" if role_of(spawner.user, course) == "instructor" else "student"]

    return pick


def _formgrader(
    course: str, root: Path, settings: Path, python: Path, url: str, allow_root: bool
) -> dict:
    command = [str(python), "-m", "jupyterhub.singleuser"]
    return {
        "url": url,
        "command": [*command, "--allow-root"] if allow_root else command,
        "cwd": str(root),
        "environment": {
            "JUPYTER_CONFIG_PATH": str(settings / "formgrader"),
            # nbgrader asks the Hub about this user, whatever account the process has
            "JUPYTERHUB_USER": grader_user(course),
            "JUPYTERHUB_ROOT_DIR": str(root),
            "JUPYTERHUB_DEFAULT_URL": "/lab?formgrader=true",
        },
    }


def _classroom(
    course: str,
    root: Path,
    data: Path,
    python: Path,
    url: str,
    db: str | None,
    marking: Sequence[str],
) -> dict:
    command = [str(python), "-m", "grader.exchange", "--course", str(root), "--data", str(data)]
    return {
        "url": url,
        "command": [*command, *([] if db is None else ["--db", db]), *marking],
        "cwd": str(root),
        # the name of the course, of the Hub's groups and of the service that is Formgrader
        "environment": {"CLASSROOM_COURSE_ID": course},
    }


def configure(
    c,
    *,
    course_root: Path,
    data: Path,
    settings: Path,
    course: str = COURSE,
    students: Collection[str] = (),
    instructors: Collection[str] = (),
    groups_from_authenticator: bool = False,
    exchange: str = "service",
    shared_folder: Path | None = None,
    proxy_url: str = "http://127.0.0.1:8000/",
    python: Path = Path(sys.executable),
    student_python: Path | None = None,
    system_user: str | None = None,
    home: Path | None = None,
    db: str | None = None,
    marking: Sequence[str] = (),
    formgrader_url: str = "http://127.0.0.1:9990",
    classroom_url: str = "http://127.0.0.1:9991",
    managed: bool = True,
    tokens: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    allow_root: bool = False,
    settings_inside: Path | None = None,
) -> None:
    """Set all that a classroom needs on the configuration ``c`` of a JupyterHub.

    Not set, because every Hub has its own: its addresses (``c.JupyterHub.bind_url``), the
    authenticator, the spawner's class, the proxy. What ``c`` holds of roles, groups, services
    and environment is kept and added to. Set ``c.JupyterHub.db_url`` before.

    Parameters
    ----------
    c : traitlets.config.Config
        What ``get_config()`` returns in a ``jupyterhub_config.py``.
    course_root : Path
        The course directory in nbgrader's layout: source/, gradebook, submissions. No student
        may read it.
    data : Path
        Where the classroom service keeps what is handed out and in. No student may read it.
    settings : Path
        A folder for the settings of the servers, written here; servers read ``<role>/`` of it.
    course : str
        The course's name, ``c.CourseDirectory.course_id`` in its nbgrader_config.py.
    students, instructors : collection of str
        Names of Hub users for the first start. As soon as the Hub has the group, the group
        counts and these do not: members change in the Hub's admin page.
    groups_from_authenticator : bool
        True where the authenticator brings the groups (``c.Authenticator.manage_groups``):
        it must know `students_group` and `instructors_group`, and no member is given here.
    exchange : str
        ``'service'``, or ``'stock'`` for nbgrader's own shared folder, to compare with: there
        is no classroom service then.
    shared_folder : Path, optional
        For ``'stock'``: that folder, by default nbgrader's.
    proxy_url : str
        Address of the Hub's proxy as the servers reach it, with the Hub's base URL.
    python : Path
        The interpreter with the grader, jupyterhub and jupyterlab: instructors and services.
    student_python : Path, optional
        The interpreter with `course`, jupyterhub, jupyterlab and no grader: students. By default
        the same, which only a spawner that hides the grader makes right (`grader.exchange.spawner`).
    system_user : str, optional
        The system account that the services run as, for a Hub that runs as root; it owns
        ``course_root`` and ``data``. By default the Hub's own.
    home : Path, optional
        HOME of the services when ``system_user`` is not given; by default ``home`` in ``data``.
    db : str, optional
        Database of the classroom service (SQLAlchemy's URL), by default SQLite in ``data``.
    marking : sequence of str
        Options of the classroom service for its marker, such as ``("--jobs", "4")`` or
        ``("--scheduler", "tcp://host:8786")``: see ``python -m grader.exchange --help``.
    formgrader_url, classroom_url : str
        Where the two services listen.
    managed : bool
        False where something else than the Hub starts the services (Kubernetes); the Hub and
        they then need the same ``tokens``.
    tokens : mapping, optional
        Token of a service by its name (the course's name, `CLASSROOM`); the Hub makes those
        that are not given.
    environment : mapping, optional
        More variables for all servers and services.
    allow_root : bool
        Let servers run as root: only where nothing switches the user, in a try-out.
    settings_inside : Path, optional
        Where the users' servers see ``settings``, if at another path (containers).

    Raises
    ------
    ValueError
        For an exchange that there is not, or services without the Hub and without tokens.
    """
    if exchange not in EXCHANGES:
        raise ValueError(f"no exchange {exchange!r}: there are {' and '.join(EXCHANGES)}")
    write_settings(
        settings,
        course=course,
        exchange=exchange,
        shared_folder=shared_folder,
        members_from_hub=not groups_from_authenticator,
    )
    common = dict(environment or {})
    if exchange == "service":
        common["COURSE_EXCHANGE_URL"] = f"{proxy_url.rstrip('/')}/services/{CLASSROOM}/"
    db_url = c.JupyterHub.get("db_url", HUB_DATABASE)
    if managed and db_url.startswith("sqlite"):  # elsewhere its disk may be another machine's
        connecting = {"check_same_thread": False, "factory": WriteAheadConnection}
        c.JupyterHub.db_kwargs = {"connect_args": connecting, **c.JupyterHub.get("db_kwargs", {})}
    _configure_members(c, course, exchange, students, instructors, groups_from_authenticator)
    pythons = {"instructor": python, "student": student_python or python}
    _configure_servers(c, course, exchange, settings_inside or settings, pythons, common)
    if allow_root:
        c.Spawner.args = [*c.Spawner.get("args", []), "--allow-root"]

    services = {
        course: _formgrader(course, course_root, settings, python, formgrader_url, allow_root)
    }
    if exchange == "service":
        services[CLASSROOM] = _classroom(
            course, course_root, data, python, classroom_url, db, marking
        )
    common["PATH"] = _search_path(python)
    if system_user is None:
        common["HOME"] = str(home or data / "home")
    _configure_services(c, services, common, system_user, managed, tokens or {})


def _configure_members(
    c,
    course: str,
    exchange: str,
    students: Collection[str],
    instructors: Collection[str],
    groups_from_authenticator: bool,
) -> None:
    if not groups_from_authenticator:
        db_url = c.JupyterHub.get("db_url", HUB_DATABASE)
        groups = _groups_to_load(course, db_url, students, instructors)
        c.JupyterHub.load_groups = {**c.JupyterHub.get("load_groups", {}), **groups}
    c.JupyterHub.load_roles = [*c.JupyterHub.get("load_roles", []), *_roles(course, exchange)]


def _configure_servers(
    c, course: str, exchange: str, settings: Path, pythons: dict[str, Path], common: dict[str, str]
) -> None:
    paths = {role: _search_path(python) for role, python in pythons.items()}
    folders = {role: str(settings / role) for role in pythons}
    c.Spawner.cmd = ["jupyterhub-singleuser"]
    c.Spawner.default_url = "/lab"
    for patience in ("start_timeout", "http_timeout"):
        if patience not in c.Spawner:
            c.Spawner[patience] = SERVER_START_S
    c.Spawner.server_token_scopes = lambda spawner: server_scopes(
        role_of(spawner.user, course), course, exchange
    )
    c.Spawner.environment = {
        **c.Spawner.get("environment", {}),
        **common,
        "PATH": _by_role(paths, course),
        "JUPYTER_CONFIG_PATH": _by_role(folders, course),
    }


def _wait_for_services(services: Iterable[dict]) -> None:
    """Let the Hub wait `SERVICE_START_S` for each service, and not give up a class before.

    JupyterHub 5 asks ten times with a second each, without a setting for it: a machine that has
    just been switched on, or has much to do, takes longer to start Formgrader.
    """
    import jupyterhub
    from jupyterhub.objects import Server

    if jupyterhub.version_info >= (6,):
        for service in services:
            service["timeout"] = SERVICE_START_S
        return
    wait_up = Server.wait_up
    if getattr(wait_up, "patient", False):
        return

    def patient(self, timeout: float = 10, **options):
        return wait_up(self, timeout=SERVICE_START_S / 10 if timeout == 1 else timeout, **options)

    patient.patient = True
    Server.wait_up = patient


def _configure_services(
    c,
    services: dict[str, dict],
    common: dict[str, str],
    system_user: str | None,
    managed: bool,
    tokens: Mapping[str, str],
) -> None:
    missing = sorted(set(services) - set(tokens))
    if not managed and missing:
        raise ValueError(f"services that the Hub does not start need tokens: {missing}")
    if managed and system_user is None:
        Path(common["HOME"]).mkdir(mode=0o700, parents=True, exist_ok=True)
    if managed:
        _wait_for_services(services.values())
    for name, service in services.items():
        service |= {"name": name, "oauth_no_confirm": True}
        service["environment"] = {**common, **service["environment"]}
        if system_user is not None:
            service["user"] = system_user
        if not managed:
            service = {k: service[k] for k in ("name", "url", "oauth_no_confirm")}
        if name in tokens:
            service["api_token"] = tokens[name]
        c.JupyterHub.services = [*c.JupyterHub.get("services", []), service]

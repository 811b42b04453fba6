"""Reads and checks the operator's settings: /etc/backprop/classroom.toml.

For jupyterhub_config.py and for the script ``classroom-data``; the standard library alone.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

PLACE = "/etc/backprop/classroom.toml"
VARIABLE = "BACKPROP_SETTINGS"  # another file, for a second classroom or a test
LOGINS = ("pam", "github", "oidc", "lti13")
SPAWNERS = ("local", "systemd")
# A name of Hub users that have an account on this host; useradd takes 32 characters.
USERNAME = r"[a-z][a-z0-9_.-]{0,31}"
SIZE = re.compile(r"[1-9][0-9]*[MG]")


class WrongSettings(ValueError):
    """Raised for settings that cannot be meant; names the file, the line's key and the mend."""


@dataclass(frozen=True)
class Paths:
    """Where everything lies."""

    course: Path = Path("/srv/backprop/course")
    data: Path = Path("/srv/backprop/data")
    hub: Path = Path("/var/lib/backprop/hub")  # the Hub's database and secrets: root's
    settings: Path = Path("/var/lib/backprop/settings")  # of the servers: everybody reads it
    instructor: Path = Path("/opt/backprop/instructor")
    student: Path = Path("/opt/backprop/student")
    backups: Path = Path("/var/backups/backprop")


@dataclass(frozen=True)
class Ports:
    """Where the parts listen, on 127.0.0.1 alone."""

    # Below 1024, where no student's program can listen in their place.
    proxy: int = 880
    hub: int = 881
    proxy_api: int = 882
    formgrader: int = 9990
    classroom: int = 9991


@dataclass(frozen=True)
class Accounts:
    """System accounts and groups; the script ``install`` makes them."""

    services: str = "grader-backprop"  # owns the course directory and the data
    instructors: str = "backprop-instructors"  # group: may read the instructors' environment
    users: str = "backprop-users"  # group: accounts that a login other than PAM has made


@dataclass(frozen=True)
class Limits:
    """What one user's server may take; only ``spawner = "systemd"`` enforces it."""

    memory: str = ""
    cpus: float = 0.0


@dataclass(frozen=True)
class Grading:
    """Who grades what is handed in: this host's processors, or a Dask cluster."""

    jobs: int = 0  # processes; 0 for as many as there are processors
    scheduler: str = ""  # "tls://host:8786"

    def options(self) -> list[str]:
        """Return them as options of the classroom service."""
        jobs = ["--jobs", str(self.jobs)] if self.jobs else []
        return [*jobs, *(["--scheduler", self.scheduler] if self.scheduler else [])]


@dataclass(frozen=True)
class GitHub:
    """Login by GitHub, or by a GitHub Enterprise at ``url``."""

    client_id: str
    client_secret: str
    students: str = ""  # "organisation:team"
    instructors: str = ""
    url: str = "https://github.com"
    prefix: str = ""


@dataclass(frozen=True)
class Oidc:
    """Login by OpenID Connect: Keycloak, Entra ID, Shibboleth and so on."""

    client_id: str
    client_secret: str
    authorize_url: str
    token_url: str
    userdata_url: str
    service: str = "the university"
    scope: list[str] = field(default_factory=lambda: ["openid", "profile"])
    name: str = "preferred_username"
    groups: str = "groups"
    students: str = ""
    instructors: str = ""
    prefix: str = ""


@dataclass(frozen=True)
class Lti13:
    """Login by a link in Canvas, Moodle or another learning platform."""

    issuer: str
    authorize_url: str
    jwks_endpoint: str
    client_id: list[str]
    contexts: list[str]
    name: str = "custom_login"
    prefix: str = ""


@dataclass(frozen=True)
class Settings:
    """The settings of a classroom."""

    address: str
    login: str = "pam"
    spawner: str = "local"
    database: str = ""  # URL of the classroom service's; by default SQLite in the data folder
    operators: list[str] = field(default_factory=list)
    instructors: list[str] = field(default_factory=list)
    students: list[str] = field(default_factory=list)
    paths: Paths = field(default_factory=Paths)
    ports: Ports = field(default_factory=Ports)
    accounts: Accounts = field(default_factory=Accounts)
    limits: Limits = field(default_factory=Limits)
    grading: Grading = field(default_factory=Grading)
    github: GitHub | None = None
    oidc: Oidc | None = None
    lti13: Lti13 | None = None

    @property
    def base(self) -> str:
        """The path of the Hub: ``/``, or that of ``address``."""
        return urlsplit(self.address).path.rstrip("/") + "/"

    @property
    def groups_from_login(self) -> bool:
        """Whether the login says who is a student; else the Hub's admin page does."""
        if self.login == "lti13":
            return True
        chosen = getattr(self, self.login, None)
        return bool(chosen and (chosen.students or chosen.instructors))


TABLES = {
    "paths": Paths,
    "ports": Ports,
    "accounts": Accounts,
    "limits": Limits,
    "grading": Grading,
    "github": GitHub,
    "oidc": Oidc,
    "lti13": Lti13,
}
KINDS = {"str": str, "int": int, "float": (int, float), "list[str]": list, "Path": str}


def place() -> Path:
    """Return which file the settings are in."""
    return Path(os.environ.get(VARIABLE) or PLACE)


def load(path: Path | None = None) -> Settings:
    """Return the settings in a file, checked.

    Raises
    ------
    WrongSettings
        If the file cannot be read, or holds what cannot be meant.
    """
    path = path or place()
    try:
        with open(path, "rb") as file:
            given = tomllib.load(file)
    except OSError as error:
        raise WrongSettings(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongSettings(f"{path}: {error}") from None
    try:
        tables = {key: _table(key, value) for key, value in given.items() if key in TABLES}
        settings = _made(Settings, "", {**given, **tables})
        _check(settings)
    except WrongSettings as error:
        raise WrongSettings(f"{path}: {error}") from None
    return settings


def _table(name: str, given: object):
    if not isinstance(given, dict):
        raise WrongSettings(f"[{name}] is a table: write its keys below that line")
    return _made(TABLES[name], f"[{name}] ", given)


def _made(kind: type, where: str, given: dict):
    """Return a dataclass made of a table of TOML, with every key and type checked."""
    known = {f.name: f for f in fields(kind)}
    if unknown := sorted(set(given) - set(known)):
        raise WrongSettings(f"{where}there is no {unknown[0]!r}; there are {', '.join(known)}")
    values = {}
    for name, value in given.items():
        wanted = KINDS.get(str(known[name].type))
        if wanted and (not isinstance(value, wanted) or isinstance(value, bool)):
            raise WrongSettings(f"{where}{name} is {value!r}: a {known[name].type} is wanted")
        if wanted is list and not all(isinstance(one, str) for one in value):
            raise WrongSettings(f"{where}{name} is {value!r}: a list of words is wanted")
        values[name] = Path(value) if known[name].type == "Path" else value
    try:
        return kind(**values)
    except TypeError:
        missing = [f for f in known if f not in given and f not in vars(kind)]
        factories = {f.name for f in fields(kind) if callable(f.default_factory)}
        missing = [name for name in missing if name not in factories]
        raise WrongSettings(f"{where}{missing[0]} is missing") from None


def _check(settings: Settings) -> None:
    parts = urlsplit(settings.address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise WrongSettings("address: the classroom's, as browsers see it: https://host/ is wanted")
    for key, choices in (("login", LOGINS), ("spawner", SPAWNERS)):
        if getattr(settings, key) not in choices:
            raise WrongSettings(f"{key} is {getattr(settings, key)!r}: one of {', '.join(choices)}")
    if settings.database and not settings.database.startswith(("postgresql", "sqlite:///")):
        raise WrongSettings('database: "postgresql+psycopg://account@host/name" is wanted')
    if settings.login != "pam" and getattr(settings, settings.login) is None:
        raise WrongSettings(f'login = "{settings.login}" needs a table [{settings.login}]')
    people = [*settings.operators, *settings.instructors, *settings.students]
    for name in people:
        if not re.fullmatch(USERNAME, name):
            raise WrongSettings(
                f"{name!r} cannot be a name here: small letters, digits, . _ and -, "
                "a letter first, at most 32"
            )
    if settings.groups_from_login and (settings.instructors or settings.students):
        raise WrongSettings(
            "students and instructors come from the login here: leave the lists out"
        )
    limits = settings.limits
    if limits.memory and not SIZE.fullmatch(limits.memory):
        raise WrongSettings(f'[limits] memory is {limits.memory!r}: "2G" or "800M" is wanted')
    if limits.cpus < 0:
        raise WrongSettings("[limits] cpus: a number above zero is wanted")
    if (limits.memory or limits.cpus) and settings.spawner != "systemd":
        raise WrongSettings('[limits] needs spawner = "systemd"')
    grading = settings.grading
    if grading.jobs < 0:
        raise WrongSettings("[grading] jobs: a number above zero is wanted")
    if grading.scheduler and grading.jobs:
        raise WrongSettings("[grading] jobs are this host's: with a scheduler its workers count")
    if grading.scheduler and urlsplit(grading.scheduler).scheme not in ("tcp", "tls"):
        raise WrongSettings(
            f'[grading] scheduler is {grading.scheduler!r}: "tcp://host:8786" is wanted'
        )
    taken = list(vars(settings.ports).values())
    if len(set(taken)) < len(taken):
        raise WrongSettings("[ports]: every part needs a port of its own")

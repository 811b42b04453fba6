"""The production form for one host (deploy/jupyterhub), without starting it.

`tests/classroom/test_production.py` starts it; here are its settings, its ways to log in, the
files for systemd, Caddy and nginx, and what docs/operator.md says of all that.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from traitlets.config import Config

from grader.exchange.hub import instructors_group, students_group
from grader.exchange.policy import Classroom

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy" / "jupyterhub"
OPERATOR = (ROOT / "docs" / "operator.md").read_text("utf-8")
SCRIPTS = ["install"]
STUDENTS, INSTRUCTORS = students_group(), instructors_group()
LTI = "https://purl.imsglobal.org/spec/lti/claim/"
ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
TABLES = {
    "github": 'client_id = "a"\nclient_secret = "b"\n',
    "oidc": 'client_id = "a"\nclient_secret = "b"\nauthorize_url = "https://l/a"\n'
    'token_url = "https://l/t"\nuserdata_url = "https://l/u"\n',
    "lti13": 'issuer = "https://i"\nauthorize_url = "https://l/a"\njwks_endpoint = "https://l/j"\n'
    'client_id = ["1"]\ncontexts = ["7"]\n',
}


@pytest.fixture(scope="module")
def modules():
    """The modules of the deployment, imported as jupyterhub_config.py imports them."""
    sys.path.insert(0, str(DEPLOY))
    try:
        names = ("hub_settings", "hub_accounts", "hub_logins", "hub_ports")
        yield SimpleNamespace(**{name: importlib.import_module(name) for name in names})
    finally:
        sys.path.remove(str(DEPLOY))
        for name in names:
            sys.modules.pop(name, None)


@pytest.fixture
def load(modules, tmp_path):
    """Return a function that reads settings from their text."""

    def read(text: str):
        path = tmp_path / "classroom.toml"
        path.write_text(text)
        return modules.hub_settings.load(path)

    return read


def minimal(login: str = "pam", **tables: str) -> str:
    """Return settings with a way to log in; more lines for its table by the table's name."""
    text = f'address = "https://classroom.example.edu/"\nlogin = "{login}"\n'
    given = {login: TABLES[login]} if login in TABLES else {}
    for name, more in tables.items():
        given[name] = given.get(name, "") + more
    return text + "".join(f"[{name}]\n{lines}" for name, lines in given.items())


# ---- settings ----------------------------------------------------------------------------


def test_settings_as_installed_are_right(modules):
    settings = modules.hub_settings.load(DEPLOY / "classroom.toml")
    assert (settings.login, settings.spawner, settings.base) == ("pam", "local", "/")
    assert not settings.groups_from_login


@pytest.mark.parametrize("login", ["pam", "github", "oidc", "lti13"])
def test_each_login_of_the_example_works_when_its_signs_are_taken_away(load, login):
    text = (DEPLOY / "classroom.toml").read_text()
    text = re.sub(r"^#(\[|\w+ = |spawner)", r"\1", text, flags=re.M)
    text = re.sub(r"^(login|spawner) = .*\n", "", text, flags=re.M)
    settings = load(f'login = "{login}"\nspawner = "systemd"\n' + text)
    assert settings.limits.memory == "1G"
    assert settings.groups_from_login == (login != "pam")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "address is missing"),
        ('address = "classroom"', "https://host/ is wanted"),
        (minimal("ldap"), "login is 'ldap': one of pam, github, oidc, lti13"),
        ('address = "https://h"\nlogin = "github"', r"needs a table \[github\]"),
        ('address = "https://h"\nlogin = "github"\n[github]\nclient_id = "a"', "client_secret is missing"),
        ('address = "https://h"\nstudent = ["a"]', "there is no 'student'; there are"),
        (minimal() + "[ports]\nproxy = 880\nhub = 880", "a port of its own"),
        (minimal() + '[ports]\nproxy = "880"', "a int is wanted|an int is wanted"),
        (minimal() + "[ports]\nproxy = true", "proxy is True"),
        (minimal() + "[limits]\nmemory = '1 GB'", "memory is '1 GB'"),
        (minimal() + "[limits]\nmemory = '1G'", 'needs spawner = "systemd"'),
        (minimal() + "database = 'mysql://host/db'", "account@host/name"),
        (minimal() + "[grading]\nscheduler = 'http://host'", '"tcp://host:8786" is wanted'),
        (minimal() + "[grading]\njobs = 2\nscheduler = 'tcp://h:1'", "its workers count"),
        ('address = "https://h"\nstudents = ["Ada"]', "'Ada' cannot be a name here"),
        ('address = "https://h"\nstudents = ["../ada"]', "cannot be a name here"),
        ('address = "https://h"\nstudents = "ada"', r"a list\[str\] is wanted"),
        ('address = "https://h"\nstudents = [1]', "a list of words is wanted"),
        ('address = "https://h"\npaths = "x"', "is a table"),
        ('address = ', "classroom.toml"),
        (
            minimal("lti13").replace("[lti13]", 'students = ["ada"]\n[lti13]'),
            "come from the login here",
        ),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_meant_are_refused_in_one_line(load, modules, text, said):
    with pytest.raises(modules.hub_settings.WrongSettings, match=said) as refusal:
        load(text)
    assert "classroom.toml: " in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_settings_that_are_missing_name_their_file(modules, tmp_path):
    with pytest.raises(modules.hub_settings.WrongSettings, match=r"none\.toml: No such file"):
        modules.hub_settings.load(tmp_path / "none.toml")


# ---- logins ------------------------------------------------------------------------------


def configured(modules, load, text: str):
    """Return the authenticator of some settings, made as the Hub makes it."""
    settings, c = load(text), Config()
    modules.hub_logins.LOGINS[settings.login](c, settings, STUDENTS, INSTRUCTORS, "grader-backprop")
    kind = c.JupyterHub.authenticator_class
    if isinstance(kind, str):
        from importlib.metadata import entry_points

        (found,) = entry_points(group="jupyterhub.authenticators", name=kind)
        kind = found.load()
    c.Authenticator.username_pattern = modules.hub_settings.USERNAME
    return kind(config=c)


def test_pam_lets_in_whom_the_hub_knows_and_needs_no_account_for_the_services(modules, load):
    login = configured(modules, load, minimal())
    assert login.allow_existing_users
    assert not login.allow_all
    assert not login.manage_groups
    assert login.system_user_exists(SimpleNamespace(name="grader-backprop"))
    assert not login.system_user_exists(SimpleNamespace(name="no-such-account"))


def test_github_teams_are_the_groups(modules, load):
    pytest.importorskip("oauthenticator")
    teams = 'students = "uni:class"\ninstructors = "uni:staff"\nprefix = "gh-"\n'
    login = configured(modules, load, minimal("github", github=teams))
    assert login.manage_groups
    assert login.allowed_groups == {STUDENTS, INSTRUCTORS}
    assert login.oauth_callback_url == "https://classroom.example.edu/hub/oauth_callback"
    assert login.username_claim({"login": "Ada"}) == "gh-Ada"

    def groups(*named: str) -> set[str]:
        teams = [
            {"organization": {"login": o}, "slug": s}
            for o, _, s in (n.partition(":") for n in named)
        ]
        return asyncio.run(login.get_user_groups({"teams": teams}))

    assert groups("uni:class", "other:staff") == {STUDENTS}
    assert groups("uni:staff", "uni:class") == {STUDENTS, INSTRUCTORS}
    assert groups() == set()
    assert asyncio.run(login.get_user_groups({})) == set()


def test_github_without_teams_lets_in_whom_the_hub_knows(modules, load):
    pytest.importorskip("oauthenticator")
    login = configured(modules, load, minimal("github"))
    assert login.allow_existing_users
    assert not login.manage_groups


def test_oidc_claim_is_the_groups(modules, load):
    pytest.importorskip("oauthenticator")
    claim = 'groups = "member"\nstudents = "course-7"\n'
    login = configured(modules, load, minimal("oidc", oidc=claim))
    for said, wanted in (
        (["course-7", "chess"], {STUDENTS}),
        ("course-7", {STUDENTS}),
        (["", "chess"], set()),
        (None, set()),
    ):
        state = {"oauth_user": {"member": said}}
        assert asyncio.run(login.get_user_groups(state)) == wanted, said


def test_lti_roles_of_our_own_courses_alone_are_the_groups(modules, load):
    pytest.importorskip("ltiauthenticator")
    login = configured(modules, load, minimal("lti13", lti13='prefix = "lms-"\n'))
    claim = {LTI + "custom": {"login": "ada"}, "sub": "x"}
    assert login.get_username(claim) == "lms-ada"

    def groups(context: str, *roles: str) -> list[str]:
        claims = {LTI + "context": {"id": context}, LTI + "roles": [ROLE + role for role in roles]}
        model = login.post_auth_hook(login, None, {"name": "a", "auth_state": claims})
        return model["groups"]

    assert groups("7", "Learner") == [STUDENTS]
    assert groups("7", "Instructor", "Mentor") == [INSTRUCTORS]
    assert groups("8", "Instructor") == []
    assert groups("7") == []
    assert login.post_auth_hook(login, None, {"name": "a", "auth_state": {}})["groups"] == []


# ---- accounts ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "role", "make", "said"),
    [
        ("ada", "guest", False, "ada is not in this course"),
        ("root", "student", False, "root is an account of the system"),
        ("root", "student", True, "root is an account of the system"),
        ("daemon", "instructor", False, "daemon is an account of the system"),
        ("no-such-account", "student", False, "there is no account no-such-account"),
        ("Ada", "student", True, "cannot be the name of an account"),
        ("a;b", "student", True, "cannot be the name of an account"),
        ("-rf", "student", True, "cannot be the name of an account"),
    ],
)
def test_nobody_gets_a_server_in_the_name_of_another_account(modules, name, role, make, said):
    accounts = modules.hub_settings.Accounts()
    with pytest.raises(modules.hub_accounts.NoServer, match=said):
        modules.hub_accounts.prepare(name, role, accounts, make=make)


def test_account_that_was_not_made_here_is_not_taken_over(modules, monkeypatch):
    person = SimpleNamespace(pw_name="ada", pw_uid=1234, pw_dir="/home/ada")
    group = SimpleNamespace(gr_mem=["ben"])
    monkeypatch.setattr(modules.hub_accounts, "pwd", SimpleNamespace(getpwnam=lambda name: person))
    monkeypatch.setattr(modules.hub_accounts, "grp", SimpleNamespace(getgrnam=lambda name: group))
    with pytest.raises(modules.hub_accounts.NoServer, match="ada of this host is somebody else's"):
        modules.hub_accounts.prepare("ada", "student", modules.hub_settings.Accounts(), make=True)


def test_home_that_is_a_link_is_not_followed(modules, tmp_path):
    (tmp_path / "real").mkdir(mode=0o755)
    (tmp_path / "home").symlink_to("real")
    person = SimpleNamespace(pw_name="ada", pw_uid=os.getuid(), pw_dir=str(tmp_path / "home"))
    with pytest.raises(modules.hub_accounts.NoServer, match="home of ada cannot be used"):
        modules.hub_accounts._close(person)
    person.pw_dir = str(tmp_path / "real")
    modules.hub_accounts._close(person)
    assert (tmp_path / "real").stat().st_mode & 0o777 == 0o700


def test_ports_are_kept_for_root_and_the_services(modules):
    ports = modules.hub_settings.Ports(classroom=9991)
    rules = modules.hub_ports.rules(ports, 987)
    assert modules.hub_ports.table(ports) == "backprop_9991"
    assert "tcp sport { 880, 881, 882, 9990, 9991 } meta skuid != { 0, 987 } drop" in rules
    nft = tool("nft")
    # in a network of its own, which root alone may make
    command = ["unshare", "--net", nft, "-f", "-"]
    if os.geteuid() == 0:
        for _ in range(2):  # they replace themselves
            done = subprocess.run(command, input=rules * 2, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr


def test_without_nftables_the_hub_starts_and_says_what_that_means(modules, monkeypatch, caplog):
    def missing(*_command, **_options):
        raise FileNotFoundError(2, "No such file or directory", "nft")

    monkeypatch.setattr(modules.hub_ports.subprocess, "run", missing)
    accounts = modules.hub_settings.Accounts(services="root")
    modules.hub_ports.keep(modules.hub_settings.Ports(), accounts)
    assert "ports are not kept for them" in caplog.text


# ---- files for other programs --------------------------------------------------------------


def tool(name: str) -> str:
    """Return a program that continuous integration has and a developer may lack."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if found is None:
        assert not os.environ.get("CI"), f"{name} is needed"
        pytest.skip(f"no {name} on this machine")
    return found


@pytest.mark.parametrize("name", SCRIPTS)
def test_shell_scripts_are_clean(name):
    script = DEPLOY / name
    assert script.read_text().startswith("#!/usr/bin/env bash\n")
    assert os.access(script, os.X_OK)
    done = subprocess.run(
        [tool("shellcheck"), "--external-sources", script], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "path", [*sorted(DEPLOY.glob("*.py")), DEPLOY / "classroom-data"], ids=lambda p: p.name
)
def test_python_files_compile(path):
    compile(path.read_text("utf-8"), str(path), "exec", dont_inherit=True)


def test_units_of_systemd_are_right(tmp_path):
    """With programs in place of those that `install` brings, since systemd looks for them."""
    verify = tool("systemd-analyze")
    for unit in DEPLOY.parent.glob("*/*.[st]*"):
        if unit.suffix in (".service", ".timer"):
            text = re.sub(r"(?<=[=-])/opt/backprop\S+", "/bin/true", unit.read_text())
            (tmp_path / unit.name).write_text(text)
    for unit in tmp_path.iterdir():
        done = subprocess.run([verify, "verify", unit], capture_output=True, text=True)
        said = [line for line in done.stderr.splitlines() if unit.name in line]
        assert done.returncode == 0, done.stderr
        assert said == []


def test_unit_leaves_the_sandbox_its_proc():
    """What covers a part of /proc makes the kernel refuse a new one in a namespace."""
    lines = (DEPLOY / "backprop-hub.service").read_text().splitlines()
    names = {line.split("=")[0] for line in lines if "=" in line and not line.startswith("#")}
    covers = {"ProtectKernelTunables", "ProtectKernelLogs", "ProtectProc", "ProcSubset"}
    assert not names & (covers | {"RestrictNamespaces", "ProtectHostname", "ProtectHome", "User"})


def test_caddyfile_is_valid():
    command = [
        tool("caddy"),
        "validate",
        "--adapter",
        "caddyfile",
        "--config",
        DEPLOY / "Caddyfile",
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    formatted = subprocess.run(
        [*command[:1], "fmt", DEPLOY / "Caddyfile"], capture_output=True, text=True
    )
    assert formatted.stdout == (DEPLOY / "Caddyfile").read_text()


def test_nginx_site_is_valid(tmp_path):
    nginx = tool("nginx")
    key, certificate = tmp_path / "privkey.pem", tmp_path / "fullchain.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=x",
        "-days",
        "1",
    ]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    site = (DEPLOY / "nginx.conf").read_text().replace("/etc/ssl/backprop", str(tmp_path))
    (tmp_path / "site.conf").write_text(site)
    whole = (
        f"pid {tmp_path}/pid; events {{}} http {{ access_log off; include {tmp_path}/site.conf; }}"
    )
    (tmp_path / "nginx.conf").write_text(whole)
    command = [nginx, "-t", "-e", tmp_path / "log", "-c", tmp_path / "nginx.conf"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_servers_in_front_let_the_largest_notebook_through_and_point_to_the_proxy(modules):
    caddy, nginx = ((DEPLOY / name).read_text() for name in ("Caddyfile", "nginx.conf"))
    limits = (
        re.search(r"max_size (\d+)MB", caddy),
        re.search(r"client_max_body_size (\d+)m;", nginx),
    )
    largest = Classroom().max_notebook_mb * 4 / 3
    assert all(largest <= int(found[1]) <= 2 * largest for found in limits)
    port = modules.hub_settings.Ports().proxy
    assert f"reverse_proxy 127.0.0.1:{port} " in caddy
    assert f"proxy_pass http://127.0.0.1:{port};" in nginx
    assert "header_up X-Scheme {scheme}\n" in caddy  # or cookies go over plain HTTP too
    for header in (
        "Upgrade $http_upgrade",
        "Host $http_host",
        "X-Forwarded-Proto $scheme",
        "X-Scheme $scheme",
    ):
        assert f"proxy_set_header {header};" in nginx


def test_defaults_stand_where_install_and_the_units_put_things(modules):
    """The paths are written twice, in Python and in what cannot read Python."""
    paths, accounts = modules.hub_settings.Paths(), modules.hub_settings.Accounts()
    install, unit = (DEPLOY / "install").read_text(), (DEPLOY / "backprop-hub.service").read_text()
    assert f"opt={paths.student.parent} etc={Path(modules.hub_settings.PLACE).parent}" in install
    assert f"srv={paths.course.parent} var={paths.hub.parent}" in install
    assert (
        f"account={accounts.services} staff={accounts.instructors} made={accounts.users}" in install
    )
    assert f"WorkingDirectory={paths.hub}\n" in unit
    assert f"{paths.instructor}/bin/python3 -m jupyterhub" in unit
    assert f"--uid {accounts.services}\n" in unit
    assert str(paths.backups) in install
    assert f"#!{paths.instructor}/bin/python3\n" in (DEPLOY / "classroom-data").read_text()


def test_what_the_hub_needs_besides_is_pinned():
    lines = [
        line for line in (DEPLOY / "requirements.txt").read_text().splitlines() if line[0] != "#"
    ]
    assert all(re.fullmatch(r"[a-z-]+==[\d.]+", line) for line in lines)
    assert {line.split("==")[0] for line in lines} == {
        "oauthenticator", "jupyterhub-ltiauthenticator", "jupyterhub-systemdspawner",
    }  # fmt: skip


# ---- the operator's page -------------------------------------------------------------------


def test_page_tells_every_setting_of_the_classroom():
    for name in Classroom.class_trait_names(config=True):
        assert f"| `{name}`" in OPERATOR, name


def test_page_tells_every_key_of_the_settings(modules):
    kinds = [kind for kind in vars(modules.hub_settings).values() if is_dataclass(kind)]
    for kind in kinds:
        for one in fields(kind):
            assert f"`{one.name}`" in OPERATOR or f"[{one.name}]" in OPERATOR, (
                kind.__name__,
                one.name,
            )


def test_files_that_the_page_names_exist(modules):
    named = set(re.findall(r"`(deploy/[\w./-]+)`", OPERATOR))
    named |= set(re.findall(r"(deploy/jupyterhub/[\w.-]+)", OPERATOR))
    assert "deploy/jupyterhub/install" in named
    for path in named:
        assert (ROOT / path).exists(), path


def test_every_file_of_the_production_form_is_named_on_the_page():
    for path in DEPLOY.iterdir():
        if path.name != "__pycache__":
            assert path.name in OPERATOR, path.name


def test_options_that_the_page_shows_exist():
    """Of our own commands: what stands on the page is what they understand."""
    shown = {
        "deploy/jupyterhub/install": (DEPLOY / "install").read_text(),
        "classroom-data": (DEPLOY / "classroom-data").read_text(),
        "make classroom": (ROOT / "grader" / "cli.py").read_text(),
    }
    for line in re.findall(r"^ {4,}(.*)$", OPERATOR, re.M):
        for command, source in shown.items():
            if command in line and "curl" not in line:
                for option in re.findall(r"(?<![\w-])--[a-z-]+", line.split(command, 1)[1]):
                    assert option in source, (line, option)


def test_refusals_on_the_page_are_what_the_service_says():
    """The log line in the page is JSON with the fields that the service writes."""
    (line,) = re.findall(r"^ +\[I [^\]]*classroom\] (\{.*\})$", OPERATOR, re.M)
    source = (ROOT / "grader/exchange/handlers.py").read_text()
    for key in json.loads(line):
        assert f'"{key}"' in source or key in ("unit",), key

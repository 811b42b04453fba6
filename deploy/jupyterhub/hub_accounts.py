"""System accounts for the users of the Hub: made, given their groups, their homes closed.

Called by jupyterhub_config.py, as root, before a server starts.
"""

from __future__ import annotations

import grp
import logging
import os
import pwd
import re
import subprocess

from hub_settings import USERNAME, Accounts

FIRST_UID = 1000  # below it are root and the system's own accounts

log = logging.getLogger("jupyterhub")


class NoServer(RuntimeError):
    """Raised when somebody gets no server; the sentence is shown to them."""


def prepare(name: str, role: str, accounts: Accounts, *, make: bool) -> None:
    """See to it that a user's server can start as that system user, and as nobody else.

    Parameters
    ----------
    name : str
        Of the Hub user, which is the name of the account.
    role : str
        ``'student'``, ``'instructor'`` or ``'guest'``.
    accounts : Accounts
        The names of the groups.
    make : bool
        Whether accounts are made here (GitHub, OpenID Connect, LTI). Then nobody gets a server
        in the name of an account that was not: whoever calls himself ``admin`` at GitHub is not
        this host's admin. With PAM a password has shown that the account is theirs.

    Raises
    ------
    NoServer
        If this user must not have a server, with the reason.
    """
    if role == "guest":
        raise NoServer(f"{name} is not in this course: ask whoever teaches it")
    if not re.fullmatch(USERNAME, name):
        raise NoServer(f"{name!r} cannot be the name of an account on this host")
    try:
        account = pwd.getpwnam(name)
    except KeyError:
        if not make:
            raise NoServer(f"there is no account {name} on this host any more") from None
        account = _make(name, accounts)
    if account.pw_uid < FIRST_UID or name == accounts.services:
        raise NoServer(f"{name} is an account of the system: nobody works as it")
    if make and not _is_member(name, accounts.users):
        raise NoServer(
            f"the account {name} of this host is somebody else's: the operator can set a prefix "
            "for the names of this login"
        )
    _belong(name, accounts.instructors, role == "instructor")
    _close(account)


def _run(*command: str) -> None:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        reason = said[-1] if said else f"exit code {done.returncode}"
        log.error("%s: %s", " ".join(command), reason)
        raise NoServer(f"the operator must look at this host's accounts: {command[0]}: {reason}")


def _make(name: str, accounts: Accounts) -> pwd.struct_passwd:
    """Make an account that has no password: its owner comes in by the Hub."""
    command = ["useradd", "--create-home", "--key", "HOME_MODE=0700", "--shell", "/bin/bash"]
    _run(*command, "--user-group", "--groups", accounts.users, name)
    log.info("made the account %s", name)
    return pwd.getpwnam(name)


def _is_member(name: str, group: str) -> bool:
    try:
        return name in grp.getgrnam(group).gr_mem
    except KeyError:
        raise NoServer(f"this host has no group {group}: run the script install again") from None


def _belong(name: str, group: str, wanted: bool) -> None:
    """Put an account into a group, or take it out."""
    if _is_member(name, group) != wanted:
        _run("gpasswd", "--add" if wanted else "--delete", name, group)


def _close(account: pwd.struct_passwd) -> None:
    """Close a home to everybody else, whatever the host's default is; follow no link."""
    try:
        home = os.open(account.pw_dir, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        raise NoServer(f"the home of {account.pw_name} cannot be used: {error.strerror}") from None
    try:
        now = os.fstat(home)
        if now.st_uid != account.pw_uid:
            raise NoServer(f"the home of {account.pw_name} belongs to another account")
        if now.st_mode & 0o077:
            os.fchmod(home, now.st_mode & 0o7700)
            log.warning("closed %s, which others could read", account.pw_dir)
    except PermissionError as error:  # a share on which root is nobody
        log.warning("%s is open to others and cannot be closed: %s", account.pw_dir, error.strerror)
    finally:
        os.close(home)

"""A PostgreSQL server for tests: Debian's, started in a folder of its own, gone afterwards."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url


def programs() -> Path | None:
    """Return the folder of the newest installed server's programs, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: p.parts[4])
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


@contextlib.contextmanager
def server(folder: Path) -> Iterator[str]:
    """Start a server in ``folder``; yield the URL of an empty database.

    It listens on a socket in the folder and nowhere else; its log is server.log beside it. A
    server refuses to run as root: then it is the user postgres who runs it.
    """
    here = programs()
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    folder.mkdir(parents=True)
    data = folder / "data"
    if os.geteuid() == 0:
        shutil.chown(folder, user)
        for parent in folder.parents:  # pytest closes its folders to all others
            if (
                parent.stat().st_uid == 0
                and parent.is_relative_to("/tmp")
                and parent != Path("/tmp")
            ):
                parent.chmod(0o755)

    def run(*command: str) -> None:
        done = subprocess.run(
            [str(here / command[0]), *command[1:]],
            user=user if os.geteuid() == 0 else None,
            cwd=folder,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    run("initdb", "--pgdata", str(data), "--auth=trust", "--no-sync", "--encoding=UTF8")
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    options += " -c lc_messages=C"  # a test reads the log
    log = folder / "server.log"
    run("pg_ctl", "start", "--wait", "--pgdata", str(data), "--log", str(log), "--options", options)
    try:
        run("createdb", "--host", str(folder), "gradebook")
        yield f"postgresql://{user}@/gradebook?host={folder}"
    finally:
        run("pg_ctl", "stop", "--pgdata", str(data), "--mode", "immediate")


def one_more(address: str, name: str) -> str:
    """Make another empty database on the server of ``address``; return its URL."""
    here = make_url(address)
    engine = create_engine(here.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as db:
        db.exec_driver_sql(f'CREATE DATABASE "{name}"')
    engine.dispose()
    return here.set(database=name).render_as_string(hide_password=False)


needed = pytest.mark.skipif(
    programs() is None and "CI" not in os.environ,
    reason="no PostgreSQL: apt-get install postgresql",
)

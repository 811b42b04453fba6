"""``python -m grader.exchange``: the classroom service, started by JupyterHub."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from .app import WrongStart, die_with_parent, from_environment, serve, set_up_log

FOLDER = click.Path(file_okay=False, path_type=Path, resolve_path=True)


@click.command()
@click.option("--course", required=True, type=FOLDER, help="The course directory.")
@click.option("--data", required=True, type=FOLDER, help="Where what is handed in is kept.")
@click.option("--db", help="URL of the database; by default SQLite in the data folder.")
@click.option("--no-marker", is_flag=True, help="Take in, but do not grade.")
@click.option("--jobs", type=click.IntRange(1), help="The marker's processes; as many as cores.")
@click.option("--scheduler", metavar="URL", help="The marker grades on a Dask cluster.")
@click.option(
    "--unsafe-no-sandbox",
    is_flag=True,
    help="The marker runs student code without isolation: for code you trust.",
)
def main(
    course: Path,
    data: Path,
    db: str | None,
    no_marker: bool,
    jobs: int | None,
    scheduler: str | None,
    unsafe_no_sandbox: bool,
) -> None:
    """Run the classroom service, as a service that JupyterHub manages."""
    set_up_log()
    die_with_parent()

    marker = ["--jobs", str(jobs)] if jobs else []
    marker += ["--scheduler", scheduler] if scheduler else []
    marker += ["--unsafe-no-sandbox"] if unsafe_no_sandbox else []

    async def run() -> None:
        service, host, port = from_environment(course, data, db, None if no_marker else marker)
        await serve(service, host, port)

    try:
        asyncio.run(run())
    except WrongStart as error:
        print(f"classroom: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main(prog_name="python -m grader.exchange")

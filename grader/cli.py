"""The command line of the grader: arguments and printing only."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from . import __version__

HELP = {"help_option_names": ["-h", "--help"]}


class Terminated(KeyboardInterrupt):
    """Raised where SIGTERM came: it ends a command as Ctrl-C does."""


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Raise `Terminated` in the block on SIGTERM, so that all that is open is closed."""
    owner = os.getpid()

    def stop(number: int, frame) -> None:
        signal.signal(number, signal.SIG_IGN)  # a second one must not disturb the tidying up
        if os.getpid() != owner:  # a fork that has inherited this
            os._exit(128 + number)
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def _wrong_use(*kinds: type[Exception]) -> Iterator[None]:
    """Tell errors of these kinds, and files that cannot be written, in one line; exit with 2."""
    try:
        yield
    except kinds as error:
        raise click.UsageError(str(error)) from None
    except OSError as error:
        if error.filename is None:
            raise
        raise click.UsageError(f"{os.fspath(error.filename)}: {error.strerror}") from None


@click.group(context_settings=HELP)
@click.version_option(__version__, prog_name="grader")
def main() -> None:
    """Grade the notebooks of the back-propagation course."""


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line instead of a table.")
@click.option(
    "--unsafe-no-sandbox",
    is_flag=True,
    help="Run student code without isolation, where a host refuses it: for code you trust.",
)
def check(files: tuple[Path, ...], as_json: bool, unsafe_no_sandbox: bool) -> None:
    """Grade single notebook FILES, without a course directory or a gradebook.

    Exit code 0 when all were graded, however badly; 2 when a file is no unit of the course
    or student code cannot be isolated here.
    """
    from .errors import SandboxUnavailable
    from .grading import check as grade_file
    from .submission import SubmissionError
    from .verdict import Examiner

    failed = False
    with Examiner(isolated=not unsafe_no_sandbox) as examiner:
        for file in files:
            try:
                result = grade_file(file, examiner)
            except SubmissionError as error:
                failed = True
                click.echo(f"grader: {error}", err=True)
                continue
            except SandboxUnavailable as error:
                raise click.UsageError(str(error)) from None
            if as_json:
                click.echo(json.dumps(result.to_dict(), ensure_ascii=False))
            else:
                _print_result(result)
    sys.exit(2 if failed else 0)


def _print_result(result) -> None:
    console = Console()
    table = Table(title=f"{escape(result.file)}: unit {result.unit}", title_justify="left")
    table.add_column("check", no_wrap=True)
    table.add_column("points", justify="right", no_wrap=True)
    table.add_column("why points are missing", overflow="fold")
    for one in result.checks:
        colour = "green" if one.score == one.points else "red" if one.score == 0 else "yellow"
        table.add_row(one.id, f"[{colour}]{one.score:g} / {one.points:g}[/]", escape(one.message))
    table.add_section()
    table.add_row("total", f"[bold]{result.score:g} / {result.max:g}[/]", "")
    console.print(table)
    for diagnosis in result.diagnoses.values():
        _print_diagnosis(diagnosis, console)
    for note in result.notes:
        console.print(f"  note: {escape(note)}", highlight=False)


def _print_diagnosis(diagnosis, console: Console) -> None:
    lines = [f"• {fact}" for fact in diagnosis.facts]
    if diagnosis.follows_from:
        lines = [f"• follows from the mistake in {' and '.join(diagnosis.follows_from)}"]
    if diagnosis.text:
        lines = diagnosis.text.splitlines()
    if lines:
        console.print(f"[bold]{escape(diagnosis.exercise)}[/]", highlight=False)
        console.print(Padding(escape("\n".join(lines)), (0, 0, 1, 2)), highlight=False)


@main.command()
@click.argument("units", nargs=-1)
@click.option(
    "--student", "students", multiple=True, metavar="ID", help="This student; repeatable."
)
@click.option(
    "--from",
    "downloads",
    type=click.Path(path_type=Path),
    help="First bring in a zip or folder of downloads from Canvas, Moodle or by student.",
)
@click.option("--replace", is_flag=True, help="With --from: newer files replace what is there.")
@click.option("--feedback", is_flag=True, help="Write the students' pages too.")
@click.option("--force", is_flag=True, help="Grade again what is unchanged; manual scores stay.")
@click.option("--jobs", type=click.IntRange(1), help="Worker processes; as many as cores.")
@click.option("--scheduler", metavar="URL", help="Grade on a Dask cluster: tls://host:8786")
@click.option("--db", metavar="URL", help="The gradebook: sqlite:///... or postgresql://...")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line; the last sums up.")
@click.option("--quiet", is_flag=True, help="Print only what could not be graded.")
@click.option(
    "--unsafe-no-sandbox",
    is_flag=True,
    help="Run student code without isolation, where a host refuses it: for code you trust.",
)
def grade(
    units: tuple[str, ...],
    students: tuple[str, ...],
    downloads: Path | None,
    as_json: bool,
    quiet: bool,
    unsafe_no_sandbox: bool,
    **options,
) -> None:
    """Grade what a class handed in for UNITS (all by default), into autograded/ and the gradebook.

    Run it in the folder of the course. It may be stopped at any moment: the same command goes
    on where it was, and leaves alone what is graded and unchanged.

    Exit code 0 when all were graded, however badly; 1 when a submission could not be graded
    (they are listed); 2 when nothing could be done: a wrong name, no gradebook, no sandbox,
    no cluster; 130 or 143 when Ctrl-C or SIGTERM stopped it.
    """
    if options["replace"] and downloads is None:
        raise click.UsageError("--replace is for what --from brings in: say --from too")
    try:
        with _terminable():
            from .batch import WrongUse
            from .coursedir import NoCourse, find_root
            from .errors import ClusterUnavailable, SandboxUnavailable
            from .show import run_batch

            try:
                code = run_batch(
                    find_root(),
                    units,
                    students,
                    downloads=downloads,
                    isolated=not unsafe_no_sandbox,
                    form="json" if as_json else "quiet" if quiet else "table",
                    **options,
                )
            except (NoCourse, WrongUse, SandboxUnavailable, ClusterUnavailable) as error:
                raise click.UsageError(str(error)) from None
    except KeyboardInterrupt as stopped:
        click.echo("grader: stopped; the same command goes on from here", err=True)
        code = 128 + (signal.SIGTERM if isinstance(stopped, Terminated) else signal.SIGINT)
    sys.exit(code)


@main.command()
@click.option("--html", "as_html", is_flag=True, help="Write the report as a page.")
@click.option(
    "--export",
    "exports",
    multiple=True,
    type=click.Choice(["canvas", "moodle", "nbgrader", "json"]),
    help="Write scores for another gradebook; repeatable.",
)
@click.option("--to", type=click.Path(path_type=Path), default=Path("report"), show_default=True)
@click.option("--db", metavar="URL", help="The gradebook, if not the one of nbgrader_config.py.")
def report(as_html: bool, exports: tuple[str, ...], to: Path, db: str | None) -> None:
    """Tell what the class understood: scores, exercises, misconceptions, who needs help.

    Run it in the folder of the course. Without options the tables go to the terminal.
    """
    from .coursedir import NoCourse, find_root
    from .report import NoClass, run_report

    with _wrong_use(NoClass, NoCourse):
        run_report(find_root(), as_html, exports, to, db, Console())


@main.command()
@click.argument("units", nargs=-1)
@click.option("--to", type=click.Path(path_type=Path), help="A folder other than release/.")
@click.option("--lang", type=click.Choice(["en", "zh"]), help="The language; see COURSE_LANG.")
def release(units: tuple[str, ...], to: Path | None, lang: str | None) -> None:
    """Build the student notebooks of UNITS (all by default) from source/.

    Run it in the folder of the course: its gradebook then learns the cells of the units. With
    --to it learns nothing, and outside a course the grader's own source/ is taken.

    Exit code 2 when nothing could be done: a wrong name, no course, a folder that sources are
    kept in.
    """
    from .coursedir import NbgraderError
    from .release import SourceError, build_release

    with _wrong_use(SourceError, LookupError):
        try:
            for line in build_release(units, to, lang):
                click.echo(line)
        except NbgraderError as error:
            raise click.ClickException(str(error)) from None


@main.command()
@click.option("--check", "only_check", is_flag=True, help="Change nothing; exit 1 if it would.")
def tidy(only_check: bool) -> None:
    """Bring the notebooks in source/ into their stored form, after an edit in JupyterLab."""
    from .release import tidy_sources

    changed = tidy_sources(write=not only_check)
    for path in changed:
        click.echo(f"{'not tidy' if only_check else 'tidied'}: {path}")
    sys.exit(1 if only_check and changed else 0)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("build/demo"))
def demo(folder: Path) -> None:
    """Release, hand in, grade and give feedback for a class of 12 made-up students in FOLDER.

    FOLDER is new, empty, or of an earlier demo, which is replaced.
    """
    from .batch import WrongUse
    from .demo import run_demo
    from .errors import SandboxUnavailable
    from .release import SourceError

    with _wrong_use(WrongUse, SourceError, SandboxUnavailable):
        run_demo(folder, Console())


@main.command()
@click.option(
    "--students", type=click.IntRange(1, 500), default=3, show_default=True, help="How many."
)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path("build/classroom"),
    show_default=True,
    help="Where all is kept; the same folder opens the same classroom again.",
)
@click.option(
    "--exchange",
    type=click.Choice(["service", "stock"]),
    default="service",
    show_default=True,
    help="Hand in to the classroom service, or by nbgrader's own shared folder.",
)
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True)
@click.option(
    "--unsafe-no-sandbox",
    is_flag=True,
    help="Where a host refuses isolation: students' servers see all files of who starts this.",
)
def classroom(
    students: int, port: int, folder: Path, exchange: str, lang: str, unsafe_no_sandbox: bool
) -> None:
    """Open a classroom on this host: a JupyterHub with all units, to be tried in a browser.

    Prints who can log in, with passwords. It is open until Ctrl-C, for browsers on this host.

    Exit code 0 when it was closed, 2 when it could not be opened.
    """
    try:
        from .exchange.tryout import CannotStart, run
    except ModuleNotFoundError as error:
        raise click.UsageError(
            f"{error.name} is missing: pip install 'backprop-course-grader[classroom]'"
        ) from None
    from .errors import SandboxUnavailable

    try:
        run(
            folder,
            students=students,
            port=port,
            exchange=exchange,
            lang=lang,
            isolated=not unsafe_no_sandbox,
            console=Console(),
        )
    except (CannotStart, SandboxUnavailable) as error:
        raise click.UsageError(str(error)) from None


@main.command()
@click.option("--to", type=click.Path(path_type=Path), default=Path("build"), show_default=True)
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True)
def bundle(to: Path, lang: str) -> None:
    """Make a zip for a student without a hub: notebooks, the package, a short guide."""
    from .release import SourceError, build_bundle

    with _wrong_use(SourceError, LookupError):
        click.echo(f"wrote {build_bundle(to, lang)}")


@main.command("copy-db")
@click.argument("source", metavar="FROM_URL")
@click.argument("target", metavar="TO_URL")
def copy_db(source: str, target: str) -> None:
    """Copy a class from one database into another that is empty: from SQLite to PostgreSQL, or back.

    FROM_URL is nbgrader's gradebook or the database of the classroom service, and each is copied
    by a call of its own:

    \b
      grader copy-db sqlite:////folder/gradebook.db postgresql://user@host/gradebook
      grader copy-db sqlite:////folder/classroom.db postgresql://user@host/classroom

    Stop the Hub, the classroom service, its marker and every grader before: what they write to
    FROM_URL after the copy is not in it. FROM_URL is only read. TO_URL holds nothing until all is
    there and compared; whenever this is stopped, the same command begins anew.

    Exit code 0 when all was copied, 2 when nothing was: the sentence says why.
    """
    from .batch import WrongUse
    from .copydb import copy_database
    from .show import progress_bar

    try:
        with _wrong_use(WrongUse), progress_bar(Console(stderr=True)) as bar:
            steps: dict = {}

            def tell(step: str, done: int, total: int) -> None:
                if step not in steps:
                    steps[step] = bar.add_task(step, total=total)
                bar.update(steps[step], completed=done)

            copied = copy_database(source, target, tell)
    except KeyboardInterrupt:
        click.echo("grader: stopped; nothing was copied", err=True)
        sys.exit(130)
    rows = sum(copied.rows.values())
    click.echo(f"copied the {copied.kind}, {rows} rows, to {copied.to}")
    if copied.left:
        click.echo(f"not the grader's, and left behind: {', '.join(copied.left)}")


if __name__ == "__main__":
    main()

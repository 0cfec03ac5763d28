"""The command ``ffn``."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ffn.numbers.precision import NAMES

EXIT_FAILS, EXIT_CANNOT_RUN, EXIT_INTERRUPTED = 1, 2, 128 + signal.SIGINT


class CannotRun(click.ClickException):
    """One line that says why the command could not be run; exit status 2."""

    exit_code = EXIT_CANNOT_RUN


@click.group()
@click.version_option(package_name="ffn-reference", prog_name="ffn")
def commands() -> None:
    """Judge feedforward networks: every answer is held against the set of those a correct program may give."""


@commands.command()
@click.argument("implementation", default="reference")
@click.option("--law", "patterns", multiple=True, metavar="PATTERN", help="Only laws that match, such as 'batch/*'.")
@click.option("--dtype", "dtypes", multiple=True, metavar="DTYPE", help=f"Only these of {', '.join(NAMES)}.")
@click.option("--examples", default=25, show_default=True, type=click.IntRange(1), help="Cases for each law and dtype.")
@click.option("--seed", default=0, show_default=True, type=int, help="The same seed generates the same cases.")
@click.option("--known-failures", type=click.Path(path_type=Path), metavar="FILE", help="TOML list of known failures.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), metavar="FILE", help="Write the report as JSON.")
def verify(
    implementation: str,
    patterns: tuple[str, ...],
    dtypes: tuple[str, ...],
    examples: int,
    seed: int,
    known_failures: Path | None,
    json_file: Path | None,
) -> None:
    """Judge IMPLEMENTATION by every law that it offers.

    IMPLEMENTATION is a name (reference, autograd, torch), package.module:attribute, or path/to/file.py:attribute; the
    attribute may be left out where it is called `implementation`.

    Exit status: 0 every law offered holds or is a known failure, 1 some law does not, 2 it could not be run.
    """
    # The kit is imported here: `ffn --help` should not wait for Hypothesis.
    from ffn.conformance import known_failures as known
    from ffn.conformance import laws, loading, report, runner

    try:
        chosen = laws.matching(patterns)
        run = report.Run("", seed, known=known.read(known_failures) if known_failures else ())
        subject = loading.load(implementation)
    except (ValueError, loading.LoadingError) as error:
        raise CannotRun(str(error)) from error
    run.implementation = subject.name
    if unknown := [dtype for dtype in dtypes if dtype not in NAMES]:
        raise CannotRun(f"unknown dtype {unknown[0]!r}: one of {', '.join(NAMES)}")
    _require_writable(json_file)

    judged_in = tuple(dtypes) or NAMES
    started = time.perf_counter()
    with _progress() as progress:
        task = progress.add_task("", total=len(chosen) * len(judged_in))
        try:
            for law_report in runner.run(chosen, judged_in, subject, examples, seed):
                run.reports.append(law_report)
                progress.update(task, advance=1, description=f"{law_report.law.name} {law_report.dtype}")
        except KeyboardInterrupt:
            run.interrupted = True
    run.seconds = time.perf_counter() - started

    report.show(run, _console())
    if json_file is not None:
        json_file.write_text(report.to_json(run), encoding="utf-8")
    if run.interrupted:
        sys.exit(EXIT_INTERRUPTED)
    if not run.judged:
        raise CannotRun(f"{subject.name} offers none of these laws in {', '.join(judged_in)}")
    sys.exit(EXIT_FAILS if run.news else 0)


@commands.command(name="laws")
def list_laws() -> None:
    """List the laws, with what each states."""
    from rich.table import Table

    from ffn.conformance.laws import ALL

    table = Table("law", "statement", box=None, pad_edge=False, header_style="bold")
    for law in ALL:
        table.add_row(law.name, law.statement)
    Console().print(table)


def _console() -> Console:
    """The terminal as wide as it is; a pipe or a file wide enough for the table."""
    console = Console()
    return console if console.is_terminal else Console(width=max(console.width, 110))


def _progress() -> Progress:
    """A bar on a terminal, on standard error; nothing elsewhere."""
    console = Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _require_writable(path: Path | None) -> None:
    """Open the report's file before the work, so that nothing is lost for want of a folder."""
    if path is None:
        return
    try:
        path.open("a").close()
    except OSError as error:
        raise CannotRun(f"{path} cannot be written: {error.strerror}") from error


def main() -> None:
    """Run the command; a usage error is one line and exit status 2."""
    try:
        code = commands.main(standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        code = 0
    except click.ClickException as error:
        click.echo(f"ffn: {error.format_message()}", err=True)
        code = EXIT_CANNOT_RUN
    except (click.Abort, KeyboardInterrupt):
        code = EXIT_INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        code = EXIT_FAILS
    sys.exit(code)

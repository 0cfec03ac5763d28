"""What the project's commands have in common: a console, a progress bar, and how they end."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import NoReturn

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

EXIT_FAILS, EXIT_CANNOT_RUN, EXIT_INTERRUPTED = 1, 2, 128 + signal.SIGINT
PIPE_WIDTH = 110  # characters: a table is not cut because nobody looks at it

json_option = click.option(
    "--json", "json_file", type=click.Path(path_type=Path), metavar="FILE", help="Write the report as JSON."
)


class CannotRun(click.ClickException):
    """One line that says why the command could not be run; exit status 2."""

    exit_code = EXIT_CANNOT_RUN


def console() -> Console:
    """The terminal as wide as it is; a pipe or a file wide enough for a table."""
    terminal = Console()
    return terminal if terminal.is_terminal else Console(width=max(terminal.width, PIPE_WIDTH))


def progress() -> Progress:
    """A bar on a terminal, on standard error; nothing elsewhere."""
    terminal = Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    return Progress(*columns, console=terminal, transient=True, disable=not terminal.is_terminal)


def require_writable(path: Path | None) -> None:
    """Open a report's file before the work, so that nothing is lost for want of a folder.

    Raises:
        CannotRun: when it cannot be written.
    """
    if path is None:
        return
    try:
        path.open("a").close()
    except OSError as error:
        raise CannotRun(f"{path} cannot be written: {error.strerror}") from error


def run(command: click.Command, name: str) -> NoReturn:
    """Run a command and exit; bad usage is one line, which begins with the last word of ``name``, and status 2."""
    try:
        code = command.main(standalone_mode=False, prog_name=name)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        code = 0
    except click.ClickException as error:
        click.echo(f"{name.rpartition(' ')[2]}: {error.format_message()}", err=True)
        code = EXIT_CANNOT_RUN
    except (click.Abort, KeyboardInterrupt):
        code = EXIT_INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        code = EXIT_FAILS
    sys.exit(code)

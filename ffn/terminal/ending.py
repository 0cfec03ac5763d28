"""How a command ends: its exit status, and the one line that says why."""

from __future__ import annotations

import errno
import signal
import sys
import traceback
from contextlib import suppress
from typing import NoReturn

import click

from ffn.conformance.report.text import line
from ffn.terminal import interrupts, streams

EXIT_FAILS, EXIT_CANNOT_RUN, EXIT_FAULT = 1, 2, 3
# What is wrong with the place written to, and not with us; and what the system does not grant.
_UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EBADF, errno.EFBIG)
_NOT_GRANTED = (errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM)


class CannotRun(click.ClickException):
    """One line that says why the command could not be run; exit status 2."""

    exit_code = EXIT_CANNOT_RUN


def run(command: click.Command, name: str) -> NoReturn:
    """Run a command and exit.

    Bad usage is one line, which begins with the last word of ``name``, and status 2. A signal is 128 and its number.
    Any other exception is a fault of ours: its traceback, a line that asks to report it, and status 3.
    """
    streams.accept_any_text()
    with interrupts.raised():
        try:
            code = _status(command, name)
        except KeyboardInterrupt:  # while the end was told
            code = interrupted_status()
        interrupts.heard(ending=True)
        code = _flushed(code, name)
    sys.exit(code)


def interrupted_status() -> int:
    """128 and the number of the signal that arrived, which is SIGINT where none was seen to."""
    return 128 + (interrupts.number() or signal.SIGINT)


def _status(command: click.Command, name: str) -> int:
    output = sys.stdout
    try:
        return int(command.main(standalone_mode=False, prog_name=name) or 0)
    except SystemExit as error:
        if sys.stdout is not output:  # click puts another in its place where nobody reads any more, and exits with 1
            return EXIT_CANNOT_RUN
        return error.code if isinstance(error.code, int) else EXIT_FAULT
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return 0
    except click.ClickException as error:
        return _said(name, error.format_message(), EXIT_CANNOT_RUN)
    except (click.Abort, KeyboardInterrupt):
        interrupts.heard()
        return _said(name, "interrupted", interrupted_status())
    except BrokenPipeError as error:  # of a stream that is no console of ours
        return _unsaid(name, error)
    except BaseException as error:
        if interrupts.heard():
            return _said(name, "interrupted", interrupted_status())
        if isinstance(error, OSError) and error.errno in _UNWRITABLE:
            return _unsaid(name, error)
        if isinstance(error, OSError) and error.errno in _NOT_GRANTED:
            return _said(
                name, f"the system does not grant what it takes: {error.strerror} (ulimit -a)", EXIT_CANNOT_RUN
            )
        with suppress(OSError):
            traceback.print_exc()
        fault = f"{type(error).__name__}: {error}"
        return _said(name, f"a fault of ours: please report it, with the lines above: {fault}", EXIT_FAULT)


def _said(name: str, message: str, code: int) -> int:
    """The status, after one line on standard error."""
    try:
        click.echo(f"{name.rpartition(' ')[2]}: {line(message)}", err=True)
    except OSError:
        streams.discard(stderr=True)
    return code


def _unsaid(name: str, error: OSError) -> int:
    """The status where standard output took not all; a reader that is gone is told nothing."""
    streams.discard()
    if isinstance(error, BrokenPipeError):
        return EXIT_CANNOT_RUN
    return _said(name, f"the report cannot be written: {error.strerror}", EXIT_CANNOT_RUN)


def _flushed(code: int, name: str) -> int:
    """The status, once all that was written has arrived: Python would else find out too late, and exit with 120."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        streams.discard()
    except (OSError, ValueError) as error:
        streams.discard()
        return code or _said(name, f"the report cannot be written: {error}", EXIT_CANNOT_RUN)
    return code

"""Reports as files: at the place named when the command began, and at any moment whole."""

from __future__ import annotations

import errno
import json
import os
import stat
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import click

from ffn.terminal.ending import CannotRun
from ffn.terminal.streams import discard

REPORTS = frozenset({"finished", "derivations"})  # of which a report has one

json_option = click.option(
    "--json",
    "json_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the report as JSON; - is standard output.",
)


class JsonFile:
    """A JSON file that is replaced as a whole; ``-`` is standard output, and None nothing.

    What is no ordinary file, such as a pipe, is given the last text alone; so is the file that a standard stream of
    the command leads to, where it is named (``/dev/stdout``).

    Args:
        path: as the user named it. It is resolved here: a later chdir does not move it.
        inputs: files that the command reads, which it must not overwrite.

    Raises:
        CannotRun: when it cannot be written, or something else than a JSON file would be lost.
    """

    def __init__(self, path: Path | None, inputs: Sequence[Path] = ()) -> None:
        self.is_stdout = str(path) == "-" or (path is not None and _is_stream(path, 1))
        self.path: Path | None = None
        self._stream: int | None = None
        if self.is_stdout or path is None:
            return
        try:
            ordinary = not path.exists() or path.is_file() or path.is_dir()
            self.path = path.resolve() if ordinary and not _is_stream(path, 2) else None
        except (OSError, RuntimeError) as error:  # a link to itself, or a name that is too long
            raise CannotRun(f"{path} cannot be written: {getattr(error, 'strerror', error)}") from error
        if self.path is None:
            self._stream = _opened(path)
            return
        if self.path.is_file() and any(file.is_file() and self.path.samefile(file) for file in inputs):
            raise CannotRun(f"{path} is read by the command: it would be overwritten by the report")
        if self.path.exists():
            _require_replaceable(path)

    def replace(self, text: Callable[[], str]) -> None:
        """Write the text, which is made if there is a file, beside it and rename it.

        A reader sees the old one or the new, never half of one.
        """
        if self.path is None:
            return
        beside = self.path.with_name(f".ffn-{os.getpid()}.json")  # a name that is never too long
        try:
            beside.write_text(text(), encoding="utf-8", errors="backslashreplace")
            beside.replace(self.path)
        except OSError as error:
            raise CannotRun(f"{self.path} cannot be written: {error.strerror}") from error
        finally:
            with suppress(OSError):
                beside.unlink()

    def finish(self, text: Callable[[], str]) -> None:
        """The last text; a stream gets this one alone."""
        self.replace(text)
        if self._stream is None and not self.is_stdout:
            return
        data = text().encode("utf-8", "backslashreplace")  # JSON, whatever the terminal is
        if self._stream is not None:
            _write(self._stream, data)
        if self.is_stdout and sys.stdout is not None:
            try:
                sys.stdout.buffer.write(data)
                sys.stdout.buffer.flush()
            except BrokenPipeError:
                discard()


def _is_stream(path: Path, descriptor: int) -> bool:
    """Whether the path leads to where a standard stream of this process does."""
    try:
        found = os.fstat(descriptor)
        nowhere = stat.S_ISCHR(found.st_mode) and not os.isatty(descriptor)
        return os.path.samestat(path.stat(), found) and not nowhere
    except (OSError, ValueError):  # no such file, or a stream that is closed
        return False


def _opened(path: Path) -> int:
    """A descriptor that writes to what is no ordinary file; a pipe that nobody reads would be waited for in vain."""
    try:
        stream = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK)
    except OSError as error:
        why = "nobody reads from it" if error.errno == errno.ENXIO else error.strerror
        raise CannotRun(f"{path} cannot be written: {why}") from error
    os.set_blocking(stream, True)
    return stream


def _write(stream: int, data: bytes) -> None:
    try:
        with open(stream, "wb") as file:
            file.write(data)
    except BrokenPipeError:
        pass
    except OSError as error:
        raise CannotRun(f"the report cannot be written: {error.strerror}") from error


def _require_replaceable(path: Path) -> None:
    """Refuse a place that holds something else than a report, such as a program or a notebook."""
    if path.is_dir():
        raise CannotRun(f"{path} cannot be written: it is a folder")
    if not os.access(path, os.W_OK):
        raise CannotRun(f"{path} cannot be written: Permission denied")
    if not _is_report(path):
        raise CannotRun(f"{path} holds something else than a report, which would be overwritten")


def _is_report(path: Path) -> bool:
    """Whether a file is empty, or a JSON object with nothing in it, or what a command of the project writes."""
    if path.stat().st_size == 0:
        return True
    try:
        held = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(held, dict) and (not held or not REPORTS.isdisjoint(held))

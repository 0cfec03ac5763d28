"""Reports as files: at the place named when the command began, and at any moment whole."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import click

from ffn.terminal.ending import CannotRun
from ffn.terminal.streams import discard

json_option = click.option(
    "--json",
    "json_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the report as JSON; - is standard output.",
)


class JsonFile:
    """A JSON file that is replaced as a whole; ``-`` is standard output, and None nothing.

    Args:
        path: as the user named it. It is resolved here: a later chdir does not move it.
        inputs: files that the command reads, which it must not overwrite.

    Raises:
        CannotRun: when it cannot be written, or something else than a JSON file would be lost.
    """

    def __init__(self, path: Path | None, inputs: Sequence[Path] = ()) -> None:
        self.is_stdout = str(path) == "-"
        try:
            self.path = None if path is None or self.is_stdout else path.resolve()
        except (OSError, RuntimeError) as error:  # a link to itself
            raise CannotRun(f"{path} cannot be written: {error}") from error
        if self.path is None or path is None:
            return
        if self.path.is_file() and any(file.is_file() and self.path.samefile(file) for file in inputs):
            raise CannotRun(f"{path} is read by the command: it would be overwritten by the report")
        if self.path.exists():
            _require_replaceable(path)

    def replace(self, text: str) -> None:
        """Write the text beside the file and rename it: a reader sees the old or the new, never half of one."""
        if self.path is None:
            return
        beside = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        try:
            beside.write_text(text, encoding="utf-8", errors="backslashreplace")
            beside.replace(self.path)
        except OSError as error:
            raise CannotRun(f"{self.path} cannot be written: {error.strerror}") from error
        finally:
            with suppress(OSError):
                beside.unlink()

    def finish(self, text: str) -> None:
        """The last text, on standard output too where that is the file."""
        self.replace(text)
        if self.is_stdout and sys.stdout is not None:
            try:
                sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))  # JSON, whatever the terminal is
                sys.stdout.buffer.flush()
            except BrokenPipeError:
                discard()


def _require_replaceable(path: Path) -> None:
    """Refuse a place that holds something else than an ordinary file with a JSON object, such as a program."""
    if not path.is_file():
        raise CannotRun(f"{path} cannot be written: it is no ordinary file ('-' is standard output)")
    if not os.access(path, os.W_OK):
        raise CannotRun(f"{path} cannot be written: Permission denied")
    with path.open("rb") as file:
        start = file.read(64).lstrip()
    if start and not start.startswith(b"{"):
        raise CannotRun(f"{path} holds something else than a report, which would be overwritten")

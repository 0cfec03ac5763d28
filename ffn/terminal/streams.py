"""Consoles and streams: any encoding, any width, and readers that go away."""

from __future__ import annotations

import codecs
import io
import os
import sys
from contextlib import suppress

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

PIPE_WIDTH = 110  # characters: a table is not cut because nobody looks at it
# What formulas are written with, for streams that cannot write it.
PLAIN = {"′": "'", "±": "+-", "−": "-", "…": "...", "×": "x", "·": "*", "²": "^2", "½": "1/2", "≤": "<=", "≥": ">="}
PLAIN |= {"Σ": "sum ", "∂": "d", "∇": "grad ", "λ": "lambda", "γ": "gamma", "η": "eta", "‖": "||", "→": "->"}


class _Console(Console):
    """A console whose reader may go away (``| head -1``): what is left to say is then said to nobody."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        discard(self.stderr)


def console(stderr: bool = False) -> Console:
    """The terminal as wide as it is; a pipe or a file wide enough for a table."""
    terminal = _Console(stderr=stderr)
    return terminal if terminal.is_terminal else _Console(stderr=stderr, width=max(terminal.width, PIPE_WIDTH))


def progress(out: Console | None = None) -> Progress:
    """A bar on a terminal, which is ``out`` where that is one, else standard error; nothing elsewhere."""
    terminal = out if out is not None and out.is_terminal else Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    shown = terminal.is_terminal
    # Standard output may be a pipe beside a terminal: it is never led into the bar.
    return Progress(*columns, console=terminal, transient=True, disable=not shown, redirect_stdout=terminal is out)


def accept_any_text() -> None:
    """Have standard output and error write every text, whatever their encoding."""
    codecs.register_error("ffn-plain", _plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="ffn-plain")


def _plain(error: UnicodeError) -> tuple[str, int]:
    """The signs of formulas in ASCII, and everything else escaped."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(PLAIN.get(c) or c.encode("unicode_escape").decode("ascii") for c in text), error.end


def discard(stderr: bool = False) -> None:
    """Lead a stream whose reader is gone to nowhere, so that what is left in its buffer raises no second time."""
    stream = sys.stderr if stderr else sys.stdout
    with suppress(OSError, ValueError, AttributeError):  # closed, or no file at all
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())

"""Checking whenever a file is saved, with keys where there is a terminal."""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from ffn.learn import catalogue
from ffn.learn.command import checking
from ffn.learn.command.commands import after, listed, next_hint
from ffn.learn.command.folder import Folder
from ffn.learn.exercise import Entry
from ffn.learn.message.wrapping import wrapped
from ffn.terminal import interrupts

SECONDS = 0.3  # between two looks at the files
KEYS = "h hint · l list · n next · r reset · q quit"
RULE = "─" * 78


def watch(folder: Folder) -> None:
    """Check the current exercise, then each one that is saved, until q or Ctrl-C."""
    entries = catalogue.entries(folder.exercises)
    seen = {entry.id: _modified(folder.file(entry)) for entry in entries}
    with _keys() as keyboard:
        _show(folder, folder.entry())
        while not interrupts.heard():
            key = _pressed(SECONDS) if keyboard else _waited()
            if key == "q":
                return
            _obey(folder, key)
            for entry in entries:
                now = _modified(folder.file(entry))
                if now != seen[entry.id] and now:
                    seen[entry.id] = now
                    folder.current = entry.id
                    _show(folder, entry)


def _obey(folder: Folder, key: str) -> None:
    if key == "h":
        click.echo("\n".join(wrapped(next_hint(folder, folder.entry()))))
    elif key == "l":
        click.echo("\n".join(listed(folder)))
    elif key == "n":
        folder.advance(skip=True)
        folder.save()
        _show(folder, folder.entry())
    elif key == "r":
        copy = folder.reset(folder.entry())
        folder.save()
        click.echo(f"{folder.entry().path} is as it began." + (f" What stood there is {copy.name}." if copy else ""))


def _show(folder: Folder, entry: Entry) -> None:
    checked = checking.check(folder, entry)
    lines = [RULE, *checked.lines, *checked.printed, *after(folder, entry, str(checked.finding.outcome)), KEYS]
    click.echo("\n".join(lines))


def _modified(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:  # an editor may be about to put the new one in its place
        return 0


def _waited() -> str:
    time.sleep(SECONDS)
    return ""


def _pressed(seconds: float) -> str:
    """The key pressed within these seconds, if any."""
    ready, _, _ = select.select([sys.stdin], [], [], seconds)
    return os.read(sys.stdin.fileno(), 1).decode(errors="replace").lower() if ready else ""


@contextmanager
def _keys() -> Iterator[bool]:
    """Have keys arrive at once; whether there is a keyboard."""
    if sys.stdin is None or not sys.stdin.isatty():
        yield False
        return
    import termios
    import tty

    before = termios.tcgetattr(sys.stdin)
    tty.setcbreak(sys.stdin)
    try:
        yield True
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)

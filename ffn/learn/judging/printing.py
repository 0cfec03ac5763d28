"""What a learner's code prints: caught on its way, bounded, and told beside what it answers."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TextIO

from ffn.learn.exercise import Printed

MOST_LINES = 10
MOST_COLUMNS = 76  # of a line; two more are the margin


class Caught(io.TextIOBase):
    """A stream that keeps the last lines of what was written since ``forget``, however much that was.

    Args:
        onward: where every line goes as well, at once, so that it is known of a process that hangs or dies.
    """

    def __init__(self, onward: TextIO | None = None) -> None:
        self._onward = onward
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self._lines: deque[str] = deque(maxlen=MOST_LINES)
        self._count, self._begun = 0, ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *whole, rest = text.split("\n")
        for line in whole:
            self._lines.append(_cut(self._begun + line))
            self._begun = ""
        self._count += len(whole)
        self._begun = (self._begun + rest)[: MOST_COLUMNS + 1]
        if self._onward is not None:
            self._onward.write(text)
            if whole:
                self._onward.flush()
        return len(text)

    @property
    def printed(self) -> Printed:
        """What was written since."""
        begun = [_cut(self._begun)] if self._begun else []
        return Printed(tuple([*self._lines, *begun][-MOST_LINES:]), self._count + len(begun))

    @contextmanager
    def catching(self) -> Iterator[None]:
        """Have what Python code prints come here."""
        with redirect_stdout(self), redirect_stderr(self):
            yield


def last_of(text: str) -> Printed:
    """The last lines of a text, of which the beginning may be lost."""
    lines = text.rstrip("\n").split("\n") if text.strip() else []
    return Printed(tuple(map(_cut, lines[-MOST_LINES:])), len(lines), "before that")


def _cut(line: str) -> str:
    """A line that a terminal holds, without what would move its cursor."""
    line = "".join(each if each.isprintable() else "�" for each in line.expandtabs(4))
    return line if len(line) <= MOST_COLUMNS else f"{line[: MOST_COLUMNS - 1]}…"

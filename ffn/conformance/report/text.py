"""Text that comes from an implementation or a file, made fit to print: it can neither steer a terminal nor flood it."""

from __future__ import annotations

MOST = 2000  # characters of one message


def printable(text: str, most: int = MOST) -> str:
    """The text with control characters, escape sequences and surrogates escaped, and cut after ``most`` characters."""
    # Cut first: no more than that is ever looked at.
    escaped = "".join(c if c.isprintable() or c == "\n" else _escaped(c) for c in text[:most])
    return escaped if len(text) <= most else f"{escaped}… ({len(text)} characters)"


def line(text: str, most: int = MOST) -> str:
    """The same on one line."""
    start, rest = text[: most * 2], text[most * 2 :]
    return printable(" ".join(start.split()) + rest, most)  # what is cut off is only counted


def _escaped(character: str) -> str:
    return ascii(character)[1:-1]

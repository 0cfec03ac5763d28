"""Texts in lines that a plain terminal holds."""

from __future__ import annotations

import textwrap

COLUMNS = 80


def wrapped(text: str, indent: str = "  ") -> list[str]:
    """A text in lines of 80 columns, but for words that are longer; all but the first begin with the indent."""
    return textwrap.wrap(text, COLUMNS, break_long_words=False, break_on_hyphens=False, subsequent_indent=indent)

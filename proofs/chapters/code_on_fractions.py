"""Arrays of fractions, on which the checks run the code exactly."""

from __future__ import annotations

from typing import Any

from ffn.numbers.exact import exact


def fractions(values: Any) -> Any:
    """An array of fractions."""
    return exact.asarray(values)


def column(*values: Any) -> Any:
    """One number a row."""
    return fractions(values).reshape(-1, 1)

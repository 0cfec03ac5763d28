"""Known failures: the list that an adopter keeps in its own repository, so that only news fails.

A TOML file with one table for each:

    [[known]]
    law = "activation/softplus/value"
    dtype = "float64"
    verdict = "wrong"
    reason = "linear beyond 20"

A failure is known when law, dtype and verdict are all the same: an unstable slope that becomes wrong is news.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ffn.conformance.laws import ALL
from ffn.conformance.report.text import line
from ffn.conformance.running.tally import LawReport
from ffn.conformance.verdict import Verdict
from ffn.numbers.precision import NAMES

_FAILING = tuple(str(verdict) for verdict in Verdict if verdict.fails)


# A key of a dozen parts: tomllib takes time and memory by the square of their number, and no entry has two.
_DOTTED = re.compile(r"""(?<![\w"'-])(?:[\w"'-]++\s*+\.\s*+){12}""")
MOST_BYTES = 1_000_000  # every law, in every dtype, with a reason, takes a quarter of it


@dataclass(frozen=True)
class Known:
    """A failure that is expected, and why."""

    law: str
    dtype: str
    verdict: str
    reason: str = ""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not isinstance(value, str):
                raise ValueError(f"{name} is a text, not {value!r}")
        if self.law not in {law.name for law in ALL}:
            raise ValueError(f"unknown law {self.law!r}")
        if self.dtype not in NAMES:
            raise ValueError(f"unknown dtype {self.dtype!r}")
        if self.verdict not in _FAILING:
            raise ValueError(f"verdict {self.verdict!r} is none of {', '.join(_FAILING)}")

    def matches(self, report: LawReport) -> bool:
        return (self.law, self.dtype, self.verdict) == (report.law.name, report.dtype, report.verdict)

    def is_stale(self, report: LawReport) -> bool:
        """Whether the law was judged and no longer fails as stated."""
        judged = report.verdict is not Verdict.NOT_OFFERED
        return (self.law, self.dtype) == (report.law.name, report.dtype) and judged and not self.matches(report)


def read(path: Path) -> tuple[Known, ...]:
    """The known failures that a file lists.

    Raises:
        ValueError: when it cannot be read, with one line that says why.
    """
    try:
        return tuple(_entries(_content(path)))
    except OSError as error:
        raise ValueError(f"known failures: {path}: {error.strerror}") from error
    except ValueError as error:
        raise ValueError(f"known failures: {path}: {line(str(error), 300)}") from error


def _content(path: Path) -> dict[str, Any]:
    if path.exists() and not path.is_file():  # a device has no end, a pipe perhaps no beginning
        raise ValueError("it is no ordinary file")
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(f"it has more than {MOST_BYTES} bytes")
    try:
        text = content.decode()
        if _DOTTED.search(text):
            raise RecursionError
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"it is not TOML: {error}") from error


def _entries(content: dict[str, Any]) -> Iterator[Known]:
    entries = content.get("known", [])
    if not isinstance(entries, list) or set(content) - {"known"}:
        raise ValueError("it holds something else than [[known]] tables")
    seen: dict[tuple[str, str, str], int] = {}
    for number, entry in enumerate(entries, 1):
        try:
            if not isinstance(entry, dict):
                raise ValueError(f"a table with law, dtype and verdict is asked for, not {str(entry)[:80]!r}")
            known = _entry(entry)
        except ValueError as error:
            raise ValueError(f"entry {number}: {error}") from error
        if (first := seen.setdefault((known.law, known.dtype, known.verdict), number)) != number:
            raise ValueError(f"entry {number} repeats entry {first}")
        yield known


def _entry(entry: dict[str, Any]) -> Known:
    names = [field.name for field in fields(Known)]
    if unknown := [name for name in entry if name not in names]:
        raise ValueError(f"{unknown[0]!r} is none of {', '.join(names)}")
    if missing := [name for name in names[:-1] if name not in entry]:
        raise ValueError(f"it has no {' and no '.join(missing)}")
    return Known(**entry)


def stale(known: Sequence[Known], reports: Sequence[LawReport]) -> list[Known]:
    """The entries whose law was judged and did not fail as stated."""
    return [entry for entry in known if any(entry.is_stale(report) for report in reports)]

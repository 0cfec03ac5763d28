"""A class's progress as a table, for a teacher."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ffn.learn.command.folder import NAME, Folder, Record
from ffn.terminal import CannotRun

MOST_NAME = 12  # characters of a folder's name: with 56 exercises a line then has 80 columns
MOST_NAMED = 12  # exercises; of more the first and the last
MARKS = {"passed": "✓", "revealed": "○", "not begun": "."}


def rows(folders: Sequence[Path]) -> list[dict[str, Any]]:
    """What is kept in each folder; of one that has none, why."""
    return [_row(path) for path in folders]


def _row(path: Path) -> dict[str, Any]:
    if not (path / NAME).exists():
        return {"folder": str(path), "error": f"there is no {NAME}", "exercises": {}}
    try:
        folder = Folder.at(path)
    except CannotRun as error:
        return {"folder": str(path), "error": error.format_message(), "exercises": {}}
    records = {each: vars(folder.records.get(each, Record())) for each in folder.exercises}
    return {"folder": str(path), "exercises": records}


def table(found: Sequence[dict[str, Any]]) -> list[str]:
    """A line a folder: ✓ passed, ○ revealed, a digit for tenths of the laws that hold, and a dot for not begun.

    At its end stand how many are passed, and how many hints were shown.
    """
    ids = list(dict.fromkeys(each for row in found for each in row["exercises"]))
    width = min(MOST_NAME, max(len(_name(row)) for row in found))
    every = f"{ids[0]} to {ids[-1]}" if len(ids) > MOST_NAMED else ", ".join(ids)
    marks = max(len(ids), len(every))
    lines = [f"{'':{width}} {every:{marks}}   ✓ hints"] if ids else []
    for row in found:
        name = _name(row) if len(_name(row)) <= width else f"{_name(row)[: width - 1]}…"
        if "error" in row:
            lines.append(f"{name:{width}} {row['error']}")
            continue
        told = "".join(_mark(row["exercises"].get(each)) for each in ids)
        passed = sum(record["state"] == "passed" for record in row["exercises"].values())
        hints = sum(record["hints"] for record in row["exercises"].values())
        lines.append(f"{name:{width}} {told:{marks}} {passed:3} {hints:5}")
    return [*lines, "✓ passed, ○ revealed, 0-9 tenths of the laws hold, . not begun"]


def _name(row: dict[str, Any]) -> str:
    return Path(row["folder"]).resolve().name


def _mark(record: dict[str, Any] | None) -> str:
    if record is None:
        return " "
    tenths = min(9, 10 * len(record["held"]) // record["laws"]) if record["laws"] else 0
    return MARKS.get(record["state"], str(tenths))

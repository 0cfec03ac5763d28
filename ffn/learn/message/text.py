"""A finding as the lines that a learner reads: at most 15, of 80 columns, without colour."""

from __future__ import annotations

import ast
from pathlib import Path

from ffn.learn.exercise import Entry, Finding, Outcome
from ffn.learn.message.wrapping import wrapped

LINES = 15


def lines(
    entry: Entry, finding: Finding, path: Path, source: str | None = None, shown: Path | None = None
) -> list[str]:
    """The message. Its first line begins with ``file:line:``, which editors jump to.

    Args:
        entry: the exercise.
        finding: what was found.
        path: the learner's file.
        source: its text; read from the path where it is left out.
        shown: the path as it is to be written, where that is another one.
    """
    place = f"{shown or path}:{finding.line or line_of(finding.name, path, source)}:"
    if finding.outcome is Outcome.PASSED:
        return wrapped(f"{place} {entry.id} {entry.exercise.title}: passed, {_held(finding)}")
    if finding.outcome is Outcome.NOT_BEGUN:
        return wrapped(f"{place} {entry.id} {entry.exercise.title}: not begun. {finding.message}".rstrip())
    head = wrapped(f"{place} {entry.id} {entry.exercise.title}: {finding.outcome}")
    head += wrapped(finding.law)
    told = wrapped(finding.message)
    tail = []
    if finding.misconception is not None:
        agree = f" ({finding.tried} of {finding.tried} examples agree, {finding.agree} of them wrong)"
        tail += wrapped(f"Is it this? “{finding.misconception.name}”{agree if finding.tried > 1 else ''}")
        tail += wrapped(f"Think: {finding.misconception.question}")
    tail += wrapped(f"{_held(finding)} Read: {entry.exercise.read}".strip())
    room = LINES - len(head) - len(told) - len(tail)
    drawing = list(finding.drawing) if len(finding.drawing) <= room else [*finding.drawing[: room - 1], "  …"]
    return [*head, *drawing, *told, *tail]


def _held(finding: Finding) -> str:
    return f"{len(finding.held)} of {finding.laws} laws hold." if finding.laws else ""


def line_of(name: str, path: Path, source: str | None = None) -> int:
    """The line on which a file defines a name; 1 where it does not."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8") if source is None else source)
    except (OSError, SyntaxError, ValueError):
        return 1
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == name:
            return node.lineno
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return node.lineno
    return 1

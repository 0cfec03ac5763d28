"""A finding as the lines that a learner reads: at most 15, of 80 columns, without colour."""

from __future__ import annotations

import ast
from pathlib import Path

from ffn.learn.exercise import Entry, Finding, Outcome
from ffn.learn.message.wrapping import wrapped

LINES = 15
HOLD = {"examples": "laws hold", "values": "values are right", "programs": "programs are judged rightly"}


def lines(entry: Entry, finding: Finding, place: str = "") -> list[str]:
    """The message.

    Args:
        entry: the exercise.
        finding: what was found.
        place: ``file:line:``, with which the first line begins, so that editors jump there.
    """
    title = f"{place} {entry.id} {entry.exercise.title}: {finding.outcome}".strip()
    if finding.outcome is Outcome.PASSED:
        return wrapped(f"{title}, {_held(finding)}")
    if finding.outcome is Outcome.NOT_BEGUN:
        return wrapped(f"{title}. {finding.message}".rstrip())
    head = wrapped(title)
    head += wrapped(finding.law)
    told = wrapped(finding.message)
    tail = []
    if finding.misconception is not None:
        agree = f" (all {finding.tried} {finding.things} agree, {finding.agree} of them wrong)"
        tail += wrapped(f"Is it this? “{finding.misconception.name}”{agree if finding.tried > 1 else ''}")
        tail += wrapped(f"Think: {finding.misconception.question}")
    tail += wrapped(f"{_held(finding)} Read: {entry.exercise.read}".strip())
    room = LINES - len(head) - len(told) - len(tail)
    drawing = list(finding.drawing) if len(finding.drawing) <= room else [*finding.drawing[: room - 1], "  …"]
    return [*head, *drawing, *told, *tail]


def _held(finding: Finding) -> str:
    return f"{len(finding.held)} of {finding.laws} {HOLD[finding.things]}." if finding.laws else ""


def printed(finding: Finding) -> list[str]:
    """What the learner's own code printed, under its heading; it comes after the message, and is no part of it."""
    said = finding.printed
    if said is None or not said.lines:
        return []
    of = f", the last {len(said.lines)} of {said.count} lines" if said.count > len(said.lines) else ""
    return [f"Your code printed, {said.when}{of}:", *(f"| {line}" for line in said.lines)]


def line_of(name: str, path: Path) -> int:
    """The line on which a file defines a name; 1 where it does not."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
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

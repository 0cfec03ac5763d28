"""Checking a learner's file in a process of its own, and keeping what became of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ffn.learn.command.folder import Folder
from ffn.learn.exercise import Entry, Finding, Outcome
from ffn.learn.message.wrapping import wrapped
from ffn.terminal import CannotRun


@dataclass(frozen=True)
class Checked:
    """A check, its message, and what the learner's code printed, as it is shown."""

    entry: Entry
    finding: Finding
    lines: tuple[str, ...]
    printed: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        finding = self.finding
        return {
            "exercise": self.entry.id,
            "title": self.entry.exercise.title,
            "outcome": str(finding.outcome),
            "stage": finding.stage,
            "message": finding.message,
            "law": finding.law,
            "misconception": finding.misconception.name if finding.misconception else None,
            "agree": finding.agree,
            "tried": finding.tried,
            "held": list(finding.held),
            "laws": finding.laws,
            "lines": list(self.lines),
            "printed": asdict(finding.printed) if finding.printed and finding.printed.lines else None,
        }


def check(folder: Folder, entry: Entry) -> Checked:
    """Check the file of an exercise, and write down what became of it."""
    path = folder.file(entry)
    if folder.untouched(entry):
        finding = Finding(Outcome.NOT_BEGUN, message="The file is as it began.", name=entry.exercise.asked[0])
    else:
        finding = _judged(path, entry)
    record = folder.record(entry)
    record.checks += finding.outcome is not Outcome.NOT_BEGUN
    folder.announced = False
    told = _since(entry, record.held if record.laws else None, finding)
    record.held, record.laws = list(finding.held), finding.laws or record.laws
    if record.state != "revealed" or finding.outcome is not Outcome.PASSED:
        record.state = str(finding.outcome)
    folder.save()
    from ffn.learn.message import text

    lines = text.lines(entry, finding, f"{shown(path)}:{finding.line or text.line_of(finding.name, path)}:")
    lines += wrapped(told)[: max(0, text.LINES - len(lines))]
    return Checked(entry, finding, tuple(lines), tuple(text.printed(finding)))


def _since(entry: Entry, before: list[str] | None, finding: Finding) -> str:
    """What a change broke or, where an exercise has several parts, what it mended."""
    if before is None or finding.stage != "numbers" or finding.things != "examples":
        return ""
    lost = [law for law in before if law not in finding.held and law.endswith(".")]
    gained = [law for law in finding.held if law not in before and law.endswith(".")]
    if lost:
        return f"Before your change this held: {lost[0]}"
    several = len(entry.exercise.asked) > 1
    return f"Since your change this holds: {gained[0]} Has what is left the same cause?" if gained and several else ""


def shown(path: Path) -> Path:
    """A path as the learner would write it."""
    current = Path.cwd()
    return path.relative_to(current) if path.is_relative_to(current) else path


def _judged(path: Path, entry: Entry) -> Finding:
    from ffn.conformance.implementation.errors import Died, LoadingError
    from ffn.learn.judging.submission import LIMITS, Submission, judged

    try:
        submission = Submission.in_file(path, replace(LIMITS, seconds=entry.exercise.seconds))
    except LoadingError as error:
        message = str(error)
        if "isolated on POSIX" in message:
            raise CannotRun("`ffn learn` needs Linux or another POSIX system; a notebook does not") from error
        return Finding(Outcome.ERROR, "runs", f"Importing the file: {message.partition('cannot be loaded: ')[2]}.")
    try:
        return judged(entry.exercise, submission)
    except Died as died:
        return Finding(Outcome.ERROR, "runs", f"{died}.", name=entry.exercise.asked[0])
    finally:
        submission.close()

"""Checking from a notebook, or from a grader: ``check("3.2", relu_backward)``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # `ffn learn list` should not wait for the judge
    from ffn.learn.exercise import Finding


@dataclass(frozen=True, repr=False)
class Result:
    """What a check found: true where it passed, and written as the message.

    Attributes:
        finding: what was found.
        lines: the message.
    """

    finding: Finding
    lines: tuple[str, ...]

    def __bool__(self) -> bool:
        return self.finding.outcome == "passed"

    def __repr__(self) -> str:
        return "\n".join(self.lines)


def check(exercise: str, answer: Callable[..., Any] | Mapping[str, Any] | Any) -> Result:
    """Check what was written for an exercise, in this process, without limits on time and memory.

    Args:
        exercise: its id, such as ``"3.2"``.
        answer: the function, or what the exercise asks for by name; where it asks for one value, that value.

    Raises:
        ffn.learn.catalogue.Unknown: when there is no such exercise.
    """
    from ffn.learn.catalogue import entry
    from ffn.learn.judging.submission import Submission
    from ffn.learn.message import text

    found = entry(exercise)
    asked = found.exercise.asked
    defined = answer if isinstance(answer, Mapping) else {asked[0]: answer}
    code = getattr(answer, "__code__", None)
    finding = found.exercise.judge(Submission.of(defined, code.co_filename if code is not None else ""))
    path = Path(code.co_filename) if code is not None else Path(exercise)
    line = finding.line or (code.co_firstlineno if code is not None else 1)
    shown = text.lines(found, finding, Path(path.name), f"{chr(10) * (line - 1)}{finding.name or asked[0]} = 0")
    return Result(finding, tuple(shown))

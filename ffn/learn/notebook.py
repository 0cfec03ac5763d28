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
        printed: what the answer printed, as it is shown under the message; it is not printed anywhere else.
    """

    finding: Finding
    lines: tuple[str, ...]
    printed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.finding.outcome == "passed"

    @property
    def share(self) -> float:
        """How much of it is right, for partial credit: 1 where it passed, else the share of the laws that hold."""
        return 1.0 if self else len(self.finding.held) / self.finding.laws if self.finding.laws else 0.0

    def __repr__(self) -> str:
        return "\n".join((*self.lines, *self.printed))


def check(exercise: str, answer: Callable[..., Any] | Mapping[str, Any] | Any) -> Result:
    """Check what was written for an exercise, in this process, without limits on time and memory.

    Args:
        exercise: its id, such as ``"3.2"``.
        answer: the function, or what the exercise asks for by name; where it asks for one value, that value.

    Raises:
        ffn.learn.catalogue.Unknown: when there is no such exercise.
    """
    from ffn.learn.catalogue import entry
    from ffn.learn.judging.submission import Submission, judged
    from ffn.learn.message import text

    found = entry(exercise)
    asked = found.exercise.asked
    defined = answer if isinstance(answer, Mapping) else {asked[0]: answer}
    code = next((each.__code__ for each in defined.values() if hasattr(each, "__code__")), None)
    finding = judged(found.exercise, Submission.of(defined, code.co_filename if code is not None else ""))
    place = f"{_file(code.co_filename)}:{finding.line or code.co_firstlineno}:" if code is not None else ""
    return Result(finding, tuple(text.lines(found, finding, place)), tuple(text.printed(finding)))


def _file(name: str) -> str:
    """The file's name; what the kernel of a notebook calls a cell is no name that one would know."""
    stem = Path(name).stem
    return "cell" if stem.isdecimal() or name.startswith("<") else Path(name).name

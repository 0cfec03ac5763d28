"""What may be wrong with an implementation, and with an answer before any number in it is looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ffn.conformance.implementation.boundary.data.call import Reply

MOST_TEXT = 200  # characters of what a process printed


class LoadingError(Exception):
    """The implementation cannot be had; the text is one line that says why."""


class ImplementationError(Exception):
    """The implementation raised, or returned something of the wrong kind or shape. The text says which."""


class NotOffered(ImplementationError):
    """It raised NotImplementedError: this it does not claim to do.

    Attributes:
        answer: what was asked for: forward, loss, …; empty where it was a question.
    """

    def __init__(self, answer: str, text: str) -> None:
        super().__init__(text)
        self.answer = answer


class Died(ImplementationError):
    """Its process ended, hung or outgrew its memory, so that asking again costs as much. The text says how.

    Attributes:
        reason: how, without the last line that it printed.
        printed: what it printed, of much the end.
        replies: to the calls of the same message that came before.
    """

    def __init__(self, reason: str, printed: str = "") -> None:
        super().__init__(reason + last_line(printed))
        self.reason, self.printed = reason, printed
        self.replies: Sequence[Reply] = ()


def last_line(printed: str) -> str:
    """As the end of a message, the last line that a process printed, if any."""
    lines = [line for line in printed.splitlines() if line.strip()]
    return f"; its last line: {' '.join(lines[-1].split())[:MOST_TEXT]}" if lines else ""


class Impure(ImplementationError):
    """It answered, but is no function of its arguments in their precision.

    Attributes:
        faults: what it did, under ``"inputs"`` where it changed any, under ``"dtype"`` where it returns another one.
    """

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(faults.values()))
        self.faults = faults

"""What may be wrong with an implementation, and with an answer before any number in it is looked at."""

from __future__ import annotations

from collections.abc import Mapping


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
    """Its process ended, hung or outgrew its memory, so that asking again costs as much. The text says how."""


class Impure(ImplementationError):
    """It answered, but is no function of its arguments in their precision.

    Attributes:
        faults: what it did, under ``"inputs"`` where it changed any, under ``"dtype"`` where it returns another one.
    """

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(faults.values()))
        self.faults = faults

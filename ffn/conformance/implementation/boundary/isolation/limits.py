"""What an implementation may use before it is ended."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What an implementation may use.

    Attributes:
        seconds: for one call.
        loading: seconds for loading it, and for saying what it offers.
        memory: in GiB.
        lost: the seconds of the whole run that may pass in calls without an answer.
    """

    seconds: float = 10.0
    loading: float = 60.0
    memory: float = 4.0
    lost: float = 60.0

    @classmethod
    def of(cls, seconds: float, memory: float) -> Limits:
        """What follows where only these are said: loading may take six calls' time, and at least 10 seconds."""
        return cls(seconds, max(10.0, 6 * seconds), memory)

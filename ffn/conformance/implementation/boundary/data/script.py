"""A script: calls one after the other, or at once, on arrays that live on between them.

A single call is given arrays of its own, which nobody else ever sees. What is remembered between calls, and what
becomes of an answer later, shows only where the caller does what callers do: overwrite an array, let go of it, keep
answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ffn.conformance.implementation.boundary.data.call import Call
from ffn.conformance.implementation.boundary.data.stored import Stored


class How(StrEnum):
    """How an array comes to its contents."""

    NEW = "new"  # a new array; one that had its name lives on
    IN_PLACE = "in place"  # the array of this name is overwritten
    SAME_ADDRESS = "same address"  # the array of this name is let go of, and a new one made where it was


@dataclass(frozen=True, slots=True)
class Named:
    """In the arguments of a call, the array of this name."""

    name: str


@dataclass(frozen=True, slots=True)
class Brought:
    """An array, its contents, and how it comes to them."""

    name: str
    contents: Stored
    how: How = How.NEW


@dataclass(frozen=True)
class Step:
    """Calls of a script.

    Attributes:
        calls: one, or several that are made at once, each from a thread of its own.
        brought: arrays that are made or overwritten before.
        thread: that a single call is made from, by its number; 0 is the main one.
        times: that each of several calls is made.
        written: whether the caller overwrites the answer after it was read.
    """

    calls: tuple[Call, ...]
    brought: tuple[Brought, ...] = ()
    thread: int = 0
    times: int = 1
    written: bool = False

    @property
    def replies(self) -> tuple[Call, ...]:
        """The call that each reply belongs to, in the order in which they come."""
        return tuple(call for call in self.calls for _ in range(self.times))


Script = tuple[Step, ...]

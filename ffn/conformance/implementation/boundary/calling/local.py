"""An implementation in this process, as a debugger and one's own tests want it."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

from ffn.conformance.implementation.boundary.calling.guard import answering, offer_of, replied
from ffn.conformance.implementation.boundary.calling.playing import played
from ffn.conformance.implementation.boundary.data.call import Call, Reply
from ffn.conformance.implementation.boundary.data.script import Script


class Local:
    """The implementation is called here: what hangs, hangs the judge, and what ends the process ends it.

    Args:
        implementation: the object.
        again: makes another one, as if nothing had been called; left out, copies of the object as it is now stand for
            that, where it can be copied.

    Raises:
        TypeError: when the object is no implementation.
    """

    def __init__(self, implementation: Any, again: Callable[[], Any] | None = None) -> None:
        self.implementation = implementation
        self.offer = offer_of(implementation)
        self._again = again or _copies_of(implementation)

    def call(self, call: Call) -> Reply:
        return _here(replied(self.implementation, call))

    def calls(self, calls: tuple[Call, ...]) -> list[Reply]:
        return list(map(_here, answering(self.implementation, calls)))

    def play(self, script: Script) -> list[Reply]:
        return list(map(_here, played(self.implementation, script)))

    def restart(self) -> bool:
        if self._again is None:
            return False
        self.implementation = self._again()
        return True

    def close(self) -> None:
        pass


def _here(reply: Reply) -> Reply:
    """In this process no limit is ours, whose excess would be told as such."""
    return replace(reply, kind="error") if reply.kind in ("memory", "descriptors") else reply


def _copies_of(implementation: Any) -> Callable[[], Any] | None:
    try:
        untouched = deepcopy(implementation)
    except Exception:  # a module, say, or what holds a lock
        return None
    return lambda: deepcopy(untouched)

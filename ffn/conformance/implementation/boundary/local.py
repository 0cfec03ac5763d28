"""An implementation in this process, as a debugger and one's own tests want it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ffn.conformance.implementation.boundary.call import Call, Reply
from ffn.conformance.implementation.boundary.guard import offer_of, replied
from ffn.conformance.implementation.boundary.playing import played
from ffn.conformance.implementation.boundary.script import Script


class Local:
    """The implementation is called here: what hangs, hangs the judge, and what ends the process ends it.

    Raises:
        TypeError: when the object is no implementation.
    """

    def __init__(self, implementation: Any) -> None:
        self.implementation = implementation
        self.offer = offer_of(implementation)

    def call(self, call: Call) -> Reply:
        reply = replied(self.implementation, call)
        return replace(reply, kind="error") if reply.kind == "memory" else reply

    def play(self, script: Script) -> list[Reply]:
        return [
            replace(reply, kind="error") if reply.kind == "memory" else reply
            for reply in played(self.implementation, script)
        ]

    def restart(self) -> bool:
        return False

    def close(self) -> None:
        pass

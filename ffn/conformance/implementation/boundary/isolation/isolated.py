"""An implementation in a process of its own."""

from __future__ import annotations

import os
import time
from functools import cached_property
from threading import Lock
from typing import Self

from ffn.conformance.implementation.boundary.data.call import NOT_CALLED, Call, Offer, Reply
from ffn.conformance.implementation.boundary.data.script import Script
from ffn.conformance.implementation.boundary.isolation.encoding import (
    Calls,
    calls_frame,
    most_bytes,
    offer_in,
    reply_in,
)
from ffn.conformance.implementation.boundary.isolation.limits import Limits
from ffn.conformance.implementation.boundary.isolation.process import WORKER, Lost, Process
from ffn.conformance.implementation.boundary.isolation.wire import Garbled
from ffn.conformance.implementation.errors import Died, LoadingError


class Isolated:
    """A process that is started again, at the next call, when it died.

    Args:
        spec: the implementation's name.
        limits: of the process.
        worker: the module of the kit that loads and serves it there.

    Raises:
        LoadingError: when there is no such process on this system.
    """

    def __init__(self, spec: str, limits: Limits, worker: str = WORKER) -> None:
        if os.name != "posix":
            raise LoadingError("processes are isolated on POSIX systems alone: --no-isolate calls it in this one")
        self._spec, self._limits, self._worker = spec, limits, worker
        self._lost = 0.0
        self._ended_by_us = False
        self._number = 0
        self._lock = Lock()
        self._process: Process | None = self._begun()

    @cached_property
    def offer(self) -> Offer:
        """What it offers, as soon as it is loaded, before which nothing is called.

        Raises:
            LoadingError: when it cannot be.
        """
        try:
            return self._first_word()
        except BaseException:
            self.close()
            raise

    def loaded(self) -> Self:
        """Itself, as soon as it has said what it offers. Raises as that does."""
        _ = self.offer  # which waits
        return self

    def call(self, call: Call) -> Reply:
        return self.calls((call,))[0]

    def calls(self, calls: tuple[Call, ...]) -> list[Reply]:
        return self._asked(calls, calls)

    def play(self, script: Script) -> list[Reply]:
        return self._asked(script, tuple(call for step in script for call in step.replies))

    def _asked(self, what: Calls, calls: tuple[Call, ...]) -> list[Reply]:
        """The replies to calls, unless too much time was lost already to calls that nothing came of."""
        with self._lock:  # one process, one call or script at a time
            return self._answered(what, calls)

    def _answered(self, what: Calls, calls: tuple[Call, ...]) -> list[Reply]:
        if self._lost > self._limits.lost:
            raise Died(f"not called: {self._limits.lost:g} s were lost to calls without an answer; {calls[0].method}")
        started = time.monotonic()
        lost = self._process is None and not self._ended_by_us  # starting again what died is lost time too
        try:
            return self._replies(what, calls)
        except BaseException:  # Ctrl-C too: what comes later would be taken for the answer to another call
            lost = True
            self.close()
            raise
        finally:
            self._lost += time.monotonic() - started if lost else 0

    def _replies(self, what: Calls, calls: tuple[Call, ...]) -> list[Reply]:
        found: list[Reply] = []
        for call in calls:
            try:
                found.append(self._reply(None if found else what, call))
            except Died as died:
                died.replies = found
                raise
            if found[-1].failure and found[-1].kind != NOT_CALLED:
                break
        return found

    def _reply(self, what: Calls | None, call: Call) -> Reply:
        """The next reply, which is to this call, after what is to be called was sent, if it was not yet."""
        try:
            process = self._process or self._started_again()
            self._number += what is not None
            frame = None if what is None else calls_frame(self._number, what)
            header, data = process.exchange(frame, self._limits.seconds, most_bytes(call))
            reply = reply_in(header, data, self._number, call)
        except Lost as lost:
            raise Died(f"{lost.reason}, in {call.method}{lost.place}", lost.printed) from lost
        except Garbled as garbled:
            raise Died(f"the process sent something else than an answer, in {call.method}") from garbled
        if reply.kind == "descriptors":
            raise Died(f"its process has no file descriptors left, in {call.method}")
        if reply.kind == "memory":  # what it holds by now would fail the next call too
            raise Died(f"more than {self._limits.memory:g} GiB of memory, in {call.method}")
        return reply

    def _begun(self) -> Process:
        self._ended_by_us = False
        return Process(self._spec, self._limits, self._worker)

    def _first_word(self) -> Offer:
        assert self._process is not None
        try:
            offer = offer_in(self._process.exchange(None, self._limits.loading, 0)[0])
        except Lost as lost:
            raise LoadingError(f"{self._spec} cannot be loaded: {lost}") from lost
        except Garbled as garbled:
            raise LoadingError(f"{self._spec} cannot be loaded: it does not say what it offers") from garbled
        if isinstance(offer, str):
            raise LoadingError(offer)
        return offer

    def _started_again(self) -> Process:
        self._process = self._begun()
        try:
            self._first_word()
        except LoadingError as error:
            raise Died(f"the process died and cannot be started again: {error}") from error
        return self._process

    def restart(self) -> bool:
        self.close()
        self._ended_by_us = True
        return True

    def close(self) -> None:
        if self._process is not None:
            self._process.end()
            self._process = None

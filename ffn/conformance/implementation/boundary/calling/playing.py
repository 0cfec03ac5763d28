"""Playing a script: its arrays, its threads, and what becomes of the answers that a caller keeps."""

from __future__ import annotations

import sys
import time
import warnings
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from threading import Barrier
from types import FrameType
from typing import Any

import numpy as np
import numpy.typing as npt

from ffn.cases.case import flat, mapped
from ffn.conformance.implementation.boundary.calling.guard import Answered, answered
from ffn.conformance.implementation.boundary.calling.place import is_of_a_library
from ffn.conformance.implementation.boundary.data.call import NOT_CALLED, Call, Reply
from ffn.conformance.implementation.boundary.data.described import Described
from ffn.conformance.implementation.boundary.data.script import Brought, How, Named, Script, Step
from ffn.conformance.implementation.boundary.data.stored import ALIGNMENT, Stored, dtype_named

AT_ONCE_SECONDS = 1.0  # after which calls that are made at once are made no more
SWITCHING_SECONDS = 1e-6  # meanwhile Python's threads take turns as often as they can
TRIES = 64  # objects that are made until one lies where the last one lay
ARGUMENTS = -1  # among what a call spoiled, in place of the number of an answer
WRITTEN = 77  # what the caller writes over an answer


def played(implementation: Any, script: Script) -> Iterator[Reply]:
    """The replies of a script, each as soon as it is there. One that failed is the last.

    Raises:
        KeyboardInterrupt: as it comes, for it may be the user's own.
    """
    table, kept = _Table(), _Kept()
    with ExitStack() as stack:
        threads = _Threads(stack)
        for step in script:
            for each in step.brought:
                table.bring(each)
            for call, (reply, arrays) in zip(step.replies, _called(implementation, step, table, threads), strict=True):
                spoiled = kept.spoiled()
                if not reply.failure and reply.answer is not None and call.asked is not None:
                    kept.add(reply, arrays)
                    if step.written:
                        spoiled += (*kept.write(), *_arguments_spoiled(table, call))
                yield replace(reply, spoiled=spoiled)
                if reply.failure and reply.kind != NOT_CALLED:
                    return


def _called(implementation: Any, step: Step, table: _Table, threads: _Threads) -> list[Answered]:
    if step.times == 1:
        (call,) = step.calls
        return [threads.run(step.thread, lambda: answered(implementation, call, *table.given(call)))]
    barrier, deadline = Barrier(len(step.calls)), time.monotonic() + AT_ONCE_SECONDS

    def often(call: Call) -> list[Answered]:
        given = table.given(call)
        barrier.wait()
        found: list[Answered] = []
        sys.settrace(_let_others_run)
        try:
            while len(found) < step.times and (not found or time.monotonic() < deadline):
                found.append(answered(implementation, call, *given))
        finally:
            sys.settrace(None)
        return found + [(Reply(failure="there was no time left", kind=NOT_CALLED), [])] * (step.times - len(found))

    interval = sys.getswitchinterval()
    sys.setswitchinterval(SWITCHING_SECONDS)
    try:
        with warnings.catch_warnings(), ThreadPoolExecutor(len(step.calls)) as pool:
            warnings.simplefilter("ignore")  # once for all: what each call does of this kind is not made for threads
            return [each for found in pool.map(often, step.calls) for each in found]
    finally:
        sys.setswitchinterval(interval)


def _let_others_run(frame: FrameType, event: str, argument: Any) -> Any:
    """Of threads at once: before each line of the implementation's own code another one may run."""
    if is_of_a_library(frame.f_code.co_filename):
        return None
    time.sleep(0)
    return _let_others_run


class _Threads:
    """Threads by number, each made when it is first needed."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._threads: dict[int, ThreadPoolExecutor] = {}

    def run(self, number: int, function: Callable[[], Answered]) -> Answered:
        if number == 0:
            return function()
        if number not in self._threads:
            self._threads[number] = self._stack.enter_context(ThreadPoolExecutor(1))
        return self._threads[number].submit(function).result()


@dataclass
class _Table:
    """The arrays of a script, by name, with what has to be in them."""

    arrays: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    contents: dict[str, Stored] = field(default_factory=dict)
    memory: dict[str, npt.NDArray[np.uint8]] = field(default_factory=dict)
    descriptions: dict[int, Any] = field(default_factory=dict)  # of each one object, for every call with it
    tuples: dict[tuple[int, ...], Any] = field(default_factory=dict)  # likewise of the same objects one tuple
    older: list[Any] = field(default_factory=list)  # they live on, so that nothing new takes their address

    def bring(self, brought: Brought) -> None:
        name, stored = brought.name, brought.contents
        known = name in self.arrays and (self.contents[name].shape, self.contents[name].dtype) == (
            stored.shape,
            stored.dtype,
        )
        if brought.how is How.IN_PLACE and known:
            self.arrays[name][...] = stored.restored()
        elif not (brought.how is How.SAME_ADDRESS and known and self._make_where_it_was(name, stored)):
            self._make(name, stored)
        self.contents[name] = stored

    def given(self, call: Call) -> tuple[Any, Any]:
        """The arguments of a call, and what is in each of them."""
        contents = mapped(lambda each: self.contents[each.name] if isinstance(each, Named) else each, call.arguments)
        return tuple(map(self._given, call.arguments)), contents

    def _given(self, value: Any) -> Any:
        if isinstance(value, tuple):
            found = tuple(map(self._given, value))
            return self.tuples.setdefault(tuple(map(id, found)), found)
        if isinstance(value, Named):
            return self.arrays[value.name]
        if isinstance(value, Described):
            return self.descriptions.setdefault(id(value), value.restored())
        return value

    def _let_go(self, name: str) -> None:
        """Of the tuples with the array of that name."""
        array = self.arrays.get(name)
        held = [key for key, found in self.tuples.items() if any(each is array for each in flat(found))]
        for key in held:
            del self.tuples[key]

    def _make(self, name: str, stored: Stored) -> None:
        self.older.append((self.arrays.pop(name, None), self.memory.pop(name, None)))
        memory = np.empty(len(stored.data) + ALIGNMENT, np.uint8)
        start = -memory.ctypes.data % ALIGNMENT
        self.memory[name] = memory[start : start + len(stored.data)]
        self.arrays[name] = self._over(name, stored)

    def _make_where_it_was(self, name: str, stored: Stored) -> bool:
        """Whether that could be done: an array that the implementation still holds is not gone."""
        self._let_go(name)
        place, watched = id(self.arrays[name]), weakref.ref(self.arrays[name])
        del self.arrays[name]
        if (held := watched()) is not None:
            self.arrays[name] = held
            return False
        tries = [self._over(name, stored)]
        while id(tries[-1]) != place and len(tries) < TRIES:
            tries.append(self._over(name, stored))
        self.arrays[name] = tries[-1]
        return True

    def _over(self, name: str, stored: Stored) -> npt.NDArray[Any]:
        """A new array over the memory of that name, with these contents."""
        self.memory[name][...] = np.frombuffer(stored.data, np.uint8)
        return np.ndarray(stored.shape, dtype_named(stored.dtype), self.memory[name])


class _Kept:
    """The answers that the caller keeps: as they came, and as they are."""

    def __init__(self) -> None:
        self._number = ARGUMENTS
        self._answers: dict[tuple[int, int], tuple[npt.NDArray[Any], bytes]] = {}

    def add(self, reply: Reply, arrays: list[npt.NDArray[Any]]) -> None:
        self._number += 1
        for place, (array, copy) in enumerate(zip(arrays, flat(reply.answer), strict=True)):
            # In the byte order in which it came, which may be another one than the copy's.
            self._answers[self._number, place] = array, copy.astype(array.dtype).tobytes()

    def spoiled(self) -> tuple[tuple[int, int], ...]:
        """The number of each answer, and the place in it, that is no longer as it was; each is told once."""
        found = tuple(key for key, (array, before) in self._answers.items() if array.tobytes() != before)
        for key in found:
            del self._answers[key]
        return found

    def write(self) -> tuple[tuple[int, int], ...]:
        """Write into each array of the last answer that can be written into; what else changed by that."""
        found: tuple[tuple[int, int], ...] = ()
        for key in [key for key in self._answers if key[0] == self._number]:
            kept = self._answers.pop(key, None)  # none where the one before lies there too
            if kept and kept[0].flags.writeable:
                kept[0][...] = WRITTEN
                found += self.spoiled()
        return found


def _arguments_spoiled(table: _Table, call: Call) -> tuple[tuple[int, int], ...]:
    given, contents = map(flat, table.given(call))
    leaves = enumerate(zip(given, contents, strict=True))
    return tuple((ARGUMENTS, place) for place, (a, b) in leaves if isinstance(b, Stored) and not b.is_kept_by(a))

"""A sequence of calls as data: it is played as a script, written as JSON, and pasted as Python."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt

from ffn.cases.case import Arguments, mapped
from ffn.conformance.implementation.boundary.data.call import Asked, Call
from ffn.conformance.implementation.boundary.data.described import Described, described
from ffn.conformance.implementation.boundary.data.script import Brought, How, Named, Script, Step
from ffn.conformance.implementation.boundary.data.stored import stored
from ffn.network.description import Network, Recurrent
from ffn.network.formulas import argument_names

AT_ONCE = 10  # times that each of several calls is made at once


class Arrays(StrEnum):
    """What a call is given where an argument differs from that of the call before; where it does not, the same object.

    ``NEW``: another array. ``IN_PLACE``: the same object, overwritten. ``SAME_ADDRESS``: another array in the place of
    the one that was let go of. ``ALL_NEW``: other arrays everywhere.
    """

    NEW = "new"
    IN_PLACE = "in place"
    SAME_ADDRESS = "same address"
    ALL_NEW = "all new"


@dataclass(frozen=True)
class Use:
    """One call of a sequence.

    Attributes:
        name: what is asked for: forward, loss, ….
        case: the arguments.
        arrays: what becomes of those of the call before.
        shared: whether arguments with the same contents are one array.
        thread: that it is called from, by its number; 0 is the main one.
        at_once: whether it is called at once with its neighbours that are, each ``AT_ONCE`` times.
        written: whether the caller then overwrites the answer.
    """

    name: str
    case: Arguments
    arrays: Arrays = Arrays.NEW
    shared: bool = False
    thread: int = 0
    at_once: bool = False
    written: bool = False

    @property
    def method(self) -> str:
        return self.case.method(self.name)


@dataclass(frozen=True)
class Played:
    """A call of a sequence that was made.

    Attributes:
        use: the call.
        answer: what it returned.
        spoiled: as in ``boundary.data.call.Reply``.
    """

    use: Use
    answer: Any
    spoiled: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Sequence:
    """Calls one after the other, as a counterexample too: what the last of them returns depends on those before."""

    uses: tuple[Use, ...]

    @property
    def dtype(self) -> str:
        return self.uses[-1].case.dtype

    @property
    def asked(self) -> tuple[Use, ...]:
        """The calls in the order in which they are answered."""
        return tuple(use for use in self.uses for _ in range(AT_ONCE if use.at_once else 1))

    def until(self, use: Use) -> Sequence:
        """The calls up to this one, with those that are made at once with it."""
        place = next(place for place, each in enumerate(self.uses) if each is use) + 1
        while use.at_once and place < len(self.uses) and self.uses[place].at_once:
            place += 1
        return Sequence(self.uses[:place])

    def script(self) -> Script:
        """What crosses the boundary."""
        objects = _Objects()
        return tuple(
            _step(tuple(group), objects) for _, group in groupby(self.uses, lambda use: use.at_once or id(use))
        )

    def to_json(self) -> dict[str, Any]:
        """The calls in their order, each with its case and with what becomes of the arrays."""
        return {
            "calls": [
                {"method": use.method, "arrays": str(use.arrays), **_settings(use), **use.case.to_json()}
                for use in self.uses
            ]
        }

    def to_python(self) -> str:
        """The calls as Python that can be pasted, after ``implementation`` has been imported."""
        from ffn.conformance.implementation.pasted import pasted  # it is made of these

        return pasted(self)


def of_calls(calls: Iterable[tuple[str, Arguments]]) -> Sequence:
    """Calls of which each has arrays of its own."""
    return Sequence(tuple(Use(name, case, Arrays.ALL_NEW) for name, case in calls))


def array_leaves(case: Arguments, method: str) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """The path of each array among the arguments of a method, as Python has it, and the array."""
    for name in argument_names(method):
        yield from leaves_of(name, getattr(case, name))


def leaves_of(path: str, value: Any) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """The path of each array in a nested tuple, and the array."""
    if isinstance(value, np.ndarray):
        yield path, value
    elif isinstance(value, tuple):
        for place, each in enumerate(value):
            yield from leaves_of(f"{path}[{place}]", each)


def same_contents(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> bool:
    """Whether two arrays hold the same bits, in the same shape and dtype."""
    return a is b or (a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes())


def _settings(use: Use) -> dict[str, Any]:
    """What of a call is not as usual."""
    settings = {name: getattr(use, name) for name in ("shared", "thread", "at_once", "written")}
    return {name: value for name, value in settings.items() if value}


@dataclass
class _Objects:
    """The array that stands in each place, as objects of a script: their names, and what is in them."""

    current: dict[str, tuple[str, npt.NDArray[Any]]] = field(default_factory=dict)
    descriptions: dict[Any, Described] = field(default_factory=dict)  # one object for each network
    made: int = 0

    def bring(self, use: Use) -> Iterator[tuple[str, Brought | None]]:
        """For each array among the arguments the name of its object, and what brings that to its contents."""
        leaves = list(array_leaves(use.case, use.method))
        changed = {path.partition("[")[0] for path, array in leaves if self._differs(path, array)}
        given: dict[tuple[Any, ...], str] = {}
        for path, array in leaves:
            key = (array.shape, array.dtype, array.tobytes())
            again = use.arrays is Arrays.SAME_ADDRESS and path.partition("[")[0] in changed
            if use.shared and key in given:
                name, brought = given[key], None
            elif use.arrays is not Arrays.ALL_NEW and not again and not self._differs(path, array):
                name, brought = self.current[path][0], None
            else:
                name, brought = self._brought(path, array, use.arrays)
            self.current[path] = name, array
            given[key] = name
            yield name, brought

    def as_data(self, value: Any, names: Iterator[str]) -> Any:
        """An argument, or an array of it, as the script has it."""
        if isinstance(value, np.ndarray):
            return Named(next(names))
        if isinstance(value, (Network, Recurrent)):
            if value not in self.descriptions:
                self.descriptions[value] = described(value)
            return self.descriptions[value]
        return value

    def _differs(self, path: str, array: npt.NDArray[Any]) -> bool:
        return path not in self.current or not same_contents(self.current[path][1], array)

    def _brought(self, path: str, array: npt.NDArray[Any], arrays: Arrays) -> tuple[str, Brought]:
        old = self.current.get(path)
        how = {Arrays.IN_PLACE: How.IN_PLACE, Arrays.SAME_ADDRESS: How.SAME_ADDRESS}.get(arrays)
        if how is None or old is None or (old[1].shape, old[1].dtype) != (array.shape, array.dtype):
            self.made += 1
            return f"{path} {self.made}", Brought(f"{path} {self.made}", stored(array))
        return old[0], Brought(old[0], stored(array), how)


def _step(uses: tuple[Use, ...], objects: _Objects) -> Step:
    made = [list(objects.bring(use)) for use in uses]
    calls = tuple(_call(use, iter([name for name, _ in each]), objects) for use, each in zip(uses, made, strict=True))
    brought = tuple(array for each in made for _, array in each if array)
    first = uses[0]
    return Step(calls, brought, first.thread, AT_ONCE if first.at_once else 1, first.written)


def _call(use: Use, names: Iterator[str], objects: _Objects) -> Call:
    given = use.case.arguments(use.method)
    arguments = tuple(mapped(lambda value: objects.as_data(value, names), argument) for argument in given)
    return Call(use.method, arguments, asked(use.name, use.case))


def asked(name: str, case: Arguments) -> Asked:
    """What the answer to a call has to be."""
    names, shapes = case.returned(name)
    return Asked(names, shapes, None if name == "loss" else case.dtype)

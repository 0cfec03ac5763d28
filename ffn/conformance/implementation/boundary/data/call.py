"""A call and its reply, as they cross the boundary, and what stands on both of its sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from ffn.numbers.declared import STANDARD, Declared

if TYPE_CHECKING:  # which are made of calls
    from ffn.conformance.implementation.boundary.data.script import Script


@dataclass(frozen=True)
class Asked:
    """What the answer of a call has to be: an array, or a nested tuple of them.

    Attributes:
        names: where each array stands, as messages say it.
        shapes: of each array, nested alike.
        dtype: the name of the precision that the arrays come in; left out, any number is taken for one.
    """

    names: Any
    shapes: Any
    dtype: str | None = None

    def __reduce__(self) -> tuple[type[Asked], tuple[Any, ...]]:
        """How it is pickled: many times as fast as without."""
        return Asked, (self.names, self.shapes, self.dtype)


@dataclass(frozen=True)
class Call:
    """A call.

    Attributes:
        method: its name.
        arguments: each a string, None, the description of a network, a ``Stored`` array, or a tuple of such.
        named: strings that are given by name, where the method takes them.
        asked: left out, the answer is True or False.
        text: whether it is a text instead.
    """

    method: str
    arguments: tuple[Any, ...]
    asked: Asked | None = None
    named: tuple[tuple[str, str], ...] = ()
    text: bool = False

    def __reduce__(self) -> tuple[type[Call], tuple[Any, ...]]:
        """Likewise."""
        return Call, (self.method, self.arguments, self.asked, self.named, self.text)


@dataclass(frozen=True)
class Reply:
    """What came of a call.

    Attributes:
        answer: arrays, native and contiguous, nested as it was asked; or a truth value, or a text.
        changed: the places of the arguments that the call changed, counted through nested tuples.
        dtypes: of the answer's arrays that are not of the dtype asked, by place.
        failure: what went wrong instead, in one line.
        kind: of that failure: ``"error"``, ``"not offered"``, ``"memory"``, ``"descriptors"``, or, in a script,
            ``NOT_CALLED``.
        spoiled: in a script, what is no longer as it was: the number of an earlier answer, or of this one where the
            caller wrote into it (−1: its arguments), and the place in it.
    """

    answer: Any = None
    changed: tuple[int, ...] = ()
    dtypes: tuple[tuple[int, str], ...] = ()
    failure: str = ""
    kind: str = ""
    spoiled: tuple[tuple[int, int], ...] = ()


NOT_CALLED = "not called"


@dataclass(frozen=True)
class Offer:
    """What an implementation says of itself, read once.

    Attributes:
        name: what it calls itself.
        dtypes: names of precisions.
        parts: of ``ffn.conformance.implementation.protocol.PARTS``.
        methods: those of the protocol that it has.
        asks: what ``supports`` takes by name, of ``dtype`` and ``method``.
        misspelt: what looks like a method of the protocol and is none, and what may be meant.
        networks: those that it can build, each as JSON, where it can build these alone.
        families: likewise those of which some sizes may vary.
        reproducible: whether it promises the same bits at a second call.
        concurrent: whether it promises that several threads may call it at once.
        declared: its arithmetic.
    """

    name: str
    dtypes: tuple[str, ...]
    parts: tuple[str, ...]
    methods: tuple[str, ...]
    networks: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    misspelt: tuple[tuple[str, str], ...] = ()
    reproducible: bool = True
    concurrent: bool = False
    declared: Declared = STANDARD


class Boundary(Protocol):
    """The way to an implementation. What crosses it is data, so that neither side can change the other's."""

    @property
    def offer(self) -> Offer:
        """What is to be had there."""

    def call(self, call: Call) -> Reply:
        """Call a method.

        Raises:
            Died: where no reply came.
        """

    def calls(self, calls: tuple[Call, ...]) -> list[Reply]:
        """The replies to calls one after the other, each on arrays of its own; one that failed is the last.

        Raises:
            Died: where no reply came.
        """

    def play(self, script: Script) -> list[Reply]:
        """The replies of a script; one that failed is the last.

        Raises:
            Died: where no reply came.
        """

    def restart(self) -> bool:
        """Have the implementation anew, as if nothing had been called; whether that can be had."""

    def close(self) -> None:
        """Let go of what it holds; it is not called again."""

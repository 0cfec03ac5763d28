"""The implementation under test, beyond its boundary: its answers are arrays of the right shape, or exceptions."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ffn.cases.case import ActivationCase, Arguments, Case, flat, mapped
from ffn.conformance.implementation.boundary.calling.local import Local
from ffn.conformance.implementation.boundary.data.call import NOT_CALLED, Boundary, Call, Reply
from ffn.conformance.implementation.boundary.data.described import described
from ffn.conformance.implementation.boundary.data.stored import Stored, stored
from ffn.conformance.implementation.boundary.isolation.isolated import Isolated
from ffn.conformance.implementation.errors import Died, ImplementationError, Impure, NotOffered
from ffn.conformance.implementation.sequence import Played, asked
from ffn.conformance.implementation.sequence import Sequence as Calls
from ffn.network.description import Network, Recurrent
from ffn.network.family import Family
from ffn.network.formulas import FORMULAS

HISTORY = 256  # calls that are kept, to be played again where an answer seems to depend on them
MOST_ANSWERS = 2**16  # that are kept to what is supported
ASKED_TWICE = 24  # questions: answers that are made by chance agree in all of them once in 2**24 runs
HISTORY_BYTES = 2**26  # of their arrays


class History:
    """The last calls: so many at most, and of so much memory that keeping them is no burden; the last one always."""

    def __init__(self) -> None:
        self._calls: deque[tuple[str, Arguments, int]] = deque()
        self._bytes = 0

    def add(self, name: str, case: Arguments) -> None:
        """A call that is made."""
        size = sum(array.nbytes for array in case.arrays())
        self._calls.append((name, case, size))
        self._bytes += size
        while len(self._calls) > HISTORY or (self._bytes > HISTORY_BYTES and len(self._calls) > 1):
            self._bytes -= self._calls.popleft()[2]

    def __iter__(self) -> Iterator[tuple[str, Arguments]]:
        return ((name, case) for name, case, _ in self._calls)


class Subject:
    """An implementation whose answers come back as NumPy arrays of the right shape and dtype, or as exceptions.

    Args:
        implementation: an object, which is called in this process.
        again: makes another one, as if nothing had been called; left out, the object is copied, where it can be.

    Raises:
        TypeError: when the object offers no method of the protocol, or no dtypes, or parts that nobody knows.
    """

    def __init__(self, implementation: Any, again: Callable[[], Any] | None = None) -> None:
        self._cross(Local(implementation, again))

    @classmethod
    def behind(cls, boundary: Boundary) -> Subject:
        """The implementation at the other side of a boundary."""
        subject = cls.__new__(cls)
        subject._cross(boundary)
        return subject

    def _cross(self, boundary: Boundary) -> None:
        self.boundary = boundary
        offer = boundary.offer
        self.name, self.dtypes, self.parts = offer.name, offer.dtypes, offer.parts
        self.networks = tuple(map(Network.from_json, offer.networks))
        self.families = tuple(map(Family.from_json, offer.families))
        self.reproducible, self.concurrent = offer.reproducible, offer.concurrent
        self.declared = offer.declared
        self.history = History()
        self.between: Callable[[], object] = lambda: None  # what is done before each message of calls
        self._ahead: dict[tuple[str, int], tuple[Arguments, Reply | Died]] = {}  # answers that were asked for ahead
        self._answers: dict[tuple[Any, ...], bool] = {}  # to whether networks are supported: asked once each
        self._twice = ASKED_TWICE
        self._undecided = ""  # what ``supports`` was seen to say, where that was no answer
        self.functions: set[str] = set()  # methods that were found to depend on their arguments alone
        self.wrong_afresh: Counter[str] = Counter()  # how often a method was wrong with nothing called before

    def restart(self) -> bool:
        """Begin anew, as if nothing had been called; whether that can be had."""
        self._ahead.clear()
        return self.boundary.restart()

    @property
    def isolated(self) -> bool:
        """Whether it runs in a process of its own."""
        return isinstance(self.boundary, Isolated)

    def offers(self, method: str) -> bool:
        return method in self.boundary.offer.methods

    def takes(self, name: str, case: Arguments) -> bool:
        """Whether it offers an answer on a case: has the method, and supports what the case describes."""
        if not self.offers(case.method(name)):
            return False
        if isinstance(case, ActivationCase):
            return self.supports_activation(case.activation)
        return not isinstance(case, Case) or self.supports(case.network, case.dtype, name)

    def supports_activation(self, activation: str) -> bool:
        """Whether it computes an activation by itself."""
        method = "supports_activation"
        return not self.offers(method) or self._once((method, activation), lambda: Call(method, (activation,)))

    def supports(self, network: Network | Recurrent, dtype: str, name: str) -> bool:
        """Whether it can build a network: in the dtype, and for the answer, where its ``supports`` takes them.

        Raises:
            ImplementationError: when it raises, or does not say True or False.
        """
        method = "supports_recurrent" if isinstance(network, Recurrent) else "supports"
        if not self.offers(method):
            return not self.lists or isinstance(network, Recurrent) or self.is_listed(network)
        named = self._named(dtype, name) if method == "supports" else ()
        return self._once((network, named), lambda: Call(method, (described(network),), named=named))

    def ask(self, networks: Sequence[Network], dtype: str, name: str) -> None:
        """Put ``supports`` to all of them at once, so that each is answered later without a call of its own."""
        named = self._named(dtype, name)
        new = [network for network in dict.fromkeys(networks) if (network, named) not in self._answers]
        replies = self.boundary.calls(tuple(Call("supports", (described(each),), named=named) for each in new))
        for network, reply in zip(new, replies, strict=False):  # one that failed is the last: it is asked again
            if not reply.failure and not reply.changed:
                self._answers[network, named] = bool(reply.answer)

    def _named(self, dtype: str, name: str) -> tuple[tuple[str, str], ...]:
        """What ``supports`` is given by name, as far as it takes it."""
        given = {"dtype": dtype, "method": name}
        return tuple((each, given[each]) for each in self.boundary.offer.asks)

    @property
    def lists(self) -> bool:
        """Whether it lists what it can build."""
        return bool(self.networks or self.families)

    def is_listed(self, network: Network) -> bool:
        """Whether a network is one of those that it lists, or of a family that it lists."""
        return network in self.networks or any(network in family for family in self.families)

    def _once(self, question: tuple[Any, Any], put: Callable[[], Call]) -> bool:
        """The answer, True or False, to a call that is put once; the first questions twice, to see that it is one.

        Raises:
            ImplementationError: when it raises, does not say True or False, or once said both.
        """
        if self._undecided:
            raise ImplementationError(self._undecided)
        if question not in self._answers:
            if len(self._answers) >= MOST_ANSWERS:
                self._answers.clear()
            call = put()
            replies = self.boundary.calls((call,) * (2 if self._twice else 1))
            self._twice -= self._twice > 0
            for reply in replies:
                _require(reply, call.method)
            if replies[0].answer != replies[-1].answer:
                self._undecided = f"{call.method} says {replies[0].answer} and then {replies[-1].answer} of the same"
                raise ImplementationError(self._undecided)
            self._answers[question] = bool(replies[0].answer)
        return self._answers[question]

    def answer(self, name: str, case: Arguments, copied: bool = True) -> Any:
        """What it returns of a case as ``forward``, ``loss``, …: an array or nested tuples of them.

        It is given copies, contiguous or, with ``copied=False``, lying in memory as the case's own arrays do.

        Raises:
            NotOffered: when it raises NotImplementedError.
            Impure: when it changes its arguments, or returns another dtype than theirs; the loss may have any.
            Died: when its process does not answer.
            ImplementationError: when it raises, or returns something of the wrong kind or shape.
        """
        return self.answers(((name, case),), copied)[0]

    def answers(self, uses: Sequence[tuple[str, Arguments]], copied: bool = True) -> list[Any]:
        """Likewise of several, one after the other, and in one message. Nothing is called after one that raises."""
        ahead = [self._ahead.pop((name, id(case)), None) for name, case in uses if copied]
        expected = [each[1] for each in ahead if each]
        replies = expected if expected and len(expected) == len(uses) else self._replies(uses, copied)
        for (name, case), reply in zip(uses, replies, strict=False):
            if isinstance(reply, Died):
                raise reply
            _require(reply, case.method(name), name, case)
        return [reply.answer for reply in replies if isinstance(reply, Reply)]

    def _replies(self, uses: Sequence[tuple[str, Arguments]], copied: bool = True) -> list[Reply | Died]:
        """What comes of calls, until one fails."""
        data: dict[int, tuple[Any, Stored]] = {}  # an array that several are given goes over once
        replies: list[Reply | Died] = []
        self.between()
        try:
            replies += self.boundary.calls(tuple(_call(name, case, copied, data) for name, case in uses))
        except Died as died:
            replies += (*died.replies, died)
        for (name, case), _ in zip(uses, replies, strict=False):
            self.history.add(name, case)
        return replies

    def expect(self, uses: Sequence[tuple[str, Arguments]]) -> None:
        """Ask ahead, in one message, for answers that will be asked for soon; each is then returned once.

        Between two messages a process gets cold: of many small calls that is most of what isolation takes.
        """
        self._ahead.clear()
        if self.isolated and uses:
            replies = self._replies(uses)
            self._ahead = {(n, id(case)): (case, each) for (n, case), each in zip(uses, replies, strict=False)}

    def play(self, sequence: Calls) -> list[Played]:
        """What it returns at each call of a sequence, and what became of that.

        Raises:
            NotOffered, Impure, Died, ImplementationError: as ``answer`` does, at the first call where there is cause.
        """
        played = []
        self.between()
        for number, (use, reply) in enumerate(zip(sequence.asked, self.boundary.play(sequence.script()), strict=False)):
            if reply.kind == NOT_CALLED:
                continue
            self.history.add(use.name, use.case)
            _require(reply, use.method, use.name, use.case, f" (call {number + 1} of {len(sequence.asked)})")
            played.append(Played(use, reply.answer, reply.spoiled))
        return played

    def close(self) -> None:
        """Let go of the implementation, and of its process where it has one."""
        self.boundary.close()


def argument_paths(case: Arguments, method: str) -> list[str]:
    """Where each argument stands, and each array in it."""
    return [path for name in FORMULAS[method].arguments for path in _paths(name, getattr(case, name), case)]


def _paths(name: str, value: Any, case: Arguments) -> list[str]:
    if name == "parameters" and isinstance(case, Case):
        return flat(case.network.names)
    return [f"{name}[{place}]" for place in range(len(value))] if isinstance(value, tuple) else [name]


def _call(name: str, case: Arguments, copied: bool, data: dict[int, tuple[Any, Stored]]) -> Call:
    """The call; ``data`` has each array, and what it is as data, by its identity."""

    def as_data(value: Any) -> Any:
        if not isinstance(value, np.ndarray):
            return described(value) if isinstance(value, (Network, Recurrent)) else value
        if id(value) not in data:
            data[id(value)] = value, stored(value, not copied)
        return data[id(value)][1]

    method = case.method(name)
    return Call(method, mapped(as_data, case.arguments(method)), asked(name, case))


def _require(reply: Reply, method: str, name: str = "", case: Arguments | None = None, where: str = "") -> None:
    """Raise what a reply reports instead of an answer."""
    if reply.kind == "not offered":
        raise NotOffered(name, reply.failure)
    if reply.failure:
        raise ImplementationError(reply.failure + where)
    faults = {}
    if reply.changed:
        paths = argument_paths(case, method) if case else ["network"]
        faults["inputs"] = f"{method} changed its input: {', '.join(paths[place] for place in reply.changed)}{where}"
    if reply.dtypes and case:
        place, dtype = reply.dtypes[0]
        path = flat(case.returned(name)[0])[place]
        faults["dtype"] = f"{method} returns {dtype}, the inputs are {case.dtype}: {path}{where}"
    if faults:
        raise Impure(faults)

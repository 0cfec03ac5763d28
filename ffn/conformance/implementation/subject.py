"""The implementation under test, beyond its boundary: its answers are arrays of the right shape, or exceptions."""

from __future__ import annotations

from typing import Any

import numpy as np

from ffn.cases.case import Arguments, Case, flat, mapped
from ffn.conformance.implementation.boundary.call import Asked, Boundary, Call, Reply
from ffn.conformance.implementation.boundary.described import described
from ffn.conformance.implementation.boundary.local import Local
from ffn.conformance.implementation.boundary.stored import stored
from ffn.conformance.implementation.errors import ImplementationError, Impure, NotOffered
from ffn.network.description import Network, Recurrent
from ffn.network.formulas import FORMULAS


class Subject:
    """An implementation whose answers come back as NumPy arrays of the right shape and dtype, or as exceptions.

    Args:
        implementation: an object, which is called in this process.

    Raises:
        TypeError: when the object offers no method of the protocol, or no dtypes, or parts that nobody knows.
    """

    def __init__(self, implementation: Any) -> None:
        self._cross(Local(implementation))

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

    def offers(self, method: str) -> bool:
        return method in self.boundary.offer.methods

    def supports(self, case: Arguments) -> bool:
        """Whether it can build the case's network at all.

        Raises:
            ImplementationError: when it raises, or does not say True or False.
        """
        if not isinstance(case, Case):
            return True
        method = "supports_recurrent" if isinstance(case.network, Recurrent) else "supports"
        if not self.offers(method):
            return True
        reply = self.boundary.call(Call(method, (described(case.network),)))
        _require(reply, method, case)
        return bool(reply.answer)

    def answer(self, name: str, case: Arguments, copied: bool = True) -> Any:
        """What it returns of a case as ``forward``, ``loss``, …: an array or nested tuples of them.

        It is given copies, contiguous or, with ``copied=False``, lying in memory as the case's own arrays do.

        Raises:
            NotOffered: when it raises NotImplementedError.
            Impure: when it changes its arguments, or returns another dtype than theirs; the loss may have any.
            Died: when its process does not answer.
            ImplementationError: when it raises, or returns something of the wrong kind or shape.
        """
        method = case.method(name)
        names, shapes = case.returned(name)
        given = case.arguments(method)
        arguments = tuple(mapped(lambda value: _as_data(value, not copied), argument) for argument in given)
        asked = Asked(names, shapes, None if name == "loss" else case.dtype)
        reply = self.boundary.call(Call(method, arguments, asked))
        _require(reply, method, case, names)
        return reply.answer

    def close(self) -> None:
        """Let go of the implementation, and of its process where it has one."""
        self.boundary.close()


def argument_paths(case: Arguments, method: str) -> list[str]:
    """Where each argument stands, and each array in it."""
    names = FORMULAS[method].arguments if method in FORMULAS else ("network",)
    return [path for name in names for path in _paths(name, getattr(case, name), case)]


def _paths(name: str, value: Any, case: Arguments) -> list[str]:
    if name == "parameters" and isinstance(case, Case):
        return flat(case.network.names)
    return [f"{name}[{place}]" for place in range(len(value))] if isinstance(value, tuple) else [name]


def _as_data(value: Any, as_it_lies: bool) -> Any:
    if isinstance(value, np.ndarray):
        return stored(value, as_it_lies)
    return described(value) if isinstance(value, (Network, Recurrent)) else value


def _require(reply: Reply, method: str, case: Arguments, names: Any = ()) -> None:
    """Raise what a reply reports instead of an answer."""
    if reply.failure:
        raise (NotOffered if reply.kind == "not offered" else ImplementationError)(reply.failure)
    faults = {}
    if reply.changed:
        paths = argument_paths(case, method)
        faults["inputs"] = f"{method} changed its input: {', '.join(paths[place] for place in reply.changed)}"
    if reply.dtypes:
        place, dtype = reply.dtypes[0]
        faults["dtype"] = f"{method} returns {dtype}, the inputs are {case.dtype}: {flat(names)[place]}"
    if faults:
        raise Impure(faults)

"""The implementation under test, called with copies and held to the shapes and kinds of the protocol."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ffn.cases.case import Arguments, Case, mapped
from ffn.conformance.implementation.protocol import PARTS
from ffn.network.description import Recurrent
from ffn.network.formulas import FORMULAS
from ffn.numbers.precision import NAMES


class ImplementationError(Exception):
    """The implementation raised, or returned something of the wrong kind or shape. The text says which."""


class Subject:
    """An implementation whose answers come back as NumPy arrays of the right shape, or as ImplementationError.

    Raises:
        TypeError: when the object offers no method of the protocol, or no dtypes, or parts that nobody knows.
    """

    def __init__(self, implementation: Any) -> None:
        self.implementation = implementation
        if not any(map(self.offers, FORMULAS)):
            raise TypeError(f"{implementation!r} offers none of {', '.join(FORMULAS)}")
        dtypes = getattr(implementation, "dtypes", None)
        if not isinstance(dtypes, Sequence) or isinstance(dtypes, str) or not set(dtypes) <= set(NAMES) or not dtypes:
            raise TypeError(f"{implementation!r} has no dtypes: a sequence of some of {', '.join(NAMES)}")
        self.dtypes = tuple(dtypes)
        self.parts = tuple(getattr(implementation, "parts", ()))
        if unknown := [part for part in self.parts if part not in PARTS]:
            raise TypeError(f"{implementation!r} offers an unknown part {unknown[0]!r}: {', '.join(PARTS)}")
        self.name = str(getattr(implementation, "name", type(implementation).__name__))

    def offers(self, method: str) -> bool:
        return callable(getattr(self.implementation, method, None))

    def supports(self, case: Arguments) -> bool:
        """Whether it can build the case's network at all."""
        if not isinstance(case, Case):
            return True
        method = "supports_recurrent" if isinstance(case.network, Recurrent) else "supports"
        return not self.offers(method) or bool(self.call(method, case.network))

    def answer(self, name: str, case: Arguments, copied: bool = True) -> Any:
        """What it returns of a case as ``forward``, ``loss``, …: an array or nested tuples of them.

        The arguments are copies; with ``copied=False`` they are the case's own arrays, as they lie in memory.
        """
        return self.answer_and_arguments(name, case, copied)[0]

    def answer_and_arguments(self, name: str, case: Arguments, copied: bool = True) -> tuple[Any, tuple[Any, ...]]:
        """The same, and the arguments as the call left them."""
        method = case.method(name)
        arguments = case.arguments(method)
        if copied:
            arguments = tuple(mapped(_copied, argument) for argument in arguments)
        answer = self.call(method, *arguments)
        return _checked(answer, *case.returned(name), method), arguments

    def call(self, method: str, *arguments: Any) -> Any:
        """Call it with its own warnings silenced: overflow to infinity is an answer like any other."""
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return getattr(self.implementation, method)(*arguments)
        except (Exception, SystemExit) as error:
            text = " ".join(str(error).split())
            raise ImplementationError(f"{method} raised {type(error).__name__}: {text}") from error


def _copied(value: Any) -> Any:
    """An array copied; what describes the network as it is."""
    return value.copy() if isinstance(value, np.ndarray) else value


def _checked(answer: Any, names: Any, shapes: Any, method: str) -> Any:
    """The answer as arrays of the shapes that are asked for, nested as their names are."""
    if isinstance(names, str):
        return _array(answer, shapes, method)
    try:
        parts = tuple(answer)
    except TypeError as error:
        raise ImplementationError(
            f"{method} returned {type(answer).__name__}, not one array for each of {names}"
        ) from error
    if len(parts) != len(names):
        raise ImplementationError(f"{method} returned {len(parts)} parts, not one for each of {names}")
    inner = zip(parts, names, shapes, strict=True)
    return tuple(
        _checked(part, name, shape, f"{method} of {name}," if isinstance(name, str) else method)
        for part, name, shape in inner
    )


def _array(answer: Any, shape: tuple[int, ...], where: str) -> npt.NDArray[Any]:
    """The answer as an array of real numbers of that shape."""
    try:
        array = np.asarray(answer)
    except (TypeError, ValueError) as error:  # nested lists of unequal lengths
        raise ImplementationError(f"{where} returned {type(answer).__name__}, not an array of numbers") from error
    if array.dtype.name != "bfloat16" and array.dtype.kind not in "iuf":
        kind = f"{type(answer).__name__} of {array.dtype}"
        raise ImplementationError(f"{where} returned {kind}, not of real numbers")
    if array.shape != shape:
        raise ImplementationError(f"{where} returned shape {array.shape}, not {shape}")
    return array

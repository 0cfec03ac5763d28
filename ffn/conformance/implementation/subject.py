"""The implementation under test, called with copies and held to the shapes and kinds of the protocol."""

from __future__ import annotations

import inspect
import warnings
from collections import deque
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ffn.cases.case import ActivationCase, Arguments, Case, mapped
from ffn.conformance.implementation.protocol import PARTS
from ffn.network.description import Network, Recurrent
from ffn.network.formulas import FORMULAS
from ffn.numbers.precision import NAMES

HISTORY = 256  # calls that are kept, to be played again where an answer seems to depend on them


class ImplementationError(Exception):
    """The implementation raised, or returned something of the wrong kind or shape. The text says which."""


class NotOffered(Exception):
    """The implementation raised NotImplementedError: it does not offer the answer on this case."""

    def __init__(self, answer: str) -> None:
        super().__init__(answer)
        self.answer = answer


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
        self.history: deque[tuple[str, Arguments]] = deque(maxlen=HISTORY)
        self.networks = tuple(getattr(implementation, "networks", ()))
        self.reproducible = bool(getattr(implementation, "reproducible", True))
        self.name = str(getattr(implementation, "name", type(implementation).__name__))

    def restart(self) -> bool:
        """Begin anew, as if nothing had been called; whether that is possible."""
        return False

    def offers(self, method: str) -> bool:
        return callable(getattr(self.implementation, method, None))

    def takes(self, name: str, case: Arguments) -> bool:
        """Whether it offers an answer on a case: has the method, and supports what the case describes."""
        method = case.method(name)
        if not self.offers(method):
            return False
        if isinstance(case, ActivationCase):
            return self.supports_activation(case.activation)
        return not isinstance(case, Case) or self.supports(case.network, case.dtype, name)

    def supports_activation(self, activation: str) -> bool:
        """Whether it computes an activation by itself."""
        return not self.offers("supports_activation") or self._says("supports_activation", activation)

    def supports(self, network: Network | Recurrent, dtype: str, name: str) -> bool:
        """Whether it can build a network: in the dtype, and for the answer, where its ``supports`` asks for them."""
        method = "supports_recurrent" if isinstance(network, Recurrent) else "supports"
        if not self.offers(method):
            return not self.networks or isinstance(network, Recurrent) or network in self.networks
        asked = {"dtype": dtype, "method": name}
        accepted = _parameters_of(getattr(self.implementation, method))
        return self._says(method, network, **{word: value for word, value in asked.items() if word in accepted})

    def _says(self, method: str, *arguments: Any, **named: Any) -> bool:
        answer = self.call(method, *arguments, **named)
        if not isinstance(answer, (bool, np.bool_)):
            raise ImplementationError(f"{method} returned {type(answer).__name__}, not True or False")
        return bool(answer)

    def answer(self, name: str, case: Arguments, copied: bool = True) -> Any:
        """What it returns of a case as ``forward``, ``loss``, …: an array or nested tuples of them.

        The arguments are copies; with ``copied=False`` they are the case's own arrays, as they lie in memory.
        """
        return self.answer_and_arguments(name, case, copied)[0]

    def answer_and_arguments(self, name: str, case: Arguments, copied: bool = True) -> tuple[Any, tuple[Any, ...]]:
        """The same, and the arguments as the call left them."""
        self.history.append((name, case))
        method = case.method(name)
        arguments = case.arguments(method)
        if copied:
            arguments = tuple(mapped(_copied, argument) for argument in arguments)
        try:
            answer = self.call(method, *arguments)
        except NotImplementedError as error:
            raise NotOffered(name) from error
        return _checked(answer, *case.returned(name), method), arguments

    def call(self, method: str, *arguments: Any, **named: Any) -> Any:
        """Call it with its own warnings silenced: overflow to infinity is an answer like any other."""
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return getattr(self.implementation, method)(*arguments, **named)
        except NotImplementedError:
            raise
        except (Exception, SystemExit) as error:
            text = " ".join(str(error).split())
            raise ImplementationError(f"{method} raised {type(error).__name__}: {text}") from error


def _parameters_of(function: Any) -> Sequence[str]:
    """The names that a function can be given."""
    try:
        return tuple(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # one that is not written in Python
        return ()


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

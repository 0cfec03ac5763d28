"""A buggy implementation: the textbook network with a line wrong, and the verdict that a law has to reach on it."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from ffn import reference
from ffn.conformance.verdict import Verdict
from tests.conformance.implementations.textbook import Textbook, textbook


@dataclass(frozen=True)
class BuggyImplementation:
    """A bug, the verdict that it earns, and the precision in which it does."""

    implementation: Any
    verdict: Verdict
    dtype: str = "float32"

    @property
    def name(self) -> str:
        return str(self.implementation.name)

    def fresh(self) -> Any:
        """The implementation as nobody has called it yet: what it remembers is no other test's."""
        return deepcopy(self.implementation)


class OffByAThousandth:
    """The reference, whose slopes and activations are 1.001 times too large: a bug of any activation."""

    name = "a thousandth too large"
    dtypes = ("float32", "float64")

    def activation(self, name: str, z: Any) -> Any:
        return reference.activation(name, z) * z.dtype.type(1.001)

    def slope(self, name: str, z: Any) -> Any:
        return reference.slope(name, z) * z.dtype.type(1.001)

    def gradient(self, network: Any, parameters: Any, x: Any, y: Any) -> Any:
        (dW, db), *rest = reference.gradient(network, parameters, x, y)
        return ((dW * dW.dtype.type(1.001), db), *rest)


def wrong(name: str, dtype: str = "float32", **lines: Any) -> BuggyImplementation:
    """A formula that is off."""
    return BuggyImplementation(textbook(name, **lines), Verdict.WRONG, dtype)


def unstable(name: str, dtype: str = "float32", **lines: Any) -> BuggyImplementation:
    """A formula that is right, and loses its value to rounding or overflow."""
    return BuggyImplementation(textbook(name, **lines), Verdict.UNSTABLE, dtype)


def error(name: str, dtype: str = "float32", **lines: Any) -> BuggyImplementation:
    """An answer of another shape, or none."""
    return BuggyImplementation(textbook(name, **lines), Verdict.ERROR, dtype)


def overwriting(method: str, argument: int) -> Any:
    """The textbook's method, which leaves that argument changed."""

    def call(self: Textbook, *given: Any) -> Any:
        answer = getattr(Textbook, method)(self, *given)
        given[argument][...] += 1
        return answer

    return call


def widening(method: str) -> Any:
    """The textbook's method, whose answer is in float64."""
    return lambda self, *given: getattr(Textbook, method)(self, *given).astype("float64")

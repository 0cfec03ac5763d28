"""What the number systems share whose arrays are NumPy's: floats, autograd's boxes, and objects."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from types import ModuleType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from ffn.numbers.namespace import Array, Mask


def elementwise(function: Callable[..., Any], inputs: int = 1) -> Callable[..., Array]:
    """``function`` applied to every entry of its broadcast arguments, as an object array also for a single entry."""
    ufunc = np.frompyfunc(function, inputs, 1)
    return lambda *arrays: np.asarray(ufunc(*arrays), dtype=object)


class NumpyNamespace:
    """The namespace in NumPy's own functions; a subclass says how a number is made, and what differs.

    Attributes:
        numpy: the module that has the functions, NumPy or a library that traces them.
    """

    numpy: ModuleType = np

    def asarray(self, values: npt.ArrayLike) -> Array:
        raise NotImplementedError

    def constant(self, text: str) -> Any:
        return math.pi if text == "pi" else float(Fraction(text))

    def ones_like(self, z: Array) -> Array:
        return self.asarray(np.ones(z.shape))

    def affine(self, x: Array, W: Array, b: Array) -> Array:
        return self.matmul(x, W) + b

    def matmul(self, a: Array, b: Array) -> Array:
        return self.numpy.matmul(a, b)

    def stack(self, parts: Sequence[Array]) -> Array:
        return self.numpy.stack(parts, axis=-1)

    def concatenate(self, parts: Sequence[Array]) -> Array:
        return self.numpy.concatenate(parts, axis=-1)

    def total(self, parts: Sequence[Array]) -> Array:
        return sum((part.sum() for part in parts[1:]), parts[0].sum())

    def exp(self, z: Array) -> Array:
        return self.numpy.exp(z)

    def log(self, z: Array) -> Array:
        return self.numpy.log(z)

    def log1p(self, z: Array) -> Array:
        return self.numpy.log1p(z)

    def tanh(self, z: Array) -> Array:
        return self.numpy.tanh(z)

    def maximum(self, a: Array, b: Array) -> Array:
        return self.numpy.maximum(self.operand(a), self.operand(b))

    def select(self, t: Array, a: Array, b: Array) -> Array:
        return self.where(self.detached_positive(t), a, b)

    def where(self, mask: Mask, a: Array, b: Array) -> Array:
        return self.numpy.where(mask, self.operand(a), self.operand(b))

    def operand(self, value: Any) -> Any:
        """A plain 0 or 1, or an array, as NumPy should see it beside an array of the system."""
        return value

    def detached_positive(self, z: Array) -> Mask:
        return np.asarray(z > 0)

    def detached_max(self, z: Array) -> Array:
        return z.max(axis=1, keepdims=True)

    def either(self, preferred: Array, *alternatives: Callable[[], Array]) -> Array:
        return preferred

    def within(self, z: Array, *known: Any, **beyond: Any) -> Array:
        return z

    def headroom(self, n: int) -> Self:
        return self


class ObjectNamespace(NumpyNamespace):
    """One Python number an entry."""

    def number(self, value: Any) -> Any:
        """The number of this system that equals ``value``."""
        raise NotImplementedError

    def asarray(self, values: npt.ArrayLike) -> Array:
        return elementwise(self.number)(np.asarray(values).astype(object))

    def operand(self, value: Any) -> Any:
        """A plain 0 or 1 as a number of the system: in an integer array its quotients would be floats."""
        return self.number(value) if isinstance(value, int) else value

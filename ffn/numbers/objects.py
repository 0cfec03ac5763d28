"""What the number systems share that live in NumPy object arrays, one Python number an entry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ffn.numbers.namespace import Array, Mask


def elementwise(function: Callable[..., Any], inputs: int = 1) -> Callable[..., Array]:
    """``function`` applied to every entry of its broadcast arguments, as an object array also for a single entry."""
    ufunc = np.frompyfunc(function, inputs, 1)
    return lambda *arrays: np.asarray(ufunc(*arrays), dtype=object)


class ObjectNamespace:
    """Shape and order functions; subclasses say how a number is made and what its transcendental functions are."""

    def number(self, value: Any) -> Any:
        """The number of this system that equals ``value``."""
        raise TypeError(f"{type(self).__name__} cannot hold {value!r}")

    def asarray(self, values: npt.ArrayLike) -> Array:
        return elementwise(self.number)(np.asarray(values).astype(object))

    def ones_like(self, z: Array) -> Array:
        return self.asarray(np.ones(z.shape, dtype=np.int8))

    def affine(self, x: Array, W: Array, b: Array) -> Array:
        return self.matmul(x, W) + b

    def matmul(self, a: Array, b: Array) -> Array:
        return a @ b

    def stack(self, parts: Sequence[Array]) -> Array:
        return np.stack(parts, axis=-1)

    def concatenate(self, parts: Sequence[Array]) -> Array:
        return np.concatenate(parts, axis=-1)

    def total(self, parts: Sequence[Array]) -> Array:
        return sum((part.sum() for part in parts[1:]), parts[0].sum())

    def where(self, mask: Mask, a: Array, b: Array) -> Array:
        return np.where(mask, self._operand(a), self._operand(b))

    def _operand(self, value: Any) -> Any:
        """A plain 0 or 1 as a number of the system: in an integer array its quotients would be floats."""
        return self.number(value) if isinstance(value, int) else value

    def either(self, preferred: Array, *alternatives: Callable[[], Array]) -> Array:
        return preferred

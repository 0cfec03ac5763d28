"""Dual numbers a + ε a′ with ε² = 0, over any other number system: forward-mode differentiation.

Source: Griewank & Walther 2008, ch. 3 (forward mode).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from ffn.numbers.namespace import Array, Mask, Namespace


class DualArray:
    """A primal and a tangent array of one shape."""

    __array_ufunc__ = None  # NumPy arrays on the left leave the operation to this class

    def __init__(self, primal: Array, tangent: Array) -> None:
        self.primal = primal
        self.tangent = tangent

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.primal.shape)

    @property
    def T(self) -> DualArray:
        return DualArray(self.primal.T, self.tangent.T)

    def reshape(self, *shape: int) -> DualArray:
        return DualArray(self.primal.reshape(*shape), self.tangent.reshape(*shape))

    def sum(self, axis: int | None = None) -> DualArray:
        return DualArray(self.primal.sum(axis=axis), self.tangent.sum(axis=axis))

    def __getitem__(self, index: Any) -> DualArray:
        return DualArray(self.primal[index], self.tangent[index])

    def __neg__(self) -> DualArray:
        return DualArray(-self.primal, -self.tangent)

    def __add__(self, other: Any) -> DualArray:
        other = lifted(other, self)
        return DualArray(self.primal + other.primal, self.tangent + other.tangent)

    __radd__ = __add__

    def __sub__(self, other: Any) -> DualArray:
        return self + (-lifted(other, self))

    def __rsub__(self, other: Any) -> DualArray:
        return lifted(other, self) - self

    def __mul__(self, other: Any) -> DualArray:
        other = lifted(other, self)
        return DualArray(self.primal * other.primal, self.tangent * other.primal + self.primal * other.tangent)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> DualArray:
        other = lifted(other, self)
        quotient = self.primal / other.primal
        return DualArray(quotient, (self.tangent - quotient * other.tangent) / other.primal)

    def __rtruediv__(self, other: Any) -> DualArray:
        return lifted(other, self) / self


def lifted(value: Any, like: DualArray) -> DualArray:
    """``value`` as a dual number; a constant has tangent 0."""
    return value if isinstance(value, DualArray) else DualArray(value, like.tangent * 0)


class Dual:
    """Dual numbers whose parts belong to the number system ``inner``."""

    def __init__(self, inner: Namespace) -> None:
        self.inner = inner

    def asarray(self, values: npt.ArrayLike) -> DualArray:
        primal = self.inner.asarray(values)
        return DualArray(primal, primal * 0)

    def constant(self, text: str) -> DualArray:
        primal = self.inner.constant(text)
        return DualArray(primal, primal * 0)

    def ones_like(self, z: DualArray) -> DualArray:
        return self.asarray(np.ones(z.shape))

    def affine(self, x: DualArray, W: DualArray, b: DualArray) -> DualArray:
        return self.matmul(x, W) + b

    def matmul(self, a: DualArray, b: DualArray) -> DualArray:
        product = self.inner.matmul
        return DualArray(product(a.primal, b.primal), product(a.tangent, b.primal) + product(a.primal, b.tangent))

    def stack(self, parts: Sequence[DualArray]) -> DualArray:
        stack = self.inner.stack
        return DualArray(stack([part.primal for part in parts]), stack([part.tangent for part in parts]))

    def concatenate(self, parts: Sequence[DualArray]) -> DualArray:
        joined = self.inner.concatenate
        return DualArray(joined([part.primal for part in parts]), joined([part.tangent for part in parts]))

    def total(self, parts: Sequence[DualArray]) -> DualArray:
        return sum((part.sum() for part in parts[1:]), parts[0].sum())

    def exp(self, z: DualArray) -> DualArray:
        value = self.inner.exp(z.primal)
        return DualArray(value, z.tangent * value)

    def log(self, z: DualArray) -> DualArray:
        return DualArray(self.inner.log(z.primal), z.tangent / z.primal)

    def log1p(self, z: DualArray) -> DualArray:
        return DualArray(self.inner.log1p(z.primal), z.tangent / (1 + z.primal))

    def tanh(self, z: DualArray) -> DualArray:
        value = self.inner.tanh(z.primal)
        return DualArray(value, z.tangent * (1 - value * value))

    def lgamma(self, z: DualArray) -> DualArray:
        return lifted(self.inner.lgamma(z.primal), z)

    def maximum(self, a: Array, b: Array) -> DualArray:
        return self.select(a - b, a, b)

    def select(self, t: DualArray, a: Any, b: Any) -> DualArray:
        a, b = lifted(a, t), lifted(b, t)
        choose = self.inner.select
        return DualArray(choose(t.primal, a.primal, b.primal), choose(t.primal, a.tangent, b.tangent))

    def where(self, mask: Mask, a: Any, b: Any) -> DualArray:
        like = a if isinstance(a, DualArray) else b
        a, b = lifted(a, like), lifted(b, like)
        return DualArray(self.inner.where(mask, a.primal, b.primal), self.inner.where(mask, a.tangent, b.tangent))

    def detached_positive(self, z: DualArray) -> Mask:
        return self.inner.detached_positive(z.primal)

    def detached_max(self, z: DualArray) -> Array:
        return self.inner.detached_max(z.primal)

    def either(self, preferred: DualArray, *alternatives: Callable[[], DualArray]) -> DualArray:
        return preferred

    def within(self, z: DualArray, *known: Any, **beyond: Any) -> DualArray:
        return z

    def headroom(self, n: int) -> Self:
        return self

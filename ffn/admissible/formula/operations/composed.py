"""Operations made of others, and those that jump."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ffn.admissible.formula.operations.extrema import Extrema, axes_of
from ffn.admissible.formula.operations.values import Value


class Composed(Extrema):
    """A part of the namespace."""

    if TYPE_CHECKING:  # of the class that builds on this one
        form: Callable[..., Value]
        mean: Callable[..., Value]
        sum: Callable[..., Value]
        take: Callable[..., Value]
        permute_dims: Callable[..., Value]
        expand_dims: Callable[..., Value]

    def var(self, a: Any, axis: Any = None, correction: float = 0.0, keepdims: bool = False) -> Value:
        """The mean of the squared distances from the mean; with a correction c divided by n − c."""
        a = self.number(a)
        squares = self.square(self.subtract(a, self.mean(a, axis, keepdims=True)))
        if not correction:
            return self.mean(squares, axis, keepdims)
        total = self.sum(squares, axis, keepdims)
        return self.divide(total, a.size // max(total.size, 1) - correction)

    def std(self, a: Any, axis: Any = None, correction: float = 0.0, keepdims: bool = False) -> Value:
        """The square root of ``var``."""
        return self.sqrt(self.var(a, axis, correction, keepdims))

    def logaddexp(self, a: Any, b: Any) -> Value:
        """log(eᵃ + eᵇ), from the larger of both and e^−|a − b|."""
        return self.maximum(a, b) + self.log1p(self.exp(-self.abs(self.subtract(a, b))))

    def reciprocal(self, a: Any) -> Value:
        """1/x."""
        return self.divide(1, a)

    def hypot(self, a: Any, b: Any) -> Value:
        """√(a² + b²)."""
        return self.sqrt(self.square(a) + self.square(b))

    def diff(self, a: Any, axis: int = -1) -> Value:
        """The differences of neighbours along an axis."""
        n = self.number(a).shape[axis]
        return self.take(a, np.arange(1, n), axis) - self.take(a, np.arange(n - 1), axis)

    def vecdot(self, a: Any, b: Any, axis: int = -1) -> Value:
        """The sums of products along an axis."""
        a, b = (self.moveaxis(each, axis, -1) for each in (a, b))
        product = self.matmul(self.expand_dims(a, -2), self.expand_dims(b, -1))
        return product[..., 0, 0]

    def moveaxis(self, a: Any, source: int, destination: int) -> Value:
        """The axis ``source`` at the place ``destination``."""
        ndim = self.number(a).ndim
        (moved,), (place,) = axes_of(source, ndim), axes_of(destination, ndim)
        order = [i for i in range(ndim) if i != moved]
        order.insert(place, moved)
        return self.permute_dims(a, order)

    def roll(self, a: Any, shift: int, axis: int | None = None) -> Value:
        """Entries shifted along an axis, around its end; of the flat array where none is named."""
        return self.form(a, lambda part: np.roll(part, shift, axis=axis))

    def repeat(self, a: Any, repeats: int, axis: int) -> Value:
        """Each entry so many times."""
        return self.form(a, lambda part: np.repeat(part, repeats, axis=axis))

    def tile(self, a: Any, repetitions: tuple[int, ...]) -> Value:
        """The array so many times along each axis."""
        return self.form(a, lambda part: np.tile(part, repetitions))

    def tril(self, a: Any, k: int = 0) -> Value:
        """The entries up to diagonal k, and 0 above."""
        rows, columns = self.number(a).shape[-2:]
        return self.where(np.tri(rows, columns, k, dtype=bool), a, 0.0)

    def triu(self, a: Any, k: int = 0) -> Value:
        """The entries from diagonal k on, and 0 below."""
        rows, columns = self.number(a).shape[-2:]
        return self.where(~np.tri(rows, columns, k - 1, dtype=bool), a, 0.0)

    # steps: a rounding may decide between two of them, and no cotangent goes through

    def _step(self, a: Any, step: Callable[[Any], Any]) -> Value:
        """A function that does not decrease and has few values, all of which any precision holds."""
        a = self.number(a)
        low, high = step(a.x.lower()), step(a.x.upper())
        known = np.isfinite(low) & np.isfinite(high)
        ends = [self.kind.exactly(np.where(known, end, 0.0)) for end in (low, high)]
        x = ends[0].hull(ends[1]).known_where(known)
        error = np.where(known, high - low, np.inf) if self.record and not (known & (low == high)).all() else None
        below = (
            known.all() and (np.abs(low) <= self._exact_below(0)).all() and (np.abs(high) <= self._exact_below(0)).all()
        )
        return Value(self, x, 0 if below else None, None, error, place=self._place("a step"))

    def sign(self, a: Any) -> Value:
        """−1, 0 or 1; no cotangent goes through it, nor through the other steps."""
        return self._step(a, np.sign)

    def floor(self, a: Any) -> Value:
        """The largest whole number that is not above."""
        return self._step(a, np.floor)

    def ceil(self, a: Any) -> Value:
        """The smallest whole number that is not below."""
        return self._step(a, np.ceil)

    def trunc(self, a: Any) -> Value:
        """The whole number towards 0."""
        return self._step(a, np.trunc)

    def round(self, a: Any) -> Value:
        """To the nearest whole number, ties to even."""
        return self._step(a, np.rint)

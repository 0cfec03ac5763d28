"""The operations on the entries of arrays, branches, and products of arrays."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ffn.admissible.formula.operations.core import Core
from ffn.admissible.formula.operations.values import Condition, Enclosure, Value, condition

POWERS = 16


class Functions(Core):
    """A part of the namespace."""

    if TYPE_CHECKING:  # of the class that builds on this one
        reshape: Callable[..., Value]
        matrix_transpose: Callable[..., Value]
        _unbroadcast: Callable[..., Value]
        sqrt: Callable[..., Value]
        rsqrt: Callable[..., Value]
        _any_power: Callable[..., Value]

    # operators

    def add(self, a: Any, b: Any) -> Value:
        """``a + b``."""
        a, b = self.number(a), self.number(b)
        grid = both(a.grid, b.grid, min)
        exact = self._exact(grid, lambda: a.x.magnitude() + b.x.magnitude())
        parents = ((a, lambda g: self._unbroadcast(g, a.shape)), (b, lambda g: self._unbroadcast(g, b.shape)))
        x = a.x.add(b.x, exact)
        if self.arithmetic is None or not any(each.sums and each.shape == x.shape for each in (a, b)):
            return self.rounded("a sum", x, parents, grid, exact)
        return self._joined_sums(a, b, x, parents, grid, exact)

    def _joined_sums(self, a: Value, b: Value, x: Enclosure, parents: Any, grid: int | None, exact: Any) -> Value:
        """A sum with something added, in any order of all terms: an accumulator may start from a bias.

        Of n + m terms, but for the last addition, (n + m − 2)u Σ|x|, of which the sums have (n − 1)u and (m − 1)u of
        their own terms already.
        """
        model: Any = self.arithmetic
        sizes = [each.sums[1] if each.sums else each.x.magnitude() for each in (a, b)]
        terms = [each.sums[0] if each.sums and each.shape == x.shape else 1 for each in (a, b)]
        alone = self._exact(grid, lambda: sizes[0] + sizes[1])
        more = sum(model.added(size, n, False, alone) for size, n in zip(sizes, terms[::-1], strict=True))
        before, after = model.rounded(x.magnitude() + more, exact)
        found = self.result("a sum", x, parents, grid, after + more, before + more)
        found.sums = (sum(terms), sizes[0] + sizes[1])
        return found

    def subtract(self, a: Any, b: Any) -> Value:
        """``a - b``."""
        return self.add(a, self.negative(self.number(b)))

    def negative(self, a: Any) -> Value:
        """``-a``."""
        a = self.number(a)
        found = Value(self, -a.x, a.grid, parents=[(a, self.negative)])
        found.sums, found.moved = a.sums, (np.array, -1)
        return found

    def multiply(self, a: Any, b: Any) -> Value:
        """``a * b``."""
        scaled = _power_of_two(a) or _power_of_two(b)
        a, b = self.number(a), self.number(b)
        grid = both(a.grid, b.grid, int.__add__)
        exact = self._exact(grid, lambda: a.x.magnitude() * b.x.magnitude())
        parents = (
            (a, lambda g: self._unbroadcast(g * b, a.shape)),
            (b, lambda g: self._unbroadcast(g * a, b.shape)),
        )
        product = a.x.multiply(b.x, exact)
        if scaled:
            model: Any = self.arithmetic
            return self.result("a scale", product, parents, grid, model and np.where(exact, 0, model.scaled))
        return self.rounded("a product", product, parents, grid, exact, 2)

    def divide(self, a: Any, b: Any) -> Value:
        """``a / b``, or a times 1/b."""
        if power := _power_of_two(b):
            return self.multiply(a, 1 / power)
        a, b = self.number(a), self.number(b)
        parents = (
            (a, lambda g: self._unbroadcast(g / b, a.shape)),
            (b, lambda g: self._unbroadcast(-(g * (a / b)) / b, b.shape)),
        )
        return self.rounded("a quotient", a.x.divide(b.x), parents, roundings=2, stored=True)

    def pow(self, a: Any, power: Any) -> Value:
        """A whole power up to 16, by products, or ±½; any other, or an array, of positive numbers."""
        if not isinstance(power, (int, float)):
            return self._any_power(self.number(a), self.number(power))
        if abs(power) == 0.5:
            return self.sqrt(a) if power > 0 else self.rsqrt(a)
        if not (abs(power) <= POWERS and power == int(power)):
            return self._any_power(self.number(a), self.number(power))
        if power < 0:
            return self.divide(1, self.pow(a, -power))
        if power < 2:
            return self.number(a) if power else self.ones_like(a)
        half = self.pow(a, power // 2)
        square = self.multiply(half, half)
        return self.multiply(square, a) if power % 2 else square

    def square(self, a: Any) -> Value:
        """x²."""
        return self.multiply(a, a)

    def abs(self, a: Any) -> Value:
        """|x|; every slope from −1 to 1 at 0."""
        a = self.number(a)
        back = [(a, lambda g: self.where(self.beyond(a, 0), g, self.negative(g)))]
        return Value(self, abs(a.x), a.grid, parents=back)

    # branches

    def hull(self, a: Any, b: Any) -> Value:
        """Both, and what lies between, a + t(b − a): for two standard ways to one value."""
        a, b = self.number(a), self.number(b)

        def share(g: Value) -> Value:
            return g * Value(self, self.kind.exactly(0.0).hull(self.kind.exactly(1.0)))

        return Value(self, a.x.hull(b.x), parents=[(a, share), (b, share)])

    def _greater(self, a: Any, b: Any, tie: bool) -> Condition:
        a, b = self.number(a), self.number(b)
        over, under = (a.x.lower(), b.x.upper()), (a.x.upper(), b.x.lower())
        return (
            Condition(over[0] >= over[1], under[0] < under[1])
            if tie
            else Condition(over[0] > over[1], under[0] <= under[1])
        )

    def beyond(self, a: Any, b: Any) -> Condition:
        """a > b or a < b; neither where they may be equal: at a kink every slope is right."""
        a, b = self.number(a), self.number(b)
        return Condition(a.x.lower() > b.x.upper(), a.x.upper() < b.x.lower())

    def where(self, test: Any, a: Any, b: Any) -> Value:
        """``a`` where the condition holds, else ``b``; everything between them where a program may go either way."""
        test, a, b = condition(test), self.number(a), self.number(b)
        x = self.kind.joined(lambda p, q: np.where(test.holds, p, q), [a.x, b.x])
        error = None
        if not test.certain:
            open = ~(test.holds | test.fails)
            a_there, b_there = (self.kind.joined(lambda p, q: np.where(open, p, q), [each.x, x]) for each in (a, b))
            x = a_there.hull(b_there)
            error = np.where(open, 2 * x.radius(), 0) if self.record else None  # any number in it, for any other
        parents = (
            (a, lambda g: self._unbroadcast(self.where(test, g, 0.0), a.shape)),
            (b, lambda g: self._unbroadcast(self.where(test, 0.0, g), b.shape)),
        )
        grid = both(a.grid, b.grid, min) if test.certain else None
        return Value(self, x, grid, None, error, parents, self._place("a branch"))

    def select(self, t: Any, a: Any, b: Any) -> Value:
        """``a`` where t > 0, else ``b``; at a kink everything between."""
        return self.where(self.beyond(t, 0), a, b)

    def stop_gradient(self, a: Any) -> Value:
        """The same array, through which nothing is differentiated: a pivot, which changes no value."""
        a = self.number(a)
        result = Value(self, a.x, a.grid, a.raw, parents=[(a, lambda g: g)])
        result.stopped = True
        return result

    def zeros_like(self, a: Any) -> Value:
        """Zeros in the shape of an array."""
        return self.given(np.zeros(self.number(a).shape))

    def ones_like(self, a: Any) -> Value:
        """Ones in the shape of an array."""
        return self.given(np.ones(self.number(a).shape))

    def cast(self, a: Any) -> Value:
        """Where a kernel stores a result on its way: rounded to the precision of the arrays."""
        value, model = self.number(a), self.arithmetic
        if model is None:
            return self.result("a stored value", value.x, [(value, lambda g: g)])
        magnitude, grid = value.x.magnitude(), value.grid
        exact = (magnitude <= self._exact_below(grid)) & (magnitude <= 2.0 ** ((grid or 0) + model.storage.bits))
        error = np.where(exact, 0, model.stored(magnitude))
        return self.result("a stored value", value.x, [(value, lambda g: g)], grid, error)

    # products of arrays

    def matmul(self, a: Any, b: Any) -> Value:
        """``a @ b``: matrix products over the last two axes, in any order of their terms."""
        a, b = self.number(a), self.number(b)
        if a.ndim < 1 or b.ndim < 1 or a.shape[-1] != b.shape[max(b.ndim - 2, 0)]:
            raise ValueError(f"matmul of shapes {a.shape} and {b.shape}")
        if a.ndim == 1 or b.ndim == 1:
            p, q = a.reshape(1, -1) if a.ndim == 1 else a, b.reshape(-1, 1) if b.ndim == 1 else b
            found = self.matmul(p, q)
            found = found[..., 0] if b.ndim == 1 else found
            return found if a.ndim > 1 else found[..., 0] if b.ndim == 1 else found[..., 0, :]
        grid = both(a.grid, b.grid, int.__add__)
        parents = (
            (a, lambda g: self._unbroadcast(self.matmul(g, self.matrix_transpose(b)), a.shape)),
            (b, lambda g: self._unbroadcast(self.matmul(self.matrix_transpose(a), g), b.shape)),
        )
        if self.arithmetic is None:
            return self.rounded("a matrix product", a.x.matmul(b.x), parents)
        magnitude = a.x.magnitude() @ b.x.magnitude()
        exact = self._exact(grid, lambda: magnitude)
        return self.summed(
            "a matrix product", a.x.matmul(b.x, exact), magnitude, a.shape[-1], True, exact, grid, parents
        )


def both(a: int | None, b: int | None, combine: Callable[[int, int], int]) -> int | None:
    return None if a is None or b is None else combine(a, b)


def _power_of_two(value: Any) -> float | None:
    """The number, where it is plus or minus a power of two, by which every binary format scales exactly."""
    if not isinstance(value, (int, float)):
        return None
    fraction, exponent = math.frexp(value)
    return float(value) if abs(fraction) == 0.5 and abs(exponent) < 100 else None

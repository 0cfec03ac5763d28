"""Ball arithmetic: enclosures of the truth, and of everything that a precision can make of it.

A ball is a midpoint and a proven radius (Johansson 2017, Arb). Without a precision the arrays enclose the real result.
With one, each operation also adds the rounding that a program in that precision may commit, so that the result encloses
every answer that such a program can return (midpoint–radius arithmetic: Rump 1999).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
from flint import arb, arb_mat, ctx, fmpq
from numpy.lib.mixins import NDArrayOperatorsMixin

from ffn.numbers.arrays import elementwise
from ffn.numbers.namespace import Array, Mask
from ffn.numbers.precision import Precision

SECOND_ORDER = 16  # roundings of an output distribution that a program's own pivot may shift, see detached_max


@contextmanager
def working_precision(bits: int) -> Iterator[None]:
    """flint's precision is global: it is set here, and restored also when something raises.

    Magnitudes kept in float64 may become infinite or nan on the way: such a ball is then taken to contain everything.
    """
    before = ctx.prec
    ctx.prec = bits
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            yield
    finally:
        ctx.prec = before


def number(value: Any) -> arb:
    """The ball that is exactly ``value`` (an enclosure of it where it is a fraction of no power of two)."""
    if isinstance(value, arb):
        return value
    if isinstance(value, Fraction):
        return arb(fmpq(value.numerator, value.denominator))
    return arb(int(value) if isinstance(value, np.integer) else value if isinstance(value, int) else float(value))


_number = elementwise(number)
_union = elementwise(lambda a, b: a.union(b), 2)


class BallArray(NDArrayOperatorsMixin):
    """An array of balls that belongs to a ball namespace, whose precision its operators use."""

    def __init__(self, balls: Any, xp: Ball) -> None:
        self.balls = np.asarray(balls, dtype=object)
        self.xp = xp

    @property
    def shape(self) -> tuple[int, ...]:
        return self.balls.shape

    @property
    def T(self) -> BallArray:
        return BallArray(self.balls.T, self.xp)

    def reshape(self, *shape: int) -> BallArray:
        return BallArray(self.balls.reshape(*shape), self.xp)

    def __getitem__(self, index: Any) -> BallArray:
        return BallArray(self.balls[index], self.xp)

    def sum(self, axis: int | None = None) -> BallArray:
        return self.xp.sum(self, axis)

    def hull(self, other: BallArray) -> BallArray:
        """The smallest balls that contain both."""
        with working_precision(self.xp.bits):
            return BallArray(_union(self.balls, other.balls), self.xp)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **options: Any) -> Any:
        """NumPy's operators, which the mixin turns into calls of its functions, also with an array on the left."""
        return NotImplemented if method != "__call__" or options else self.xp.operate(ufunc, *operands)


_ROUNDED = (np.add, np.subtract, np.multiply, np.divide)
_OPERANDS = (BallArray, int, float, Fraction, np.ndarray, np.generic)


class Ball:
    """Arrays of balls.

    Args:
        bits: working precision of the midpoints.
        precision: the floating-point precision whose roundings the balls carry; none for the truth alone.
        every_algorithm: whether ``either`` takes the union of all standard algorithms or the preferred one alone.
    """

    def __init__(self, bits: int = 128, precision: Precision | None = None, every_algorithm: bool = True) -> None:
        self.bits = bits
        self.precision = precision
        self.every_algorithm = every_algorithm and precision is not None

    # making balls

    def asarray(self, values: npt.ArrayLike) -> BallArray:
        values = np.asarray(values)
        with working_precision(self.bits):
            balls = _number(values if values.dtype == object else values.astype(object))
            if self.precision is not None and self.precision.flushed:
                balls = self._flushed(balls)
        return BallArray(balls, self)

    def _flushed(self, balls: Array) -> Array:
        """A subnormal input may be read as zero."""
        assert self.precision is not None
        smallest = self.precision.underflow
        return elementwise(lambda ball: ball.union(arb(0)) if 0 < abs(ball) < smallest else ball)(balls)

    def constant(self, text: str) -> BallArray:
        with working_precision(self.bits):
            return self._rounded(arb.pi() if text == "pi" else number(Fraction(text)))

    def ones_like(self, z: BallArray) -> BallArray:
        return self.asarray(np.ones(z.shape, dtype=np.int8))

    # rounding

    def _rounded(self, balls: Any, roundings: float | None = None) -> BallArray:
        """Widen results by what the precision may do to them: x(1 ± ku) ± kη."""
        if self.precision is None:
            return BallArray(balls, self)
        k = self.precision.roundings if roundings is None else roundings
        factor = arb(1, k * self.precision.unit_roundoff)
        return self._within_range(balls * factor + arb(0, k * self.precision.underflow))

    def _within_range(self, balls: Any) -> BallArray:
        """An entry that may overflow is no longer known: it becomes a ball that contains everything."""
        assert self.precision is not None
        result = BallArray(balls, self)
        flat = result.balls.ravel()  # comparing a ball answers True only where it is certain
        limit = self.precision.largest
        if not all(abs(ball) <= limit for ball in flat):
            anything = arb.nan()
            known = [ball if abs(ball) <= limit else anything for ball in flat]
            result.balls = as_array(known, result.balls.shape)
        return result

    def _summed(self, balls: Any, magnitudes: npt.NDArray[np.float64], terms: int) -> BallArray:
        """Add the error of a sum or dot product of ``terms`` terms of the given total magnitude, in any order.

        |error| ≤ nu Σ|xᵢyᵢ| whatever the order, also with fused multiply-adds or a wider accumulator (Jeannerod &
        Rump 2013, in place of Higham's γₙ), plus η for each product and, where subnormals are flushed, each addition.
        """
        if self.precision is None:
            return BallArray(balls, self)
        p = self.precision
        # the magnitudes are float64 sums themselves: they may be short by a relative n 2^-53 and by underflow
        magnitudes = magnitudes * (1 + (terms + 4) * 2.0**-52) + terms * 2.0**-1070
        radius = (terms * p.unit_roundoff * magnitudes + 2 * terms * p.underflow) * (1 + 2.0**-50)
        safe = magnitudes + radius <= p.largest  # otherwise some order of summation may overflow on its way
        radius = np.where(safe, radius, np.inf)
        return self._within_range(balls + elementwise(lambda r: arb(0, r) if r < np.inf else arb.nan())(radius))

    # arithmetic

    def operate(self, ufunc: np.ufunc, *operands: Any) -> Any:
        """An operation, rounded; NotImplemented where there is none, or beside an array that knows better."""
        if ufunc not in (*_ROUNDED, np.negative) or not all(isinstance(each, _OPERANDS) for each in operands):
            return NotImplemented
        with working_precision(self.bits):  # flint rounds a negation too
            result = ufunc(*map(_balls, operands))
            return self._rounded(result) if ufunc in _ROUNDED else BallArray(result, self)

    def sum(self, z: BallArray, axis: int | None = None) -> BallArray:
        with working_precision(self.bits):
            terms = z.balls.size if axis is None else z.balls.shape[axis]
            return self._summed(np.add.reduce(z.balls, axis=axis), magnitude(z.balls).sum(axis=axis), terms)

    def stack(self, parts: Sequence[BallArray]) -> BallArray:
        return BallArray(np.stack([part.balls for part in parts], axis=-1), self)

    def concatenate(self, parts: Sequence[BallArray]) -> BallArray:
        return BallArray(np.concatenate([part.balls for part in parts], axis=-1), self)

    def total(self, parts: Sequence[BallArray]) -> BallArray:
        return self.sum(BallArray(np.concatenate([part.balls.ravel() for part in parts]), self))

    def matmul(self, a: BallArray, b: BallArray) -> BallArray:
        with working_precision(self.bits):
            return self._summed(product(a.balls, b.balls), magnitude(a.balls) @ magnitude(b.balls), a.shape[1])

    def affine(self, x: BallArray, W: BallArray, b: BallArray) -> BallArray:
        with working_precision(self.bits):
            magnitudes = magnitude(x.balls) @ magnitude(W.balls) + magnitude(b.balls)
            return self._summed(product(x.balls, W.balls) + b.balls, magnitudes, x.shape[1] + 1)

    # functions

    def _apply(self, function: Callable[[arb], arb], z: BallArray, scale: int = 1) -> BallArray:
        ulps = 0 if self.precision is None else 2 * scale * self.precision.function_ulps  # one ulp is up to 2u
        with working_precision(self.bits):
            return self._rounded(elementwise(function)(z.balls), ulps)

    def exp(self, z: BallArray) -> BallArray:
        return self._apply(arb.exp, z)

    def log(self, z: BallArray) -> BallArray:
        return self._apply(arb.log, z)

    def log1p(self, z: BallArray) -> BallArray:
        return self._apply(arb.log1p, z)

    def tanh(self, z: BallArray) -> BallArray:
        return self._apply(arb.tanh, z, scale=2)

    def lgamma(self, z: BallArray) -> BallArray:
        """log Γ; beside its zeros at 1 and 2 the error allowed is absolute, as libraries give it."""
        result = self._apply(arb.lgamma, z, scale=2)
        if self.precision is None:
            return result
        with working_precision(self.bits):
            slack = arb(0, 4 * self.precision.unit_roundoff)
            integers = elementwise(lambda ball: ball == 1 or ball == 2)(z.balls)  # exact there
            return BallArray(np.where(integers.astype(bool), result.balls, result.balls + slack), self)

    # branches

    def maximum(self, a: Any, b: Any) -> BallArray:
        with working_precision(self.bits):
            return BallArray(elementwise(arb.max, 2)(_balls(a), _balls(b)), self)

    def select(self, t: BallArray, a: Any, b: Any) -> BallArray:
        """The union of both where t straddles 0 or is 0: at a kink each one-sided value is right, and all between."""
        with working_precision(self.bits):
            return BallArray(elementwise(_chosen, 3)(t.balls, _balls(a), _balls(b)), self)

    def where(self, mask: Mask, a: Any, b: Any) -> BallArray:
        with working_precision(self.bits):
            return BallArray(np.where(mask, _balls(a), _balls(b)), self)

    def detached_positive(self, z: BallArray) -> Mask:
        mask: Mask = elementwise(lambda ball: bool(ball.mid() > 0))(z.balls).astype(bool)
        return mask

    def detached_max(self, z: BallArray) -> BallArray:
        """The largest midpoint of each row.

        A program's own pivot differs from this one by some c with |c| at most the largest radius. The value does not
        depend on the pivot; its roundings do, each by at most u|c|. Their number bounds the radius given here.
        """
        with working_precision(self.bits):
            return BallArray(np.array([[self._pivot(row)] for row in z.balls], dtype=object), self)

    def _pivot(self, row: Sequence[arb]) -> arb:
        if not all(ball.is_finite() for ball in row):
            return arb.nan()
        middle = max(ball.mid() for ball in row)
        if self.precision is None:
            return middle
        return middle + arb(0, max(ball.rad() for ball in row) * SECOND_ORDER * self.precision.unit_roundoff)

    def either(self, preferred: BallArray, *alternatives: Callable[[], BallArray]) -> BallArray:
        if not self.every_algorithm:
            return preferred
        balls = preferred.balls
        with working_precision(self.bits):
            for alternative in alternatives:
                balls = _union(balls, alternative().balls)
        return BallArray(balls, self)


def _chosen(t: arb, a: arb, b: arb) -> arb:
    if t > 0:
        return a
    return b if t < 0 else a.union(b)


def _balls(value: Any) -> Array:
    """The balls of an array, or of an exact number or array of numbers beside one."""
    return value.balls if isinstance(value, BallArray) else _number(value)


def as_array(balls: Sequence[arb], shape: tuple[int, ...]) -> Array:
    return np.fromiter(balls, dtype=object, count=math.prod(shape)).reshape(shape)


def matrix(balls: Array) -> arb_mat:
    rows, columns = balls.shape
    return arb_mat(rows, columns, balls.ravel().tolist())


def product(a: Array, b: Array) -> Array:
    """The matrix product, through flint: 3 to 14 ns a multiply-add, against about 100 on an object array."""
    if 0 in a.shape or 0 in b.shape:
        return _number(np.zeros((a.shape[0], b.shape[1]), dtype=np.int8))
    return as_array((matrix(a) * matrix(b)).entries(), (a.shape[0], b.shape[1]))


def magnitude(balls: Array) -> npt.NDArray[np.float64]:
    """Upper bounds in float64 of |ball|; infinite for a ball that contains everything."""
    upper = np.array([float(ball.abs_upper()) for ball in balls.ravel()], dtype=np.float64)
    upper = np.where(np.isnan(upper), np.inf, upper) * (1 + 2.0**-50) + 2.0**-1074  # float() rounds to nearest
    return upper.reshape(balls.shape)

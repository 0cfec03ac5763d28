"""The number system of balls, with the rounding errors of a precision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache, partial, reduce
from typing import Any

import numpy as np
import numpy.typing as npt
from flint import arb

from ffn.numbers.arrays import elementwise
from ffn.numbers.ball.arrays import (
    BallArray,
    as_array,
    balls_of,
    held,
    number,
    numbers,
    product,
    union,
    working_precision,
)
from ffn.numbers.ball.once import Results, once
from ffn.numbers.namespace import Array, Mask
from ffn.numbers.precision import NAMES, Precision

PRODUCT_UNDERFLOWS = 2  # a product of three numbers may underflow in both steps, and in another order in the last alone
SECOND_ORDER = 16  # roundings of an output distribution that a program's own pivot may shift, see detached_max
SUMMED = 1 + 2.0**-20  # what float64 loses in a sum of at most 2^30 magnitudes, and in what it is multiplied by

_ROUNDED = frozenset((np.add, np.subtract, np.multiply, np.divide))
_OPERATIONS = _ROUNDED | {np.negative}
_OPERANDS = (BallArray, int, float, Fraction, np.ndarray, np.generic)


class Ball:
    """Arrays of balls.

    Args:
        bits: working precision of the midpoints.
        precision: the floating-point precision whose roundings the balls carry; none for the truth alone.
        every_algorithm: whether ``either`` takes the union of all standard algorithms or the preferred one alone.
        keep: whether what was computed of the same operands is kept, for as long as the namespace is.
        times: of a number, what has to be in range as well.
    """

    def __init__(
        self,
        bits: int = 128,
        precision: Precision | None = None,
        every_algorithm: bool = True,
        keep: bool = False,
        times: int = 1,
    ) -> None:
        self.bits = bits
        self.precision = precision
        self.every_algorithm = every_algorithm and precision is not None
        self.results: Results | None = Results() if keep else None
        self.times = times
        if precision is not None:
            self.largest, self.smallest_normal = arb(precision.largest / times), arb(precision.smallest_normal)

    @once
    def headroom(self, n: int) -> Ball:
        if n == 1:
            return self
        found = Ball(self.bits, self.precision, self.every_algorithm, times=n * self.times)
        found.results = self.results
        return found

    # making balls

    @once
    def asarray(self, values: npt.ArrayLike) -> BallArray:
        values = np.asarray(values)
        smallest = self.precision.smallest_normal if self.precision and self.precision.flushed else 0.0
        with working_precision(self.bits):
            if values.dtype.name not in NAMES:
                balls = numbers(values if values.dtype == object else values.astype(object))
                return BallArray(self._flushed(balls) if smallest else balls, self)
            floats = values.astype(np.float64)
            balls, sizes = held(floats), np.abs(floats)
            if sizes[sizes < smallest].any():
                return BallArray(self._flushed(balls), self)
        return BallArray(balls, self, np.where(np.isnan(sizes), np.inf, sizes))

    def _flushed(self, balls: Array) -> Array:
        """A subnormal input may be read as zero."""
        zero, smallest = arb(), self.smallest_normal
        return elementwise(lambda ball: ball if abs(ball) >= smallest else ball.union(zero))(balls)

    @once
    def constant(self, text: str) -> BallArray:
        with working_precision(self.bits):
            constant = arb.pi() if text == "pi" else number(Fraction(text))
            double = arb(float(constant))  # as a program is handed it
            return BallArray(constant.union(double), self) if self._held(double) else self._rounded(constant)

    def ones_like(self, z: BallArray) -> BallArray:
        return self.asarray(np.ones(z.shape))

    # rounding

    def _rounded(self, balls: Any, underflows: int = 1) -> BallArray:
        """Widen the results of operations by one rounding each; what the precision holds exactly has none."""
        if self.precision is None:
            return BallArray(balls, self)
        factor, slack = self._widening(self.precision.rounding, underflows * self.precision.underflow)
        balls, held = np.asarray(balls, dtype=object), self._held
        rounded = [ball if ball.is_exact() and held(ball) else ball * factor + slack for ball in balls.ravel().tolist()]
        return self._within_range(rounded, balls.shape)

    @staticmethod
    @cache
    def _widening(relative: float, absolute: float) -> tuple[arb, arb]:
        """1 ± relative and 0 ± absolute."""
        return arb(1, relative), arb(0, absolute)

    def _held(self, ball: arb) -> bool:
        """Whether an exact ball is a number of the precision."""
        if not (self.precision and ball.bits() <= self.precision.bits):
            return False
        return bool(ball == 0 or abs(ball) >= self.smallest_normal)

    def _within_range(self, balls: Sequence[arb], shape: tuple[int, ...]) -> BallArray:
        """An entry that may overflow is no longer known: it becomes a ball that contains everything."""
        limit, anything = self.largest, arb.nan()
        known = [ball if abs(ball) <= limit else anything for ball in balls]  # True only if certain
        return BallArray(as_array(known, shape), self)

    def _summed(self, balls: Any, magnitudes: npt.NDArray[np.float64], additions: int, products: int = 0) -> BallArray:
        """Add the error of a sum of numbers and products, in any order.

        Each rounding multiplies what it rounds by a factor in [1 − v, 1 + v] (Higham 2002, lemma 3.1), and no term
        passes more than k of them, its product's and those of the additions. So the positive terms arrive as their sum
        times something in [1 − a, 1 + b] for 1 − a = (1 − v)^k and 1 + b = (1 + v)^k, the negative ones likewise, and
        what is computed of S = Σtᵢ with M = Σ|tᵢ| lies in S(1 + (b − a)/2) ± M(a + b)/2: ``as_computed`` in
        ``proofs/rocq/theories/Roundings.v``, for v < 1. This holds of any number of terms, of every order, of fused
        multiply-adds, of wider accumulators and of sums rounded twice; a sum without negative terms keeps its sign.
        (Jeannerod & Rump 2013 have nu Σ|tᵢ| of roundings to nearest, once each: smaller by the second order, n²u²/2.)

        A product may underflow, by η, and an addition where subnormals are flushed; later roundings enlarge that by
        1 + b. In a declared accumulator these are its roundings and underflows, and the sum is rounded once more.
        """
        if self.precision is None:
            return BallArray(balls, self)
        shift, share, lost, safe = self._error_of_sum(additions, products)
        nothing_known, sums = arb.nan(), np.asarray(balls, dtype=object).ravel().tolist()
        radii = [share * m + lost if m <= safe else nothing_known for m in magnitudes.ravel().tolist()]
        result = [ball * shift + radius for ball, radius in zip(sums, radii, strict=True)]
        found = self._within_range(result, magnitudes.shape)
        return found if self.precision.accumulator is None else self._rounded(found.balls)

    @once
    def _error_of_sum(self, additions: int, products: int) -> tuple[arb, arb, arb, float]:
        """1 + (b − a)/2, the share of M in the radius, what underflow adds, and the M beyond which it may overflow."""
        assert self.precision is not None
        wide = self.precision.accumulator or self.precision
        below, above = wide.compounded(additions + (products > 0), products > 0)
        underflow = (products + wide.flushed * additions) * wide.underflow * (1 + above)
        share, lost = arb(0, (below + above) / 2) * SUMMED, arb(0, underflow) * SUMMED
        safe = (wide.largest / self.times - underflow) / (SUMMED * (1 + above))
        return 1 + arb((above - below) / 2), share, lost, safe

    # arithmetic

    @once
    def operate(self, ufunc: np.ufunc, *operands: Any) -> Any:
        """An operation, rounded; NotImplemented where there is none, or beside an array that knows better."""
        if not (ufunc in _OPERATIONS and all(map(_is_operand, operands))):
            return NotImplemented
        with working_precision(self.bits):  # flint rounds a negation too
            result = ufunc(*map(balls_of, operands))
            underflows = PRODUCT_UNDERFLOWS if ufunc is np.multiply else 1
            return self._rounded(result, underflows) if ufunc in _ROUNDED else BallArray(result, self)

    @once
    def sum(self, z: BallArray, axis: int | None = None) -> BallArray:
        with working_precision(self.bits):
            terms = z.balls.size if axis is None else z.balls.shape[axis]
            with np.errstate(all="ignore"):  # an infinite magnitude is of what is not known
                magnitudes = z.magnitude().sum(axis=axis)
            return self._summed(np.add.reduce(z.balls, axis=axis), magnitudes, max(terms - 1, 0))

    @once
    def stack(self, parts: Sequence[BallArray]) -> BallArray:
        return BallArray(np.stack([part.balls for part in parts], axis=-1), self)

    @once
    def concatenate(self, parts: Sequence[BallArray]) -> BallArray:
        return BallArray(np.concatenate([part.balls for part in parts], axis=-1), self)

    def total(self, parts: Sequence[BallArray]) -> BallArray:
        return self.sum(BallArray(np.concatenate([part.balls.ravel() for part in parts]), self))

    @once
    def matmul(self, a: BallArray, b: BallArray) -> BallArray:
        n = a.shape[1]
        with working_precision(self.bits), np.errstate(all="ignore"):
            return self._summed(product(a.balls, b.balls), a.magnitude() @ b.magnitude(), n - 1, n)

    @once
    def affine(self, x: BallArray, W: BallArray, b: BallArray) -> BallArray:
        n = x.shape[1]
        with working_precision(self.bits), np.errstate(all="ignore"):
            magnitudes = x.magnitude() @ W.magnitude() + b.magnitude()
            joined = self._summed(product(x.balls, W.balls) + b.balls, magnitudes, n, n)
        if self.precision is None or self.precision.accumulator is None:
            return joined
        apart = self.matmul(x, W)  # rounded before b is added to it, but for a 0
        return joined.hull(self.where(elementwise(lambda ball: ball != 0)(b.balls).astype(bool), apart + b, apart))

    # functions

    @once
    def _apply(self, name: str, z: BallArray, scale: int = 1, roundings: int = 0) -> BallArray:
        """A library function, off as declared, or ``scale`` times as far as others and by so many roundings more."""
        with working_precision(self.bits):
            function = getattr(arb, name)
            balls = [function(ball) for ball in z.balls.ravel().tolist()]
            if self.precision is None:
                return BallArray(as_array(balls, z.shape), self)
            declared = name in dict(self.precision.functions)
            errors = 2 * self.precision.ulps_of(name)  # an ulp is up to 2u, and 2η at subnormals
            errors = errors if declared else scale * errors + roundings
            precision = self.precision
            factor, slack = self._widening(errors * precision.rounding, max(errors, 1) * precision.underflow)
            return self._within_range([ball * factor + slack for ball in balls], z.shape)

    def exp(self, z: BallArray) -> BallArray:
        return self.within(self._apply("exp", z), "0")

    def log(self, z: BallArray) -> BallArray:
        return self._apply("log", z)

    def log1p(self, z: BallArray) -> BallArray:
        return self._apply("log1p", z)

    def tanh(self, z: BallArray) -> BallArray:
        """tanh, also as −e/(2 + e) for e = expm1(−2|z|): up to twice the error of expm1, and two roundings."""
        return self._apply("tanh", z, scale=2, roundings=2)

    def lgamma(self, z: BallArray) -> BallArray:
        """log Γ; beside its zeros at 1 and 2 the error allowed is absolute, as libraries give it."""
        result = self._apply("lgamma", z, scale=2)
        if self.precision is None:
            return result
        with working_precision(self.bits):
            slack = arb(0, 4 * self.precision.unit_roundoff)
            around = elementwise(lambda ball, z: ball if z == 1 or z == 2 else ball + slack, 2)  # exact there
            return BallArray(around(result.balls, z.balls), self)

    # branches

    @once
    def maximum(self, a: Any, b: Any) -> BallArray:
        with working_precision(self.bits):
            return BallArray(_largest(balls_of(a), balls_of(b)), self)

    @once
    def select(self, t: BallArray, a: Any, b: Any) -> BallArray:
        """The union of both where t straddles 0 or is 0: at a kink each one-sided value is right, and all between."""
        with working_precision(self.bits):
            return BallArray(_chosen(t.balls, balls_of(a), balls_of(b)), self)

    @once
    def where(self, mask: Mask, a: Any, b: Any) -> BallArray:
        with working_precision(self.bits):
            return BallArray(np.where(mask, balls_of(a), balls_of(b)), self)

    def detached_positive(self, z: BallArray) -> Mask:
        return np.array([ball.mid() > 0 for ball in z.balls.ravel().tolist()], dtype=bool).reshape(z.shape)

    @once
    def detached_max(self, z: BallArray) -> BallArray:
        """The largest midpoint of each row.

        A program's own pivot differs from this one by some c with |c| at most the largest radius. The value does not
        depend on the pivot; its roundings do, each by at most u|c|. Their number bounds the radius given here.
        """
        with working_precision(self.bits):
            pivots = np.array([self._pivot(row) for row in z.balls], dtype=object)
            return BallArray(pivots.reshape(len(z.balls), 1), self)

    def _pivot(self, row: Sequence[arb]) -> arb:
        if not all(ball.is_finite() for ball in row):
            return arb.nan()
        middle = max(ball.mid() for ball in row)
        if self.precision is None:
            return middle
        return middle + arb(0, max(ball.rad() for ball in row) * SECOND_ORDER * self.precision.unit_roundoff)

    def either(self, preferred: BallArray, *alternatives: Callable[[], BallArray]) -> BallArray:
        return self._any_of(preferred, *(way() for way in alternatives)) if self.every_algorithm else preferred

    @once
    def _any_of(self, *ways: BallArray) -> BallArray:
        with working_precision(self.bits):
            return BallArray(reduce(union, (way.balls for way in ways)), self)

    @once
    def within(self, z: BallArray, low: str, high: str = "", beyond: int = 0, nonpositive: Any = None) -> BallArray:
        if self.precision is None:
            return z
        with working_precision(self.bits):
            errors = beyond + 2 * self.precision.ulps_of("exp") if beyond else 0
            bottom, top = _ends(low, high, errors * self.precision.rounding, self.bits)
            balls, tops = z.balls.ravel().tolist(), [top] * z.balls.size
            if nonpositive is not None:
                tops = [top if t <= 0 else arb.pos_inf() for t in nonpositive.balls.ravel().tolist()]
            narrowed = [_narrowed(ball, bottom, top) for ball, top in zip(balls, tops, strict=True)]
            return BallArray(as_array(narrowed, z.shape), self)


def _is_operand(value: Any) -> bool:
    return isinstance(value, _OPERANDS)


@cache
def _ends(low: str, high: str, error: float, bits: int) -> tuple[arb, arb]:
    """The ends of what is known, as far out as a relative error takes them; without an upper one infinity."""
    ends = number(Fraction(low)) * arb(1, error), number(Fraction(high)) * arb(1, error) if high else arb.pos_inf()
    return ends[0].lower(), ends[1].upper()


def _narrowed(ball: arb, low: arb, high: arb) -> arb:
    """The part of the ball that is in what is known of it, unless it is not known itself."""
    if low <= ball <= high:
        return ball
    return ball if ball < low or ball > high else ball.max(low).min(high)


@partial(elementwise, inputs=2)
def _largest(a: arb, b: arb) -> arb:
    """The larger one; of those that overlap what holds both."""
    if a > b:
        return a
    return b if a < b else a.max(b)


@partial(elementwise, inputs=3)
def _chosen(t: arb, a: arb, b: arb) -> arb:
    if t > 0:
        return a
    return b if t < 0 else a.union(b)

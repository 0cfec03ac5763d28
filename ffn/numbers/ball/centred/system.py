"""The number system of balls with centres."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt
from flint import arb

from ffn.numbers.ball.arrays import BallArray, numbers, union, working_precision
from ffn.numbers.ball.centred import arrays
from ffn.numbers.ball.centred.arrays import CentredArray
from ffn.numbers.ball.centred.deviations import (
    UP,
    Deviations,
    Floats,
    added,
    alike,
    joined,
    long_enough,
    sloped,
    summed,
)
from ffn.numbers.ball.centred.products import Noise
from ffn.numbers.ball.system import Ball
from ffn.numbers.namespace import Array, Mask
from ffn.numbers.precision import Precision

BEND_OF_TANH = 0.385  # half of the largest second derivative, 4/√27
ONE, MINUS_ONE = np.asarray(1.0), np.asarray(-1.0)

Run = Callable[[Ball, Sequence[BallArray]], BallArray]
Operands = Sequence[CentredArray]


class Centred:
    """Arrays of balls with centres.

    Args:
        bits: working precision of balls and centres.
        precision: the floating-point precision whose roundings are charged.
        noise: of the pass.
        rounded: the balls with roundings, where they are not those of the precision itself.
    """

    def __init__(
        self, bits: int, precision: Precision, noise: Noise | None = None, rounded: Ball | None = None
    ) -> None:
        self.bits, self.precision, self.noise = bits, precision, noise or Noise()
        self.rounded, self.exact = rounded or Ball(bits, precision), Ball(bits)

    def headroom(self, n: int) -> Centred:
        return Centred(self.bits, self.precision, self.noise, self.rounded.headroom(n))

    # what is known

    def _apart(self, balls: BallArray) -> CentredArray:
        """Numbers that have nothing in common with any others."""
        with working_precision(self.bits):
            rest = Deviations.apart(arrays.radii(balls.balls))
            return CentredArray(balls.balls, arrays.midpoints(balls.balls), rest, self)

    def _known(self, balls: Array, centres: Array, deviations: Deviations) -> CentredArray:
        """The narrower of both; where the ball is narrower by half, its middle becomes the centre."""
        with working_precision(self.bits):
            size, radius = deviations.size(), arrays.radii(balls)
            size = np.where(arrays.known(centres), size, np.inf)
            anew = (size == np.inf) | (2 * radius < size)
            if anew.any():
                kept = deviations.chosen(~anew)
                deviations = Deviations(kept.shared, np.where(anew, radius, kept.rest), kept.owner)
                centres = np.where(anew, arrays.midpoints(balls), centres)
                size = np.where(anew, np.inf, size)
            return CentredArray(arrays.meet(balls, centres, size), centres, deviations, self)

    def _operated(self, run: Run, operands: Operands, linear: Deviations, further: Any = 0.0) -> CentredArray:
        """The result of an operation on balls, with what it does to deviations: a linear part, and what there is more.

        The balls without roundings are those of the same operands, so that what lies between is the operation's own.
        """
        rounded = run(self.rounded, [each.enclosed(self.rounded) for each in operands]).balls
        exact = run(self.exact, [each.enclosed(self.exact) for each in operands]).balls
        centres = run(self.exact, [BallArray(each.centres, self.exact) for each in operands]).balls
        with working_precision(self.bits):
            own = arrays.charge(rounded, exact) + np.nan_to_num(arrays.radii(centres), posinf=0.0)
        return self._known(rounded, centres, linear.and_apart((further + own) * UP))

    def _sloped(self, run: Run, operands: Operands, slopes: Sequence[Floats], bend: Any = None) -> CentredArray:
        """An element-wise operation: its slopes at the centres, and from its linear part a bound of what bends."""
        shape = np.broadcast_shapes(*(each.shape for each in operands))
        linear, lost = sloped([each.deviations for each in operands], slopes, shape)
        return self._operated(run, operands, linear, lost + (bend(linear) if bend else 0.0))

    def _lifted(self, value: Any) -> CentredArray:
        """An exact number beside an array."""
        return value if isinstance(value, CentredArray) else self._apart(BallArray(numbers(value), self.rounded))

    # making numbers

    def asarray(self, values: npt.ArrayLike) -> CentredArray:
        return self._apart(self.rounded.asarray(values))

    def constant(self, text: str) -> CentredArray:
        return self._apart(self.rounded.constant(text))

    def ones_like(self, z: CentredArray) -> CentredArray:
        return self.asarray(np.ones(z.shape))

    # arithmetic

    @np.errstate(all="ignore")
    def operate(self, ufunc: np.ufunc, *operands: Any) -> Any:
        given = [self._lifted(each) for each in operands]
        if ufunc is np.negative:
            return self._negative(given[0])
        if ufunc in (np.add, np.subtract):
            return self._sloped(_run(ufunc), given, (ONE, ONE if ufunc is np.add else MINUS_ONE))
        if ufunc is np.multiply:
            return self._product(*given)
        return self._quotient(*given) if ufunc is np.divide else NotImplemented

    def _negative(self, z: CentredArray) -> CentredArray:
        with working_precision(self.bits):  # flint rounds a negation too
            balls, centres = (np.asarray(-each, dtype=object) for each in (z.balls, z.centres))
        return CentredArray(balls, centres, z.deviations.scaled(MINUS_ONE, z.shape), self)

    def _product(self, a: CentredArray, b: CentredArray) -> CentredArray:
        """(a + α)(b + β) = ab + αb + aβ + αβ."""
        bend = a.reach() * b.reach() * UP
        return self._sloped(_run(np.multiply), [a, b], (b.middle(), a.middle()), lambda linear: bend)

    def _quotient(self, a: CentredArray, b: CentredArray) -> CentredArray:
        """(a + α)/(b + β) = a/b + λ − λβ/(b + β) for λ = (α − βa/b)/b."""
        with working_precision(self.bits):
            share = b.reach() / arrays.away_from_zero(b.balls) * UP
        x, y = a.middle(), b.middle()
        return self._sloped(_run(np.divide), [a, b], (1 / y, -x / y / y), lambda linear: linear.size() * share * UP)

    @np.errstate(all="ignore")
    def sum(self, z: CentredArray, axis: int | None = None) -> CentredArray:
        return self._operated(lambda xp, balls: xp.sum(balls[0], axis), [z], *summed(z.deviations, axis))

    def stack(self, parts: Operands) -> CentredArray:
        return self._joined(parts, lambda arrays: np.stack(arrays, axis=-1))

    def concatenate(self, parts: Operands) -> CentredArray:
        return self._joined(parts, lambda arrays: np.concatenate(arrays, axis=-1))

    def _joined(self, parts: Operands, join: Callable[[Sequence[Any]], Any]) -> CentredArray:
        balls, centres = (join([getattr(part, name) for part in parts]) for name in ("balls", "centres"))
        return CentredArray(balls, centres, joined([part.deviations for part in parts], join), self)

    def total(self, parts: Operands) -> CentredArray:
        return self.sum(self._joined([part.reshape(-1) for part in parts], np.concatenate))

    @np.errstate(all="ignore")
    def matmul(self, a: CentredArray, b: CentredArray) -> CentredArray:
        linear = self.noise.product(a.middle(), a.deviations, b.middle(), b.deviations)
        return self._operated(lambda xp, balls: xp.matmul(*balls), [a, b], linear)

    @np.errstate(all="ignore")
    def affine(self, x: CentredArray, W: CentredArray, b: CentredArray) -> CentredArray:
        product = self.noise.product(x.middle(), x.deviations, W.middle(), W.deviations)
        linear = added([product, b.deviations.scaled(ONE, product.rest.shape)])
        return self._operated(lambda xp, balls: xp.affine(*balls), [x, W, b], linear)

    # functions

    def _function(self, name: str, z: CentredArray, slope: Floats, bend: Floats) -> CentredArray:
        return self._sloped(lambda xp, balls: getattr(xp, name)(balls[0]), [z], [slope], lambda linear: bend)

    @np.errstate(all="ignore")
    def exp(self, z: CentredArray) -> CentredArray:
        middle, reach = z.middle(), z.reach()
        return self._function("exp", z, np.exp(middle), reach * reach / 2 * np.exp(middle + reach) * UP)

    def log(self, z: CentredArray) -> CentredArray:
        return self._logarithm("log", z, 0.0)

    def log1p(self, z: CentredArray) -> CentredArray:
        return self._logarithm("log1p", z, 1.0)

    @np.errstate(all="ignore")
    def _logarithm(self, name: str, z: CentredArray, more: float) -> CentredArray:
        """Of 1 + z only where that is above ½, so that float64 has its digits."""
        with working_precision(self.bits):
            argument = z.middle() + more
            least = np.minimum(argument, arrays.smallest(z.balls) + more) / UP
        share = np.where(least > more / 2, z.reach() / least, np.inf)
        return self._function(name, z, 1 / argument, share * share / 2 * UP)

    @np.errstate(all="ignore")
    def tanh(self, z: CentredArray) -> CentredArray:
        reach = z.reach()
        return self._function("tanh", z, 1 / np.cosh(z.middle()) ** 2, BEND_OF_TANH * reach * reach * UP)

    def lgamma(self, z: CentredArray) -> CentredArray:
        return self._apart(self.rounded.lgamma(z.enclosed(self.rounded)))

    # branches

    def maximum(self, a: Any, b: Any) -> CentredArray:
        a, b = self._lifted(a), self._lifted(b)
        found = self.rounded.maximum(a.enclosed(self.rounded), b.enclosed(self.rounded))
        return self._branch(arrays.larger(a.balls, b.balls), arrays.larger(b.balls, a.balls), a, b, found)

    def select(self, t: CentredArray, a: Any, b: Any) -> CentredArray:
        a, b = self._lifted(a), self._lifted(b)
        found = self.rounded.select(*(each.enclosed(self.rounded) for each in (t, a, b)))
        return self._branch(arrays.positive(t.balls), arrays.negative(t.balls), a, b, found)

    def where(self, mask: Mask, a: Any, b: Any) -> CentredArray:
        a, b = self._lifted(a), self._lifted(b)
        found = self.rounded.where(mask, a.enclosed(self.rounded), b.enclosed(self.rounded))
        return self._branch(np.asarray(mask), ~np.asarray(mask), a, b, found)

    @np.errstate(all="ignore")
    def _branch(self, first: Mask, second: Mask, a: CentredArray, b: CentredArray, found: BallArray) -> CentredArray:
        """One of two where it is certain which; elsewhere the ball of both is all that is known."""
        parts = [each.deviations.scaled(ONE, found.shape).chosen(where) for each, where in ((a, first), (b, second))]
        centres = np.where(first, a.centres, np.where(second, b.centres, np.array(arb.nan())))
        return self._known(found.balls, centres, added(parts).and_apart(np.where(first | second, 0.0, np.inf)))

    def detached_positive(self, z: CentredArray) -> Mask:
        return self.rounded.detached_positive(z.enclosed(self.rounded))

    def detached_max(self, z: CentredArray) -> CentredArray:
        return self._apart(self.rounded.detached_max(z.enclosed(self.rounded)))

    @np.errstate(all="ignore")
    def either(self, preferred: CentredArray, *alternatives: Callable[[], CentredArray]) -> CentredArray:
        """Whatever any of the algorithms returns: what another's coefficients differ by is not shared."""
        ways = [preferred, *(way() for way in alternatives)]
        deviations, owner = alike([way.deviations for way in ways])
        shared = long_enough(deviations)
        with working_precision(self.bits):
            balls = reduce(union, (way.balls for way in ways))
            apart = [arrays.farthest(way.centres, preferred.centres) for way in ways]
        rests = [
            way.rest + np.abs(of_way - shared[0]).sum(axis=0) * UP + distance
            for way, of_way, distance in zip(deviations, shared, apart, strict=True)
        ]
        return self._known(balls, preferred.centres, Deviations(shared[0], np.max(rests, axis=0), owner))

    def within(
        self, z: CentredArray, low: str, high: str = "", beyond: int = 0, nonpositive: CentredArray | None = None
    ) -> CentredArray:
        of = nonpositive and nonpositive.enclosed(self.rounded)
        found = self.rounded.within(z.enclosed(self.rounded), low, high, beyond, of)
        return self._known(found.balls, z.centres, z.deviations)


def _run(ufunc: np.ufunc) -> Run:
    def run(xp: Ball, balls: Sequence[BallArray]) -> BallArray:
        found: BallArray = xp.operate(ufunc, *balls)
        return found

    return run

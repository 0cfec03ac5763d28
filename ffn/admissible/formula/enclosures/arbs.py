"""The operations of ``MidRad`` on arrays of arb, for float64: its radii would drown in the roundings of float64 itself.

flint's precision is global; who evaluates a formula sets it (``working_precision``). A NaN is an entry of which
nothing is known.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from flint import arb

from ffn.numbers.arrays import elementwise
from ffn.numbers.ball import magnitude, number, product

Floats = npt.NDArray[np.float64]


def _low(ball: arb) -> float:
    if ball.rad() == 0:
        return float(ball)
    low = float(ball.lower())
    return -math.inf if math.isnan(low) else math.nextafter(low, -math.inf)


def _nearest_low(ball: arb) -> float:
    low = float(ball if ball.rad() == 0 else ball.lower())
    return -math.inf if math.isnan(low) else low


def _radius(ball: arb) -> float:
    if ball.rad() == 0:
        return 0.0
    radius = float(abs(ball - float(ball.mid())).upper()) if ball.is_finite() else math.inf
    return math.nextafter(radius, math.inf)


def _middle(ball: arb) -> float:
    return 0.0 if ball.is_nan() else float(ball.mid())


def _widened(ball: arb, radius: float) -> arb:
    return (
        ball
        if radius == 0 or abs(ball.mid()) == math.inf
        else ball + arb(0, radius)
        if radius < math.inf
        else arb.nan()
    )


def _sum(a: arb, b: arb) -> arb:
    """An infinity that is meant stays a point, whatever the radius of what is added."""
    c = a + b
    infinite = not c.is_finite() and not c.is_nan() and c.rad().is_finite()
    return c.mid() if infinite else c


def _log(ball: arb) -> arb:
    return arb.neg_inf() if ball == 0 else ball.log()


def _unary(function: Callable[[arb], arb]) -> Callable[[Arbs], Arbs]:
    return lambda self: Arbs(elementwise(function)(self.balls))


class Arbs:
    """Enclosures of real numbers, one an entry, of as many bits as flint works in."""

    __slots__ = ("balls",)

    def __init__(self, balls: Any) -> None:
        self.balls: npt.NDArray[Any] = np.asarray(balls, dtype=object)

    @classmethod
    def exactly(cls, values: npt.ArrayLike) -> Arbs:
        return cls(elementwise(lambda value: arb.nan() if math.isnan(value) else number(value))(np.asarray(values)))

    @property
    def shape(self) -> tuple[int, ...]:
        return self.balls.shape

    # bounds, in float64

    def magnitude(self) -> Floats:
        return magnitude(self.balls)

    def lower(self) -> Floats:
        return self._floats(_low)

    def upper(self) -> Floats:
        return self._floats(lambda ball: -_low(-ball))

    def nearest_bounds(self) -> tuple[Floats, Floats]:
        """Both ends rounded to the nearest float64. The lower end of a ball is rounded downwards first, which keeps
        the order."""
        return self._floats(_nearest_low), self._floats(lambda ball: -_nearest_low(-ball))

    def middle(self) -> Floats:
        return self._floats(_middle)

    def radius(self) -> Floats:
        """Upper bounds of the distance from ``middle``."""
        return self._floats(_radius)

    def _floats(self, function: Callable[[arb], float]) -> Floats:
        return np.asarray(elementwise(function)(self.balls)).astype(np.float64)

    # form: nothing is computed

    def formed(self, form: Callable[[Any], Any]) -> Arbs:
        return Arbs(form(self.balls))

    @staticmethod
    def joined(join: Callable[..., Any], parts: Sequence[Arbs]) -> Arbs:
        return Arbs(join(*[part.balls for part in parts]))

    def hull(self, other: Arbs) -> Arbs:
        return Arbs(elementwise(arb.union, 2)(self.balls, other.balls))

    def widened(self, radius: npt.ArrayLike) -> Arbs:
        return Arbs(elementwise(_widened, 2)(self.balls, np.asarray(radius).astype(object)))

    def known_where(self, mask: npt.NDArray[np.bool_]) -> Arbs:
        return Arbs(np.where(mask, self.balls, np.array(arb.nan())))

    # arithmetic; ``exact`` is what MidRad needs

    def add(self, other: Arbs, *exact: Any) -> Arbs:
        return Arbs(elementwise(_sum, 2)(self.balls, other.balls))

    def multiply(self, other: Arbs, *exact: Any) -> Arbs:
        return Arbs(self.balls * other.balls)

    def divide(self, other: Arbs) -> Arbs:
        return Arbs(self.balls / other.balls)

    def maximum(self, other: Arbs) -> Arbs:
        return Arbs(elementwise(arb.max, 2)(self.balls, other.balls))

    __neg__ = _unary(lambda ball: -ball)
    __abs__ = _unary(abs)
    root = _unary(arb.sqrt)
    reciprocal_root = _unary(arb.rsqrt)
    exp = _unary(arb.exp)
    expm1 = _unary(arb.expm1)
    log = _unary(_log)
    log1p = _unary(lambda ball: arb.neg_inf() if ball == -1 else ball.log1p())
    exp2 = _unary(lambda ball: (ball * arb(2).log() if ball.is_finite() else ball).exp())
    log2 = _unary(lambda ball: _log(ball) / arb(2).log())
    log10 = _unary(lambda ball: _log(ball) / arb(10).log())
    sinh = _unary(arb.sinh)
    cosh = _unary(arb.cosh)
    tanh = _unary(arb.tanh)
    erf = _unary(arb.erf)
    sin = _unary(arb.sin)
    cos = _unary(arb.cos)
    atan = _unary(arb.atan)

    # several terms

    def sum(self, axes: tuple[int, ...], *exact: Any) -> Arbs:
        return Arbs(np.add.reduce(self.balls, axis=axes))

    def cumulative(self, axis: int, *exact: Any) -> Arbs:
        return Arbs(np.add.accumulate(self.balls, axis=axis))

    def gathered(self, place: npt.NDArray[np.intp], size: int, *exact: Any) -> Arbs:
        sums = np.full(size, arb(0))
        np.add.at(sums, place.ravel(), self.balls.ravel())
        return Arbs(sums)

    def max(self, axis: int) -> Arbs:
        return Arbs(np.frompyfunc(arb.max, 2, 1).reduce(self.balls, axis=axis))

    def matmul(self, other: Arbs, *exact: Any) -> Arbs:
        batch = np.broadcast_shapes(self.shape[:-2], other.shape[:-2])
        a, b = (np.broadcast_to(x.balls, (*batch, *x.shape[-2:])) for x in (self, other))
        result = np.empty((*batch, a.shape[-2], b.shape[-1]), dtype=object)
        for index in np.ndindex(batch):
            result[index] = product(a[index], b[index])
        return Arbs(result)

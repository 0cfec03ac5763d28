"""Arrays of balls with centres, and what of them is wanted in float64."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import arb
from numpy.lib.mixins import NDArrayOperatorsMixin

from ffn.numbers.arrays import elementwise
from ffn.numbers.ball.arrays import BallArray, working_precision
from ffn.numbers.ball.centred.deviations import UP, Deviations, Floats
from ffn.numbers.namespace import Array, Mask

if TYPE_CHECKING:
    from ffn.numbers.ball.centred.system import Centred
    from ffn.numbers.ball.system import Ball


class CentredArray(NDArrayOperatorsMixin):
    """An array of numbers: the balls that they are in, their centres, and their deviations from these."""

    def __init__(self, balls: Array, centres: Array, deviations: Deviations, xp: Centred) -> None:
        self.balls, self.centres, self.deviations, self.xp = balls, centres, deviations, xp

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.balls.shape)

    @property
    def T(self) -> CentredArray:
        return self.formed(lambda array: array.T)

    def reshape(self, *shape: int) -> CentredArray:
        return self.formed(lambda array: array.reshape(*shape))

    def __getitem__(self, index: Any) -> CentredArray:
        return self.formed(lambda array: array[index])

    def sum(self, axis: int | None = None) -> CentredArray:
        return self.xp.sum(self, axis)

    def formed(self, form: Callable[[Any], Any]) -> CentredArray:
        balls, centres = (np.asarray(form(array), dtype=object) for array in (self.balls, self.centres))
        return CentredArray(balls, centres, self.deviations.formed(form), self.xp)

    def enclosed(self, xp: Ball) -> BallArray:
        """The balls alone, as numbers of that system."""
        return BallArray(self.balls, xp)

    def middle(self) -> Floats:
        """The centres, as float64 has them; 0 where nothing is known."""
        return nearest(self.centres)

    def reach(self) -> Floats:
        """How far from their centres the numbers may be."""
        with working_precision(self.xp.bits):
            return np.fmin(farthest(self.balls, self.centres), self.deviations.size())

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **options: Any) -> Any:
        return NotImplemented if method != "__call__" or options else self.xp.operate(ufunc, *operands)


def floats(function: Callable[..., float], inputs: int = 1) -> Callable[..., Floats]:
    """A function of balls with a value in float64, on arrays."""
    ufunc = elementwise(function, inputs)
    return lambda *arrays: ufunc(*arrays).astype(np.float64)


def mask(test: Callable[..., bool], inputs: int = 1) -> Callable[..., Mask]:
    """A test of balls, on arrays: True where it is certain."""
    ufunc = elementwise(test, inputs)
    return lambda *arrays: ufunc(*arrays).astype(bool)


nearest = floats(lambda ball: float(ball.mid()) if ball.is_finite() else 0.0)
radii = floats(lambda ball: float(ball.rad()) * UP if ball.is_finite() else np.inf)
smallest = floats(lambda ball: float(ball.lower()) if ball.is_finite() else -np.inf)  # to nearest
away_from_zero = floats(lambda ball: float(abs(ball).lower()) / UP if ball.is_finite() else 0.0)
known = mask(lambda ball: bool(ball.is_finite()))
positive = mask(lambda ball: bool(ball > 0))
negative = mask(lambda ball: bool(ball < 0))
larger = mask(lambda a, b: bool(a > b), 2)


@partial(floats, inputs=2)
def farthest(ball: arb, centre: arb) -> float:
    """How far from the centre a number of the ball may be."""
    distance = abs(ball - centre)
    return float(distance.upper()) * UP if distance.is_finite() else np.inf


@partial(floats, inputs=2)
def charge(rounded: arb, exact: arb) -> float:
    """How far the one goes beyond the other: what an operation may lose by itself, at any number of the ball.

    What is charged grows with the magnitude of the result, so that it is largest at an end.
    """
    if not rounded.is_finite():
        return np.inf
    return float(max(rounded.upper() - exact.upper(), exact.lower() - rounded.lower(), arb())) * UP


@partial(elementwise, inputs=3)
def meet(ball: arb, centre: arb, size: float) -> arb:
    """What is in the ball, and no farther from the centre than that."""
    return ball.intersection(centre + arb(0, size)) if size < np.inf else ball


def midpoints(balls: Array) -> Array:
    """NaN where nothing is known."""
    return elementwise(lambda ball: ball.mid() if ball.is_finite() else arb.nan())(balls)

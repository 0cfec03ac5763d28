"""Arrays of balls, and what is done with them whatever the precision."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from flint import arb, arb_mat, ctx, fmpq
from numpy.lib.mixins import NDArrayOperatorsMixin

from ffn.numbers.arrays import elementwise
from ffn.numbers.namespace import Array

if TYPE_CHECKING:
    from ffn.numbers.ball.system import Ball


class working_precision:
    """flint's precision is global: it is set here, and restored also when something raises."""

    __slots__ = ("before", "bits")

    def __init__(self, bits: int) -> None:
        self.bits = bits

    def __enter__(self) -> None:
        self.before = ctx.prec
        if self.before != self.bits:
            ctx.prec = self.bits

    def __exit__(self, *raised: object) -> None:
        if ctx.prec != self.before:
            ctx.prec = self.before


def number(value: Any) -> arb:
    """The ball that is exactly ``value`` (an enclosure of it where it is a fraction of no power of two)."""
    if isinstance(value, arb):
        return value
    if isinstance(value, Fraction):
        return arb(fmpq(value.numerator, value.denominator))
    return arb(int(value) if isinstance(value, (int, np.integer)) else float(value))


numbers = elementwise(number)
union = elementwise(arb.union, 2)


def held(floats: npt.NDArray[np.float64]) -> Array:
    """The balls of floats, each exactly."""
    return as_array(map(arb, floats.ravel().tolist()), floats.shape)


def _operators(ufunc: np.ufunc) -> tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]:
    """An operator of a ball array, with it on the left and on the right."""
    return (
        lambda array, other: array.xp.operate(ufunc, array, other),
        lambda array, other: array.xp.operate(ufunc, other, array),
    )


class BallArray(NDArrayOperatorsMixin):
    """An array of balls that belongs to a ball namespace, whose precision its operators use.

    Args:
        balls: the balls, of any shape.
        xp: the namespace.
        magnitude: ``magnitude`` of the balls, where that is known.
    """

    def __init__(self, balls: Any, xp: Ball, magnitude: npt.NDArray[np.float64] | None = None) -> None:
        self.balls = np.asarray(balls, dtype=object)
        self.xp = xp
        self._forms: dict[str, BallArray] = {}
        self._magnitude = magnitude

    @property
    def shape(self) -> tuple[int, ...]:
        return self.balls.shape

    @property
    def T(self) -> BallArray:
        return self._formed("T", lambda array: array.T)

    def reshape(self, *shape: int) -> BallArray:
        return self._formed(f"{shape}", lambda array: array.reshape(*shape))

    def __getitem__(self, index: Any) -> BallArray:
        each = index if isinstance(index, tuple) else (index,)
        if all(isinstance(part, (int, slice)) for part in each):
            return self._formed(f"[{each}]", lambda array: array[index])
        return BallArray(self.balls[index], self.xp)

    def _formed(self, name: str, form: Callable[[Any], Any]) -> BallArray:
        """The same balls in another form, one object for each, and what is known of them."""
        if name not in self._forms:
            known = None if self._magnitude is None else form(self._magnitude)
            self._forms[name] = BallArray(form(self.balls), self.xp, known)
        return self._forms[name]

    def magnitude(self) -> npt.NDArray[np.float64]:
        """``magnitude`` of its balls, which do not change."""
        if self._magnitude is None:
            self._magnitude = magnitude(self.balls)
        return self._magnitude

    def sum(self, axis: int | None = None) -> BallArray:
        return self.xp.sum(self, axis)

    def hull(self, other: BallArray) -> BallArray:
        """The smallest balls that contain both."""
        with working_precision(self.xp.bits):
            return BallArray(union(self.balls, other.balls), self.xp)

    # The four operators that a pass is made of go to the namespace without the way through NumPy that others take.
    __add__, __radd__ = _operators(np.add)
    __sub__, __rsub__ = _operators(np.subtract)
    __mul__, __rmul__ = _operators(np.multiply)
    __truediv__, __rtruediv__ = _operators(np.divide)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **options: Any) -> Any:
        """NumPy's operators, which the mixin turns into calls of its functions, also with an array on the left."""
        return NotImplemented if method != "__call__" or options else self.xp.operate(ufunc, *operands)


def balls_of(value: Any) -> Array:
    """The balls of an array, or of an exact number or array of numbers beside one."""
    return value.balls if isinstance(value, BallArray) else numbers(value)


def as_array(balls: Iterable[arb], shape: tuple[int, ...]) -> Array:
    return np.fromiter(balls, dtype=object).reshape(shape)


def matrix(balls: Array) -> arb_mat:
    rows, columns = balls.shape
    return arb_mat(rows, columns, balls.ravel().tolist())


def product(a: Array, b: Array) -> Array:
    """The matrix product, through flint: 3 to 14 ns a multiply-add, against about 100 on an object array."""
    return as_array((matrix(a) * matrix(b)).entries(), (a.shape[0], b.shape[1]))


def magnitude(balls: Array) -> npt.NDArray[np.float64]:
    """Upper bounds in float64 of |ball|; infinite for a ball that contains everything."""
    upper = np.array([float(ball.abs_upper()) for ball in balls.ravel().tolist()])
    with np.errstate(all="ignore"):  # a magnitude that becomes infinite is one of which nothing is known
        upper = np.nextafter(np.where(np.isnan(upper), np.inf, upper), np.inf)  # float() rounds to nearest
    return upper.reshape(balls.shape)

"""Numbers that count what is done with them: the cost of a pass in operations, whatever the machine.

As far as affine layers, piecewise linear activations and squared error need them.
Source: Griewank & Walther 2008, ch. 3 and 4 (the cost of a gradient).
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy.typing as npt

from ffn.numbers.arrays import ObjectNamespace


class Counted:
    """A number: each +, −, × and ÷ is one operation; comparing, negating and copying are none."""

    operations = 0

    def __init__(self, value: float) -> None:
        self.value = value

    def __add__(self, other: Any) -> Counted:
        return _counted(operator.add, self, other)

    def __radd__(self, other: Any) -> Counted:
        return _counted(operator.add, other, self)

    def __sub__(self, other: Any) -> Counted:
        return _counted(operator.sub, self, other)

    def __rsub__(self, other: Any) -> Counted:
        return _counted(operator.sub, other, self)

    def __mul__(self, other: Any) -> Counted:
        return _counted(operator.mul, self, other)

    def __rmul__(self, other: Any) -> Counted:
        return _counted(operator.mul, other, self)

    def __truediv__(self, other: Any) -> Counted:
        return _counted(operator.truediv, self, other)

    def __rtruediv__(self, other: Any) -> Counted:
        return _counted(operator.truediv, other, self)

    def __neg__(self) -> Counted:
        return Counted(-self.value)

    def __gt__(self, other: Any) -> bool:
        return self.value > _value(other)

    def __ge__(self, other: Any) -> bool:
        return self.value >= _value(other)


def _counted(arithmetic: Callable[[float, float], float], a: Any, b: Any) -> Counted:
    Counted.operations += 1
    return Counted(arithmetic(_value(a), _value(b)))


def _value(number: Any) -> float:
    """What is counted as number may also be a plain 0 or 1."""
    return number.value if isinstance(number, Counted) else float(number)


class Counting(ObjectNamespace):
    """Arrays of counted numbers."""

    def number(self, value: Any) -> Counted:
        return Counted(_value(value))


def cost(run: Callable[..., Any], network: Any, parameters: Any, *arrays: npt.ArrayLike, **options: Any) -> int:
    """The operations of a pass, ``run(xp, network, parameters, *arrays)``: of a loss or of its gradient, say."""
    xp = Counting()
    counted = tuple((xp.asarray(W), xp.asarray(b)) for W, b in parameters)
    batch = [xp.asarray(array) for array in arrays]
    before = Counted.operations
    run(xp, network, counted, *batch, **options)
    return Counted.operations - before

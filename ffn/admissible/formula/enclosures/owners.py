"""Which outputs an entry of a reverse pass hangs on: the operations of ``MidRad`` on labels in place of numbers.

An output has a label; an entry has the smallest and the largest label of those that reach it. So one reverse pass
serves many outputs where no entry hangs on two of them, as in rows that do not meet (Curtis, Powell & Reid 1974).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[np.int64]

NONE, MANY = -1, -2  # no output reaches an entry; outputs of several labels do
_ABOVE = np.int64(2**62)


class Owners:
    """The labels that reach each entry: none where ``low`` is above ``high``.

    Attributes:
        low, high: the smallest and the largest.
    """

    __slots__ = ("high", "low")

    def __init__(self, low: Labels, high: Labels) -> None:
        self.low, self.high = low, high

    @classmethod
    def labelled(cls, labels: Labels) -> Owners:
        """Entries with a label each; with none where that is below 0."""
        return cls(np.where(labels < 0, _ABOVE, labels), labels)

    @classmethod
    def exactly(cls, values: npt.ArrayLike) -> Owners:
        """Numbers that hang on no output."""
        return cls.labelled(np.full(np.shape(values), NONE, dtype=np.int64))

    @property
    def shape(self) -> tuple[int, ...]:
        return self.low.shape

    def owner(self) -> Labels:
        """The one label of each entry, or ``NONE``, or ``MANY``."""
        return np.where(self.low > self.high, NONE, np.where(self.low == self.high, self.low, MANY))

    # bounds: nothing is known of the numbers

    def magnitude(self) -> Any:
        return np.full(self.shape, np.inf)

    upper = radius = magnitude

    def lower(self) -> Any:
        return np.full(self.shape, -np.inf)

    # operations: a result hangs on what its operands hang on

    def formed(self, form: Callable[[Any], Any]) -> Owners:
        return Owners(form(self.low), form(self.high))

    @staticmethod
    def joined(join: Callable[..., Any], parts: Sequence[Owners]) -> Owners:
        return Owners(join(*[part.low for part in parts]), join(*[part.high for part in parts]))

    def hull(self, other: Owners) -> Owners:
        return Owners(np.minimum(self.low, other.low), np.maximum(self.high, other.high))

    def add(self, other: Owners, *exact: Any) -> Owners:
        return self.hull(other)

    multiply = add
    divide = maximum = hull

    def _itself(self) -> Owners:
        return self

    __neg__ = __abs__ = root = reciprocal_root = tanh = erf = sin = cos = atan = _itself
    exp = exp2 = expm1 = log = log2 = log10 = log1p = sinh = cosh = _itself

    def sum(self, axes: tuple[int, ...], *exact: Any) -> Owners:
        return Owners(self.low.min(axis=axes, initial=_ABOVE), self.high.max(axis=axes, initial=NONE))

    def max(self, axis: int) -> Owners:
        return self.sum((axis,))

    def cumulative(self, axis: int, *exact: Any) -> Owners:
        return Owners(np.minimum.accumulate(self.low, axis=axis), np.maximum.accumulate(self.high, axis=axis))

    def gathered(self, place: Any, size: int, *exact: Any) -> Owners:
        low, high = np.full(size, _ABOVE), np.full(size, np.int64(NONE))
        np.minimum.at(low, place.ravel(), self.low.ravel())
        np.maximum.at(high, place.ravel(), self.high.ravel())
        return Owners(low, high)

    def matmul(self, other: Owners, *exact: Any) -> Owners:
        rows, columns = self.sum((-1,)), other.sum((-2,))
        return Owners(rows.low[..., :, None], rows.high[..., :, None]).hull(
            Owners(columns.low[..., None, :], columns.high[..., None, :])
        )

"""How far numbers are from their centres: together with others, and each by itself.

A number is its centre plus Σ cₛεₛ plus something of at most ``rest``, where the noise εₛ, from −1 to 1, is the same for
all numbers. A rest of infinity is a number of which nothing is known. Coefficients are computed in float64: a result of
it is off by less than ``LOST`` times the sizes that went into it, which are added to the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LOST = 2.0**-30  # of a sum of at most 2^20 terms, each off by up to 2^10 roundings
UP = 1 + LOST
TINY = 1e-305  # what underflow may lose


@dataclass(frozen=True)
class Deviations:
    """Those of an array.

    Attributes:
        shared: the coefficients of the noise, for each an array of the shape; those of later noise are 0.
        rest: bounds of what is not shared.
    """

    shared: Floats
    rest: Floats

    @classmethod
    def apart(cls, rest: Any) -> Deviations:
        """Deviations that have nothing in common."""
        rest = np.asarray(rest, dtype=np.float64)
        return cls(np.zeros((0, *rest.shape)), rest)

    def size(self) -> Floats:
        """Their bounds."""
        return known((np.abs(self.shared).sum(axis=0) + self.rest) * UP)

    def formed(self, form: Callable[[Any], Any]) -> Deviations:
        """Those of the same numbers in another form."""
        rest = np.asarray(form(self.rest))
        return Deviations(_stacked([form(each) for each in self.shared], rest.shape), rest)

    def scaled(self, slope: Floats, shape: tuple[int, ...]) -> Deviations:
        """Those of an array that this one is broadcast to, times the slopes there."""
        missing = (1,) * (len(shape) - self.rest.ndim)
        shared = self.shared.reshape(len(self.shared), *missing, *self.rest.shape)
        rest = np.broadcast_to(known(self.rest * np.abs(slope)), shape)
        return Deviations(np.broadcast_to(shared * slope, (len(shared), *shape)), rest)

    def chosen(self, mask: Any) -> Deviations:
        """None where the mask is not set."""
        return Deviations(np.where(mask, self.shared, 0.0), np.where(mask, self.rest, 0.0))

    def and_apart(self, more: Any) -> Deviations:
        return Deviations(self.shared, known(self.rest + more))


def known(rest: Any) -> Floats:
    """A bound that is no number, such as infinity times 0, is none."""
    return np.where(np.isnan(rest), np.inf, rest)


def added(parts: Sequence[Deviations]) -> Deviations:
    """Those of a sum of arrays of one shape."""
    return Deviations(np.asarray(sum(long_enough(parts))), np.asarray(sum(part.rest for part in parts)))


def sloped(parts: Sequence[Deviations], slopes: Sequence[Floats], shape: tuple[int, ...]) -> tuple[Deviations, Floats]:
    """Those of a linear function of arrays that are broadcast to a shape, and what float64 loses of them."""
    scaled = [part.scaled(slope, shape) for part, slope in zip(parts, slopes, strict=True)]
    sizes = sum(part.size() for part in scaled)
    return added(scaled), np.asarray(LOST * sizes + TINY * (sizes > 0))


def summed(of: Deviations, axis: int | None) -> tuple[Deviations, Floats]:
    """Those of a sum over an axis, or over all, and what float64 loses of them."""
    shared = of.shared.reshape(len(of.shared), of.rest.size) if axis is None else of.shared
    along = 1 if axis is None else axis + 1 if axis >= 0 else axis
    sizes = np.asarray(of.size().sum(axis=axis))
    return Deviations(shared.sum(axis=along), np.asarray(of.rest.sum(axis=axis))), LOST * sizes


def long_enough(parts: Sequence[Deviations]) -> list[Floats]:
    """Coefficients of as much noise for all."""
    count = max(len(part.shared) for part in parts)
    return [
        part.shared
        if len(part.shared) == count
        else np.concatenate([part.shared, np.zeros((count - len(part.shared), *part.rest.shape))])
        for part in parts
    ]


def joined(parts: Sequence[Deviations], join: Callable[[Sequence[Any]], Any]) -> Deviations:
    """Those of arrays that are joined."""
    rest = np.asarray(join([part.rest for part in parts]))
    return Deviations(_stacked([join(each) for each in zip(*long_enough(parts), strict=True)], rest.shape), rest)


def _stacked(arrays: Sequence[Any], shape: tuple[int, ...]) -> Floats:
    return np.stack(arrays) if arrays else np.zeros((0, *shape))

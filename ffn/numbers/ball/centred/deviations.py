"""How far numbers are from their centres: together with others, and each by itself.

A number is its centre plus Σ cₛεₛ plus something of at most ``rest``. The noise εₛ, from −1 to 1, is the same for all
numbers of one owner, such as a row of the batch, and another for others: rows do not meet before they are summed. A
rest of infinity is a number of which nothing is known. Coefficients are computed in float64: a result of it is off by
less than ``LOST`` times the sizes that went into it, which are added to the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Owners = npt.NDArray[np.int64]

LOST = 2.0**-30  # of a sum of at most 2^20 terms, each off by up to 2^10 roundings
UP = 1 + LOST
TINY = 1e-305  # what underflow may lose
NOBODY = -1  # owner of a number that has no noise


@dataclass(frozen=True)
class Deviations:
    """Those of an array.

    Attributes:
        shared: the coefficients of the noise, for each an array of the shape; those of later noise are 0.
        rest: bounds of what is not shared.
        owner: of each number, whose noise it has.
    """

    shared: Floats
    rest: Floats
    owner: Owners

    @classmethod
    def apart(cls, rest: Any) -> Deviations:
        """Deviations that have nothing in common."""
        rest = np.asarray(rest, dtype=np.float64)
        return cls(np.zeros((0, *rest.shape)), rest, np.full(rest.shape, NOBODY))

    def alone(self) -> Deviations:
        """Bounds of the same deviations, with nothing in common."""
        return Deviations.apart(self.size())

    def size(self) -> Floats:
        """Their bounds."""
        return known((np.abs(self.shared).sum(axis=0) + self.rest) * UP)

    def formed(self, form: Callable[[Any], Any]) -> Deviations:
        """Those of the same numbers in another form."""
        rest, owner = np.asarray(form(self.rest)), np.asarray(form(self.owner))
        return Deviations(_stacked([form(each) for each in self.shared], rest.shape), rest, owner)

    def scaled(self, slope: Floats, shape: tuple[int, ...]) -> Deviations:
        """Those of an array that this one is broadcast to, times the slopes there."""
        missing = (1,) * (len(shape) - self.rest.ndim)
        shared = self.shared.reshape(len(self.shared), *missing, *self.rest.shape)
        rest = np.broadcast_to(known(self.rest * np.abs(slope)), shape)
        owner = np.broadcast_to(self.owner, shape)
        return Deviations(np.broadcast_to(shared * slope, (len(shared), *shape)), rest, owner)

    def chosen(self, mask: Any) -> Deviations:
        """None where the mask is not set."""
        return Deviations(np.where(mask, self.shared, 0.0), np.where(mask, self.rest, 0.0), self.owner)

    def and_apart(self, more: Any) -> Deviations:
        return Deviations(self.shared, known(self.rest + more), self.owner)


def known(rest: Any) -> Floats:
    """A bound that is no number, such as infinity times 0, is none."""
    return np.where(np.isnan(rest), np.inf, rest)


def added(parts: Sequence[Deviations]) -> Deviations:
    """Those of a sum of arrays of one shape."""
    parts, owner = alike(parts)
    return Deviations(np.asarray(sum(long_enough(parts))), np.asarray(sum(part.rest for part in parts)), owner)


def alike(parts: Sequence[Deviations]) -> tuple[list[Deviations], Owners]:
    """The same bounds of arrays of one shape, with noise of the same owners in all: of others nothing is shared."""
    owner, found = parts[0].owner, [parts[0]]
    for part in parts[1:]:
        fits = bool(((part.owner == owner) | (part.owner == NOBODY) | (owner == NOBODY)).all())
        found.append(part if fits else part.alone())
        owner = np.maximum(owner, found[-1].owner)
    return found, owner


def sloped(parts: Sequence[Deviations], slopes: Sequence[Floats], shape: tuple[int, ...]) -> tuple[Deviations, Floats]:
    """Those of a linear function of arrays that are broadcast to a shape, and what float64 loses of them."""
    scaled = [part.scaled(slope, shape) for part, slope in zip(parts, slopes, strict=True)]
    sizes = sum(part.size() for part in scaled)
    return added(scaled), np.asarray(LOST * sizes + TINY * (sizes > 0))


def summed(of: Deviations, axis: int | None) -> tuple[Deviations, Floats]:
    """Those of a sum over an axis, or over all, and what float64 loses of them; of several owners nothing is shared."""
    sizes = np.asarray(of.size().sum(axis=axis))
    owner = np.asarray(of.owner.max(axis=axis, initial=NOBODY))
    whole = owner if axis is None else np.expand_dims(owner, axis)
    if not ((of.owner == whole) | (of.owner == NOBODY)).all():
        return Deviations.apart(sizes), LOST * sizes
    shared = of.shared.reshape(len(of.shared), of.rest.size) if axis is None else of.shared
    along = 1 if axis is None else axis + 1 if axis >= 0 else axis
    return Deviations(shared.sum(axis=along), np.asarray(of.rest.sum(axis=axis)), owner), LOST * sizes


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
    rest, owner = (np.asarray(join([getattr(part, name) for part in parts])) for name in ("rest", "owner"))
    shared = [join(each) for each in zip(*long_enough(parts), strict=True)]
    return Deviations(_stacked(shared, rest.shape), rest, owner)


def _stacked(arrays: Sequence[Any], shape: tuple[int, ...]) -> Floats:
    return np.stack(arrays) if arrays else np.zeros((0, *shape))

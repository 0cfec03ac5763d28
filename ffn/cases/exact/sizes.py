"""Sizes at which programs change what they do: beside powers of two, and between them as real layers have them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

# One below, at and one above what kernels like; then every remainder by 8.
NEAR_POWERS = (*range(1, 10), 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257, 512, 1024, 1025)
BETWEEN = (10, 11, 12, 14, 24, 48, 96, 100, 384, 1000)
SIZES = tuple(sorted((*NEAR_POWERS, *BETWEEN)))
LONGEST = 2049  # rows


class Sizes(NamedTuple):
    """The lengths of the axes of a network with one hidden layer, and of its batch."""

    rows: int
    inputs: int
    width: int
    units: int

    @property
    def work(self) -> int:
        """Multiply-adds of the forward pass."""
        return self.rows * self.width * (self.inputs + self.units)


@cache
def wide(most: int) -> tuple[Sizes, ...]:
    """For each axis every size, a few axes at a time so that no network takes more than ``most`` multiply-adds.

    The cheapest first.
    """
    return tuple(sorted(_wide(most), key=lambda sizes: sizes.work))


def _wide(most: int) -> Iterator[Sizes]:
    left = {axis: list(SIZES) for axis in Sizes._fields}
    left["rows"].append(LONGEST)
    while any(left.values()):
        longest = max(left, key=lambda axis: left[axis][-1] if left[axis] else 0)
        chosen = dict.fromkeys(Sizes._fields, 1)
        for axis in (longest, *sorted(left, key=lambda axis: -len(left[axis]))):
            fitting = [size for size in left[axis] if Sizes(**chosen | {axis: size}).work <= most]
            if chosen[axis] == 1 and fitting:
                chosen[axis] = fitting[-1]
                left[axis].remove(fitting[-1])
        yield Sizes(**chosen)

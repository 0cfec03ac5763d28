"""Maxima of lines, on fractions: where they are equal to something, and how far they are from x² at most."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

Line = tuple[Fraction, Fraction]  # slope and intercept


def lines(slopes: Iterable[Fraction], intercepts: Iterable[Fraction]) -> list[Line]:
    return list(zip(slopes, intercepts, strict=True))


def at(pieces: Sequence[Line], x: Fraction) -> Fraction:
    """The largest of the lines at x."""
    return max(slope * x + intercept for slope, intercept in pieces)


def joints(pieces: Sequence[Line]) -> set[Fraction]:
    """Where two of the lines meet: the maximum bends nowhere else."""
    return {(d - b) / (a - c) for a, b in pieces for c, d in pieces if a != c}


def probes(points: Iterable[Fraction]) -> Iterator[Fraction]:
    """The points, one between each two neighbours, and two beyond each end.

    Two functions that are linear between the points, and beyond them, are equal where they are equal at these.
    """
    places = sorted(set(points)) or [Fraction(0)]
    yield from (places[0] - 2, places[0] - 1, *places, places[-1] + 1, places[-1] + 2)
    yield from ((a + b) / 2 for a, b in pairwise(places))


def distance_from_square(pieces: Sequence[Line], low: Fraction, high: Fraction) -> tuple[Fraction, Fraction]:
    """The largest |max − x²| on [low, high], and where: at an end, a joint, or where a line's slope is that of x²."""
    inner = {x for x in joints(pieces) | {slope / 2 for slope, _ in pieces} if low < x < high}
    return max((abs(at(pieces, x) - x * x), x) for x in {low, high, *inner})

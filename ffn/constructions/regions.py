"""Into how many regions hyperplanes, and relu networks, cut their input space: counted exactly, and bounded.

A region is an open set on which the sign of every affine function is constant. It is found together with a point in it,
on fractions, so that no region is missed or invented by rounding. The cost grows quickly: meant for a few dozen
hyperplanes in up to three dimensions.

Sources: Schläfli 1901 and Zaslavsky 1975 (hyperplanes in general position), Montúfar, Pascanu, Cho & Bengio 2014 (deep
networks), Fourier–Motzkin elimination (the points).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import comb, prod
from typing import Any

import numpy as np

from ffn.network.description import Network

Number = Any  # int or Fraction
Row = tuple[tuple[Number, ...], Number]  # (a, b): the affine function a·x + b
Point = tuple[Fraction, ...]


@dataclass(frozen=True)
class Region:
    """A region of the input space.

    Attributes:
        pattern: which of the affine functions are positive there, unit by unit from the first layer on.
        point: a point inside.
        rows: the region is where a·x + b > 0 for all of these (a, b).
    """

    pattern: tuple[bool, ...]
    point: Point
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class LinearRegion:
    """A region on which a relu network is affine: x ↦ xA + c, for A (inputs, units) and c (units,)."""

    region: Region
    A: Any
    c: Any


@dataclass(frozen=True)
class Piece:
    """A piece of a function of one variable: x ↦ slope·x + intercept from left to right, None for no end.

    Slope and intercept are tuples, one entry a unit of the output.
    """

    left: Fraction | None
    right: Fraction | None
    slope: tuple[Fraction, ...]
    intercept: tuple[Fraction, ...]


# Hyperplanes


def arrangement_regions(normals: Sequence[Sequence[Number]], offsets: Sequence[Number]) -> list[Region]:
    """The regions into which the hyperplanes {x : a·x + b = 0} cut the space, one after the other.

    Args:
        normals: n vectors a of one length d; a = 0 is allowed, and cuts nothing.
        offsets: the n numbers b.

    Raises:
        ValueError: unless there are as many normals as offsets, at least one, and all normals have one length.
    """
    rows = _rows(normals, offsets)
    regions = [_everything(len(rows[0][0]))]
    for row in rows:
        regions = [part for region in regions for part in _cut(region, row)]
    return regions


def in_general_position(normals: Sequence[Sequence[Number]], offsets: Sequence[Number]) -> bool:
    """Whether any d of the hyperplanes meet in one point (fewer: are independent), and no d + 1 do: by minors.

    Args:
        normals: n vectors of one length d.
        offsets: n numbers.

    Raises:
        ValueError: unless there are as many normals as offsets, at least one, and all normals have one length.
    """
    rows = _rows(normals, offsets)
    dimension = len(rows[0][0])
    together = min(dimension, len(rows))
    bordered = [(*a, b) for a, b in rows]
    return all(_rank([a for a, _ in chosen]) == together for chosen in combinations(rows, together)) and all(
        _rank(chosen) == dimension + 1 for chosen in combinations(bordered, dimension + 1)
    )


def most_regions(hyperplanes: int, dimension: int) -> int:
    """Σ_{k ≤ d} C(n, k): the most regions that n hyperplanes cut, reached in general position (Zaslavsky 1975)."""
    return sum(comb(hyperplanes, k) for k in range(dimension + 1))


def most_central_regions(hyperplanes: int, dimension: int) -> int:
    """2 Σ_{k < d} C(n − 1, k): the most regions of n ≥ 1 hyperplanes through the origin, as units without bias have."""
    return 2 * sum(comb(hyperplanes - 1, k) for k in range(dimension))


# Networks


def linear_regions(
    network: Network, parameters: Any, box: Sequence[tuple[Number, Number]] | None = None
) -> list[LinearRegion]:
    """The regions of constant activation pattern of a relu network, with the affine map that it is on each.

    Two of them that touch may have one affine map: the network has at most so many linear regions, and at least as many
    as there are different maps.

    Args:
        network: its hidden layers are relu; their number is any.
        parameters: of fractions.
        box: the ends of an interval for each input, when only a part of the space matters.

    Raises:
        ValueError: when a hidden layer is not relu, or the box has not one interval for each input.
    """
    if any(layer.activation != "relu" for layer in network.hidden):
        raise ValueError("regions are counted for relu layers alone")
    if box is not None and (len(box) != network.inputs or any(low >= high for low, high in box)):
        raise ValueError(f"a box has an interval for each of {network.inputs} inputs, which {box!r} has not")
    start = _everything(network.inputs) if box is None else _inside(box)
    A = np.array([[Fraction(int(i == j)) for j in range(network.inputs)] for i in range(network.inputs)], dtype=object)
    found = [LinearRegion(start, A, np.array([Fraction(0)] * network.inputs, dtype=object))]
    for W, b in parameters[:-1]:
        found = [part for linear in found for part in _through_layer(linear, W, b)]
    W, b = parameters[-1]
    return [LinearRegion(linear.region, linear.A @ W, linear.c @ W + b) for linear in found]


def linear_pieces(
    network: Network, parameters: Any, left: Number | None = None, right: Number | None = None
) -> list[Piece]:
    """The affine pieces of a relu network with one input, from left to right, each as long as it can be.

    Args:
        network: with one input and relu hidden layers.
        parameters: of fractions.
        left: where to begin, with ``right``; left out, the whole line is taken.
        right: where to end.

    Raises:
        ValueError: when there are more inputs, another activation, one end alone, or not left < right.
    """
    if network.inputs != 1 or (left is None) != (right is None):
        raise ValueError("pieces are those of a function of one variable, on the line or between two ends")
    box = None if left is None else [(left, right)]
    pieces: list[Piece] = []
    for linear in sorted(linear_regions(network, parameters, box), key=lambda linear: linear.region.point):
        start, end = _ends(linear.region)
        piece = Piece(start, end, tuple(linear.A[0]), tuple(linear.c))
        if pieces and (pieces[-1].slope, pieces[-1].intercept) == (piece.slope, piece.intercept):
            piece = Piece(pieces.pop().left, end, piece.slope, piece.intercept)
        pieces.append(piece)
    return pieces


def most_deep_regions(widths: Sequence[int], inputs: int) -> int:
    """A bound that no relu network exceeds: each layer cuts each region into at most Σ_{k ≤ inputs} C(width, k)."""
    return prod(most_regions(width, inputs) for width in widths)


def montufar_regions(widths: Sequence[int], inputs: int) -> int:
    """(Π_{i<L} ⌊n_i/n₀⌋^n₀) Σ_{j ≤ n₀} C(n_L, j): so many linear regions some relu network has (Montúfar et al. 2014).

    Raises:
        ValueError: unless every layer is at least as wide as the input.
    """
    if not widths or min(widths) < inputs:
        raise ValueError(f"layers at least as wide as the {inputs} inputs are needed, not {tuple(widths)}")
    folds: int = prod((width // inputs) ** inputs for width in widths[:-1])
    return folds * most_regions(widths[-1], inputs)


# Points in regions


def point_inside(rows: Iterable[Row], dimension: int) -> Point | None:
    """A point where a·x + b > 0 for every row (a, b), or None where there is none: by Fourier–Motzkin elimination.

    The last coordinate lies above some affine functions of the others and below some: each of the first has to be below
    each of the second, which is a system of one coordinate less.
    """
    rows = set(rows)
    if dimension == 0:
        return () if all(b > 0 for _, b in rows) else None
    above: list[Row] = []
    below: list[Row] = []
    reduced: set[Row] = set()
    for a, b in rows:
        if a[-1] == 0:
            reduced.add((a[:-1], b))
        else:
            bound = tuple(-value / Fraction(a[-1]) for value in a[:-1]), -b / Fraction(a[-1])
            (above if a[-1] > 0 else below).append(bound)
    for low, low_offset in above:
        for high, high_offset in below:
            reduced.add((tuple(p - q for p, q in zip(high, low, strict=True)), high_offset - low_offset))
    point = point_inside(reduced, dimension - 1)
    if point is None:
        return None
    least = max((_value(row, point) for row in above), default=None)
    most = min((_value(row, point) for row in below), default=None)
    return *point, _between(least, most)


def _between(least: Fraction | None, most: Fraction | None) -> Fraction:
    if least is not None and most is not None:
        return (least + most) / 2
    if least is not None:
        return least + 1
    return Fraction(0) if most is None else most - 1


def _value(row: Row, point: Point) -> Fraction:
    a, b = row
    return sum((Fraction(p) * q for p, q in zip(a, point, strict=True)), Fraction(b))


def _everything(dimension: int) -> Region:
    return Region((), (Fraction(0),) * dimension, ())


def _inside(box: Sequence[tuple[Number, Number]]) -> Region:
    """The interior of a box, with its middle."""
    units = [tuple(int(i == j) for j in range(len(box))) for i in range(len(box))]
    rows: list[Row] = []
    for unit, (low, high) in zip(units, box, strict=True):
        rows += [(unit, -low), (tuple(-value for value in unit), high)]
    return Region((), tuple((Fraction(low) + high) / 2 for low, high in box), tuple(rows))


def _cut(region: Region, row: Row) -> list[Region]:
    """The parts of the region where the affine function is negative and where it is positive, as far as there are any.

    A constant function cuts nothing; it is active where it is positive.
    """
    a, b = row
    if not any(a):
        return [Region((*region.pattern, b > 0), region.point, region.rows)]
    parts = []
    at_point = _value(row, region.point)
    for sign in (-1, 1):
        rows = (*region.rows, (tuple(sign * value for value in a), sign * b))
        point = region.point if sign * at_point > 0 else point_inside(rows, len(a))
        if point is not None:
            parts.append(Region((*region.pattern, sign > 0), point, rows))
    return parts


def _through_layer(linear: LinearRegion, W: Any, b: Any) -> list[LinearRegion]:
    """The region cut by the units of one relu layer, each part with the layer's output there."""
    A, c = linear.A @ W, linear.c @ W + b
    regions = [linear.region]
    for unit in range(len(c)):
        row = tuple(A[:, unit]), c[unit]
        regions = [part for region in regions for part in _cut(region, row)]
    parts = []
    for region in regions:
        active = np.array([Fraction(int(on)) for on in region.pattern[-len(c) :]], dtype=object)
        parts.append(LinearRegion(region, A * active, c * active))
    return parts


def _ends(region: Region) -> tuple[Fraction | None, Fraction | None]:
    """The ends of an interval given by rows."""
    left = max((-b / Fraction(a[0]) for a, b in region.rows if a[0] > 0), default=None)
    right = min((-b / Fraction(a[0]) for a, b in region.rows if a[0] < 0), default=None)
    return left, right


def _rows(normals: Sequence[Sequence[Number]], offsets: Sequence[Number]) -> list[Row]:
    if len(normals) != len(offsets) or len({len(a) for a in normals}) != 1:
        raise ValueError("normals of one length, at least one, and as many offsets are needed")
    return [(tuple(a), b) for a, b in zip(normals, offsets, strict=True)]


def _rank(rows: Iterable[Sequence[Number]]) -> int:
    """The rank of a small matrix, by elimination on fractions."""
    left = [[Fraction(value) for value in row] for row in rows]
    rank = 0
    while left:
        pivot = left.pop()
        column = next((i for i, value in enumerate(pivot) if value), None)
        if column is None:
            continue
        rank += 1
        left = [[v - row[column] / pivot[column] * p for v, p in zip(row, pivot, strict=True)] for row in left]
    return rank

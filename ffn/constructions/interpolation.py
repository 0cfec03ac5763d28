"""One hidden relu layer that takes given values, and one that approximates a function within a certified error.

Everything runs on fractions: the parameters are exact, and so is the error bound that comes with them.

Sources: linear interpolation and its error are classical; points in any dimension: Zhang, Bengio, Hardt, Recht &
Vinyals 2017, Understanding deep learning requires rethinking generalization.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import count, pairwise
from typing import Any, NamedTuple

from ffn.network.description import Hidden, Network, Output, Parameters
from ffn.numbers.exact import exact

Number = Any  # int or Fraction
MOST_PIECES = 2**20


class Approximation(NamedTuple):
    """A network with its parameters, and a proven bound of its distance from the function on the interval."""

    network: Network
    parameters: Parameters
    error: Fraction


def interpolate(knots: Sequence[Number], values: Sequence[Number]) -> tuple[Network, Parameters]:
    """n points on the line by n − 1 relu units: v₁ + Σ Δᵢ relu(x − tᵢ), Δᵢ the jump of the slope at tᵢ.

    Between the knots it is the chord, left of them constant, right of them it goes on.

    Args:
        knots: n ≥ 2 numbers, ascending.
        values: n numbers.

    Raises:
        ValueError: unless the knots ascend, at least two, and each has a value.
    """
    if len(knots) != len(values) or len(knots) < 2 or any(s >= t for s, t in pairwise(knots)):
        raise ValueError("knots ascend, at least two, and each has a value")
    points = [(Fraction(t), Fraction(value)) for t, value in zip(knots, values, strict=True)]
    slopes = [Fraction(0), *((w - v) / (t - s) for (s, v), (t, w) in pairwise(points))]
    jumps = [[after - before] for before, after in pairwise(slopes)]
    hidden = [[1] * len(jumps)], [-t for t, _ in points[:-1]]
    return _one_layer(hidden, (jumps, [points[0][1]]))


def interpolate_points(points: Sequence[Sequence[Number]], values: Sequence[Number]) -> tuple[Network, Parameters]:
    """n different points in any dimension by n relu units that share one weight vector: 2n + d numbers in all.

    The weight vector a takes the points to different numbers s₁ < … < sₙ. Units relu(a·x − bⱼ) with bⱼ < sⱼ < bⱼ₊₁ are
    active from the j-th point on, so that the equations for the outer weights are triangular.

    Args:
        points: n points of one dimension d, no two the same.
        values: n numbers.

    Raises:
        ValueError: unless the points are different, at least one, and each has a value.
    """
    rows = [tuple(Fraction(value) for value in point) for point in points]
    if len(rows) != len(values) or not rows or len(set(rows)) != len(rows):
        raise ValueError("different points, at least one, and as many values are needed")
    a = _separating(rows)
    placed = sorted((_dot(a, row), Fraction(value)) for row, value in zip(rows, values, strict=True))
    thresholds = [placed[0][0] - 1, *((s + t) / 2 for (s, _), (t, _) in pairwise(placed))]
    outer: list[Fraction] = []
    for (s, value), threshold in zip(placed, thresholds, strict=True):
        so_far = sum((w * (s - b) for w, b in zip(outer, thresholds, strict=False)), Fraction(0))
        outer.append((value - so_far) / (s - threshold))
    hidden = [[entry] * len(rows) for entry in a], [-b for b in thresholds]
    return _one_layer(hidden, ([[w] for w in outer], [0]))


def chord_error(curvature: Number, h: Fraction) -> Fraction:
    """h²M/8: how far the chord of a function with |f″| ≤ M can be from it on an interval of length h."""
    return h * h * Fraction(curvature) / 8


def approximate(
    f: Callable[[Fraction], Number],
    a: Number,
    b: Number,
    error: Callable[[Fraction], Number],
    within: Number,
    value_error: Number = 0,
) -> Approximation:
    """A hidden relu layer that is nowhere on [a, b] further than ``within`` from f: chords of equal length.

    Args:
        f: the function, at fractions.
        a: left end.
        b: right end.
        error: a bound on |f − chord| for chords of length h, growing with h: ``chord_error`` with |f″| ≤ M, or a
            modulus of continuity, since each value of a chord lies between f's values at its ends.
        within: the error allowed, above ``value_error``.
        value_error: how far the values of ``f`` may be from the function meant, when they are rounded: moving the knots
            by so much moves the chords by no more.

    Returns:
        The network, with the fewest pieces for which the bound is at most ``within``, and the bound.

    Raises:
        ValueError: unless a < b, and the bound is at most ``within`` with 2²⁰ pieces or fewer.
    """
    length = Fraction(b) - Fraction(a)
    if length <= 0:
        raise ValueError(f"an interval is needed, not [{a}, {b}]")

    def bound(pieces: int) -> Fraction:
        return Fraction(error(length / pieces)) + Fraction(value_error)

    most = 1
    while bound(most) > within:
        most *= 2
        if most > MOST_PIECES:
            raise ValueError(f"{MOST_PIECES} pieces do not bring the error below {within}")
    least = most // 2  # too few, or 0
    while most - least > 1:
        middle = (least + most) // 2
        least, most = (least, middle) if bound(middle) <= within else (middle, most)
    knots = [a + i * length / most for i in range(most + 1)]
    return Approximation(*interpolate(knots, [f(t) for t in knots]), bound(most))


def _one_layer(hidden: tuple[Any, Any], outer: tuple[Any, Any]) -> tuple[Network, Parameters]:
    parameters = tuple((exact.asarray(W), exact.asarray(b)) for W, b in (hidden, outer))
    inputs, units = parameters[0][0].shape
    return Network(inputs, 1, Output("gaussian"), (Hidden(units, "relu"),)), parameters


def _separating(rows: Sequence[tuple[Fraction, ...]]) -> tuple[int, ...]:
    """(1, t, t², …) for the first t ≥ 0 that takes no two points to one number.

    Two points have one image only at the zeros of a polynomial in t of degree below d, so some t is found.
    """
    candidates = (tuple(t**power for power in range(len(rows[0]))) for t in count())
    return next(a for a in candidates if len({_dot(a, row) for row in rows}) == len(rows))


def _dot(a: Sequence[Number], row: Sequence[Fraction]) -> Fraction:
    return sum((p * q for p, q in zip(a, row, strict=True)), Fraction(0))

"""What one maxout unit, and two of them, can compute of one variable.

Here are the best approximation of x² by one unit, and every continuous piecewise linear function as a difference of
two. They run on fractions and on floats; whole numbers count as fractions, so that nothing is rounded unless floats are
given.

Source: Goodfellow et al. 2013, Maxout networks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

Number = Any  # Fraction or float


@dataclass(frozen=True)
class MaxAffine:
    """x ↦ maxⱼ (slopes[j] x + intercepts[j]): one maxout unit with one input, a convex piecewise linear function.

    Raises:
        ValueError: unless there are as many slopes as intercepts, and at least one.
    """

    slopes: tuple[Number, ...]
    intercepts: tuple[Number, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "slopes", tuple(map(_number, self.slopes)))
        object.__setattr__(self, "intercepts", tuple(map(_number, self.intercepts)))
        if len(self.slopes) != len(self.intercepts) or not self.slopes:
            raise ValueError(f"{len(self.slopes)} slopes and {len(self.intercepts)} intercepts: one of each a piece")

    def __call__(self, x: Number) -> Number:
        return max(slope * x + intercept for slope, intercept in zip(self.slopes, self.intercepts, strict=True))

    def kinks(self) -> tuple[Number, ...]:
        """Where the slope jumps, from left to right."""
        envelope: list[tuple[Number, Number, Number]] = []  # (slope, intercept, where the line becomes the largest)
        for slope, intercept in sorted(zip(self.slopes, self.intercepts, strict=True)):
            if envelope and envelope[-1][0] == slope:
                envelope.pop()  # parallel: the higher of the two comes later
            while envelope and _crossing(envelope[-1], slope, intercept) <= envelope[-1][2]:
                envelope.pop()
            start = _crossing(envelope[-1], slope, intercept) if envelope else -math.inf
            envelope.append((slope, intercept, start))
        return tuple(start for _, _, start in envelope[1:])

    def layer(self, pieces: int | None = None) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """W (1, 1, pieces) and b (1, pieces) of a maxout layer that computes this function.

        Two functions share a layer when they have equally many pieces: the last one is repeated up to ``pieces``.

        Raises:
            ValueError: when there are more pieces than that.
        """
        missing = 0 if pieces is None else pieces - len(self.slopes)
        if missing < 0:
            raise ValueError(f"{len(self.slopes)} pieces do not fit into {pieces}")
        slopes = self.slopes + self.slopes[-1:] * missing
        intercepts = self.intercepts + self.intercepts[-1:] * missing
        return np.array(slopes).reshape(1, 1, -1), np.array(intercepts).reshape(1, -1)


def best_square(a: Number, b: Number, pieces: int) -> MaxAffine:
    """The best approximation of x² on [a, b] by the maximum of ``pieces`` affine functions.

    [a, b] is cut into pieces of one length h = (b − a)/pieces. On [l, r] the chord (l + r)x − lr lies above x² by
    (x − l)(r − x), from 0 to h²/4; lowered by h²/8 it errs by h²/8 at l, in the middle and at r, with alternating sign,
    and no line does better (Chebyshev's equioscillation). So the error is (b − a)²/(8 pieces²), and it is the least
    possible: some piece has at least the mean length.

    Raises:
        ValueError: unless a < b and there is at least one piece.
    """
    if not a < b or pieces < 1:
        raise ValueError(f"an interval and at least one piece are needed, not [{a}, {b}] and {pieces}")
    a, b = _number(a), _number(b)
    h = (b - a) / pieces
    ends = [a + i * h for i in range(pieces + 1)]
    chords = [(left + right, -left * right - h * h / 8) for left, right in pairwise(ends)]
    slopes, intercepts = zip(*chords, strict=True)
    return MaxAffine(slopes, intercepts)


def difference_of_maxouts(
    knots: Sequence[Number], values: Sequence[Number], left_slope: Number, right_slope: Number
) -> tuple[MaxAffine, MaxAffine]:
    """Two maxouts (g, h) whose difference g − h is a given continuous piecewise linear function.

    Each function with slope jumps Δᵢ at tᵢ is an affine one plus Σ Δᵢ max(x − tᵢ, 0). The positive jumps go to g,
    the negative ones to h, so that both are convex, and a convex piecewise linear function is the maximum of its
    pieces. In any dimension: Wang 2004.

    Args:
        knots: at least one, ascending; between them, and beyond the outer ones, the function is affine.
        values: the function's values at the knots.
        left_slope: the slope before the first knot.
        right_slope: the slope after the last knot.

    Raises:
        ValueError: unless there are as many values as knots, at least one, and the knots ascend.
    """
    if len(knots) != len(values) or len(knots) < 1 or any(s >= t for s, t in pairwise(knots)):
        raise ValueError("knots ascend, at least one, and each has a value")
    points = [(_number(t), _number(value)) for t, value in zip(knots, values, strict=True)]
    inner = [(w - v) / (t - s) for (s, v), (t, w) in pairwise(points)]
    slopes = [_number(left_slope), *inner, _number(right_slope)]
    jumps = [(t, after - before) for (t, _), (before, after) in zip(points, pairwise(slopes), strict=True)]
    first, value = points[0]
    convex = _convex(slopes[0], value - slopes[0] * first, [(t, jump) for t, jump in jumps if jump > 0])
    concave = _convex(Fraction(0), Fraction(0), [(t, -jump) for t, jump in jumps if jump < 0])
    return convex, concave


def _convex(slope: Number, intercept: Number, jumps: Sequence[tuple[Number, Number]]) -> MaxAffine:
    """The line slope·x + intercept plus Σ jump · max(x − t, 0) for positive jumps: each t begins a further piece."""
    return MaxAffine(
        tuple(accumulate((jump for _, jump in jumps), initial=slope)),
        tuple(accumulate((-jump * t for t, jump in jumps), initial=intercept)),
    )


def _crossing(line: tuple[Number, ...], slope: Number, intercept: Number) -> Number:
    return (line[1] - intercept) / (slope - line[0])


def _number(value: Number) -> Number:
    return Fraction(int(value)) if isinstance(value, (int, np.integer)) else value

"""Maxout: its subgradient, what one unit can do for x², and what the difference of two can do."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from sympy import Symbol

from ffn.constructions.maxout import best_square, difference_of_maxouts
from ffn.network import backward
from ffn.network.forward import LayerTrace
from ffn.numbers.exact import exact
from proofs.engine.derivation import Comparison, Derivation, Step, WrongStep, chain
from proofs.engine.notation import arrays, dimension, index, positives, reals, relu, total

n, D = dimension("n"), dimension("D")
j = index("j")
W, b, here, there = arrays("W b x y")
P, Q, gap = arrays("P Q d", nonnegative=True)
(knot,) = arrays("t")
left, slope, intercept, at = reals("l α β x")
u, v = positives("u v")
excess = Symbol("e", nonnegative=True)
top = reals("m")[0]
PAPER = "Goodfellow, Warde-Farley, Mirza, Courville & Bengio 2013"


def piece(i: Any, at_point: Any) -> Any:
    """The affine piece z_i."""
    return total(lambda p: W[p, i] * at_point[p], D) + b[i]


TANGENT = piece(j, here) + total(lambda p: W[p, j] * (there[p] - here[p]), D)
PIECES = ((1, 2, 3), (3, 1, 2), (2, 2, 1), (0, 0, 0), (-1, 5, 5))


def shipped_slopes(case: tuple[int, ...]) -> Any:
    """The cotangent 1 pulled back through a maxout unit with these pieces, by the code."""
    z = exact.asarray([[list(case)]])
    step = LayerTrace(z, z, z)
    return backward.maxout_vjp(exact, step, exact.asarray([[1]]))[0, 0]


def one_winner(case: tuple[int, ...]) -> list[int]:
    """1 for the first of the largest pieces."""
    return [int(i == case.index(max(case))) for i in range(len(case))]


def every_winner(case: tuple[int, ...]) -> list[int]:
    return [int(value == max(case)) for value in case]


subgradient = Derivation(
    name="maxout, subgradient",
    statement="For h(x) = max_i z_i(x) with affine pieces and j a largest one at x, h(y) ≥ h(x) + W_j·(y − x) for "
    "every y: the weights of any one winner are a subgradient, also at a tie; and so h is convex.",
    hypotheses=("z_j(x) = h(x)", "h(y) = z_j(y) + e with e ≥ 0, since h(y) is the largest"),
    source=PAPER + "; for convexity Rockafellar 1970",
    ranges={j: n},
    chains=(
        chain(
            "below the maximum",
            TANGENT,
            Step("the winner's piece", piece(j, there), "it is affine: its tangent is the piece itself"),
            Step("h(y)", piece(j, there) + excess, "no piece exceeds the maximum", "≤", excess),
        ),
    ),
    ties=(
        Comparison(
            "slopes of the code: one winner", PIECES, shipped_slopes, one_winner, "ffn.network.backward.maxout_vjp"
        ),
    ),
    planted=(
        WrongStep("gradient at y", "the winner's piece", piece(j, there) - piece(j, here)),
        WrongStep("above the maximum", "h(y)", piece(j, there) - excess),
        WrongStep("slope 1 to every tied piece", "slopes of the code: one winner", claimed=every_winner),
    ),
)

# x² on [l, r] with x = l + u and r = l + u + v, so that h = u + v

RIGHT = left + u + v
H2 = (u + v) ** 2
CHORD = (left + RIGHT) * (left + u) - left * RIGHT - H2 / 8
INTERVALS = ((0, 1, 1), (-1, 1, 3), (0, 3, 2), (-2, 5, 4))


def residual(x: Any) -> Any:
    """What a line leaves of x²."""
    return x**2 - slope * x - intercept


def chords(case: tuple[int, int, int]) -> Any:
    """The lowered chords of n equal pieces, as slopes and intercepts."""
    a, end, count = case
    h = Fraction(end - a, count)
    ends = [a + i * h for i in range(count + 1)]
    return [[p + q for p, q in pairwise(ends)], [-p * q - h * h / 8 for p, q in pairwise(ends)]]


def shipped_chords(case: tuple[int, int, int]) -> Any:
    best = best_square(*case)
    return [best.slopes, best.intercepts]


def shipped_error(case: tuple[int, int, int]) -> Any:
    """The largest error of the code's unit: between the kinks it is a parabola around the piece's middle."""
    a, end, _ = case
    best = best_square(*case)
    ends = (Fraction(a), *best.kinks(), Fraction(end))
    points = {*ends, *((p + q) / 2 for p, q in pairwise(ends))}
    return max(abs(best(x) - x * x) for x in points)


square = Derivation(
    name="maxout's best approximation of x²",
    statement="The best maximum of n affine functions errs by (b − a)²/(8n²) for x² on [a, b]: no unit errs by less, "
    "and the chords of n equal pieces, lowered by h²/8, reach it.",
    hypotheses=(
        "h = (b − a)/n, one piece is [l, l + u + v] with h = u + v",
        "the pieces' lengths are m − d_i, d_i ≥ 0",
    ),
    source="classical: Chebyshev's equioscillation",
    chains=(
        chain(
            "error of a lowered chord, above",
            CHORD - (left + u) ** 2,
            Step("product of distances", u * v - H2 / 8, "the chord lies (x − l)(r − x) above x²"),
            Step("at most h²/8", H2 / 8, "uv ≤ h²/4", "≤", (u - v) ** 2 / 4),
        ),
        chain(
            "error of a lowered chord, below",
            u * v - H2 / 8,
            Step("at least −h²/8", -H2 / 8, "uv is positive", "≥", u * v),
        ),
        chain(
            "no line does better",
            residual(left) - 2 * residual(left + (u + v) / 2) + residual(RIGHT),
            Step(
                "second difference",
                H2 / 2,
                "lines drop out; the weights 1, 2, 1 add up to 4, so some error is at least h²/8",
            ),
        ),
        chain(
            "some piece is long",
            total(lambda i: top - gap[i], n),
            Step("n times the longest", n * top, "the lengths add up to b − a", "≤", total(lambda i: gap[i], n)),
        ),
    ),
    conclusion="n affine pieces cut [a, b] into at most n intervals, of which one has at least the length h.",
    ties=(
        Comparison("chords of the code", INTERVALS, shipped_chords, chords, "ffn.constructions.maxout.best_square"),
        Comparison(
            "error of the code",
            INTERVALS,
            shipped_error,
            lambda case: Fraction((case[1] - case[0]) ** 2, 8 * case[2] ** 2),
            "ffn.constructions.maxout.best_square",
        ),
    ),
    planted=(
        WrongStep("chord not lowered", "product of distances", u * v),
        WrongStep("half the error", "at most h²/8", H2 / 16),
        WrongStep("factor 2", "second difference", H2),
        WrongStep(
            "tangents' error",
            "error of the code",
            claimed=lambda case: Fraction((case[1] - case[0]) ** 2, 4 * case[2] ** 2),
        ),
    ),
)


def hinges(weights: Callable[[Any], Any]) -> Any:
    """Σ weight_i relu(x − t_i)."""
    return total(lambda i: weights(i) * relu(at - knot[i]), n)


FUNCTIONS = (  # knots, values, slopes before and after
    ((0,), (0,), 0, 1),
    ((-1, 0, 2), (1, 0, 1), 3, -2),
    ((0, 1, 2, 3), (0, 1, 0, 1), 0, 0),
)


def grid(case: Any) -> list[Fraction]:
    return [Fraction(i, 3) for i in range(-9, 16)]


def shipped_difference(case: Any) -> list[Fraction]:
    convex, concave = difference_of_maxouts(*case)
    return [convex(x) - concave(x) for x in grid(case)]


def by_jumps(case: Any, sign: int = 1) -> list[Fraction]:
    """The line through the first knot, and relu at every jump of the slope."""
    knots, values, before, after = case
    inner = [Fraction(q - p, t - s) for (s, p), (t, q) in pairwise(zip(knots, values, strict=True))]
    jumps = np.diff([Fraction(before), *inner, Fraction(after)])
    return [
        values[0] + before * (x - knots[0]) + sign * sum(d * max(x - t, 0) for d, t in zip(jumps, knots, strict=True))
        for x in grid(case)
    ]


difference = Derivation(
    name="difference of two maxouts",
    statement="A continuous piecewise linear function of one variable, a line plus Σ Δ_i relu(x − t_i), is the "
    "difference of two convex ones, that is of two maxouts.",
    hypotheses=("Δ_i = P_i − Q_i, its positive and its negative part", "one variable; in any dimension: Wang 2004"),
    source=PAPER,
    chains=(
        chain(
            "split the jumps",
            slope * at + intercept + hinges(lambda i: P[i] - Q[i]),
            Step(
                "convex minus convex",
                slope * at + intercept + hinges(lambda i: P[i]) - hinges(lambda i: Q[i]),
                "the sum is linear in the jumps; relu is convex, and P, Q ≥ 0",
            ),
        ),
    ),
    conclusion="A convex piecewise linear function is the maximum of its pieces: one maxout unit.",
    ties=(
        Comparison(
            "difference in the code",
            FUNCTIONS,
            shipped_difference,
            by_jumps,
            "ffn.constructions.maxout.difference_of_maxouts",
        ),
    ),
    planted=(
        WrongStep(
            "sign of the negative part",
            "convex minus convex",
            slope * at + intercept + hinges(lambda i: P[i]) + hinges(lambda i: Q[i]),
        ),
        WrongStep("line forgotten", "convex minus convex", hinges(lambda i: P[i]) - hinges(lambda i: Q[i])),
        WrongStep("jumps reversed", "difference in the code", claimed=lambda case: by_jumps(case, sign=-1)),
    ),
)

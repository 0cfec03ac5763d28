"""Maxout: its subgradient, and what one unit can do for x²."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

from ffn.constructions.maxout import best_square
from ffn.network import backward
from ffn.network.forward import LayerTrace
from ffn.numbers.exact import exact
from proofs.engine.derivation import Comparison, Derivation, Fact, Step, Uses, Worded, WrongStep, claim
from proofs.engine.notation import array, dimension, index, positives, reals, total

n, D = dimension("n"), dimension("D")
j = index("j")
W, b, here, there = array("W", D, n), array("b", n), array("x", D), array("y", D)
lengths = array("h", n, nonnegative=True)
left, slope, intercept = reals("l α β")
u, v = positives("u v")
top, error, x, y = reals("m E x y")
PAPER = "Goodfellow, Warde-Farley, Mirza, Courville & Bengio 2013"


def piece(i: Any, at_point: Any) -> Any:
    """The affine piece z_i."""
    return total(lambda p: W[p, i] * at_point[p], D) + b[i]


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


at_x, at_y = reals("h_x h_y")  # what the unit returns at x and at y
k = index("k")
WINS = Fact(at_x, "=", piece(j, here))
BELOW = Fact(piece(k, there), "≤", at_y, {k: n})
subgradient = Derivation(
    name="maxout, subgradient",
    source=PAPER + "; for convexity Rockafellar 1970",
    letters=(
        "W_pj and b_j are the weights and the intercept of piece j of a unit; h_x is what the unit returns at x, where "
        "piece j wins, and h_y what it returns at y, which no piece exceeds."
    ),
    ranges={j: n},
    claims=(
        claim(
            "the weights of a piece that wins at x",
            at_x + total(lambda p: W[p, j] * (there[p] - here[p]), D),
            "≤",
            at_y,
            Step("the winner's piece", piece(j, there), "it is h at x, and affine", uses=Uses(WINS)),
            Step("h at y", at_y, "no piece exceeds the maximum", "≤", uses=Uses(BELOW, {k: j})),
            given=(WINS, BELOW),
            example={W: 1, here: 0, there: 1, b: 1, at_x: 1, at_y: 1000},
        ),
    ),
    ties=(
        Comparison(
            "slopes of the code: one winner", PIECES, shipped_slopes, one_winner, "ffn.network.backward.maxout_vjp"
        ),
    ),
    planted=(
        WrongStep("gradient at y", "the winner's piece", piece(j, there) - piece(j, here)),
        WrongStep("above the maximum", "h at y", -at_y),
        WrongStep("slope 1 to every tied piece", "slopes of the code: one winner", claimed=every_winner),
    ),
)

AT_MOST = Fact(lengths[k], "≤", top, {k: n})

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
    source="classical: Chebyshev's equioscillation",
    letters=(
        "l is where a piece begins, l + u a point of it, and u + v = h its length; α and β are the slope and the "
        "intercept of a line, E bounds its error. In the last claim h_i are the lengths of the pieces."
    ),
    claims=(
        claim(
            "error of a lowered chord, above",
            CHORD - (left + u) ** 2,
            "≤",
            H2 / 8,
            Step("product of distances", u * v - H2 / 8, "the chord lies uv above x²"),
            Step("at most h²/8", H2 / 8, "uv ≤ h²/4", "≤", (u - v) ** 2 / 4),
        ),
        claim(
            "error of a lowered chord, below",
            u * v - H2 / 8,
            "≥",
            -H2 / 8,
            Step("at least −h²/8", -H2 / 8, "uv is positive", "≥", u * v),
        ),
        claim(
            "no line does better",
            H2 / 8,
            "≤",
            error,
            Step(
                "second difference",
                (residual(left) - 2 * residual(left + (u + v) / 2) + residual(RIGHT)) / 4,
                "lines drop out of it",
            ),
            Step("three errors", error, "the weights 1, 2, 1 add up to 4", "≤"),
            given=tuple(
                Fact(sign * residual(x), "≤", error) for x in (left, left + (u + v) / 2, RIGHT) for sign in (1, -1)
            ),
        ),
        claim(
            "lengths that are at most m each",
            total(lambda i: lengths[i], n),
            "≤",
            n * top,
            Step(
                "n times the longest",
                n * top,
                "so that a longest one is at least as long as the mean",
                "≤",
                uses=Uses(AT_MOST, over={k: n}),
            ),
            given=(AT_MOST,),
            example={lengths: 1, top: 2},
        ),
    ),
    worded=(
        Worded(
            "the best unit",
            "The best maximum of n affine functions errs by (b − a)²/(8n²) for x² on [a, b].",
            "Its pieces cut [a, b] into at most n intervals, whose lengths add up to b − a, so that one has a length "
            "h of (b − a)/n or more, where no line errs by less than h²/8; and the lowered chords of n equal pieces "
            "reach it.",
            rocq=("lower_bound", "attained"),
        ),
    ),
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
        WrongStep("factor 2", "second difference", H2 / 4),
        WrongStep("one of the longest", "n times the longest", top),
        WrongStep(
            "tangents' error",
            "error of the code",
            claimed=lambda case: Fraction((case[1] - case[0]) ** 2, 4 * case[2] ** 2),
        ),
    ),
)

"""What the difference of two maxout units can do: every line with hinges, of one variable."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from sympy import Abs, Rational, Symbol, sign

from ffn.constructions.maxout import difference_of_maxouts
from proofs.engine.derivation import Case, Cases, Comparison, Derivation, Fact, Step, Uses, WrongStep, claim
from proofs.engine.notation import array, dimension, index, reals, relu, total

n, j = dimension("n"), index("j")
P, knot = array("P", n, nonnegative=True), array("t", n)
slope, intercept, x, y = reals("α β x y")
share = Symbol("λ", real=True)
INSIDE = (Fact(share, "≥", 0), Fact(share, "≤", 1))
PAPER = "Goodfellow, Warde-Farley, Mirza, Courville & Bengio 2013"


def hinges(weights: Callable[[Any], Any], at: Any) -> Any:
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


def by_jumps(case: Any, side: int = 1) -> list[Fraction]:
    """The line through the first knot, and relu at every jump of the slope."""
    knots, values, before, after = case
    inner = [Fraction(q - p, t - s) for (s, p), (t, q) in pairwise(zip(knots, values, strict=True))]
    jumps = np.diff([Fraction(before), *inner, Fraction(after)])
    return [
        values[0] + before * (x - knots[0]) + side * sum(d * max(x - t, 0) for d, t in zip(jumps, knots, strict=True))
        for x in grid(case)
    ]


convex = claim(
    "relu is convex",
    relu(share * x + (1 - share) * y),
    "≤",
    share * relu(x) + (1 - share) * relu(y),
    Step("below its chord", share * relu(x) + (1 - share) * relu(y), "on one side of 0 with equality", "≤"),
    given=INSIDE,
)


def bent(weights: Callable[[Any], Any], at_point: Any) -> Any:
    """A line plus Σ weight_i relu(x − t_i), at a point."""
    return slope * at_point + intercept + hinges(weights, at_point)


def both(weights: Callable[[Any], Any]) -> Any:
    """The chord of it between x and y."""
    return share * bent(weights, x) + (1 - share) * bent(weights, y)


jump, mask = array("Δ", n), array("μ", n)
SHARES = (Fact(mask[j], "≥", 0, {j: n}), Fact(mask[j], "≤", 1, {j: n}))


def active(at: Any) -> Any:
    """1 behind the kink, 0 before it."""
    return (1 + sign(at)) / 2


below = claim(
    "one hinge, above any share of its line",
    share * x,
    "≤",
    relu(x),
    Step("a share", relu(x), "at most x behind the kink, at most 0 before it", "≤"),
    given=INSIDE,
)
reached = claim(
    "one hinge, as its line where it is active",
    active(x) * x,
    "=",
    relu(x),
    proof=Cases(
        (
            Case(Fact(x, "≥", 0), (Step("behind the kink", relu(x), "all of it"),)),
            Case(Fact(x, "<", 0), (Step("before the kink", relu(x), "none of it"),)),
        )
    ),
)
difference = Derivation(
    name="difference of two maxouts",
    source=PAPER + "; in any dimension: Wang 2004",
    claims=(
        convex,
        claim(
            "a line and hinges of positive weight are convex",
            bent(lambda i: P[i], share * x + (1 - share) * y),
            "≤",
            both(lambda i: P[i]),
            Step(
                "each hinge",
                both(lambda i: P[i]),
                "relu is convex, at x − t_i and y − t_i, with the weight P_i ≥ 0; the line is its own chord",
                "≤",
                uses=Uses(convex, {x: x - knot[j], y: y - knot[j]}, P[j], {j: n}),
            ),
            given=INSIDE,
        ),
        below,
        reached,
        claim(
            "no affine piece of it is above",
            total(lambda i: mask[i] * P[i] * (x - knot[i]), n),
            "≤",
            hinges(lambda i: P[i], x),
            Step(
                "hinge by hinge",
                hinges(lambda i: P[i], x),
                "a piece takes a share of each hinge's slope, 0 and 1 among them",
                "≤",
                uses=Uses(below, {share: mask[j], x: x - knot[j]}, P[j], {j: n}),
            ),
            given=SHARES,
            example={mask: Rational(1, 2)},
        ),
        claim(
            "and one reaches it: a maximum of affine functions",
            total(lambda i: active(x - knot[i]) * P[i] * (x - knot[i]), n),
            "=",
            hinges(lambda i: P[i], x),
            Step(
                "the hinges behind x",
                hinges(lambda i: P[i], x),
                "those with t_i < x are active",
                uses=Uses(reached, {x: x - knot[j]}, P[j], {j: n}),
            ),
        ),
        claim(
            "a line and any hinges, less such a maximum, is another",
            bent(lambda i: jump[i], x),
            "=",
            bent(lambda i: relu(jump[i]), x) - hinges(lambda i: relu(-jump[i]), x),
            Step(
                "by the signs of the jumps",
                bent(lambda i: relu(jump[i]), x) - hinges(lambda i: relu(-jump[i]), x),
                "Δ = relu(Δ) − relu(−Δ), and neither is negative",
            ),
        ),
    ),
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
        WrongStep("concave", "below its chord", relation="≥"),
        WrongStep("weights forgotten", "each hinge", both(lambda i: 1)),
        WrongStep("far below", "hinge by hinge", hinges(lambda i: P[i], x) - 100),
        WrongStep("hinges before x", "the hinges behind x", hinges(lambda i: -P[i], x)),
        WrongStep("added", "by the signs of the jumps", bent(lambda i: Abs(jump[i]), x)),
        WrongStep("jumps reversed", "difference in the code", claimed=lambda case: by_jumps(case, side=-1)),
    ),
)

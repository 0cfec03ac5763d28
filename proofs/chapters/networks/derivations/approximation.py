"""How well piecewise linear functions approximate, by width and by depth."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
from sympy import Abs, Expr, Rational, Symbol

from ffn.constructions import folding
from ffn.constructions.interpolation import chord_error
from ffn.network import forward
from ffn.numbers.exact import exact
from proofs.engine.derivation import Comparison, Derivation, Fact, Induction, Step, Uses, Worded, WrongStep, claim
from proofs.engine.notation import Partial, f, f2, natural, positives, reals, relu, tent_map, total

HALF = Rational(1, 2)
x, left, right, t = reals("x l r t")
u, v, M = positives("u v M")

# Interpolation

LINE = f(left) + (f(right) - f(left)) * (x - left) / (right - left)


def gap(sign: int) -> Expr:
    """(M/2)(x − l)(r − x) ∓ (f − its chord)."""
    return M / 2 * (x - left) * (right - x) - sign * (f(x) - LINE)


interpolation = Derivation(
    name="interpolation error",
    source="classical",
    letters=(
        "l and r are the ends of an interval, x a point of it; M bounds the second derivative of f in size; u = x "
        "− l and v = r − x."
    ),
    claims=(
        claim(
            "upper gap",
            Partial(Partial(gap(1), x), x),
            "=",
            -M - f2(x),
            Step("second derivative above", -M - f2(x), "the chord is affine; f″ ≥ −M makes this at most 0"),
            given=(Fact(left, "<", right),),
        ),
        claim(
            "lower gap",
            Partial(Partial(gap(-1), x), x),
            "=",
            -M + f2(x),
            Step("second derivative below", -M + f2(x), "f″ ≤ M makes this at most 0"),
            given=(Fact(left, "<", right),),
        ),
        claim(
            "largest bound",
            M / 2 * u * v,
            "≤",
            M * (u + v) ** 2 / 8,
            Step("in the middle", M * (u + v) ** 2 / 8, "uv ≤ h²/4", "≤", M * (u - v) ** 2 / 8),
        ),
    ),
    worded=(
        Worded(
            "the chord's error",
            "The chord of f on [l, l + h] errs by at most h²M/8 where |f″| ≤ M on it.",
            "With x = l + u = r − v, both gaps are concave and 0 at the ends, so they are nowhere negative: "
            "|f − chord| ≤ (M/2)uv.",
            rocq=("chord_error",),
        ),
    ),
    ties=(
        Comparison(
            "bound of the code",
            tuple(product((Fraction(1, 2), 2, 6), (Fraction(1, 3), Fraction(1), Fraction(4)))),
            lambda case: chord_error(*case),
            lambda case: case[1] ** 2 * case[0] / 8,
            "ffn.constructions.interpolation.chord_error",
        ),
    ),
    planted=(
        WrongStep("sign of f″", "second derivative above", -M + f2(x)),
        WrongStep("factor 2", "second derivative below", -2 * M + f2(x)),
        WrongStep("h²M/16", "in the middle", M * (u + v) ** 2 / 16),
        WrongStep("hM/8", "bound of the code", claimed=lambda case: case[1] * case[0] / 8),
    ),
)

# Depth


def tent(at: Any) -> Any:
    """T = 1 − 2|t − ½|."""
    return 1 - 2 * Abs(at - HALF)


def hump(at: Any) -> Any:
    """t(1 − t)."""
    return at * (1 - at)


a = Symbol("a", nonnegative=True)
m = natural("m")
UNIT = (Fact(t, "≥", 0), Fact(t, "≤", 1))


def teeth(depth: int) -> list[Fraction]:
    """The network's output at 0, 1/2^m, 2/2^m, …, by the code on fractions."""
    points = exact.asarray(np.array([[Fraction(i, 2**depth)] for i in range(2**depth + 1)]))
    return list(forward.trace(exact, *folding.tent(depth), points)[-1].h[:, 0])


def composed(at: Fraction, times: int) -> Fraction:
    for _ in range(times):
        at = 1 - 2 * abs(at - Fraction(1, 2))
    return at


def approximate_square(at: Fraction, depth: int) -> Any:
    """f_m(t) = t − Σ_{s ≤ m} T^s(t)/4^s."""
    return at - sum(composed(at, s) / 4**s for s in range(1, depth + 1))


def errors(depth: int) -> list[Fraction]:
    """f_m − t² at the multiples of 1/2^(m+1)."""
    points = [Fraction(i, 2 ** (depth + 1)) for i in range(2 ** (depth + 1) + 1)]
    return [approximate_square(at, depth) - at * at for at in points]


def alternating(depth: int, size: Fraction) -> list[Fraction]:
    return [size * (i % 2) for i in range(2 ** (depth + 1) + 1)]


def remainder(depth: Any) -> Any:
    """What is left of t(1 − t) after so many terms."""
    return hump(tent_map(depth, t)) / 4**depth


def teeth_sum(depth: Any) -> Any:
    """Σ T^s(t)/4^s for s from 1 to the depth."""
    return total(lambda s: tent_map(s, t) / 4**s, depth)


AFTER = tent_map(m, t)
ONE_TOOTH = tent_map(1, t) / 4 + hump(tent_map(1, t)) / 4
depth_square = Derivation(
    name="tent map, x² by depth",
    source="Yarotsky 2017; Telgarsky 2015",
    claims=(
        claim(
            "as two relu units",
            2 * relu(a) - 4 * relu(a - HALF),
            "=",
            tent(a),
            Step("tent map", tent(a), "for a ≥ 0, relu(a) = a and 2 relu(s) = s + |s|"),
        ),
        claim(
            "one tooth",
            hump(t),
            "=",
            ONE_TOOTH,
            Step("with a = 2|t − ½| = 1 − T(t)", ONE_TOOTH, "t(1 − t) = (1 − a²)/4 = (1 − a)/4 + a(1 − a)/4"),
        ),
        claim(
            "by depth",
            hump(t),
            "=",
            teeth_sum(m) + remainder(m),
            proof=Induction(
                m,
                base=(Step("no tooth", remainder(0), "the sum is empty and T⁰(t) = t"),),
                step=(
                    Step("the hypothesis", teeth_sum(m) + remainder(m), "up to depth m", uses=Uses()),
                    Step("one more tooth", teeth_sum(m + 1) + remainder(m + 1), "one tooth at T^m(t), over 4^m"),
                ),
                start=0,
            ),
        ),
        claim(
            "teeth stay in [0, 1]",
            hump(AFTER),
            "≥",
            0,
            proof=Induction(
                m,
                base=(Step("at the start", 0, "0 ≤ t ≤ 1", "≥"),),
                step=(Step("and so on", 0, "a(1 − a) ≥ 0 is 0 ≤ a ≤ 1, and then 0 ≤ T(a) ≤ 1", "≥", uses=Uses()),),
                start=0,
            ),
            given=UNIT,
        ),
        claim(
            "error at most",
            remainder(m),
            "≤",
            4 ** (-m) / 4,
            Step("bound", 4 ** (-m) / 4, "a square", "≤", 4 ** (-m) * (AFTER - HALF) ** 2),
        ),
    ),
    ties=(
        Comparison(
            "teeth of the code",
            (1, 2, 3, 4, 5),
            teeth,
            lambda depth: [Fraction(i % 2) for i in range(2**depth + 1)],
            "ffn.constructions.folding.tent",
        ),
    ),
    counts=(
        Comparison(
            "error at depth m", (1, 2, 3, 4), errors, lambda depth: alternating(depth, Fraction(1, 4 ** (depth + 1)))
        ),
    ),
    planted=(
        WrongStep("quarter lost", "with a = 2|t − ½| = 1 − T(t)", tent(t) / 4 + hump(tent(t))),
        WrongStep("slope of the tent", "tent map", 1 - Abs(a - HALF)),
        WrongStep("an eighth", "bound", 4 ** (-m) / 8),
        WrongStep("a tooth too many", "one more tooth", teeth_sum(m + 2) + remainder(m + 1)),
        WrongStep("another remainder", "the hypothesis", teeth_sum(m) + 2 * remainder(m)),
        WrongStep(
            "half the teeth",
            "teeth of the code",
            claimed=lambda depth: [Fraction(i % 4 == 1) for i in range(2**depth + 1)],
        ),
        WrongStep("error 4^-m", "error at depth m", claimed=lambda depth: alternating(depth, Fraction(1, 4**depth))),
    ),
)

"""How well piecewise linear functions approximate, by width and by depth."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
from sympy import Abs, Expr, Rational

from ffn.constructions import folding
from ffn.constructions.interpolation import chord_error
from ffn.network import forward
from ffn.numbers.exact import exact
from proofs.engine.derivation import Comparison, Derivation, Step, WrongStep, chain
from proofs.engine.notation import Partial, f, f2, positives, reals, relu

HALF, QUARTER = Rational(1, 2), Rational(1, 4)
x, left, right, t = reals("x l r t")
u, v, M = positives("u v M")

# Interpolation

LINE = f(left) + (f(right) - f(left)) * (x - left) / (right - left)


def gap(sign: int) -> Expr:
    """(M/2)(x − l)(r − x) ∓ (f − its chord)."""
    return M / 2 * (x - left) * (right - x) - sign * (f(x) - LINE)


interpolation = Derivation(
    name="interpolation error",
    statement="The chord of f on [l, l + h] errs by at most h²M/8 where |f″| ≤ M.",
    hypotheses=("f is twice differentiable, |f″| ≤ M", "x = l + u and r = x + v, so that h = u + v"),
    source="classical",
    chains=(
        chain(
            "upper gap",
            Partial(Partial(gap(1), x), x),
            Step("second derivative above", -M - f2(x), "the chord is affine; f″ ≥ −M makes this at most 0"),
        ),
        chain(
            "lower gap",
            Partial(Partial(gap(-1), x), x),
            Step("second derivative below", -M + f2(x), "f″ ≤ M makes this at most 0"),
        ),
        chain("at the left end", gap(1).xreplace({x: left}), Step("chord meets f on the left", 0, "it interpolates")),
        chain(
            "at the right end", gap(1).xreplace({x: right}), Step("chord meets f on the right", 0, "it interpolates")
        ),
        chain(
            "largest bound",
            M / 2 * u * v,
            Step("in the middle", M * (u + v) ** 2 / 8, "uv ≤ h²/4", "≤", M * (u - v) ** 2 / 8),
        ),
    ),
    conclusion="Both gaps are concave and 0 at the ends, so they are nowhere negative: |f − chord| ≤ (M/2)uv ≤ h²M/8.",
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


SHARE = u / (u + v)  # any number in (0, 1)


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


depth_square = Derivation(
    name="tent map, x² by depth",
    statement="The tent map composed m times has 2^m pieces with two relu units a layer; f_m = t − Σ_{s≤m} T^s/4^s "
    "approximates t² on [0, 1] with the error T^m(1 − T^m)/4^m, from 0 to 4^-(m+1).",
    hypotheses=("0 ≤ t ≤ 1",),
    source="Yarotsky 2017; Telgarsky 2015",
    chains=(
        chain(
            "as relu units",
            2 * relu(SHARE) - 4 * relu(SHARE - HALF),
            Step("tent map", tent(SHARE), "relu(t) = t and 2 relu(s) = s + |s|"),
        ),
        chain(
            "base and step",
            hump(t),
            Step(
                "one tooth",
                tent(t) / 4 + hump(tent(t)) / 4,
                "with a = 2|t − ½|: t(1 − t) = (1 − a²)/4 = (1 − a)/4 + a(1 − a)/4",
            ),
        ),
        chain("at most 1/4", hump(t), Step("bound", QUARTER, "a square", "≤", (t - HALF) ** 2)),
        chain("at least 0", hump(SHARE), Step("sign", 0, "t = u/(u + v)", ">", u * v / (u + v) ** 2)),
    ),
    conclusion="By induction over m, t − t² = Σ_{s≤m} T^s/4^s + T^m(1 − T^m)/4^m, since T^m is again in [0, 1].",
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
        WrongStep("quarter lost", "one tooth", tent(t) / 4 + hump(tent(t))),
        WrongStep("slope of the tent", "tent map", 1 - Abs(SHARE - HALF)),
        WrongStep("an eighth", "bound", Rational(1, 8)),
        WrongStep(
            "half the teeth",
            "teeth of the code",
            claimed=lambda depth: [Fraction(i % 4 == 1) for i in range(2**depth + 1)],
        ),
        WrongStep("error 4^-m", "error at depth m", claimed=lambda depth: alternating(depth, Fraction(1, 4**depth))),
    ),
)

"""Tails and covers: where a difference is shown to be positive, and where it is not."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy
from sympy import Abs, Rational, erf, exp, log, pi, sqrt, tanh

from proofs.engine.claim import Fact
from proofs.engine.notation import (
    Partial,
    dimension,
    g,
    index,
    positives,
    reals,
    sigmoid,
)
from proofs.engine.provers import cover, tails

n, k = dimension("n"), index("k")
(t, z), (u,) = reals("t z"), positives("u")
HALF = Rational(1, 2)

# Tails: the expression is positive where side · z ≥ cut, or it is not shown


@pytest.mark.parametrize(
    ("expr", "side", "cut"),
    [
        (z, 1, 4),
        (-z, -1, 4),
        (z**2 - 15, 1, 4),
        (5 - z**3 * exp(-z), 1, 4),
        (1 - z * exp(-z), 1, 4),
        (1 + z * exp(z), -1, 4),
        (exp(-z), 1, 4),
        (exp(z / 2) - exp(z / 3), 1, 4),
        (tanh(z), 1, 4),
        (-tanh(z), -1, 4),
        (tanh(z) - Rational(9, 10), 1, 4),
        (1 + erf(z), -1, 4),
        (2 + erf(z), 1, 4),
        (-erf(z), -1, 4),
        (sigmoid(z) - Rational(9, 10), 1, 4),
        (1 / (1 + z**2), -1, 4),
        (exp(-(z**2)) * z + Rational(1, 100), -1, 4),
        (sqrt(2) * z, 1, 4),
        (Rational(75, 1000) - z * exp(-z), 1, 4),  # 4 e^-4 is 0.0733
        (z * exp(-z) + Rational(1, 1000), 1, 4),
        (Rational(1, 1000) + 3 * exp(z) - z * exp(z), -1, 4),
        (z**2 - z - 11, 1, 4),
        (Rational(19, 1000) - exp(-z), 1, 4),
        (exp(-z / 2) - exp(-z), 1, 4),
        (1 - erf(z) * exp(-z), 1, 4),
        (z / 2 - 1, 1, 4),
        (-1 / (1 - z), 1, 4),
        (-1 / (1 - 3 * z + exp(-z)), 1, 4),
        (Abs(z) - 3, -1, 4),
        (Abs(z) - 3, 1, 4),
        (2 + erf(z) * erf(z / 2), -1, 4),
        (2 - exp(z**2) * (1 - erf(z)), 1, 4),
        (erf(z) - 1 + Rational(1, 10**6), 1, 4),  # e^-16 is 1.1e-7
    ],
)
def test_a_tail_is_positive(expr: Any, side: int, cut: int) -> None:
    """A bound that holds on the whole line would be shown in the middle alone."""
    shown = tails.is_positive(expr, z, side, cut)
    assert shown == (expr != 1 + erf(z))  # which is e^-z² times a share that may be 0
    assert not tails.is_positive(-expr, z, side, cut)


@pytest.mark.parametrize(
    "expr",
    [
        z - 5,
        z * (10 - z),
        4 - z,
        Rational(1, 100) - z * exp(-z),
        1 - z**9 * exp(-z),  # which rises at first
        erf(z**2),
        exp(exp(z)),
        exp(z**2 + 1 / z),
        sympy.sin(z) + 2,
        1 - erf(z),
        exp(-z) - exp(-z / 2),
        1000 * exp(-z) - 1,
        Rational(73, 1000) - z * exp(-z),
        Rational(18, 1000) - exp(-z),
        z**2 - z - 13,
        exp(pi * z) * z - exp(sqrt(2) * z) * z,
        1 + exp(-sympy.Float("0.5") * z),
        exp(z + exp(-z)) + 1,
        2 - erf((1 - sqrt(2)) * z),
    ],
)
def test_a_tail_that_is_not_shown(expr: Any) -> None:
    """A tail would be taken for positive that turns beyond the cut, or of which nothing is known."""
    assert not tails.is_positive(expr, z, 1, 4)


def test_what_lies_between_0_and_a_value() -> None:
    """A term of a tail would be bounded by less than it may be, or by so much that nothing is shown."""
    half, both = tails.arb("0.5"), tails.arb(0, 2)
    assert (tails._least(half), tails._most(half)) == (0, half)
    assert (tails._least(-half), tails._most(-half)) == (-half, 0)
    assert tails._least(both).contains(-2)
    assert tails._most(both).contains(2)


# Covers


@pytest.mark.parametrize(
    ("variable", "facts", "interval"),
    [
        (z, (), (None, None)),
        (u, (), (0, None)),
        (z, (Fact(z, "≥", -1), Fact(z, "<", HALF)), (-1, HALF)),
        (z, (Fact(z, ">", -2), Fact(z, ">", -1), Fact(z, "≤", 3), Fact(z, "<", 2)), (-1, 2)),
        (z, (Fact(z, ">", -1), Fact(z, ">", -2), Fact(z, "≤", 2), Fact(z, "<", 3)), (-1, 2)),
        (u, (Fact(u, ">", -1), Fact(u, "≤", 1)), (0, 1)),
        (z, (Fact(z, "=", 2),), (2, 2)),
        (z, (Fact(t, "≤", 1), Fact(z, "≤", t), Fact(z, "≠", 0), Fact(z + 1, "≥", 0)), (None, None)),
        (z, (Fact(z, "≤", sqrt(2)), Fact(z, "≥", -3)), (-3, None)),
        (z, (Fact(z, "≤", 1, {k: n}), Fact(z, "≥", 0)), (0, None)),
    ],
)
def test_an_interval_is_what_the_hypotheses_leave(variable: Any, facts: Any, interval: Any) -> None:
    """A cover would be of less than the domain."""
    assert cover.interval(variable, facts) == interval


UNIT, LINE = (Fraction(0), Fraction(1)), (None, None)


@pytest.mark.parametrize(
    ("difference", "relation", "domain", "shown"),
    [
        (z * (1 - z) + Rational(1, 1000), ">", {z: UNIT}, True),
        (z * (1 - z) - Rational(1, 1000), ">", {z: UNIT}, False),
        (z, "≥", {z: UNIT}, False),  # a ball around 0 has no sign
        (z, ">", {z: UNIT}, False),
        (Partial(z**2, z) + 1, ">", {z: UNIT}, True),
        (exp(z) - t + Rational(1, 100), "≥", {z: UNIT, t: UNIT}, True),
        (z - t + 1, ">", {z: UNIT, t: UNIT}, False),
        (2**z - HALF, ">", {z: UNIT}, True),  # which has no derivative here
        (exp(z) - t, "≥", {z: UNIT}, False),  # of t nothing is said
        (Abs(z - HALF) + 1, ">", {z: UNIT}, True),
        (z**2 - z + Rational(26, 100) + Abs(z - HALF), ">", {z: UNIT}, True),  # whose slope has no value at the kink
        (exp(z) + exp(-z) - 1, ">", {z: LINE}, True),
        (exp(z) + exp(-z) - 1, ">", {z: (None, Fraction(1))}, True),
        (exp(z) + exp(-z) - 1, ">", {z: (Fraction(-1), None)}, True),
        (exp(z) + exp(-z) - 3, ">", {z: (Fraction(2), None)}, True),
        (exp(z) + exp(-z) - 3, ">", {z: (Fraction(0), None)}, False),
        (exp(z) + 1, ">", {z: LINE, t: LINE}, False),
        (z - 3, ">", {z: (Fraction(5), None)}, True),
        (g(z) + 9, ">", {z: LINE}, False),
        (log(z) + 9, ">", {z: UNIT}, False),
        (z - HALF, "≥", {z: (HALF, HALF)}, True),
        (z**2 - z + Rational(2500001, 10**7), ">", {z: UNIT}, True),  # in too many boxes, were it not for its slope
        (z - HALF, ">", {z: (HALF, HALF)}, False),
        (z - 1, "≥", {z: (HALF, HALF)}, False),
    ],
)
def test_a_cover_shows_what_is_true(difference: Any, relation: str, domain: Any, shown: bool) -> None:
    """A box, or a side of the domain, would be left out; or a true bound would not be shown."""
    domain = {v: tuple(None if end is None else Fraction(str(end)) for end in ends) for v, ends in domain.items()}
    assert cover.proves(difference, relation, domain) is shown

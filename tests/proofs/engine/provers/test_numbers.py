"""The numeric check: values, points, and what it says where it can say nothing."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy
from sympy import Abs, E, KroneckerDelta, Rational, Sum, erf, exp, log, loggamma, oo, pi, sqrt, tanh

from proofs.engine.notation import (
    Partial,
    array,
    dimension,
    index,
    natural,
    positives,
    reals,
    tent_map,
    total,
)
from proofs.engine.provers import numeric
from proofs.engine.provers.numeric import Undecided
from proofs.engine.provers.point import CORNERS, Point

n, m, k = dimension("n"), natural("m"), index("k")
(t, z), (u,) = reals("t z"), positives("u")
x, endless = array("x", n), array("e", oo)
HALF = Rational(1, 2)

VALUES = {t: Fraction(-3, 2), z: Fraction(1, 3), u: Fraction(5, 2)}
AT = Point({n: 3, k: 2, m: 2}, "seed", fixed={**VALUES, x: lambda i: i, endless: lambda i: Fraction(1, i)})


@pytest.mark.parametrize(
    ("expr", "value"),
    [
        (sympy.sign(t), -1),
        (sympy.sign(z), 1),
        (Abs(t) + Abs(z), Rational(11, 6)),
        (tent_map(m, z), Rational(2, 3)),
        (tent_map(0, z), z),
        (total(lambda i: x[i] ** 2, n), 14),
        (Sum(x[k], (k, 2, n)), 5),
        (total(lambda i, p: x[i] * endless[p], n, n), 11),
        (KroneckerDelta(k, 2) + 3 * KroneckerDelta(k, 1), 1),
        (t**-2, Rational(4, 9)),
        (t**0 * t**3, Rational(-27, 8)),
        (u**HALF, sqrt(Rational(5, 2))),
        (u ** (-z), Rational(5, 2) ** Rational(-1, 3)),
        (loggamma(x[3]), log(2)),
        (erf(z) + tanh(t), erf(Rational(1, 3)) - tanh(Rational(3, 2))),
        (pi * E * x[k], 2 * pi * E),
        (Partial(u**2 * t, u), Rational(-15, 2)),
        (Partial(x[1] * x[2] ** 2, x[k]), 4),
        (Partial(total(lambda i: x[i] ** 3, n), x[k]), 12),
        (Partial(Partial(exp(z) * t**2, z), t), -3 * exp(Rational(1, 3))),
    ],
)
def test_the_value_of_an_expression(expr: Any, value: Any) -> None:
    """The numeric check would compare two numbers that are not those of its sides."""
    at_point = sympy.sympify(value).xreplace({s: Rational(number) for s, number in VALUES.items()})
    with numeric.working_precision(numeric.BITS):
        found = numeric.evaluate(sympy.sympify(expr), AT)
        assert abs(found - numeric.arb(str(at_point.evalf(60)))) < 1e-45


@pytest.mark.parametrize(
    ("expr", "why"),
    [
        (sympy.sign(3 * z - 1), "the sign of 0"),
        (x[u], "an index is not a whole number"),
    ],
)
def test_what_is_decided_at_a_boundary_is_undecided(expr: Any, why: str) -> None:
    """It would be one of two values, as the rounding falls."""
    with pytest.raises(Undecided, match=f"^{why}$"), numeric.working_precision(numeric.BITS):
        numeric.evaluate(expr, AT)
    assert not numeric.is_sharp(expr, AT)
    assert not numeric.stands(expr, "≥", AT)


@pytest.mark.parametrize(
    ("difference", "relations"),
    [(t, {"≠"}), (z, {"≠", "≥", ">"}), (sympy.Integer(0), {"=", "≥"}), (3 * z - 1, {"="})],
)
def test_a_difference_stands_in_these_relations(difference: Any, relations: set[str]) -> None:
    """A point that does not meet a hypothesis would refute what is true, or none would meet it."""
    assert {relation for relation in ("=", "≠", "≥", ">") if numeric.stands(difference, relation, AT)} == relations


def test_signs_and_agreement_in_numbers() -> None:
    """A difference of 1e-40 would pass for equality, or a ball that says nothing for a value."""
    assert [numeric.sign(each, AT) for each in (t, z, sympy.Integer(0))] == [-1, 1, None]
    assert numeric.agree(3 * z, sympy.Integer(1), AT)
    assert not numeric.agree(3 * z, 1 + Rational(1, 10**100), AT)
    with pytest.raises(Undecided, match=r"^known to fewer than 50 digits$"):
        numeric.agree(1 / (3 * z - 1), sympy.Integer(1), AT)
    with numeric.working_precision(numeric.BITS):
        sharp = [
            numeric._is_sharp(numeric.arb(value, radius))
            for value, radius in ((0, "1e-51"), (0, "1.5e-50"), (99, "1e-49"))
        ]
    assert sharp == [True, False, True]
    assert numeric.shown(t / 7, AT) == "-0.21428571"
    with pytest.raises(NotImplementedError, match=r"^no rule to evaluate floor$"):
        numeric.evaluate(sympy.floor(z), AT)


def test_points_are_drawn_from_the_declared_domain() -> None:
    """A counterexample would lie outside of it, or its boundary would never be tried."""
    level = sympy.Symbol("c", nonnegative=True)
    for number in range(50):
        point = Point({}, str(number))
        assert 0 < point.rational(u, u) <= 2
        assert 0 <= point.rational(level, level) <= 2
        assert -2 <= point.rational(z, z) <= 2
    for style, kinds in CORNERS.items():
        for kind, symbol in (("real", z), ("positive", u), ("nonnegative", level)):
            drawn = {Point({}, str(number), style=style).rational(symbol, symbol) for number in range(60)}
            assert drawn == set(kinds[kind])
    assert AT.names((u * t + n + x[1], z)) == "n = 3, t = -3/2, u = 5/2, z = 1/3"
    moved = AT.moved(u, Fraction(1)).moved(u, Fraction(1, 2))
    assert numeric.agree(u, sympy.Integer(4), moved)

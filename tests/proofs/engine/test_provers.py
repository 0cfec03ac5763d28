"""Each prover by itself: what it shows, what it leaves, and what it says where it can say nothing."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy
from sympy import Abs, E, KroneckerDelta, Piecewise, Rational, Sum, erf, exp, log, loggamma, oo, pi, sqrt, tanh

from proofs.engine.claim import Fact
from proofs.engine.notation import (
    Partial,
    array,
    dimension,
    g,
    index,
    natural,
    positives,
    reals,
    sigmoid,
    tent_map,
    total,
)
from proofs.engine.provers import cover, numeric, sign, solver, tails
from proofs.engine.provers.numeric import Undecided
from proofs.engine.provers.point import CORNERS, Point
from proofs.engine.provers.sign import Known
from proofs.engine.provers.solver import Question

n, m, k = dimension("n"), natural("m"), index("k")
(t, z), (u, v) = reals("t z"), positives("u v")
x, endless = array("x", n), array("e", oo)
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
    assert tails._common_unit(Rational(1, 2), Rational(1, 3)) == Rational(1, 6)
    assert tails._common_unit(Rational(3, 2), Rational(9, 4)) == Rational(3, 4)


# Covers


@pytest.mark.parametrize(
    ("variable", "facts", "interval"),
    [
        (z, (), (None, None)),
        (u, (), (0, None)),
        (z, (Fact(z, "≥", -1), Fact(z, "<", HALF)), (-1, HALF)),
        (z, (Fact(z, ">", -2), Fact(z, ">", -1), Fact(z, "≤", 3), Fact(z, "<", 2)), (-1, 2)),
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
        (exp(z) - t, "≥", {z: UNIT}, False),  # of t nothing is said
        (Abs(z - HALF) + 1, ">", {z: UNIT}, True),
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
        (z - HALF, ">", {z: (HALF, HALF)}, False),
        (z - 1, "≥", {z: (HALF, HALF)}, False),
    ],
)
def test_a_cover_shows_what_is_true(difference: Any, relation: str, domain: Any, shown: bool) -> None:
    """A box, or a side of the domain, would be left out; or a true bound would not be shown."""
    domain = {v: tuple(None if end is None else Fraction(str(end)) for end in ends) for v, ends in domain.items()}
    assert cover.proves(difference, relation, domain) is shown


# Numbers

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
        (Piecewise((1, t > 0), (2, z > 0), (3, True)), 2),
        (Piecewise((1, t < 0), (2, True)), 1),
        (Piecewise((1, t >= 0), (2, z <= 0), (3, True)), 3),
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
        (Piecewise((1, 3 * z > 1), (2, True)), "a condition is decided at its boundary"),
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


# Signs


@pytest.mark.parametrize(
    ("expr", "known", "signs"),
    [
        (t - z, (Known(t - z, False),), "≥"),
        (t - z, (Known(t - z, True),), "≥>"),
        (3 * t - 3 * z, (Known(t - z, True),), "≥>"),
        (z - t, (Known(t - z, True),), ""),
        (x[k], (Known(x[1], True),), ""),
        (x[2], (Known(x[k], True, (k,)),), "≥>"),
        (x[2] * u, (Known(x[k], False, (k,)),), "≥"),
        (z**2, (), "≥"),
        (u**-3, (), "≥>"),
        (z**3, (Known(z, True),), "≥>"),
        (sqrt(u + z**2), (), "≥>"),
        (total(lambda i: exp(x[i]), n), (), "≥>"),
        (total(lambda i: exp(endless[i]), m), (), "≥"),
        (total(lambda i: KroneckerDelta(i, k), n), (), "≥"),
        (log(1 + u), (), "≥>"),
        (log(1 + z**2), (), "≥"),
        (log(2 + z), (), ""),
        (log(sympy.Integer(3)), (), "≥>"),
        (pi * exp(z) * Abs(t), (), "≥"),
        (pi * exp(z), (), "≥>"),
        (z**2 + exp(t), (), "≥>"),
        (z**2 + t, (), ""),
        (1 - exp(-Abs(t)), (), "≥"),
        (1 - exp(t), (), ""),
        (1 - KroneckerDelta(n, k), (), "≥"),
        (u * v - 1 - log(u * v), (), "≥"),
        (2 * u - 1 - log(u), (), ""),
        (u - 1 - log(u) - log(v), (), ""),
        (sympy.sin(z), (), ""),
    ],
)
def test_a_sign_is_read_off_the_structure(expr: Any, known: Any, signs: str) -> None:
    """A certificate would be taken whose sign does not show, or none."""
    assert (sign.nonnegative(expr, known), sign.positive(expr, known)) == ("≥" in signs, ">" in signs)


# z3


@pytest.mark.parametrize(
    ("question", "shown"),
    [
        (Question(n - 1, "≥", {}), True),
        (Question(n - 2, "≥", {}), False),
        (Question(n - 2, "≥", {}, smallest={n: 2}), True),
        (Question(m, "≥", {}), True),
        (Question(m - 1, "≥", {}), False),
        (Question(KroneckerDelta(n, k) ** 2 - KroneckerDelta(n, k), "=", {}), True),
        (Question(KroneckerDelta(n, k) - HALF, "≠", {}), True),
        (Question(KroneckerDelta(n, k), "=", {}), False),
        (Question(sqrt(u) ** 3 - u * sqrt(u), "=", {}), True),
        (Question(sqrt(1 + z**2) - z, ">", {}), True),
        (Question(sqrt(1 + z**2) - 1, ">", {}), False),
        (Question(sympy.sign(z) * z - Abs(z), "=", {}), True),
        (Question(sympy.sign(z) + 1, "≥", {}), True),
        (Question(sympy.sign(z) + 1, ">", {}), False),
        (Question(1 - sympy.sign(z), "≥", {}), True),
        (Question(sympy.sign(z), "≥", {}, ((z, "≥"),)), True),
        (Question(-sympy.sign(z), ">", {}, ((-z, ">"),)), True),
        (Question(exp(z) - 1, "≥", {}, ((z, "≥"),)), True),
        (Question(1 - exp(-z), "≥", {}, ((z, "≥"),)), True),
        (Question(exp(z) - 1, "≥", {}), False),
        (Question(exp(2 * z) - 2 * exp(z) + 1, "≥", {}), True),
        (Question(exp(z / 2) * exp(z / 3) - exp(5 * z / 6), "=", {}), True),
        (Question(exp(z) + exp(-z) - 2, "≥", {}), True),
        (Question(exp(z) + exp(-z) - 2, ">", {}), False),
        (Question(log(u) + 1 / u - 1, "≥", {}), True),
        (Question(u - log(u) - 1, ">", {}), False),
        (Question(1 / u, ">", {}), True),
        (Question(1 / u - 1, ">", {}, ((1 - u, ">"),)), True),
        (Question(z / (1 + z**2) - HALF, ">", {}), False),
        (Question(HALF - z / (1 + z**2), "≥", {}), True),
        (Question(z - 1, "≠", {}, ((z, "="),)), True),
        (Question(z**2 - 1, "=", {}, ((z - 1, "="),)), True),
        (Question(total(lambda i: exp(x[i]), n), ">", {}), True),
        (Question(total(lambda i: x[i], n), ">", {}, known=(Known(total(lambda i: x[i], n), True),)), False),
        (Question(x[1] + 1, ">", {}, known=(Known(x[k], False, (k,)),)), True),
        (Question(Sum(x[k], (k, 1, k)) * sympy.I, ">", {}), False),
    ],
)
def test_z3_is_told_what_its_variables_mean(question: Question, shown: bool) -> None:
    """It would show what is false of whole numbers, roots or signs, or nothing of what is true."""
    assert solver.proves(question) is shown


@pytest.mark.parametrize(
    ("question", "refuted"),
    [
        (Question(z, "≥", {}), True),
        (Question(z, "≥", {}, ((z - 1, ">"),)), False),
        (Question(z - 2, "≥", {}, ((z - 1, ">"),)), True),
        (Question(u, ">", {}), False),
        (Question(n - 2, "≥", {}), False),  # a whole number, which the reals of z3 are not
        (Question(Abs(z) - 1, "≥", {}), False),
        (Question(z, "≥", {}, known=(Known(z, True),)), False),
        (Question(z * sympy.I, "≥", {}), False),
        (Question(z, "=", {}), True),
        (Question(z**2 + 1, "≠", {}), False),
    ],
)
def test_z3_refutes_with_real_numbers_alone(question: Question, refuted: bool) -> None:
    """What is true of whole numbers would be refuted by a half."""
    assert solver.refutes(question) is refuted


@pytest.mark.parametrize(
    ("conditions", "given", "all_of_them"),
    [
        (((z, "≥"), (-z, ">")), (), True),
        (((z, ">"), (-z, ">")), (), False),
        (((z, ">"), (-z, ">")), ((z, "≠"),), True),
        (((z, ">"),), ((z - 1, "≥"),), True),
        (((z - 1, ">"),), ((z, ">"),), False),
        (((u, ">"),), (), True),
    ],
)
def test_cases_are_all_there_are(conditions: Any, given: Any, all_of_them: bool) -> None:
    """A claim would be proved where it is easy."""
    assert solver.covers(conditions, given, {}) is all_of_them

"""Signs that a structure shows, and what z3 shows and refutes."""

from __future__ import annotations

from typing import Any

import pytest
import sympy
from sympy import Abs, KroneckerDelta, Rational, Sum, exp, log, oo, pi, sqrt

from proofs.engine.notation import (
    array,
    dimension,
    index,
    natural,
    positives,
    reals,
    total,
)
from proofs.engine.provers import sign, solver
from proofs.engine.provers.sign import Known
from proofs.engine.provers.solver import Question

n, m, k = dimension("n"), natural("m"), index("k")
(t, z), (u, v) = reals("t z"), positives("u v")
x, endless = array("x", n), array("e", oo)
HALF = Rational(1, 2)

# Signs


@pytest.mark.parametrize(
    ("expr", "known", "signs"),
    [
        (t - z, (Known(t - z, False),), "≥"),
        (t - z, (Known(t - z, True),), "≥>"),
        (3 * t - 3 * z, (Known(t - z, True),), "≥>"),
        (z - t, (Known(t - z, True),), ""),
        (x[k], (Known(x[1], True),), ""),
        (log(Rational(3, 2)), (), "≥>"),
        (log(Rational(3, 2) + u), (), "≥>"),
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
        (Question(n - 1, ">", {}), False),
        (Question(m, ">", {}), False),
        (Question(KroneckerDelta(n, k) ** 2 - KroneckerDelta(n, k), "=", {}), True),
        (Question(KroneckerDelta(n, k) - HALF, "≠", {}), True),
        (Question(KroneckerDelta(n, k), "=", {}), False),
        (Question(KroneckerDelta(n, k) - 1, "=", {}), False),
        (Question(sqrt(u) ** 3 - u * sqrt(u), "=", {}), True),
        (Question(sqrt(1 + z**2) - z, ">", {}), True),
        (Question(sqrt(1 + z**2) - 1, ">", {}), False),
        (Question(sqrt(u) - 1, "≥", {}), False),
        (Question(exp(z) - exp(t), "=", {}), False),
        (Question(exp(exp(t)) - 1 - exp(t), "≥", {}), True),
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
        (Question(Abs(z + 1 / z) - 2, "≥", {}), True),
        (Question((Abs(1 / z - 2) - 1) * (Abs(1 / z - 2) - 3), "=", {}), False),
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
        (((n - 1, "≥"),), (), True),
    ],
)
def test_cases_are_all_there_are(conditions: Any, given: Any, all_of_them: bool) -> None:
    """A claim would be proved where it is easy."""
    assert solver.covers(conditions, given, {}) is all_of_them

"""Inequalities: certificates whose sign their structure shows, valleys, and what z3 shows beside them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sympy import Abs, KroneckerDelta, exp, log

from proofs.chapters.cost.derivations.likelihood import logarithm
from proofs.engine.badges import Badge
from proofs.engine.check import check
from proofs.engine.check.setting import Setting
from proofs.engine.check.steps import failed_checks as checks_of_a_step
from proofs.engine.derivation import Step, Valley
from proofs.engine.notation import array, dimension, index, positives, reals, total
from proofs.engine.provers import sign, solver

n = dimension("n")
i, j, k = index("i"), index("j"), index("k")
x = array("x", n)
(t,), (u,) = reals("t"), positives("u")
RANGES = {i: n, j: n, k: n}


def failed_checks(before: Any, step: Step) -> tuple[str, ...]:
    return checks_of_a_step(before, step, Setting("an example", RANGES))


@pytest.mark.parametrize(
    "expr",
    [
        t**2,
        Abs(t),
        exp(t),
        total(lambda i: x[i] ** 2, n),
        1 - exp(-u),
        1 - KroneckerDelta(i, j),
        u - 1 - log(u),
        log(1 + u),
    ],
)
def test_a_structure_that_shows_its_sign(expr: Any) -> None:
    """No inequality could be proved."""
    assert sign.nonnegative(expr)


@pytest.mark.parametrize(
    "expr",
    [t, -(t**2), t**3, 1 - exp(u), 1 - exp(-t), u - 2 - log(u), t - 1 - log(t), log(u), total(lambda i: x[i], n)],
)
def test_a_structure_that_does_not(expr: Any) -> None:
    """Every certificate would be taken for a proof."""
    assert not sign.nonnegative(expr)


@pytest.mark.parametrize("expr", [t**2, total(lambda i: x[i] ** 2, n), 1 - exp(-u), 1 - KroneckerDelta(i, j)])
def test_not_negative_is_not_positive(expr: Any) -> None:
    """'≥' would be taken for '>'."""
    assert not sign.positive(expr)


def test_a_true_certificate_without_a_visible_sign_is_refused_by_sign_alone() -> None:
    """'2t ≤ t² + 1' would be proved by repeating it."""
    square = Step("square", t**2 + 1, "", "≤", (t - 1) ** 2)
    assert failed_checks(2 * t, square) == ()
    assert failed_checks(2 * t, replace(square, certificate=t**2 - 2 * t + 1)) == ("sign",)
    assert failed_checks(2 * t, replace(square, certificate=None)) == ()  # z3 alone


def test_a_strict_inequality_needs_a_positive_certificate() -> None:
    """'2t < t² + 1' would hold, though at t = 1 both are 2."""
    step = Step("square", t**2 + 1, "", "<", (t - 1) ** 2)
    assert "sign" in failed_checks(2 * t, step)


def test_a_valley_needs_its_bottom_and_its_slope() -> None:
    """A difference that only falls, or that is not 0 at the bottom, would be taken for one that is nowhere negative."""
    step = Step("tangent", u - 1, "", "≤", Valley(u, 1, (u - 1) ** 2 / u))
    assert failed_checks(log(u), step) == ()
    unequal = ("general", "instances", "numeric")
    for wrong, failed in (
        (Valley(u, 2, (u - 1) ** 2 / u), unequal),
        (Valley(u, 1, (u - 1) ** 2), unequal),
        (Valley(u, 1, -((u - 1) ** 2) / u), (*unequal, "sign")),
        (Valley(u, -1, (u - 1) ** 2 / u), (*unequal, "sign")),
    ):
        assert failed_checks(log(u), replace(step, certificate=wrong)) == failed
    assert failed_checks(log(u), replace(step, relation="<")) == ("numeric", "sign")


# The second prover


def test_the_facts_that_provers_are_told_are_derived_without_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """log u ≤ u − 1, e^x ≥ 1 + x and e^-d ≤ 1 would rest on themselves."""
    monkeypatch.setattr(sign._Signs, "_is_classical", lambda self, e: False)
    structure = {">": sign.positive, "≠": sign.positive, "≥": sign.nonnegative}
    monkeypatch.setattr(solver, "proves", lambda asked: structure[asked.relation](asked.difference, asked.known))
    assert check(logarithm).badge is Badge.PROVED


@pytest.mark.parametrize(
    ("difference", "relation", "given"),
    [
        (t**2 - 2 * t + 1, "≥", ()),
        (exp(t) - 1 - t, "≥", ()),
        (1 / (1 + exp(-t)), ">", ()),
        (t - t**2, "≥", ((t, "≥"), (1 - t, "≥"))),
        (Abs(t) - t, "≥", ()),
        (u + 1 / u - 2, "≥", ()),
    ],
)
def test_z3_shows_what_is_true(difference: Any, relation: str, given: Any) -> None:
    """The second prover would decide nothing."""
    assert solver.proves(solver.Question(difference, relation, {}, given))


@pytest.mark.parametrize(
    ("difference", "relation", "given"),
    [
        (t**2 - 2 * t + 1, ">", ()),
        (exp(t) - 1 - 2 * t, "≥", ()),
        (t - t**2, "≥", ((t, "≥"),)),
        (u + 1 / u - 2, ">", ()),
        (log(u) - u, "≥", ()),
        (total(lambda i: x[i], n), "≥", ()),
    ],
)
def test_z3_shows_nothing_false(difference: Any, relation: str, given: Any) -> None:
    """Its word would count for a proof where it has none."""
    assert not solver.proves(solver.Question(difference, relation, RANGES, given))


def test_z3_refutes_only_with_values_that_are_possible() -> None:
    """A sum or an exponential that it knows nothing of would be a counterexample to what is true."""
    assert solver.refutes(solver.Question(t**2 - 1, "≥", {}))
    assert not solver.refutes(solver.Question(exp(t) - 1 - t, "≥", {}))
    assert not solver.refutes(solver.Question(total(lambda i: x[i] ** 2 + x[i] ** 4, n), "≥", RANGES))

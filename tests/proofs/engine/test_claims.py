"""Claims as data, and the setting that they are judged in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sympy
from sympy import Rational, exp, sqrt

from proofs.engine.badges import Badge
from proofs.engine.check import Refusal, check
from proofs.engine.check.setting import Setting
from proofs.engine.check.steps import Judgement, judge
from proofs.engine.claim import put
from proofs.engine.derivation import (
    Case,
    Cases,
    Chain,
    Cited,
    Claim,
    Comparison,
    Derivation,
    Extremum,
    Fact,
    Induction,
    Step,
    Uses,
    Worded,
    Words,
    WrongStep,
    claim,
)
from proofs.engine.notation import (
    array,
    arrays,
    dimension,
    index,
    natural,
    positives,
    reals,
    text,
    total,
    total_over,
)
from proofs.engine.notation.indices import fresh, paired
from proofs.engine.provers import solver

n = dimension("n")
i, k = index("i"), index("k")
(s, t, z), (u, v) = reals("s t z"), positives("u v")
x, y = array("x", n), array("y", n)
HALF = Rational(1, 2)
SAME = Step("same", t, "")
PLANTED = (WrongStep("w", "same", -1),)
ONE = Claim("p", t + 0 * s, "=", t, (SAME,))
PROVED = claim("p", z * (z + 1), "=", z**2 + z, Step("same", z**2 + z, ""))
EXAMPLE = Derivation("d", "", PLANTED, (PROVED,), untied="an example")
IDENTITY = ("normal form", "small sizes")


# Claims


def test_a_proof_is_shown_in_its_parts() -> None:
    """A page would show a base under the name of the step, or another goal than the one that is judged."""
    by_cases = replace(ONE, proof=Cases((Case(Fact(z, ">", 0), (SAME,)), Case(Fact(z, "≤", 0), (SAME,), name="else"))))
    assert [chain.name for chain in by_cases.chains] == ["p, where z > 0", "p, where else"]
    inductive = Claim("p", total(lambda a: a, n), "=", n * t, Induction(n, (SAME,), (SAME, SAME), start=2))
    (base, at_start, _, none), (following, at_next, _, hypothesis) = inductive.parts()
    assert (base.name, following.name) == ("p: base, n = 2", "p: from n to n + 1")
    assert (text(base.start), text(following.start)) == ("Sum(a, (a, 1, 2))", "Sum(a, (a, 1, n + 1))")
    assert (at_start.right, at_next.right, len(base.steps), len(following.steps)) == (2 * t, (n + 1) * t, 1, 2)
    assert none is None
    assert hypothesis is not None
    assert hypothesis.right == n * t
    found = Claim("p", z + 1, ">", t, (SAME,), exists={z: t})
    ((chain, goal, further, _),) = found.parts()
    assert (chain.start, chain.whole, chain.at, goal.left, further) == (t + 1, z + 1, {z: t}, t + 1, ())
    assert Claim("p", t, "=", t, Words("so")).chains == ()


def test_a_claim_in_one_step_has_what_it_is_given() -> None:
    """A lemma that a step names would not be asked for."""
    fact = Fact(z, "≤", t)
    one = claim("p", z, "≤", t, because="given", uses=Uses(fact), given=(fact,))
    assert one.proof == (Step("p", t, "given", "≤", None, Uses(fact)),)
    assert (one.given, claim("p", z, "≤", t, SAME).proof) == ((fact,), (SAME,))
    assert claim("p", z, "≤", t, because="so", certificate=u).proof == (Step("p", t, "so", "≤", u),)


def test_facts_are_turned_to_zero() -> None:
    """A hypothesis would be told to a prover the wrong way round."""
    turned = {"=": (z - t, "="), "≠": (z - t, "≠"), "≥": (z - t, "≥"), ">": (z - t, ">")}
    turned |= {"≤": (t - z, "≥"), "<": (t - z, ">")}
    assert {relation: Fact(z, relation, t).difference for relation in turned} == turned  # type: ignore[arg-type]
    assert Fact(x[k], "≤", t, {k: n}).replaced({t: u}) == Fact(x[k], "≤", u, {k: n})
    assert Fact(z, "≤", t).symbols == {z, t}


def test_an_extremum_is_its_claims() -> None:
    """An infimum would be claimed to be attained, or a minimum not to be."""
    kinds = {"minimum": "≥=", "maximum": "≤=", "infimum": "><", "supremum": "<>"}
    for kind, relations in kinds.items():
        each = Extremum("e", kind, z, (z, t), t, (SAME,), {z: s, t: s}, margin=u, near=(SAME,), only=True)  # type: ignore[arg-type]
        bound, reached, *only = each.claims
        assert bound.relation + reached.relation == relations
        end = {"infimum": t + u, "supremum": t - u}.get(kind, t)
        assert (bound.right, reached.right, reached.exists) == (t, end, {z: s, t: s})
        assert [(one.name, one.left, one.right) for one in only] == [
            ("e: only there, z", z, s),
            ("e: only there, t", t, s),
        ]
        assert all(one.given == (Fact(z, "=", t),) for one in only)
        assert [one.chains[0].steps[0].because for one in only] == ["the bound is attained only so"] * 2
        names = ["e: bound", "e: attained" if end is t else "e: no better bound"]
        assert [bound.name, reached.name] == names


def test_steps_add_up_to_the_weakest_relation() -> None:
    """A chain would claim more than its steps."""
    for relations, whole in {"≥>": ">", "≥=": "≥", "<≤": "<", "≠": "≠", "=≠=": "≠", "==": "="}.items():
        assert Chain("", t, tuple(Step(r, t, "", r) for r in relations)).relation == whole  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="the steps of c go both ways"):
        _ = Chain("c", t, (Step("a", t, "", "≠"), Step("b", t, "", "≤"))).relation


def test_values_are_put_in_for_symbols_and_entries() -> None:
    """A bound index would be captured, or entries stay where others are put in."""
    assert put(z + t, {z: t, t: 1}) == t + 1
    assert put(x[k] + x[1], {x: lambda at: y[at] ** 2}) == y[k] ** 2 + y[1] ** 2
    assert text(put(total(lambda k: x[k] * t, n), {t: k, x: lambda at: at})) == "Sum(k*k, (k, 1, n))"
    assert put(3, {}) == sympy.Integer(3)
    assert total_over(x[k] * t, {}) == x[k] * t
    assert text(total_over(x[k] * t, {k: n})) == "Sum(t*x[k], (k, 1, n))"


def test_symbols_are_declared_as_they_are_named() -> None:
    """A claim would be of other numbers than its page says."""
    size, depth, place = dimension("n"), natural("m"), index("k")
    assert all(s.is_integer and s.is_positive for s in (size, place))
    assert (depth.is_integer, depth.is_nonnegative, depth.is_positive) == (True, True, None)
    for names, real, positive in ((reals("a b"), True, None), (positives("a b"), True, True)):
        assert [str(name) for name in names] == ["a", "b"]
        assert {(name.is_real, name.is_positive, name.is_integer) for name in names} == {(real, positive, None)}
    for base in (*arrays("a"), array("a", size)):
        assert (str(base), base[1].is_real, base[1].is_positive) == ("a", True, None)
    for base in (*arrays("a", positive=True), array("a", size, positive=True)):
        assert base[1].is_positive
    assert array("a", size, 2).shape == (size, 2)


def test_a_case_is_shown_under_the_name_of_its_variable() -> None:
    """Who reads a refusal would not find the variable in it."""
    halves = Cases((Case(Fact(z, ">", 1), (Step("above", t, ""),)), Case(Fact(z, "≤", 1), (Step("below", t, ""),))))
    shown = {
        refusal.step: refusal.left
        for refusal in check(replace(EXAMPLE, claims=(PROVED, Claim("q", z**2, "=", t, halves)))).refusals
    }
    assert (shown["above"], shown["below"]) == ("(z + 1)**2", "(1 - z)**2")


def test_a_bound_index_is_equal_to_no_other() -> None:
    """An index of one sum would be that of another, or not count from 1."""
    i = fresh("i")
    assert (str(i.name), i.is_integer, i.is_positive) == ("i", True, True)
    assert i not in (index("i"), fresh("i"))
    with pytest.raises(ValueError, match="shorter"):
        paired((i, k), (n,))


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"claims": (replace(ONE, proof=(SAME, SAME)),)}, "two steps of one name: same"),
        ({"planted": ()}, "wrong steps are planted"),
        ({"planted": (*PLANTED, WrongStep("v", "none", 1))}, "wrong steps are planted"),
        ({"untied": ""}, "it is tied to the code, or says why not"),
        ({"ties": (Comparison("c", (), abs, abs),)}, "it is tied to the code, or says why not"),
        ({"statement": "A theorem."}, "it has claims, or a statement that is cited"),
        ({"counts": (Comparison("same", (), abs, abs),)}, "two steps of one name: same"),
    ],
)
def test_a_derivation_that_is_not_one_is_an_error(fields: dict[str, Any], why: str) -> None:
    """A page would show what nothing checks."""
    whole: dict[str, Any] = {"planted": PLANTED, "claims": (ONE,), "untied": "an example"}
    with pytest.raises(ValueError, match=f"^d: {why}"):
        Derivation("d", "", **{**whole, **fields})


# The badge


def test_words_and_citations_weaken_the_whole() -> None:
    """A page would say 'proved' of what nothing checks."""
    of, (proved,) = EXAMPLE, EXAMPLE.single_claims
    assert (check(of).badge, check(of).weakest, check(of).holds) == (Badge.PROVED, "", True)
    worded = replace(of, worded=(Worded("w", "it is so", "because"),))
    assert (check(worded).badge, check(worded).weakest, check(worded).holds) == (Badge.WORDS, "w", True)
    for proof, badge in ((Words("because"), Badge.WORDS), (Cited("someone"), Badge.CITED)):
        outcome = check(replace(of, claims=(proved, claim("other", exp(z), ">", z, proof=proof))))
        assert (outcome.badge, outcome.weakest, outcome.holds) == (badge, "other", False)
        ((refusal),) = outcome.refusals
        assert (refusal.left, refusal.relation, refusal.right) == ("exp(z)", ">", "z")


@pytest.mark.parametrize(
    ("before", "step", "found"),
    [
        (
            sqrt(2),
            Step("a", Rational(3, 2), ""),
            (("general", "instances", "numeric"), (), ": 1.4142136 against 1.5000000"),
        ),
        (z**2, Step("a", z**2 + 1, "", "<"), ((), ("z3",), "")),
        (z**2, Step("a", 2 * z - 1, "", "≥", (z - 1) ** 2), ((), ("certificate", "z3"), "")),
        (z**2 + 1, Step("a", z, "", "≠"), ((), ("z3",), "")),
        (z**2, Step("a", 0, "", "≥", z**2 + 1), (("general", "instances", "numeric"), ("certificate", "z3"), "")),
        (exp(z), Step("a", z, "", ">", z**2), (("general", "instances", "numeric", "sign"), ("certificate", "z3"), "")),
        (exp(z), Step("a", z**2, "", "≥", exp(z)), (("general", "instances", "numeric"), ("certificate",), None)),
    ],
)
def test_a_step_is_judged_by_its_kind(before: Any, step: Step, found: tuple[Any, Any, str | None]) -> None:
    """A certificate of another difference would do, or a counterexample would not be shown."""
    judgement = judge(before, step, Setting("s"))
    assert (judgement.failed, judgement.provers) == found[:2]
    assert found[2] is None or judgement.where == found[2]


def test_z3_speaks_against_a_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    """A prover that is wrong would have the last word, though another has a counterexample."""
    certified = Step("a", 0, "", "≥", x[k] ** 2)
    assert judge(x[k] ** 2, certified, Setting("s", {k: n})).failed == ()
    monkeypatch.setattr(solver, "proves", lambda question: False)
    monkeypatch.setattr(
        solver, "refutes", lambda question: (question.difference, question.relation) == (x[k] ** 2, "≥")
    )
    assert judge(x[k] ** 2, certified, Setting("s", {k: n})) == Judgement(("z3",), ("certificate",))


@pytest.mark.parametrize(
    "proof", [(), Cases((Case(Fact(z, "≥", 0), ()), Case(Fact(z, "<", 0), (Step("below", z, ""),))))]
)
def test_a_proof_has_steps(proof: Any) -> None:
    """What nobody argued for would be proved."""
    refusals = check(replace(EXAMPLE, claims=(PROVED, Claim("q", t, "=", z, proof)))).refusals
    assert Refusal("q", ("end",), "t", "=", "z", "no steps") in refusals


def test_a_comparison_that_fails_is_shown_with_both_sides() -> None:
    """Who reads it would have to count for himself."""
    counted = Comparison("count", (1, 2), lambda case: case, lambda case: case**2)
    outcome = check(replace(EXAMPLE, counts=(counted,)))
    assert outcome.refusals == (Refusal("count", ("count",), "2: 2", "=", "4"),)
    assert (outcome.badge, outcome.weakest, outcome.provers) == (Badge.REFUSED, "count", {"same": IDENTITY})
    assert 0 <= outcome.seconds < 60

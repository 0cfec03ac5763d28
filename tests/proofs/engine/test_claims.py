"""Claims as data, and the setting that they are judged in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sympy
from sympy import Abs, Rational, Sum, Symbol, exp, log, oo, sqrt

from proofs.engine.badges import Badge
from proofs.engine.check import check
from proofs.engine.check.defined import undefined
from proofs.engine.check.setting import Setting
from proofs.engine.check.steps import judge
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
    Partial,
    array,
    arrays,
    dimension,
    index,
    natural,
    phi,
    positives,
    reals,
    relu,
    text,
    total,
    total_over,
)

n, q, m = dimension("n"), dimension("q"), natural("m")
i, j, k = index("i"), index("j"), index("k")
(s, t, z), (u, v), level = reals("s t z"), positives("u v"), Symbol("c", nonnegative=True)
x, y, endless = array("x", n), array("y", n), array("e", oo)
HALF = Rational(1, 2)
SAME = Step("same", t, "")
PLANTED = (WrongStep("w", "same", -1),)
ONE = Claim("p", t + 0 * s, "=", t, (SAME,))


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
    proved = claim("p", z * (z + 1), "=", z**2 + z, Step("same", z**2 + z, ""))
    of = Derivation("d", "", PLANTED, (proved,), untied="an example")
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


# What is defined


@pytest.mark.parametrize(
    ("expr", "problems"),
    [
        (1 / u + log(v) + sqrt(level) + u**z + 2**z + level ** Rational(3, 2), []),
        (level**-1, ["c ≠ 0 is not shown, which 1/c needs"]),
        (z**HALF, ["z ≥ 0 is not shown, which sqrt(z) needs"]),
        (level**-HALF, ["c > 0 is not shown, which 1/sqrt(c) needs"]),
        (level**z, ["c > 0 is not shown, which c**z needs"]),
        (log(level), ["c > 0 is not shown, which log(c) needs"]),
        (log(1 + z**2) + (exp(z) + 1) ** -2, []),
        (x[k] + x[1] + endless[k + 3], []),
        (x[j], ["j of x[j] is not shown to be at most n"]),
        (x[2], ["2 of x[2] is not shown to be at most n"]),
        (x[0], ["0 of x[0] is not shown to be at most n"]),
        (endless[m], ["m of e[m] is not shown to be at most oo"]),
        (arrays("W")[0][1], ["the shape of W is not declared"]),
        (total(lambda a: x[a] / u, n), []),
        (Sum(x[i], (i, 2, n)), ["i of x[i] is not shown to be at most n"]),
        (Sum(1, (i, m, n)), ["the sum over i begins at m, though i is declared to be 1 or more"]),
        (Sum(1, (i, 1, u)), ["the sum over i does not run through whole numbers"]),
        (Partial(Abs(u) + relu(u), u), []),
        (Partial(relu(z), z), ["there is a kink where z = 0"]),
        (Partial(sympy.sign(t - z), z), ["there is a kink where t - z = 0"]),
        (Partial(sympy.sign(t), z), []),
        (
            Partial(sqrt(level), level),
            ["c may lie on the boundary of its domain, where there is no derivative", "there is a kink where c = 0"],
        ),
        (Partial(phi(z) + phi(t), t), ["phi(t) may have a kink"]),
        (Partial(Abs(x[k]), x[1]), ["there is a kink where x[k] = 0"]),
        (Partial(sympy.Piecewise((1, z > t), (0, True)), z), ["there is a kink where t - z = 0"]),
        (sympy.zeta(z), ["zeta(z) has no meaning here"]),
    ],
)
def test_what_is_not_defined_is_said(expr: Any, problems: list[str]) -> None:
    """A claim would be made of what has no value, or a true one be refused."""
    assert undefined(expr, Setting("s", {k: n})) == problems


def test_hypotheses_and_least_sizes_define() -> None:
    """1/z could not be written where z > 0, nor the second entry where there are two."""
    assert undefined(1 / z + log(z), Setting("s", given=(Fact(z, ">", 0),))) == []
    assert undefined(x[2], Setting("s", smallest={n: 2})) == []
    assert undefined(x[3], Setting("s", smallest={n: 2})) == ["3 of x[3] is not shown to be at most n"]


# The setting


def test_points_meet_the_hypotheses() -> None:
    """A step would be refuted where it does not claim anything, or tried nowhere."""
    setting = Setting("s", {k: n}, given=(Fact(z, ">", t), Fact(x[k], "≥", 0, {k: n})))
    points = [*setting.points((x[k] * z, t)), *setting.corners((x[k] * z, t))]
    assert len(points) >= 3
    for point in points:
        assert point.rational(z, z) > point.rational(t, t)
        assert all(point.rational((x, at), x[at]) >= 0 for at in range(1, point.indices[n] + 1))
        assert 1 <= point.indices[k] <= point.indices[n]
    first, *_ = Setting("s", {k: n}).points((x[k],))
    assert first.indices[n] == 4
    assert len(Setting("s").points((z,))) == 3
    assert Setting("s").points((log(-u),)) == []
    (given, *_) = Setting("s", {k: n}, example={n: 2, x: 7, z: HALF}, given=(Fact(z, "=", HALF),)).points((x[k], z))
    assert (given.indices[n], given.fixed[x], given.rational(z, z)) == (2, 7, HALF)


def test_a_setting_has_what_its_hypotheses_give() -> None:
    """A hypothesis would be asked for its sign, and not know it."""
    setting = Setting("s", {k: n}, given=(Fact(x[k], ">", 0, {k: n}), Fact(z, "≤", t), Fact(s, "=", 1)))
    assert [(known.expr, known.strict, known.indices) for known in setting.known] == [
        (x[k], True, (k,)),
        (t - z, False, ()),
    ]
    asked = replace(setting, smallest={n: 2}).question(z, ">")
    assert asked.given == ((t - z, "≥"), (s - 1, "="))
    assert (asked.known, asked.ranges, asked.smallest) == (setting.known, {k: n}, {n: 2})
    for difference, relation in (
        (x[1], ">"),
        (x[1], "≥"),
        (x[1], "≠"),
        (-x[1], "≠"),
        (t - z, "≥"),
        (s, ">"),
        (s - 1, "="),
    ):
        assert setting.has(difference, relation)
    for difference, relation in ((t - z, ">"), (t - z, "≠"), (z, "≥"), (endless[1], ">")):
        assert not setting.has(difference, relation)
    assert setting.within(((j, 1, q), (i, 2, n))).ranges == {k: n, j: q}

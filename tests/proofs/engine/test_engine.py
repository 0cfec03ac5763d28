"""The checks of the derivations: what sympy does silently, what they do instead, and that each of them can fail."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sympy
from sympy import Abs, KroneckerDelta, Rational, exp, log, oo, sqrt

from ffn.numbers.ball import working_precision
from proofs.chapters.code_on_symbols import shipped
from proofs.engine import instances
from proofs.engine.badges import Badge
from proofs.engine.check import check, refused_by
from proofs.engine.check.setting import Setting
from proofs.engine.check.steps import failed_checks as checks_of_a_step
from proofs.engine.derivation import (
    Chain,
    Claim,
    Comparison,
    Derivation,
    Fact,
    Induction,
    Step,
    Uses,
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
    positives,
    reals,
    sigmoid,
    text,
    total,
)
from proofs.engine.provers import normal, numeric
from proofs.engine.provers.point import Point

n, m = dimension("n"), dimension("m")
i, j, k = index("i"), index("j"), index("k")
x = array("x", n)
(W,) = arrays("W")
(t,) = reals("t")
(u,) = positives("u")
RANGES = {i: n, j: n, k: n}


def failed_checks(before: Any, step: Step, example: Derivation) -> tuple[str, ...]:
    return checks_of_a_step(before, step, Setting(example.name, example.ranges, example.smallest))


def derivation(start: Any, *steps: Step, declared: Badge = Badge.PROVED, **fields: Any) -> Derivation:
    """A derivation of one claim, with as little as it may have."""
    relation = Chain("chain", start, steps).relation
    return Derivation(
        name="an example",
        source="",
        badge=declared,
        claims=(Claim("claim", start, relation, steps[-1].result, steps),),
        planted=(WrongStep("sign", steps[0].name, -sympy.sympify(steps[0].result)),),
        untied="an example",
        **{"ranges": RANGES, **fields},
    )


# Checks that fail alone


def test_the_numeric_check_refuses_what_a_broken_sympy_lets_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of sympy's would pass all three checks."""
    wrong = Step("wrong", total(lambda i: x[i] ** 2, n) + 1, "")
    example = derivation(total(lambda i: x[i] ** 2, n), wrong)
    monkeypatch.setattr(normal, "vanishes", lambda expr, ranges: True)
    monkeypatch.setattr(instances, "is_zero", lambda expr: True)
    assert failed_checks(example.all_chains[0].start, wrong, example) == ("numeric",)


def test_the_numeric_check_differentiates_on_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong rule of the calculus would be checked against itself."""
    monkeypatch.setattr(sympy, "diff", None)
    wrong, right = Step("wrong", t**2, ""), Step("right", 3 * t**2, "")
    example = derivation(Partial(t**3, t), right)
    monkeypatch.setattr(normal, "vanishes", lambda expr, ranges: True)
    monkeypatch.setattr(instances, "equal_in_instances", lambda *arguments: True)
    assert failed_checks(Partial(t**3, t), wrong, example) == ("numeric",)
    assert failed_checks(Partial(t**3, t), right, example) == ()


def test_the_numeric_evaluator_calls_nothing_of_sympys(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would share the errors that it is there to catch."""

    def called(*arguments: Any, **options: Any) -> Any:
        raise AssertionError("sympy was asked")

    expr = total(lambda i: exp(x[i]) * KroneckerDelta(i, k), n) + Abs(t) + Partial(log(u) / u, u)
    for name in ("doit", "diff", "subs", "evalf", "simplify", "xreplace", "replace"):
        monkeypatch.setattr(sympy.Basic, name, called, raising=False)
    point = Point({n: 3, k: 2}, "seed")
    assert numeric.is_sharp(expr, point)


def test_a_claim_that_holds_from_2_on_is_refused() -> None:
    """Small sizes, where edge cases are, would go unchecked: they are expanded, and are a corner of the domain."""
    claim = Step("claim", total(lambda i: x[i], n) + KroneckerDelta(n, 1), "")
    example = derivation(total(lambda i: x[i], n), claim)
    failed = failed_checks(example.all_chains[0].start, claim, example)
    assert "instances" in failed
    assert "numeric" in failed


def test_a_claim_that_holds_up_to_3_is_refused_by_the_other_checks() -> None:
    """'n ≤ 3' would be taken for 'for every n': the numeric check goes one size further."""
    vanishing = (n - 1) * (n - 2) * (n - 3)
    claim = Step("claim", total(lambda i: x[i], n) + vanishing, "")
    example = derivation(total(lambda i: x[i], n), claim)
    assert failed_checks(example.all_chains[0].start, claim, example) == ("general", "numeric")
    assert check(example).badge is Badge.REFUSED


def test_a_second_derivative_by_differences_has_its_50_digits() -> None:
    """The differences would lose what the radius promises: e^u log u at a random rational."""
    point = Point({}, "seed")
    second = exp(u) * (log(u) + 2 / u - 1 / u**2)
    assert numeric.agree(Partial(Partial(exp(u) * log(u), u), u), second, point)
    with working_precision(numeric.BITS):
        off = numeric.evaluate(second + Rational(1, 10**49), point)
        assert not numeric.evaluate(Partial(Partial(exp(u) * log(u), u), u), point).overlaps(off)


def test_what_has_no_value_at_a_point_is_not_judged_there() -> None:
    """A step would pass or fail at a kink or a pole, where neither side says anything."""
    point = Point({}, "seed", {t: -Point({}, "seed").rational(t, t)})
    assert not numeric.is_sharp(sympy.sign(t), point)
    assert not numeric.is_sharp(1 / t, point)
    assert not numeric.is_sharp(log(t), point)
    assert numeric.is_sharp(Abs(t), point)


# Badges


def test_a_badge_is_the_weakest_that_holds() -> None:
    """One step shown for n ≤ 3 alone would leave 'for every n' on the whole: Σ i = n(n + 1)/2 needs induction."""
    steps = Step("factor", t * total(lambda i: i, n), ""), Step("Gauss", t * n * (n + 1) / 2, "")
    outcome = check(derivation(total(lambda i: t * i, n), *steps))
    assert outcome.badge is Badge.INSTANCES
    assert not outcome.holds
    assert [(refusal.step, refusal.checks) for refusal in outcome.refusals] == [("Gauss", ("general",))]
    assert check(derivation(total(lambda i: t * i, n), *steps, declared=Badge.INSTANCES)).holds


def test_what_only_numbers_show_is_numerical(monkeypatch: pytest.MonkeyPatch) -> None:
    """An identity that no algebra here shows would be refused, or be taken for proved."""
    monkeypatch.setattr(instances, "is_zero", lambda expr: False)
    steps = (Step("denest", 1 + sqrt(2), ""),)
    assert check(derivation(sqrt(3 + 2 * sqrt(2)), *steps, declared=Badge.NUMERICAL)).badge is Badge.NUMERICAL


def test_a_cited_theorem_stays_cited() -> None:
    """A finite check that goes well would make a proof of it."""
    count = Comparison("count", (1, 2), lambda case: case, lambda case: case)
    planted = (WrongStep("wrong", "count", claimed=lambda case: case + 1),)
    cited = Derivation(
        name="cited", source="", statement="A theorem.", planted=planted, counts=(count,), untied="cited"
    )
    assert (check(cited).badge, check(cited).weakest) == (Badge.CITED, "the theorem")
    assert refused_by(cited, cited.planted[0]) == ("count",)
    assert refused_by(cited, WrongStep("right", "count")) == ()


# Comparisons


def test_a_comparison_refuses_another_value_and_another_shape() -> None:
    """A tie to the code would hold whatever the code returns."""
    example = tied(lambda case: [shipped("sigmoid", "value")(case * t)])
    assert check(example).holds
    for claimed in (lambda case: [sigmoid(-case * t)], lambda case: [[sigmoid(case * t)]]):
        assert refused_by(example, WrongStep("wrong", "tie", claimed=claimed)) == ("code",)


def tied(computed: Any, code: str = "ffn.network.activations.sigmoid", cases: tuple[int, ...] = (1, 2)) -> Derivation:
    """A derivation that is tied to σ."""
    tie = Comparison("tie", cases, computed, lambda case: [sigmoid(case * t)], code)
    return replace(derivation((t + 1) * t, Step("expand", t**2 + t, "")), ties=(tie,), untied="")


@pytest.mark.parametrize(
    ("example", "why"),
    [
        (tied(lambda case: [sigmoid(case * t)]), "entered"),
        (tied(lambda case: [shipped("softplus", "slope")(case * t)], "ffn.network.activations.softplus"), "entered"),
        (tied(lambda case: [shipped("sigmoid", "value")(case * t)], "ffn"), "entered"),
        (tied(lambda case: [shipped("sigmoid", "value")(case * t)], cases=()), "code"),
    ],
    ids=["the formula itself", "another function", "no function", "no case"],
)
def test_a_tie_enters_the_code_that_it_names(example: Derivation, why: str) -> None:
    """A formula would be compared with itself, and a page would say that the code has it."""
    assert [refusal.checks for refusal in check(example).refusals] == [(why,)]


def test_code_is_called_with_the_symbols_that_the_formula_becomes() -> None:
    """Both sides of a tie would speak of different variables."""
    formula = instances.formula(total(lambda j: W[i, j] * x[j], n), {i: m}, (m, n))
    assert (formula((2, 3)) == instances.entries(W, 2, 3) @ instances.entries(x, 3)).all()


# The data


def test_a_derivation_that_plants_nothing_is_an_error() -> None:
    """Nobody would see that its checks can fail."""
    with pytest.raises(ValueError, match="wrong steps are planted"):
        replace(derivation(t, Step("same", t + 0, "")), planted=())


def test_a_wrong_step_that_replaces_none_is_an_error() -> None:
    """It would be refused by not being found."""
    with pytest.raises(ValueError, match="wrong steps are planted"):
        replace(derivation(t, Step("same", t + 0, "")), planted=(WrongStep("sign", "another", -t),))


def test_a_wrong_step_is_the_step_but_for_what_is_wrong() -> None:
    """It would be refused for another reason than the one that it is planted for."""
    step = Step("a", t, "so", "≤", t**2)
    assert WrongStep("w", "a", result=u).instead_of(step) == replace(step, result=u)
    assert WrongStep("w", "a", result=sympy.S.Zero).instead_of(step) == replace(step, result=0)
    assert WrongStep("w", "a", relation="<").instead_of(step) == replace(step, relation="<")
    assert WrongStep("w", "a", certificate=u).instead_of(step) == replace(step, certificate=u)


def test_a_derivation_is_tied_or_says_why_not() -> None:
    """A formula could part from the code unnoticed."""
    with pytest.raises(ValueError, match="tied"):
        replace(derivation(t, Step("same", t + 0, "")), untied="")


def test_an_index_of_a_claim_ends() -> None:
    """Small sizes could not be tried, and the check would break off."""
    one = claim("p", t, "≤", t + 1, because="as it is")
    with pytest.raises(ValueError, match="d: k has no end, which an index of a claim needs"):
        Derivation("d", "", (WrongStep("w", "p", 1),), (one,), untied="an example", ranges={index("k"): oo})


def test_an_induction_is_not_over_an_index() -> None:
    """Its hypothesis would be used at other depths: of m(t − B) ≤ 0 at all of them, with weights."""
    m, k, q, far = natural("m"), index("k"), dimension("q"), 10**6
    (z,) = reals("z")
    weight = (m + 1) / total(lambda a: a, q)
    uses = Uses(at={m: k}, weight=weight, over={k: q})
    one = claim(
        "p",
        m * (t - far) + (z + t) ** 2,
        "≤",
        (z + t) ** 2,
        proof=Induction(
            m, (Step("b", z**2 + 2 * z * t + t**2, ""),), (Step("h", (z + t) ** 2, "", "≤", uses=uses),), 0
        ),
    )
    of = Derivation("d", "", (WrongStep("w", "b", 7),), (one,), untied="an example", ranges={m: q, k: q})
    assert "m is an index" in {refusal.where for refusal in check(of).refusals}


def test_a_fact_over_an_index_of_another_range_is_not_put_in() -> None:
    """Its derivative would be carried out over the range that the index has elsewhere."""
    q, s = dimension("q"), reals("s")[0]
    endless = array("e", oo)
    fact = Fact(Partial(total(lambda a: a * endless[a], q), endless[k]) * s, "≤", 10**6, {k: n})
    step = Step("u", 10**6, "", "≤", uses=Uses(fact, {k: j}))
    one = claim("p", s * j, "≤", 10**6, step, given=(fact,))
    of = Derivation("d", "", (WrongStep("w", "u", 7),), (one,), untied="an example", ranges={k: q, j: n})
    assert [refusal.checks for refusal in check(of).refusals][-1] == ("premise",)


def test_a_chain_adds_up_its_relations() -> None:
    """A theorem read off its chain would claim '=' or '<' for '≤'."""
    weak, strict, equality = (Step(relation, t, "", relation) for relation in ("≤", "<", "="))
    assert Chain("", t, (equality,)).relation == "="
    assert Chain("", t, (equality, weak)).relation == "≤"
    assert Chain("", t, (weak, strict)).relation == "<"
    with pytest.raises(ValueError, match="both ways"):
        _ = Chain("", t, (weak, Step("≥", t, "", "≥"))).relation


def test_text_shows_the_names_of_indices() -> None:
    """A refusal would be read with the marks of sympy's dummies."""
    assert text(total(lambda i: x[i] ** 2, n)) == "Sum(x[i]**2, (i, 1, n))"
    assert text(Partial(t**2, t)) == "∂[t**2]/∂t"

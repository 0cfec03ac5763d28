"""What a step may use: equal entries are put in for one another where that is allowed, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sympy import exp, log, oo

from proofs.engine.check.setting import Setting
from proofs.engine.check.steps import failed_checks
from proofs.engine.derivation import Claim, Fact, Step, Uses, Words
from proofs.engine.notation import Partial, array, dimension, g, index, natural, positives, reals, total
from proofs.engine.notation.layers import WEIGHT, WIDTH, Loss, vector_of

n, q, m = dimension("n"), dimension("q"), natural("m")
j, k = index("j"), index("k")
x, y, table = array("x", n), array("y", n), array("W", n, n)
EQUAL = Fact(x[k], "=", y[k], {k: n})
COLUMNS = Fact(table[k, 1], "=", table[k, j], {k: n})
entering, other = array("v", WIDTH[m + 1]), array("w", WIDTH[m + 1])
ENTERING = Fact(entering[k], "=", other[k], {k: WIDTH[m + 1]})
SOME, DIAGONAL = Fact(x[k], "=", y[k], {k: m}), Fact(table[k, k], "=", 0, {k: n})
TRUE = {
    "inside a function, under a sum": (total(lambda i: g(x[i]), n), total(lambda i: g(y[i]), n), EQUAL),
    "in a denominator": (1 / (1 + exp(x[j])), 1 / (1 + exp(y[j])), EQUAL),
    "in a function of a vector": (
        Loss(m, vector_of(lambda i: entering[i])),
        Loss(m, vector_of(lambda i: other[i])),
        ENTERING,
    ),
    "a column for a column": (g(total(lambda i: table[i, 1], n)), g(total(lambda i: table[i, j], n)), COLUMNS),
}
FALSE = {
    "under a derivative": (Partial(g(x[j]), x[j]), Partial(g(y[j]), x[j]), EQUAL),
    "beyond the entries that are equal": (total(lambda i: g(x[i]), n), total(lambda i: g(y[i]), n), SOME),
    "off the diagonal": (total(lambda i, p: g(table[i, p]), n, n), n**2 * g(0), DIAGONAL),
    "from right to left, and left alone": (g(x[j]) * g(y[j]), g(y[j]) * g(x[k]), EQUAL),
    "another column": (g(table[k, 2]), g(table[k, j]), COLUMNS),
}


def premises(before: Any, result: Any, fact: Fact) -> tuple[str, ...]:
    (size,) = fact.over.values()
    setting = Setting(
        "an example", {j: n, k: size}, given=(fact,), example=dict.fromkeys((x, y, table, entering, other), 1)
    )
    return failed_checks(before, Step("put in", result, "", uses=Uses(fact)), setting)


@pytest.mark.parametrize("case", TRUE.values(), ids=TRUE)
def test_equal_entries_stand_for_one_another(case: tuple[Any, Any, Fact]) -> None:
    """That two equal units have equal gradients could not be said: their weights stand inside of the activation."""
    assert premises(*case) == ()


@pytest.mark.parametrize("case", FALSE.values(), ids=FALSE)
def test_nothing_else_is_put_in(case: tuple[Any, Any, Fact]) -> None:
    """A derivative by an entry, or an entry that the fact does not reach, would become another."""
    assert "premise" in premises(*case)


# What is used as it stands: a fact, or a claim with values for its variables

(t, z), (u, v) = reals("t z"), positives("u v")
a, b, endless = array("a", n, positive=True), array("b", n, nonnegative=True), array("e", oo)
BELOW, EVERY = Fact(z, "≤", t), Fact(x[k], "≤", t, {k: n})
STRICTLY, SQUARE = Fact(z, "<", t), Fact(z**2, "=", t)
WORDS = Words("as an example")
LOG = Claim("log", log(u), "≤", u - 1, WORDS)
OF_ENTRIES = Claim("entries", log(a[j]), "≤", a[j] - 1, WORDS)
OF_ROOTS = Claim("roots", t, "≥", t - b[j], WORDS)
UNDER = Claim("under", z**2, "≤", z, WORDS, given=(Fact(z, "≥", 0), Fact(z, "≤", 1)))
SOMEWHERE = Claim("somewhere", z, "≥", t, WORDS, exists={z: t})
OF_SIZES = Claim("sizes", m, "≥", 0, WORDS)
OF_LAYER = Claim("a layer", WEIGHT[m + 1, 1, 1], "≤", t, WORDS)
OF_INDICES = Claim("indices", table[j, k], "≤", t, WORDS)

FOLLOWS = {
    "as it is given": (z, "≤", t, Uses(BELOW)),
    "a weight that is not negative": (z * z**2, "≤", t * z**2, Uses(BELOW, weight=z**2)),
    "strictly, with a positive weight": (z * u, "<", t * u, Uses(STRICTLY, weight=u)),
    "strictly, for a weak step": (z * u, "≤", t * u, Uses(STRICTLY, weight=u)),
    "an equality with any weight": (-z * z**2, "=", -z * t, Uses(SQUARE, weight=-z)),
    "an equality for a weak step": (-(z**3), "≤", -z * t, Uses(SQUARE, weight=-z)),
    "of every entry, one": (x[j], "≤", t, Uses(EVERY, {k: j})),
    "with weights, summed": (
        total(lambda i: a[i] * x[i], n),
        "≤",
        total(lambda i: a[i] * t, n),
        Uses(EVERY, {}, a[k], {k: n}),
    ),
    "a lemma at a positive value": (log(u * v), "≤", u * v - 1, Uses(LOG, {u: u * v})),
    "a lemma at an entry": (log(a[j]), "≤", a[j] - 1, Uses(LOG, {u: a[j]})),
    "a lemma of entries": (log(a[j] + 1), "≤", a[j], Uses(OF_ENTRIES, {a: lambda i: a[i] + 1})),
    "a lemma of entries that may be 0": (t, "≥", t - z**2, Uses(OF_ROOTS, {b: lambda i: z**2})),
    "a lemma whose hypotheses are met": ((1 + u) ** -2, "≤", 1 / (1 + u), Uses(UNDER, {z: 1 / (1 + u)})),
    "a lemma at other indices": (table[k, j], "≤", t, Uses(OF_INDICES, {j: k, k: j})),
}
LEFT = {
    "not given": (z, "≤", u, Uses(Fact(z, "≤", u))),
    "turned": (t, "≤", z, Uses(BELOW)),
    "a weak fact for a strict step": (z, "<", t, Uses(BELOW)),
    "a weight of any sign": (z * z, "≤", t * z, Uses(BELOW, weight=z)),
    "strictly, with a weight that may be 0": (z * x[j] ** 2, "<", t * x[j] ** 2, Uses(STRICTLY, weight=x[j] ** 2)),
    "values for what a hypothesis is about": (u, "≤", t, Uses(BELOW, {z: u})),
    "another entry than an index of it": (x[1], "≤", t, Uses(EVERY, {k: 1})),
    "a sum for a single entry": (x[j], "≤", t, Uses(EVERY, {k: j}, 1, {k: n})),
    "a lemma at a value of any sign": (log(z), "≤", z - 1, Uses(LOG, {u: z})),
    "a lemma at what may be 0": (log(x[j] ** 2), "≤", x[j] ** 2 - 1, Uses(LOG, {u: x[j] ** 2})),
    "a lemma of entries, at any": (log(x[j]), "≤", x[j] - 1, Uses(OF_ENTRIES, {a: lambda i: x[i]})),
    "a lemma of roots, at any": (t, "≥", t - z, Uses(OF_ROOTS, {b: lambda i: z})),
    "a lemma one of whose hypotheses is not met": (u**2, "≤", u, Uses(UNDER, {z: u})),
    "a lemma that something exists": (z, "≥", t, Uses(SOMEWHERE)),
    "a lemma of sizes": (n, "≥", 0, Uses(OF_SIZES, {m: n})),
    "a lemma at a number for an index": (table[1, k], "≤", t, Uses(OF_INDICES, {j: 1})),
    "other weights, which a loss has inside of it": (z, "≤", t, Uses(OF_LAYER, {WEIGHT: lambda *_: z})),
    "a hypothesis of an induction that there is not": (z, "≤", t, Uses()),
}


# What the hypothesis of an induction is used for: for every array and every index, each in its range

HYPOTHESIS = Fact(x[j], "≤", t + endless[1])


@pytest.mark.parametrize(
    ("before", "at", "ranges", "follows"),
    [
        (x[j], {}, {j: n}, True),
        (x[k], {j: k}, {j: n, k: n}, True),
        (x[k], {j: k}, {j: n, k: m}, False),
        (x[k], {j: k}, {j: n}, False),
        (x[j], {}, {j: n + 1}, False),
        (x[j], {}, {j: m}, False),
        (x[1], {j: 1}, {j: n}, False),
        (y[j], {x: lambda i: y[i]}, {j: n}, True),
        (z, {x: lambda i: z}, {j: n}, True),
        (x[j] + t - z, {t: z}, {j: n}, False),
    ],
)
def test_the_hypothesis_of_an_induction_is_for_every_index_in_its_range(
    before: Any, at: Any, ranges: Any, follows: bool
) -> None:
    """It would be used of an entry beyond those that it is about."""
    setting = Setting("s", ranges, induction=HYPOTHESIS, before={j: n}, example={x: 0, y: 0, z: 0, t: 1, endless: 1})
    failed = failed_checks(before, Step("h", t + endless[1], "", "≤", uses=Uses(at=at)), setting)
    assert ("premise" not in failed) is follows


def test_a_hypothesis_of_an_array_keeps_that_of_an_induction_to_it() -> None:
    """It would be used of another array, of which the hypothesis does not hold."""
    step = Step("h", t + endless[1], "", "≤", uses=Uses(at={x: lambda i: y[i]}))
    free = Setting("s", {j: n}, induction=HYPOTHESIS, before={j: n}, example={y: 0, t: 1, endless: 1, a: 1, x: 0})
    assert "premise" not in failed_checks(y[j], step, free)
    assert "premise" not in failed_checks(y[j], step, replace(free, given=(Fact(a[1], ">", 0),)))
    assert "premise" in failed_checks(y[j], step, replace(free, given=(Fact(x[k], "≤", 0, {k: n}),)))


def test_a_lemma_is_of_the_indices_that_it_was_shown_for() -> None:
    """In the step of an induction, where an index runs one further, it would be used of the one beyond."""
    lemma = Claim("lemma", endless[j], "≤", t, WORDS)
    step = Step("l", t, "", "≤", uses=Uses(lemma))
    at = Setting("s", {j: n, k: n}, before={j: n, k: n}, example={endless: 0, t: 1})
    assert "premise" not in failed_checks(endless[j], step, at)
    assert "premise" in failed_checks(endless[j], step, replace(at, ranges={j: n + 1, k: n}))
    moved = replace(step, uses=Uses(lemma, {j: k}))
    assert "premise" not in failed_checks(endless[k], moved, replace(at, ranges={j: n + 1, k: n}))
    assert "premise" in failed_checks(endless[k], moved, replace(at, ranges={j: n, k: n + 1}))
    summed = Step("l", q * t, "", "≤", uses=Uses(lemma, over={j: q}))
    assert "premise" in failed_checks(total(lambda i: endless[i], q), summed, at)


def judged(before: Any, relation: Any, result: Any, uses: Uses) -> tuple[str, ...]:
    setting = Setting("an example", {j: n, k: n}, given=(BELOW, EVERY, STRICTLY, SQUARE), example={x: -1, z: -1, t: 1})
    return failed_checks(before, Step("used", result, "", relation, uses=uses), setting)


@pytest.mark.parametrize("name", FOLLOWS)
def test_a_step_follows_from_what_it_uses(name: str) -> None:
    """A lemma could not be used where it holds."""
    assert "premise" not in judged(*FOLLOWS[name])


@pytest.mark.parametrize("name", LEFT)
def test_a_step_does_not_follow(name: str) -> None:
    """A lemma would be used outside of its domain, or for more than it says."""
    assert "premise" in judged(*LEFT[name])

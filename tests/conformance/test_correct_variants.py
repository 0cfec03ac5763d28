"""Every standard algorithm is admitted: no correct implementation is rejected.

Claim: other summation orders, blocked, pairwise, compensated and fused sums, wider accumulators, the usual other forms
of activations, slopes, losses and means, each choice at a kink or tie, and flushed subnormals break no law in any
precision, and in a thorough run at none of ten seeds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import count
from typing import Any

import numpy as np
import pytest

from ffn import admissible
from ffn.admissible import AdmissibleSet, Examination
from ffn.cases.case import Arguments
from ffn.cases.plan import PAIRS
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import Law
from ffn.conformance.laws import ALL
from ffn.conformance.running.runner import run_law
from ffn.conformance.verdict import Judgement, Verdict
from ffn.network.activations import ELEMENTWISE
from ffn.numbers.precision import NAMES, Precision, dtype_of
from tests.conformance.implementations.arithmetic import fused
from tests.conformance.implementations.correct_variants import VARIANTS
from tests.helpers.profiles import DEFAULT, examples

SUBJECTS = tuple(map(Subject, VARIANTS))
# Sums of a thousand terms one by one, or as fractions, take minutes: test_exact_cases has variants for these laws.
# What is remembered between calls is no matter of arithmetic either: test_state has variants of its own.
THOROUGH = examples(DEFAULT).max_examples > DEFAULT
TURNS = 4  # cases of which a variant is judged on one by laws that do not look at numbers
SEEDS, STRENGTH = (tuple(range(10)), PAIRS) if THOROUGH else ((0,), 1)
SMALL = tuple(law for law in ALL if not law.name.startswith("exact/wide") and law.most is None)


class ExaminedOnce:
    """An admissible set that compares equal answers once."""

    def __init__(self, admissible_set: AdmissibleSet) -> None:
        self.set = admissible_set
        self.seen: dict[Any, Examination] = {}

    def examine(self, computed: Any) -> Examination:
        key = bits(computed)
        if key not in self.seen:
            self.seen[key] = self.set.examine(computed)
        return self.seen[key]


def made_once(make: Callable[..., Any]) -> Callable[..., Any]:
    """Every variant is judged on the same cases, so what is made of one is made once."""
    made: dict[Any, Any] = {}

    def lookup(*arguments: Any) -> Any:
        key = tuple(bits(tuple(vars(each).values())) if isinstance(each, Arguments) else each for each in arguments)
        if key not in made:
            made[key] = make(*arguments)
        return made[key]

    return lookup


def bits(given: Any) -> Any:
    """What was given as a key; of arrays, in tuples too, their types, shapes and bytes."""
    if isinstance(given, tuple):
        return tuple(map(bits, given))
    return (given.dtype.str, given.shape, given.tobytes()) if isinstance(given, (np.ndarray, np.generic)) else given


def every_variant(law: Law, turns: int, tried: set[str]) -> Law:
    """The law of all variants together: it fails with the first that fails.

    Of so many cases a variant is judged on one; ``tried`` is told which were.
    """
    cases = count()

    def judge(case: Any, _: Subject, assumed: Precision) -> Judgement:
        turn = next(cases)
        for place, subject in enumerate(SUBJECTS):
            if (place + turn) % turns == 0 and case.dtype in subject.dtypes and law.offered_by(subject):
                tried.add(subject.name)
                judgement = law(case, subject, assumed)
                if judgement.fails:
                    return replace(judgement, message=f"{subject.name}: {judgement.message}")
        return law(case, SUBJECTS[0], assumed)

    return replace(law, judge=judge)


def of_an_activation_without_variants(law: Law) -> bool:
    """Whether the law is one of those that come with an activation, and the textbook does not have that yet."""
    return any(name in ELEMENTWISE and not hasattr(VARIANTS[0], name) for name in law.name.split("/"))


def in_two_dtypes() -> list[tuple[Law, str]]:
    """Every law in a narrow and a wide dtype, in turn: all four take a third of the time of all tests.

    Whether a second call changes anything is no matter of the precision: one will do.
    """
    pairs = (("float16", "float64"), ("bfloat16", "float32"))
    return [(law, d) for place, law in enumerate(SMALL) for d in pairs[place % 2][: 1 if on_calls_alone(law) else 2]]


def on_calls_alone(law: Law) -> bool:
    """Whether the law asks what a call leaves behind: of a variant of arithmetic no case says more than another."""
    return law.chapter == "purity"


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("law", "dtype"), in_two_dtypes(), ids=lambda each: getattr(each, "name", each))
def test_no_variant_is_rejected(law: Law, dtype: str, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it an implementer could be blamed for a choice that is theirs, or at another seed."""
    answering, summed = admissible.answering, admissible.summed_over_pieces

    def of_one_case(*given: Any) -> Any:
        answer = answering(*given)
        return made_once(lambda name: ExaminedOnce(answer(name)))

    monkeypatch.setattr(admissible, "answering", made_once(of_one_case))
    monkeypatch.setattr(admissible, "summed_over_pieces", made_once(lambda *given: ExaminedOnce(summed(*given))))
    drawn = examples(8).max_examples // len(SEEDS)
    turns, tried = TURNS if on_calls_alone(law) and not THOROUGH else 1, set[str]()
    judged = every_variant(law, turns, tried)
    report = run_law(judged, dtype, SUBJECTS[0], drawn, seed, shrink=False, strength=STRENGTH)
    assert not report.verdict.fails, report.message
    if report.verdict is Verdict.NOT_OFFERED:
        assert of_an_activation_without_variants(law), report.message
    else:
        assert tried == {each.name for each in SUBJECTS if dtype in each.dtypes and law.offered_by(each)}


@pytest.mark.parametrize("dtype", NAMES)
def test_fused_multiply_add_rounds_once(dtype: str) -> None:
    """Without it the variant that fuses could be one that rounds twice."""
    random = np.random.default_rng(0)
    a, b, c = (random.normal(size=200).astype(dtype_of(dtype)) for _ in range(3))
    c[::2] = (-a * b)[::2]  # what is left is the rounding of the product, which two roundings lose
    exact = [Fraction(float(x)) * Fraction(float(y)) + Fraction(float(z)) for x, y, z in zip(a, b, c, strict=True)]
    below_and_above = [np.nextafter(fused(a, b, c), c.dtype.type(side)) for side in (-np.inf, np.inf)]
    for value, computed, *others in zip(exact, fused(a, b, c), *below_and_above, strict=True):
        error = abs(Fraction(float(computed)) - value)
        assert all(error <= abs(Fraction(float(other)) - value) for other in others)


def test_names_are_unique() -> None:
    """Without it a failure could point at two variants."""
    assert len({subject.name for subject in SUBJECTS}) == len(SUBJECTS)

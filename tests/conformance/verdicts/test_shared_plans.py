"""Precisions with the same levels share the rows of a plan: every pair is tried in one of them, every level in each."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest

from ffn import reference
from ffn.cases.covering import TRIPLES
from ffn.cases.levels import ALIKE
from ffn.cases.plan import Part, Plan, coverage, in_each, total
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.laws import ALL
from ffn.conformance.report.shown import summary
from ffn.conformance.report.written import Writer
from ffn.conformance.running.runner import run, sharing
from ffn.conformance.verdict import Judgement, Verdict
from ffn.numbers.precision import NAMES
from tests.conformance.verdicts.reports import run_of
from tests.conformance.verdicts.stubs import HOLDS, WRONG, Tanh, drawn, law, z

LAWS = {each.name: each for each in ALL}
PARTS = (Part(0, 2), Part(1, 2))
FACTORS = {"size": (1, 2, 3), "kind": ("a", "b", "c"), "side": ("left", "right")}
WORDS = "each in float32 or float64: one precision alone tried {} % of what is shared"


def pairs(rows: Any) -> set[Any]:
    return {pair for row in rows for pair in combinations(sorted(row.items()), 2)}


def levels_of(rows: Any) -> set[Any]:
    return {(name, repr(level)) for row in rows for name, level in row.items()}


@pytest.mark.parametrize("dtype", NAMES)
def test_every_pair_is_in_some_part_and_every_level_in_each(dtype: str) -> None:
    """Without it a pair that nobody tried would count as tried, or a precision never see an output or a depth."""
    shared = [plan for law in ALL if law.plan and (plan := law.plan(dtype)).shared]
    assert len(shared) > 40
    for plan in shared:
        rows = plan.rows()
        halves = [plan.places(part=part) for part in PARTS]
        assert set(halves[0]) | set(halves[1]) == set(range(len(rows)))
        assert plan.places() == tuple(range(len(rows)))
        for half in halves:
            assert list(half) == sorted(half)  # simple cases first
            assert levels_of(rows[place] for place in half) == levels_of(rows)
            assert len(half) <= len(rows) / 2 + 4


def test_plans_of_precisions_that_share_have_the_same_levels_but_for_magnitudes() -> None:
    """Without it the rows of one would not be what is left out of the other's."""
    assert sorted(dtype for group in ALIKE for dtype in group) == sorted(NAMES)
    for each in ALL:
        for group in ALIKE:
            plans = [each.plan(dtype) for dtype in group if each.plan]
            if any(plan.shared for plan in plans):
                one, other = ({**plan.levels(), "magnitude": len(plan.levels().get("magnitude", ()))} for plan in plans)
                assert one == other, each.name


def test_lists_and_plans_of_triples_are_tried_whole() -> None:
    """Without it a special value would be tried in one precision alone, or ``--thorough`` be half as thorough."""
    activation, network = LAWS["activation/tanh/value"].plan, LAWS["reduction/mean"].plan
    assert activation is not None
    assert network is not None
    whole = activation("float32")
    assert all(whole.places(part=part) == whole.places() for part in PARTS)
    assert all(network("float32").places(1, part) == network("float32").places(1) for part in PARTS)
    sizes, depths = (LAWS[f"exact/{name}"].plan("float32") for name in ("wide forward", "forward"))  # type: ignore[misc]
    assert all(sizes.places(part=part) == sizes.places() for part in PARTS)
    assert all(len(depths.places(part=part)) < len(depths.places()) for part in PARTS)  # these are no list


def test_a_part_has_the_cases_that_the_whole_has_there() -> None:
    """Without it a finding of a whole run would not be met again by looking at it in one precision."""
    plan = LAWS["reduction/mean"].plan("float32")  # type: ignore[misc]
    whole = list(plan.cases("0"))
    for part in PARTS:
        assert [case for _, case in plan.cases("0", part=part)] == [whole[at][1] for at in plan.places(part=part)]


def test_what_was_tried_in_one_precision_counts_once() -> None:
    """Without it pairs would be counted twice, or those be missed that the other precision tried."""
    plan = Plan(FACTORS, lambda *given: given, shared=True)
    rows, shared = plan.rows(), ("float32", "float64")
    one, other = (
        coverage(plan, [rows[place] for place in plan.places(part=part)], 2, "a law", shared) for part in PARTS
    )
    every = len(pairs(rows))
    assert (one.tried, one.total) == (len(pairs(rows[place] for place in plan.places(part=PARTS[0]))), every)
    assert one.tried < every
    assert one.plan == other.plan
    assert one.plan[:3] == ("a law", *shared)
    both = total([one, other])
    assert both is not None
    assert (both.tried, both.total) == (every, every)
    assert in_each([one, None, other]) == (100 * (one.tried + other.tried) // (2 * every), (shared,))
    twice = total([one, one])
    assert twice is not None
    assert (twice.tried, twice.total) == (one.tried, every)
    of_another = total([one, replace(other, plan=("another law",))])
    assert of_another is not None
    assert (of_another.tried, of_another.total) == (one.tried + other.tried, 2 * every)


def test_plans_of_other_levels_are_not_taken_for_one() -> None:
    """Without it who supports tanh in one precision and relu in the other would have tried each in both."""
    plans = [Plan({**FACTORS, "kind": kinds}, lambda *given: given, shared=True) for kinds in ("abc", "abd")]
    found = [coverage(plan, plan.rows(), 2, "a law", ("float32", "float64")) for plan in plans]
    both = total(found)
    assert both is not None
    assert (both.tried, both.total) == (2 * found[0].total, 2 * found[0].total)
    scaled = [
        Plan({**FACTORS, "magnitude": magnitudes}, lambda *given: given, shared=True)
        for magnitudes in ((0, 30), (0, 200))
    ]
    one, other = (coverage(plan, plan.rows(), 2, "a law", ("float32", "float64")) for plan in scaled)
    assert one.plan == other.plan


def test_who_shares_nothing_is_counted_alone() -> None:
    """Without it the words on sharing would stand beside plans that were tried whole."""
    plan = Plan(FACTORS, lambda *given: given)
    found = coverage(plan, plan.rows(), 2, "a law", ("float32", "float64"))
    assert found == coverage(plan, plan.rows())
    assert (found.shared, in_each([found, None])) == ((), (0, ()))
    both = total([found, found])
    assert both is not None
    assert both.tried == 2 * found.tried
    assert coverage(Plan(FACTORS, lambda *given: given, shared=True), plan.rows()) == coverage(plan, plan.rows())


FREE: dict[str, frozenset[str]] = dict.fromkeys(NAMES, frozenset())


@pytest.mark.parametrize(
    ("dtype", "left_out", "shared"),
    [
        ("float32", FREE, ("float32", "float64")),
        ("bfloat16", FREE, ("float16", "bfloat16")),
        ("float64", {"float64": frozenset(), "float16": frozenset()}, ()),
        ("float64", FREE | {"float32": frozenset({"tanh"})}, ()),
        ("float64", FREE | {"float32": frozenset({"tanh"}), "float64": frozenset({"tanh"})}, ("float32", "float64")),
    ],
    ids=["many digits", "few digits", "judged alone", "other elements", "the same elements"],
)
def test_only_precisions_that_are_judged_on_the_same_networks_share(
    dtype: str, left_out: Any, shared: tuple[str, ...]
) -> None:
    """Without it half of the pairs would be left to a precision that nobody judges, or to other networks."""
    assert sharing(LAWS["network/loss"], dtype, Subject(reference), left_out) == shared


def test_a_precision_that_a_law_does_not_speak_of_takes_no_part() -> None:
    """Without it an implementation in float32 alone would be tried on half of the pairs."""
    subject = Subject(Tanh(dtypes=("float32",)))
    assert sharing(law(lambda case: HOLDS), "float32", subject, FREE) == ()
    assert sharing(law(lambda case: HOLDS), "float64", subject, FREE) == ()


def judged_together(judge: Any, **options: Any) -> dict[str, Any]:
    """What a law with a shared plan of three factors comes to in two precisions."""

    def made(row: Any, random: Any) -> Any:
        return z(row["size"] + 10 * FACTORS["kind"].index(row["kind"]) + 100 * (row["side"] == "left"))

    each = law(judge, plan=lambda dtype, supported=None: Plan(FACTORS, made, shared=True), cases=drawn(500, 600))
    reports = run([each], ("float32", "float64"), Subject(Tanh()), 1, **options)
    return {report.dtype: report for report in reports}


def test_a_run_of_two_precisions_tries_every_pair_in_one_of_them() -> None:
    """Without it the words of the summary would outrun what was judged."""
    seen: list[float] = []

    def judge(case: Any) -> Judgement:
        seen.append(float(case.z[0]))
        return HOLDS

    found = judged_together(judge)
    rows = len(Plan(FACTORS, lambda *given: given).rows())
    assert len({number for number in seen if number < 500}) == rows
    assert {report.verdict for report in found.values()} == {Verdict.HOLDS}
    counted = [report.coverage for report in found.values()]
    assert {each.shared for each in counted} == {("float32", "float64")}
    assert {each.plan[0] for each in counted} == {"activation/tanh/value"}
    both = total(counted)
    assert both is not None
    assert both.tried == both.total > max(each.tried for each in counted)
    percent = in_each(counted)[0]
    assert f"{both} tried (100 %), {WORDS.format(percent)}" in str(summary(run_of(*found.values())))
    written = json.loads(Writer(run_of(*found.values())).text())
    assert written["coverage"] == {"tried": both.tried, "total": both.total, "strength": 2, "later": []}
    assert [each["coverage"]["shared"] for each in written["laws"]] == [["float32", "float64"]] * 2
    assert [each["coverage"]["tried"] for each in written["laws"]] == [each.tried for each in counted]


def test_pairs_behind_a_failure_are_not_said_to_be_tried() -> None:
    """Without it those that the failing precision was to try would count as tried."""
    found = judged_together(lambda case: WRONG, shrink=False)
    both = total(report.coverage for report in found.values())
    assert both is not None
    assert 0 < both.tried < both.total


def test_thorough_runs_share_nothing() -> None:
    """Without it the triples of one precision would be left to the other."""
    found = judged_together(lambda case: HOLDS, strength=TRIPLES)
    assert [report.coverage.tried == report.coverage.total for report in found.values()] == [True, True]

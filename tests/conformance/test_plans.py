"""Plans: which cases a law always tries.

Claims: every pair of levels is in some row, every triple in a thorough plan; the same seed gives the same cases; a case
has the levels that its row gives it; plans are made of what is supported;
`holds` needs nine tenths of the coordinates decided; networks are made of elements that hold by themselves.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest

from ffn import reference
from ffn.cases.case import Case
from ffn.cases.networks import Supported
from ffn.cases.plan import PAIRS, TRIPLES, Levels, Plan, coverage, total
from ffn.cases.planned import network_plan
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import Law
from ffn.conformance.laws import ALL
from ffn.conformance.running.runner import failing_elements, run, run_law
from ffn.conformance.verdict import Judgement, Verdict, judged
from ffn.network.description import Hidden, Network
from ffn.numbers.precision import NAMES
from tests.conformance.implementations.textbook import textbook

LAWS = {law.name: law for law in ALL}
PLANNED = [law for law in ALL if law.plan]


def combined(rows: tuple[Levels, ...], names: tuple[str, ...]) -> set[tuple[str, ...]]:
    return {tuple(str(row[name]) for name in names) for row in rows}


@pytest.mark.parametrize("dtype", ["bfloat16", "float64"])
def test_every_pair_of_levels_is_in_some_row(dtype: str) -> None:
    """Without it a fault that takes two factors would be found by luck."""
    plan = network_plan(dtype, depths=(1,))
    for names in combinations(plan.factors, PAIRS):
        levels = np.prod([len(plan.levels()[name]) for name in names])
        assert len(combined(plan.rows(), names)) == levels, names


def test_sizes_left_to_a_thorough_plan_are_in_it_and_are_told() -> None:
    """Without it a size could be tried nowhere, or be left out in silence."""
    plan = network_plan("float32", depths=(0,))
    assert plan.levels(TRIPLES) == plan.factors
    for name, sizes in plan.factors.items():
        assert set(sizes) - set(plan.levels()[name]) == set(sizes) & set(plan.later.get(name, ()))
    assert coverage(plan, plan.rows()).later == (4, 33)
    assert coverage(plan, plan.rows(1)[:1], TRIPLES).later == ()


def test_every_triple_of_levels_is_in_some_row_of_a_thorough_plan() -> None:
    """Without it ``--thorough`` would be a word."""
    plan = LAWS["confidence/wrong"].plan("float32")  # type: ignore[misc]
    tried = coverage(plan, plan.rows(TRIPLES), TRIPLES)
    assert tried.tried == tried.total > coverage(plan, plan.rows()).total


def test_what_was_not_tried_is_not_counted() -> None:
    """Without it the pairs of a row that an implementation refuses would count as tried."""
    plan = network_plan("float32", depths=(0,))
    rows = plan.rows()
    assert coverage(plan, rows).tried == coverage(plan, rows).total
    assert coverage(plan, rows[:1]).tried == len(list(combinations(plan.factors, PAIRS)))


@pytest.mark.parametrize("law", PLANNED, ids=lambda law: law.name)
def test_planned_cases_are_what_they_are_said_to_be_whatever_runs_before(law: Law) -> None:
    """Without it a row could promise a level that its case lacks, or a seed other cases on another machine."""
    for dtype in NAMES:
        plan = law.plan(dtype)  # type: ignore[misc]
        every = 8 if "wide" in law.name else 1  # a million parameters take their time
        for levels in plan.rows(1)[::every]:
            first, second = (plan.case(levels, "0") for _ in range(2))
            assert first.to_json() == second.to_json()
            assert first.dtype == dtype
            if isinstance(first, Case):
                assert len(first.x) == levels.get("rows", len(first.x))
                assert all(np.isfinite(array.astype(np.float64)).all() for array in first.arrays())
            if isinstance(first, Case) and isinstance(first.network, Network) and "width 1" in levels:
                widths = [layer.units for layer in first.network.hidden]
                assert widths[:2] == [levels["width 1"], levels.get("width 2")][: len(widths)]


def test_another_seed_has_the_same_levels_and_other_values() -> None:
    """Without it findings that depend on levels would move with the seed."""
    plan = LAWS["network/gradient"].plan("float32")  # type: ignore[misc]
    levels = plan.rows()[0]
    one, other = plan.case(levels, "0"), plan.case(levels, "1")
    assert one.network == other.network
    assert not np.array_equal(one.parameters[0][0], other.parameters[0][0])


@pytest.mark.parametrize(
    ("tried", "words"),
    [
        ((1, 2), ("rows 9 and more", "kind b", "layer tanh")),
        ((1, 2, 9), ("rows 17", "kind b", "layer tanh")),
        ((1, 9), ("rows 2, 17", "kind b", "layer tanh")),
        ((2, 9, 17), ("rows 1", "kind b", "layer tanh")),
        ((2, 17), ("rows 1, 9", "kind b", "layer tanh")),
    ],
)
def test_levels_that_no_case_had_are_told(tried: tuple[int, ...], words: tuple[str, ...]) -> None:
    """Without it who refuses a long batch would not read that none was tried, or read it of one that was."""
    relu, tanh = Hidden(1), Hidden(1, "tanh")
    plan = Plan({"rows": (1, 2, 17, 9), "kind": ("a", "b"), "layer": (relu, tanh)}, build=lambda *given: None)
    rows = [{"rows": size, "kind": "a", "layer": relu} for size in tried]
    found = coverage(plan, rows)
    assert found.left_out() == words
    assert str(found) == f"{2 * len(tried) + 1} of 20 pairs of levels"
    other = coverage(plan, [{"rows": size, "kind": "b", "layer": tanh} for size in (1, 2, 9, 17)], PAIRS)
    both = total([None, found, other])
    assert both is not None
    assert (both.left_out(), both.total, both.tried) == ((), 40, found.tried + 9)
    assert total([None]) is None


def test_a_plan_is_made_of_what_is_supported() -> None:
    """Without it most rows of a limited implementation would be refused, and their pairs lost."""
    limited = Supported(activations=("tanh",), outputs=("categorical",), reductions=("sum",))
    plan = network_plan("float32", depths=(2,), supported=limited)
    assert [layer.activation for layer in plan.factors["layer 1"]] == ["tanh"]
    assert plan.factors["reduction"] == ("sum",)


def wide_everywhere(case: Any, offered: Any, assumed: Any) -> Judgement:
    """A law of which 89 coordinates in a hundred are decided."""
    from ffn.admissible import Examination

    return judged(Examination(decided=89, undecided=11))


def test_holds_needs_nine_tenths_of_the_coordinates_decided() -> None:
    """Without it one coordinate that was decided would be called a law that holds."""
    law = LAWS["network/output"]
    report = run_law(Law(law.name, law.statement, law.speaks_of, law.cases, wide_everywhere), "float32", reference_())
    assert report.verdict is Verdict.UNDECIDED
    assert report.message == "89 % of the coordinates were decided"


def reference_() -> Subject:
    return Subject(reference)


def test_networks_are_made_of_elements_that_hold_by_themselves() -> None:
    """Without it one slip in an activation would fail every law about networks, and move with the seed."""
    implementation = textbook("slope of tanh off", tanh_slope=lambda self, z, h: 1.01 * (1 - h * h))
    named = "network/gradient", "reduction/mean", "gradient/tanh", "gradient/relu", "gradient/sigmoid"
    laws = [LAWS[name] for name in named]
    reports = list(run(laws, ("float32",), Subject(implementation), shrink=False, strength=1))
    assert [report.law.name for report in reports][-2:] == ["reduction/mean", "network/gradient"]
    assert {report.law.name for report in reports if report.verdict.fails} == {"gradient/tanh"}
    assert reports[-1].left_out == reports[-2].left_out == {"tanh"}


def test_where_most_of_a_family_fail_no_element_is_left_out() -> None:
    """Without it a fault of the method would leave no networks to show it on."""
    doubled = type("Doubled", (), {"name": "doubled", "dtypes": ("float32",), "gradient": staticmethod(_doubled)})()
    laws = [law for law in ALL if law.name.startswith("gradient/")]
    reports = list(run(laws, ("float32",), Subject(doubled), examples=1, shrink=False, strength=1))
    assert all(report.verdict.fails for report in reports)
    assert failing_elements(reports, "float32") == frozenset()


def _doubled(*arguments: Any) -> Any:
    return tuple((2 * dW, 2 * db) for dW, db in reference.gradient(*arguments))

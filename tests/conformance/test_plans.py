"""Plans: which cases a law always tries.

Claims: every pair of levels is in some row, every triple in a thorough plan; the same seed gives the same cases; a case
has the levels that its row gives it; plans are made of what is supported;
`holds` needs nine tenths of the coordinates decided; networks are made of elements that hold by themselves.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ffn import reference
from ffn.cases.case import Case
from ffn.cases.networks import EVERYTHING, Supported
from ffn.cases.planned import network_plan
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import Law
from ffn.conformance.laws import ALL
from ffn.conformance.running import runner
from ffn.conformance.running.runner import failing_elements, run, run_law
from ffn.conformance.verdict import Judgement, Verdict, judged
from ffn.network.description import Network
from ffn.numbers.precision import NAMES
from tests.conformance.implementations.textbook import textbook

LAWS = {law.name: law for law in ALL}
PLANNED = [law for law in ALL if law.plan]


def same(one: Any, other: Any) -> bool:
    """Whether two cases have the same fields, bit for bit."""
    bits = [[(each.shape, each.dtype, each.tobytes()) for each in case.arrays()] for case in (one, other)]
    rest = [
        {name: field for name, field in vars(case).items() if name not in dict(case.trees())} for case in (one, other)
    ]
    return bits[0] == bits[1] and rest[0] == rest[1]


@pytest.mark.parametrize("law", PLANNED, ids=lambda law: law.name)
def test_planned_cases_are_what_they_are_said_to_be_whatever_runs_before(law: Law) -> None:
    """Without it a row could promise a level that its case lacks, or a seed other cases on another machine."""
    for dtype in NAMES:
        plan = law.plan(dtype)  # type: ignore[misc]
        every = 8 if "wide" in law.name else 1  # a million parameters take their time
        for levels in plan.rows(1)[::every]:
            first, second = (plan.case(levels, "0") for _ in range(2))
            assert same(first, second)
            assert first.dtype == dtype
            if isinstance(first, Case):
                assert len(first.x) == levels.get("rows", len(first.x))
                assert all(np.isfinite(array.astype(np.float64)).all() for array in first.arrays())
            if isinstance(first, Case) and isinstance(first.network, Network) and "width 1" in levels:
                widths = [layer.units for layer in first.network.hidden]
                assert widths[:2] == [levels["width 1"], levels.get("width 2")][: len(widths)]


def test_laws_with_one_plan_follow_one_another_and_judge_the_same_cases() -> None:
    """Without it each of them would make the cases anew, and enclose what another has enclosed."""
    plans = [law.plan for law in sorted(PLANNED, key=runner._stage)]  # as they are judged
    last = {id(plan): place for place, plan in enumerate(plans)}
    first = {id(plan): place for place, plan in reversed(list(enumerate(plans)))}
    assert all(last[each] - first[each] + 1 == sum(id(plan) == each for plan in plans) for each in last)
    by_chapter = {law.name: law.plan for law in PLANNED}
    for one, other in (("output/poisson/loss", "output/poisson/gradient"), ("exact/loss", "exact/forward")):
        assert by_chapter[one] is by_chapter[other]
    alike = ("network/output", "network/loss", "network/gradient", "symmetry/hidden units permuted")
    first_plan, *others = [runner._plan(LAWS[name], "float32", EVERYTHING) for name in alike]
    assert first_plan is not None
    assert first_plan.name == "network"  # in other chapters too, whose name is not what the cases are made by
    assert all(plan is first_plan for plan in others)
    for name in ("network/loss", "symmetry/hidden units permuted"):
        runner.run_law(LAWS[name], "float32", reference_(), examples=1, supported=EVERYTHING, strength=1)
    assert {seed.rpartition(" ")[0] for seed, _ in first_plan._made} == {"0 network float32"}
    plan = LAWS["network/loss"].plan("float32")  # type: ignore[misc]
    cases = [case for _, case in plan.cases("0 network")]
    assert all(one is other for one, (_, other) in zip(cases, plan.cases("0 network"), strict=True))
    assert not any(one is other for one, (_, other) in zip(cases, plan.cases("1 network"), strict=True))
    assert len(plan.rows()) == len(cases)
    assert len(list(plan.cases("0 network", 1))) == len(plan.rows(1)) < len(cases)


def test_another_seed_has_the_same_levels_and_other_values() -> None:
    """Without it findings that depend on levels would move with the seed."""
    plan = LAWS["network/gradient"].plan("float32")  # type: ignore[misc]
    levels = plan.rows()[0]
    one, other = plan.case(levels, "0"), plan.case(levels, "1")
    assert one.network == other.network
    assert not np.array_equal(one.parameters[0][0], other.parameters[0][0])


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

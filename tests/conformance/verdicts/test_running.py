"""A run of one law: its planned cases, then drawn ones; what fails is kept, whatever happens afterwards."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ffn.cases.networks import NothingSupported
from ffn.cases.plan import Coverage
from ffn.conformance.implementation.errors import Died, NotOffered
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import Law
from ffn.conformance.running.runner import (
    Task,
    judged_once,
    run_law,
    tally_of,
)
from ffn.conformance.running.tally import LawReport
from ffn.conformance.verdict import Judgement, Verdict
from tests.conformance.verdicts.stubs import (
    ERROR,
    HOLDS,
    NOT_OFFERED,
    WRONG,
    Tanh,
    drawn,
    law,
    plan,
    size,
)


def judged(each: Law, dtype: str = "float32", **options: Any) -> LawReport:
    return run_law(each, dtype, Subject(Tanh()), **options)


def seen_by(**own: Any) -> tuple[Law, list[float]]:
    """A law that holds, and the numbers that it was put to."""
    seen: list[float] = []

    def judge(case: Any) -> Judgement:
        seen.append(size(case))
        return HOLDS

    return law(judge, **own), seen


def test_planned_cases_come_first_and_then_those_that_are_drawn() -> None:
    """Without it what is promised for every seed would depend on what is drawn."""
    each, seen = seen_by(plan=plan((1, 2, 3, 4)))
    found = judged(each, examples=5)
    assert seen[:4] == [1, 2, 3, 4]
    assert len(seen) == 9
    assert all(10 <= number <= 20 for number in seen[4:])
    assert (found.verdict, found.examples) == (Verdict.HOLDS, 9)
    assert found.coverage == Coverage(0, 0, levels=tuple(("size", level, True) for level in (1, 2, 3, 4)))
    one, alone = seen_by(plan=plan((1, 2, 3, 4)))
    judged(one, examples=1, strength=0)
    assert len(alone) == 1
    assert alone[0] >= 10


def test_two_are_drawn_at_least_where_none_are_planned() -> None:
    """Without it a law that has no plan would be tried once; or one of many calls more often than there is time for."""
    for own, expected in (({}, 2), ({"plan": plan((3, 4))}, 3), ({"most": 1}, 1)):
        each, seen = seen_by(**own)
        judged(each, examples=1)
        assert len(seen) == expected


def test_the_simplest_case_is_drawn_only_where_there_is_no_other() -> None:
    """Without it one of a few cases would be a network of zeros, and a law on a single case would judge none; or a
    sequence of calls would be tried without it, of which there is time for most others beside the smallest network."""
    each, seen = seen_by(cases=drawn(0, 1000))
    judged(each, examples=20)
    assert len(seen) == 20
    assert 0 not in seen
    alone, only = seen_by(cases=drawn(0, 0))
    assert judged(alone, examples=20).verdict is Verdict.HOLDS
    assert only == [0]
    calls, given = seen_by(cases=drawn(0, 1000), most=2, simplest=True)
    judged(calls, examples=20)
    assert (given[0], len(given)) == (0, 2)


@pytest.mark.parametrize("own", [{}, {"plan": plan((3, 4))}], ids=["drawn", "planned"])
def test_the_simplest_case_that_fails_is_shown(own: dict[str, Any]) -> None:
    """Without it a reader would look at more than the fault needs."""
    found = judged(law(lambda case: WRONG if size(case) else HOLDS, cases=drawn(0, 1000), **own))
    assert size(found.counterexample) == 1
    everywhere = judged(law(lambda case: WRONG, cases=drawn(0, 1000), plan=plan((3, 4))))
    assert size(everywhere.counterexample) == 0


def test_a_law_that_is_not_spoken_in_a_precision_is_not_offered() -> None:
    """Without it an implementation would fail in precisions that it never claimed."""
    each, seen = seen_by()
    assert judged(each, "float16").verdict is Verdict.NOT_OFFERED
    assert not seen


def test_what_there_is_no_case_of_is_not_counted_as_tried() -> None:
    """Without it pairs would be counted without being tried."""
    each, _ = seen_by(plan=plan((1, 2, 3), missing=(2,)))
    found = judged(each, examples=1, strength=1)
    assert found.coverage == Coverage(2, 3, 1, levels=(("size", 1, True), ("size", 2, False), ("size", 3, True)))
    assert found.examples == 3


def test_what_is_not_offered_is_counted_and_its_levels_are_not() -> None:
    """Without it a refused case would be one that holds."""

    def judge(case: Any) -> Judgement:
        if size(case) in (2, 3):
            raise NotOffered("activation", "not this one")
        return HOLDS

    found = judged(law(judge, plan=plan((1, 2, 3, 4))), examples=1, strength=1)
    assert (found.verdict, found.refused, found.examples) == (Verdict.HOLDS, 2, 3)
    assert found.coverage is not None
    assert (found.coverage.tried, found.coverage.total) == (2, 4)
    nothing = law(lambda case: NOT_OFFERED, plan=plan((1, 2)))
    assert judged(nothing, examples=1).verdict is Verdict.NOT_OFFERED
    silent = law(lambda case: replace(NOT_OFFERED, answers=("activation",)) if size(case) == 2 else HOLDS, plan=plan())
    assert judged(silent, examples=1).refused == 0  # the law itself says nothing of that case


def test_who_offers_few_of_the_drawn_cases_does_not_hold() -> None:
    """Without it a law would hold on one example of five."""
    each = law(lambda case: HOLDS if size(case) == 13 else NOT_OFFERED)
    found = judged(each, examples=5)
    assert found.verdict is Verdict.UNDECIDED
    assert found.message.endswith("of 5 cases were supported")
    calls: list[float] = []
    never = law(lambda case: calls.append(size(case)) or NOT_OFFERED, cases=drawn(0, 10**6))  # type: ignore[func-returns-value]
    assert judged(never, examples=3).verdict is Verdict.NOT_OFFERED
    assert len(calls) == 30  # ten for each that is wanted


@pytest.mark.parametrize("failing", [WRONG, ERROR], ids=["wrong", "error"])
def test_a_planned_case_that_fails_ends_the_plan_and_is_made_smaller(failing: Judgement) -> None:
    """Without it a failure would be found, and the run go on to hold."""
    seen: list[float] = []

    def judge(case: Any) -> Judgement:
        seen.append(size(case))
        return failing if size(case) >= 3 else HOLDS

    found = judged(law(judge, plan=plan((1, 2, 3, 4, 5)), cases=drawn(2, 9)), examples=5)
    assert found.verdict is failing.verdict
    assert seen[:4] == [1, 2, 3, 3]  # the one that fails once more, and nothing that was planned after it
    assert found.counterexample.z == 3
    assert found.examples == 3
    assert found.message == failing.message
    unshrunk = judged(law(judge, plan=plan((1, 2, 8)), cases=drawn(2, 9)), examples=5, shrink=False)
    assert (unshrunk.verdict, unshrunk.counterexample.z) == (failing.verdict, 8)
    smaller = judged(law(judge, plan=plan((1, 2, 8)), cases=drawn(2, 9)), examples=5)
    assert smaller.counterexample.z == 3


def test_a_drawn_case_that_fails_is_made_smaller() -> None:
    """Without it a counterexample would be read by nobody."""
    each = law(lambda case: WRONG if size(case) > 12 else HOLDS)
    found = judged(each, examples=40)
    assert (found.verdict, found.counterexample.z, found.message) == (Verdict.WRONG, 13, "off by one")
    unshrunk = judged(each, examples=40, shrink=False)
    assert unshrunk.verdict is Verdict.WRONG
    assert unshrunk.counterexample.z >= 13


def test_the_same_seed_draws_the_same_cases_and_another_one_others() -> None:
    """Without it a report could not be reproduced."""
    runs = []
    for seed in (0, 0, 1):
        each, seen = seen_by(cases=drawn(0, 10**6))
        judged(each, examples=8, seed=seed)
        runs.append(seen)
    assert runs[0] == runs[1] != runs[2]


def test_a_failure_that_does_not_come_again_is_told_as_that() -> None:
    """Without it what was seen to fail once would hold."""
    calls: list[float] = []

    def judge(case: Any) -> Judgement:
        calls.append(size(case))
        return WRONG if calls == [1, 2] else HOLDS

    found = judged(law(judge, plan=plan((1, 2, 3))), examples=5)
    assert found.verdict is Verdict.WRONG
    assert found.message == "not reproducible: the same arguments failed once and held once; it failed with off by one"
    assert found.counterexample.z == 2
    calls.clear()
    enclosed = replace(WRONG, enclosed=True)
    each = law(lambda case: (calls.append(0), enclosed if len(calls) == 3 else HOLDS)[1])
    assert judged(each, examples=9).verdict is Verdict.ERROR


def test_a_process_that_died_is_asked_nothing_more() -> None:
    """Without it each further case would cost another ten seconds."""
    calls: list[float] = []

    def judge(case: Any) -> Judgement:
        calls.append(size(case))
        if size(case) in (2, 12):
            raise Died("it ended")
        return HOLDS

    found = judged(law(judge, plan=plan((1, 2, 3))), examples=5)
    assert (found.verdict, found.message, found.counterexample.z, calls) == (Verdict.ERROR, "it ended", 2, [1, 2])
    calls.clear()
    found = judged(law(judge, cases=drawn(12, 12)), examples=5)
    assert (found.verdict, found.counterexample.z, calls) == (Verdict.ERROR, 12, [12])


def test_who_dies_when_a_failure_is_looked_at_again_keeps_it() -> None:
    """Without it an interrupted explanation would take the failure with it."""
    calls: list[float] = []

    def judge(case: Any) -> Judgement:
        calls.append(size(case))
        if len(calls) > 2:
            raise Died("it ended")
        return WRONG if size(case) == 2 else HOLDS

    found = judged(law(judge, plan=plan((1, 2, 3))), examples=5)
    assert (found.verdict, found.message, found.counterexample.z) == (Verdict.WRONG, "off by one", 2)
    assert calls == [1, 2, 2]


def test_what_is_supported_by_nobody_is_not_offered_and_says_why() -> None:
    """Without it the run would end, or a law hold that was tried on nothing."""

    def nothing(dtype: str, supported: Any = None) -> Any:
        raise NothingSupported("no output of poisson is supported")

    found = judged(law(lambda case: HOLDS, cases=nothing))
    assert (found.verdict, found.message) == (Verdict.NOT_OFFERED, "no output of poisson is supported")
    planned = judged(law(lambda case: HOLDS, cases=nothing, plan=plan((1, 2))))
    assert (planned.verdict, planned.examples) == (Verdict.HOLDS, 2)
    failing = judged(law(lambda case: WRONG, cases=nothing, plan=plan((1, 2))))
    assert failing.verdict is Verdict.WRONG
    unplanned = judged(law(lambda case: HOLDS, plan=nothing))
    assert (unplanned.verdict, unplanned.coverage) == (Verdict.HOLDS, None)


def test_laws_on_sequences_of_calls_are_searched_less_unless_it_is_thorough() -> None:
    """Without it each of them would take a minute."""
    for strength, count in ((2, 2), (3, 5)):
        each, seen = seen_by(most=2)
        judged(each, examples=5, strength=strength)
        assert len(seen) == count
        task = Task(each, "float32", 5, strength=strength)
        assert tally_of(task, seen.append).searched == count


def test_a_smaller_case_that_fails_otherwise_is_not_shown_instead() -> None:
    """Without it the case that was planned and failed would be told by another failure."""

    def judge(case: Any) -> Judgement:
        return WRONG if size(case) == 2 else ERROR if size(case) >= 10 else HOLDS

    found = judged(law(judge, plan=plan((1, 2, 3))), examples=5)
    assert (found.verdict, found.counterexample.z) == (Verdict.WRONG, 2)


def test_a_task_is_judged_with_its_own_seed() -> None:
    """Without it a report of several processes would differ from one that is made here."""
    each, seen = seen_by(cases=drawn(0, 10**6))
    judged(each, examples=8, seed=3)
    task = Task(each, "float32", 8, seed=3)
    judged_once(task, Subject(Tanh()), None, tally_of(task, lambda seen: None))
    assert seen[:8] == seen[8:]

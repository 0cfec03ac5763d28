"""A run of one law: its planned cases, then drawn ones; what fails is kept, whatever happens afterwards."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from ffn import Case, Hidden, Network, Output, reference
from ffn.cases.networks import NothingSupported, Supported
from ffn.cases.plan import Coverage, Plan
from ffn.conformance.implementation.errors import Died, NotOffered
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import Law
from ffn.conformance.running import runner
from ffn.conformance.running.runner import (
    Task,
    failing_elements,
    judged_here,
    run,
    run_law,
    tally_of,
    until_now,
)
from ffn.conformance.running.tally import LawReport, Seen, Tally
from ffn.conformance.verdict import Judgement, Verdict
from tests.conformance.verdicts.stubs import (
    ERROR,
    HOLDS,
    NOT_OFFERED,
    UNDECIDED,
    WRONG,
    Tanh,
    drawn,
    law,
    named,
    plan,
    report,
    size,
    z,
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


# several laws


def test_elements_come_first_then_reductions_then_what_is_made_of_them() -> None:
    """Without it one slip in an activation would fail every law about networks."""
    names = ("network/output", "reduction/mean", "activation/relu/value", "gradient/tanh")
    laws = [named(name) for name in names]
    reports = list(run(laws, ("float32", "float64"), Subject(Tanh()), examples=1))
    assert [each.law.name for each in reports][::2] == [
        "activation/relu/value",
        "gradient/tanh",
        "reduction/mean",
        "network/output",
    ]
    assert [each.dtype for each in reports] == ["float32", "float64"] * 4


def test_what_fails_by_itself_is_left_out_of_the_next_stages_in_its_precision() -> None:
    """Without it findings would multiply, and move with the seed."""
    tasks: list[Task] = []

    def judging(given: Any, seeing: Any) -> Any:
        for task in given:
            tasks.append(task)
            bad = task.law.name == "activation/relu/value" and task.dtype == "float32"
            yield LawReport(task.law, task.dtype, Verdict.WRONG if bad else Verdict.HOLDS)

    laws = [
        named(name) for name in ("activation/relu/value", "activation/tanh/value", "reduction/sum", "network/output")
    ]
    options = {"examples": 3, "seed": 7, "shrink": False, "strength": 1, "judging": judging}
    list(run(laws, ("float32", "float64"), Subject(Tanh()), **options))  # type: ignore[arg-type]
    later = {(task.law.name, task.dtype): task.left_out for task in tasks[4:]}
    assert {name for (name, dtype), out in later.items() if out} == {"reduction/sum", "network/output"}
    assert {dtype for (_, dtype), out in later.items() if out} == {"float32"}
    assert later["network/output", "float32"] == {"relu"}
    assert {(t.examples, t.seed, t.shrink, t.strength) for t in tasks} == {(3, 7, False, 1)}


@pytest.mark.parametrize(
    ("verdicts", "accused"),
    [
        ({"relu": "wrong"}, {"relu"}),
        ({"relu": "wrong", "tanh": "error"}, {"relu", "tanh"}),
        ({"relu": "wrong", "tanh": "error", "sigmoid": "unstable"}, set()),  # of most it is the method's fault
        ({"relu": "wrong", "tanh": "not offered", "sigmoid": "not offered"}, {"relu"}),
        ({"relu": "wrong", "tanh": "not offered", "sigmoid": "not offered", "softplus": "not offered"}, set()),
        ({"relu": "undecided"}, set()),
    ],
)
def test_an_element_is_accused_unless_most_of_its_family_fail(verdicts: dict[str, str], accused: set[str]) -> None:
    """Without it a fault of the method would leave no networks to show it on."""
    reports = [
        report(Verdict(verdicts.get(name, "holds")), f"activation/{name}/value")
        for name in ("relu", "tanh", "sigmoid", "softplus")
    ]
    assert failing_elements(reports, "float32") == accused
    assert failing_elements(reports, "float64") == frozenset()
    assert failing_elements([report(Verdict.WRONG, "network/output")], "float32") == frozenset()


def test_an_interrupt_comes_through_after_what_was_seen() -> None:
    """Without it Ctrl-C would take the failures with it."""
    stopped: list[str] = []
    fails = law(lambda case: WRONG, cases=drawn(0, 0))

    def interrupt(case: Any) -> Judgement:
        if size(case) == 2:
            return WRONG
        raise KeyboardInterrupt

    interrupted = law(interrupt, plan=plan((2,)), cases=drawn(0, 0))
    reports: list[LawReport] = []
    found_until_now = run(
        (fails, interrupted), ("float32",), Subject(Tanh()), 1, stopping=lambda: stopped.append("now")
    )
    with pytest.raises(KeyboardInterrupt):
        reports.extend(found_until_now)
    assert [found.verdict for found in reports] == [Verdict.WRONG, Verdict.WRONG]
    assert reports[1].counterexample.z == 2
    assert stopped == ["now"]
    nothing = law(lambda case: (_ for _ in ()).throw(KeyboardInterrupt), cases=drawn(0, 0))
    with pytest.raises(KeyboardInterrupt):
        list(run((nothing,), ("float32",), Subject(Tanh()), 1))


def test_what_is_seen_to_fail_is_told_at_once_and_once() -> None:
    """Without it a failure would be told seconds after it was seen, or each smaller case again."""
    told: list[Any] = []
    fails = law(lambda case: WRONG if size(case) >= 3 else HOLDS, plan=plan((1, 2, 8)), cases=drawn(2, 9))
    for found in run((fails, law(lambda case: HOLDS)), ("float32",), Subject(Tanh()), 5, seeing=told.append):
        told.append(found.verdict)
    assert told == [Seen("activation/tanh/value", "float32", "off by one"), Verdict.WRONG, Verdict.HOLDS]


def test_what_is_supported_is_found_out_once_for_each_precision() -> None:
    """Without it an implementation would be asked the same questions by every law."""
    supported: dict[str, Supported] = {}
    tasks = [Task(named("network/output"), dtype, 1) for dtype in ("float32", "float32", "float16")]
    assert len(list(judged_here(Subject(Tanh()), lambda: None, supported, tasks))) == 3
    assert set(supported) == {"float32"}
    known = Supported(functions=("tanh",))
    given: list[Any] = []

    def cases(dtype: str, supported: Any = None) -> Any:
        given.append((dtype, supported))
        return st.just(z(1))

    task = Task(law(lambda case: HOLDS, cases=cases), "float32", 1, left_out=frozenset({"relu"}))
    (found,) = judged_here(Subject(Tanh()), lambda: None, {"float32": known}, [task])
    assert given == [("float32", known.without(frozenset({"relu"})))]
    assert found.left_out == {"relu"}


def test_what_was_seen_until_now_is_a_report() -> None:
    """Without it a law that is interrupted would be as one that was not judged."""
    task = Task(named("network/output"), "float32")
    assert until_now(task, Tally(1)) is None
    tally = Tally(1)
    tally.add(z(3), replace(WRONG, shown="the calls"))
    found = until_now(task, tally)
    assert found is not None
    assert (found.verdict, found.message, found.counterexample) == (Verdict.WRONG, "off by one", "the calls")
    tally = Tally(1)
    tally.add(z(3), ERROR)
    assert until_now(task, tally).counterexample.z == 3  # type: ignore[union-attr]


# plans of who supports little

NETWORKS = tuple(Network(1, units, Output("gaussian"), (Hidden(2),)) for units in range(1, 101))


def planned(dtype: str, supported: Any = None) -> Plan:
    """A plan of listed networks, or of networks of two inputs."""
    networks = supported.networks or (Network(2, 1, Output("gaussian")),)

    def build(levels: Any, random: Any) -> Case:
        network = levels["network"]
        arrays = tuple((np.zeros(w, np.float32), np.zeros(b, np.float32)) for w, b in network.shapes)
        return Case(
            network, arrays, np.zeros((1, network.inputs), np.float32), np.zeros((1, network.units), np.float32)
        )

    return Plan({"network": networks}, build)


def test_where_most_of_a_plan_is_refused_networks_that_were_accepted_are_planned() -> None:
    """Without it who builds one kind of network would be judged on what is drawn alone."""
    each = named("network/output", plan=planned)
    whole = runner._plan(each, "float32", Supported())
    assert whole is not None
    assert whole.factors == {"network": (Network(2, 1, Output("gaussian")),)}
    picky = Supported(accepts=lambda network: network.inputs == 1, accepted=NETWORKS)
    found = runner._plan(each, "float32", picky)
    assert found is not None
    assert found.factors == {"network": NETWORKS[::3]}  # at most 48 of them, evenly
    fond = Supported(accepts=lambda network: True, accepted=NETWORKS)
    assert runner._plan(each, "float32", fond).factors == whole.factors  # type: ignore[union-attr]
    assert runner._plan(named("network/output"), "float32", picky) is None

    def refusing(dtype: str, supported: Any = None) -> Plan:
        if not supported.networks:
            raise NothingSupported("none")
        return planned(dtype, supported)

    assert runner._plan(named("network/output", plan=refusing), "float32", Supported()) is None
    accepted = runner._plan(named("network/output", plan=refusing), "float32", fond)
    assert accepted is not None
    assert accepted.factors == found.factors


def test_planned_cases_are_announced_in_lots_that_grow() -> None:
    """Without it each call of a process would wait for the one before, or a failure cost the whole plan."""
    lots: list[int] = []
    cases = ((number, number) for number in range(60))
    told = list(runner._in_lots(cases, lambda lot: lots.append(len(lot))))  # type: ignore[arg-type]
    assert told == [(number, number) for number in range(60)]
    assert lots == [1, 2, 4, 8, 16, 16, 13]


def test_the_reference_is_judged_alike_by_a_whole_law() -> None:
    """Without it what is found here of small laws could be otherwise of real ones."""
    from ffn.conformance.laws import matching

    found = run_law(matching(("output/gaussian/loss",))[0], "float32", Subject(reference), examples=2, strength=1)
    assert (found.verdict, found.counterexample, found.explanation) == (Verdict.HOLDS, None, "")
    assert found.tried == {"loss"}
    assert UNDECIDED.verdict is not found.verdict

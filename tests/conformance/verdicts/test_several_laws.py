"""A run of several laws: in stages, of what did not fail, told as it is seen, and interrupted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import strategies as st

from ffn.cases.networks import Supported
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.running.runner import (
    Task,
    failing_elements,
    judged_here,
    run,
    until_now,
)
from ffn.conformance.running.tally import LawReport, Seen, Tally
from ffn.conformance.verdict import Judgement, Verdict
from tests.conformance.verdicts.stubs import (
    ERROR,
    HOLDS,
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

    first, then = ("activation/relu/value", "activation/tanh/value"), ("reduction/sum", "network/output")
    extreme = named("output/poisson/extreme loss", extreme=True)
    laws = [extreme, *map(named, (*first, *then))]
    options = {"examples": 3, "seed": 7, "shrink": False, "strength": 1, "judging": judging}
    list(run(laws, ("float32", "float64"), Subject(Tanh()), **options))  # type: ignore[arg-type]
    later = {(task.law.name, task.dtype): task.left_out for task in tasks[4:]}
    assert {name for (name, dtype), out in later.items() if out} == {extreme.name, *then}
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

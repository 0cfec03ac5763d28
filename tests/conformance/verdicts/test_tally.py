"""What judgements add up to: a failure outweighs everything, and what was not tried, or not decided, never holds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ffn.admissible import Examination
from ffn.cases.plan import Coverage
from ffn.conformance.implementation.errors import Died
from ffn.conformance.running.tally import Tally, conclusion, examination_of, report_of
from ffn.conformance.verdict import Judgement, Verdict, first_failure, holds, inside_hull, judged, wrong
from tests.conformance.verdicts.stubs import ERROR, HOLDS, NOT_OFFERED, UNDECIDED, WRONG, named, outside, report, z

LAW = named("network/output")


def tally(*judgements: Judgement, searched: int = 0, **own: Any) -> Tally:
    found = Tally(searched=searched, **own)
    for number, judgement in enumerate(judgements):
        found.add(z(number), judgement)
    return found


def test_verdicts_that_fail_are_three() -> None:
    """Without it a failure could be counted as something else, and the exit status be 0."""
    assert {verdict for verdict in Verdict if verdict.fails} == {Verdict.WRONG, Verdict.UNSTABLE, Verdict.ERROR}
    assert [judgement.fails for judgement in (WRONG, ERROR, HOLDS, UNDECIDED, NOT_OFFERED)] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_an_examination_is_a_verdict() -> None:
    """Without it a coordinate outside of its set could be one that holds."""
    off = judged(Examination(outside=outside(), decided=5))
    assert (off.verdict, off.message, off.enclosed) == (Verdict.WRONG, str(outside()), True)
    assert judged(Examination(decided=1, undecided=3)).verdict is Verdict.HOLDS
    assert judged(Examination(undecided=3)).verdict is Verdict.UNDECIDED
    assert judged(Examination()).verdict is Verdict.UNDECIDED
    assert judged(Examination(decided=1)).message == ""
    wide = Examination(decided=1, undecided=3)
    assert inside_hull(wide).examination == Examination(decided=4)
    assert inside_hull(Examination(undecided=3)).verdict is Verdict.HOLDS
    assert inside_hull(Examination(outside=outside(), undecided=3)).verdict is Verdict.WRONG
    assert (holds().verdict, holds().examination.decided) == (Verdict.HOLDS, 1)
    assert (wrong("why").verdict, wrong("why").message, wrong("why").enclosed) == (Verdict.WRONG, "why", False)


def test_of_several_answers_the_first_that_fails_is_told() -> None:
    """Without it a wrong gradient beside a right output would hold."""
    other = replace(WRONG, message="another")
    assert first_failure(HOLDS, WRONG, other) is WRONG
    assert first_failure(UNDECIDED, ERROR) is ERROR
    both = first_failure(HOLDS, UNDECIDED)
    assert (both.verdict, both.examination) == (Verdict.HOLDS, Examination(decided=1, undecided=1))
    assert first_failure(UNDECIDED, UNDECIDED).verdict is Verdict.UNDECIDED
    assert first_failure().verdict is Verdict.UNDECIDED


def test_the_first_failure_is_kept_and_later_ones_only_make_it_smaller() -> None:
    """Without it what failed first, which tells more than what is shown, would be gone."""
    found = tally(HOLDS, WRONG, HOLDS, NOT_OFFERED, ERROR)
    assert found.judgements == [HOLDS, WRONG]
    assert found.first.z == 1
    assert found.failure is not None
    assert (found.failure[0].z, found.failure[1]) == (4, ERROR)
    assert found.rejected == 0  # of what is drawn to make it smaller nothing is wanted
    assert tally(NOT_OFFERED, HOLDS, NOT_OFFERED).rejected == 2
    assert tally(HOLDS).failure is None


def test_a_process_that_died_is_an_error_of_its_case_unless_something_failed_before() -> None:
    """Without it a case that ends its process would be one that holds, or a failure be forgotten for it."""
    found = tally(HOLDS)
    with found.surviving(z(7)):
        raise Died("it ended")
    assert found.died
    assert found.failure is not None
    assert found.failure[0].z == 7
    assert (found.failure[1].verdict, found.failure[1].message) == (Verdict.ERROR, "it ended")
    failed = tally(WRONG)
    with failed.surviving(z(7)):
        raise Died("it ended")
    assert failed.died
    assert failed.failure is not None
    assert failed.failure[1] is WRONG
    calm = tally()
    with calm.surviving(z(7)):
        pass
    assert not calm.died
    with pytest.raises(KeyError), calm.surviving(z(7)):
        raise KeyError


@pytest.mark.parametrize(
    ("found", "verdict", "message"),
    [
        (tally(), Verdict.NOT_OFFERED, "no case of it is supported"),
        (tally(NOT_OFFERED, searched=1), Verdict.NOT_OFFERED, "no case of it is supported"),
        (tally(HOLDS, searched=1), Verdict.HOLDS, ""),
        (tally(UNDECIDED, searched=1), Verdict.UNDECIDED, ""),
        (tally(HOLDS, NOT_OFFERED, searched=2), Verdict.UNDECIDED, "1 of 2 cases were supported"),
        (tally(HOLDS, HOLDS, NOT_OFFERED, searched=2), Verdict.HOLDS, ""),
        (tally(HOLDS, searched=2), Verdict.HOLDS, ""),  # there were no more
        (tally(HOLDS, NOT_OFFERED, searched=0, tried=[{}, {}]), Verdict.UNDECIDED, "1 of 2 cases were supported"),
        (tally(HOLDS, tried=[{}], refused=1), Verdict.HOLDS, ""),
        (tally(HOLDS, tried=[{}], refused=2), Verdict.UNDECIDED, "1 of 3 planned cases were offered"),
        (tally(*[HOLDS] * 9, UNDECIDED), Verdict.HOLDS, ""),
        (tally(*[HOLDS] * 8, UNDECIDED), Verdict.UNDECIDED, "88 % of the coordinates were decided"),
    ],
)
def test_nothing_holds_that_was_not_tried_or_not_decided(found: Tally, verdict: Verdict, message: str) -> None:
    """Without it fewer cases than are promised would be called a law that holds."""
    assert conclusion(found) == (verdict, message)


def test_a_report_counts_what_was_judged() -> None:
    """Without it examples, coordinates or repeated calls would be told that nobody saw."""
    repeated = replace(HOLDS, repeats=20)
    found = tally(repeated, UNDECIDED, repeated, searched=3, left_out=frozenset({"relu"}))
    found.coverage = Coverage(3, 4)
    holding = report_of(LAW, "float16", found, Verdict.HOLDS, "why")
    assert (holding.law, holding.dtype, holding.verdict, holding.message) == (LAW, "float16", Verdict.HOLDS, "why")
    assert (holding.examples, holding.undecided_examples, holding.repeats) == (3, 1, 40)
    assert (holding.examination, holding.coverage) == (examination_of(found), Coverage(3, 4))
    assert (holding.examination.decided, holding.examination.undecided) == (2, 1)
    assert (holding.left_out, holding.refused, holding.counterexample) == (frozenset({"relu"}), 0, None)
    failing = report_of(LAW, "float16", tally(repeated, WRONG), Verdict.WRONG, "m", z(1), "because")
    assert (failing.repeats, failing.explanation, failing.counterexample.z) == (0, "because", 1)


def test_a_method_is_tried_where_every_planned_case_of_it_was_judged() -> None:
    """Without it a method that was judged on one case would be said to be tried."""

    def tried(found: Tally, verdict: Verdict = Verdict.HOLDS, counterexample: Any = None) -> set[str]:
        return set(report_of(LAW, "float32", found, verdict, counterexample=counterexample).tried)

    assert tried(tally(HOLDS, HOLDS, searched=2)) == {"activation"}
    assert tried(tally(HOLDS, searched=2)) == {"activation"}  # there were no more
    assert tried(tally(HOLDS, NOT_OFFERED, searched=2)) == set()
    assert tried(tally(HOLDS, replace(HOLDS, answers=()), searched=2)) == set()
    assert tried(tally(HOLDS, searched=1, refused=1)) == set()
    assert tried(tally(HOLDS, searched=1), Verdict.UNDECIDED) == set()
    assert tried(tally(WRONG, searched=9, refused=3), Verdict.WRONG, z(0)) == {"activation"}
    assert tally(HOLDS, searched=3, tried=[{}, {}]).planned == 5


def test_figures_are_those_of_the_coordinates_that_were_decided() -> None:
    """Without it the best coordinate would stand for all of them."""
    found = [float(number) for number in range(1, 102)]
    whole = report(examination=Examination(resolutions=found))
    assert (whole.resolution, whole.resolution_90) == (51, 91)
    assert report(examination=Examination(resolutions=[0.5])).resolution_90 == 0.5
    assert report().resolution is None
    assert report(repeats=40).least_rate == 1 - 0.05 ** (1 / 40)
    assert report().least_rate is None
    left = Coverage(1, 2, levels=(("rows", 9, False),))
    assert report(coverage=left, refused=1).levels_left_out == ("rows 9",)
    assert report(coverage=left).levels_left_out == ()
    assert report(refused=1).levels_left_out == ()
    assert report(Verdict.WRONG, coverage=left, refused=1).levels_left_out == ()

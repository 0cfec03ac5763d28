"""What is remembered between calls is found, and told from a wrong formula and from what may be remembered.

Claims: no correct implementation that keeps something is rejected; a bug in one thing that is remembered is rejected by
the law on it, some by that alone, in a process of its own as in this one; a wrong formula is not put down to earlier
calls; a sequence that was played can be pasted.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ffn import Case, Hidden, Network, Output, initialise, reference
from ffn.cases.case import flat, mapped
from ffn.cases.covering import PAIRS, TRIPLES
from ffn.conformance.implementation.boundary.data.stored import stored
from ffn.conformance.implementation.loading import load
from ffn.conformance.implementation.sequence import Arrays, Sequence, Use
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import ANSWERS, Offered
from ffn.conformance.laws import matching
from ffn.conformance.laws.state import orders
from ffn.conformance.laws.state.others import different, spread
from ffn.conformance.running.runner import run_law
from ffn.conformance.running.support import supported_by
from ffn.conformance.verdict import Verdict
from tests.conformance.implementations import correct_with_state
from tests.conformance.implementations.bugs import state
from tests.conformance.implementations.textbook import textbook

LAWS = matching(("state",))
ALONE = ("other slope", "one array for two layers", "answers written")


def square_case() -> Case:
    """Two layers of equal shapes, on three rows."""
    network = Network(2, 2, Output("gaussian"), (Hidden(2, "tanh"),))
    x, y = np.linspace(-1, 1, 12, dtype=np.float32).reshape(2, 3, 2)
    return spread(Case(network, initialise(network, seed=0, dtype=np.float32), x, y))


def failing(subject: Subject, seed: int = 0) -> set[str]:
    """The laws on sequences of calls that an implementation breaks in float32."""
    supported = supported_by(subject, "float32")
    reports = (run_law(law, "float32", subject, seed=seed, shrink=False, supported=supported) for law in LAWS)
    return {report.law.name.partition("/")[2] for report in reports if report.verdict.fails}


@pytest.mark.parametrize("variant", correct_with_state.VARIANTS, ids=lambda variant: variant.name)
def test_what_is_kept_in_the_right_way_is_admitted(variant: Any) -> None:
    """Without it nobody could keep a workspace, a plan, or an answer by all that it depends on."""
    assert not failing(Subject(variant))


@pytest.mark.parametrize("what", ALONE)
def test_some_bugs_are_seen_by_the_law_on_them_alone(what: str) -> None:
    """Without it that law could be left out, and no test would tell."""
    (bug,) = state.BUGS[f"state/{what}"]
    assert failing(Subject(bug.fresh())) == {what}


@pytest.mark.parametrize("isolate", [True, False], ids=["isolated", "here"])
@pytest.mark.parametrize(("bug", "law"), [("OneBuffer", "answers kept"), ("Workspace", "batches of other sizes")])
def test_it_makes_no_difference_where_an_implementation_runs(bug: str, law: str, isolate: bool) -> None:
    """Without it a bug that is met under a debugger could be another than the one that was reported."""
    subject = load(f"tests.conformance.implementations.bugs.state:{bug}", isolate)
    try:
        report = run_law(matching((f"state/{law}",))[0], "float32", subject)
    finally:
        subject.close()
    assert report.verdict is Verdict.WRONG
    assert "call 2 of 2" in report.message
    assert len(report.counterexample.uses) == 2


def test_a_wrong_formula_is_not_put_down_to_earlier_calls() -> None:
    """Without it every wrong formula would break some twenty laws more."""
    assert not failing(Subject(textbook("half of the bias", affine=lambda self, x, W, b: self.dot(x, W) + b / 2)))


def test_what_only_earlier_calls_bring_about_is_told_as_that() -> None:
    """Without it a counterexample could be pasted, and show nothing."""

    class Later(state.EveryThird):
        def __init__(self) -> None:
            super().__init__(every=12)

    report = run_law(matching(("state/other inputs",))[0], "float32", Subject(Later()))
    assert report.verdict is Verdict.WRONG
    assert report.message.endswith("; only after what was called before these calls")


def test_an_array_can_lie_where_another_one_lay() -> None:
    """Without it the law on addresses would try arrays that lie apart, and hold."""
    seen: list[tuple[int, int, bytes]] = []

    class Looks:
        name, dtypes = "looks", ("float32",)

        def forward(self, network: Any, parameters: Any, x: Any) -> Any:
            seen.append((id(x), x.ctypes.data, x.tobytes()))
            return reference.forward(network, parameters, x)

    case = square_case()
    other = different(case, "x")[0]
    Subject(Looks()).play(Sequence((Use("forward", case), Use("forward", other, Arrays.SAME_ADDRESS))))
    (*place, before), (*again, after) = seen
    assert place == again
    assert (before, after) == (case.x.tobytes(), other.x.tobytes())


ORDERS = (
    orders.batch_in_place,
    orders.address_used_again,
    orders.one_array_for_two_layers,
    orders.answers_written,
    orders.from_two_threads,
    orders.from_threads_at_once,
    orders.in_any_order,
)


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.__name__)
def test_what_was_played_can_be_pasted(order: Any) -> None:
    """Without it the calls that are shown could be others than those that failed."""
    subject = Subject(reference)
    sequence = Sequence(tuple(order(square_case(), Offered(ANSWERS, subject))))
    printed: list[Any] = []

    def printing(*answers: Any, sep: str = " ") -> None:
        printed.extend(mapped(np.array, answers))  # as they are now

    exec(sequence.to_python(), {"implementation": reference, "print": printing})
    played = [each.answer for each in subject.play(sequence)]
    assert len(printed) == len(played)
    for pasted, answer in zip(printed, played, strict=True):
        assert [a.tobytes() for a in flat(pasted)] == [a.tobytes() for a in flat(answer)]
    assert len(sequence.to_json()["calls"]) == len(sequence.uses)


def test_an_array_of_a_sequence_is_kept_apart_from_what_it_was_made_of() -> None:
    """Without it what is written in place could change the judge's own case."""
    case = square_case()
    before = stored(case.x).data
    subject = Subject(reference)
    subject.play(Sequence(tuple(Use("forward", each, Arrays.IN_PLACE) for each in (case, *different(case, "x")))))
    assert stored(case.x).data == before


def test_the_rate_of_faults_that_would_have_been_seen() -> None:
    """Without it a clean bill after few calls would pass for one after many."""

    class Forward:
        name, dtypes = "forward", ("float32",)
        forward = staticmethod(reference.forward)

    law = matching(("state/repeated call",))[0]
    plain, thorough = (
        run_law(law, "float32", Subject(Forward()), 3, strength=strength) for strength in (PAIRS, TRIPLES)
    )
    assert (plain.repeats, thorough.repeats) == (2 * orders.REPEATED, 3 * orders.REPEATED_THOROUGHLY)
    for report in (plain, thorough):  # of that rate, so many calls are all without a fault once in twenty times
        assert report.least_rate is not None
        assert (1 - report.least_rate) ** report.repeats == pytest.approx(0.05)

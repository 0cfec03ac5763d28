"""Failures that were seen stay: what does not fail again is told as what it is, and what is remembered as the calls."""

from __future__ import annotations

import textwrap
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ffn import ActivationCase, reference
from ffn.conformance.implementation import loading
from ffn.conformance.implementation.sequence import Sequence
from ffn.conformance.implementation.subject import HISTORY, HISTORY_BYTES, History, Subject
from ffn.conformance.laws import matching
from ffn.conformance.running.reproduction import as_a_function
from ffn.conformance.running.runner import run_law
from ffn.conformance.running.tally import LawReport
from ffn.conformance.verdict import Judgement, Verdict
from tests.conformance.laws.sequences import CASE

HEAD = """
from itertools import count
import ffn

class Implementation:
    name, dtypes = "remembers", ("float32",)
    calls, kept = count(), {}

    def gradient(self, network, parameters, x, y):
        gradient = ffn.reference.gradient(network, parameters, x, y)
"""
BODIES = {
    "adds 1 at its first call": "return tuple((dW + (next(self.calls) == 0), db) for dW, db in gradient)",
    "adds to what it has": """
        key = tuple(W.shape for W, b in parameters)
        if key in self.kept:
            gradient = tuple((dW + V, db + c) for (dW, db), (V, c) in zip(gradient, self.kept[key]))
        self.kept[key] = gradient
        return gradient
    """,
    "keeps what it found for a shape": "return self.kept.setdefault(tuple(W.shape for W, b in parameters), gradient)",
}


def remembering(tmp_path: Path, body: str) -> Subject:
    """It, in a process of its own."""
    path = tmp_path / "remembers.py"
    path.write_text(HEAD + textwrap.indent(textwrap.dedent(body), " " * 8) + "\n\nimplementation = Implementation\n")
    return loading.load(str(path))


def isolated(tmp_path: Path, body: str, law: str) -> LawReport:
    """What a law finds of it."""
    with closing(remembering(tmp_path, body)) as subject:
        return run_law(matching((law,))[0], "float32", subject, examples=20)


@pytest.mark.parametrize("what", BODIES)
def test_what_is_remembered_is_told_before_a_law_is_blamed(what: str, tmp_path: Path) -> None:
    """Without it state would pass for a wrong formula, or, where only the first call is wrong, for none."""
    report = isolated(tmp_path, BODIES[what], "network/gradient")
    assert report.verdict is Verdict.ERROR
    assert report.message.startswith("gradient depends on earlier calls: it gives ")
    assert isinstance(report.counterexample, Sequence)
    assert len(report.counterexample.uses) == 2


def test_calls_are_shown_however_the_arrays_lay(tmp_path: Path) -> None:
    """Without it the layout of a planned case would be shown for what another call did."""
    judgement = Judgement(Verdict.WRONG, "off", enclosed=True, answers=("gradient",), shown="how its arrays lie")
    with closing(remembering(tmp_path, BODIES["adds to what it has"])) as subject:
        told = as_a_function(subject, CASE, judgement, flaky=False)
    assert told is not None
    assert told[0].shown is None
    assert isinstance(told[1], Sequence)


def test_the_calls_that_lead_there_can_be_pasted(tmp_path: Path) -> None:
    """Without it nobody could see what an answer depends on."""
    calls = isolated(tmp_path, BODIES["adds to what it has"], "network/gradient").counterexample

    def last_answer(calls: Sequence) -> Any:
        answers: list[Any] = []
        names: dict[str, Any] = {}
        exec((tmp_path / "remembers.py").read_text(), names)
        names |= {"implementation": names["Implementation"](), "print": answers.append}
        exec(calls.to_python(), names)
        return np.concatenate([array.ravel() for layer in answers[-1] for array in layer])

    assert (last_answer(calls) != last_answer(Sequence(calls.uses[-1:]))).any()
    assert [call["method"] for call in calls.to_json()["calls"]] == ["gradient", "gradient"]


class Sometimes:
    """Wrong at every twentieth call."""

    name, dtypes = "sometimes", ("float32",)
    reproducible = True

    def __init__(self) -> None:
        self.calls = count(1)

    def forward(self, *given: Any) -> Any:
        z = reference.forward(*given)
        return z + z.dtype.type(next(self.calls) % 20 == 0)


def test_a_failure_that_does_not_come_again_stays() -> None:
    """Without it five wrong answers of a hundred would hold, with a counterexample beside the word."""
    report = run_law(matching(("network/output",))[0], "float32", Subject(Sometimes()))
    assert report.verdict is Verdict.ERROR
    assert report.message.startswith("not reproducible: the same arguments gave ")
    assert "(5 of 100 calls differ)" in report.message


def test_sums_in_a_changing_order_are_judged_by_their_values_alone() -> None:
    """Without it a device that adds in a changing order would be wrong whatever it computes."""

    class Changing(Sometimes):
        reproducible = False

        def forward(self, network: Any, parameters: Any, x: Any) -> Any:
            (W, b), *others = parameters
            order = np.random.default_rng(next(self.calls)).permutation(network.inputs)
            return reference.forward(network, ((W[order], b), *others), x[:, order])

    subject = Subject(Changing())
    assert run_law(matching(("network/output",))[0], "float32", subject).verdict is Verdict.HOLDS
    assert run_law(matching(("purity/second call",))[0], "float32", subject).verdict is Verdict.NOT_OFFERED


@pytest.mark.parametrize("verdict", [Verdict.HOLDS, Verdict.UNDECIDED, Verdict.NOT_OFFERED])
def test_no_report_holds_beside_a_counterexample(verdict: Verdict) -> None:
    """Without it what was seen could be written beside its opposite."""
    law = matching(("network/output",))[0]
    with pytest.raises(ValueError, match="a counterexample, and yet"):
        LawReport(law, "float32", verdict, counterexample=object())


def test_what_is_remembered_of_calls_is_bounded() -> None:
    """Without it an implementation of wide networks would have the judge hold all that it was given."""
    history, large = History(), ActivationCase("relu", np.zeros(HISTORY_BYTES // 32, np.float64))
    for _ in range(9):
        history.add("activation", large)
    assert len(list(history)) == 4
    for _ in range(HISTORY + 1):
        history.add("activation", ActivationCase("relu", np.zeros(1)))
    assert len(list(history)) == HISTORY
    history.add("activation", ActivationCase("relu", np.zeros(HISTORY_BYTES // 8 + 1)))
    assert len(list(history)) == 1

"""Laws and judges that are made when the chapters are loaded, made once more."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ffn.conformance.implementation.sequence import Use
from ffn.conformance.law import ANSWERS
from ffn.conformance.laws import arguments, purity, state
from ffn.conformance.verdict import Verdict
from tests.conformance.laws.answers import F32, MODEL, network_case, offered
from tests.conformance.laws.test_cases_of_laws import drawn


def test_a_law_of_a_chapter_is_what_it_is_given() -> None:
    """Without it a law could draw another one's cases, or be told by another one's statement."""
    plain = state._law("mine", "It holds.", purity.dtype_is_kept)
    assert (plain.name, plain.statement, plain.judge) == ("state/mine", "It holds.", purity.dtype_is_kept)
    assert (plain.speaks_of, plain.most, plain.part) == (ANSWERS, state.CASES, None)
    assert {len(case.network.hidden) for case in drawn(plain, "float32")} == {1}
    own = state._law(
        "m", "", purity.dtype_is_kept, ("loss",), cases=purity.CASES_OF_PARTS["dropout"], most=1, part="dropout"
    )
    assert (own.speaks_of, own.most, own.part) == (("loss",), 1, "dropout")
    assert own.cases is purity.CASES_OF_PARTS["dropout"]
    sums = state._law("m", "", purity.dtype_is_kept, drawn={"reductions": ("sum",)})
    assert {case.network.reduction for case in drawn(sums, "float32")} == {"sum"}
    mine = arguments._law("mine", "It holds.", purity.dtype_is_kept, own.cases, part="dropout")
    assert (mine.name, mine.statement, mine.judge) == ("arguments/mine", "It holds.", purity.dtype_is_kept)
    assert (mine.speaks_of, mine.cases, mine.most, mine.part) == (ANSWERS, own.cases, arguments.CASES, "dropout")
    assert arguments._law("m", "", purity.dtype_is_kept, own.cases, ("loss",), most=7).most == 7


def test_a_judge_of_calls_counts_those_that_were_repeated() -> None:
    """Without it a rate of faults would be told of calls that nobody compared."""
    case, asked = network_case(), offered("forward", "loss")
    uses = [Use(name, case) for name in asked.names for _ in range(4)]
    repeated = state.in_order(lambda case, offered: uses, telling=False, same_bits=True)(case, asked, MODEL)
    assert (repeated.verdict, repeated.repeats) == (Verdict.HOLDS, 4)
    assert state.in_order(lambda case, offered: uses, telling=False)(case, asked, MODEL).repeats == 0
    assert state.in_order(lambda case, offered: uses)(case, asked, MODEL).verdict is Verdict.UNDECIDED  # none differs
    given: list[Any] = []
    state.in_order(lambda *both: given.append(both) or uses)(case, asked, MODEL)
    assert given == [(case, asked)]
    assert state.in_order(lambda case, offered: [])(case, asked, MODEL).verdict is Verdict.NOT_OFFERED


@pytest.mark.parametrize(("fault", "other"), [("inputs", "dtype"), ("dtype", "inputs")])
def test_a_judge_of_a_fault_finds_it_in_every_answer_and_no_other(fault: str, other: str) -> None:
    """Without it an answer in float64 would be told as a changed input, or the second answer not be looked at."""

    def faulty(right: Any, network: Any, parameters: Any, x: Any) -> Any:
        if fault == "dtype":
            return right.astype(np.float64)
        x[0, 0] = F32(7)
        return right

    asked = offered("loss", "forward", forward=faulty)
    found = purity.is_free_of(fault)(network_case(), asked, MODEL)
    assert (found.verdict, "forward" in found.message) == (Verdict.WRONG, True)
    assert purity.is_free_of(other)(network_case(), asked, MODEL).verdict is Verdict.HOLDS
    both = purity.all_of(purity.is_free_of(other), purity.is_free_of(fault))
    assert both(network_case(), asked, MODEL).message == found.message

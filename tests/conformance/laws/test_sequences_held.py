"""A fault of an answer is put down to the calls before only where these are to blame."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ffn import ActivationCase, reference
from ffn.conformance.implementation.sequence import AT_ONCE, Sequence, Use
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import Offered
from ffn.conformance.laws.state.judging import held
from ffn.conformance.laws.state.others import (
    different,
)
from ffn.conformance.verdict import Judgement, Verdict
from tests.conformance.laws.sequences import CASE, F32, MODEL


def judged(
    implementation: Any, *uses: Use, names: tuple[str, ...] = ("forward",), again: bool = True, **options: bool
) -> Judgement:
    subject = Subject(implementation, type(implementation) if again else None)
    if not again:
        subject.boundary._again = None  # type: ignore[attr-defined]
    return held(Sequence(uses), Offered(names, subject), MODEL, **options)


class Forward:
    name, dtypes = "forward alone", ("float32",)

    def __init__(self) -> None:
        self.calls = 0
        self.kept: Any = None

    def forward(self, network: Any, parameters: Any, x: Any) -> Any:
        self.calls += 1
        return self.answer(reference.forward(network, parameters, x))

    def answer(self, z: Any) -> Any:
        return z


class KeepsTheFirst(Forward):
    def answer(self, z: Any) -> Any:
        self.kept = z if self.kept is None else self.kept
        return self.kept.copy()


class Wrong(Forward):
    def answer(self, z: Any) -> Any:
        return z + 1


class Drifts(Forward):
    """The bits move, and stay admissible."""

    def answer(self, z: Any) -> Any:
        return np.nextafter(z, F32(9)) if self.calls == 2 else z


class OneBuffer(Forward):
    def answer(self, z: Any) -> Any:
        self.kept = np.empty_like(z) if self.kept is None else self.kept
        self.kept[...] = z
        return self.kept


OTHER = different(CASE, "x")[0]
THERE_AND_BACK = (Use("forward", CASE), Use("forward", OTHER), Use("forward", CASE))


def test_answers_of_their_own_hold_where_those_of_others_would_have_shown() -> None:
    """Without it a sequence of equal calls would hold of what remembers everything."""
    assert judged(Forward(), *THERE_AND_BACK).verdict is Verdict.HOLDS
    assert judged(Forward(), Use("forward", CASE), Use("forward", CASE)).verdict is Verdict.UNDECIDED
    assert judged(Forward(), Use("forward", CASE), Use("forward", CASE), telling=False).verdict is Verdict.HOLDS
    shorter = CASE.rows([0])
    assert judged(Forward(), Use("forward", CASE), Use("forward", shorter)).verdict is Verdict.UNDECIDED


@pytest.mark.parametrize("again", [True, False])
def test_an_answer_to_other_arguments_is_told_with_the_call_that_had_it(again: bool) -> None:
    """Without it a reader would not know what was remembered."""
    found = judged(KeepsTheFirst(), *THERE_AND_BACK, again=again)
    assert found.verdict is Verdict.WRONG
    assert found.message.startswith("forward, call 2 of 3: output[0, 0]: computed ")
    assert found.message.endswith(", which is what call 1 returned")
    assert len(found.shown.uses) == 2
    assert found.replayed is not None
    assert found.replayed(found.shown).verdict is Verdict.WRONG
    assert found.replayed(Sequence(THERE_AND_BACK[:1])).verdict is not Verdict.WRONG


def test_what_is_wrong_by_itself_is_not_put_down_to_the_calls_before() -> None:
    """Without it every wrong formula would be state."""
    assert judged(Wrong(), *THERE_AND_BACK).verdict is Verdict.UNDECIDED
    assert judged(Wrong(), *THERE_AND_BACK, again=False).verdict is Verdict.UNDECIDED


def test_an_answer_that_changes_later_is_told_with_its_call() -> None:
    """Without it a buffer that is handed out would hold."""
    found = judged(OneBuffer(), *THERE_AND_BACK, kept=True)
    assert (found.verdict, found.message) == (
        Verdict.WRONG, "forward, call 2 of 3: the answer that call 1 returned is changed, output"
    )  # fmt: skip
    assert judged(OneBuffer(), *THERE_AND_BACK).verdict is Verdict.HOLDS

    class Passes:
        name, dtypes = "passes", ("float32",)

        def __init__(self) -> None:
            self.kept = np.zeros(2, F32)

        def activation(self, name: str, at: Any) -> Any:
            return at

        def gradient(self, network: Any, parameters: Any, x: Any, y: Any) -> Any:
            both = np.zeros(9, F32)
            return ((both[:6].reshape(2, 3), both[3:6]), (np.zeros((3, 2), F32), np.zeros(2, F32)))

    z = ActivationCase("relu", np.ones(2, F32))
    own = judged(Passes(), Use("activation", z, written=True), names=("activation",), kept=True)
    assert own.message == "activation, call 1 of 1: its answer lies in the memory of its argument z"
    shared = judged(Passes(), Use("gradient", CASE, written=True), names=("gradient",), kept=True)
    assert shared.message == "gradient, call 1 of 1: another array of its answer lies in the memory of layer 0, b"


def test_other_bits_are_told_where_the_same_are_promised() -> None:
    """Without it a sum in a changing order would be one that is repeated."""
    same = tuple(Use("forward", CASE) for _ in range(3))
    found = judged(Drifts(), *same, telling=False, same_bits=True)
    assert found.message == "forward, call 2 of 3: other bits than call 1 returned for the same arguments"
    assert judged(Drifts(), *same, telling=False).verdict is Verdict.HOLDS
    drifts = Drifts()
    drifts.reproducible = False  # type: ignore[attr-defined]
    subject = Subject(drifts)
    assert (
        held(Sequence(same), Offered(("forward",), subject), MODEL, telling=False, same_bits=True).verdict
        is Verdict.HOLDS
    )


def test_what_raises_is_an_error_with_the_calls() -> None:
    """Without it the calls that lead there would be lost."""

    class Raises(Forward):
        def answer(self, z: Any) -> Any:
            if self.calls == 2:
                raise ValueError("once more")
            return z

    found = judged(Raises(), *THERE_AND_BACK)
    assert found.verdict is Verdict.ERROR
    assert found.message.startswith("forward raised ValueError: once more")
    assert found.message.endswith("(call 2 of 3)")
    assert found.shown.uses == THERE_AND_BACK
    assert AT_ONCE > 1


class OffAtFirst(Forward):
    """The second call is off by one, and any later one by what is given."""

    def __init__(self, later: float = 0, reproducible: bool = True) -> None:
        super().__init__()
        self.later, self.reproducible = later, reproducible

    def answer(self, z: Any) -> Any:
        return z + F32(1 if self.calls == 2 else self.later if self.calls > 2 else 0)


TWO = THERE_AND_BACK[:2]


def test_where_nothing_can_be_had_anew_what_differs_when_asked_again_is_put_down_to_the_calls() -> None:
    """Without it who cannot be loaded once more would be blamed for nothing, or for every wrong formula."""
    assert judged(OffAtFirst(), *TWO, again=False).verdict is Verdict.WRONG
    assert judged(OffAtFirst(reproducible=False), *TWO, again=False).verdict is Verdict.WRONG  # right when asked again
    assert judged(OffAtFirst(later=2), *TWO, again=False).verdict is Verdict.WRONG  # wrong otherwise
    assert judged(OffAtFirst(later=2, reproducible=False), *TWO, again=False).verdict is Verdict.HOLDS
    assert judged(OffAtFirst(later=1), *TWO, again=False).verdict is Verdict.HOLDS


def test_what_raises_when_it_is_asked_again_is_put_down_to_nothing() -> None:
    """Without it an answer that is wrong, and then none, would be blamed on the calls before."""

    class Raises(OffAtFirst):
        def answer(self, z: Any) -> Any:
            if self.calls > 2:
                raise ValueError("no more")
            return super().answer(z)

    assert judged(Raises(), *TWO, again=False).verdict is Verdict.HOLDS

"""A sequence of calls is made shorter, as long as it fails where nothing was called before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ffn.conformance.implementation.sequence import Arrays, Sequence, Use
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.running.thinning import RESTARTS, thinned
from ffn.conformance.verdict import Judgement
from tests.conformance.verdicts.stubs import HOLDS, WRONG, Tanh, z


def uses(*numbers: float) -> tuple[Use, ...]:
    return tuple(Use("activation", z(number), Arrays.ALL_NEW) for number in numbers)


def thin(wrong: Any, *numbers: float, again: bool = True) -> tuple[Judgement, int]:
    """The judgement of calls that fail where ``wrong`` says so of their numbers, and how often it began anew."""
    starts: list[int] = []
    subject = Subject(Tanh(), Tanh)
    subject.restart = lambda: bool(starts.append(1)) or again  # type: ignore[method-assign]

    def judge(sequence: Sequence) -> Judgement:
        found = tuple(float(use.case.z[0]) for use in sequence.uses)
        return replace(WRONG, shown=sequence) if wrong(found) else HOLDS

    given = replace(WRONG, shown=Sequence(uses(*numbers)), replayed=judge)
    return thinned(subject, given), len(starts)


def test_calls_that_do_not_matter_are_left_out() -> None:
    """Without it a reader would read a hundred calls, of which two matter."""
    found, starts = thin(lambda numbers: 3 in numbers and 7 in numbers, *range(10))
    assert [float(use.case.z[0]) for use in found.shown.uses] == [3, 7]
    assert starts <= RESTARTS + 1
    found, _ = thin(lambda numbers: len(numbers) >= 5, *range(10))
    assert len(found.shown.uses) == 5
    found, starts = thin(lambda numbers: True, *range(200))
    assert (starts, len(found.shown.uses)) == (10, 1)  # of 200 calls half are left out eight times
    found, starts = thin(lambda numbers: len(numbers) > 90, *range(100))
    assert (starts, len(found.shown.uses)) == (RESTARTS + 1, 96)


def test_calls_that_fail_only_after_others_say_so() -> None:
    """Without it what is pasted would not fail, and nobody know why."""
    found, _ = thin(lambda numbers: False, 1, 2, 3)
    assert found.message == "off by one; only after what was called before these calls"
    assert len(found.shown.uses) == 3
    kept, starts = thin(lambda numbers: True, 1, 2, 3, again=False)
    assert (len(kept.shown.uses), starts, kept.message) == (3, 1, "off by one")
    assert thinned(Subject(Tanh()), WRONG) is WRONG

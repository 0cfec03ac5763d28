"""A failure is that of a function, or is told as what is remembered or drawn by chance."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ffn.conformance.implementation.subject import Subject
from ffn.conformance.running import reproduction
from ffn.conformance.running.reproduction import as_a_function, difference_of, same
from ffn.conformance.verdict import Verdict
from tests.conformance.verdicts.stubs import OFF, WRONG, Tanh, network_case, z


class Remembers(Tanh):
    """A tanh that answers by what was called before."""

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.answer_ = answer
        self.reproducible = True

    def activation(self, name: str, at: Any) -> Any:
        self.calls.append(float(at[0]))
        return np.tanh(at) + at.dtype.type(self.answer_(self.calls))


def looked_at(answer: Any, before: tuple[float, ...] = (), flaky: bool = False, again: bool = True, **own: Any) -> Any:
    started: list[int] = []
    remembers = Remembers(answer)
    subject = Subject(remembers, (lambda: started.append(1) or Remembers(answer)) if again else None)
    vars(subject).update(own, started=started)
    if not again:
        subject.boundary._again = None  # type: ignore[attr-defined]
    for number in before:
        subject.answer("activation", z(number))
    return as_a_function(subject, z(3), replace(OFF, answers=("activation",)), flaky), subject


def test_a_function_is_none_of_these() -> None:
    """Without it every failure would be put down to state."""
    found, subject = looked_at(lambda calls: 0, (1, 2))
    assert found is None
    assert subject.functions == {"activation"}
    asked = len(subject.boundary.implementation.calls)
    assert as_a_function(subject, z(3), replace(OFF, answers=("activation",)), False) is None
    assert len(subject.boundary.implementation.calls) == asked + reproduction.REPEATS  # and no further process


def test_answers_at_random_are_told_with_how_often() -> None:
    """Without it a law would be blamed for what chance did."""
    found, _ = looked_at(lambda calls: len(calls) % 5 == 0, again=False)
    judgement, case = found
    assert judgement.verdict is Verdict.ERROR
    assert judgement.message.startswith("not reproducible: the same arguments gave ")
    assert judgement.message.endswith(", in tanh[0] (2 of 10 calls differ)")
    assert (case.z.tolist(), judgement.enclosed) == ([3], False)
    often, _ = looked_at(lambda calls: len(calls) % 25 == 0, flaky=True, again=False)
    assert often[0].message.endswith("(4 of 100 calls differ)")
    rare, _ = looked_at(lambda calls: False, flaky=True, again=False)
    assert rare[0].message == (
        "not reproducible: the same arguments failed once and held once; it failed with off by one"
    )
    second, _ = looked_at(lambda calls: len(calls) == 2, again=False)
    assert " and then " in second[0].message
    anew, _ = looked_at(lambda calls: len(calls) == 5)  # a fresh process answers twice as it did at first
    assert anew[0].message.endswith(", in tanh[0] (1 of 10 calls differ)")
    assert anew[1].z.tolist() == [3]
    changing, _ = looked_at(lambda calls: len(calls) % 5 == 0, again=False, reproducible=False)
    assert changing is None


def test_what_is_remembered_is_shown_as_the_calls_that_matter() -> None:
    """Without it state would pass for a wrong formula."""
    found, _ = looked_at(lambda calls: 7.0 in calls, (1, 7, 2, 5, 4))
    judgement, calls = found
    assert judgement.message.startswith("activation depends on earlier calls: it gives 0.9")
    assert " alone and 1.9" in judgement.message
    assert judgement.message.endswith(" after them, in tanh[0]")
    assert [float(use.case.z[0]) for use in calls.uses] == [7, 3]
    assert judgement.verdict is Verdict.ERROR
    second, _ = looked_at(lambda calls: len(calls) > 1)
    assert [float(use.case.z[0]) for use in second[1].uses] == [3, 3]
    assert looked_at(lambda calls: 7.0 in calls, (1, 7, 2), again=False)[0] is None
    both, _ = looked_at(lambda calls: 7.0 in calls and 8.0 in calls, (7, 1, 8, 2))
    assert [float(use.case.z[0]) for use in both[1].uses] == [7, 1, 8, 2, 3]  # neither half is enough


@pytest.mark.parametrize(("place", "starts"), [(63, 3), (20, 15), (0, 17)])
def test_what_matters_is_looked_for_in_few_processes(place: int, starts: int) -> None:
    """Without it a run would wait for a hundred processes, each of which takes a second."""
    before = tuple(7 if at == place else 1 for at in range(64))
    found, subject = looked_at(lambda calls: 7.0 in calls, before)
    assert [float(use.case.z[0]) for use in found[1].uses] == [7, 3]
    assert len(subject.started) == starts


def test_what_each_process_draws_at_its_start_is_told_as_that() -> None:
    """Without it chance would be shown as calls that have nothing to do with it."""
    numbers = iter(range(100))

    def process() -> Remembers:
        number = next(numbers)
        return Remembers(lambda calls: number)

    found = as_a_function(Subject(process(), process), z(0), replace(OFF, answers=("activation",)), False)
    assert found is not None
    assert found[0].message == "not reproducible: a fresh process gave 1.0 and then 0.0, in tanh[0]"
    assert found[1].z.tolist() == [0]


def test_a_law_about_just_this_keeps_its_verdict() -> None:
    """Without it a law on second calls would be an error of its own."""
    subject = Subject(Remembers(lambda calls: len(calls) % 2))
    plain = replace(WRONG, answers=("activation",))
    found = as_a_function(subject, z(3), plain, False)
    assert found is not None
    assert found[0].verdict is Verdict.WRONG
    lying = as_a_function(subject, z(3), replace(plain, shown="the arrays as they lie"), False)
    assert lying is not None
    assert lying[0].verdict is Verdict.ERROR  # no law on how arrays lie is about second calls


def test_answers_are_the_same_where_every_bit_is() -> None:
    """Without it −0 beside 0, or another dtype, would be the same answer."""
    a = np.zeros(2, np.float32)
    assert same((a, (a,)), (a.copy(), (a.copy(),)))
    assert not any(same(a, other) for other in (-a, a.astype(np.float64), np.zeros((2, 1), np.float32)))
    case = network_case()
    b = tuple(tuple(array.copy() for array in layer) for layer in case.parameters)
    assert difference_of("gradient", case, case.parameters, b) == "the same"
    b[1][0][1, 0] += 1
    old, new = case.parameters[1][0][1, 0], b[1][0][1, 0]
    assert difference_of("gradient", case, case.parameters, b) == f"{old} and then {new}, in layer 1, W[1, 0]"
    one = np.float32(1).reshape(())
    assert difference_of("loss", case, one, one + 1, "alone and", "after it") == "1.0 alone and 2.0 after it, in loss"

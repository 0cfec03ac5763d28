"""A failure that is looked at again: whether it was rounding, a function's, and with which smallest case it is seen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ffn import ActivationCase, Case, Hidden, Network, Output
from ffn.admissible import Examination, Outside
from ffn.conformance.implementation.sequence import Arrays, Sequence, Use
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.running import classify, reproduction, simplify
from ffn.conformance.running.classify import bits_right, classified
from ffn.conformance.running.reproduction import as_a_function, difference_of, same
from ffn.conformance.running.simplify import candidates, simplified
from ffn.conformance.running.thinning import RESTARTS, thinned
from ffn.conformance.verdict import Judgement, Verdict
from ffn.numbers.precision import precision
from tests.conformance.verdicts.stubs import HOLDS, WRONG, Tanh, outside, z

OFF = replace(WRONG, enclosed=True, examination=Examination(outside=outside(), error=1.0))
BOTH = ("float32", "float64")


def off_by(error: float) -> Judgement:
    return replace(OFF, examination=Examination(outside=outside(), error=error))


# rounding


def test_what_the_wider_precision_has_right_was_lost_to_rounding() -> None:
    """Without it a log of a softmax would be called a wrong formula."""
    asked: list[str] = []

    def trial(case: Any, model: Any = None) -> Judgement:
        asked.append(case.dtype)
        return HOLDS if case.dtype == "float64" else OFF

    found = classified(trial, z(1), OFF, BOTH)
    assert found.verdict is Verdict.UNSTABLE
    assert found.message == "off by one; 0 of 24 bits are right"
    alone = classified(trial, z(1), OFF, ("float32",))
    assert (alone.verdict, alone.message) == (Verdict.WRONG, "off by one")
    assert "float64" in asked


def test_what_is_off_in_both_by_as_much_is_wrong() -> None:
    """Without it a formula that is off would be excused as rounding."""
    found = classified(lambda case, model=None: off_by(1.0), z(1), OFF, BOTH)
    assert (found.verdict, found.message) == (Verdict.WRONG, "off by one")
    wide = ActivationCase("tanh", np.ones(1))
    found = classified(lambda case, model=None: off_by(1.0), wide, OFF, BOTH)
    assert found.verdict is Verdict.WRONG


def test_an_error_in_float64_that_is_far_below_the_one_in_float32_is_rounding() -> None:
    """Without it float64, which nothing wider can check, would call rounding a wrong formula."""

    def ratio(factor: float) -> Verdict:
        def trial(case: Any, model: Any = None) -> Judgement:
            return off_by(1.0 if case.dtype == "float32" else 1 / factor)

        return classified(trial, ActivationCase("tanh", np.ones(1)), OFF, BOTH).verdict

    assert ratio(2.0**10) is Verdict.UNSTABLE
    assert ratio(2.0**10 - 1) is Verdict.WRONG
    assert ratio(2.0**29) is Verdict.UNSTABLE
    assert ratio(0.5) is Verdict.WRONG


def test_infinities_tell_where_smaller_inputs_have_a_number() -> None:
    """Without it an exponential that overflows would be a wrong formula."""

    def trial(case: Any, model: Any = None) -> Judgement:
        return off_by(np.inf) if abs(case.z[0]) > 100 else HOLDS

    assert classified(trial, ActivationCase("tanh", np.full(1, 1e6)), OFF, BOTH).verdict is Verdict.UNSTABLE
    never = classified(lambda case, model=None: off_by(np.inf), ActivationCase("tanh", np.full(1, 1e6)), OFF, BOTH)
    assert never.verdict is Verdict.WRONG


def test_only_a_comparison_with_a_set_that_rounding_widens_is_looked_at() -> None:
    """Without it a shape that is wrong would be lost to rounding."""

    def trial(case: Any, model: Any = None) -> Judgement:
        raise AssertionError("it is not asked")

    for judgement in (replace(OFF, enclosed=False), replace(OFF, exact=True), replace(OFF, verdict=Verdict.ERROR)):
        assert classified(trial, z(1), judgement, BOTH) is judgement


@pytest.mark.parametrize(("right", "dtype"), [(9, "float32"), (20, "float64"), (7, "float16"), (0, "float32")])
def test_the_bits_that_are_right_are_those_whose_unit_roundoff_would_admit_the_answer(right: int, dtype: str) -> None:
    """Without it a figure would say more, or less, than the answer has."""
    case = ActivationCase("tanh", np.ones(1, dtype))

    def trial(case: Any, model: Any = None) -> Judgement:
        return OFF if model is None or model.bits > right else HOLDS

    assert bits_right(trial, case) == right
    assert bits_right(trial, case, precision(dtype).with_bits(5)) == min(right, 4)


def test_what_is_nearly_right_says_what_else_it_may_be() -> None:
    """Without it a student would look for a slip in a formula that is right in fewer bits."""

    def trial(case: Any, model: Any = None) -> Judgement:
        return off_by(1e-9) if model is None or model.bits > 8 else HOLDS

    def message(case: Any, dtypes: tuple[str, ...]) -> str:
        return classified(trial, case, OFF, dtypes).message

    assert message(z(1), BOTH) == (
        "off by one; 8 of 24 bits are right; off in float64 too: a number is off, or the arithmetic has fewer bits"
    )
    missing = "; wrong or unstable: {} is not offered, in which it would be repeated"
    assert message(z(1), ("float32",)).endswith(missing.format("float64"))
    wide = ActivationCase("tanh", np.ones(1))

    def fine(case: Any, model: Any = None) -> Judgement:
        return off_by(1e-9) if model is None or model.bits > 18 else HOLDS

    assert classified(fine, wide, OFF, ("float64",)).message.endswith(
        "18 of 53 bits are right" + missing.format("float32")
    )
    assert classified(fine, wide, OFF, BOTH).message.endswith(
        "; off hardly less so than in float32: a number is off, or the arithmetic has fewer bits"
    )

    def coarse(case: Any, model: Any = None) -> Judgement:
        return off_by(1e-9) if model is None or model.bits > 7 else HOLDS

    assert classified(coarse, z(1), OFF, BOTH).message == "off by one"  # of 24 bits 7 are less than a third


def test_of_an_activations_array_the_entry_that_is_wrong_is_looked_at() -> None:
    """Without it a large entry that overflows would excuse a small one that is wrong."""
    seen: list[Any] = []

    def trial(case: Any, model: Any = None) -> Judgement:
        seen.append(case.z.tolist())
        return OFF

    place = Outside("tanh[1]", 0.0, outside().admissible, 0.0, "float32", index=(1,))
    at = replace(OFF, examination=Examination(outside=place, error=1.0))
    classified(trial, z(1, 2, 3), at, BOTH)
    assert seen[0] == [2]
    assert all(len(each) == 1 for each in seen)
    seen.clear()
    classified(
        lambda case, model=None: seen.append(len(case.z)) or (HOLDS if len(case.z) == 1 else OFF), z(1, 2, 3), at, BOTH
    )  # type: ignore[func-returns-value]
    assert set(seen[1:]) == {3}


def test_the_magnitude_of_the_inputs_goes_to_the_weights() -> None:
    """Without it float32 would overflow on what float64 holds, and tell nothing."""
    case = network_case(np.float64)
    large = replace(
        case,
        x=case.x * 2.0**200,
        parameters=((case.parameters[0][0] / 2.0**200, case.parameters[0][1]), *case.parameters[1:]),
    )
    near = classify._balanced(lambda case, model=None: OFF, large)
    assert 0.5 <= np.max(np.abs(near.x)) < 1
    same_z = (np.tensordot(each.x, each.parameters[0][0], 1) for each in (near, large))
    assert np.array_equal(*same_z)
    assert classify._balanced(lambda case, model=None: HOLDS, large) is large
    for other in (network_case(np.float32), replace(case, x=0 * case.x), z(1)):
        assert classify._balanced(lambda case, model=None: OFF, other) is other


# smaller cases


def network_case(dtype: Any = np.float32, rows: int = 4, masks: bool = False) -> Case:
    network = Network(3, 2, Output("gaussian"), (Hidden(4, "maxout", pieces=3),))
    random = np.random.default_rng(0)
    arrays = tuple(
        (random.integers(1, 9, w).astype(dtype), random.integers(1, 9, b).astype(dtype)) for w, b in network.shapes
    )
    x, y = random.integers(1, 9, (rows, 3)).astype(dtype), np.ones((rows, 2), dtype)
    dropped = (np.zeros((rows, 3), dtype), np.ones((rows, 4), dtype)) if masks else None
    return Case(network, arrays, x, y, dropped)


def smallest(case: Any, wrong: Any, **own: Any) -> Any:
    def trial(case: Any, model: Any = None) -> Judgement:
        return WRONG if wrong(case) else HOLDS

    return simplified(trial, case, WRONG, **own)[0]


def test_a_case_is_cut_down_along_every_axis() -> None:
    """Without it a reader would look for a fault among numbers that have nothing to do with it."""
    found = smallest(network_case(), lambda case: True)
    assert (found.network.inputs, found.network.units, len(found.x)) == (1, 1, 1)
    assert (found.network.hidden[0].units, found.network.hidden[0].pieces) == (1, 1)
    assert all(not array.any() for layer in found.parameters for array in layer)
    assert not found.x.any()
    assert found.y.tolist() == [[1]]  # targets stay


@pytest.mark.parametrize(
    ("what", "wrong", "lengths"),
    [
        ("rows", lambda case: len(case.x) >= 3, {"row": 3}),
        ("inputs", lambda case: case.network.inputs >= 2, {"input": 2}),
        ("units", lambda case: case.network.units >= 2, {"column": 2, "target": 2}),
        ("hidden units", lambda case: case.network.hidden[0].units >= 3, {"unit 1": 3}),
        ("pieces", lambda case: case.network.hidden[0].pieces >= 2, {"piece 1": 2}),
        ("a square", lambda case: case.network.inputs == case.network.hidden[0].pieces, {"input": 1, "piece 1": 1}),
    ],
)
def test_what_the_failure_needs_stays(what: str, wrong: Any, lengths: dict[str, int]) -> None:
    """Without it the failure would be lost on the way, and the large case be shown."""
    found = smallest(network_case(), wrong)
    assert wrong(found)
    every = {"row": 1, "input": 1, "unit 1": 1, "piece 1": 1, "column": 1, "target": 1}
    assert found.lengths() == every | lengths


def test_numbers_become_0_one_or_whole() -> None:
    """Without it a reader would compute with seven digits."""
    assert smallest(z(0.25), lambda case: 0 < case.z[0] < 1).z.tolist() == [0.25]
    assert smallest(z(0.25), lambda case: case.z[0] > 0).z.tolist() == [1]  # whole before small
    assert smallest(z(2.5), lambda case: case.z[0] > 0).z.tolist() == [1]
    assert smallest(z(-2.5), lambda case: case.z[0] < 0).z.tolist() == [-1]
    assert smallest(z(-2.5), lambda case: case.z[0] < -1).z.tolist() == [-2]
    assert smallest(z(2.0), lambda case: case.z[0] > 1).z.tolist() == [2]
    many = z(*range(1, 13))
    assert smallest(many, lambda case: len(case.z) == 12 and case.z[7] > 0).z.tolist() == [0] * 7 + [1] + [0] * 4
    assert len(smallest(many, lambda case: 8 in case.z).z) == 1


def test_what_was_dropped_is_kept_again_where_it_does_not_matter() -> None:
    """Without it masks that have nothing to do with it would be shown."""
    case = network_case(masks=True)
    found = smallest(case, lambda case: len(case.x) == 4 and case.network.inputs == 3)
    assert all(mask.all() for mask in found.masks)
    found = smallest(case, lambda case: case.masks[0][0, 0] == 0)
    assert [mask.tolist() for mask in found.masks] == [[[0]], [[1]]]


def test_steps_are_limited_and_another_verdict_is_no_progress() -> None:
    """Without it a large network would be cut down for minutes, or another failure be shown."""
    calls: list[Any] = []

    def trial(case: Any, model: Any = None) -> Judgement:
        calls.append(case)
        return replace(WRONG, verdict=Verdict.ERROR)

    case = network_case()
    assert simplified(trial, case, WRONG, 7) == (case, WRONG)
    assert len(calls) == 7
    assert simplified(trial, case, WRONG, 0) == (case, WRONG)
    found, judgement = simplified(lambda case, model=None: replace(WRONG, message="smaller"), case, WRONG, 1)
    assert judgement.message == "smaller"
    assert len(found.x) < len(case.x)
    first = next(iter(candidates(case)))
    assert len(first.x) == 2  # the greatest simplification first
    calls.clear()
    large = network_case(rows=300)
    simplify_ = simplified(lambda case, model=None: calls.append(case.work) or HOLDS, large, WRONG)  # type: ignore[func-returns-value]
    assert simplify_[0] is large
    assert sum(calls[:-1]) <= simplify.MOST_WORK


def test_an_exact_case_keeps_its_residuals() -> None:
    """Without it a smaller case would have residuals everywhere, and its gradient round."""
    case = network_case(np.float64)
    from ffn import reference

    z_ = reference.forward(*case.arguments("forward"))
    few = case.changed(y=z_ - np.eye(4, 2))

    def trial(case: Any, model: Any = None) -> Judgement:
        residuals = reference.forward(*case.arguments("forward")) - case.y
        return replace(WRONG, exact=True) if set(np.unique(residuals)) <= {0.0, 1.0} else HOLDS

    found, _ = simplified(trial, few, replace(WRONG, exact=True))
    assert len(found.x) == 1
    assert trial(found).fails
    plain = ActivationCase("tanh", np.ones(3))
    assert simplified(trial, plain, replace(WRONG, exact=True))[0] is plain


# functions


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
    remembers = Remembers(answer)
    subject = Subject(remembers, (lambda: Remembers(answer)) if again else None)
    vars(subject).update(own)
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


def test_a_law_about_just_this_keeps_its_verdict() -> None:
    """Without it a law on second calls would be an error of its own."""
    subject = Subject(Remembers(lambda calls: len(calls) % 2))
    plain = replace(WRONG, answers=("activation",))
    found = as_a_function(subject, z(3), plain, False)
    assert found is not None
    assert found[0].verdict is Verdict.WRONG


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


# sequences


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
    assert starts <= RESTARTS + 1
    assert len(found.shown.uses) == 1


def test_calls_that_fail_only_after_others_say_so() -> None:
    """Without it what is pasted would not fail, and nobody know why."""
    found, _ = thin(lambda numbers: False, 1, 2, 3)
    assert found.message == "off by one; only after what was called before these calls"
    assert len(found.shown.uses) == 3
    kept, starts = thin(lambda numbers: True, 1, 2, 3, again=False)
    assert (len(kept.shown.uses), starts, kept.message) == (3, 1, "off by one")
    assert thinned(Subject(Tanh()), WRONG) is WRONG

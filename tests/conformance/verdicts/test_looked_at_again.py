"""A failure in another precision: whether it was rounding that lost the answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ffn import ActivationCase
from ffn.admissible import Examination, Outside
from ffn.conformance.running import classify
from ffn.conformance.running.classify import bits_right, classified
from ffn.conformance.verdict import Judgement, Verdict
from ffn.numbers.precision import precision
from tests.conformance.verdicts.stubs import HOLDS, OFF, network_case, outside, z

BOTH = ("float32", "float64")


def off_by(error: float) -> Judgement:
    return replace(OFF, examination=Examination(outside=outside(), error=error))


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
    network = network_case()
    assert classify._alone(trial, network, at) is network


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
    tried: list[Any] = []
    classify._balanced(lambda case, model=None: tried.append(case) or OFF, large)
    assert [float(np.max(np.abs(case.x))) for case in tried] == [float(np.max(np.abs(near.x)))]
    assert classify._balanced(lambda case, model=None: HOLDS, large) is large
    for other in (network_case(np.float32), replace(case, x=0 * case.x), z(1)):
        assert classify._balanced(lambda case, model=None: OFF, other) is other


def test_near_the_edge_of_what_holds_both_precisions_are_compared_too() -> None:
    """Without it an answer that overflows where it began to fail would be a wrong formula."""
    seen: list[float] = []

    def trial(case: Any, model: Any = None) -> Judgement:
        seen.append(float(case.z[0]))
        return OFF if case.z[0] > 1000 else HOLDS

    for start in (2.0**20, 1500.0):
        edges = [float(case.z[0]) for case in classify._edge(trial, ActivationCase("tanh", np.full(1, start)))]
        assert np.allclose(np.array(edges) / 1000, (1, 1.2, 2), rtol=0.01)
        assert edges[0] >= 1000
    assert len(seen) < 80
    assert list(classify._edge(lambda case, model=None: OFF, z(1))) == []


def test_what_holds_when_it_is_asked_again_in_its_own_precision_was_not_lost_to_rounding() -> None:
    """Without it an answer in float64 that comes and goes would be called unstable."""
    answers = iter([OFF])

    def trial(case: Any, model: Any = None) -> Judgement:
        return next(answers, HOLDS)

    assert not classify._lost_to_rounding(lambda case, model=None: HOLDS, ActivationCase("tanh", np.ones(1)), BOTH)
    assert classify._lost_to_rounding(trial, z(1), BOTH) is False
    assert classify._lost_to_rounding(trial, z(1), BOTH) is True


def test_of_an_answer_that_is_no_number_no_bit_is_right() -> None:
    """Without it an infinity would be told as nearly right in a precision of few bits."""
    lost = lambda case, model=None: HOLDS if case.dtype == "float64" or model else off_by(np.inf)  # noqa: E731
    assert classified(lost, z(1), OFF, BOTH).message == "off by one; 0 of 24 bits are right"


def test_the_bits_that_are_right_are_those_of_the_precision_that_is_declared() -> None:
    """Without it a matrix unit of few bits would be told to have more right than it computes with."""

    def trial(case: Any, model: Any = None) -> Judgement:
        return HOLDS if case.dtype == "float64" or (model and model.bits <= 9) else OFF

    assert classified(trial, z(1), OFF, BOTH).message == "off by one; 9 of 24 bits are right"
    few = precision("float32").with_bits(5)
    assert classified(trial, z(1), OFF, BOTH, few).message == "off by one; 4 of 24 bits are right"


def test_in_float64_both_precisions_are_compared_at_several_scales() -> None:
    """Without it one scale at which float32 is right by chance, or overflows, would decide."""
    seen: list[tuple[str, float]] = []

    def trial(case: Any, model: Any = None) -> Judgement:
        seen.append((case.dtype, float(case.z[0])))
        return off_by(1.0)

    assert not classify._lost_to_rounding(trial, ActivationCase("tanh", np.ones(1)), BOTH)
    assert seen[:12] == [(dtype, 2.0**-k) for k in range(6) for dtype in BOTH]


@pytest.mark.parametrize(
    ("coarse", "fine", "shrinks"),
    [
        (off_by(np.inf), HOLDS, True),
        (off_by(np.inf), off_by(1e-3), False),  # of an overflow nothing is learnt where float64 fails as well
        (off_by(1.0), off_by(1e-4), True),
        (off_by(1.0), off_by(np.inf), False),
        (HOLDS, off_by(0.0), False),
    ],
)
def test_an_error_shrinks_where_it_is_one_in_float32_and_hardly_any_in_float64(
    coarse: Judgement, fine: Judgement, shrinks: bool
) -> None:
    """Without it what is wrong in both precisions would be put down to rounding."""
    wide = ActivationCase("tanh", np.ones(1))
    assert classify._shrinks(lambda case, model=None: coarse if case.dtype == "float32" else fine, wide) is shrinks

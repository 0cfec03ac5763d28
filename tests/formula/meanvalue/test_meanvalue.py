"""Bounds by the mean value theorem over the roundings, and outputs that are chosen."""

import math
from typing import Any

import numpy as np
import pytest

from ffn import admissible
from ffn.admissible import formulas
from ffn.admissible.examination import NotJudged
from ffn.admissible.formula.meanvalue import radii, shares_of
from ffn.admissible.formula.membership.sets import bounded
from ffn.admissible.formula.operations.functions import Functions
from ffn.admissible.formula.operations.values import Value
from tests.formula.kernels import PROBLEMS

EVERYTHING = 1e12  # no budget


def naive(admitted: Any) -> Any:
    """The set of the enclosures alone."""
    question = admitted.question
    return bounded(question, question.evaluate(question.namespace(question.arithmetic)))


def normal(seed: int, *shapes: tuple[int, ...], dtype: Any = np.float32) -> list[Any]:
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype(dtype) for shape in shapes]


@pytest.mark.parametrize("problem", ["softmax", "layer norm", "attention", "d softmax", "d rms norm"])
def test_outputs_that_share_a_pass_do_not_meet(problem: str) -> None:
    """Without it the rounding of one row could be counted for another, or left out of both."""
    admitted = PROBLEMS[problem].admitted(PROBLEMS[problem].inputs("ordinary", 0, "float32"))
    xp = admitted.question.namespace(admitted.question.arithmetic, record=True)
    with np.errstate(all="ignore"):
        for value in admitted.question.evaluate(xp):
            found = radii(xp, value, np.ones(value.shape, dtype=bool), EVERYTHING, 1)
            for place in np.random.default_rng(0).choice(value.size, 5, replace=False):
                index = tuple(int(i) for i in np.unravel_index(place, value.shape))
                alone = sum(share for each, share in shares_of(xp, value, index) if each is not value)
                assert math.isclose(found[index], alone, rel_tol=1e-5), (value.shape, index)  # 2^-20 for sums


@pytest.mark.parametrize(("problem", "factor"), [("layer norm", 1.3), ("attention", 2.5), ("d attention", 4)])
def test_sets_are_narrower_where_errors_meet_again(problem: str, factor: float) -> None:
    """Without it the error of a mean would count in the centred entries and again in their variance."""
    admitted = PROBLEMS[problem].admitted(PROBLEMS[problem].inputs("ordinary", 0, "float32"))
    narrow, wide = admitted.parts[0], naive(admitted).parts[0]
    assert np.median((wide.high - wide.low) / (narrow.high - narrow.low)) > factor


@pytest.mark.parametrize("problem", PROBLEMS)
def test_no_set_is_wider_and_the_true_value_stays(problem: str) -> None:
    admitted = PROBLEMS[problem].admitted(PROBLEMS[problem].inputs("ordinary", 0, "float32"))
    for narrow, wide in zip(admitted.parts, naive(admitted).parts, strict=True):
        assert (wide.low <= narrow.low).all()
        assert (narrow.high <= wide.high).all()
        assert (narrow.inner[0] <= narrow.middle).all()
        assert (narrow.middle <= narrow.inner[1]).all()


def test_a_product_may_be_fused_in_one_place_and_stored_in_another() -> None:
    """Without it a compiler's contraction would be called wrong: the roundings of one product do not cancel."""
    a, b, c = normal(0, (200,), (200,), (200,))

    def formula(xp: Any, a: Any, b: Any, c: Any) -> Any:
        product = a * b
        return (product + c) - product

    fused = (a.astype(np.float64) * b + c).astype(np.float32) - a * b
    assert fused in admissible.value(formula, a, b, c)
    assert (a * b + c) - a * b in admissible.value(formula, a, b, c)


def pivot(xp: Any, x: Any) -> Any:
    return x - xp.stop_gradient(x * 30)


def test_what_is_stopped_still_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the rounding of a pivot would be taken for none. The planted bug forgets where it came from."""
    (x,) = normal(1, (500,), dtype=np.float16)
    computed = x - x * np.float16(30)
    assert computed in admissible.value(pivot, x)

    def forgetful(xp: Any, a: Any) -> Any:
        return Value(xp, a.x)

    monkeypatch.setattr(Functions, "stop_gradient", forgetful)
    assert computed not in admissible.value(pivot, x)


def test_a_branch_that_hangs_on_a_rounding_may_go_either_way() -> None:
    """Without it a set narrowed by derivatives would know one side of a jump alone."""
    x = np.float32([3, 0.1, 0.3])

    def formula(xp: Any, x: Any) -> Any:
        return xp.where(x * 10 > np.float32(0.1) * 10.0, x, x + 1) / 3

    jump = np.float32([x[0] / 3, (x[1] + 1) / 3, x[2] / 3])
    assert jump in admissible.value(formula, x)
    assert x / 3 in admissible.value(formula, x)
    assert admissible.value(formula, x).upper[0] < 1.0001


def test_an_overflow_on_the_way_is_not_narrowed_away() -> None:
    """Without it 0 · ∞ would be judged as 0: the derivative of the product is 0 there."""
    x = np.float32([1.0, 100.0])
    admitted = admissible.value(lambda xp, x: xp.exp(x) * 0.0 + x, x)
    assert admitted.judge(x).unjudged.startswith("output[1] is not judged")


def test_chosen_outputs_are_judged_and_the_rest_is_said() -> None:
    """Without it a sample would pass for the whole."""
    x, weight, bias = normal(2, (40, 64), (64,), (64,))
    whole = admissible.value(formulas.layer_norm, x, weight, bias)
    admitted = admissible.value(formulas.layer_norm, x, weight, bias, outputs=100)
    assert repr(admitted) == "FormulaSet(float32: output (40, 64), 100 of 2560 entries judged)"
    computed = whole.middle.astype(np.float32)
    assert computed in admitted
    assert "100 entries: " in str(admitted.judge(computed))
    assert "; 2460 further entries were left out" in str(admitted.judge(computed))
    judged = admitted.parts[0].judged
    assert np.array_equal(admitted.lower[judged], whole.lower[judged])
    assert np.array_equal(admitted.upper[judged], whole.upper[judged])
    assert np.where(judged, computed, 7) in admitted
    assert np.where(judged, 7, computed) not in admitted
    assert admitted.judge(np.full_like(computed, 7)).outside == 100


@pytest.mark.parametrize("chosen", [np.s_[:, -1], np.arange(64) == 63, (3, 4)], ids=["column", "mask", "entry"])
def test_outputs_are_chosen_by_an_index_or_a_mask(chosen: Any) -> None:
    (x,) = normal(3, (5, 64))
    index = chosen if isinstance(chosen, tuple) else np.broadcast_to(chosen, x.shape)
    admitted = admissible.value(formulas.softmax, x, outputs=index)
    expected = np.zeros(x.shape, dtype=bool)
    expected[index] = True
    assert np.array_equal(admitted.parts[0].judged, expected)


def test_outputs_of_a_gradient_are_chosen_for_each_array() -> None:
    """Without it the gradient of a wide layer could not be sampled."""
    x, weight, bias, g = normal(4, (6, 16), (9, 16), (9,), (6, 9))
    chosen = [None, np.s_[0], np.s_[2:4]]
    admitted = admissible.gradient(formulas.linear, x, weight, bias, cotangent=g, outputs=chosen)
    assert [part.count for part in admitted.parts] == [96, 16, 2]
    assert (g @ weight, g.T @ x, g.sum(0)) in admitted
    assert (g @ weight, g.T @ x, 2 * g.sum(0)) not in admitted
    sampled = admissible.gradient(formulas.linear, x, weight, bias, cotangent=g, outputs=5)
    assert [part.count for part in sampled.parts] == [5, 5, 5]


@pytest.mark.parametrize("outputs", [0, -3, [None]])
def test_outputs_that_choose_nothing_are_refused_in_one_line(outputs: Any) -> None:
    x, y = normal(5, (3, 4), (3, 4))
    with pytest.raises(ValueError, match=r"^outputs is a number[^\n]*$"):
        admissible.value(lambda xp, x, y: (x + y, x * y), x, y, outputs=outputs)


def test_a_sample_without_bounds_is_not_judged() -> None:
    """Without it nothing at all could be outside of an unbounded sample."""
    x = np.float16([1, 60000])
    admitted = admissible.value(lambda xp, x: x * 2, x, outputs=np.s_[1:])
    with pytest.raises(NotJudged):
        assert np.float16([2, np.inf]) in admitted

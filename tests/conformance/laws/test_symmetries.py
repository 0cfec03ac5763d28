"""A symmetry of the function may still move numbers to the ends of the range: that much is admitted, and no more."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ffn import Case, Hidden, Network, Output
from ffn.conformance.law import admitted
from ffn.conformance.laws.symmetry import relu_may_be_rescaled, softmax_may_be_shifted
from ffn.conformance.verdict import Verdict
from tests.conformance.laws.answers import F32, MODEL, network_case, offered

NORMAL = MODEL.smallest_normal


def chain(w: float, v: float, c: float) -> Case:
    """relu(w) v + c, of one row."""
    one = np.ones((1, 1), F32)
    network = Network(1, 1, Output("gaussian"), (Hidden(1, "relu"),))
    return Case(network, ((w * one, 0 * one[0]), (v * one, c * one[0])), one, one)


def fails(judge: Any, case: Case, answer: float) -> bool:
    found = judge(case, offered("forward", forward=lambda right, *given: np.full_like(right, answer)), MODEL)
    return bool(found.fails)


def test_a_rescaled_relu_underflows_four_times_as_far() -> None:
    """Without it a program that flushes subnormals would be wrong on scaled weights, or 0 be right too early."""

    def admits(judge: Any) -> float:
        """The largest number that is admissible for 0, in quarters of the smallest normal number."""
        return max(k for k in range(100) if not fails(judge, chain(0, 0, 0), k / 4 * NORMAL))

    assert admits(relu_may_be_rescaled) == 4 * admits(admitted) > 0


@pytest.mark.parametrize(("times", "rescaled"), [(2, False), (8, True)])
def test_a_weight_that_is_scaled_down_may_be_read_as_zero(times: int, rescaled: bool) -> None:
    """Without it v/4 of the smallest numbers, which a program may flush, would be held to be v/4."""
    case = chain(2.0**20, times * NORMAL, 0)
    assert fails(admitted, case, 0.0)
    assert fails(relu_may_be_rescaled, case, 0.0) is rescaled


@pytest.mark.parametrize(("share", "rescaled"), [(3, False), (5, True)])
def test_a_rescaled_relu_overflows_four_times_as_near(share: int, rescaled: bool) -> None:
    """Without it an overflow of 4 relu(z) would be wrong, or one that is none be excused."""
    case = chain(0, 0, MODEL.largest / share)
    assert fails(admitted, case, np.inf)
    assert fails(relu_may_be_rescaled, case, np.inf) is rescaled


def test_the_gradient_of_a_rescaled_relu_is_scaled_back() -> None:
    """Without it no gradient but the rescaled one would be admissible, of other parameters."""
    case = network_case(output="gaussian")
    case = case.changed(network=Network(2, 2, Output("gaussian"), (Hidden(3, "relu"),)))
    deep = network_case(depth=2)
    deep = deep.changed(network=Network(2, 2, Output("gaussian"), (Hidden(3, "relu"),) * 2))
    for each in (case, deep):
        assert relu_may_be_rescaled(each, offered("forward", "loss", "gradient"), MODEL).verdict is Verdict.HOLDS
    for layer, array in ((0, 0), (0, 1), (1, 0), (1, 1)):

        def off(right: Any, *given: Any, layer: int = layer, array: int = array) -> Any:
            layers = [list(arrays) for arrays in right]
            layers[layer][array] = layers[layer][array] * F32(1.01)
            return tuple(map(tuple, layers))

        assert relu_may_be_rescaled(case, offered("gradient", gradient=off), MODEL).verdict is Verdict.WRONG


def test_a_shift_that_is_not_exact_says_nothing_and_either_answer_can_be_wrong() -> None:
    """Without it a rounded subtraction would be called a wrong softmax, or a shifted one go unjudged."""
    case = network_case(output="categorical")
    (hidden, (W, _)) = case.parameters
    close = case.changed(parameters=(hidden, (W, np.array([256, 256.5], F32))))
    apart = case.changed(parameters=(hidden, (W, np.array([256, 1e-6], F32))))
    assert softmax_may_be_shifted(apart, offered("loss"), MODEL).verdict is Verdict.NOT_OFFERED
    assert softmax_may_be_shifted(close, offered("loss", "gradient"), MODEL).verdict is Verdict.HOLDS
    for large in (True, False):  # the case itself, and the one that was shifted back

        def off(right: Any, network: Any, parameters: Any, *given: Any, large: bool = large) -> Any:
            return right + F32((parameters[-1][1][0] > 100) == large)

        assert softmax_may_be_shifted(close, offered("loss", loss=off), MODEL).verdict is Verdict.WRONG

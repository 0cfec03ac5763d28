"""The cost of classes: its gradient and its curvature, and that it punishes the most active wrong prediction.

Numbers are compared as enclosures in ball arithmetic.

Sources: Goodfellow, Bengio & Courville 2016, section 6.2.2.3; log-sum-exp: Blanchard, Higham & Higham 2021.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import sympy
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from ffn.network.description import Network, Output
from ffn.network.forward import negative_log_likelihood
from ffn.network.outputs import distribution_of, softmax
from ffn.numbers.ball import number, working_precision
from ffn.numbers.floating import floating
from ffn.numbers.symbolic import symbolic
from tests.helpers.balls import BITS, agree, dyadic, exactly
from tests.helpers.costs import nll, nll_gradient, nll_hessian
from tests.helpers.densities import Z, density, enclosure
from tests.helpers.strategies import lists_of

three = lists_of(3, dyadic)


@pytest.mark.claim("C34", "C35")
@pytest.mark.parametrize("target", range(3))
def test_the_categorical_gradient_is_probabilities_minus_one_hot(target: int) -> None:
    """The statistic of a class would not be its one-hot vector, whose mean is the vector of probabilities."""
    gradient = distribution_of(Output("categorical")).gradient(symbolic, np.array([Z]), np.array([target]))[0]
    for j in range(3):
        assert sympy.simplify(gradient[j] - (density("categorical", j) - int(j == target))) == 0


@pytest.mark.claim("C34")
@given(three, three, st.integers(0, 2))
def test_the_categorical_hessian_is_the_covariance_of_the_one_hot_vectors(logits: list, v: list, target: int) -> None:
    """The curvature of the loss would not be that of the log-partition function alone, whatever the target."""
    p = [enclosure(density("categorical", k), logits) for k in range(3)]
    with working_precision(BITS):
        deviations = [[int(j == k) - p[j] for j in range(3)] for k in range(3)]
        along = [sum(d * exactly(vj) for d, vj in zip(deviation, v, strict=True)) for deviation in deviations]
        covariance = [sum(p[k] * deviations[k][j] * along[k] for k in range(3)) for j in range(3)]
    assert all(map(agree, nll_hessian("categorical", logits, target, v), covariance))


# The cost punishes the most active wrong prediction


logits_and_class = st.lists(dyadic, min_size=1, max_size=5).flatmap(
    lambda logits: st.tuples(st.just(logits), st.integers(0, len(logits) - 1))
)


@pytest.mark.claim("C35")
@given(logits_and_class)
def test_cross_entropy_is_the_lead_of_the_largest_logit_to_within_log_n(example: tuple) -> None:
    """max z − z_y ≤ NLL ≤ max z − z_y + log n: the cost of being wrong would not grow with the confidence."""
    logits, target = example
    with working_precision(BITS):
        excess = nll("categorical", logits, target) - number(max(logits) - logits[target])
        assert excess > 0 or (len(logits) == 1 and excess == 0)
        log_n = arb(len(logits)).log()
        assert excess < log_n or (len(set(logits)) == 1 and agree(excess, log_n))


@pytest.mark.claim("C35")
@given(logits_and_class)
def test_of_the_wrong_classes_the_most_active_is_pushed_down_hardest(example: tuple) -> None:
    """A step of gradient descent would not go against the mistake itself."""
    logits, target = example
    gradient = nll_gradient("categorical", logits, target)
    wrong = sorted((logit, j) for j, logit in enumerate(logits) if j != target)
    assert all(gradient[i] < gradient[j] for (a, i), (b, j) in pairwise(wrong) if a < b)
    assert all(gradient[j] > 0 for _, j in wrong)


@pytest.mark.claim("C35")
@given(logits_and_class, st.data())
def test_the_cost_of_a_class_curves_by_one_half_at_most(example: tuple, data: st.DataObject) -> None:
    """A step of 2 on the logits could overshoot: but v·∇²v, the variance of v, is at most (max − min)²/4 ≤ ½|v|²."""
    logits, target = example
    v = data.draw(lists_of(len(logits), dyadic))
    assert not curvature(logits, target, v) > exactly(sum(vj * vj for vj in v) / 2)


@pytest.mark.claim("C35")
@given(logits_and_class)
def test_a_step_of_2_on_the_logits_lowers_the_cost_by_the_square_of_the_gradient(example: tuple) -> None:
    """The bound on the curvature would not say how far to go: |∇|²(2 − ½ · 2²/2) = |∇|² is gained at least."""
    logits, target = example
    gradient = nll_gradient("categorical", logits, target)
    with working_precision(BITS):
        there = [exactly(logit) - 2 * slope for logit, slope in zip(logits, gradient, strict=True)]
        gain = nll("categorical", logits, target) - nll("categorical", there, target)
        assert not gain < sum((slope * slope for slope in gradient), arb(0))
        assert gain.rad() < arb(2) ** -100


@pytest.mark.claim("C35")
def test_with_two_even_classes_it_curves_by_one_half() -> None:
    """The bound would not be sharp."""
    assert agree(curvature([0, 0], 0, [1, -1]), exactly(Fraction(1**2 + 1**2, 2)))


def curvature(logits: Sequence, target: int, v: Sequence) -> arb:
    with working_precision(BITS):
        along = nll_hessian("categorical", logits, target, v)
        return sum((exactly(vj) * entry for vj, entry in zip(v, along, strict=True)), arb(0))


def float_nll(dtype: str, logits: Sequence[float], target: int) -> Any:
    xp, network = floating(dtype), Network(inputs=1, units=len(logits), output=Output("categorical"))
    with np.errstate(over="ignore"):
        return negative_log_likelihood(xp, network, xp.asarray([logits]), np.array([target]))[0]


@pytest.mark.claim("C35")
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@given(st.data())
def test_in_floats_the_lower_bound_holds_without_any_slack(dtype: str, data: st.DataObject) -> None:
    """Rounding would make the cost negative; it does not, as e^0 = 1 is exact, so that the log is that of 1 or more."""
    finite = st.floats(width=int(dtype[5:]), allow_nan=False, allow_infinity=False)
    logits = data.draw(st.lists(finite, min_size=1, max_size=5))
    target = data.draw(st.integers(0, len(logits) - 1))
    with np.errstate(over="ignore"):
        lead = max(floating(dtype).asarray(logits)) - floating(dtype).asarray(logits)[target]
    assert float_nll(dtype, logits, target) >= lead


@pytest.mark.claim("C35")
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@given(st.data())
def test_in_floats_the_cost_of_a_confident_mistake_is_finite(dtype: str, data: st.DataObject) -> None:
    """The largest mistakes would cost infinitely much: of logits up to a quarter of the largest float none does."""
    limit = float(np.finfo(dtype).max) / 4
    moderate = st.floats(-limit, limit, width=int(dtype[5:]))
    logits = data.draw(st.lists(moderate, min_size=1, max_size=5))
    assert float_nll(dtype, logits, data.draw(st.integers(0, len(logits) - 1))) < np.inf


@pytest.mark.claim("C35")
def test_the_log_of_a_softmax_breaks_the_upper_bound() -> None:
    """An unstable cost would go unseen: −log p is infinite from a lead of 746 on, where the NLL is 800."""
    with np.errstate(divide="ignore"):
        assert -np.log(softmax(floating("float64"), np.array([[0.0, 800.0]])))[0, 0] == np.inf
    assert float_nll("float64", [0.0, 800.0], 0) == 800

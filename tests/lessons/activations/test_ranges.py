"""What ranges, bends and scaling do: bounded units, activations that are nonlinear, relu that scales.

Source: Goodfellow, Bengio & Courville 2016, sections 6.2.2.2 and 6.3.
"""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ffn import Network, Output, reference
from ffn.network.activations import ELEMENTWISE
from ffn.network.description import Hidden
from ffn.network.forward import activate
from ffn.numbers.ball import working_precision
from ffn.numbers.exact import exact
from tests.helpers.balls import BITS, ball
from tests.helpers.networks import outputs, sum_of_units
from tests.helpers.strategies import any_unit, lists_of, positive, rational


@pytest.mark.claim("C44")
@given(st.lists(any_unit, min_size=1, max_size=4), rational, rational.map(lambda x: 10**6 * x))
def test_above_bounded_units_the_network_is_bounded(units: list, c: Fraction, x: Fraction):
    """Bounded hidden units would be an advantage throughout: with them no network follows x itself far out."""
    (value,) = outputs(*sum_of_units(units, c, "hard_tanh"), [x])
    assert abs(value) <= abs(c) + sum(abs(v) for _, _, v in units)


@pytest.mark.claim("C44")
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_mean_of_a_bernoulli_is_a_probability_at_every_logit(z: float):
    """The range would be worth nothing in a program that leaves it, or that has no answer far out."""
    network = Network(1, 1, Output("bernoulli"))
    probability = reference.mean(network, ((np.zeros((1, 1)), np.array([z])),), np.zeros((1, 1)))
    assert 0 <= probability.item() <= 1


@pytest.mark.claim("C48")
@pytest.mark.parametrize("name", [name for name in ELEMENTWISE if name != "identity"])
def test_every_activation_but_the_identity_bends(name: str):
    """A layer of it would be affine: at 1, in the middle of −1 and 3, it is not the mean of its values there."""
    with working_precision(BITS):
        low, middle, high = activate(ball, Hidden(3, name), ball.asarray([[-1, 1, 3]])).balls[0]
        assert not (2 * middle - low - high).contains(0)


@pytest.mark.claim("C48")
@given(rational, rational)
def test_the_identity_does_not_bend(x: Fraction, y: Fraction):
    """Every activation of the code would be a nonlinear transformation: the one of output layers is none."""
    low, middle, high = activate(exact, Hidden(3, "identity"), exact.asarray([[x, (x + y) / 2, y]]))[0]
    assert 2 * middle == low + high


@pytest.mark.claim("C49")
@given(lists_of(3, rational), positive)
def test_relu_commutes_with_positive_factors(z: list, factor: Fraction):
    """Relu would have a scale of its own, as σ and tanh do: it answers alike to small and to large pre-activations."""

    def relu(values: Any) -> list:
        return activate(exact, Hidden(3, "relu"), exact.asarray([values]))[0].tolist()

    assert relu([factor * value for value in z]) == [factor * value for value in relu(z)]


LIMITS = {
    "identity": (-np.inf, np.inf),
    "relu": (0, np.inf),
    "leaky_relu": (-np.inf, np.inf),
    "absolute": (np.inf, np.inf),
    "hard_tanh": (-1, 1),
    "sigmoid": (0, 1),
    "tanh": (-1, 1),
    "softplus": (0, np.inf),
}


def reaches(g: Any, limits: tuple[float, float], dtype: str) -> bool:
    """Whether g(−∞) and g(∞) are these limits, and a NaN stays one."""
    with np.errstate(invalid="ignore"):
        low, high, undefined = g(np.array([-np.inf, np.inf, np.nan], dtype))
    return (low, high) == limits and bool(np.isnan(undefined))


@pytest.mark.claim("C44")
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", LIMITS)
def test_at_infinity_an_activation_has_its_limit_and_a_nan_stays_one(name: str, dtype: str):
    """A sum that overflowed would come out of softplus as NaN, or a NaN out of relu as a number."""
    assert reaches(lambda z: reference.activation(name, z), LIMITS[name], dtype)


@pytest.mark.claim("C44")
@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("softplus", lambda z: np.where(z > 0, z, 0 * z) + np.log1p(np.exp(-np.abs(z)))),
        ("sigmoid", lambda z: np.exp(z) / (1 + np.exp(z))),
        ("relu", lambda z: np.where(z > 0, z, 0)),
        ("absolute", lambda z: np.nan_to_num(np.abs(z), posinf=np.inf)),
    ],
)
def test_a_form_that_loses_a_limit_or_a_nan_is_told(name: str, wrong: Any):
    """Without it the lesson above could be one that every form passes."""
    assert not reaches(wrong, LIMITS[name], "float32")

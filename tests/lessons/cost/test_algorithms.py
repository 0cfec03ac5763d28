"""The standard algorithms of one formula have one value, within the bounds that are said of it: over the reals.

What an admissible set admits beside the first algorithm is written out in the formulas, and run by no network: a slip
in it would make the set wider, and admit a wrong program.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ffn.cases.networks import learned_variance_networks, networks
from ffn.cases.strategies import cases
from ffn.network.activations import ELEMENTWISE
from ffn.network.description import LEARNED_VARIANCE, OUTPUTS
from ffn.network.formulas import evaluate
from ffn.numbers.ball import Ball, working_precision
from tests.helpers.balls import BITS
from tests.helpers.gradients import overlap
from tests.helpers.profiles import examples


class Compared(Ball):
    """Balls that take the first algorithm, and hold every other one and the bounds against it."""

    def either(self, preferred: Any, *alternatives: Callable[[], Any]) -> Any:
        for way in alternatives:
            assert overlap(preferred.balls.ravel().tolist(), np.ravel(way().balls).tolist())
        return preferred

    def within(self, z: Any, low: str, high: str = "", beyond: int = 0, *nonpositive: Any) -> Any:
        with working_precision(BITS):
            assert not (z.balls < self.constant(low).balls).any()
            assert not high or not (z.balls > self.constant(high).balls).any()
        return z


compared = Compared(BITS)


@pytest.mark.parametrize("output", [*OUTPUTS, *LEARNED_VARIANCE])
@examples(20)
@given(data=st.data())
def test_every_algorithm_of_a_loss_and_its_gradient_has_the_same_value(output: str, data: Any) -> None:
    """A program that computes another formula would be admitted, as one of the algorithms of this one."""
    learned = output in LEARNED_VARIANCE
    drawn = learned_variance_networks(output) if learned else networks(ELEMENTWISE, (output,), max_depth=1)
    case = data.draw(cases("float64", drawn))
    for method in ("loss", "gradient", "mean"):
        evaluate(compared, method, *case.arguments("forward" if method == "mean" else method))


@pytest.mark.parametrize("name", ELEMENTWISE)
@examples(20)
@given(z=st.lists(st.integers(-80, 80), min_size=1))
def test_activations_and_slopes_keep_the_bounds_that_are_said_of_them(name: str, z: list) -> None:
    """The set of a σ that is rounded beyond 1 would be cut at another number, and refuse a correct program."""
    for method in ("activation", "slope"):
        evaluate(compared, method, name, np.array(z) / 4)


@pytest.mark.parametrize("method", ["softmax", "log_softmax"])
@examples(20)
@given(z=st.lists(st.integers(-80, 80), min_size=1))
def test_every_algorithm_of_softmax_has_the_same_value(method: str, z: list) -> None:
    """The shift that keeps the exponentials from overflowing would be taken from one of two places alone."""
    evaluate(compared, method, np.array([z]) / 4)


def test_another_value_and_another_bound_are_seen() -> None:
    """The comparison could be one that holds of everything."""
    half = compared.constant("1/2")
    with pytest.raises(AssertionError):
        compared.either(half, lambda: half + half)
    with pytest.raises(AssertionError):
        compared.within(half, "1")
    with pytest.raises(AssertionError):
        compared.within(half, "0", "1/4")

"""Linear models: their losses are convex, and how fast descent is depends on how unequal the curvatures are.

Rows ±aᵢeᵢ make the curvatures known: 2aᵢ² along weight i, and 2d along the bias, with nothing mixed.

Source: Goodfellow, Bengio & Courville 2016, sections 4.3 and 8.2.1.
"""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ffn.constructions.training import step
from ffn.network.backward import gradient
from ffn.network.description import Network
from ffn.network.forward import output
from ffn.numbers.exact import exact
from tests.helpers.networks import GAUSSIAN, column

lengths = st.lists(st.integers(1, 6), min_size=1, max_size=3)


def descent_errors(lengths: list[int], rate: Fraction, steps: int) -> tuple[list[Fraction], list[Fraction]]:
    """The curvatures, and what is left after each coordinate began with an error of −1."""
    d = len(lengths)
    network = Network(d, 1, GAUSSIAN, reduction="sum")
    x = exact.asarray([[s * a * (i == j) for j in range(d)] for i, a in enumerate(lengths) for s in (1, -1)])
    best = ((column([1] * d), exact.asarray([1])),)
    parameters = ((column([0] * d), exact.asarray([0])),)
    y = output(exact, network, best, x)
    for _ in range(steps):
        parameters = step(parameters, gradient(exact, network, parameters, x, y), rate)
    ((W, b),) = parameters
    return [Fraction(2 * a * a) for a in lengths] + [Fraction(2 * d)], [*(W[:, 0] - 1), b[0] - 1]


@pytest.mark.claim("C43")
@given(lengths, st.integers(0, 6))
def test_on_least_squares_the_error_shrinks_by_the_condition_number(lengths: list[int], steps: int):
    """'Works well' would be a feeling: with steps of 1/ℓ each step keeps 1 − 1/κ of the slowest error, and no more."""
    curvatures, _ = descent_errors(lengths, Fraction(1), 0)
    largest, condition = max(curvatures), max(curvatures) / min(curvatures)
    _, left = descent_errors(lengths, 1 / largest, steps)
    assert left == [-((1 - curvature / largest) ** steps) for curvature in curvatures]
    assert max(map(abs, left)) == (1 - 1 / condition) ** steps


@pytest.mark.claim("C43")
@given(lengths, st.integers(1, 6))
def test_on_least_squares_a_step_of_three_times_one_over_the_largest_curvature_diverges(lengths: list[int], steps: int):
    """Convexity alone would be enough: with steps beyond 2/ℓ an error doubles at each, down a parabola."""
    curvatures, _ = descent_errors(lengths, Fraction(1), 0)
    _, left = descent_errors(lengths, 3 / max(curvatures), steps)
    assert max(map(abs, left)) >= 2**steps

"""What networks can approximate, what they can only come close to, what descent finds, and what no learner can.

- Squares of any width stay 1/4 away from x³; two tanh units, and relu units enough, do not. Depth saves the squares.
- Networks approximate, they do not represent: a step only in the limit, with weights that grow without bound.
- Averaged over all labelings every learner is right on half of what it has not seen. Averaged over fewer, it is not so.

A distance on an interval is taken at the points where it must be largest, or bounded on enclosures that cover it.

Sources: Leshno, Lin, Pinkus & Schocken 1993 (not a polynomial); Kidger & Lyons 2020 (depth); Petersen, Raslan &
Voigtlaender 2021 (best approximations that do not exist); Wolpert 1996 (no free lunch).
"""

from collections.abc import Callable
from fractions import Fraction
from itertools import combinations, pairwise, product
from math import comb
from typing import Any

import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st
from sympy import QQ
from sympy.polys.matrices import DomainMatrix

from ffn import Network
from ffn.constructions.interpolation import approximate, chord_error, interpolate
from ffn.network.activations import ELEMENTWISE, activation_named
from ffn.network.forward import affine, trace
from ffn.numbers.ball import working_precision
from ffn.numbers.exact import exact
from tests.helpers.balls import BITS, ball, dyadic, exactly
from tests.helpers.networks import affine_layers, column, outputs, sum_of_units
from tests.helpers.profiles import examples
from tests.helpers.strategies import any_unit, lists_of, positive, rational

QUARTER = Fraction(1, 4)
EXTREMA = [Fraction(-1), Fraction(-1, 2), Fraction(1, 2), Fraction(1)]  # of T₃ = 4x³ − 3x on [−1, 1]


# Any activation? Not a polynomial


several_units = st.lists(any_unit, min_size=1, max_size=6)


def squares(units: list, xs: list) -> list:
    """Σ v(wx + b)²: a hidden layer whose activation is z², which the package has not, for the reason shown here."""
    w, b, v = (exact.asarray(part) for part in zip(*units, strict=True))
    z = affine(exact, column(xs), w.reshape(1, -1), b)
    return affine(exact, z * z, v.reshape(-1, 1), exact.asarray([0]))[:, 0].tolist()


@pytest.mark.claim("C38")
@given(several_units)
def test_squares_of_any_width_err_by_a_quarter_on_the_cube(units: list):
    """Any activation would do. But −⅙, ⅓, −⅓, ⅙ times the values at four points is 0 for all quadratics, and 1/4 for
    x³: the weights' sizes sum to 1, so at one of the points the two differ by as much."""
    weights = [Fraction(-1, 6), Fraction(1, 3), Fraction(-1, 3), Fraction(1, 6)]
    values = squares(units, EXTREMA)
    assert sum(weight * value for weight, value in zip(weights, values, strict=True)) == 0
    assert abs(sum(weight * x**3 for weight, x in zip(weights, EXTREMA, strict=True))) == QUARTER
    assert max(abs(value - x**3) for value, x in zip(values, EXTREMA, strict=True)) >= QUARTER


@pytest.mark.claim("C38")
def test_two_squares_reach_that_quarter():
    """The bound would be one that nothing attains: 3x/4 = 3/16 ((x + 1)² − (x − 1)²), furthest from x³ at its ends and
    where 3x² = 3/4."""
    share = Fraction(3, 16)
    values = squares([(1, 1, share), (1, -1, -share)], EXTREMA)
    assert max(abs(value - x**3) for value, x in zip(values, EXTREMA, strict=True)) == QUARTER


@pytest.mark.claim("C38")
@given(st.integers(1, 2), st.integers(1, 3), st.data())
@examples(30)
def test_powers_of_degree_m_span_few_dimensions_however_many_units(d: int, m: int, data):
    """More units would add more functions: but (w·x + b)^m is a polynomial of degree m, which has C(m + d, d) terms."""
    width = comb(m + d, d) + 2
    integers = st.integers(-5, 5)
    W, b, x = (
        exact.asarray(data.draw(lists_of(rows * columns, integers)))
        for rows, columns in ((d, width), (1, width), (width, d))
    )
    features = affine(exact, x.reshape(width, d), W.reshape(d, width), b) ** m
    matrix = [[QQ(entry.numerator, entry.denominator) for entry in row] for row in features]
    assert DomainMatrix(matrix, (width, width), QQ).rank() <= comb(m + d, d)


@pytest.mark.claim("C38")
@given(rational)
def test_two_layers_of_two_squares_are_the_cube(x: Fraction):
    """Polynomials would be lost for good; depth, not width, raises their degree: ((x² + x)² − (x² − x)²)/4 = x³."""
    z = affine(exact, column([x]), exact.asarray([[1, 1]]), exact.asarray([Fraction(1, 2), Fraction(-1, 2)]))
    z = affine(exact, z * z, exact.asarray([[1, 0], [0, 1]]), exact.asarray([-QUARTER, -QUARTER]))
    assert affine(exact, z * z, exact.asarray([[QUARTER], [-QUARTER]]), exact.asarray([0])) == x**3


@pytest.mark.claim("C38")
def test_two_tanh_units_come_closer_than_a_quarter_on_the_whole_interval():
    """Squares would be as good as any. (2 tanh(x/4) − tanh(x/2))·32 is better, proven on 512 balls over [−1, 1]."""
    network, parameters = sum_of_units([(QUARTER, 0, 64), (2 * QUARTER, 0, -32)], activation="tanh")
    with working_precision(BITS):
        cover = [arb(arb(2 * i + 1) / 512 - 1, 1 / 512) for i in range(512)]
        steps = trace(ball, network, affine_layers(*parameters, xp=ball), ball.asarray(column_of_balls(cover)))
        assert max(abs(f - x**3).upper() for f, x in zip(steps[-1].h.balls[:, 0], cover, strict=True)) < 0.25


def column_of_balls(balls: list) -> Any:
    """One ball a row."""
    return np.array(balls, dtype=object).reshape(-1, 1)


twelfths = st.integers(-12, 12).map(lambda i: Fraction(i, 12))  # of [−1, 1]


@pytest.mark.claim("C38", "C39")
@given(st.builds(Fraction, st.integers(1, 8), st.integers(9, 40)), st.lists(twelfths, min_size=1, max_size=4))
@examples(30)
def test_relu_units_enough_come_as_close_as_wanted(within: Fraction, xs: list):
    """For every function and error there would not be a network. This one's error is proven: |f″| = |6x| ≤ 6."""
    f = approximate(lambda x: x**3, -1, 1, lambda h: chord_error(6, h), within)
    assert f.error <= within
    assert all(abs(value - x**3) <= f.error for value, x in zip(outputs(f.network, f.parameters, xs), xs, strict=True))


@pytest.mark.claim("C38")
@given(several_units, positive, rational)
def test_without_biases_relu_networks_are_not_universal(units: list, c: Fraction, x: Fraction):
    """The biases could be left out; but Σ v relu(wx) is 0 at 0 and scales with x, so it is far from the constant 1."""
    without = [(w, 0, v) for w, _, v in units]
    at_0, at_x, at_cx = outputs(*sum_of_units(without), [0, x, c * x])
    assert at_0 == 0
    assert at_cx == c * at_x


@pytest.mark.claim("C38")
@pytest.mark.parametrize("name", [name for name in ELEMENTWISE if name != "identity"])
@given(dyadic)
@examples(30)
def test_no_activation_of_the_package_but_the_identity_is_a_polynomial(name: str, z: Fraction):
    """One of them would not be universal. None outgrows 1 + |z|, as a polynomial of degree 2 does, and none is affine:
    the second difference at −1, 1 and 3 is not 0."""
    at_z, *at = activation_named(name, 0.5).value(ball, ball.asarray([z, -1, 1, 3])).balls
    with working_precision(BITS):
        assert abs(at_z) <= exactly(1 + abs(z))
        assert not (at[0] - 2 * at[1] + at[2]).contains(0)


# Every function? Approximated, not represented


def steepness(parameters: tuple) -> Fraction:
    """Σ|v||w|: no slope of the network is larger."""
    (W, _), (V, _) = parameters
    return abs(W[0] * V[:, 0]).sum()


@pytest.mark.claim("C39")
@given(several_units, rational, st.integers(1, 9))
def test_a_network_errs_by_half_the_step_beside_a_step(units: list, c: Fraction, n: int):
    """'Every function' would include a step: but what is continuous is nearly the same on both sides of the jump."""
    network, parameters = sum_of_units(units, c)
    steep = steepness(parameters)
    x = Fraction(1, n) / (1 + steep)
    left, right = outputs(network, parameters, [-x, x])
    assert max(abs(left - 0), abs(right - 1)) >= (1 - 2 * steep * x) / 2 > Fraction(1, 2) - Fraction(1, n)


def squared_distance_to_step(network: Network, parameters: tuple) -> Fraction:
    """∫ (f − step)² on [−1, 1], exact: between kinks the integrand is quadratic, where Simpson's rule has no error."""
    W, b = parameters[0]
    kinks = [-bias / w for w, bias in zip(W[0], b, strict=True) if w]
    ends = sorted({Fraction(-1), Fraction(0), Fraction(1), *(kink for kink in kinks if abs(kink) < 1)})
    total = Fraction(0)
    for left, right in pairwise(ends):
        errors = [value - (left >= 0) for value in outputs(network, parameters, [left, (left + right) / 2, right])]
        total += (right - left) * (errors[0] ** 2 + 4 * errors[1] ** 2 + errors[2] ** 2) / 6
    return total


def ramp(n: Any, shift: Fraction) -> tuple[Network, tuple]:
    """relu(nx + shift) − relu(nx + shift − 1): from 0 up to 1 with slope n."""
    return sum_of_units([(n, shift, 1), (n, shift - 1, -1)])


@pytest.mark.claim("C39")
@given(st.integers(1, 40))
def test_two_relus_come_as_close_to_a_step_as_wanted(n: int):
    """The distance in mean square would stay away from 0: it is (3n)^(-1/2)."""
    assert squared_distance_to_step(*ramp(n, Fraction(0))) == Fraction(1, 3 * n)


@pytest.mark.claim("C39")
@given(several_units, rational)
def test_weights_have_to_grow_without_bound_for_that(units: list, c: Fraction):
    """A best network would exist. With slopes up to s, f(x) − f(−x) ≤ 2sx, so the two squared errors at ±x sum to at
    least (1 − 2sx)²/2: up to x = 1/2s that is 1/12s in all."""
    network, parameters = sum_of_units(units, c)
    slope = max(steepness(parameters), Fraction(1, 2))
    assert squared_distance_to_step(network, parameters) >= 1 / (12 * slope)


@pytest.mark.claim("C39")
@given(st.integers(1, 40))
def test_the_ramp_in_the_middle_has_no_larger_weights_than_it_must(n: int):
    """The bound above would be one that nothing attains."""
    assert squared_distance_to_step(*ramp(n, Fraction(1, 2))) == Fraction(1, 12 * n)


@pytest.mark.claim("C39")
@given(rational, st.builds(Fraction, st.integers(1, 8), st.integers(4, 64)))
def test_the_slope_of_sigmoid_is_a_limit_of_two_sigmoids_with_growing_weights(x: Fraction, h: Fraction):
    """'The best network' would exist for a smooth function at least: the error h²/48 → 0 takes weights 1/2h → ∞.

    A central difference errs by h²/6 times the largest |σ‴|, which is 1/8, at 0.
    """
    network, parameters = sum_of_units([(1, h, 1 / (2 * h)), (1, -h, -1 / (2 * h))], activation="sigmoid")
    value = trace(ball, network, affine_layers(*parameters, xp=ball), ball.asarray([[x]]))[-1].h.balls.item()
    slope = activation_named("sigmoid").slope(ball, ball.asarray([x])).balls.item()
    with working_precision(BITS):
        assert abs(value - slope) < exactly(h * h / 48)


nine_points = st.lists(rational, min_size=9, max_size=9, unique=True).map(sorted)  # three more than units at most


@pytest.mark.claim("C39")
@given(several_units, rational, nine_points)
def test_no_network_serves_every_function(units: list, c: Fraction, xs: list):
    """The order of the words would not matter: for each function there is a network, for all there is none. One of n
    units changes sign n + 1 times at most, once on each affine piece; the zigzag through n + 3 points n + 2 times."""
    values = outputs(*sum_of_units(units, c), xs[: len(units) + 3])
    assert max(abs(value - (-1) ** i) for i, value in enumerate(values)) >= 1


@pytest.mark.claim("C39")
@given(st.lists(rational, min_size=2, max_size=6, unique=True).map(sorted), st.data())
def test_finitely_many_points_are_represented(knots: list, data):
    """'Represents' would be wrong of everything: any values at finitely many points are met exactly."""
    values = data.draw(lists_of(len(knots), rational))
    assert outputs(*interpolate(knots, values), knots) == values


# No learner for every task

INPUTS = range(5)
LABELINGS = list(product((0, 1), repeat=len(INPUTS)))
SMOOTH = [labels for labels in LABELINGS if sum(a != b for a, b in pairwise(labels)) <= 1]  # at most one change
SUBSETS = [subset for size in INPUTS for subset in combinations(INPUTS, size)]  # but all five
Learner = Callable[[dict[int, int], int], int]  # what was seen, and an input → the label


def judged(trained: tuple[int, ...]) -> list[int]:
    """The inputs that a learner is judged on."""
    return [x for x in INPUTS if x not in trained]


def mean_accuracy(learner: Learner, trained: tuple[int, ...], labelings: list) -> Fraction:
    """The share of right answers, averaged over the labelings."""
    on = judged(trained)
    right = sum(learner({i: labels[i] for i in trained}, x) == labels[x] for labels in labelings for x in on)
    return Fraction(right, len(on) * len(labelings))


def nearest(seen: dict[int, int], x: int) -> int:
    """The label of the nearest input seen; of two the lower one's."""
    return seen[min(seen, key=lambda other: abs(other - x))]


def majority(seen: dict[int, int], x: int) -> int:
    """The more frequent label; at a tie 0."""
    return int(2 * sum(seen.values()) > len(seen))


@st.composite
def learners(draw: st.DrawFn) -> tuple[tuple[int, ...], dict]:
    """What a learner is trained on, and any deterministic learner: a table from what it sees to its five answers."""
    trained = draw(st.sampled_from(SUBSETS))
    answers = st.tuples(*[st.integers(0, 1)] * len(INPUTS))
    return trained, {seen: draw(answers) for seen in product((0, 1), repeat=len(trained))}


@pytest.mark.claim("C42")
@given(learners())
def test_every_learner_is_right_on_half_of_what_it_has_not_seen(drawn: tuple):
    """Some learner would be best for all tasks. Overfitting is another matter: a constant learner, too, scores half."""
    trained, table = drawn
    assert mean_accuracy(lambda seen, x: table[tuple(seen.values())][x], trained, LABELINGS) == Fraction(1, 2)


@pytest.mark.claim("C42")
@pytest.mark.parametrize("trained", [subset for subset in SUBSETS if len(subset) > 1])
def test_on_smooth_labelings_the_nearest_neighbour_wins(trained: tuple):
    """Learning would be hopeless: it is so only over all labelings, where the others take back what these gave."""
    rough = [labels for labels in LABELINGS if labels not in SMOOTH]
    accuracy = mean_accuracy(nearest, trained, SMOOTH)
    assert accuracy >= mean_accuracy(majority, trained, SMOOTH)
    assert accuracy > Fraction(1, 2) > mean_accuracy(nearest, trained, rough)


@pytest.mark.claim("C42")
@given(st.sampled_from(SUBSETS[1:]))
def test_counted_on_the_training_set_memory_is_enough(trained: tuple):
    """The law would be one of all points: on those seen, one that remembers is always right."""
    right = [nearest({i: labels[i] for i in trained}, x) == labels[x] for labels in LABELINGS for x in trained]
    assert all(right)

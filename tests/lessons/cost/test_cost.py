"""The cost: the output distribution decides which, and what a network learns to predict by it.

The witnesses come from a table of densities in sympy (helpers/densities.py): their logarithm, its derivative, their
mean. Numbers are compared as enclosures in ball arithmetic.

Sources: Goodfellow, Bengio & Courville 2016, section 6.2.
"""

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from statistics import mean, median, median_high, median_low

import numpy as np
import pytest
import sympy
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from ffn.network import backward
from ffn.network.description import OUTPUTS, Network, Output
from ffn.network.forward import objective
from ffn.network.outputs import as_targets, distribution_of
from ffn.numbers.ball import working_precision
from ffn.numbers.exact import exact
from ffn.numbers.symbolic import symbolic
from tests.helpers.balls import BITS, agree, ball, dyadic, exactly
from tests.helpers.costs import nll, nll_gradient, nll_hessian, shipped, units
from tests.helpers.densities import DENSITIES, Z, density, enclosure, mean_of, y, z
from tests.helpers.strategies import lists_of, quarters

several = pytest.mark.parametrize("name", OUTPUTS)

TARGETS = {
    "gaussian": dyadic,
    "laplace": dyadic,
    "bernoulli": st.integers(0, 1),
    "categorical": st.integers(0, 2),
    "poisson": st.integers(0, 5),
}


def logits_for(name: str) -> st.SearchStrategy[list[Fraction]]:
    return lists_of(units(name), dyadic)


# Which distribution, which cost


@pytest.mark.claim("C33", "C37")
@several
@given(st.data())
def test_the_nll_is_minus_the_log_of_the_density(name: str, data: st.DataObject) -> None:
    """Squared and absolute error, softplus and log-sum-exp would not be the costs of these distributions."""
    logits, target = data.draw(logits_for(name)), data.draw(TARGETS[name])
    assert agree(nll(name, logits, target), enclosure(-sympy.log(density(name, target)), logits, target))


PLANTED = {
    "squared error without ½": ("gaussian", (y - z) ** 2 + sympy.log(2 * sympy.pi) / 2),
    "no normalising constant": ("laplace", sympy.Abs(y - z)),
    "log σ for both targets": ("bernoulli", sympy.log(1 + sympy.exp(-z))),
    "no log of the factorial": ("poisson", sympy.exp(z) - y * z),
    "log of the sum of the others": ("categorical", sympy.log(sympy.exp(Z[1]) + sympy.exp(Z[2])) - z),
}


@pytest.mark.claim("C33", "C37")
@pytest.mark.parametrize("wrong", PLANTED)
def test_a_wrong_cost_is_refused(wrong: str) -> None:
    """The comparison above could not fail."""
    name, expression = PLANTED[wrong]
    logits, target = [Fraction(1), Fraction(2), Fraction(1)][: units(name)], {"poisson": 2}.get(name, 0)
    assert not agree(nll(name, logits, target), enclosure(expression, logits, target))


@pytest.mark.claim("C33")
@several
@given(st.data())
def test_the_kernel_leaves_out_nothing_that_depends_on_the_prediction(name: str, data: st.DataObject) -> None:
    """Training on the kernel would be training on another cost: 'up to constants' excuses constants only."""
    here, there, target = data.draw(logits_for(name)), data.draw(logits_for(name)), data.draw(TARGETS[name])
    kernels = [shipped(distribution_of(Output(name)).kernel, name, logits, target)[0] for logits in (here, there)]
    logs = [enclosure(-sympy.log(density(name, target)), logits, target) for logits in (here, there)]
    with working_precision(BITS):
        assert agree(kernels[0] - kernels[1], logs[0] - logs[1])


with_variance = sympy.exp(-((y - Z[0]) ** 2) / (2 * sympy.exp(Z[1]))) / sympy.sqrt(2 * sympy.pi * sympy.exp(Z[1]))


@pytest.mark.claim("C33", "C36")
@given(dyadic, dyadic, quarters)
def test_the_logarithm_of_a_learned_variance_is_part_of_the_cost(mean: Fraction, target: Fraction, s: Fraction) -> None:
    """½ log v would be dropped as a constant, though it depends on the parameters: then v = ∞ costs nothing."""
    assert agree(nll("heteroscedastic", [mean, s], target), enclosure(-sympy.log(with_variance), [mean, s], target))


@pytest.mark.claim("C33")
@given(dyadic, dyadic, dyadic, st.integers(-6, 6))
def test_a_fixed_variance_scales_the_cost_and_leaves_its_order(a: Fraction, b: Fraction, y: Fraction, s: int) -> None:
    """Squared error would be the cost of the unit gaussian alone, not of every gaussian of one variance."""
    of_variance, of_unit = (
        [nll(name, [mean, *rest], y) for mean in (a, b)] for name, rest in (("heteroscedastic", [s]), ("gaussian", []))
    )
    with working_precision(BITS):
        assert agree((of_variance[0] - of_variance[1]) * exactly(s).exp(), of_unit[0] - of_unit[1])


@pytest.mark.claim("C33")
@several
@given(st.data())
def test_the_gradient_is_the_derivative_of_minus_the_log_of_the_density(name: str, data: st.DataObject) -> None:
    """Training would follow another cost than the one it reports."""
    logits = data.draw(logits_for(name))
    target = data.draw(TARGETS[name].filter(lambda t: name != "laplace" or t != logits[0]))  # the kink has its own test
    for symbol, entry in zip(Z, nll_gradient(name, logits, target), strict=False):
        assert agree(entry, enclosure(-sympy.log(density(name, target)).diff(symbol), logits, target))


@pytest.mark.claim("C37")
@given(dyadic, dyadic)
def test_at_the_kink_of_laplace_the_gradient_is_a_subgradient(at: Fraction, elsewhere: Fraction) -> None:
    """Where prediction and target agree the cost has slopes from −1 to 1, and the code could return another."""
    (slope,) = distribution_of(Output("laplace")).gradient(exact, exact.asarray([at]), exact.asarray([at]))
    assert abs(elsewhere - at) >= slope * (elsewhere - at)


@pytest.mark.claim("C34")
@pytest.mark.parametrize("name", ["gaussian", "bernoulli", "poisson"])
def test_the_gradient_is_mean_minus_statistic(name: str) -> None:
    """∂(A(z) − zy)/∂z = E[y] − y: these would not be exponential families with natural parameter z."""
    gradient = distribution_of(Output(name)).gradient(symbolic, np.array([z]), np.array([y]))[0]
    assert sympy.simplify(gradient - (mean_of(name) - y)) == 0


@pytest.mark.claim("C34")
@pytest.mark.parametrize("name", ["gaussian", "bernoulli", "poisson"])
def test_the_second_derivative_is_the_variance(name: str) -> None:
    """A″(z) = E[y²] − E[y]² ≥ 0: convexity would need another reason than that a variance is not negative."""
    gradient = distribution_of(Output(name)).gradient(symbolic, np.array([z]), np.array([y]))[0]
    assert sympy.simplify(gradient.diff(z) - (mean_of(name, 2) - mean_of(name) ** 2)) == 0


@pytest.mark.claim("C34")
@several
@given(st.data())
def test_the_nll_is_convex_in_the_affine_output(name: str, data: st.DataObject) -> None:
    """A linear model could have bad local minima; laplace, no exponential family in its mean, has none either."""
    here, there, target = data.draw(logits_for(name)), data.draw(logits_for(name)), data.draw(TARGETS[name])
    middle = [(a + b) / 2 for a, b in zip(here, there, strict=True)]
    with working_precision(BITS):
        excess = 2 * nll(name, middle, target) - nll(name, here, target) - nll(name, there, target)
        assert not excess > 0
        assert excess.rad() < arb(2) ** -100


mean_of_model = cache(mean_of)


def data_and_output() -> st.SearchStrategy:
    names = st.sampled_from(["gaussian", "bernoulli", "poisson", "categorical"])
    return names.flatmap(lambda name: st.tuples(st.just(name), st.lists(TARGETS[name], min_size=1, max_size=4)))


@pytest.mark.claim("C34", "C37")
@given(data_and_output(), lists_of(3, st.integers(-3, 3)))
def test_training_matches_the_mean_of_the_model_to_that_of_the_data(sample: tuple, biases: list) -> None:
    """A trained bias would leave the model with another mean than the data's: the gradient is their difference."""
    name, ys = sample
    network = Network(inputs=1, units=units(name), output=Output(name))
    targets = as_targets(ball, Output(name), np.array(ys) if name == "categorical" else [[target] for target in ys])
    parameters = ((ball.asarray([[0] * units(name)]), ball.asarray(biases[: units(name)])),)
    ((_, slopes),) = backward.gradient(ball, network, parameters, ball.asarray([[1]] * len(ys)), targets)
    if name == "categorical":
        expected = [(density(name, k), Fraction(ys.count(k), len(ys))) for k in range(3)]
    else:
        expected = [(mean_of_model(name), Fraction(sum(ys), len(ys)))]
    for slope, (of_model, of_data) in zip(slopes.balls, expected, strict=True):
        with working_precision(BITS):
            assert agree(slope, enclosure(of_model, biases) - exactly(of_data))


@pytest.mark.claim("C34")
def test_the_nll_of_a_mixture_is_not_convex() -> None:
    """'The log cancels the exp' would hold of every distribution: midway between two gaussians 6 apart, NLL″ = −8."""
    mixture = (DENSITIES["gaussian"].subs(y, 3) + DENSITIES["gaussian"].subs(y, -3)) / 2
    assert sympy.simplify((-sympy.log(mixture)).diff(z, 2).subs(z, 0)) == -8


@pytest.mark.claim("C34")
@given(dyadic)
def test_midway_between_two_gaussians_2a_apart_the_nll_curves_by_1_minus_a_squared(a: Fraction) -> None:
    """The shipped mixture would be convex in its means after all, or its gradient not know that it is not."""
    along = nll_hessian("mixture", [0, 0, -a, a, 0, 0], 0, [0, 0, 1, 1, 0, 0])
    with working_precision(BITS):
        assert agree(along[2] + along[3], exactly(1 - a * a))


@pytest.mark.claim("C34")
def test_the_nll_of_a_student_t_is_concave_far_from_its_target() -> None:
    """Not being an exponential family would not matter: but (ν + 1)(ν − r²)/(ν + r²)² is negative for r² > ν."""
    nu = sympy.Symbol("nu", positive=True)
    student = (1 + (y - z) ** 2 / nu) ** (-(nu + 1) / 2)  # the normalising constant does not depend on z
    curvature = (nu + 1) * (nu - (y - z) ** 2) / (nu + (y - z) ** 2) ** 2
    assert sympy.simplify(sympy.expand_log(-sympy.log(student), force=True).diff(z, 2) - curvature) == 0


def total_kernel(name: str, prediction: Fraction, ys: Sequence[Fraction]) -> Fraction:
    return distribution_of(Output(name)).kernel(exact, exact.asarray([prediction]), exact.asarray(ys)).sum()


@pytest.mark.claim("C37")
@given(st.lists(dyadic, min_size=1, max_size=6), st.fractions(0, 1), st.data())
def test_squared_error_is_least_at_the_mean_and_absolute_error_at_the_medians(
    ys: list, share: Fraction, data: st.DataObject
) -> None:
    """What a network predicts after training would not be the statistic that its output distribution promises."""
    low, high = median_low(ys), median_high(ys)  # of an even count every number between the middle two is a median
    c = data.draw(st.sampled_from([low + share * (high - low), mean(ys), *ys]) | dyadic)
    for name, best, is_best in (("gaussian", mean(ys), c == mean(ys)), ("laplace", low, low <= c <= high)):
        excess = total_kernel(name, c, ys) - total_kernel(name, best, ys)
        assert excess == 0 if is_best else excess > 0


@pytest.mark.claim("C37")
@given(st.lists(st.tuples(dyadic, dyadic), min_size=1, max_size=4), st.integers(1, 3), st.data())
def test_neither_the_order_of_the_rows_nor_their_repetition_changes_the_cost(
    rows: list, times: int, data: st.DataObject
) -> None:
    """The mean cost would depend on more than the shares of the observations, and its minimiser too."""
    shuffled = data.draw(st.permutations(rows * times))
    for name in ("gaussian", "laplace"):
        assert mean_kernel(name, shuffled) == mean_kernel(name, rows)


def mean_kernel(name: str, rows: Sequence) -> Fraction:
    """The shipped objective, less its constant, of z = x."""
    network, one, zero = Network(inputs=1, units=1, output=Output(name)), exact.asarray([[1]]), exact.asarray([0])
    x, targets = (exact.asarray(column).reshape(-1, 1) for column in zip(*rows, strict=True))
    return objective(exact, network, ((one, zero),), x, targets, kernel_only=True)


@pytest.mark.claim("C37")
@given(st.lists(dyadic, min_size=3, max_size=6), st.integers(1, 50), dyadic)
def test_an_outlier_moves_the_mean_and_leaves_the_median(ys: list, further: int, c: Fraction) -> None:
    """Absolute error would be no more robust than squared error, and the choice between them a matter of taste."""
    *others, largest = sorted(ys)
    outlying = [*others, largest + further]
    assert total_kernel("laplace", median(ys), outlying) <= total_kernel("laplace", c, outlying)
    assert total_kernel("gaussian", mean(ys), outlying) > total_kernel("gaussian", mean(outlying), outlying)

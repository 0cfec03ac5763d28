"""The cost: a negative log-likelihood is a cross-entropy, and the output distribution decides which.

The witnesses come from a table of densities in sympy (helpers_densities.py): their logarithm, its derivative, their
mean. Numbers are compared as enclosures in ball arithmetic, and regroupings as exact coefficients of symbols.

Sources: Goodfellow, Bengio & Courville 2016, sections 3.13, 5.5 and 6.2; log-sum-exp: Blanchard, Higham & Higham 2021.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from itertools import pairwise
from statistics import mean, median
from typing import Any

import numpy as np
import pytest
import sympy
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from ffn.forward import negative_log_likelihood, objective
from ffn.network import OUTPUTS, Network, Output
from ffn.numbers.ball import number, working_precision
from ffn.numbers.exact import exact
from ffn.numbers.floating import floating
from ffn.numbers.symbolic import symbolic
from ffn.outputs import as_targets, distribution_of, softmax
from tests.helpers_balls import BITS, agree, ball, dyadic
from tests.helpers_densities import DENSITIES, Z, density, enclosure, mean_of, y, z

several = pytest.mark.parametrize("name", OUTPUTS)
TARGETS = {
    "gaussian": dyadic,
    "laplace": dyadic,
    "bernoulli": st.integers(0, 1),
    "categorical": st.integers(0, 2),
    "poisson": st.integers(0, 5),
}


def units(name: str) -> int:
    return 3 if name == "categorical" else 1


def logits_for(name: str) -> st.SearchStrategy[list[Fraction]]:
    return st.lists(dyadic, min_size=units(name), max_size=units(name))


def shipped(function: Callable, name: str, logits: Sequence, target: Any) -> list[arb]:
    """The entries of one of the code's functions of (xp, z, y), on balls, for one example."""
    targets = np.array([target]) if name == "categorical" else [[target]]
    return function(ball, ball.asarray([logits]), as_targets(ball, Output(name), targets)).balls.ravel().tolist()


def nll(name: str, logits: Sequence, target: Any) -> arb:
    network = Network(inputs=1, units=len(logits), output=Output(name))
    return shipped(lambda xp, z, y: negative_log_likelihood(xp, network, z, y), name, logits, target)[0]


def nll_gradient(name: str, logits: Sequence, target: Any) -> list[arb]:
    return shipped(distribution_of(Output(name)).gradient, name, logits, target)


# Which distribution, which cost


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


@pytest.mark.parametrize("wrong", PLANTED)
def test_a_wrong_cost_is_refused(wrong: str) -> None:
    """The comparison above could not fail."""
    name, expression = PLANTED[wrong]
    logits, target = [Fraction(1), Fraction(2), Fraction(1)][: units(name)], {"poisson": 2}.get(name, 0)
    assert not agree(nll(name, logits, target), enclosure(expression, logits, target))


@several
@given(st.data())
def test_the_gradient_is_the_derivative_of_minus_the_log_of_the_density(name: str, data: st.DataObject) -> None:
    """Training would follow another cost than the one it reports."""
    logits = data.draw(logits_for(name))
    target = data.draw(TARGETS[name].filter(lambda t: name != "laplace" or t != logits[0]))  # the kink has its own test
    for symbol, entry in zip(Z, nll_gradient(name, logits, target), strict=False):
        assert agree(entry, enclosure(-sympy.log(density(name, target)).diff(symbol), logits, target))


@given(dyadic, dyadic)
def test_at_the_kink_of_laplace_the_gradient_is_a_subgradient(at: Fraction, elsewhere: Fraction) -> None:
    """Where prediction and target agree the cost has slopes from −1 to 1, and the code could return another."""
    (slope,) = distribution_of(Output("laplace")).gradient(exact, exact.asarray([at]), exact.asarray([at]))
    assert abs(elsewhere - at) >= slope * (elsewhere - at)


@pytest.mark.parametrize("name", ["gaussian", "bernoulli", "poisson"])
def test_the_gradient_is_mean_minus_statistic(name: str) -> None:
    """∂(A(z) − zy)/∂z = E[y] − y: these would not be exponential families with natural parameter z."""
    gradient = distribution_of(Output(name)).gradient(symbolic, np.array([z]), np.array([y]))[0]
    assert sympy.simplify(gradient - (mean_of(name) - y)) == 0


@pytest.mark.parametrize("target", range(3))
def test_the_categorical_gradient_is_probabilities_minus_one_hot(target: int) -> None:
    """The statistic of a class would not be its one-hot vector, whose mean is the vector of probabilities."""
    gradient = distribution_of(Output("categorical")).gradient(symbolic, np.array([Z]), np.array([target]))[0]
    for j in range(3):
        assert sympy.simplify(gradient[j] - (density("categorical", j) - int(j == target))) == 0


def test_the_nll_of_a_mixture_is_not_convex() -> None:
    """'The log cancels the exp' would hold of every distribution: midway between two gaussians 6 apart, NLL″ = −8."""
    mixture = (DENSITIES["gaussian"].subs(y, 3) + DENSITIES["gaussian"].subs(y, -3)) / 2
    assert sympy.simplify((-sympy.log(mixture)).diff(z, 2).subs(z, 0)) == -8


def total_kernel(name: str, prediction: Fraction, ys: Sequence[Fraction]) -> Fraction:
    return distribution_of(Output(name)).kernel(exact, exact.asarray([prediction]), exact.asarray(ys)).sum()


@given(st.lists(dyadic, min_size=1, max_size=5), dyadic)
def test_squared_error_is_least_at_the_mean_and_absolute_error_at_the_median(ys: list, c: Fraction) -> None:
    """What a network predicts after training would not be the statistic that its output distribution promises."""
    for name, best in (("gaussian", mean(ys)), ("laplace", median(ys))):
        assert total_kernel(name, best, ys) <= total_kernel(name, c, ys)


def test_the_mean_does_not_minimise_the_absolute_error_nor_the_median_the_squared_one() -> None:
    """The comparison above could not fail."""
    ys = [Fraction(0), Fraction(0), Fraction(3)]
    assert total_kernel("laplace", mean(ys), ys) > total_kernel("laplace", median(ys), ys)
    assert total_kernel("gaussian", median(ys), ys) > total_kernel("gaussian", mean(ys), ys)


# A mean NLL is a cross-entropy


def batch_nll(name: str, observations: Sequence, biases: Sequence | None = None, **options: Any) -> sympy.Expr:
    """The shipped loss of a network without hidden layer, as a formula in its weights and biases."""
    n = len(biases) if biases is not None else units(name)
    network = Network(inputs=1, units=n, output=Output(name), **options)
    x = symbolic.asarray([[x] for x, _ in observations])
    targets = np.array([target if name == "categorical" else [target] for _, target in observations])
    parameters = np.array([sympy.symbols(f"w:{n}")]), np.array(biases if biases is not None else Z[:n])
    return objective(symbolic, network, (parameters,), x, as_targets(symbolic, Output(name), targets))


def coefficients(expression: sympy.Expr) -> dict:
    return {term: c for term, c in sympy.expand(expression).as_coefficients_dict().items() if c}


@cache
def nll_of_one(name: str, observation: tuple) -> dict:
    return coefficients(batch_nll(name, [observation]))


def cross_entropy(name: str, observations: Sequence) -> dict:
    """−Σ p̂(x, y) log p(y | x), p̂ the share of each distinct observation, as coefficients of the terms of log p."""
    total: Counter = Counter()
    for observation, count in Counter(observations).items():
        for term, c in nll_of_one(name, observation).items():
            total[term] += sympy.Rational(count, len(observations)) * c
    return {term: c for term, c in total.items() if c}


@several
@given(st.data())
def test_the_mean_nll_is_the_cross_entropy_under_the_empirical_distribution(name: str, data: st.DataObject) -> None:
    """'Cross-entropy' would be a matter of classification: it is every mean NLL, that of squared error too."""
    one = st.tuples(st.integers(0, 1), st.integers(0, 1 if name == "bernoulli" else 2))
    observations = data.draw(st.lists(one, min_size=1, max_size=5))
    assert coefficients(batch_nll(name, observations)) == cross_entropy(name, observations)


@several
def test_a_sum_of_nlls_is_refused_as_a_cross_entropy(name: str) -> None:
    """The comparison of coefficients could not fail: the sum is N times as much."""
    observations = [(1, 0), (1, 1)]
    assert coefficients(batch_nll(name, observations, reduction="sum")) != cross_entropy(name, observations)


def over_primes(expression: sympy.Expr) -> dict[int, Fraction]:
    """A rational combination of logs of rationals by its coefficients at logs of primes, which are independent."""
    total: Counter = Counter()
    for log, c in coefficients(expression).items():
        for prime, exponent in sympy.factorrat(log.args[0]).items():
            total[prime] += c * exponent
    return {prime: c for prime, c in total.items() if c}


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=4))
def test_cross_entropy_is_entropy_plus_divergence(pairs: list) -> None:
    """Minimising the NLL would not be minimising the divergence of the model from the data."""
    data, model = zip(*pairs, strict=True)
    q, p = ([sympy.Rational(count, sum(counts)) for count in counts] for counts in (data, model))
    observations = [(0, j) for j, count in enumerate(data) for _ in range(count)]
    loss = batch_nll("categorical", observations, biases=[sympy.log(pj) for pj in p])
    entropy = -sum(qj * sympy.log(qj) for qj in q)
    divergence = sum(qj * sympy.log(qj / pj) for qj, pj in zip(q, p, strict=True))
    assert over_primes(loss) == over_primes(entropy + divergence)
    assert (over_primes(divergence) == {}) == (p == q)
    assert divergence == 0 or enclosure(divergence) > 0


# The cost punishes the most active wrong prediction


logits_and_class = st.lists(dyadic, min_size=1, max_size=5).flatmap(
    lambda logits: st.tuples(st.just(logits), st.integers(0, len(logits) - 1))
)


@given(logits_and_class)
def test_cross_entropy_is_the_lead_of_the_largest_logit_to_within_log_n(example: tuple) -> None:
    """max z − z_y ≤ NLL ≤ max z − z_y + log n: the cost of being wrong would not grow with the confidence."""
    logits, target = example
    with working_precision(BITS):
        excess = nll("categorical", logits, target) - number(max(logits) - logits[target])
        assert excess > 0 or (len(logits) == 1 and excess == 0)
        log_n = arb(len(logits)).log()
        assert excess < log_n or (len(set(logits)) == 1 and agree(excess, log_n))


@given(logits_and_class)
def test_of_the_wrong_classes_the_most_active_is_pushed_down_hardest(example: tuple) -> None:
    """A step of gradient descent would not go against the mistake itself."""
    logits, target = example
    gradient = nll_gradient("categorical", logits, target)
    wrong = sorted((logit, j) for j, logit in enumerate(logits) if j != target)
    assert all(gradient[i] < gradient[j] for (a, i), (b, j) in pairwise(wrong) if a < b)
    assert all(gradient[j] > 0 for _, j in wrong)


def float_nll(dtype: str, logits: Sequence[float], target: int) -> Any:
    xp, network = floating(dtype), Network(inputs=1, units=len(logits), output=Output("categorical"))
    with np.errstate(over="ignore"):
        return negative_log_likelihood(xp, network, xp.asarray([logits]), np.array([target]))[0]


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


def test_the_log_of_a_softmax_breaks_the_upper_bound() -> None:
    """An unstable cost would go unseen: −log p is infinite from a lead of 746 on, where the NLL is 800."""
    with np.errstate(divide="ignore"):
        assert -np.log(softmax(floating("float64"), np.array([[0.0, 800.0]])))[0, 0] == np.inf
    assert float_nll("float64", [0.0, 800.0], 0) == 800


# The reward for confidence is unlimited unless it is regularised


def separable_loss(w: Fraction, weight_decay: float) -> arb:
    """The loss of a logistic regression on the single observation (x, y) = (1, 1), which every w > 0 separates."""
    network = Network(inputs=1, units=1, output=Output("bernoulli"), weight_decay=weight_decay)
    one = ball.asarray([[1]])
    return objective(ball, network, ((ball.asarray([[w]]), ball.asarray([0])),), one, one).balls.item()


positive = st.builds(Fraction, st.integers(1, 20), st.integers(1, 5))


@given(positive)
def test_separable_data_reward_ever_larger_weights(w: Fraction) -> None:
    """The NLL would have a minimum: its infimum 0 is not attained, since doubling w always lowers it."""
    assert 0 < separable_loss(2 * w, 0.0) < separable_loss(w, 0.0)


@given(positive, st.sampled_from([0.5, 0.125, 1.0]))
def test_weight_decay_bounds_the_weights(w: Fraction, weight_decay: float) -> None:
    """Training on separable data would never end: but (λ/2)w² ≥ 1 > log 2 makes the loss larger than at w = 0."""
    far = w + Fraction(2 / weight_decay)  # λw²/2 ≥ 2/λ ≥ 2
    assert separable_loss(far, weight_decay) > separable_loss(Fraction(0), weight_decay)

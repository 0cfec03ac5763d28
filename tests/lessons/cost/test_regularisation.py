"""The reward for confidence is unlimited unless something limits it: separable data, ridge, a learned variance.

Losses and gradients are the shipped ones, enclosed in balls.

Sources: Goodfellow, Bengio & Courville 2016, sections 6.2.2 and 7.1; separable data: Soudry et al. 2018.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import pytest
from flint import arb
from hypothesis import assume, given
from hypothesis import strategies as st

from ffn.constructions import training
from ffn.network import backward
from ffn.network.description import Network, Output
from ffn.network.forward import objective
from ffn.numbers.ball import working_precision
from tests.helpers.balls import BITS, agree, ball, dyadic, exactly
from tests.helpers.costs import nll
from tests.helpers.profiles import examples
from tests.helpers.strategies import lists_of

pytestmark = pytest.mark.claim("C36")
positive = st.builds(Fraction, st.integers(1, 20), st.integers(1, 5))
decays = st.sampled_from([0.5, 0.125, 1.0, 2.0])

# Separable data: (x, y) = (1, 1) and (−1, 0). Every w > 0 separates them, and by symmetry the bias stays 0.


def separable(w: Fraction, weight_decay: float = 0.0) -> tuple:
    """A logistic regression on the separable data, with this weight and no bias, as the passes take it."""
    network = Network(inputs=1, units=1, output=Output("bernoulli"), weight_decay=weight_decay)
    parameters = ((ball.asarray([[w]]), ball.asarray([0])),)
    return ball, network, parameters, ball.asarray([[1], [-1]]), ball.asarray([[1], [0]])


def loss(w: Fraction, weight_decay: float = 0.0) -> arb:
    return objective(*separable(w, weight_decay)).balls.item()


def slope(w: Fraction, weight_decay: float = 0.0) -> arb:
    ((dW, _),) = backward.gradient(*separable(w, weight_decay))
    return dW.balls.item()


small = st.integers(-6, 6)


@given(small, small, st.lists(small, min_size=1, max_size=4))
def test_separable_data_reward_ever_larger_weights(w: int, b: int, xs: list) -> None:
    """The NLL would have a minimum: its infimum is not attained, since what separates the data separates them better
    when it is doubled."""
    assume(all(w * x + b for x in xs))
    network, x = Network(inputs=1, units=1, output=Output("bernoulli")), ball.asarray([[x] for x in xs])
    labels = ball.asarray([[int(w * x + b > 0)] for x in xs])
    models = [((ball.asarray([[times * w]]), ball.asarray([times * b])),) for times in (1, 2)]
    once, twice = (objective(ball, network, model, x, labels).balls.item() for model in models)
    assert 0 < twice < once


@given(positive)
def test_the_infimum_of_separable_data_is_0(eps: Fraction) -> None:
    """The reward could end above 0: but at w = log(1/ε) the loss is below any ε."""
    w = exactly(1 / eps).log()
    assert loss(w) < exactly(eps)


def margins(rate: Fraction, steps: int) -> list[arb]:
    """w after each step of the shipped descent from 0, with the rate for which w ← w + rate · σ(−w)."""
    xp, network, parameters, x, y = separable(Fraction(0))
    path = []
    for _ in range(steps):
        ((dW, db),) = backward.gradient(xp, network, parameters, x, y)
        ((W, b),) = parameters
        with working_precision(BITS):
            ((W, b),) = training.step(((W.balls, b.balls),), ((dW.balls, db.balls),), exactly(rate))
        parameters = ((xp.asarray(W), xp.asarray(b)),)
        path.append(W.item())
    return path


@examples(5)
@given(st.fractions(Fraction(1, 4), 1, max_denominator=4))
def test_descent_on_separable_data_grows_like_the_logarithm_of_the_steps(rate: Fraction) -> None:
    """Training would come to rest, or run away: w − log(rate · t) → 0 and loss · rate · t → 1.

    u = e^w starts at 1 and becomes u e^s, s = rate/(1 + u) ≤ ½. From 1 + s ≤ e^s ≤ 1 + s + s² follows
    u + rate − rate/(1 + u) ≤ u e^s ≤ u + rate. So after t steps u ≤ 1 + rate·t; as u/(1 + u) ≥ ½, u ≥ 1 + rate·t/2, and
    the sum of rate/(1 + u) over the steps is at most rate/2 + 2 log(1 + rate·t/4): u is 1 + rate·t less that at least.
    """
    path = margins(rate, 60)
    for before, after in pairwise(path):
        with working_precision(BITS):
            assert agree(after - before, exactly(rate) / (1 + before.exp()))
    for t in (1, 2, 10, 30, 60):
        with working_precision(BITS):
            high = 1 + exactly(rate * t)
            low = high - exactly(rate) / 2 - 2 * (1 + exactly(rate * t) / 4).log()
            u = path[t - 1].exp()
            assert low < u
            assert u < high
            assert (1 + 1 / high).log() < loss(path[t - 1]) < (1 + 1 / low).log()


@given(positive, decays)
def test_weight_decay_bounds_the_weights(w: Fraction, weight_decay: float) -> None:
    """Training on separable data would never end: but (λ/2)w² ≥ 1 > log 2 makes the loss larger than at w = 0."""
    far = w + Fraction(2 / weight_decay)  # λw²/2 ≥ 2/λ ≥ 1
    assert loss(far, weight_decay) > loss(Fraction(0), weight_decay)
    with working_precision(BITS):
        assert agree(loss(far, weight_decay) - loss(far), exactly(Fraction(weight_decay) * far**2 / 2))


@given(dyadic, dyadic, decays)
def test_with_weight_decay_one_weight_is_best(v: Fraction, w: Fraction, weight_decay: float) -> None:
    """The minimum would not be the one place where σ(−w) = λw: there the slope, which always rises, is 0."""
    decay = Fraction(weight_decay)
    assert slope(Fraction(0), weight_decay) < 0 < slope(1 / decay, weight_decay)
    assert v >= w or slope(v, weight_decay) < slope(w, weight_decay)
    with working_precision(BITS):
        assert agree(slope(w, weight_decay), exactly(decay * w) - 1 / (1 + exactly(w).exp()))


@given(positive, decays)
def test_weight_decay_leaves_the_bias_its_unlimited_reward(b: Fraction, weight_decay: float) -> None:
    """'Regularised' would be enough: data of one class reward a bias without end, which weight decay does not see."""
    network = Network(inputs=1, units=1, output=Output("bernoulli"), weight_decay=weight_decay)
    one = ball.asarray([[1]])
    losses = [
        objective(ball, network, ((ball.asarray([[0]]), ball.asarray([bias])),), one, one).balls.item()
        for bias in (b, 2 * b)
    ]
    assert 0 < losses[1] < losses[0]


# A learned variance v = e^s


def gaussian_nll(residual: Fraction, log_variance: Fraction | arb) -> arb:
    return nll("heteroscedastic", [residual, log_variance], 0)


def penalised(residual: Fraction, log_variance: arb, beta: Fraction) -> arb:
    """With a prior that adds β/v."""
    with working_precision(BITS):
        return gaussian_nll(residual, log_variance) + exactly(beta) / log_variance.exp()


@given(positive, dyadic)
def test_the_best_variance_is_the_square_of_the_residual(residual: Fraction, shift: Fraction) -> None:
    """The variance that a network learns would not be the size of its errors."""
    with working_precision(BITS):
        best = exactly(residual**2).log()
        least, elsewhere = gaussian_nll(residual, best), gaussian_nll(residual, best + exactly(shift))
        assert elsewhere > least or shift == 0
        assert agree(least, exactly(residual).log() + (1 + (2 * arb.pi()).log()) / 2)


@given(st.integers(1, 1000), decays)
def test_a_learned_variance_is_rewarded_without_limit_whatever_the_weight_decay(k: int, weight_decay: float) -> None:
    """Weight decay would save a density: where the mean is hit the NLL falls by k as s falls by 2k, and s is a bias."""
    network = Network(inputs=1, units=2, output=Output("heteroscedastic"), weight_decay=weight_decay)
    W, one = ball.asarray([[0, 0]]), ball.asarray([[1]])
    (at, below) = (objective(ball, network, ((W, ball.asarray([1, s])),), one, one).balls.item() for s in (0, -2 * k))
    with working_precision(BITS):
        assert agree(at - below, arb(k))


@given(dyadic, positive, dyadic)
def test_a_prior_on_the_variance_bounds_it(residual: Fraction, beta: Fraction, shift: Fraction) -> None:
    """Nothing would: with β/v added the best variance is r² + 2β, so 2β where the mean is hit."""
    with working_precision(BITS):
        best = exactly(residual**2 + 2 * beta).log()
        least = penalised(residual, best, beta)
        assert shift == 0 or penalised(residual, best + exactly(shift), beta) > least


DISCRETE = {"bernoulli": [0, 1], "categorical": range(3), "poisson": range(4)}


@given(lists_of(3, dyadic))
def test_the_nll_of_a_discrete_output_is_above_0(logits: Sequence) -> None:
    """The unlimited reward would be one of all models: a probability stays below 1, a density does not."""
    for name, targets in DISCRETE.items():
        for target in targets:
            assert nll(name, logits if name == "categorical" else logits[:1], target) > 0

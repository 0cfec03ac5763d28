"""Descent: batches are unbiased samples of the gradient, full batches descend without noise, and the code does both.

- The gradient of a mini-batch has the mean of the full one, and the variance of a sample without replacement.
- A full-batch step of 1/l lowers the loss, l the largest curvature; one of more than 2/l may raise it.
- Training is the step, batch by batch; it reads handwritten digits that it has not seen.

Sources: Goodfellow, Bengio & Courville 2016, sections 4.3 and 8.1.3; Cochran 1977 (sampling); Nesterov 2004 (the
descent lemma).
"""

from collections import Counter
from fractions import Fraction
from itertools import combinations, permutations
from math import ceil, comb
from typing import Any

import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_digits

from ffn import Hidden, Network, Output, initialise, reference
from ffn.cases.case import Case
from ffn.cases.networks import networks
from ffn.cases.strategies import cases
from ffn.constructions.training import Descent, accuracy, batches, step, train
from ffn.network.backward import gradient
from ffn.network.forward import objective
from ffn.numbers.ball import number, working_precision
from ffn.numbers.exact import exact
from tests.helpers.balls import BITS, ball
from tests.helpers.gradients import by_hand, flat, piecewise_case, placed
from tests.helpers.networks import affine_layers, column, loss
from tests.helpers.profiles import examples
from tests.helpers.strategies import positive, rational
from tests.helpers.xor import BOOK, XOR, X, Y

# Batches


@pytest.mark.claim("C11")
@given(piecewise_case(max_depth=1, reductions=("mean",)), st.integers(1, 5))
@examples(40)
def test_the_gradient_of_a_batch_is_unbiased_with_the_variance_of_a_sample_without_replacement(case: Case, m: int):
    """Stochastic descent would go another way on average, or its noise would not vanish with the full batch."""
    rows = len(case.x)
    m = min(m, rows)
    of_all = flat(by_hand(case))
    of_each = [flat(by_hand(case.rows([i]))) for i in range(rows)]
    of_batches = [flat(by_hand(case.rows(list(batch)))) for batch in combinations(range(rows), m)]
    for mean, each, drawn in zip(of_all, zip(*of_each, strict=True), zip(*of_batches, strict=True), strict=True):
        s2 = sum((g - mean) ** 2 for g in each) / rows
        assert sum(drawn) / len(drawn) == mean
        assert sum((g - mean) ** 2 for g in drawn) / len(drawn) == s2 * (rows - m) / (m * max(1, rows - 1))


@pytest.mark.claim("C11")
@given(st.integers(1, 20), st.integers(1, 20), st.integers(0, 9))
def test_an_epoch_takes_every_row_once(count: int, size: int, seed: int):
    """Rows drawn with replacement, or a last batch left out, would not be a sample of the kind above."""
    drawn = list(batches(count, size, np.random.default_rng(seed)))
    assert sorted(np.concatenate(drawn)) == list(range(count))
    assert all(len(rows) == size for rows in drawn[:-1])


class Given:
    """A generator whose only permutation is given."""

    def __init__(self, order: tuple) -> None:
        self.order = order

    def permutation(self, count: int) -> np.ndarray:
        return np.array(self.order)


@pytest.mark.claim("C11")
@pytest.mark.parametrize("rows", [1, 2, 3, 5])
def test_over_all_orders_every_batch_is_drawn_equally_often(rows: int):
    """Neighbours in the data would come together more often, and the mean over the batches would be another one."""
    for size in range(1, rows + 1):
        epochs = [list(batches(rows, size, Given(order))) for order in permutations(range(rows))]
        for place in range(rows // size):
            times = Counter(frozenset(epoch[place].tolist()) for epoch in epochs)
            assert len(times) == comb(rows, size)
            assert len(set(times.values())) == 1


@pytest.mark.claim("C11")
@given(st.integers(1, 6), st.sampled_from((1, 2, 4)))  # sums of up to 4 equal shares of 1 are not rounded
def test_the_last_batch_is_averaged_over_its_own_rows(rows: int, size: int):
    """Dividing a smaller last batch by the batch size would shrink its step: each batch halves the distance to 1."""
    network = Network(inputs=1, units=1, output=Output("gaussian"))
    start = ((np.zeros((1, 1)), np.zeros(1)),)
    x, y = np.zeros((rows, 1)), np.ones((rows, 1))  # equal rows: their order does not matter
    ((_, b),) = train(network, start, x, y, Descent(0.5, epochs=1, batch_size=size)).parameters
    assert b[0] == 1 - 0.5 ** ceil(rows / size)


# Descent without any noise


@pytest.mark.claim("C11")
@given(cases("float64", networks((), ("gaussian",), ("sum",), max_depth=0)))
@examples(50)
def test_a_full_batch_step_of_one_over_l_lowers_the_squared_error(case: Case):
    """Descent would need noise: with l at least the largest curvature each step gains ‖∇‖²/2l or more.

    The curvature is λ_max of the squares of (x, 1), at most their trace.
    """
    network, parameters, x, y = placed(case, exact)
    steepness = (x * x).sum() + len(x)
    slopes = gradient(exact, network, parameters, x, y)
    gain = sum(g * g for g in flat(slopes)) / (2 * steepness)
    after = step(parameters, slopes, 1 / steepness)
    assert loss(network, after, x, y) <= loss(network, parameters, x, y) - gain


def regression(output: str, w: Any, b: Any, x: Any, y: Any) -> tuple[arb, list]:
    """Loss and gradient of a regression of one input, in balls."""
    network = Network(1, 1, Output(output), reduction="sum")
    at = network, affine_layers(([[w]], [b]), xp=ball), ball.asarray(x), ball.asarray(y)
    return objective(ball, *at).balls.item(), flat(gradient(ball, *at))


@pytest.mark.claim("C11")
@pytest.mark.parametrize(("output", "curvature"), [("gaussian", 1), ("bernoulli", Fraction(1, 4))])
@given(st.lists(st.tuples(rational, st.integers(0, 1)), min_size=1, max_size=5), rational, rational)
@examples(50)
def test_a_full_batch_step_of_one_over_the_largest_curvature_lowers_the_loss(
    output: str, curvature: Any, rows: list, w: Fraction, b: Fraction
):
    """The guarantee would be one of quadratics alone: σ′ ≤ ¼ bounds the curvature of the logistic loss by λ_max/4."""
    x, y = column([x for x, _ in rows]), column([y for _, y in rows])
    before, (dw, db) = regression(output, w, b, x, y)
    with working_precision(BITS):
        squares, total, count = number((x * x).sum()), number(x.sum()), len(rows)
        largest = (
            squares + count + ((squares - count) * (squares - count) + 4 * total * total).sqrt()
        ) / 2  # eigenvalue of XᵀX
        steepness = largest * number(curvature)
        ((W, B),) = step(((np.array([number(w)]), np.array([number(b)])),), ((dw, db),), 1 / steepness)
    after, _ = regression(output, W[0], B[0], x, y)
    with working_precision(BITS):
        gain = (dw * dw + db * db) / (2 * steepness)  # a ball around 0 has no power: arb takes one by logarithms
        # Of 256 bits fewer than 100 are lost; where equality is possible, the difference is a ball around 0.
        assert after - before + gain < arb(2) ** -100


@pytest.mark.claim("C11")
@given(positive, rational.filter(bool), st.fractions(0, 4).filter(bool))
def test_a_step_of_two_over_l_gains_nothing_and_a_longer_one_loses(x: Fraction, w: Fraction, excess: Fraction):
    """Any learning rate would do; full batches converge, but not with every step."""
    network = Network(1, 1, Output("gaussian"), reduction="sum")
    inputs, zeros = column([x, -x]), column([0, 0])  # the bias stays 0; the curvature by w is 2x²
    start = affine_layers(([[w]], [0]))
    slopes = gradient(exact, network, start, inputs, zeros)
    before, at_two, beyond = (
        loss(network, step(start, slopes, rate / (2 * x * x)), inputs, zeros) for rate in (0, 2, 2 + excess)
    )
    assert before == at_two < beyond


# The training itself


@pytest.mark.claim("C11")
def test_a_full_batch_step_is_one_step_of_gradient_descent():
    """If rows were lost or counted twice in the shuffle, one full batch would not be θ − ε∇."""
    # eighths: sums of a few products are exact, and the order of the rows changes no bit
    start = tuple((np.round(W * 8) / 8, b) for W, b in initialise(XOR, seed=1))
    (W, b), (V, c) = train(XOR, start, X, Y, Descent(0.5, epochs=1, seed=3)).parameters
    (dW, db), (dV, dc) = reference.gradient(XOR, start, X, Y)
    assert np.array_equal(W, start[0][0] - dW / 2)
    assert np.array_equal(b, start[0][1] - db / 2)
    assert np.array_equal(V, start[1][0] - dV / 2)
    assert np.array_equal(c, start[1][1] - dc / 2)


@pytest.mark.claim("C10", "C11")
def test_the_same_seed_gives_the_same_parameters():
    """Without it no result could be shown again; another seed, another order of the rows, another result."""
    start = initialise(XOR, seed=1)
    first, again, other = (train(XOR, start, X, Y, Descent(0.1, 5, batch_size=2, seed=s)) for s in (0, 0, 1))
    assert first.losses == again.losses
    assert first.losses != other.losses


@pytest.mark.claim("C41")
def test_the_starting_parameters_are_left_alone():
    """A training that wrote into its arguments would start the next one elsewhere."""
    start = initialise(XOR, seed=1)
    train(XOR, start, X, Y, Descent(0.1, epochs=3))
    assert np.array_equal(start[0][0], initialise(XOR, seed=1)[0][0])


@pytest.mark.claim("C11")
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"learning_rate": 0.0}, "learning_rate"),
        ({"learning_rate": float("nan")}, "learning_rate"),
        ({"learning_rate": float("inf")}, "learning_rate"),
        ({"learning_rate": 0.1, "epochs": -1}, "epochs"),
        ({"learning_rate": 0.1, "batch_size": 0}, "batch_size"),
    ],
)
def test_a_descent_that_cannot_be_is_refused(wrong: dict, message: str):
    """A learning rate of 0 or a batch of no rows would train nothing, in silence."""
    with pytest.raises(ValueError, match=message):
        Descent(**{"epochs": 1, **wrong})


@pytest.mark.claim("C40", "C41", "C42")
def test_digits_are_read():
    """The parts together: a network of 32 ReLUs reads 95 % or more of handwritten digits it was not trained on."""
    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    seen, held_out = order[:1400], order[1400:]
    network = Network(inputs=64, hidden=(Hidden(32, "relu"),), units=10, output=Output("categorical"))
    descent = Descent(learning_rate=0.3, epochs=20, batch_size=32)
    trained = train(network, initialise(network, seed=1), x[seen] / 16, y[seen], descent)
    assert trained.losses[-1] < trained.losses[0]
    assert accuracy(network, trained.parameters, x[held_out] / 16, y[held_out]) >= 0.95


@pytest.mark.claim("C42")
def test_accuracy_counts_right_rows():
    """If rows and classes were mixed up, a model that is right on three of four rows would not score 3/4."""
    network = Network(inputs=2, units=2, output=Output("categorical"))
    identity = ((np.eye(2), np.zeros(2)),)
    x = np.array([[1.0, 0], [0, 1], [0, 1], [1, 0]])
    assert accuracy(network, identity, x, np.array([0, 1, 1, 1])) == 3 / 4


@pytest.mark.claim("C42")
def test_accuracy_needs_one_class_for_each_row():
    """A column of classes would be compared with every row's answer: a share of pairs, not of rows."""
    network = Network(inputs=2, units=2, output=Output("categorical"))
    with pytest.raises(ValueError, match="row"):
        accuracy(network, ((np.eye(2), np.zeros(2)),), np.eye(2), np.array([[0], [1]]))


@pytest.mark.claim("C42")
def test_accuracy_needs_classes():
    """The largest of several real-valued outputs is no class: such a share would mean nothing."""
    with pytest.raises(ValueError, match="categorical"):
        accuracy(XOR, BOOK, X, Y)

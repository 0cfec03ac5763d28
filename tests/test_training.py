"""Gradient descent learns what an affine model cannot, and what it cannot leave it never leaves.

- XOR: no affine model has a mean squared error below 1/4; two ReLUs have 0, and descent finds them from some seeds and
  not from others.
- Hidden units that start equal stay equal; a ReLU that is dead on all data stays as it is for good.
- The same code learns handwritten digits, measured on rows that it has not seen.

Sources: Goodfellow, Bengio & Courville 2016, section 6.1 (XOR), 8.2 and 8.4 (critical points, symmetry breaking).
"""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits

from ffn import Hidden, Network, Output, initialise, reference
from ffn.backward import gradient
from ffn.case import Case
from ffn.forward import objective, trace
from ffn.numbers.ball import Ball
from ffn.numbers.exact import exact
from ffn.strategies import cases, networks
from ffn.training import Descent, accuracy, step, train

XOR = Network(inputs=2, hidden=(Hidden(2, "relu"),), units=1, output=Output("gaussian"))
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float64)
Y = np.array([[0], [1], [1], [0]], dtype=np.float64)
BOOK = ((np.ones((2, 2)), np.array([0.0, -1.0])), (np.array([[1.0], [-2.0]]), np.array([0.0])))  # eq. 6.4 to 6.6

one_relu_layer = networks(("relu",), outputs=("gaussian",), min_depth=1, max_depth=1)


def on(xp, case: Case):
    """A case's numbers in a number system, as the passes take them."""
    parameters = tuple((xp.asarray(W), xp.asarray(b)) for W, b in case.parameters)
    return case.network, parameters, xp.asarray(case.x), xp.asarray(case.y)


def xor_from(seed: int) -> np.ndarray:
    """What XOR's network answers after 500 steps on all four rows."""
    trained = train(XOR, initialise(XOR, seed), X, Y, Descent(learning_rate=0.1, epochs=500))
    return reference.forward(XOR, trained.parameters, X)


def with_equal_units(case: Case) -> Case:
    """The case with every hidden unit a copy of the first."""
    (W, b), (V, c) = case.parameters
    copies = np.zeros(b.shape, dtype=int)
    return Case(case.network, ((W[:, copies], b[copies]), (V[copies], c)), case.x, case.y)


def units_are_equal(parameters) -> bool:
    """Whether every hidden unit has the weights and the bias of the first, in and out."""
    (W, b), (V, _) = parameters
    return bool(np.all(W[:, :1] == W) and np.all(b[:1] == b) and np.all(V[:1] == V))


def with_dead_unit(case: Case) -> Case:
    """The case with a bias so far below 0 that the first hidden unit is off for every row."""
    (W, b), last = case.parameters
    b = b.copy()
    b[0] = -1 - np.abs(case.x @ W[:, 0]).max()
    return Case(case.network, ((W, b), last), case.x, case.y)


def unit_0(parameters) -> tuple:
    """The weights into the first hidden unit, its bias, and the weights out of it."""
    (W, b), (V, _) = parameters
    return W[:, 0], b[0], V[0]


# XOR


def test_no_affine_model_beats_a_quarter_on_xor():
    """Without it the bar below could be one that a straight line clears: at the best affine model w = 0, b = 1/2 the
    gradient is exactly 0, and a convex loss has its minimum there."""
    network = Network(inputs=2, units=1, output=Output("gaussian"))
    best = on(exact, Case(network, ((np.zeros((2, 1)), np.array([0.5])),), X, Y))
    ((dW, db),) = gradient(exact, *best)
    assert not dW.any()
    assert not db.any()
    assert 2 * objective(exact, *best, kernel_only=True) == Fraction(1, 4)  # the loss is half the mean squared error


def test_the_book_s_network_computes_xor_exactly():
    """If an affine layer or a ReLU erred, the book's solution would not give (0, 1, 1, 0)."""
    network, parameters, x, y = on(exact, Case(XOR, BOOK, X, Y))
    assert trace(exact, network, parameters, x)[-1].h.tolist() == y.tolist()


def test_the_book_s_network_sits_on_kinks_and_yet_is_a_minimum():
    """A loss does reach its minimum at a kink: 3 of 8 pre-activations are 0, and whatever slope is taken there, from 0
    to 1, the residuals are 0 and so is the gradient."""
    network, parameters, x, y = on(Ball(), Case(XOR, BOOK, X, Y))
    z = trace(Ball(), network, parameters, x)[0].z.balls
    assert np.count_nonzero(z == 0) == 3
    assert all((part.balls == 0).all() for pair in gradient(Ball(), network, parameters, x, y) for part in pair)


def test_descent_learns_xor():
    """If the gradient or the step were wrong, training would end at or above the affine models' 1/4."""
    z = xor_from(seed=1)
    # four residuals with a mean square below 1/16 are each below 1/2, so that the threshold is right on every row
    assert np.mean((z - Y) ** 2) < 1 / 16
    assert ((z > 1 / 2) == (Y == 1)).all()


def test_descent_may_also_get_stuck():
    """The same steps from another seed lose both ReLUs and answer every row alike, no better than an affine model:
    where descent on a non-convex loss starts decides where it ends."""
    z = xor_from(seed=7)
    assert (z == z[0]).all()


# What descent cannot leave


@given(cases("float64", one_relu_layer), st.integers(1, 2))
@settings(max_examples=40)
def test_equal_units_stay_equal(case: Case, steps: int):
    """By symmetry equal units have equal gradients; without that, a layer would not be free to be permuted."""
    network, parameters, x, y = on(exact, with_equal_units(case))
    for _ in range(steps):
        parameters = step(parameters, gradient(exact, network, parameters, x, y), Fraction(1, 8))
    assert units_are_equal(parameters)


@given(cases("float16", networks(("relu", "absolute"), ("gaussian",), min_depth=1, max_depth=1)), st.integers(1, 5))
@settings(max_examples=40)
def test_equal_units_stay_bit_equal_in_floats(case: Case, epochs: int):
    """Rounding breaks no tie: what descent treats alike, down to the last bit, it cannot tell apart."""
    # float16, whose products NumPy sums in one order for every column; a BLAS may treat the last column otherwise
    case = with_equal_units(case.scaled(2.0**-6))
    trained = train(case.network, case.parameters, case.x, case.y, Descent(2.0**-6, epochs, batch_size=2))
    assert units_are_equal(trained.parameters)


@given(cases("float64", one_relu_layer), st.integers(1, 5))
@settings(max_examples=40)
def test_a_dead_unit_stays_dead(case: Case, epochs: int):
    """A ReLU that is off for every row has gradient exactly 0, so no step moves it: not its weights, bias or output."""
    case = with_dead_unit(case.scaled(2.0**-6))  # small numbers, so that no step overflows: 0 · ∞ is not 0
    trained = train(case.network, case.parameters, case.x, case.y, Descent(2.0**-6, epochs, batch_size=2))
    for before, after in zip(unit_0(case.parameters), unit_0(trained.parameters), strict=True):
        assert np.array_equal(before, after)


def test_a_live_unit_moves():
    """Without it the two laws above would also hold of a descent that does nothing."""
    start = initialise(XOR, seed=1)
    trained = train(XOR, start, X, Y, Descent(0.1, epochs=1))
    assert all(
        not np.array_equal(before, after)
        for before, after in zip(unit_0(start), unit_0(trained.parameters), strict=True)
    )
    assert not units_are_equal(trained.parameters)


# The training itself


def test_the_last_batch_is_averaged_over_its_own_rows():
    """Dividing a smaller last batch by the batch size would shrink its step: 3 rows in batches of 2, done by hand."""
    network = Network(inputs=1, units=1, output=Output("gaussian"))
    start = ((np.zeros((1, 1)), np.zeros(1)),)
    x, y = np.zeros((3, 1)), np.ones((3, 1))  # equal rows: their order does not matter
    ((_, b),) = train(network, start, x, y, Descent(0.5, epochs=1, batch_size=2)).parameters
    assert b[0] == 0.75  # 0 → 1/2 → 3/4: each batch halves the distance to 1


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


def test_the_same_seed_gives_the_same_parameters():
    """Without it no result could be shown again; another seed, another order of the rows, another result."""
    start = initialise(XOR, seed=1)
    first, again, other = (train(XOR, start, X, Y, Descent(0.1, 5, batch_size=2, seed=s)) for s in (0, 0, 1))
    assert first.losses == again.losses
    assert first.losses != other.losses


def test_the_starting_parameters_are_left_alone():
    """A training that wrote into its arguments would start the next one elsewhere."""
    start = initialise(XOR, seed=1)
    train(XOR, start, X, Y, Descent(0.1, epochs=3))
    assert np.array_equal(start[0][0], initialise(XOR, seed=1)[0][0])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"learning_rate": 0.0}, "learning_rate"),
        ({"learning_rate": float("nan")}, "learning_rate"),
        ({"learning_rate": 0.1, "epochs": -1}, "epochs"),
        ({"learning_rate": 0.1, "batch_size": 0}, "batch_size"),
    ],
)
def test_a_descent_that_cannot_be_is_refused(wrong: dict, message: str):
    """A learning rate of 0 or a batch of no rows would train nothing, in silence."""
    with pytest.raises(ValueError, match=message):
        Descent(**{"epochs": 1, **wrong})


def test_digits_are_read():
    """The parts together: a network of 32 ReLUs reads 95 % of handwritten digits that it has not been trained on."""
    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    seen, held_out = order[:1400], order[1400:]
    network = Network(inputs=64, hidden=(Hidden(32, "relu"),), units=10, output=Output("categorical"))
    descent = Descent(learning_rate=0.3, epochs=20, batch_size=32)
    trained = train(network, initialise(network, seed=1), x[seen] / 16, y[seen], descent)
    assert trained.losses[-1] < trained.losses[0]
    assert accuracy(network, trained.parameters, x[held_out] / 16, y[held_out]) >= 0.95


def test_accuracy_counts_right_rows():
    """If rows and classes were mixed up, a model that is right on three of four rows would not score 3/4."""
    network = Network(inputs=2, units=2, output=Output("categorical"))
    identity = ((np.eye(2), np.zeros(2)),)
    x = np.array([[1.0, 0], [0, 1], [0, 1], [1, 0]])
    assert accuracy(network, identity, x, np.array([0, 1, 1, 1])) == 3 / 4


def test_accuracy_needs_classes():
    """The largest of several real-valued outputs is no class: such a share would mean nothing."""
    with pytest.raises(ValueError, match="categorical"):
        accuracy(XOR, BOOK, X, Y)

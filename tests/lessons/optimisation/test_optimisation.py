"""Optimisation: two layers lose convexity, and where descent starts decides where it ends.

- A loss is not convex once two layers multiply, with a nonlinearity or without; it is convex in the last layer alone.
- A dead ReLU is a local minimum for good, and XOR's network ends in a bad one from most seeds. Equal units stay equal.

Sources: Goodfellow, Bengio & Courville 2016, section 6.1 (XOR), 8.2 and 8.4 (critical points, symmetry breaking); Baldi
& Hornik 1989 (linear networks).
"""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ffn import Network, Output, initialise
from ffn.cases.case import Case
from ffn.cases.networks import networks
from ffn.cases.strategies import cases
from ffn.constructions.symmetries import permute_units
from ffn.constructions.training import Descent, step, train
from ffn.network.backward import gradient
from ffn.network.forward import trace
from ffn.numbers.ball import Ball
from ffn.numbers.exact import exact
from tests.helpers.gradients import flat, placed
from tests.helpers.networks import affine_layers, column, loss, sum_of_units
from tests.helpers.profiles import examples, search
from tests.helpers.strategies import any_unit, rational
from tests.helpers.xor import BOOK, XOR, X, Y, xor_from

PIECEWISE = ("identity", "relu", "leaky_relu", "absolute", "hard_tanh")
one_relu_layer = networks(("relu",), outputs=("gaussian",), min_depth=1, max_depth=1)


def one_unit(activation: str, w: Any, b: Any, v: Any, c: Any = 0) -> tuple[Network, tuple]:
    """v·g(wx + b) + c; the loss is half the sum of the squared errors."""
    return sum_of_units([(w, b, v)], c, activation, reduction="sum")


def mixture(a: tuple, b: tuple, share: Fraction = Fraction(1, 2)) -> tuple:
    """The parameters a share of the way from a to b; left out, half of it."""
    return tuple(
        tuple((1 - share) * p + share * q for p, q in zip(*pairs, strict=True)) for pairs in zip(a, b, strict=True)
    )


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


# Convexity

ONE = column([1])
minimum = rational.filter(bool).map(lambda w: (w, 1 / w))


def product_loss(w1: Any, w2: Any) -> Fraction:
    """The loss of the chain w₂w₁x, which has no nonlinearity, for the target 1 at 1."""
    return loss(*one_unit("identity", w1, 0, w2), ONE, ONE)


@pytest.mark.claim("C8")
def test_a_product_of_two_weights_has_two_minima_and_a_hill_between():
    """Without nonlinearity the loss would be convex: but (1, 1) and (−1, −1) are perfect, and half-way nothing is."""
    assert product_loss(1, 1) == product_loss(-1, -1) == 0
    assert product_loss(0, 0) == Fraction(1, 2)


@pytest.mark.claim("C8")
@given(minimum, minimum)
def test_half_way_between_any_two_minima_of_a_product_the_loss_is_positive(here: tuple, there: tuple):
    """The hill above could be the only one, between the two branches: but on one branch too no chord is level."""
    assert product_loss(*here) == product_loss(*there) == 0
    middle = [(p + q) / 2 for p, q in zip(here, there, strict=True)]
    assert (product_loss(*middle) > 0) == (here != there)


several_units = st.lists(any_unit.filter(lambda unit: unit[0] != 0), min_size=2, max_size=4).filter(
    lambda units: units[0][:2] != units[1][:2] and units[0][2] != units[1][2]
)


@pytest.mark.claim("C8")
@pytest.mark.parametrize("activation", ["identity", "relu", "leaky_relu"])
@given(several_units)
@examples(50)
def test_half_way_between_a_perfect_network_and_itself_with_two_units_swapped_the_loss_is_positive(
    activation: str, units: list
):
    """The loss could be convex, which has no hill between two minima; on these data there is one.

    The output is piecewise linear in x. So where it differs from the targets, it does at a kink, or outside of them.
    """
    network, perfect = sum_of_units(units, 0, activation, reduction="sum")
    swapped = permute_units(perfect, 0, [1, 0, *range(2, len(units))])
    between = mixture(perfect, swapped)
    lines = [
        (w, b) for parameters in (perfect, between) for w, b in zip(parameters[0][0][0], parameters[0][1], strict=True)
    ]
    kinks = [-b / w for w, b in lines if w]
    x = column([min(kinks) - 1, *kinks, max(kinks) + 1])
    y = trace(exact, network, perfect, x)[-1].h
    assert loss(network, perfect, x, y) == loss(network, swapped, x, y) == 0
    assert loss(network, between, x, y) > 0


integer = st.integers(-4, 4)
quadruple = st.tuples(*[integer] * 4)  # w, b and two readouts v of one unit
rows = st.lists(st.tuples(st.integers(-2, 2), st.integers(-20, 20)), min_size=1, max_size=3)  # targets out of reach too
inner_shares = st.sampled_from([Fraction(n, 8) for n in range(1, 8)])


@pytest.mark.claim("C8", "C43")
@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "absolute", "hard_tanh"])
@search(250)
@given(st.lists(quadruple, min_size=1, max_size=2), st.tuples(integer, integer), rows, inner_shares)
def test_in_the_last_layer_alone_the_loss_is_convex(
    activation: str, units: list, c: tuple, data: list, share: Fraction
):
    """Nonlinear features would be to blame; but while they are held fixed, no chord lies below the loss."""
    w, b, *vs = zip(*units, strict=True)
    x, y = map(column, zip(*data, strict=True))
    ends = [sum_of_units(zip(w, b, v, strict=True), c, activation, "sum") for v, c in zip(vs, c, strict=True)]
    at_start, at_end = (loss(*end, x, y) for end in ends)
    (network, start), (_, end) = ends
    assert loss(network, mixture(start, end, share), x, y) <= (1 - share) * at_start + share * at_end


# Minima that are not global

line_data = st.lists(st.integers(1, 4), min_size=1, max_size=3)  # x > 0, and y = x
off = st.tuples(st.integers(-4, -1), st.integers(-4, 3)).filter(lambda at: sum(at) < 0)  # w, b: wx + b < 0 there


@pytest.mark.claim("C9", "C40")
def test_a_dead_relu_stands_still_at_a_loss_of_5_though_0_is_possible():
    """Descent would find the best network: v·relu(wx + b) can be x, yet at w = −1 nothing says so."""
    x = column([1, 2])
    dead, alive = (one_unit("relu", w, 0, 1) for w in (-1, 1))
    (dW, db), (dV, _) = gradient(exact, *dead, x, x)
    assert not dW.any()
    assert not db.any()
    assert not dV.any()
    assert 2 * loss(*dead, x, x) == 5  # the sum of the squared errors
    assert loss(*alive, x, x) == 0


@pytest.mark.claim("C9", "C40")
@given(line_data, off, integer, off, integer, rational)
def test_a_dead_relu_with_the_best_bias_is_a_local_minimum(xs, at: tuple, v, other: tuple, other_v, other_c):
    """The gradient would vanish at saddles alone: here no step, as long as the unit stays off, lowers the loss."""
    x = column(xs)
    start = one_unit("relu", *at, v, x.sum() / len(x))
    assert not any(flat(gradient(exact, *start, x, x)))
    assert loss(*one_unit("relu", *other, other_v, other_c), x, x) >= loss(*start, x, x)


@pytest.mark.claim("C9")
@given(st.tuples(rational, rational) | minimum | st.just((Fraction(0), Fraction(0))))
def test_without_nonlinearity_every_critical_point_is_a_global_minimum_or_a_saddle(point: tuple):
    """'Not convex' would already mean 'bad minima': a product of weights has none."""
    w1, w2 = point
    (dW, _), (dV, _) = gradient(exact, *one_unit("identity", w1, 0, w2), ONE, ONE)
    critical = not dW.any() and not dV.any()
    assert critical == (product_loss(w1, w2) == 0 or w1 == w2 == 0)


@pytest.mark.claim("C9")
@given(st.fractions(0, 1).filter(bool))
def test_at_the_saddle_the_loss_falls_one_way_and_rises_the_other(t: Fraction):
    """0 would be a local minimum, where descent from nearby has to end."""
    assert product_loss(t, t) < product_loss(0, 0) < product_loss(t, -t)


# XOR


@pytest.mark.claim("C5")
@given(*[rational | st.just(Fraction(0))] * 2, rational | st.just(Fraction(1, 2)))
def test_no_affine_model_beats_a_quarter_on_xor(w1: Fraction, w2: Fraction, b: Fraction):
    """Without it the bar below could be one that a straight line clears: only w = 0, b = 1/2 gets as low as 1/4."""
    network = Network(inputs=2, units=1, output=Output("gaussian"))
    error = 2 * loss(network, affine_layers((column([w1, w2]), [b])), X, Y)  # the loss is half the mean squared error
    assert error >= Fraction(1, 4)
    assert (error == Fraction(1, 4)) == ((w1, w2, b) == (0, 0, Fraction(1, 2)))


@pytest.mark.claim("C5", "C40")
def test_the_book_s_network_computes_xor_exactly():
    """If an affine layer or a ReLU erred, the book's solution would not give (0, 1, 1, 0)."""
    network, parameters, x, y = placed(Case(XOR, BOOK, X, Y), exact)
    assert trace(exact, network, parameters, x)[-1].h.tolist() == y.tolist()


@pytest.mark.claim("C5")
def test_the_book_s_network_sits_on_kinks_and_yet_is_a_minimum():
    """A loss does reach its minimum at a kink: 3 of 8 pre-activations are 0, and whatever slope is taken there, from 0
    to 1, the residuals are 0 and so is the gradient."""
    network, parameters, x, y = placed(Case(XOR, BOOK, X, Y), Ball())
    z = trace(Ball(), network, parameters, x)[0].z.balls
    assert np.count_nonzero(z == 0) == 3
    assert all((part.balls == 0).all() for pair in gradient(Ball(), network, parameters, x, y) for part in pair)


@pytest.mark.claim("C5", "C10", "C11")
def test_descent_learns_xor():
    """If the gradient or the step were wrong, training would end at or above the affine models' 1/4."""
    z = xor_from(seed=1)
    # four residuals with a mean square below 1/16 are each below 1/2, so that the threshold is right on every row
    assert np.mean((z - Y) ** 2) < 1 / 16
    assert ((z > 1 / 2) == (Y == 1)).all()


@pytest.mark.claim("C5", "C9", "C10", "C40")
def test_descent_may_also_get_stuck():
    """The same steps from another seed lose both ReLUs and answer every row alike, no better than an affine model:
    where descent on a non-convex loss starts decides where it ends."""
    z = xor_from(seed=7)
    assert (z == z[0]).all()


@pytest.mark.claim("C10", "C40")
def test_most_starts_do_not_lead_to_the_network_that_exists():
    """That two ReLUs compute XOR would settle it; but of 16 random starts three get anywhere near."""
    errors = [np.mean((xor_from(seed) - Y) ** 2) for seed in range(16)]
    assert sum(error < 1e-3 for error in errors) == 3
    assert sum(error > 0.1 for error in errors) == 13  # and nothing between, so that no rounding decides


# What descent cannot leave


@pytest.mark.claim("C10")
@given(cases("float64", networks(PIECEWISE, outputs=("gaussian",), min_depth=1, max_depth=1)), st.integers(1, 2))
@examples(40)
def test_equal_units_stay_equal(case: Case, steps: int):
    """By symmetry equal units have equal gradients; without that, a layer would not be free to be permuted."""
    network, parameters, x, y = placed(with_equal_units(case), exact)
    for _ in range(steps):
        parameters = step(parameters, gradient(exact, network, parameters, x, y), Fraction(1, 8))
    assert units_are_equal(parameters)


@pytest.mark.claim("C10")
@given(cases("float16", networks(("relu", "absolute"), ("gaussian",), min_depth=1, max_depth=1)), st.integers(1, 5))
@examples(40)
def test_equal_units_stay_bit_equal_in_floats(case: Case, epochs: int):
    """Rounding breaks no tie: what descent treats alike, down to the last bit, it cannot tell apart."""
    # float16, whose products NumPy sums in one order for every column; a BLAS may treat the last column otherwise
    case = with_equal_units(case.scaled(2.0**-6))
    trained = train(case.network, case.parameters, case.x, case.y, Descent(2.0**-6, epochs, batch_size=2))
    assert units_are_equal(trained.parameters)


@pytest.mark.claim("C9", "C40")
@given(cases("float64", one_relu_layer), st.integers(1, 5))
@examples(40)
def test_a_dead_unit_stays_dead(case: Case, epochs: int):
    """A ReLU that is off for every row has gradient exactly 0, so no step moves it: not its weights, bias or output."""
    case = with_dead_unit(case.scaled(2.0**-6))  # small numbers, so that no step overflows: 0 · ∞ is not 0
    trained = train(case.network, case.parameters, case.x, case.y, Descent(2.0**-6, epochs, batch_size=2))
    for before, after in zip(unit_0(case.parameters), unit_0(trained.parameters), strict=True):
        assert np.array_equal(before, after)


@pytest.mark.claim("C10")
@given(cases("float64", networks(("tanh", "relu", "identity", "absolute"), min_depth=1)), st.integers(1, 3))
@examples(40)
def test_from_all_zeros_only_the_last_bias_ever_moves(case: Case, epochs: int):
    """All zeros would be a start like any other: with g(0) = 0 every weight has the gradient 0 there, and keeps it."""
    zeros = tuple((np.zeros_like(W), np.zeros_like(b)) for W, b in case.parameters)
    trained = train(case.network, zeros, case.x, case.y, Descent(2.0**-6, epochs, batch_size=2)).parameters
    assert not any(W.any() for W, _ in trained)
    assert not any(b.any() for _, b in trained[:-1])


@pytest.mark.claim("C10")
@given(networks(min_depth=1), st.integers(0, 9))
def test_initial_weights_tell_the_units_apart(network: Network, seed: int):
    """Units that started equal would stay so; two equal draws of 53 bits are not seen in a lifetime."""
    for W, _ in initialise(network, seed):
        columns = W.reshape(len(W), -1).T.tolist()
        assert len(set(map(tuple, columns))) == len(columns)


@pytest.mark.claim("C10")
def test_a_live_unit_moves():
    """Without it the two laws above would also hold of a descent that does nothing."""
    start = initialise(XOR, seed=1)
    trained = train(XOR, start, X, Y, Descent(0.1, epochs=1))
    assert all(
        not np.array_equal(before, after)
        for before, after in zip(unit_0(start), unit_0(trained.parameters), strict=True)
    )
    assert not units_are_equal(trained.parameters)

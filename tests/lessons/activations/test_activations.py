"""What activations are asked to be: element-wise, bounded where a recurrence or a probability needs it, invertible.

Each of these requirements is true of some networks and no requirement of all: softmax and maxout mix their inputs,
recurrent networks of relus neither must grow nor must shrink, a decoder of relus reproduces its input exactly, and the
sigmoid is one of many maps into (0, 1). Rational statements are checked on fractions with ==, the others in ball
arithmetic.

Sources: Goodfellow, Bengio & Courville 2016, sections 6.2.2 and 6.3; Le, Jaitly & Hinton 2015 (identity recurrence).
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from ffn import reference
from ffn.network import recurrent
from ffn.network.activations import ELEMENTWISE, activation_named
from ffn.network.backward import activation_vjp
from ffn.network.description import Hidden, Network, Output, Recurrent
from ffn.network.forward import LayerTrace, activate, affine, negative_log_likelihood, objective
from ffn.network.outputs import distribution_of, softmax
from ffn.numbers.ball import number, working_precision
from ffn.numbers.exact import exact
from tests.helpers.balls import BITS, agree, ball, dyadic, exactly
from tests.helpers.gradients import jacobian
from tests.helpers.profiles import examples
from tests.helpers.strategies import lists_of, positive_quarters, quarters

off_kinks = st.integers(-12, 12).map(lambda i: Fraction(2 * i + 1, 8))  # no activation has a kink there
several = st.lists(off_kinks, min_size=2, max_size=4)
finite = st.floats(allow_nan=False, allow_infinity=False)


def square(entries: st.SearchStrategy, states: st.SearchStrategy) -> st.SearchStrategy[tuple[list, list]]:
    """A square matrix U of up to three rows, and a state h as wide."""

    def of_size(d: int) -> st.SearchStrategy[tuple[list, list]]:
        row = lists_of(d, entries)
        return st.tuples(lists_of(d, row), lists_of(d, states))

    return st.integers(1, 3).flatmap(of_size)


def is_diagonal(matrix: Any) -> bool:
    return all(entry == 0 for (i, j), entry in np.ndenumerate(matrix) if i != j)


# Element-wise?


@pytest.mark.claim("C12")
@pytest.mark.parametrize("name", ELEMENTWISE)
@examples(30)
@given(z=several)
def test_an_activation_moves_each_unit_by_its_own_pre_activation_alone(name: str, z: list) -> None:
    """The backward pass could not be a product element by element: the Jacobian would not be diagonal."""
    layer, at = Hidden(len(z), name), ball.asarray([z] * len(z))
    forward = jacobian(lambda xp, start: activate(xp, layer, start), z, ball).balls
    step = LayerTrace(None, at, activate(ball, layer, at))
    backward = activation_vjp(ball, layer, step, ball.asarray(np.eye(len(z), dtype=np.int8))).balls
    assert is_diagonal(forward)
    assert is_diagonal(backward)
    with working_precision(BITS):
        assert all(agree(forward[i, i], backward[i, i]) for i in range(len(z)))


@pytest.mark.claim("C14")
@pytest.mark.parametrize("name", ELEMENTWISE)
@given(z=st.fractions(-60, 60, max_denominator=64))
def test_slopes_lie_in_the_declared_range(name: str, z: Fraction) -> None:
    """A layer could be initialised, and a bound be derived, by a range that its slopes leave."""
    activation = activation_named(name)
    low, high = (ball.constant(bound).balls[()] for bound in activation.slope_range)
    slope = activation.slope(ball, ball.asarray(np.array([z], dtype=object))).balls[0]
    assert not slope < low
    assert not slope > high


@pytest.mark.claim("C14")
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_slopes_come_as_near_as_one_likes_to_both_ends_of_the_declared_range(name: str) -> None:
    """A range that is too wide would be true, and say nothing: 0 and 60 on either side bring e^-60."""
    activation = activation_named(name)
    z = ball.asarray([-60, 0, 60, *(Fraction(kink.at) + side for kink in activation.kinks for side in (-1, 1))])
    slopes = [float(slope.mid()) for slope in activation.slope(ball, z).balls]
    ends = [float(Fraction(end)) for end in activation.slope_range]
    assert [min(slopes), max(slopes)] == pytest.approx(ends, rel=0, abs=np.exp(-60))


@pytest.mark.claim("C17")
@pytest.mark.parametrize("name", [name for name in ELEMENTWISE if activation_named(name).convex])
@given(a=st.fractions(-4, 4, max_denominator=64), b=st.fractions(-4, 4, max_denominator=64))
def test_what_is_declared_convex_lies_below_its_chords(name: str, a: Fraction, b: Fraction) -> None:
    """A layer would be taken for one that rectifies, or a network for one that is convex in x."""
    middle, left, right = activation_named(name).value(ball, ball.asarray([(a + b) / 2, a, b])).balls
    with working_precision(BITS):
        assert not 2 * middle > left + right


@pytest.mark.claim("C17")
def test_what_is_not_declared_convex_lies_above_some_chord() -> None:
    """A convex activation could be left out, and nothing would notice."""
    points = ball.asarray([Fraction(i, 2) for i in range(-8, 9)])
    for name in ELEMENTWISE:
        values = activation_named(name).value(ball, points).balls
        with working_precision(BITS):
            bends = [values[i - 1] + values[i + 1] - 2 * values[i] for i in range(1, len(values) - 1)]
            assert any(bend < 0 for bend in bends) != activation_named(name).convex


@pytest.mark.claim("C17")
def test_what_is_declared_piecewise_linear_bends_at_its_kinks_alone() -> None:
    """Exact differences would be taken of what has a curve."""
    points = [Fraction(i, 4) for i in range(-12, 13)]
    for name in ELEMENTWISE:
        activation = activation_named(name)
        values = activation.value(ball, ball.asarray(points)).balls
        with working_precision(BITS):
            straight = [bool((values[i - 1] + values[i + 1] - 2 * values[i]).contains(0)) for i in range(1, 24)]
        kinks = {Fraction(kink.at) for kink in activation.kinks}
        bends = {point for point, is_straight in zip(points[1:-1], straight, strict=True) if not is_straight}
        assert (bends <= kinks) == activation.piecewise_linear


@pytest.mark.claim("C12")
@given(several)
def test_softmax_moves_every_unit_by_every_pre_activation(z: list) -> None:
    """'Element-wise' would be part of what an activation is: softmax has the Jacobian diag p − ppᵀ, full of −pᵢpⱼ."""
    p, mixed = softmax(ball, ball.asarray([z])).balls[0], jacobian(softmax, z, ball).balls
    with working_precision(BITS):
        assert all(agree(mixed[i, j], -p[i] * p[j]) and mixed[i, j] < 0 for i, j in np.ndindex(mixed.shape) if i != j)


@pytest.mark.claim("C12")
@given(several, st.data())
def test_maxout_has_fewer_outputs_than_pre_activations(z: list, data: st.DataObject) -> None:
    """Nor would 'one out for one in' be: any of the pieces may move the one output, by becoming the largest."""
    layer, winner = Hidden(1, "maxout", pieces=len(z)), data.draw(st.integers(0, len(z) - 1))
    raised = [zj + (100 if j == winner else 0) for j, zj in enumerate(z)]
    moved = jacobian(lambda xp, start: activate(xp, layer, start.reshape(-1, 1, len(z))), raised, ball).balls
    assert moved.shape == (len(z), 1)
    assert [entry == 1 for entry in moved[:, 0]] == [j == winner for j in range(len(z))]


# Recurrent networks of relus


def states(U: list, h0: list, steps: int, W: list | None = None, x: list | None = None) -> list[list]:
    """h_1, h_2, … by the shipped recurrent layer on fractions, with no bias; its inputs are 0 when left out."""
    d = len(h0)
    layer = Recurrent(1, Hidden(d, "relu"), 1, Output("gaussian"))
    arrays = exact.asarray([[0] * d] if W is None else W), exact.asarray(U), exact.asarray([0] * d)
    inputs = exact.asarray([[[0]] * steps] if x is None else [[[value] for value in x]])
    trace = recurrent.trace(exact, layer, (arrays, None), inputs, exact.asarray([h0]))
    return [step.h[0].tolist() for step in trace]


def identity(d: int) -> list:
    return np.eye(d, dtype=int).tolist()


positives = st.lists(positive_quarters, min_size=1, max_size=3)
nonnegative = st.integers(0, 8).map(lambda i: Fraction(i, 4))
durations = st.integers(1, 6)


@pytest.mark.claim("C21")
@given(positives, durations)
def test_a_recurrent_relu_that_starts_from_the_identity_keeps_its_state(h0: list, steps: int) -> None:
    """Recurrent networks would have to do without relu: with U = I and b = 0 it neither forgets nor amplifies."""
    assert states(identity(len(h0)), h0, steps) == [h0] * steps


@pytest.mark.claim("C21")
@given(st.lists(nonnegative, min_size=1, max_size=6))
def test_it_adds_up_what_it_reads(x: list) -> None:
    """It would keep its state by ignoring its input."""
    assert states([[1]], [0], len(x), [[1]], x)[-1] == [sum(x)]


@pytest.mark.claim("C21")
@given(square(nonnegative, positive_quarters), durations)
def test_along_an_active_path_its_gradient_is_that_of_a_linear_recurrence(system: tuple, steps: int) -> None:
    """The gradient would fade with time as through σ: here no slope adds a factor, only U does."""
    U, h0 = system
    d = len(h0)
    U = np.array(U) + identity(d)  # so that every unit stays above 0
    layer = Recurrent(1, Hidden(d, "relu"), 1, Output("gaussian"))

    def last(xp: Any, h: Any) -> Any:
        parameters = (xp.asarray([[0] * d]), xp.asarray(U), xp.asarray([0] * d)), None
        return recurrent.trace(xp, layer, parameters, xp.asarray([[[0]] * steps] * d), h)[-1].h

    assert jacobian(last, h0, exact).tolist() == np.linalg.matrix_power(U, steps).tolist()


@pytest.mark.claim("C21")
@given(st.integers(-8, 8), quarters, quarters, quarters)
def test_a_network_of_relus_gives_a_probability(x: int, w: Fraction, b: Fraction, v: Fraction) -> None:
    """Probabilistic models would rule out piecewise linear hidden units: only the output has to be a distribution."""
    network = Network(1, 1, Output("bernoulli"), (Hidden(1, "relu"),))
    parameters = [(ball.asarray([[weight]]), ball.asarray([bias])) for weight, bias in ((w, b), (v, 1))]
    losses = [objective(ball, network, parameters, ball.asarray([[x]]), ball.asarray([[y]])) for y in (0, 1)]
    with working_precision(BITS):
        chances = [(-loss.balls.item()).exp() for loss in losses]
        assert 0 < chances[1] < 1
        assert agree(sum(chances), arb(1))


@pytest.mark.claim("C22")
@given(square(nonnegative, nonnegative), durations)
def test_with_weights_that_are_not_negative_the_states_are_powers_of_the_weights(system: tuple, steps: int) -> None:
    """How a recurrent relu grows would need another theory than that of matrices: it is linear on these states."""
    U, h0 = system
    powers = [np.linalg.matrix_power(np.array(U), t) for t in range(1, steps + 1)]
    assert states(U, h0, steps) == [(np.array(h0) @ power).tolist() for power in powers]


@pytest.mark.claim("C22")
@given(square(positive_quarters, positive_quarters), positive_quarters, durations)
def test_such_states_grow_or_shrink_by_the_spectral_radius(system: tuple, radius: Fraction, steps: int) -> None:
    """'Keeps growing' would not depend on the weights: with ρ = 1 the states stay, below 1 they vanish.

    Columns that add up to ρ make 1ᵀU = ρ1ᵀ, a positive eigenvector, so that ρ is the spectral radius (Perron), and
    states between m and M lie between mρᵗ and Mρᵗ after t steps.
    """
    U, h0 = system
    scaled = np.array(U) * radius / np.array(U).sum(axis=0)
    for t, h in enumerate(states(scaled.tolist(), h0, steps), start=1):
        assert min(h0) * radius**t <= min(h) <= max(h) <= max(h0) * radius**t


@pytest.mark.claim("C22")
@given(square(quarters, quarters), st.fractions(0, 1, max_denominator=10), durations)
def test_with_a_norm_below_1_the_states_decay(system: tuple, norm: Fraction, steps: int) -> None:
    """Relu itself would feed the growth: it cannot, being 1-Lipschitz and 0 at 0, also with negative weights."""
    U, h0 = system
    scaled = np.array(U) * norm / (1 + abs(np.array(U)).sum(axis=0).max())  # each column's |entries| add up to less
    assert max(states(scaled.tolist(), h0, steps)[-1]) <= norm**steps * max(map(abs, h0))


@pytest.mark.claim("C22")
@given(positives, durations)
def test_a_spectral_radius_of_2_may_die_in_one_step(h0: list, steps: int) -> None:
    """A radius above 1 would be enough for growth: −2I switches every unit off."""
    U = (-2 * np.eye(len(h0), dtype=int)).tolist()
    assert states(U, h0, steps) == [[0] * len(h0)] * steps


# Autoencoders


def autoencoder(d: int) -> tuple[Network, tuple]:
    """x ↦ relu(xE)Eᵀ with E = [I, −I]."""
    E = np.concatenate([np.eye(d), -np.eye(d)], axis=1)
    return Network(d, d, Output("gaussian"), (Hidden(2 * d, "relu"),)), ((E, np.zeros(2 * d)), (E.T, np.zeros(d)))


@pytest.mark.claim("C23")
@given(st.integers(1, 4).flatmap(lambda d: lists_of(d, finite)))
def test_an_autoencoder_of_relus_reproduces_every_vector_exactly(x: list) -> None:
    """A decoder would need an activation with an inverse. relu has none, and 2d of them lose not a bit."""
    assert reference.forward(*autoencoder(len(x)), [x]).tolist() == [x]


@pytest.mark.claim("C23")
@given(st.lists(st.tuples(quarters, quarters, quarters), min_size=1, max_size=3), quarters)
def test_an_autoencoder_of_sigmoids_does_not(units: list, c: Fraction) -> None:
    """The activation with an inverse would do better: an affine decoder of sigmoids is bounded, its input is not."""
    bound = sum(abs(v) for _, _, v in units) + abs(c)
    network = Network(1, 1, Output("gaussian"), (Hidden(len(units), "sigmoid"),))
    W, b, v = (ball.asarray([list(column)]) for column in zip(*units, strict=True))
    h = activate(ball, network.hidden[0], affine(ball, ball.asarray([[bound + 1]]), W, b[0]))
    with working_precision(BITS):
        assert (h * v).sum().balls.item() + number(c) < number(bound) + 1


def logit(h: Any) -> Any:
    with np.errstate(divide="ignore"):
        return np.log(h / (1 - h))


@pytest.mark.claim("C23")
@given(st.floats(min_value=37.5, allow_nan=False))
def test_in_float64_sigmoid_has_no_inverse_there(x: float) -> None:
    """'Invertible' would be true of programs: from (p + 1) log 2 = 37.43 on even the nearest float to σ(x) is 1."""
    assert logit(reference.activation("sigmoid", np.float64(x))) == np.inf


@pytest.mark.claim("C23")
def test_what_is_lost_is_lost_in_sigmoid() -> None:
    """Better logarithms could bring it back: the true logit of the float σ(36) is 36.04, whatever computes it."""
    h = exactly(float(reference.activation("sigmoid", np.float64(36))))
    with working_precision(BITS):
        assert (h / (1 - h)).log() > 36.04


# Probabilities


def probit(z: arb) -> arb:
    """Φ(z), the distribution function of the standard normal."""
    return (-z / arb(2).sqrt()).erfc() / 2


def cloglog(z: arb) -> arb:
    """1 − e^(−e^z), the inverse of the complementary log-log link."""
    return -(-z.exp()).expm1()


moderate = st.integers(-16, 16).map(lambda i: Fraction(i, 4))


@pytest.mark.claim("C24")
@pytest.mark.parametrize("link", [probit, cloglog])
@given(z=moderate, w=moderate)
def test_other_functions_map_increasingly_into_0_and_1_too(link: Callable, z: Fraction, w: Fraction) -> None:
    """Probabilities would leave no other choice than σ."""
    with working_precision(BITS):
        at_z, at_w = link(number(z)), link(number(w))
        assert 0 < at_z < 1
        assert (at_z < at_w) == (z < w)
        assert z == 0 or not agree(at_z, activation_named("sigmoid").value(ball, ball.asarray([z])).balls[0])


@pytest.mark.claim("C24")
@given(dyadic)
def test_sigmoid_is_what_normalising_exp_of_yz_gives(z: Fraction) -> None:
    """It would be a mere choice also where log P̃(y) = yz is assumed: then P(1) = σ(z) follows."""
    chances = softmax(ball, ball.asarray([[0, z]])).balls[0]  # of y = 0 and 1
    assert agree(chances[1], activation_named("sigmoid").value(ball, ball.asarray([z])).balls[0])


@pytest.mark.claim("C24")
@given(st.integers(-8, -2), quarters)
def test_a_density_exceeds_1(log_variance: int, mean: Fraction) -> None:
    """'Lies in [0, 1]' would hold of the outputs of every probabilistic model: a narrow normal exceeds 1."""
    z, y = ball.asarray([[mean, log_variance]]), ball.asarray([[mean]])
    loss = negative_log_likelihood(ball, Network(1, 2, Output("heteroscedastic")), z, y).balls.item()
    with working_precision(BITS):
        assert (-loss).exp() > 1


@pytest.mark.claim("C24")
@given(st.integers(1, 80).map(lambda i: Fraction(i, 4)))
def test_the_mean_of_a_count_exceeds_1(z: Fraction) -> None:
    """σ would serve every distribution's mean: it serves Bernoulli's, and Poisson's is e^z."""
    chance, count = (distribution_of(Output(name)).mean(ball, ball.asarray([[z]])) for name in ("bernoulli", "poisson"))
    assert 0 < chance.balls.item() < 1 < count.balls.item()

"""Vanishing gradients: what depth does to the Jacobian of a chain of layers.

A layer h = g(xW + b) multiplies the Jacobian by W and by slopes of g. Those of σ are at most ¼, so that after L layers
‖∂h_L/∂h_0‖₂ ≤ 4^-L Π‖W_l‖₂; those of relu are 0 or 1. Neither vanishing nor its absence is automatic: the weights
decide, and with weights of 4 and more a chain of σ grows along a narrow stretch of inputs.

Sources: Hochreiter 1991; Bengio, Simard & Frasconi 1994; He et al. 2015 (the second moment through relu).
"""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from ffn.network import recurrent
from ffn.network.activations import activation_named
from ffn.network.backward import activation_vjp, gradient
from ffn.network.description import Hidden, Network, Recurrent, initialise
from ffn.network.forward import LayerTrace, trace
from ffn.numbers.ball import number, working_precision
from ffn.numbers.dual import Dual, DualArray
from ffn.numbers.exact import exact
from ffn.numbers.floating import floating
from tests.helpers.balls import BITS, agree, ball, dyadic, exactly
from tests.helpers.gradients import jacobian
from tests.helpers.networks import GAUSSIAN, affine_layers
from tests.helpers.strategies import lists_of, positive_quarters, quarters

weights = st.integers(-48, 48).filter(bool).map(lambda i: Fraction(i, 4))
pair = lists_of(2, quarters)
layers_of_two = st.lists(st.tuples(lists_of(2, pair), pair), min_size=1, max_size=4)  # (W, b)


def jacobian_of_layers(xp: Any, activation: str, layers: list, x: list) -> Any:
    """∂h_L/∂h_0 at h_0 = x through the shipped forward pass."""
    network = Network(len(x), len(x), GAUSSIAN, tuple(Hidden(len(x), activation) for _ in layers))
    parameters = [*layers, layers[0]]
    return jacobian(lambda xp, h: trace(xp, network, affine_layers(*parameters, xp=xp), h)[-2].h, x, xp)


def norm(matrix: Any) -> arb:
    """The spectral norm of a 2 × 2 matrix, half the sum of |(a + d, b − c)| and |(a − d, b + c)|."""
    (a, b), (c, d) = matrix.balls
    with working_precision(BITS):
        squares = [p * p + q * q for p, q in ((a + d, b - c), (a - d, b + c))]
        return sum(square.nonnegative_part().sqrt() for square in squares) / 2


def vanishing_bound(layers: list) -> arb:
    """4^-L Π‖W_l‖₂."""
    with working_precision(BITS):
        return math.prod((norm(ball.asarray(W)) / 4 for W, _ in layers), start=arb(1))


@pytest.mark.claim("C15")
@given(layers_of_two, pair)
def test_through_sigmoids_the_jacobian_is_at_most_the_product_of_the_norms_over_4_to_the_depth(
    layers: list, x: list
) -> None:
    """Gradients could survive the depth with weights whose norms are below 4."""
    size, bound = norm(jacobian_of_layers(ball, "sigmoid", layers, x)), vanishing_bound(layers)
    assert size <= bound or agree(size, bound)


@pytest.mark.claim("C15")
def test_through_tanh_the_jacobian_exceeds_that_bound() -> None:
    """The comparison above could not fail: tanh has slope 1 at 0."""
    layers = [([[1, 0], [0, 1]], [0, 0])] * 3
    assert norm(jacobian_of_layers(ball, "tanh", layers, [0, 0])) > vanishing_bound(layers)


@pytest.mark.claim("C15")
def test_twenty_sigmoids_at_their_steepest_leave_4_to_the_minus_20() -> None:
    """The bound would be too pessimistic: 9.1e-13 is reached with w = 1 where every pre-activation is 0."""
    layers = [([[1]], [0])] + [([[1]], [-0.5])] * 19  # σ(0) = ½ comes in
    assert jacobian_of_layers(ball, "sigmoid", layers, [0]).balls.item() == exactly(Fraction(1, 4**20))
    assert jacobian_of_layers(floating("float64"), "sigmoid", layers, [0.0]).item() == 4.0**-20


@pytest.mark.claim("C15")
@given(st.lists(weights, min_size=1, max_size=4), quarters)
def test_what_the_backward_pass_returns_through_sigmoids_is_as_small(chain: list, x: Fraction) -> None:
    """The bound would be one on Jacobians, and not on the gradients that training sees."""
    network = Network(1, 1, GAUSSIAN, tuple(Hidden(1, "sigmoid") for _ in chain))
    parameters = tuple((ball.asarray([[w]]), ball.asarray([0])) for w in [*chain, 1])
    (_, first), *_, (_, last) = gradient(ball, network, parameters, ball.asarray([[x]]), ball.asarray([[2]]))
    with working_precision(BITS):  # b_0 is below all weights but its own
        bound = abs(last.balls[0]) * number(abs(math.prod(chain[1:]))) / 4 ** len(chain)
        assert abs(first.balls[0]) <= bound or agree(abs(first.balls[0]), bound)


# What is true instead: weights of 4 and more


def slope_of_unit(w: Any, b: Any, x: Any) -> arb:
    """|w σ′(wx + b)| by the shipped forward pass."""
    return abs(jacobian_of_layers(ball, "sigmoid", [([[w]], [b])], [x]).balls.item())


def half_width(w: Fraction) -> arb:
    """Half the length of the inputs on which |w σ′(wx + b)| ≥ 1, for |w| ≥ 4."""
    with working_precision(BITS):
        size = number(abs(w))
        return (size * (1 + (1 - 4 / size).nonnegative_part().sqrt()) / 2 - 1).log() / size


@pytest.mark.claim("C15")
@given(weights.filter(lambda w: abs(w) < 4), quarters, dyadic)
def test_a_sigmoid_unit_with_a_weight_below_4_shrinks_every_change(w: Fraction, b: Fraction, x: Fraction) -> None:
    """Vanishing would be a matter of where the inputs lie also for small weights."""
    assert slope_of_unit(w, b, x) < 1


@pytest.mark.claim("C15")
@given(weights.filter(lambda w: abs(w) > 4), quarters, st.fractions(-3, 3, max_denominator=9))
def test_with_a_larger_weight_it_grows_changes_inside_one_interval(w: Fraction, b: Fraction, at: Fraction) -> None:
    """'Vanishes' would be true without a condition: between the ends, at ±1, the factor exceeds 1."""
    with working_precision(BITS):
        size = slope_of_unit(w, b, number(-b / w) + number(at) * half_width(w))
        assert agree(size, arb(1)) if abs(at) == 1 else (size > 1) == (abs(at) < 1)


def widest() -> arb:
    """The k with k tanh(k/2) = 1, by bisection: the left side increases from 0."""
    with working_precision(BITS):
        low, high = arb(1), arb(2)
        for _ in range(200):
            middle = ((low + high) / 2).mid()
            low, high = (middle, high) if middle * (middle / 2).tanh() < 1 else (low, middle)
        return low.union(high)


@pytest.mark.claim("C15")
@given(weights.filter(lambda w: abs(w) >= 4))
def test_that_interval_is_shorter_than_0_4478(w: Fraction) -> None:
    """Large weights would keep gradients alive: the larger w, the shorter the interval again.

    At its ends |w| σ′(k) = 1 with k = |w| times half the width, so the width is 2kσ′(k) = k/(2 cosh²(k/2)). Its
    derivative has the sign of 1 − k tanh(k/2): one maximum, at |w| = 6.894.
    """
    with working_precision(BITS):
        k = widest()
        largest, at = k / (2 * (k / 2).cosh() ** 2), 4 * (k / 2).cosh() ** 2
        assert 0.4477 < largest < 0.4478
        assert 6.8941 < at < 6.8942
        assert 2 * half_width(w) < largest


@pytest.mark.claim("C15")
@given(st.integers(-5, 5), st.integers(1, 12))
def test_a_recurrent_tanh_at_0_multiplies_the_gradient_by_its_weight_at_every_step(w: int, steps: int) -> None:
    """An activation that saturates could not explode: with w = 3 it is 3¹² = 531441 after twelve steps."""
    layer, xp = Recurrent(1, Hidden(1, "tanh"), 1, GAUSSIAN), Dual(ball)
    zero, weight = xp.asarray([[0]]), xp.asarray([[w]])
    start = DualArray(ball.asarray([[0]]), ball.asarray([[1]]))
    states = recurrent.trace(xp, layer, ((zero, weight, zero[0]), None), xp.asarray([[[0]] * steps]), start)
    assert states[-1].h.tangent.balls.item() == w**steps


# Relu


@pytest.mark.claim("C16")
@given(st.lists(positive_quarters, min_size=1, max_size=6))
def test_along_an_active_path_of_relus_the_jacobian_is_the_product_of_the_weights(weights: list) -> None:
    """The slope of relu would add a factor; it adds none, but weights of ½ vanish with depth all the same."""
    layers = [([[w]], [0]) for w in weights]
    assert jacobian_of_layers(exact, "relu", layers, [1]).item() == math.prod(weights)
    assert jacobian_of_layers(exact, "relu", layers, [-1]).item() == 0


@pytest.mark.claim("C16")
@given(dyadic)
def test_relu_halves_the_second_moment_of_a_symmetric_input(z: Fraction) -> None:
    """He's factor 2 would keep nothing constant: z and −z, equally likely, leave z² between them instead of 2z²."""
    first, second = activation_named("relu").value(exact, exact.asarray([z, -z]))
    assert first**2 + second**2 == z**2


@pytest.mark.claim("C16")
@given(st.integers(-5, 5).filter(bool), st.integers(-5, 5))
def test_relu_passes_a_cotangent_on_where_it_is_active_and_nowhere_else(z: int, cotangent: int) -> None:
    """The mask would be on something else than the pre-activation: on the output, which is never negative, or on the
    cotangent's sign. A difference that crosses no kink is exact."""
    at = exact.asarray([[z]])
    relu = activation_named("relu").value
    slope = relu(exact, at + Fraction(1, 2)) - relu(exact, at - Fraction(1, 2))
    step = LayerTrace(None, at, relu(exact, at))
    assert activation_vjp(exact, Hidden(1, "relu"), step, exact.asarray([[cotangent]])) == cotangent * slope


@pytest.mark.claim("C16")
@given(st.lists(quarters, min_size=1, max_size=5))
def test_with_weights_of_variance_2_over_d_relu_keeps_the_second_moment(h: list) -> None:
    """Depth would shrink or grow the signal even at the start. The mean is over all 2^d signs of the weights, exactly,
    with ±1 in place of ±√(2/d): relu(cz)² = c² relu(z)²."""
    d = len(h)
    W = np.array([[1 - 2 * (unit >> i & 1) for unit in range(2**d)] for i in range(d)])
    network = Network(d, 1, GAUSSIAN, (Hidden(2**d, "relu"),))
    parameters = ((exact.asarray(W), exact.asarray([0] * 2**d)), (exact.asarray([[1]] * 2**d), exact.asarray([0])))
    outputs = trace(exact, network, parameters, exact.asarray([h]))[0].h
    assert Fraction(2, d) * (outputs**2).sum() / 2**d == sum(x * x for x in h) / d


@pytest.mark.claim("C16")
@given(st.integers(1, 64), st.integers(0, 9))
def test_the_shipped_weights_have_that_variance(d: int, seed: int) -> None:
    """He's factor 2 could be missing, and the signal would halve at every layer: after twenty 1e-6 of it is left.

    d/2 Σ w² over n weights has mean n and standard deviation √(2n): 6 of these are a seed in a billion.
    """
    n = 64 * d
    W = initialise(Network(d, 1, GAUSSIAN, (Hidden(64, "relu"),)), seed)[0][0]
    assert abs(d / 2 * (W**2).sum() - n) < 6 * math.sqrt(2 * n)


@pytest.mark.claim("C16")
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_each_layer_is_scaled_by_what_follows_it_and_no_bias_is_set(dtype: str) -> None:
    """A layer before a tanh could get the variance that keeps relu's, or a maxout layer's pieces count as its inputs.

    The normals are those of the seed, layer after layer, whatever the scheme and the dtype.
    """
    layers = (Hidden(4, "relu"), Hidden(2, "tanh"), Hidden(7, "maxout", pieces=3), Hidden(3, "identity"))
    network = Network(5, 1, GAUSSIAN, layers)
    he = {"he": [True] * 5, "glorot": [False] * 5, None: [True, False, True, False, False]}
    for scheme, rectified in he.items():
        normals = np.random.default_rng(9)
        for (W, b), fans, own in zip(initialise(network, 9, scheme, dtype), (5, 4, 2, 7, 3), rectified, strict=True):
            scale = math.sqrt(2 / (fans if own else fans + W.shape[1]))
            drawn = (scale * normals.standard_normal(W.shape)).astype(dtype)
            assert np.array_equal(W, drawn)
            assert (W.dtype, b.dtype, b.any()) == (dtype, dtype, False)
    assert initialise(network, 9)[0][0].dtype == np.float64
    with pytest.raises(ValueError, match=r"^unknown scheme 'lecun': he or glorot$"):
        initialise(network, 9, "lecun")

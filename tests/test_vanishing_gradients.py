"""Vanishing gradients: what depth does to the Jacobian of a chain of layers.

A layer h = g(xW + b) multiplies the Jacobian by W and by slopes of g. Those of σ are at most ¼, so that after L layers
‖∂h_L/∂h_0‖₂ ≤ 4^-L Π‖W_l‖₂; those of relu are 0 or 1.

Sources: Hochreiter 1991; Bengio, Simard & Frasconi 1994; He et al. 2015 (the second moment through relu).
"""

import math
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from ffn.activations import activation_named
from ffn.forward import trace
from ffn.network import Hidden, Network, Output
from ffn.numbers.ball import working_precision
from ffn.numbers.dual import Dual
from ffn.numbers.exact import exact
from ffn.numbers.floating import floating
from tests.helpers_balls import BITS, agree, ball, dyadic, exactly

small = st.integers(-12, 12).map(lambda i: Fraction(i, 4))
positive = st.integers(1, 12).map(lambda i: Fraction(i, 4))
pair = st.lists(small, min_size=2, max_size=2)
layers_of_two = st.lists(st.tuples(st.lists(pair, min_size=2, max_size=2), pair), min_size=1, max_size=4)  # (W, b)


def jacobian(xp: Any, activation: str, layers: list, x: list) -> Any:
    """∂h_L/∂h_0 at h_0 = x by dual numbers through the shipped forward pass; row i is the derivative by x[i]."""
    dual, d = Dual(xp), len(x)
    network = Network(d, d, Output("gaussian"), tuple(Hidden(d, activation) for _ in layers))
    parameters = [(dual.asarray(W), dual.asarray(b)) for W, b in [*layers, layers[0]]]
    start = dual.variable(xp.asarray([x] * d), xp.asarray(np.eye(d, dtype=np.int8)))
    return trace(dual, network, parameters, start)[-2].h.tangent


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


@given(layers_of_two, pair)
def test_through_sigmoids_the_jacobian_is_at_most_the_product_of_the_norms_over_4_to_the_depth(
    layers: list, x: list
) -> None:
    """Gradients could survive the depth with weights whose norms are below 4."""
    size, bound = norm(jacobian(ball, "sigmoid", layers, x)), vanishing_bound(layers)
    assert size <= bound or agree(size, bound)


def test_through_tanh_the_jacobian_exceeds_that_bound() -> None:
    """The comparison above could not fail: tanh has slope 1 at 0."""
    layers = [([[1, 0], [0, 1]], [0, 0])] * 3
    assert norm(jacobian(ball, "tanh", layers, [0, 0])) > vanishing_bound(layers)


def test_twenty_sigmoids_at_their_steepest_leave_4_to_the_minus_20() -> None:
    """The bound would be too pessimistic: 9.1e-13 is reached with w = 1 where every pre-activation is 0."""
    layers = [([[1]], [0])] + [([[1]], [-0.5])] * 19  # σ(0) = ½ comes in
    assert jacobian(ball, "sigmoid", layers, [0]).balls.item() == exactly(Fraction(1, 4**20))
    assert jacobian(floating("float64"), "sigmoid", layers, [0.0]).item() == 4.0**-20


@given(st.lists(positive, min_size=1, max_size=6))
def test_along_an_active_path_of_relus_the_jacobian_is_the_product_of_the_weights(weights: list) -> None:
    """The slope of relu would add a factor; it adds none, but weights of ½ vanish with depth all the same."""
    layers = [([[w]], [0]) for w in weights]
    assert jacobian(exact, "relu", layers, [1]).item() == math.prod(weights)
    assert jacobian(exact, "relu", layers, [-1]).item() == 0


@given(dyadic)
def test_relu_halves_the_second_moment_of_a_symmetric_input(z: Fraction) -> None:
    """He's factor 2 would keep nothing constant: z and −z, equally likely, leave z² between them instead of 2z²."""
    first, second = activation_named("relu").value(exact, exact.asarray([z, -z]))
    assert first**2 + second**2 == z**2

"""Each step of backpropagation is the adjoint of that step's derivative, and all together cost a small multiple of it.

A vjp takes w to Jᵀw, forward mode takes v to Jv, and ⟨Jv, w⟩ = ⟨v, Jᵀw⟩ for all v and w. Forward mode is run by dual
numbers, which know nothing of the vjps. On fractions the two sides are equal; on balls, which also hold transcendental
activations and losses, they overlap.

Sources: Griewank & Walther 2008, ch. 3 and 4 (forward and reverse mode, the cost of adjoints).
"""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ffn import Hidden, Network, Output, initialise
from ffn.cases.case import Case
from ffn.cases.strategies import arrays, targets
from ffn.network import backward, forward
from ffn.network.activations import ELEMENTWISE, PIECEWISE_LINEAR
from ffn.network.description import OUTPUTS
from ffn.network.forward import LayerTrace
from ffn.network.outputs import as_targets
from ffn.numbers.ball import Ball
from ffn.numbers.counting import cost
from ffn.numbers.dual import Dual, DualArray
from ffn.numbers.exact import exact
from ffn.numbers.floating import floating
from tests.helpers.gradients import overlap, piecewise_case
from tests.helpers.profiles import examples

pytestmark = pytest.mark.claim("C41")
PIECEWISE = PIECEWISE_LINEAR
ball = Ball()


def inner(a, b):
    """⟨a, b⟩."""
    return (a * b).sum()


def drawn(draw: Callable, xp, *shape: int) -> Callable:
    """An array of the shape, on the numbers of xp."""
    return xp.asarray(draw(arrays(shape, "float64")))


def dual(draw: Callable, xp, *shape: int) -> DualArray:
    """A point and a direction of the shape."""
    return DualArray(drawn(draw, xp, *shape), drawn(draw, xp, *shape))


def activation_identity(xp, layer: Hidden, z: DualArray, w) -> tuple:
    """⟨J v, w⟩ by forward mode and ⟨v, Jᵀ w⟩ by the vjp, for a layer's activation at z in the direction v."""
    h = forward.activate(Dual(xp), layer, z)
    dz = backward.pre_activation_vjp(xp, layer, LayerTrace(None, z.primal, h.primal), w)
    return inner(h.tangent, w), inner(z.tangent, dz)


@given(st.data(), *[st.integers(1, 3)] * 3)
@examples(30)
def test_affine_vjp_is_the_adjoint_of_the_derivative(data, n: int, d: int, units: int):
    """⟨J v, w⟩ = ⟨v, Jᵀ w⟩ for all v and w is what a vjp means; a transpose left out, or a sum, breaks it."""
    x, W, b = (dual(data.draw, exact, *shape) for shape in ((n, d), (d, units), (units,)))
    w = drawn(data.draw, exact, n, units)
    dW, db = backward.affine_vjp(exact, x.primal, w, None)
    dx = backward.affine_input_vjp(exact, W.primal, w)
    derivative = Dual(exact).affine(x, W, b).tangent
    assert inner(derivative, w) == inner(x.tangent, dx) + inner(W.tangent, dW) + inner(b.tangent, db)


@pytest.mark.parametrize("activation", PIECEWISE)
@given(st.data())
@examples(20)
def test_piecewise_linear_vjp_is_the_adjoint_of_the_derivative(activation: str, data):
    """Also at a kink: the backward pass takes the side that the forward pass has taken."""
    z, w = dual(data.draw, exact, 2, 3), drawn(data.draw, exact, 2, 3)
    forward_mode, by_vjp = activation_identity(exact, Hidden(3, activation), z, w)
    assert forward_mode == by_vjp


@pytest.mark.parametrize("activation", [*ELEMENTWISE, "maxout"])
@given(st.data())
@examples(15)
def test_activation_vjp_overlaps_the_adjoint_of_the_derivative(activation: str, data):
    """Each activation's slope is written by hand: a wrong one would not be the derivative of its value."""
    shape = (2, 3, 2) if activation == "maxout" else (2, 3)
    z, w = dual(data.draw, ball, *shape), drawn(data.draw, ball, 2, 3)
    forward_mode, by_vjp = activation_identity(ball, Hidden(3, activation), z, w)
    assert overlap([forward_mode.balls.item()], [by_vjp.balls.item()])


@pytest.mark.parametrize("output", OUTPUTS)
@given(st.data())
@examples(15)
def test_output_vjp_is_the_derivative_of_the_loss(output: str, data):
    """Each distribution's gradient is written by hand: mean minus statistic, or the sign of the residual."""
    network = Network(inputs=1, units=3, output=Output(output), reduction="sum")
    z, y = dual(data.draw, ball, 2, 3), data.draw(targets(network, 2, "float64"))
    loss = forward.negative_log_likelihood(Dual(ball), network, z, as_targets(Dual(ball), network.output, y), True)
    dz = backward.output_vjp(ball, network, z.primal, as_targets(ball, network.output, y))
    assert overlap([loss.tangent.sum().balls.item()], [inner(z.tangent, dz).balls.item()])


# What it costs


def costs(case: Case) -> tuple[int, int]:
    """The operations of the loss, and of the gradient, which includes the forward pass."""
    everything = case.network, case.parameters, case.x, case.y
    return cost(forward.objective, *everything, kernel_only=True), cost(backward.gradient, *everything)


relu_case = piecewise_case(activations=("relu",), outputs=("gaussian",), reductions=("sum",), weight_decays=(0.0,))


@given(relu_case)
@examples(40)
def test_gradient_costs_at_most_three_losses_and_one_sum_a_unit(case: Case):
    """A backward pass that computed anything twice, or parameter by parameter, would cost more than a constant.

    A layer of m units with d inputs costs 2Nmd forward. Backward ∂W costs (2N − 1)md, ∂x and the mask together 2Nmd
    (the first layer has none), and ∂b (N − 1)m: that is at most twice as much, and Nm. The residual of the output is
    paid by the loss, which computes it twice.
    """
    loss, gradient = costs(case)
    units = sum(b.size for _, b in case.parameters)
    assert gradient <= 3 * loss + len(case.x) * units


@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_gradient_of_layers_of_width_8_costs_two_to_three_losses(depth: int):
    """Where layers are not very narrow the sum above is nothing: the constant itself is below 3, at any depth."""
    network = Network(8, 8, Output("gaussian"), (Hidden(8, "relu"),) * depth, reduction="sum")
    loss, gradient = costs(Case(network, initialise(network, seed=0), np.ones((4, 8)), np.ones((4, 8))))
    assert 2 * loss <= gradient <= 3 * loss


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_no_cotangent_of_the_input_is_computed(depth: int):
    """A third of what a shallow network costs would go into a gradient by x, which no parameter needs."""
    taken: list = []

    def counted(xp, W, dz):
        taken.append(W.shape)
        return backward.affine_input_vjp(xp, W, dz)

    network = Network(2, 1, Output("gaussian"), (Hidden(3, "maxout"),) * depth)
    x, y, rules = np.ones((1, 2)), np.ones((1, 1)), backward.own_rules()._replace(affine_input=counted)
    backward.gradient(floating("float64"), network, initialise(network, 0), x, y, rules=rules)
    assert taken == [(3, 1), (3, 6), (3, 6)][:depth]


def test_counting_counts():
    """A counter that missed the products would find every pass cheap: xW + b with N = 2, d = 3, m = 4 costs 2Nmd."""
    affine_layer = Network(3, 4, Output("gaussian"))
    parameters = ((np.ones((3, 4)), np.ones(4)),)
    assert cost(forward.trace, affine_layer, parameters, np.ones((2, 3))) == 2 * 2 * 3 * 4

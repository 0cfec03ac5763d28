"""The unrolled recurrent layer.

Claims: a linear state is the sum of what each input left, times a power of U; the gradient is the sum over the layers
of the unrolled network, and agrees with other ways to it; a first state left out is zero.
"""

import numpy as np
import pytest
from hypothesis import given

from ffn import Hidden, Network, Output, Recurrent, admissible, reference, witnesses
from ffn.cases.case import Case
from ffn.cases.networks import recurrents
from ffn.cases.strategies import recurrent_cases
from ffn.network import backward, recurrent
from ffn.numbers.exact import exact
from tests.helpers.gradients import by_hand, flat, overlap, placed
from tests.helpers.profiles import examples

pytestmark = pytest.mark.claim("C22")


exact_recurrents = recurrents(("identity", "relu"), outputs=("gaussian",))


def power(h, U, times: int):
    """h Uᵗⁱᵐᵉˢ, one step at a time."""
    for _ in range(times):
        h = h @ U
    return h


@examples(30)
@given(case=recurrent_cases("float64", recurrents(("identity",), outputs=("gaussian",)), max_steps=6))
def test_a_linear_state_is_what_each_input_left_after_the_steps_since(case: Case) -> None:
    """Nothing could be said of exploding and vanishing states: h_t is h₀ Uᵗ + Σₛ (xₛW + b) Uᵗ⁻ˢ, exactly."""
    layer, parameters, x, _, h0 = placed(case, exact)
    (W, U, b), _ = parameters
    for t, step in enumerate(recurrent.trace(exact, layer, parameters, x, h0), start=1):
        inputs = [x[:, s - 1] @ W + b for s in range(1, t + 1)]
        left = [power(value, U, t - s) for s, value in enumerate([h0, *inputs])]
        assert (step.h == sum(left)).all()


@examples(30)
@given(case=recurrent_cases("float64", exact_recurrents))
def test_recurrent_gradient_is_the_sum_over_the_unrolled_network(case: Case) -> None:
    """Shared weights would learn from some of their uses only: without inputs it is a network of equal layers."""
    layer, (cell, readout), x, y, h0 = placed(case, exact)
    _, U, b = cell
    steps = x.shape[1]
    deep = Network(layer.hidden.units, layer.units, layer.output, (layer.hidden,) * steps, layer.reduction)
    unrolled = backward.gradient(exact, deep, (*((U, b),) * steps, readout), h0, y)
    (_, dU, db), d_readout = recurrent.gradient(exact, layer, (cell, readout), 0 * x, y, h0)
    assert (dU == sum(dW for dW, _ in unrolled[:-1])).all()
    assert (db == sum(db for _, db in unrolled[:-1])).all()
    assert flat([d_readout]) == flat([unrolled[-1]])


@examples(15)
@given(case=recurrent_cases("float64", exact_recurrents, max_steps=3))
def test_recurrent_gradient_agrees_with_forward_mode(case: Case) -> None:
    """The unrolled network goes through the same steps backwards: dual numbers go through none, and see the inputs."""
    assert flat(by_hand(case)) == flat(witnesses.dual_gradient(case, exact))


@examples(5)
@given(case=recurrent_cases("float64", exact_recurrents, max_steps=2))
def test_recurrent_gradient_agrees_with_symbols_and_with_differences(case: Case) -> None:
    """Two more ways, which share no derivative with it; exact differences are for weights that are used once."""
    by_time, symbols = flat(by_hand(case)), flat(witnesses.symbolic_gradient(case))
    assert by_time == symbols
    assert overlap(flat(witnesses.gradient_over_box(case)), flat(witnesses.central_differences(case)))
    with pytest.raises(ValueError, match="every step shares the weights"):
        witnesses.exact_differences(case)


@examples(20)
@given(case=recurrent_cases("float64"))
def test_recurrent_agrees_with_reverse_mode(case: Case) -> None:
    """Fractions run neither tanh nor the other outputs."""
    assert admissible.gradient(case).examine(witnesses.autograd_gradient(case)).outside is None


@examples(20)
@given(case=recurrent_cases("float32"))
def test_a_first_state_left_out_is_zero(case: Case) -> None:
    """It could be what the last call left behind."""
    given = case.network, case.parameters, case.x
    zero = np.zeros_like(case.h0)
    assert (reference.recurrent_forward(*given) == reference.recurrent_forward(*given, zero)).all()
    assert reference.recurrent_loss(*given, case.y) == reference.recurrent_loss(*given, case.y, zero)
    left_out, given_as_zero = (reference.recurrent_gradient(*given, case.y, *h0) for h0 in ((), (zero,)))
    assert flat(left_out) == flat(given_as_zero)


def test_a_recurrent_layer_is_described_and_checked() -> None:
    """A description that cannot be read again, or arrays that do not fit it, would fail far from their cause."""
    layer = Recurrent(2, Hidden(3, "leaky_relu"), 6, Output("mixture", 2), "sum")
    assert Recurrent.from_json(layer.to_json()) == layer
    with pytest.raises(ValueError, match="not maxout"):
        Recurrent(2, Hidden(3, "maxout"), 1, Output("gaussian"))
    with pytest.raises(ValueError, match="multiple of 6"):
        Recurrent(2, Hidden(3), 1, Output("mixture"))
    parameters = tuple(tuple(np.ones(shape) for shape in shapes) for shapes in layer.shapes)
    for parts, x, h0, message in (
        (parameters[::-1], np.ones((1, 1, 2)), None, "W, U, b are asked for"),
        (parameters, np.ones((1, 0, 2)), None, r"not \(N, T, 2\)"),
        (parameters, np.ones((1, 1, 3)), None, r"not \(N, T, 2\)"),
        (parameters, np.ones((1, 1, 2)), np.ones((2, 3)), "h0 has shape"),
    ):
        with pytest.raises(ValueError, match=message):
            reference.recurrent_forward(layer, parts, x, h0)


@pytest.mark.parametrize("output", ["gaussian", "laplace", "poisson"])
def test_of_weights_of_0_the_loss_is_that_of_the_bias_with_its_constant(output: str) -> None:
    """A recurrent loss could lack the constant of its likelihood, or have it twice, and a network's would not."""
    layer = Recurrent(1, Hidden(2), 1, Output(output))
    zeros = tuple(tuple(np.zeros(shape) for shape in shapes) for shapes in layer.shapes)
    x, y = np.ones((3, 2, 1)), np.array([[0.0], [1.0], [2.0]])
    of_a_network = reference.loss(Network(2, 1, Output(output)), zeros[1:], np.ones((3, 2)), y)
    assert reference.recurrent_loss(layer, zeros, x, y) == of_a_network

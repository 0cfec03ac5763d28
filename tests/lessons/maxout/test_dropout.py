"""Dropout's averages: what scaling the weights by the keep probability computes, and what it misses.

All masks are enumerated, each with its probability. Means of outputs are exact fractions. A geometric mean of softmax
probabilities is enclosed in balls; up to the renormalisation it is the softmax of the mean logits, which are fractions.

Sources: Srivastava et al. 2014; Goodfellow et al. 2013, Maxout networks; Goodfellow, Bengio & Courville 2016,
section 7.12.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ffn.network.description import Hidden, Network, Output, Parameters
from ffn.network.dropout import weight_scaled
from ffn.network.forward import trace
from ffn.network.outputs import softmax
from ffn.numbers.ball import working_precision
from ffn.numbers.exact import exact
from tests.helpers.balls import BITS, agree, ball, exactly
from tests.helpers.profiles import examples

small = st.builds(Fraction, st.integers(-8, 8), st.sampled_from([1, 2, 4]))
keeps = st.builds(Fraction, st.integers(1, 7), st.just(8))


def filled(draw: st.DrawFn, shape: tuple[int, ...]) -> Any:
    size = prod(shape)
    return exact.asarray(draw(st.lists(small, min_size=size, max_size=size))).reshape(shape)


@st.composite
def dropped_out(draw: st.DrawFn, *hidden: Hidden, at: int = 0, most: int = 6, units: int = 3) -> tuple:
    """A network, its parameters on fractions, one input, and the layer whose input is dropped with its keep rates."""
    inputs = draw(st.integers(1, most))
    network = Network(inputs, units, Output("categorical"), hidden=hidden)
    parameters = tuple((filled(draw, W), filled(draw, b)) for W, b in network.shapes)
    width = network.shapes[at][0][0]
    rates = draw(st.lists(keeps, min_size=width, max_size=width) | keeps.map(lambda q: [q] * width))
    return network, parameters, filled(draw, (1, inputs)), at, rates


def all_masks(rates: Sequence[Fraction]) -> tuple[Any, list[Fraction]]:
    """Every mask, a row each, and its probability."""
    masks = list(product((0, 1), repeat=len(rates)))
    chances = [prod(q if kept else 1 - q for q, kept in zip(rates, mask, strict=True)) for mask in masks]
    return exact.asarray(masks), chances


def logits_of_all_masks(network: Network, parameters: Parameters, x: Any, at: int, rates: Sequence) -> tuple[Any, list]:
    """The shipped forward pass with each mask, a row of logits each, and the masks' probabilities."""
    masks, chances = all_masks(rates)
    everything = [exact.asarray(np.ones((len(chances), W[0]), dtype=int)) for W, _ in network.shapes]
    everything[at] = masks
    batch = exact.asarray(np.repeat(x, len(chances), axis=0))
    return trace(exact, network, parameters, batch, everything)[-1].z, chances


def mean_logits(case: tuple) -> list[Fraction]:
    logits, chances = logits_of_all_masks(*case)
    return (np.array(chances, dtype=object)[:, None] * logits).sum(axis=0).tolist()


def scaled_logits(network: Network, parameters: Parameters, x: Any, at: int, rates: Sequence) -> list[Fraction]:
    """The shipped forward pass without masks, the weights scaled by the keep probabilities."""
    keep = [exact.asarray(rates if depth == at else 1) for depth in range(network.depth)]
    return trace(exact, network, weight_scaled(parameters, keep), x)[-1].z[0].tolist()


def balls_of(logits: Any) -> Any:
    """The shipped softmax of rows of fractions."""
    return softmax(ball, ball.asarray(logits)).balls


def geometric_mean(logits: Any, chances: Sequence[Fraction]) -> list:
    """∏ₘ p(y | mask m)^P(m), renormalised so that it sums to 1."""
    with working_precision(BITS):
        weights = np.array([exactly(chance) for chance in chances], dtype=object)
        logs = np.frompyfunc(lambda p: p.log(), 1, 1)(balls_of(logits))
        products = [log.exp() for log in (weights[:, None] * logs).sum(axis=0)]
        return [p / sum(products) for p in products]


def arithmetic_mean(logits: Any, chances: Sequence[Fraction]) -> list:
    with working_precision(BITS):
        weights = np.array([exactly(chance) for chance in chances], dtype=object)
        return list((weights[:, None] * balls_of(logits)).sum(axis=0))


def surely_differ(a: Sequence, b: Sequence) -> bool:
    with working_precision(BITS):
        return any(not p.overlaps(q) for p, q in zip(a, b, strict=True))


@pytest.mark.claim("C31")
@examples(40)
@given(dropped_out(most=3, units=2) | dropped_out(most=4))
def test_the_scaled_softmax_regression_is_the_geometric_mean_of_all_masked_ones(case: tuple) -> None:
    """One pass with scaled weights would not stand for the ensemble of all masks."""
    geometric, scaled = geometric_mean(*logits_of_all_masks(*case)), balls_of([scaled_logits(*case)])[0]
    with working_precision(BITS):
        assert all(agree(p, q) for p, q in zip(geometric, scaled, strict=True))


@pytest.mark.claim("C31")
@examples(40)
@given(dropped_out())
def test_the_logits_of_a_softmax_regression_have_the_scaled_ones_as_their_mean(case: tuple) -> None:
    """The agreement above could be one of enclosures only; before the exp it is one of fractions."""
    assert mean_logits(case) == scaled_logits(*case)


@pytest.mark.claim("C31")
def test_the_arithmetic_mean_of_the_probabilities_is_another() -> None:
    """The test above could not fail, and which mean the ensemble takes would not matter."""
    keep_half = Network(1, 2, Output("categorical")), ((exact.asarray([[0, 4]]), exact.asarray([0, 0])),)
    case = (*keep_half, exact.asarray([[1]]), 0, [Fraction(1, 2)])
    ensemble = logits_of_all_masks(*case)
    assert surely_differ(arithmetic_mean(*ensemble), balls_of([scaled_logits(*case)])[0])


NONLINEAR = {
    "relu": (Hidden(1, "relu"), [[1], [1]], [0]),
    "maxout": (Hidden(1, "maxout", pieces=2), [[[1, 0]], [[1, 0]]], [[0, 0]]),
}


@pytest.mark.claim("C31")
@pytest.mark.parametrize("name", NONLINEAR)
def test_behind_a_nonlinear_layer_the_scaled_network_is_an_approximation(name: str) -> None:
    """Dropout of the input would be averaged exactly by every network: of max(x₁ + x₂, 0) at (1, −1) it is not."""
    hidden, W, b = NONLINEAR[name]
    first, last = (exact.asarray(W), exact.asarray(b)), (exact.asarray([[0, 8]]), exact.asarray([0, 0]))
    network = Network(2, 2, Output("categorical"), hidden=(hidden,))
    case = (network, (first, last), exact.asarray([[1, -1]]), 0, [Fraction(1, 2)] * 2)
    assert mean_logits(case) == [0, 2]  # one mask of four lets x₁ pass alone
    assert scaled_logits(*case) == [0, 0]
    assert surely_differ(geometric_mean(*logits_of_all_masks(*case)), balls_of([scaled_logits(*case)])[0])


@pytest.mark.claim("C31")
@examples(30)
@given(st.sampled_from([Hidden(3, "relu"), Hidden(2, "maxout", pieces=2)]).flatmap(lambda h: dropped_out(h, at=1)))
def test_dropout_of_the_last_hidden_layer_alone_is_averaged_exactly(case: tuple) -> None:
    """The condition would be a network without hidden layers, instead of nothing nonlinear behind the masks."""
    assert mean_logits(case) == scaled_logits(*case)


@st.composite
def one_maxout_unit(draw: st.DrawFn) -> tuple:
    """A maxout unit of two pieces that is its own output, its input dropped."""
    network, ((W, b), _), x, at, rates = draw(dropped_out(Hidden(1, "maxout", pieces=2), most=4, units=1))
    return network, ((W, b), (exact.asarray([[1]]), exact.asarray([0]))), x, at, rates


@pytest.mark.claim("C31")
@examples(40)
@given(one_maxout_unit())
def test_scaling_underestimates_a_maxout_unit_unless_one_piece_wins_under_every_mask(case: tuple) -> None:
    """That maxout suits dropout would have no reason: it is averaged exactly wherever no mask changes the winner."""
    _, ((W, b), _), x, _, rates = case
    masks, _ = all_masks(rates)
    lead = (masks * x) @ (W[:, 0, 0] - W[:, 0, 1]) + (b[0, 0] - b[0, 1])
    same_winner = (lead >= 0).all() or (lead <= 0).all()
    (mean,), (scaled,) = mean_logits(case), scaled_logits(*case)
    assert mean == scaled if same_winner else mean > scaled

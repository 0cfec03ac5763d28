"""Dropout: a mask picks a subnetwork, and scaled weights average over all masks, exactly or nearly so.

All masks are enumerated, each with its probability. Means of outputs are exact fractions. A geometric mean of softmax
probabilities is enclosed in balls; up to the renormalisation it is the softmax of the mean logits, which are fractions.

Sources: Srivastava et al. 2014; Goodfellow et al. 2013, Maxout networks; Goodfellow, Bengio & Courville 2016,
section 7.12.
"""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ffn import admissible, reference, witnesses
from ffn.cases.case import Case
from ffn.cases.networks import networks
from ffn.cases.strategies import arrays_of, cases, dropout_cases
from ffn.network import backward
from ffn.network.description import Hidden, Network, Output, Parameters
from ffn.network.dropout import draw_masks, mask_shapes, weight_scaled
from ffn.network.forward import trace
from ffn.network.outputs import softmax
from ffn.numbers.ball import working_precision
from ffn.numbers.exact import exact
from tests.helpers.balls import BITS, agree, ball, exactly
from tests.helpers.gradients import by_hand, flat, placed
from tests.helpers.profiles import examples
from tests.helpers.strategies import lists_of

pytestmark = pytest.mark.claim("C31")
small = st.builds(Fraction, st.integers(-8, 8), st.sampled_from([1, 2, 4]))
keeps = st.builds(Fraction, st.integers(1, 7), st.just(8))


def filled(draw: st.DrawFn, shape: tuple[int, ...]) -> Any:
    size = prod(shape)
    return exact.asarray(draw(lists_of(size, small))).reshape(shape)


@st.composite
def dropped_out(draw: st.DrawFn, *hidden: Hidden, at: int = 0, most: int = 6, units: int = 3) -> tuple:
    """A network, its parameters on fractions, one input, and the layer whose input is dropped with its keep rates."""
    inputs = draw(st.integers(1, most))
    network = Network(inputs, units, Output("categorical"), hidden=hidden)
    parameters = tuple((filled(draw, W), filled(draw, b)) for W, b in network.shapes)
    width = network.shapes[at][0][0]
    rates = draw(lists_of(width, keeps) | keeps.map(lambda q: [q] * width))
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


@examples(40)
@given(dropped_out(most=3, units=2) | dropped_out(most=4))
def test_the_scaled_softmax_regression_is_the_geometric_mean_of_all_masked_ones(case: tuple) -> None:
    """One pass with scaled weights would not stand for the ensemble of all masks."""
    geometric, scaled = geometric_mean(*logits_of_all_masks(*case)), balls_of([scaled_logits(*case)])[0]
    with working_precision(BITS):
        assert all(agree(p, q) for p, q in zip(geometric, scaled, strict=True))


@examples(40)
@given(dropped_out())
def test_the_logits_of_a_softmax_regression_have_the_scaled_ones_as_their_mean(case: tuple) -> None:
    """The agreement above could be one of enclosures only; before the exp it is one of fractions."""
    assert mean_logits(case) == scaled_logits(*case)


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


@pytest.mark.claim("C47")
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


# Masks

LINEAR = ("identity", "relu", "leaky_relu", "absolute", "maxout")  # on fractions


@st.composite
def exact_dropout(draw: st.DrawFn, activations: tuple[str, ...] = LINEAR) -> Case:
    """A dropout case that runs on fractions."""
    case = draw(
        cases("float64", networks(activations, outputs=("gaussian",), weight_decays=(0.0, 0.5)), st.integers(1, 3))
    )
    shapes = mask_shapes(case.network, case.x.shape[0])
    return replace(case, masks=tuple(draw(arrays_of((1, 0), s)) for s in shapes))


def picked(parameters: tuple, masks: list) -> tuple:
    """The subnetwork of one row's masks: the weights that a dropped unit feeds are 0."""
    return tuple(
        (W * mask.reshape(-1, *(1,) * (W.ndim - 1)), b) for (W, b), mask in zip(parameters, masks, strict=True)
    )


@examples(30)
@given(case=exact_dropout())
def test_a_row_s_masks_pick_a_subnetwork(case: Case) -> None:
    """Dropout would train something else than the subnetworks that share its weights."""
    network, parameters, x, _, masks = placed(case, exact)
    outputs = trace(exact, network, parameters, x, masks)[-1].h
    for row in range(len(x)):
        subnetwork = picked(parameters, [mask[row] for mask in masks])
        assert (trace(exact, network, subnetwork, x[row : row + 1])[-1].h == outputs[row]).all()


@examples(30)
@given(case=exact_dropout())
def test_dropout_gradient_is_the_sum_over_the_subnetworks(case: Case) -> None:
    """A backward pass that forgets the mask would train units that took no part."""
    network, parameters, x, y, masks = placed(
        replace(case, network=replace(case.network, weight_decay=0.0, reduction="sum")), exact
    )
    gradient = backward.gradient(exact, network, parameters, x, y, masks)
    total = None
    for row in range(len(x)):
        own = [mask[row] for mask in masks]
        one = backward.gradient(exact, network, picked(parameters, own), x[row : row + 1], y[row : row + 1])
        shares = flat(picked(one, own))  # the chain rule through W times the mask
        total = shares if total is None else [a + b for a, b in zip(total, shares, strict=True)]
    assert flat(gradient) == total


@examples(15)
@given(case=exact_dropout())
def test_dropout_gradient_agrees_with_forward_mode(case: Case) -> None:
    """The subnetworks go through the same backward pass: dual numbers go through none."""
    assert flat(by_hand(case)) == flat(witnesses.dual_gradient(case, exact))


@examples(15)
@given(case=exact_dropout(("identity",)))
def test_dropout_gradient_agrees_with_exact_differences(case: Case) -> None:
    """Every mask is in the loss that is differenced, and in no derivative."""
    assert flat(by_hand(case)) == flat(witnesses.exact_differences(case))


@examples(20)
@given(case=dropout_cases("float64"))
def test_dropout_agrees_with_reverse_mode(case: Case) -> None:
    """Fractions run neither tanh nor softmax."""
    assert admissible.gradient(case).examine(witnesses.autograd_gradient(case)).outside is None


@examples(30)
@given(case=dropout_cases("float32"))
def test_masks_of_ones_change_no_bit(case: Case) -> None:
    """Evaluation without dropout would differ from dropout that drops nothing."""
    masks = tuple(np.ones_like(mask) for mask in case.masks)
    plain = case.network, case.parameters, case.x
    assert (reference.dropout_forward(*plain, masks) == reference.forward(*plain)).all()
    assert reference.dropout_loss(*plain, case.y, masks) == reference.loss(*plain, case.y)
    assert flat(reference.dropout_gradient(*plain, case.y, masks)) == flat(reference.gradient(*plain, case.y))


@pytest.mark.parametrize("widths", [(2, 1), (2, 2, 1), (1, 2, 2, 1)])
def test_scaled_weights_give_the_mean_over_all_masks_of_an_affine_network(widths: tuple[int, ...]) -> None:
    """Without it inference would not be the mean of what was trained: every mask of a row, with its probability."""
    random = np.random.default_rng(0)
    network = Network(widths[0], widths[-1], Output("gaussian"), tuple(Hidden(n, "identity") for n in widths[1:-1]))
    parameters = tuple(tuple(exact.asarray(random.integers(-4, 5, shape)) for shape in pair) for pair in network.shapes)
    x, keep = exact.asarray(random.integers(-4, 5, (1, widths[0]))), [Fraction(1, 2), Fraction(2, 3), Fraction(1, 5)]
    masks, chances = all_masks([q for q, width in zip(keep, widths[:-1], strict=False) for _ in range(width)])
    of_layers = np.split(masks, np.cumsum(widths[:-1])[:-1], axis=1)
    outputs = trace(exact, network, parameters, np.repeat(x, len(chances), axis=0), of_layers)[-1].h
    assert sum(chances) == 1
    scaled = weight_scaled(parameters, keep[: network.depth])
    assert (trace(exact, network, scaled, x)[-1].h == chances @ outputs).all()


@given(seed=st.integers(0, 2**32), q=st.sampled_from((0.0, 0.25, 0.5, 1.0)))
def test_masks_are_drawn_from_their_seed_and_probability(seed: int, q: float) -> None:
    """An experiment could not be repeated, or 1 could mean dropped; where more is kept, nothing is lost."""
    network = Network(3, 1, Output("gaussian"), (Hidden(4), Hidden(2, "maxout", pieces=3)))
    masks, again, more = (draw_masks(network, [p] * 3, 5, seed) for p in (q, q, (1 + q) / 2))
    assert [mask.shape for mask in masks] == [(5, 3), (5, 4), (5, 2)]
    assert all((a == b).all() and (a <= c).all() for a, b, c in zip(masks, again, more, strict=True))
    assert q not in (0.0, 1.0) or all((mask == q).all() for mask in masks)
    by_unit = draw_masks(network, [np.array([0, q, 1]), q, q], 5, seed)[0]
    assert (by_unit[:, [0, 2]] == [0, 1]).all()
    assert (by_unit[:, 1] == masks[0][:, 1]).all()


def test_units_are_kept_independently() -> None:
    """One mask for all rows, or for all layers, would train a single subnetwork at a time; q could be another share.

    Of n independent units the share that is kept lies within t of q but for a chance of 2 exp(−2nt²) (Hoeffding 1963),
    and so does the share of pairs that are kept both from q².
    """
    n, q = 40_000, 0.25
    t = np.sqrt(np.log(2e9) / (2 * n))  # a chance of 1e-9, and the seed is fixed
    network = Network(200, 1, Output("gaussian"), (Hidden(200),))
    first, second = draw_masks(network, [q, q], 200, seed=0)
    pairs = first[:-1] * first[1:], first[:, :-1] * first[:, 1:]
    assert all(abs(mask.mean() - q) < t for mask in (first, second))
    assert abs((first * second).mean() - q * q) < t
    assert all(abs(pair[::2, ::2].mean() - q * q) < 2 * t for pair in pairs)  # a quarter as many, none counted twice


@examples(30)
@given(case=exact_dropout(), q=st.fractions(Fraction(1, 9), 1, max_denominator=9))
def test_inverted_dropout_trains_the_scaled_weights(case: Case, q: Fraction) -> None:
    """What is divided by q in training and what is scaled by q at inference would be two networks: m/q · qW = mW."""
    network, parameters, x, _, masks = placed(case, exact)
    scaled = weight_scaled(parameters, [q] * network.depth)
    inverted = trace(exact, network, scaled, x, [mask / q for mask in masks])[-1].h
    assert (inverted == trace(exact, network, parameters, x, masks)[-1].h).all()


def test_scaled_weights_keep_their_dtype() -> None:
    """A probability of Python's would widen float32 weights."""
    parameters = (
        (np.ones((2, 3, 2), np.float32), np.ones((3, 2), np.float32)),
        (np.ones((3, 1), np.float32), np.ones(1)),
    )
    (W, _), (V, _) = weight_scaled(parameters, [0.5, np.array([0.0, 0.5, 1.0])])
    assert (W.dtype, V.dtype) == (np.float32, np.float32)
    assert (W == 0.5).all()
    assert V.ravel().tolist() == [0, 0.5, 1]


def test_masks_that_do_not_fit_are_refused() -> None:
    """A mask of another shape would be broadcast, and a probability multiplied in, without a word."""
    network = Network(2, 1, Output("gaussian"))
    parameters, x = ((np.ones((2, 1)), np.ones(1)),), np.ones((3, 2))
    for masks, message in (((np.ones((1, 2)),), "shapes"), ((np.full((3, 2), 0.5),), "0 and 1 alone"), ((), "shapes")):
        with pytest.raises(ValueError, match=message):
            reference.dropout_forward(network, parameters, x, masks)
    for keep in ([0.5, 0.5], [1.5], [np.nan], [np.ones(3)]):
        with pytest.raises(ValueError, match="keep"):
            draw_masks(network, keep, 3, 0)
    for keep in ([0.5, 0.5], [np.ones(3)], [np.ones((2, 1))]):
        with pytest.raises(ValueError, match="keep"):
            weight_scaled(parameters, keep)

"""Maxout: h = maxⱼ zⱼ, what one unit is, and how its gradient is routed.

All is rational, and is checked on fractions with ==, <= and no tolerance.

Source: Goodfellow et al. 2013, Maxout networks.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import find, given
from hypothesis import strategies as st

from ffn.network.activations import activation_named
from ffn.network.backward import maxout_vjp
from ffn.network.forward import LayerTrace, affine
from ffn.network.maxout import maxout
from ffn.numbers.exact import exact
from tests.helpers.strategies import lists_of, rational

one_unit = st.lists(st.integers(-3, 3), min_size=1, max_size=4)  # its pieces, often tied


two_units = st.lists(st.tuples(rational, rational), min_size=1, max_size=4).map(
    lambda rows: list(zip(*rows, strict=True))
)


def unit(z: Sequence) -> Fraction:
    """The shipped maxout of the pieces of one unit."""
    return maxout(exact, exact.asarray([[z]]))[0, 0]


# What one unit is


@pytest.mark.claim("C25")
@given(two_units, st.fractions(0, 1, max_denominator=8))
def test_maxout_is_convex_in_its_pre_activations(pair: list, weight: Fraction) -> None:
    """Without convexity one unit could do what the last section needs two for."""
    z, w = pair
    mixture = [weight * zj + (1 - weight) * wj for zj, wj in zip(z, w, strict=True)]
    assert unit(mixture) <= weight * unit(z) + (1 - weight) * unit(w)


@pytest.mark.claim("C25")
@given(two_units)
def test_maxout_is_1_lipschitz_in_the_largest_change(pair: list) -> None:
    """Otherwise a small error in the pre-activations could grow on its way through a maxout layer."""
    z, w = pair
    assert abs(unit(z) - unit(w)) <= max(abs(zj - wj) for zj, wj in zip(z, w, strict=True))


@pytest.mark.claim("C25", "C26")
@given(one_unit.flatmap(lambda z: st.tuples(st.just(z), st.permutations(z))))
def test_the_order_of_the_pieces_does_not_matter(orders: tuple) -> None:
    """A maxout that depended on it would not be a maximum."""
    z, permuted = orders
    assert unit(permuted) == unit(z)


@pytest.mark.claim("C25")
@given(st.lists(rational, min_size=1, max_size=4))
def test_a_maxout_layer_of_one_piece_is_linear(z: list) -> None:
    """The nonlinearity comes from the competition of pieces alone."""
    assert maxout(exact, exact.asarray([z]).reshape(1, -1, 1)).tolist() == [z]


TWO_PIECES = {"relu": (1, 0), "absolute": (1, -1), "leaky_relu": (1, Fraction("1/10"))}


@pytest.mark.claim("C25", "C30")
@pytest.mark.parametrize("name", TWO_PIECES)
@given(x=rational)
def test_two_pieces_learn_the_rectifying_activations(name: str, x: Fraction) -> None:
    """Maxout would not generalise relu, |·| and leaky relu."""
    z = affine(exact, exact.asarray([[x]]), exact.asarray([[TWO_PIECES[name]]]), exact.asarray([[0, 0]]))
    assert maxout(exact, z) == activation_named(name, 0.1).value(exact, exact.asarray([[x]]))


@pytest.mark.claim("C26")
@given(lists_of(4, rational), lists_of(2, rational))
def test_max_pooling_is_a_maxout_whose_pieces_are_shifts_of_one_filter(signal: list, filter_: list) -> None:
    """The two would not be the same maximum: pooling competes over places, maxout over filters."""
    W = exact.asarray([[[filter_[i - j] if 0 <= i - j < 2 else 0 for j in range(3)]] for i in range(4)])
    responses = [filter_[0] * left + filter_[1] * right for left, right in pairwise(signal)]
    assert maxout(exact, affine(exact, exact.asarray([signal]), W, exact.asarray([[0, 0, 0]]))) == max(responses)


def pooled(signal: Sequence, filters: Sequence[Sequence]) -> Fraction:
    """The shipped maxout of a filter's response at each place; of one filter a place, the signal being a circle."""
    rows = [[filters[j][(i - j) % len(signal)] for j in range(len(signal))] for i in range(len(signal))]
    zeros = exact.asarray([[0] * len(signal)])
    return maxout(exact, affine(exact, exact.asarray([signal]), exact.asarray([[row] for row in rows]), zeros))[0, 0]


three = lists_of(3, st.integers(-3, 3))


@pytest.mark.claim("C26")
@given(three, three)
def test_pooling_one_filter_over_all_places_does_not_see_a_shift(signal: list, filter_: list) -> None:
    """Max pooling would not be the maxout with tied weights that it is, or not give invariance to shifts."""
    assert pooled([*signal[1:], signal[0]], [filter_] * 3) == pooled(signal, [filter_] * 3)


@pytest.mark.claim("C26")
def test_a_maxout_of_different_filters_does() -> None:
    """The resemblance would be an identity: the invariance comes from the tied weights, not from the maximum."""
    examples = st.tuples(three, lists_of(3, three))
    assert find(examples, lambda e: pooled([*e[0][1:], e[0][0]], e[1]) != pooled(*e))


# The gradient goes to a winner


def is_subgradient(slopes: Sequence, z: Sequence, w: Sequence) -> bool:
    """Whether h(w) ≥ h(z) + slopes·(w − z), as it is for every w where slopes is a subgradient of the maximum at z."""
    return max(w) >= max(z) + sum(s * (wj - zj) for s, wj, zj in zip(slopes, w, z, strict=True))


def routed(z: Sequence, cotangent: int) -> list:
    """The shipped cotangents of the pieces of one unit."""
    step = LayerTrace(None, exact.asarray([[z]]), None)
    return maxout_vjp(exact, step, exact.asarray([[cotangent]]))[0, 0].tolist()


@pytest.mark.claim("C25")
@given(one_unit, st.integers(-5, 5))
def test_the_first_of_the_largest_pieces_takes_the_whole_cotangent(z: list, cotangent: int) -> None:
    """Some of the cotangent would get lost, be doubled at a tie, or reach a piece that did not decide the output."""
    assert routed(z, cotangent) == [cotangent if j == z.index(max(z)) else 0 for j in range(len(z))]


@pytest.mark.claim("C25")
@given(one_unit, st.data())
def test_the_routed_slopes_are_a_subgradient(z: list, data: st.DataObject) -> None:
    """At a tie, where no derivative exists, the backward pass would return a slope that no limit of slopes supports."""
    w = data.draw(lists_of(len(z), st.integers(-5, 5)))
    assert is_subgradient(routed(z, 1), z, w)


@pytest.mark.claim("C25")
@given(one_unit, st.data())
def test_subgradients_share_out_the_slope_1_among_the_winners(z: list, data: st.DataObject) -> None:
    """The test above could not fail, or a tie not be shared: slope 1 for each of two winners is no subgradient.

    A sum above or below 1 shows when all pieces move by ±1, a negative slope or one for a loser when that piece does.
    """
    shares = data.draw(lists_of(len(z), st.integers(-1, 2)))
    whole = data.draw(st.sampled_from([1, sum(shares) or 1]))
    slopes = [Fraction(share, whole) for share in shares]
    shared_out = sum(slopes) == 1 and all(s == 0 or (s > 0 and zj == max(z)) for s, zj in zip(slopes, z, strict=True))
    moves = [*np.eye(len(z), dtype=int).tolist(), [1] * len(z)]
    moved = [[zj + sign * m for zj, m in zip(z, move, strict=True)] for move in moves for sign in (1, -1)]
    assert all(is_subgradient(slopes, z, w) for w in moved) == shared_out

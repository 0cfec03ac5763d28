"""The layers of an exact case: every place counts, nothing is at a kink, and in one row every path is open."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from ffn import Hidden
from ffn.cases.exact.layers import Link, _at_most, _candidates, _centred, _distinct, biases, lanes, linked

SIGNS = (-1.0, 1.0)
SEEDS = range(12)
NO_LANES = np.empty((0, 2), int)


def generator(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def link_of(seed: int, inputs: int, units: int, pieces: int = 1, fan: Any = (2, 99), paths: Any = NO_LANES) -> Link:
    in_lanes = np.arange(2.0, 2 + len(paths))
    return linked(generator(seed), (inputs, units), pieces, fan, SIGNS, paths, in_lanes)


def test_lanes_are_disjoint_and_one_for_four_places_of_the_shortest_axis() -> None:
    """Without it two weights of full significand would meet in one sum, and the case round."""
    for shortest, count in ((2, 1), (4, 1), (7, 1), (8, 2), (17, 4)):
        paths = lanes(generator(0), (30, shortest, 40), True)
        assert paths.shape == (count, 3)
        assert all(len(set(places)) == count for places in paths.T)
        assert (paths < (30, shortest, 40)).all()
    assert lanes(generator(0), (30, 17), False).shape == (0, 2)
    first = {int(lanes(generator(seed), (5, 5), True)[0, 0]) for seed in range(60)}
    assert first == set(range(5))


@pytest.mark.parametrize(("inputs", "units"), [(1, 1), (1, 5), (5, 1), (3, 7), (7, 3), (9, 9)])
@pytest.mark.parametrize("pieces", [1, 3])
def test_every_input_is_read_and_every_column_reads(inputs: int, units: int, pieces: int) -> None:
    """Without it a kernel could skip a place that nothing looks at."""
    for seed in SEEDS:
        link = link_of(seed, inputs, units, pieces)
        W = link.matrix()
        assert W.shape == (link.inputs, link.columns) == (inputs, units * pieces)
        assert (link.pieces, link.fixed) == (pieces, {})
        assert (W != 0).any(axis=0).all()
        assert (W != 0).any(axis=1).all()
        assert set(np.unique(W)) <= {-1, 0, 1}
        assert link.fan_in == (W != 0).sum(axis=0).max()
        assert link.fan_out == (W != 0).sum(axis=1).max()
        h = generator(seed).normal(size=(4, inputs))
        assert np.array_equal(link.apply(h), h @ W)
        assert len(set(zip(link.sources.tolist(), link.targets.tolist(), strict=True))) == len(link.weights)


def test_further_inputs_are_read_as_many_as_asked() -> None:
    """Without it a sum would be as short as it can be, and its order never show."""
    none, some = (
        np.mean([np.count_nonzero(link_of(seed, 20, 20, fan=(more, 99)).matrix()) for seed in SEEDS]) for more in (0, 3)
    )
    assert none == 20
    assert 3.4 * 20 < some <= 4 * 20  # some meet by chance
    assert {w for seed in SEEDS for w in link_of(seed, 20, 20).weights.tolist()} == {-1.0, 1.0}
    one = link_of(0, 1, 4, fan=(3, 99))
    assert len(one.weights) == 4  # of a single input there are no further ones


def test_a_column_reads_at_most_so_many_and_the_last_input_is_among_them() -> None:
    """Without it a sum could have more terms than the precision holds, or the end of a long axis go unread."""
    for seed, most in product(SEEDS, (1, 3)):
        W = link_of(seed, 30, 4, fan=(0, most)).matrix()
        counts = (W != 0).sum(axis=0)
        assert counts.tolist() == [most] * 4
        assert (W[-1] != 0).any()
    read = {
        place
        for seed in range(40)
        for place in np.flatnonzero(link_of(seed, 30, 4, fan=(0, 3)).matrix().any(axis=1)).tolist()
    }
    assert len(read) == 30  # which ones stay is drawn


def test_few_weights_all_stay() -> None:
    """Without it a bound that is not reached would cost weights."""
    sources, targets = np.array([0, 1, 2]), np.array([0, 0, 0])
    assert _at_most(generator(0), sources, targets, 3).tolist() == [True] * 3
    for seed in SEEDS:
        kept = _at_most(generator(seed), sources, targets, 2)
        assert kept.sum() == 2
        assert kept[2]


def test_lanes_have_their_own_weights_and_biases_and_nothing_else_meets_them() -> None:
    """Without it a sum in a lane would have two terms, and its full significand be rounded."""
    paths = np.array([[1, 4], [3, 0]])
    for seed in SEEDS:
        link = link_of(seed, 6, 5, 2, paths=paths)
        W = link.matrix()
        assert (W[1, 8], W[3, 0]) == (2, 3)
        assert np.count_nonzero(W[[1, 3]]) == np.count_nonzero(W[:, [0, 1, 8, 9]]) == 2
        assert link.fixed == {0: 0.0, 1: -1.0, 8: 0.0, 9: -1.0}  # the second pieces never win
        others = np.delete(np.delete(W, [1, 3], 0), [0, 1, 8, 9], 1) != 0
        assert others.any(axis=0).all()
        assert others.any(axis=1).all()
        assert link.fan_in == others.sum(axis=0).max()
        assert link.fan_out == others.sum(axis=1).max()


def test_signs_are_changed_of_whole_columns() -> None:
    """Without it a unit that is made alive would read something else than it did."""
    link = link_of(0, 6, 4)
    W = link.matrix()
    link.flip(np.array([True, False, False, True]))
    assert (link.matrix() == W * [-1, 1, 1, -1]).all()


LAYERS = {
    "relu": Hidden(5),
    "absolute": Hidden(5, "absolute"),
    "leaky_relu": Hidden(5, "leaky_relu", 0.5),
    "a slope of 0": Hidden(5, "leaky_relu", 0.0),
    "hard_tanh": Hidden(5, "hard_tanh"),
    "maxout": Hidden(5, "maxout", pieces=3),
    "identity": Hidden(5, "identity"),
    "the last layer": None,
}


@pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
@pytest.mark.parametrize("coarse", [True, False])
def test_no_pre_activation_is_at_a_kink_and_the_witness_is_alive(layer: Hidden | None, coarse: bool) -> None:
    """Without it a slope would be a matter of choice, or a dead unit hide what is wrong behind it."""
    pieces = (layer.pieces if layer else None) or 1
    name = layer.activation if layer else "identity"
    drawn: set[float] = set()
    for seed in range(30):
        link = link_of(seed, 8, 5, pieces)
        random = generator(seed)
        h = random.integers(-3, 4, (6, 8)) / (1.0 if coarse else 8.0)
        v, witness = link.apply(h), int(random.integers(6))
        before = link.matrix()
        b = biases(layer, link, v, witness, random, SIGNS)
        assert np.array_equal(v, link.apply(h))  # what was flipped was flipped in both
        assert not np.signbit(b[b == 0]).any()
        z = v + b
        if name in ("relu", "leaky_relu", "absolute"):
            assert (z != 0).all()
        if name == "relu" or (layer and layer.negative_slope == 0):
            assert (z[witness] > 0).all()
        else:
            assert np.array_equal(link.matrix(), before)
        if name == "hard_tanh":
            assert (np.abs(z) != 1).all()
            assert (np.abs(z[witness]) < 1).all()
        if name == "maxout":
            units = z.reshape(6, 5, 3)
            assert (np.diff(np.sort(units, axis=2), axis=2) > 0).all()
            assert units[witness].argmax(axis=1).tolist() == [0, 1, 2, 0, 1]
            assert (b <= 0).all()
        if name == "identity":
            drawn |= set((b / (1 if coarse else 0.25)).tolist())  # of the lowest bit that is read, or a quarter
    assert name != "identity" or drawn == {-2, -1, 0, 1, 2}


def test_biases_are_multiples_of_what_is_read() -> None:
    """Without it a bias would be finer than the sums, and cost them bits."""
    found = {value for seed in range(30) for value in _candidates(generator(seed), 4, 0.5, SIGNS).tolist()}
    assert found == {-1.0, -0.5, 0.0, 0.5, 1.0}
    assert len(set(np.abs(_candidates(generator(0), 40, 0.5, SIGNS)).tolist())) == 3  # each column has its own
    assert {value for seed in SEEDS for value in _candidates(generator(seed), 4, 0.5, (1.0,)).tolist()} == {
        0.0,
        0.5,
        1.0,
    }
    v = np.full((2, 5), 6.0)
    for layer, unit in ((Hidden(5), 2.0), (None, 1.0)):
        link = link_of(0, 8, 5)
        small = v if layer else v / 64
        b = np.concatenate([biases(layer, link, small.copy(), 0, generator(seed), (1.0,)) for seed in SEEDS])
        assert set(b.tolist()) == {0, min(unit, 1.0) if layer else 0.25, 2 * min(unit, 1.0) if layer else 0.5}


def test_where_no_small_bias_keeps_off_the_kink_a_large_one_does() -> None:
    """Without it a unit that reads every whole number would have no bias at all."""
    v = np.arange(-8.0, 9.0)[:, None]
    link = Link(1, 1, np.array([0]), np.array([0]), np.array([1.0]), {}, 1, 1, 1)
    for seed in SEEDS:
        b = biases(Hidden(1, "absolute"), link, v.copy(), 0, generator(seed), SIGNS)
        assert b.tolist() == [9.0]


def test_fixed_biases_are_those_of_lanes() -> None:
    """Without it a lane would read a sum of two terms, or be flipped where it is dead."""
    link = link_of(0, 6, 5, paths=np.array([[1, 4]]))
    h = -np.ones((3, 6))
    v = link.apply(h)
    b = biases(Hidden(5), link, v, 0, generator(0), SIGNS)
    assert b[4] == 0
    assert link.matrix()[1, 4] == 2
    assert (v[:, 4] == -2).all()


def test_the_witness_of_hard_tanh_is_inside_and_no_row_at_its_ends() -> None:
    """Without it the witness would be saturated, or a slope be a matter of choice."""
    halves = set()
    for seed in range(20):
        v = generator(seed).integers(-4, 5, (9, 6)) / 1.0
        z = v + _centred(generator(seed), v, 3)
        assert (np.abs(z[3]) < 1).all()
        assert (np.abs(z) != 1).all()
        halves |= set(z[3].tolist())
    assert halves <= {-0.5, 0.0, 0.5}
    assert len(halves) == 3
    fine = np.array([[0.0], [0.5], [1.0], [1.5], [-0.5], [-1.0], [-1.5]])  # a half away another row is at an end
    z = fine + _centred(generator(0), fine, 0)
    assert abs(float(z[0, 0])) == 0.25
    quarters = np.array([[0.0], [1.0], [0.25]])  # where a half is enough, it is a half
    assert abs(float((quarters + _centred(generator(0), quarters, 0))[0, 0])) == 0.5
    alone = np.array([[5.0], [5.25]])
    assert (alone + _centred(generator(0), alone, 0))[0, 0] == 0


def test_pieces_that_tie_anywhere_are_set_apart() -> None:
    """Without it two pieces would win at once, and any share of their slopes be right."""
    for seed in range(20):
        read = generator(seed).integers(-3, 4, (40, 12)).astype(float)  # rows so many that small offsets meet
        z = (read + _distinct(generator(seed), read, 5, 3, np.array([], int))).reshape(40, 4, 3)
        assert (np.diff(np.sort(z, axis=2), axis=2) > 0).all()
        assert z[5].argmax(axis=1).tolist() == [0, 1, 2, 0]
    b = _distinct(generator(0), np.zeros((2, 12)), 0, 3, np.array([3, 4, 5]))
    assert not b[3:6].any()  # given elsewhere
    z = b.reshape(4, 3)[[0, 2, 3]]
    assert z.argmax(axis=1).tolist() == [0, 1, 2]
    assert set(b.tolist()) == {0.0, -1.0, -2.0}
    apart = np.repeat([[0.0], [10.0]], 12, axis=1)  # of rows that are apart no offset need be large
    assert set(_distinct(generator(0), apart, 0, 3, np.array([], int)).tolist()) <= {0.0, -1.0, -2.0}

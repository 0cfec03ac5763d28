"""Exact cases as they are made: how many bits, residuals and lanes they have, before any is thrown away.

``exact_case`` tries again with less where an attempt is not exact, so that what an attempt lacks does not show in what
comes out of it: here single attempts are looked at.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ffn import Hidden, Output
from ffn.cases.exact.arithmetic import Rounds, lowest_bit
from ffn.cases.exact.certificate import EXACT_ANSWERS, exactly
from ffn.cases.exact.making import (
    ATTEMPTS,
    _activated,
    _bits,
    _fan,
    _in_turn,
    _inputs,
    _made,
    _targets,
)
from ffn.numbers.precision import NAMES, precision
from tests.conformance.cases.attempts import NETWORK, recipe, used_bits

ACTIVATED = {
    "relu": Hidden(11),
    "maxout": Hidden(11, "maxout", pieces=3),
    "leaky_relu": Hidden(11, "leaky_relu", 0.5),
    "absolute": Hidden(11, "absolute"),
    "hard_tanh": Hidden(11, "hard_tanh"),
    "identity": Hidden(11, "identity"),
}


NO_LANES = np.empty((0, 3), int)


@pytest.mark.parametrize("dtype", NAMES)
@pytest.mark.parametrize("layer", ACTIVATED.values(), ids=ACTIVATED)
@pytest.mark.parametrize("depth", [0, 1, 2, 3])
def test_small_networks_are_exact_at_the_first_attempts(depth: int, layer: Hidden, dtype: str) -> None:
    """Without it cases would be as thrifty as the last attempt makes them: one sign, and two residuals."""
    network = replace(NETWORK, hidden=(layer,) * depth)
    first = []
    for thrift in range(ATTEMPTS):
        case = _made(recipe(network, dtype=dtype, thrift=thrift))
        try:
            assert [exactly(name, case) for name in EXACT_ANSWERS]
        except Rounds:
            continue
        first.append(thrift)
    assert first
    assert first[0] <= (0 if dtype == "float64" or (depth < 3 and dtype == "float32") else 4), first
    assert first[0] < ATTEMPTS - 2 or dtype in ("float16", "bfloat16")


@pytest.mark.parametrize("layer", ACTIVATED.values(), ids=ACTIVATED)
def test_a_made_case_is_of_the_network_and_open_in_one_row(layer: Hidden) -> None:
    """Without it the row that shows every path could have dead units, or other rows as many residuals."""
    for seed, depth in ((0, 1), (1, 2), (2, 3)):
        network = replace(NETWORK, hidden=(layer,) * depth)
        case = _made(recipe(network, seed=seed))
        assert case.network == network
        assert {array.dtype for array in case.arrays()} == {np.dtype(np.float32)}
        wide = case.cast("float64")
        h, alive = wide.x, np.ones(8, bool)
        for each, (W, b) in zip((*network.hidden, None), wide.parameters, strict=True):
            z = np.tensordot(h, W, 1) + b
            if each is None:
                continue
            if each.activation == "relu":
                alive &= (z > 0).all(axis=1)
            if each.activation == "hard_tanh":
                alive &= (np.abs(z) < 1).all(axis=1)
            if each.activation == "maxout":
                winners = z.argmax(axis=2)
                assert set(winners.ravel().tolist()) == {0, 1, 2}
            h = _activated(each, z)
        assert alive.any()
        residuals = z - wide.y
        assert (np.count_nonzero(residuals, axis=1) <= 1).sum() >= 7  # of all rows but the witness one target each


@pytest.mark.parametrize("answers", [("forward",), ("gradient",)])
def test_each_lane_has_one_weight_of_full_significand(answers: tuple[str, ...]) -> None:
    """Without it a copy of the weights in fewer bits would give the same answers."""
    layers: set[int] = set()
    for seed in range(20):
        case = _made(recipe(replace(NETWORK, hidden=(Hidden(11),) * 2), answers=answers, seed=seed))
        full = [int((used_bits(W) == 24).sum()) for W, _ in case.parameters]
        assert sum(full) == 1
        assert all(
            (used_bits(W) <= 1).sum() + count == np.count_nonzero(W)
            for (W, _), count in zip(case.parameters, full, strict=True)
        )
        layers.add(full.index(1))
        values = np.concatenate([np.abs(W[W != 0]) for W, _ in case.parameters])
        assert ((values <= 1) & (values >= 0.5)).all()
    assert layers == ({0, 1, 2} if answers == ("forward",) else {2})  # or gradients would be sums of many bits


@pytest.mark.parametrize(
    "change",
    [{"bits": 4}, {"network": replace(NETWORK, output=Output("laplace"))}, {"network": replace(NETWORK, inputs=1)}],
)
def test_there_are_no_lanes_where_they_would_be_seen_by_nobody_or_round(change: Any) -> None:
    """Without it few bits would be many in one weight, or the sign of a residual be all that the lane tells."""
    for seed in range(5):
        case = _made(recipe(seed=seed, **change))
        assert max(used_bits(W).max() for W, _ in case.parameters) == 1


@pytest.mark.parametrize(("dtype", "most"), [("float16", 6), ("bfloat16", 5), ("float32", 13), ("float64", 27)])
def test_inputs_have_as_many_bits_as_sums_leave(dtype: str, most: int) -> None:
    """Without it products in a narrower precision would give the same answers."""
    p = precision(dtype).bits

    def bits(growth: float, thrift: int = 0, few: int | None = None) -> int:
        x = _inputs(recipe(rows=400, dtype=dtype, answers=("forward",), thrift=thrift, bits=few), NO_LANES, 0, growth)
        assert x.shape == (400, 9)
        assert (np.abs(x) < 2).all()
        assert (x != 0).all()
        found = int(used_bits(x).max())
        assert lowest_bit(x).min() == 2.0 ** (1 - found)
        return found

    assert bits(0) == most
    assert bits(p - 5) == 3
    assert bits(p - 4.5) == 2
    assert bits(p) == 1
    assert bits(0, thrift=1) == most - 2
    assert bits(0, thrift=2) == most - 4
    assert bits(0, few=2) == 2
    assert bits(p, few=2) == 1


def test_inputs_have_both_signs_but_at_the_last_attempts() -> None:
    """Without it nothing would cancel, and a sign that is lost not show."""
    for thrift in range(ATTEMPTS):
        x = _inputs(recipe(rows=50, thrift=thrift), NO_LANES, 0, 0.0)
        assert (x > 0).any()
        assert (x < 0).any() == (thrift < ATTEMPTS - 2)
        W = _made(recipe(thrift=thrift, answers=("forward",))).parameters[0][0]
        assert (W < 0).any() or thrift >= ATTEMPTS - 2


def test_what_lanes_read_are_powers_of_two() -> None:
    """Without it a product in a lane would have more bits than the precision."""
    paths = np.array([[2, 0, 0], [7, 1, 1]])
    for layer, values in (("relu", {1.0, 2.0}), ("hard_tanh", {0.25, 0.5})):
        network = replace(NETWORK, hidden=(Hidden(11, layer), Hidden(11)))
        x = _inputs(recipe(network, rows=60), paths, 0, 0.0)
        assert set(np.unique(x[:, [2, 7]])) == values
        assert used_bits(np.delete(x, [2, 7], 1)).max() == 13


def test_where_cotangents_go_through_a_lane_the_witness_reads_powers_of_two() -> None:
    """Without it a residual of full significand would meet inputs of many bits, and the gradient round."""
    x = _inputs(recipe(rows=60), NO_LANES, 7, 0.0)
    assert used_bits(x[7]).tolist() == [1] * 9
    assert set(np.abs(x[7])) <= {0.5, 1.0}
    assert {1, -1} <= set(np.sign(x[7]))
    assert used_bits(np.delete(x, 7, 0)).max() == 13
    plain = (
        {"answers": ("forward",)},
        {"thrift": 1},
        {"network": replace(NETWORK, weight_decay=0.5)},
        {"network": replace(NETWORK, hidden=(Hidden(11),) * 2)},
    )
    for other in plain:
        assert used_bits(_inputs(recipe(rows=60, **other), NO_LANES, 7, 0.0)[7]).max() > 1  # type: ignore[arg-type]


def residuals(most: int, rows: int = 50, paths: Any = NO_LANES, z: Any = None, **own: Any) -> Any:
    z = np.random.default_rng(1).integers(-9, 9, (rows, 5)) * 1.0 if z is None else z
    return z - _targets(recipe(rows=rows, **own), z, 7, paths, most)


def test_residuals_are_few_and_those_of_rows_at_the_ends_of_tiles_come_first() -> None:
    """Without it a gradient would have more terms than it can sum exactly, or the last row none."""
    other = {"answers": ("forward",)}
    r = residuals(2, **other)
    assert (r[7] != 0).all()
    assert set(np.unique(np.abs(r))) <= {0, 1, 2}
    rows = np.flatnonzero(np.delete(r, 7, 0).any(axis=1))
    assert len(rows) == 2 * 5
    assert (np.count_nonzero(np.delete(r, 7, 0), axis=1) <= 1).all()
    assert (np.count_nonzero(np.delete(r, 7, 0), axis=0) == 2).all()
    assert r[[49, 0, 15, 16, 31, 32]].any(axis=1).all()
    assert np.count_nonzero(np.delete(residuals(99, rows=400, **other), 7, 0)) == 64 * 5
    assert np.count_nonzero(np.delete(residuals(8, thrift=1, **other), 7, 0)) == 2 * 5
    assert np.count_nonzero(np.delete(residuals(8, thrift=2, **other), 7, 0)) == 0
    assert np.count_nonzero(residuals(0, thrift=1, **other)[7]) == 5
    assert np.count_nonzero(residuals(0, thrift=2, **other)[7]) == 1  # of 5 columns a quarter, and one at least
    assert set(np.unique(residuals(64, rows=400, **other))) == {-2, -1, 0, 1, 2}


def test_columns_of_lanes_have_no_residuals_but_where_cotangents_are_judged() -> None:
    """Without it a sum in a lane would have two terms."""
    paths = np.array([[0, 0, 3]])
    z = np.random.default_rng(1).integers(-9, 9, (50, 5)) * 1.0
    z[7, 3] = 11
    assert not residuals(9, paths=paths, z=z, answers=("forward",))[:, 3].any()
    r = residuals(9, paths=paths, z=z)
    assert r[7, 3] == 8  # the power of two below, so that y has as few bits as z
    assert not np.delete(r[:, 3], 7).any()


def test_an_absolute_error_has_no_residual_that_is_0() -> None:
    """Without it it would lie on its kink, where a slope is a matter of choice."""
    r = residuals(0, rows=80, network=replace(NETWORK, output=Output("laplace")))
    assert set(np.unique(r)) == {-2, -1, 1, 2}


def test_rows_at_the_ends_of_tiles_come_first_and_every_other_row_once() -> None:
    """Without it rows that a kernel loses would have residuals by luck."""
    order = _in_turn(np.random.default_rng(0), 70, 31).tolist()
    assert order[:7] == [69, 0, 15, 16, 32, 63, 64]
    assert sorted(order) == [row for row in range(70) if row != 31]
    assert order[7:] != sorted(order[7:])
    assert _in_turn(np.random.default_rng(0), 1, 0).tolist() == []
    assert 1023 in _in_turn(np.random.default_rng(0), 3000, 31).tolist()[:20]
    assert 2048 in _in_turn(np.random.default_rng(0), 3000, 31).tolist()[:20]


def test_bits_are_counted_over_the_common_lowest_one() -> None:
    """Without it a residual more than the sums hold would be put in, and every attempt fail."""
    assert _bits(np.array([[3.0, 8.0]])) == math.log2(9)
    assert _bits(np.array([[0.25, 0.0, -2.0]])) == math.log2(9)
    assert _bits(np.zeros((2, 2))) == 0


def test_sums_have_as_many_terms_as_the_precision_allows() -> None:
    """Without it a layer would read less than it can, or more than is exact."""
    deep = replace(NETWORK, hidden=(Hidden(11),) * 4)
    assert _fan(recipe()) == (2, 2**20)
    assert _fan(recipe(dtype="float16")) == (0, 2**7)
    assert _fan(recipe(thrift=1)) == (0, 2**20)
    assert _fan(recipe(thrift=4)) == (0, 2**18)
    assert _fan(recipe(replace(NETWORK, hidden=(Hidden(11),) * 3))) == (2, 2**18)
    assert _fan(recipe(deep)) == (0, 2**17)
    assert _fan(recipe(deep, dtype="bfloat16")) == (0, 2)
    assert _fan(recipe(deep, dtype="bfloat16", thrift=3)) == (0, 2)

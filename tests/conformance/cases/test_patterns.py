"""The values of planned cases: each named pattern is what its name says, and the rest is as it is without it.

The generator is given, so a pattern is compared with ``plain`` from the same draws; what is drawn at random, such as
which column, is looked at over many seeds.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest

from ffn import Hidden, Network, Output
from ffn.cases import levels as standard
from ffn.cases.case import Case
from ffn.cases.planned import _layer, _mask, _numbers, _recurrent, built, full, inputs, masked, targets, unchanged
from ffn.numbers.precision import NAMES, precision

SHAPES = ((6, 4), (6, 3, 4))
SEEDS = range(40)
PLAIN = {"weights": "plain", "biases": "plain", "data": "plain", "targets": "plain", "magnitude": 0}


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def x_of(pattern: str, shape: tuple[int, ...], seed: int = 0, magnitude: int = 0) -> Any:
    return inputs("float64", {"data": pattern, "magnitude": magnitude}, shape, generator(seed))


def layer_of(shapes: Any, seed: int = 0, dtype: str = "float64", x: Any = None, **patterns: Any) -> Any:
    return _layer(dtype, PLAIN | patterns, x, shapes, generator(seed))


@pytest.mark.parametrize("dtype", NAMES)
def test_numbers_are_near_1_and_of_both_signs(dtype: str) -> None:
    """Without it small numbers would hide in rounding, or in few digits most sums would cancel."""
    numbers = full(dtype, generator(), (200, 200))
    assert numbers.shape == (200, 200)
    assert 0.5 <= np.abs(numbers).min() < 0.51
    assert 1.99 < np.abs(numbers).max() < 2
    share = 0.2 if dtype in ("float16", "bfloat16") else 0.5
    assert abs((numbers < 0).mean() - share) < 5 * math.sqrt(share * (1 - share) / numbers.size)  # 5 sigma
    assert len(np.unique(numbers)) == numbers.size


@pytest.mark.parametrize("shape", SHAPES, ids=len)
def test_inputs_have_their_pattern(shape: tuple[int, ...]) -> None:
    """Without it a level would be tried by its name alone: no column of zeros, no equal rows."""
    places: dict[str, set[int]] = {"zero column": set(), "constant column": set(), "zero row": set(), "one-hot": set()}
    for seed in SEEDS:
        plain = x_of("plain", shape, seed)
        assert (np.abs(plain) >= 0.5).all()
        for pattern, value in (("zero column", 0), ("constant column", 1)):
            x = x_of(pattern, shape, seed)
            (column,) = set(np.nonzero(x != plain)[-1])
            assert (x[..., column] == value).all()
            places[pattern].add(int(column))
        x = x_of("zero row", shape, seed)
        (row,) = set(np.nonzero(x != plain)[0])
        assert (x[row] == 0).all()
        places["zero row"].add(int(row))
        assert (x_of("equal rows", shape, seed) == plain[0]).all()
        whole = x_of("whole", shape, seed)
        assert (np.sign(whole) == np.sign(plain)).all()
        hot = x_of("one-hot", shape, seed)
        assert set(np.unique(hot)) == {0, 1}
        assert (hot.sum(axis=-1) == 1).all()
        places["one-hot"] |= set(hot.argmax(axis=-1).ravel().tolist())
    every = {"zero row": set(range(6))}
    assert all(found == every.get(pattern, set(range(4))) for pattern, found in places.items())
    assert set(np.unique(np.abs([x_of("whole", shape, seed) for seed in SEEDS]))) == {1, 2, 3, 4}
    assert set(np.unique([x_of("halves", shape, seed) for seed in SEEDS])) == {-1, -0.5, 0.5, 1}


@pytest.mark.parametrize("pattern", standard.INPUTS)
def test_a_magnitude_is_a_power_of_two_of_the_same_inputs_and_weights_undo_it(pattern: str) -> None:
    """Without it a large input would saturate everything behind it, and nothing would be told apart."""
    assert (x_of(pattern, (6, 4), magnitude=9) == np.ldexp(x_of(pattern, (6, 4)), 9)).all()
    shapes = ((4, 5), (5,))
    (W, b), (first, same), (later, _) = (
        layer_of(shapes, x=x, magnitude=magnitude) for x, magnitude in ((np.ones(4), 0), (np.ones(4), 9), (None, 9))
    )
    assert (first == np.ldexp(W, -9)).all()
    assert (same == b).all()
    assert (later == W).all()


SQUARES = {"dense": ((4, 5), (5,)), "maxout": ((4, 5, 3), (5, 3)), "more units than inputs": ((2, 5), (5,))}


@pytest.mark.parametrize("dtype", ["float64", "bfloat16"])
@pytest.mark.parametrize("shapes", SQUARES.values(), ids=SQUARES)
def test_plain_weights_keep_pre_activations_near_1(shapes: Any, dtype: str) -> None:
    """Without it units would saturate, or be lost beside the bias."""
    W, b = layer_of(shapes, dtype=dtype)
    gain = 0.5 if dtype == "bfloat16" else 1
    assert (W.shape, b.shape) == shapes
    for size in (np.abs(W) * math.sqrt(len(W)) / gain, np.abs(b) * 2 / gain):
        assert 0.5 <= size.min() < size.max() < 2


@pytest.mark.parametrize("shapes", SQUARES.values(), ids=SQUARES)
def test_weights_have_their_pattern(shapes: Any) -> None:
    """Without it no unit would be dead, saturated or equal to its neighbour where the plan says so."""
    units: dict[str, set[int]] = {pattern: set() for pattern in ("saturated unit", "zero column", "dead unit")}
    scales = set()
    for seed in SEEDS:
        W, b = layer_of(shapes, seed)
        equal = layer_of(shapes, seed, weights="equal units")
        assert (equal[0] == W[:, :1]).all()
        assert (equal[1] == b[:1]).all()
        for pattern, factor in (("saturated unit", 8), ("zero column", 0)):
            changed, same = layer_of(shapes, seed, weights=pattern)
            (unit,) = set(np.nonzero(changed != W)[1])
            assert (changed[:, unit] == factor * W[:, unit]).all()
            assert (same == b).all()
            units[pattern].add(int(unit))
        same, changed = layer_of(shapes, seed, weights="dead unit")
        unit = np.nonzero(changed != b)[0][0]
        assert (changed[unit] == -8 * np.abs(W[:, unit]).sum()).all()
        assert (np.delete(changed, unit, 0) == np.delete(b, unit, 0)).all()
        assert (same == W).all()
        units["dead unit"].add(int(unit))
        scaled = layer_of(shapes, seed, weights="scaled columns")[0] / W
        assert (scaled == scaled[:1]).all()
        scales |= set(scaled.ravel().tolist())
        sparse = layer_of(shapes, seed, weights="one each")[0]
        read = sparse != 0
        assert (read.sum(axis=0) == 1).all()
        assert (sparse[read] == W[read]).all()
        assert all(read[unit % len(W), unit].all() for unit in range(W.shape[1]))
    assert scales == {0.25, 0.5, 1, 2}
    assert all(found == set(range(5)) for found in units.values())


@pytest.mark.parametrize("dtype", NAMES)
@pytest.mark.parametrize("shapes", SQUARES.values(), ids=SQUARES)
def test_a_saturated_unit_that_reads_the_inputs_goes_where_the_exponential_is_nearly_lost(
    shapes: Any, dtype: str
) -> None:
    """Without it a softplus that is linear from 20 on would be seen at some seeds alone, and only if it is far off."""
    bits, reached = precision(dtype).bits, set()
    for seed in SEEDS:
        x = full(dtype, generator(seed), (3, shapes[0][0]))
        (plain, b), (W, same) = (
            layer_of(shapes, seed, dtype, np.ldexp(x, 5), weights=weights, magnitude=5)
            for weights in ("plain", "saturated unit")
        )
        (unit,) = set(np.nonzero(plain != W)[1])
        z = np.ldexp(x, 5) @ W[:, unit]
        assert (same == b).all()
        assert np.ptp(W[:, unit] / plain[:, unit]) <= 1e-9 * np.abs(W[:, unit] / plain[:, unit]).max()
        assert z.max() == np.abs(z).max()
        reached.add(round(float(z.max() / (bits * math.log(2))), 2))
    assert 0.6 <= min(reached) < 0.65 < 0.85 < max(reached) <= 0.9


def test_a_saturated_unit_that_reads_nothing_is_made_larger_all_the_same() -> None:
    """Without it a batch of zeros would end the run in a division by zero."""
    shapes, nothing = ((4, 5), (5,)), np.zeros((2, 4))
    (plain, _), (W, _) = (layer_of(shapes, x=nothing, weights=weights) for weights in ("plain", "saturated unit"))
    assert set(np.unique(W / plain)) == {1, 8}


def test_biases_have_their_pattern() -> None:
    """Without it a bias that is forgotten could be hidden in one that is never large, or never alone."""
    shapes, large = ((4, 5), (5,)), set()
    for seed in SEEDS:
        W, b = layer_of(shapes, seed)
        assert not layer_of(shapes, seed, biases="zero")[1].any()
        assert (layer_of(shapes, seed, biases="proportional")[1] == W[0]).all()
        changed = layer_of(shapes, seed, biases="one large")[1]
        (unit,) = np.flatnonzero(changed != b)
        assert changed[unit] == 4 * b[unit]
        large.add(int(unit))
    assert large == set(range(5))


def y_of(output: Output, pattern: str, units: int, rows: int = 50, seed: int = 0) -> Any:
    network = Network(1, units, output)
    return targets("float64", network, {"rows": rows, "targets": pattern}, generator(seed))


def test_labels_have_their_pattern() -> None:
    """Without it the first or the last class would never be a label, or always."""
    y = {pattern: y_of(Output("categorical"), pattern, 4) for pattern in standard.TARGETS}
    assert set(y["plain"]) == {0, 1, 2, 3}
    assert set(y["ends"]) == {3}
    assert set(y["constant"]) == {2}
    assert set(y["last unused"]) == {0, 1, 2}
    assert (y["sorted"] == np.sort(y["plain"])).all()
    assert (y["whole"] == y["plain"]).all()
    assert (y["far"] == y["plain"]).all()
    assert all(labels.shape == (50,) and labels.dtype.kind == "i" for labels in y.values())
    assert set(y_of(Output("categorical"), "last unused", 1)) == {0}


def test_probabilities_have_their_pattern() -> None:
    """Without it labels of 0 and 1 alone would be tried, or none of them."""
    y = {pattern: y_of(Output("bernoulli"), pattern, 2) for pattern in standard.TARGETS}
    for pattern in ("ends", "whole", "sorted"):
        assert set(np.unique(y[pattern])) == {0, 1}
    assert (np.diff(y["sorted"], axis=0) >= 0).all()
    assert (np.diff(y["ends"], axis=0) < 0).any()
    assert set(np.unique(y["constant"])) == {0.5}
    for pattern in ("plain", "far", "last unused"):
        assert 0 < y[pattern].min() < 0.1 < 0.9 < y[pattern].max() < 1
    assert all(found.shape == (50, 2) for found in y.values())


def test_counts_have_their_pattern() -> None:
    """Without it a log y! that only whole, or only small, counts need would be tried nowhere."""
    y = {pattern: y_of(Output("poisson"), pattern, 2, rows=400) for pattern in standard.TARGETS}
    assert set(np.unique(y["whole"])) == set(range(8))
    assert set(np.unique(y["ends"])) == {0, 1}
    assert set(np.unique(y["constant"])) == {0.5}
    assert 25 <= y["far"].min() < 30 < 175 < y["far"].max() < 180
    assert (y["far"] != y["far"].round()).all()
    for pattern in ("plain", "last unused", "sorted"):
        assert 0.25 <= y[pattern].min() < 0.5 < 8.5 < y[pattern].max() < 9
    assert (np.diff(y["sorted"], axis=0) >= 0).all()


@pytest.mark.parametrize("name", ["gaussian", "laplace", "heteroscedastic"])
def test_real_targets_have_their_pattern(name: str) -> None:
    """Without it residuals would be as small as the outputs, and hide what multiplies them."""
    y = {pattern: y_of(Output(name), pattern, 2, rows=400) for pattern in standard.TARGETS}
    assert 1.5 <= np.abs(y["plain"]).min() < 1.6 < 5.9 < np.abs(y["plain"]).max() < 6
    assert (y["whole"] == y["plain"].round()).all()
    assert (y["far"] == 16 * y["plain"]).all()
    assert (y["sorted"] == np.sort(y["plain"], axis=0)).all()
    assert not y["constant"].any()
    assert y["plain"].shape == (400, 1 if name == "heteroscedastic" else 2)
    mostly = _numbers("float16", name, "plain", (400, 1), generator())
    assert (mostly < 0).mean() > 0.7  # away from outputs that are mostly positive


def test_masks_have_their_pattern() -> None:
    """Without it all units could be kept where the plan says that none is."""
    shape, changed = (5, 4), {"one dropped": set(), "one kept": set()}
    assert (_mask("none dropped", shape, generator()) == 1).all()
    assert (_mask("all dropped", shape, generator()) == 0).all()
    alternating = _mask("alternating", shape, generator())
    assert (alternating == (np.indices(shape).sum(axis=0) % 2)).all()
    for pattern, value in (("one dropped", 0), ("one kept", 1)):
        for seed in range(200):
            mask = _mask(pattern, shape, generator(seed))
            ((row, unit),) = np.argwhere(mask == value)
            changed[pattern].add((int(row), int(unit)))
        assert len(changed[pattern]) == 20
    plain = _mask("plain", (100, 100), generator())
    assert set(np.unique(plain)) == {0, 1}
    assert abs(plain.mean() - 2 / 3) < 5 * math.sqrt(2 / 9 / plain.size)  # 5 sigma
    assert all(_mask(pattern, shape, generator()).dtype == np.float64 for pattern in standard.MASKS)


def test_masks_are_those_of_every_layer_and_in_the_precision() -> None:
    """Without it a mask could be that of another layer, or widen what it multiplies."""
    network = Network(3, 1, Output("gaussian"), (Hidden(4), Hidden(2)))
    parameters = tuple((np.zeros(w, np.float32), np.zeros(b, np.float32)) for w, b in network.shapes)
    case = Case(network, parameters, np.zeros((5, 3), np.float32), np.zeros((5, 1), np.float32))
    found = masked(case, {"masks": "one dropped"}, generator())
    assert found.masks is not None
    assert [mask.shape for mask in found.masks] == [(5, 3), (5, 4), (5, 2)]
    assert all(mask.dtype == np.float32 and mask.sum() == mask.size - 1 for mask in found.masks)


DEEP = {
    **{"depth": 3, "layer 1": Hidden(1), "layer 2": Hidden(1, "tanh"), "width 1": 3, "width 2": 5, "inputs": 4},
    **{"units": 2, "output": Output("gaussian"), "reduction": "sum", "decay": 0.5, "rows": 6},
}


@pytest.mark.parametrize("dtype", NAMES)
def test_a_case_has_its_network_and_the_pattern_in_one_layer(dtype: str) -> None:
    """Without it patterns in every layer would saturate, or cancel, everything."""
    network = Network(
        4, 2, Output("gaussian"), (Hidden(3), Hidden(5, "tanh"), Hidden(3)), reduction="sum", weight_decay=0.5
    )
    patterned: Counter[int] = Counter()
    for seed in range(200):
        case = built(dtype, unchanged, PLAIN | DEEP | {"biases": "zero"}, generator(seed))
        assert case.network == network
        assert (case.x.shape, case.y.shape) == ((6, 4), (6, 2))
        assert {array.dtype.name for array in case.arrays()} == {dtype}
        (place,) = (place for place, (_, b) in enumerate(case.parameters) if not b.any())
        patterned[place] += 1
    assert patterned[0] > patterned[1] > patterned[2] > patterned[3] > 0  # 7, 5, 3 and 1 of 16 are to be expected


def test_the_magnitude_of_the_inputs_is_undone_by_the_first_layer_alone() -> None:
    """Without it what follows would be saturated, or as small as nothing."""
    for seed in range(8):
        small, plain = (
            built("float64", unchanged, PLAIN | DEEP | {"magnitude": magnitude}, generator(seed))
            for magnitude in (-9, 0)
        )
        assert (small.x == plain.x / 2**9).all()
        assert (small.parameters[0][0] == plain.parameters[0][0] * 2**9).all()
        assert all((a[0] == b[0]).all() for a, b in zip(small.parameters[1:], plain.parameters[1:], strict=True))


def test_what_changes_a_case_is_given_the_case_the_levels_and_the_draws() -> None:
    """Without it a factor besides, such as a layout, would be tried by its name alone."""
    given: list[Any] = []
    levels, random = PLAIN | DEEP, generator()
    case = built("float32", lambda *arguments: given.append(arguments) or arguments[0], levels, random)
    assert given == [(case, levels, random)]
    assert unchanged(case, levels, random) is case


def test_a_listed_network_is_taken_as_it_is() -> None:
    """Without it who lists networks would be judged on others."""
    network = Network(2, 3, Output("categorical"), (Hidden(2),))
    case = built("float32", unchanged, PLAIN | {"network": network, "rows": 4}, generator())
    assert case.network is network
    assert (case.x.shape, case.y.shape, case.y.dtype.kind) == ((4, 2), (4,), "i")


RECURRENT = {
    **{"layer 1": Hidden(1, "tanh"), "width 1": 6, "inputs": 3, "units": 2, "output": Output("categorical")},
    **{"reduction": "sum", "steps": 7, "rows": 5, "first state": "plain"},
}


@pytest.mark.parametrize("dtype", NAMES)
def test_a_recurrent_case_has_its_sizes_and_states_that_do_not_grow(dtype: str) -> None:
    """Without it an unbounded state would leave the range over the steps, and nothing be decided."""
    for seed in range(10):
        case = _recurrent(dtype, PLAIN | RECURRENT | {"magnitude": 3, "data": "whole"}, generator(seed))
        (W, U, b), (V, c) = case.parameters
        assert [array.shape for array in (W, U, b, V, c)] == [(3, 6), (6, 6), (6,), (6, 2), (2,)]
        assert (case.x.shape, case.y.shape) == ((5, 7, 3), (5,))
        assert case.h0 is not None
        assert case.h0.shape == (5, 6)
        assert {array.dtype.name for array in (W, U, b, V, c, case.x, case.h0)} == {dtype}
        assert (case.network.hidden, case.network.reduction) == (Hidden(6, "tanh"), "sum")
        norm = np.linalg.norm(U.astype(np.float64), 2)
        assert 0.1 < norm <= 0.51
        size = np.abs(W.astype(np.float64)) * math.sqrt(3) * 8 / standard.gain(dtype)
        assert 0.49 < size.min() < size.max() < 2.01
        assert (case.x / case.x.dtype.type(8) == np.round(case.x / case.x.dtype.type(8))).all()
        assert np.abs(case.h0.astype(np.float64)).min() >= 0.5
        assert len({float(array.ravel()[0]) for array in (U, V, b, c)}) == 4
    zero = _recurrent(dtype, PLAIN | RECURRENT | {"first state": "zero"}, generator())
    assert zero.h0 is not None
    assert not zero.h0.any()


def test_the_patterns_of_a_recurrent_layer_are_in_its_weights_and_its_readout() -> None:
    """Without it an equal unit, or a bias of zero, would be in one of the matrices alone."""
    case = _recurrent("float64", PLAIN | RECURRENT | {"weights": "zero column", "biases": "zero"}, generator())
    (W, U, b), (V, c) = case.parameters
    assert not b.any()
    assert not c.any()
    assert all((~array.any(axis=0)).sum() == 1 for array in (W, U, V))


def test_over_many_steps_a_state_is_kept() -> None:
    """Without it what the first of many steps adds would be below rounding, and a truncated sum be called right."""
    case = _recurrent("float32", PLAIN | RECURRENT | {"steps": 9}, generator())
    U = case.parameters[0][1]
    assert (np.abs(U) == np.eye(6)[np.abs(U).argmax(axis=1)]).all()
    assert (np.eye(6) == U @ U.T).all()
    assert {-1, 1} <= set(U.ravel().tolist())
    assert (np.diag(U) == 0).any()

"""Cases that differ from a case in one thing and in no shape: so that what is mistaken for the other shows."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ffn import ActivationCase, Case, Hidden
from ffn.cases.case import flat
from ffn.conformance.laws.state.others import (
    different,
    larger,
    spread,
    with_another,
    with_larger,
    with_other_biases,
    with_unequal_targets,
)
from ffn.network.activations import ELEMENTWISE
from ffn.numbers.precision import NAMES, dtype_of, precision
from tests.conformance.laws.sequences import CASE, F32, case_of, changed_fields


@pytest.mark.parametrize("name", ["parameters", "x", "y"])
def test_others_differ_in_one_field_and_in_no_shape(name: str) -> None:
    """Without it what is mistaken for what was there before would differ in its shape, and be told apart by that."""
    others = different(CASE, name)
    assert len(others) == 4
    assert all(changed_fields(CASE, other) == {name} for other in others)
    for other in others:
        assert [array.shape for array in other.arrays()] == [array.shape for array in CASE.arrays()]
        assert [array.dtype for array in other.arrays()] == [array.dtype for array in CASE.arrays()]
        replace(other)  # which checks it
    every, last, later, backwards = (flat(getattr(other, name)) for other in others)
    before = flat(getattr(CASE, name))
    assert all((a != b).all() for a, b in zip(every, before, strict=True))
    place = len(before) - (2 if name == "parameters" else 1)
    assert [(a != b).any() for a, b in zip(last, before, strict=True)] == [k == place for k in range(len(before))]
    assert (last[place] != before[place])[..., -1].all()
    assert (last[place] == before[place])[..., :-1].all()
    assert (later[0] == before[0])[0].all()
    assert (later[0] != before[0])[1:].all()
    assert all((a == b).all() for a, b in zip(later[1:], before[1:], strict=True))
    assert all((a == b[::-1]).all() for a, b in zip(backwards, before, strict=True))


@pytest.mark.parametrize("output", ["gaussian", "poisson", "bernoulli", "categorical"])
def test_larger_targets_are_of_the_same_domain(output: str) -> None:
    """Without it the larger ones would be refused, or counts would stay within a short table."""
    case = case_of(output)
    larger_ones = with_larger("y", case)
    assert all(changed_fields(case, other) == {"y"} for other in larger_ones)
    assert len(larger_ones) == (output in ("gaussian", "poisson"))
    for other in larger_ones:
        assert other.y.dtype == case.y.dtype
        expected = case.y * F32(4) if output == "gaussian" else case.y + F32(40)
        assert (other.y == expected).all()


@pytest.mark.parametrize("dtype", NAMES)
def test_numbers_without_room_for_larger_ones_stay(dtype: str) -> None:
    """Without it their squares would overflow, and a loss of infinity be asked about."""
    largest = precision(dtype).largest
    z = np.array([1.5, math.sqrt(largest) / 8, largest]).astype(dtype_of(dtype))
    (other,) = with_larger("z", ActivationCase("tanh", z))
    assert (other.z[:2] == z[:2] * z.dtype.type(4)).all()
    assert other.z[2] == z[2]
    assert other.z.dtype == z.dtype


@pytest.mark.parametrize(
    ("output", "units", "domain"),
    [
        ("categorical", 3, lambda y: set(y.tolist()) <= {0, 1, 2}),
        ("bernoulli", 2, lambda y: ((y >= 0) & (y <= 1)).all()),
        ("poisson", 2, lambda y: (y >= 0).all()),
        ("gaussian", 2, lambda y: True),
    ],
)
def test_other_targets_stay_in_the_domain(output: str, units: int, domain: Any) -> None:
    """Without it the other case would be refused, and nothing be tried."""
    case = case_of(output, units)
    others = different(case, "y")
    assert others
    assert all(domain(other.y) and (other.y.dtype == case.y.dtype) for other in others)
    assert (others[0].y != case.y).all()


def test_other_masks_keep_what_was_dropped() -> None:
    """Without it the other masks would be those of the case."""
    masks = (np.array([[1, 0], [1, 1], [0, 0]], F32), np.ones((3, 3), F32))
    others = different(replace(CASE, masks=masks), "masks")
    assert all(set(np.unique(mask)) <= {0, 1} for other in others for mask in other.masks or ())
    assert [mask.tolist() for mask in others[0].masks or ()] == [(1 - mask).tolist() for mask in masks]


def test_fields_that_cannot_differ_have_no_others() -> None:
    """Without it the same call would be made again in the name of another one."""
    one = case_of(rows=1)
    assert len(different(one, "x")) == 2  # of one row neither the later ones nor their order
    assert len(different(CASE, "x", "y")) == 8


def test_other_biases_are_those_of_every_layer_and_of_the_ends() -> None:
    """Without it a key made of the weights would be right."""
    every, last, first = with_other_biases(CASE)
    (b, c) = (layer[1] for layer in CASE.parameters)
    for other, changed in ((every, (True, True)), (last, (False, True)), (first, (True, False))):
        found = [layer[1] for layer in other.parameters]
        assert tuple((new != old).all() for new, old in zip(found, (b, c), strict=True)) == changed
        assert all(
            new[0] is old[0] or (new[0] == old[0]).all()
            for new, old in zip(other.parameters, CASE.parameters, strict=True)
        )


@pytest.mark.parametrize("what", ["activation", "slope", "reduction", "decay", "output"])
def test_other_networks_have_the_same_shapes_and_differ_in_one_thing(what: str) -> None:
    """Without it a key that leaves that thing out would be right."""
    case = case_of(activation="leaky_relu", units=2)
    others = with_another(what, case)
    field = {"activation": "hidden", "slope": "hidden", "decay": "weight_decay"}.get(what, what)
    assert others
    for other in others:
        network: Any = other.network
        assert network.shapes == case.network.shapes
        assert {
            name
            for name in vars(case.network)
            if name != "shapes" and getattr(network, name) != getattr(case.network, name)
        } == {field}
        assert all(a is b for a, b in zip(other.arrays(), case.arrays(), strict=True))
    values = {str(getattr(other.network, field)) for other in others}
    assert len(values) == len(others) >= {"activation": 7, "slope": 3, "decay": 2}.get(what, 1)
    if what == "slope":
        assert {layer.activation for other in others for layer in other.network.hidden} == {"leaky_relu"}
        assert not with_another("slope", CASE)
    if what == "output":
        assert not with_another("output", case_of("bernoulli"))
    pieces = replace(CASE.network, hidden=(Hidden(3, "maxout", pieces=2),))
    arrays = tuple(tuple(np.ones(shape, F32) for shape in layer) for layer in pieces.shapes)
    maxout = Case(pieces, arrays, CASE.x, CASE.y)
    assert bool(with_another(what, maxout)) == (what not in ("activation", "slope"))


def test_other_activations_are_the_next_ones() -> None:
    """Without it of many activations the same three would be tried beside each."""
    names = [other.network.hidden[0].activation for other in with_another("activation", case_of(activation="tanh"))]
    start = ELEMENTWISE.index("tanh")
    assert names == [*ELEMENTWISE[start + 1 :], *ELEMENTWISE[:start]]


def test_larger_batches_have_other_rows() -> None:
    """Without it a larger batch would be the same rows again."""
    found = larger(CASE)
    assert len(found.x) == len(found.y) == 9
    assert len(np.unique(found.x, axis=0)) == 9
    assert len(larger(CASE, 2).x) == 6
    assert (found.y == np.tile(CASE.y, (3, 1))).all()
    assert found.x.dtype == F32


def test_numbers_are_mild_and_in_no_simple_relation() -> None:
    """Without it what differs would not show in the answer."""
    z = np.arange(-8, 8, dtype=F32).reshape(4, 4)
    found = spread(ActivationCase("tanh", z)).z
    assert (found.dtype, found.shape) == (F32, (4, 4))
    assert np.abs(found).max() < 2
    assert len(np.unique(found)) == 16
    assert len(np.unique(np.diff(found.ravel()))) > 1
    same = spread(ActivationCase("tanh", np.zeros((11,), F32))).z
    assert sorted(same.tolist()) == [k / 8 + 1 / 16 for k in range(-5, 6)]
    given = Case(CASE.network, CASE.parameters, CASE.x, CASE.y)
    assert (spread(given).y == given.y).all()


def test_equal_targets_are_made_unequal() -> None:
    """Without it rows in another order would have the same loss."""
    equal = CASE.changed(y=np.full((3, 2), 0.25, F32))
    found = with_unequal_targets(equal)
    assert (found.y[:-1] == equal.y[:-1]).all()
    assert (found.y[-1] != equal.y[-1]).all()
    assert (equal.y == 0.25).all()
    assert with_unequal_targets(CASE) is CASE

"""A pass by given rules: a slip is in that pass alone."""

from __future__ import annotations

import numpy as np

from ffn import Hidden, Network, Output, initialise
from ffn.network import backward, forward
from ffn.numbers.exact import exact

NETWORK = Network(2, 1, Output("gaussian"), (Hidden(3, "relu"), Hidden(2, "maxout", pieces=2)))
PARAMETERS = tuple(tuple(map(exact.asarray, layer)) for layer in initialise(NETWORK, seed=0))
X, Y = exact.asarray([[1, 2], [-1, 3]]), exact.asarray([[1], [0]])


def gradient(rules: backward.Rules | None = None) -> list[object]:
    return [array for layer in backward.gradient(exact, NETWORK, PARAMETERS, X, Y, rules=rules) for array in layer]


def test_a_planted_slip_leaves_the_judge_alone() -> None:
    """Without it a misconception that is tried would bend the truth that it is held against."""
    before = gradient()
    own = backward.own_rules()
    slipped = gradient(own._replace(affine_input=lambda xp, W, dz: 2 * own.affine_input(xp, W, dz)))
    assert not all(np.array_equal(a, b) for a, b in zip(before, slipped, strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(before, gradient(), strict=True))


def test_what_a_pass_meets_belongs_together() -> None:
    """Without it an exercise could print a ∂z from which its ∂b does not follow."""
    steps = forward.trace(exact, NETWORK, PARAMETERS, X)
    for step, found in zip(steps, backward.cotangents(exact, NETWORK, PARAMETERS, steps, Y), strict=True):
        assert found.dz.shape == step.z.shape
        assert np.array_equal(found.db, found.dz.sum(axis=0))

"""Bugs that some planned case meets, whatever the seed: cases that are drawn come on top of them.

Claims: for each of three seeds a planned case of the law rejects the bug; where the bug shows nowhere none does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest

from ffn.cases.levels import ALIKE
from ffn.cases.plan import Part
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.laws import ALL
from ffn.conformance.verdict import Judgement
from ffn.network.description import Network
from tests.conformance.implementations.textbook import Textbook, textbook

LAWS = {law.name: law for law in ALL}


class Met(NamedTuple):
    """A bug, and the law whose plan meets it."""

    law: str
    bug: Textbook
    dtype: str = "float32"


def laplace_on_its_target(self: Textbook, z: Any, y: Any) -> Any:
    with np.errstate(invalid="ignore"):
        return (z - y) / np.abs(z - y)


def laplace_smoothed(self: Textbook, z: Any, y: Any) -> Any:
    return np.clip((z - y) / z.dtype.type(1e-3), -1, 1)


def softplus_linear_beyond_20(self: Textbook, z: Any, y: Any) -> Any:
    return np.where(z > 20, z, self.softplus(z)) - y * z


def decay_in_each_block(self: Textbook, network: Network, W: Any, x: Any, dz: Any) -> Any:
    """Each of the blocks that rows are added up in begins at λW."""
    blocks = -(-len(x) // 32)
    return self.dot(x.T, dz) + W.dtype.type(blocks * network.weight_decay) * W


def clipped_at_700(self: Textbook, z: Any, y: Any) -> Any:
    return Textbook.poisson(self, z, y) - np.exp(z) + np.exp(np.clip(z, -700, 700))


def linear_near_zero(self: Textbook, z: Any) -> Any:
    return np.where(np.abs(z) < 0.01, z, Textbook.tanh(self, z)).astype(z.dtype)


def sloped_linear_beyond_20(self: Textbook, z: Any, h: Any) -> Any:
    return np.where(z > 20, 1, Textbook.softplus_slope(self, z, h)).astype(z.dtype)


BUGS = (
    Met("activation/tanh/value", textbook("tanh z as z below a hundredth", tanh=linear_near_zero)),
    Met("exact/gradient", textbook("decay once a block of 32 rows", weight_gradient=decay_in_each_block)),
    Met("output/poisson/extreme loss", textbook("exponential clipped at 700", poisson=clipped_at_700), "float64"),
    Met("output/laplace/gradient", textbook("0/0 on the target", laplace_gradient=laplace_on_its_target)),
    Met("output/laplace/gradient", textbook("smoothed next to the target", laplace_gradient=laplace_smoothed)),
    Met("output/laplace/gradient", textbook("smoothed", laplace_gradient=laplace_smoothed), "float64"),
    Met("confidence/wrong", textbook("softplus linear beyond 20", bernoulli=softplus_linear_beyond_20), "float64"),
    Met("gradient/softplus", textbook("slope 1 beyond 20", softplus_slope=sloped_linear_beyond_20), "float64"),
)


def judgements(met: Met, program: Textbook, seed: int) -> Iterator[Judgement]:
    """What the law says on the cases that are planned in this precision where the one beside it is judged too."""
    law, group = LAWS[met.law], next(group for group in ALIKE if met.dtype in group)
    plan = law.plan(met.dtype)  # type: ignore[misc]
    part = Part(group.index(met.dtype), len(group))
    for _, case in plan.cases(f"{seed} {law.chapter} {met.dtype}", part=part):
        yield law(case, Subject(program))


@pytest.mark.parametrize("met", BUGS, ids=lambda met: met.bug.name)
def test_a_planned_case_meets_the_bug_at_every_seed(met: Met) -> None:
    """Without it that would be left to the few cases that are drawn."""
    for seed in range(3):
        assert any(judgement.fails for judgement in judgements(met, met.bug, seed)), seed
    assert not any(judgement.fails for judgement in judgements(met, Textbook(), 0))

"""A case whose numbers are spread, and everything that the reference offers of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ffn import Case, Hidden, Network, Output, reference
from ffn.cases.case import flat
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import Offered
from ffn.conformance.laws.state.others import (
    spread,
)
from ffn.numbers.precision import precision

F32 = np.float32
MODEL = precision("float32")


def case_of(output: str = "gaussian", units: int = 2, rows: int = 3, activation: str = "tanh", **own: Any) -> Case:
    network = Network(2, units, Output(output), (Hidden(3, activation),), **own)
    random = np.random.default_rng(0)
    arrays = tuple(tuple(random.uniform(-1, 1, shape).astype(F32) for shape in layer) for layer in network.shapes)
    y: Any = random.uniform(0.1, 0.9, (rows, network.targets)).astype(F32)
    if output == "categorical":
        y = np.arange(rows) % units
    return spread(Case(network, arrays, random.uniform(-1, 1, (rows, 2)).astype(F32), y))


CASE = case_of()
ALL = Offered(("forward", "loss", "gradient"), Subject(reference))


def changed_fields(one: Case, other: Case) -> set[str]:
    before = dict(one.trees())
    return {
        name
        for name, tree in other.trees()
        if any(a.tobytes() != b.tobytes() for a, b in zip(flat(tree), flat(before[name]), strict=True))
    }

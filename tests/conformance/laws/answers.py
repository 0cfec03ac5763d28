"""An implementation whose single answers can be changed, and a network to ask it about."""

from __future__ import annotations

from typing import Any

import numpy as np

from ffn import Case, Hidden, Network, Output, reference
from ffn.conformance.implementation.subject import Subject
from ffn.conformance.law import Offered
from ffn.numbers.precision import precision

F32 = np.float32
MODEL = precision("float32")


class Answers:
    """The reference, whose answer may be another."""

    name, dtypes = "answers", ("float32", "float64")

    def __init__(self, **own: Any) -> None:
        self.own = own

    def __getattr__(self, name: str) -> Any:
        if name not in ("forward", "loss", "gradient", "activation", "slope"):
            raise AttributeError(name)
        right = getattr(reference, name)
        own = self.__dict__["own"].get(name)
        return right if own is None else lambda *given: own(right(*given), *given)


def offered(*names: str, **own: Any) -> Offered:
    return Offered(names, Subject(Answers(**own)))


def network_case(rows: int = 3, output: str = "gaussian", depth: int = 1, **own: Any) -> Case:
    network = Network(2, 2, Output(output), (Hidden(3),) * depth, **own)
    random = np.random.default_rng(0)
    arrays = tuple(tuple(random.uniform(-1, 1, shape).astype(F32) for shape in layer) for layer in network.shapes)
    y: Any = np.arange(rows) % 2 if output == "categorical" else random.uniform(-1, 1, (rows, 2)).astype(F32)
    return Case(network, arrays, random.uniform(0.1, 1, (rows, 2)).astype(F32), y)

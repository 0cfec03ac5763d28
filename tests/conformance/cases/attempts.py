"""One attempt at an exact case, and what its numbers take."""

from __future__ import annotations

from typing import Any

import numpy as np

from ffn import Hidden, Network, Output
from ffn.cases.exact.arithmetic import lowest_bit
from ffn.cases.exact.certificate import EXACT_ANSWERS
from ffn.cases.exact.making import (
    _Recipe,
)

NETWORK = Network(9, 5, Output("gaussian"), (Hidden(11),), "sum")


def recipe(
    network: Network = NETWORK,
    rows: int = 8,
    dtype: str = "float32",
    answers: tuple[str, ...] = EXACT_ANSWERS,
    bits: int | None = None,
    seed: int = 0,
    thrift: int = 0,
) -> _Recipe:
    return _Recipe(network, rows, dtype, answers, bits, np.random.default_rng(seed), thrift)


def used_bits(array: Any) -> Any:
    """Of each number that is not 0, the significand bits that it needs."""
    values = np.abs(array.astype(np.float64))
    values = values[values > 0]
    return np.floor(np.log2(values / lowest_bit(values))).astype(int) + 1

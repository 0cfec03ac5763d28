"""The code's own functions, run on float64: what the figures draw."""

from __future__ import annotations

from typing import Any

import numpy as np

from ffn import reference
from ffn.network.description import Network, Output
from ffn.numbers.floating import floating

FLOATS = floating("float64")
GAUSSIAN = Output("gaussian")


def outputs(network: Network, parameters: Any, x: Any) -> Any:
    """The outputs of a network with one input and one output at the points x."""
    rounded = tuple((np.asarray(W, dtype=np.float64), np.asarray(b, dtype=np.float64)) for W, b in parameters)
    return reference.forward(network, rounded, np.reshape(x, (-1, 1)))[:, 0]

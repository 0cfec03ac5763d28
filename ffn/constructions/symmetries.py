"""Other parameters of the same function: hidden units permuted, rescaled, or turned.

The parameters of a network are therefore never determined by the function that it computes.

Sources: Goodfellow, Bengio & Courville 2016, section 8.2.2 (weight space symmetry); Chen, Lu & Hecht-Nielsen 1993.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ffn.network.description import Parameters


def permute_units(parameters: Parameters, layer: int, order: Sequence[int]) -> Parameters:
    """The parameters with the units of one hidden layer in another order; any activation, also maxout.

    Args:
        parameters: of a network.
        layer: which hidden layer, from 0.
        order: every unit's index once.

    Raises:
        ValueError: when ``order`` is not a permutation of the layer's units, or ``layer`` not a hidden layer.
    """
    (W, b), (V, c) = _beside(parameters, layer)
    if sorted(order) != list(range(b.shape[0])):
        raise ValueError(f"an order of {b.shape[0]} units is needed, not {order!r}")
    units = list(order)
    return _replaced(parameters, layer, (W[:, units], b[units]), (V[units], c))


def rescale_units(parameters: Parameters, layer: int, factors: Any) -> Parameters:
    """(w, b, v) ↦ (fw, fb, v/f) for the units of one hidden layer: what is done to a unit's input, its output undoes.

    The function stays the same where g(fz) = f g(z): for f > 0 with relu, leaky relu and the absolute value, for f = −1
    with tanh, for every f ≠ 0 with the identity.

    Args:
        parameters: of a network; the layer is not maxout.
        layer: which hidden layer, from 0.
        factors: (units,), the array of a number system; none is 0.

    Raises:
        ValueError: when ``layer`` is not a hidden layer, or there is not one factor other than 0 for each of its units.
    """
    (W, b), (V, c) = _beside(parameters, layer)
    if factors.shape != b.shape or np.any(factors == 0):
        raise ValueError(f"factors other than 0 are needed, of the shape {b.shape}, not {factors!r}")
    return _replaced(parameters, layer, (W * factors, b * factors), (V / factors.reshape(-1, 1), c))


def _beside(parameters: Parameters, layer: int) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """The parameters into a hidden layer, and those out of it."""
    if not 0 <= layer < len(parameters) - 1:
        raise ValueError(f"hidden layers are 0 to {len(parameters) - 2}, not {layer}")
    return parameters[layer], parameters[layer + 1]


def _replaced(parameters: Parameters, layer: int, into: tuple[Any, Any], out: tuple[Any, Any]) -> Parameters:
    return (*parameters[:layer], into, out, *parameters[layer + 2 :])

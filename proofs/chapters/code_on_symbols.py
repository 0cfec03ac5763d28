"""The code's own functions, run on symbols: the other side of the ties."""

from __future__ import annotations

from typing import Any

from ffn.network import backward
from ffn.network.activations import activation_named
from ffn.network.description import Hidden, Network, Output
from ffn.numbers.symbolic import symbolic


def shipped(name: str, which: str, slope: float | None = None) -> Any:
    """z → value or slope of an activation, by the code on a symbol."""
    activation = activation_named(name, slope)
    return lambda at: getattr(activation, which)(symbolic, symbolic.asarray([at]))[0]


def shipped_other_slope(name: str) -> Any:
    """z → slope from the output, by the code on a symbol."""
    activation = activation_named(name)

    def run(at: Any) -> Any:
        values = symbolic.asarray([at])
        return activation.other_slopes[0](symbolic, values, activation.value(symbolic, values))[0]

    return run


def network_1(hidden: str | None, output: str = "gaussian", decay: float = 0.0) -> Network:
    """One input, at most one hidden unit, one output."""
    layers = () if hidden is None else (Hidden(1, hidden),)
    return Network(1, 1, Output(output), layers, weight_decay=decay)


def gradients(network: Network, weights: tuple[Any, ...], row: Any, target: Any) -> list[Any]:
    """The gradient by every (W, b) of such a network, by the code on symbols; ``weights`` are W₁, b₁, W₂, …"""
    arrays_of = [symbolic.asarray([[value]]) for value in weights]
    parameters = tuple((W, bias[0]) for W, bias in zip(arrays_of[::2], arrays_of[1::2], strict=True))
    rows, targets = symbolic.asarray([[row]]), symbolic.asarray([[target]])
    result = backward.gradient(symbolic, network, parameters, rows, targets)
    return [part.item() for pair in result for part in pair]

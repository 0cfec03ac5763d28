"""The code's own functions, run on symbols: the other side of the ties."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy

from ffn.network import backward
from ffn.network.activations import activation_named
from ffn.network.description import Hidden, Network, Output
from ffn.numbers.arrays import elementwise
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


class Kernels:
    """What the formulas of ``ffn.admissible.formulas`` ask of a namespace, on arrays of sympy expressions."""

    exp = staticmethod(elementwise(sympy.exp))
    log = staticmethod(elementwise(sympy.log))
    abs = staticmethod(elementwise(sympy.Abs))
    erf = staticmethod(elementwise(sympy.erf))
    tanh = staticmethod(elementwise(sympy.tanh))
    sum = staticmethod(np.sum)
    mean = staticmethod(np.mean)
    take = staticmethod(np.take)
    take_along_axis = staticmethod(np.take_along_axis)

    def max(self, x: Any, axis: int, keepdims: bool) -> Any:
        """A pivot: any number is right."""
        return np.zeros_like(x[..., :1])

    def stop_gradient(self, x: Any) -> Any:
        return x

    def where(self, condition: Any, a: Any, b: Any) -> Any:
        """By cases that the symbols decide: their signs are declared."""
        return np.where(np.asarray(condition, dtype=bool), a, b)


kernels = Kernels()


def without_floats(expr: Any, constants: Mapping[float, Any] | None = None) -> Any:
    """Floats as the fractions that they are; those that stand for a constant, rounded, as the constant."""
    exactly = {sympy.Float(value): constant for value, constant in (constants or {}).items()}
    return sympy.sympify(expr).replace(lambda e: e.is_Float, lambda e: exactly.get(e, sympy.Rational(e)))

"""Plans of single pieces: activations at their special values and kinks, maxout units, confident predictions."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ffn.cases import levels as standard
from ffn.cases.case import ActivationCase, Case
from ffn.cases.networks import EVERYTHING, Supported, first_reduction, first_supported, supported_of
from ffn.cases.plan import Levels, NoCase, Plan
from ffn.cases.planned import PLAIN, Generator, built, full, network_plan, unchanged
from ffn.cases.strategies import (
    MARGINS,
    confident,
    confident_heads,
    on_a_kink,
    ordinary_values,
    read_off,
    special_values,
)
from ffn.network.activations import activation_named
from ffn.network.description import Hidden, Network, Output
from ffn.numbers.precision import dtype_of, precision


def activation_plan(dtype: str, name: str, supported: Supported = EVERYTHING) -> Plan:
    """Every special value of an activation, together and in arrays of every length, and ordinary numbers likewise.

    Arrays lie in a row, in a matrix as square as their length allows, or are their first number alone.
    """
    supported_of((name,), supported.functions, "activation")

    def built(levels: Levels, generator: Generator) -> ActivationCase:
        special = generator.permutation(special_values(name, dtype))
        length = levels["length"] or len(special)
        ordinary = ordinary_values(dtype, length, generator)
        z = special[:length] if levels["values"] == "special" else ordinary
        return ActivationCase(name, _shaped(z, levels["shape"]))

    factors = {"length": (0, *standard.LENGTHS), "values": ("special", "ordinary"), "shape": standard.SHAPES}
    return Plan(factors, built)


def _shaped(z: npt.NDArray[Any], shape: str) -> npt.NDArray[Any]:
    if shape == "number":
        return z[:1].reshape(())
    rows = max(rows for rows in range(1, math.isqrt(z.size) + 1) if z.size % rows == 0)
    return z.reshape(rows, -1) if shape == "matrix" else z


def kink_plan(dtype: str, names: tuple[str, ...], supported: Supported = EVERYTHING) -> Plan:
    """Every kinked activation at each of its kinks; 0 with either sign."""

    def built(levels: Levels, generator: Generator) -> ActivationCase:
        kinks = [float(kink.at) for kink in activation_named(levels["activation"]).kinks]
        kink = kinks[levels["kink"] % len(kinks)]
        return ActivationCase(levels["activation"], np.array([kink, -0.0 if kink == 0 else kink], dtype_of(dtype)))

    return Plan({"activation": supported_of(names, supported.functions, "activation"), "kink": (0, 1)}, built)


def kinked_network_plan(dtype: str, activations: tuple[str, ...], supported: Supported = EVERYTHING) -> Plan:
    """One hidden layer whose pre-activations lie on a kink for a row of zeros."""

    def change(case: Case, levels: Levels, generator: Generator) -> Case:
        return on_a_kink(case, levels["kink"])

    return network_plan(
        dtype,
        activations,
        first_supported(("gaussian", "bernoulli", "categorical", "laplace", "poisson"), supported),
        depths=(1,),
        rows=(1, 2, 3),
        further={"kink": (0, 1)},
        change=change,
        supported=supported,
    )


def maxout_plan(dtype: str, ties: tuple[str, ...], supported: Supported = EVERYTHING) -> Plan:
    """One maxout layer, read off by a last layer that copies its units, whose pieces tie or not."""
    supported_of(("maxout",), supported.activations, "activation")
    supported_of((1,), supported.depths, "depth")
    output = first_supported(("gaussian", "laplace", "bernoulli", "poisson"), supported)[0]
    reduction = first_reduction(supported)[0]
    sizes = standard.sizes(dtype)[:4]

    def made(levels: Levels, generator: Generator) -> Case:
        units, pieces = levels["units"], levels["pieces"]
        layer = Hidden(units, "maxout", pieces=pieces)
        network = Network(levels["inputs"], units, Output(output), (layer,), reduction)
        case = built(dtype, unchanged, {**levels, "network": network, "magnitude": 0, **PLAIN}, generator)
        tied = _tied(levels["ties"], pieces)
        (W, b), _ = case.parameters
        return read_off(case, W[..., tied], b[..., tied])

    factors = {"pieces": (2, 3, 4, 9), "units": sizes, "inputs": sizes, "rows": (1, 2, 3), "ties": ties}
    return Plan(factors | {"data": standard.INPUTS, "targets": standard.TARGETS[:4]}, made, shared=True)


def _tied(pattern: str, pieces: int) -> list[int]:
    """Of each piece, the piece that it equals."""
    first = list(range(pieces))
    return {
        "all": [0] * pieces,
        "none": first,
        "first two": [0, 0, *first[2:]],
        "last two": [*first[:-1], pieces - 2],
    }[pattern]


def confident_plan(dtype: str, right: bool, supported: Supported = EVERYTHING) -> Plan:
    """Every margin, for or against the target, of every number of classes.

    For the target, those up to 1/√u: the loss may be the difference of two numbers as large as the margin, and of one
    near 0 nothing is left beyond.
    """

    def built(levels: Levels, generator: Generator) -> Case:
        network: Network = levels["network"]
        logits = full(dtype, generator, (network.units,)).astype(dtype_of(dtype))
        return confident(network, logits, levels["margin"], levels["favoured"] % network.units, right)

    margins = tuple(m for m in MARGINS if not right or m <= precision(dtype).unit_roundoff ** -0.5)
    factors = {"network": confident_heads(supported), "margin": margins, "favoured": (0, 1)}
    return Plan(factors, built)


# What the biases of an output are moved by, beyond where programs clip, clamp or cancel.
EXTREMES = {
    "poisson": {"high": 1.0, "low": -1.0},  # times what the logarithm of the largest number is above BELOW
    "heteroscedastic": {"s = −25": -25.0, "s = −12": -12.0, "s = 12": 12.0, "s = 25": 25.0},
    "gaussian": {"z = 64": 64.0, "z = −64": -64.0},
}
BELOW = 6.0  # where e^z is a four hundredth of the largest: programs also clip z at ±700 in float64
# The share of these moves that a precision of few digits, or of a small range, has room for.
IN_FEW_DIGITS = {"poisson": 1 / 8, "heteroscedastic": 1 / 8, "gaussian": 1 / 32}


def extremes_plan(dtype: str, output: str, supported: Supported = EVERYTHING) -> Plan:
    """Outputs far from 0: rates and variances near the ends of the range, and targets close to a large mean."""
    supported_of((0,), supported.depths, "depth")
    moves = EXTREMES[output]
    scale = IN_FEW_DIGITS[output] if standard.few_digits(dtype) else 1.0

    def change(case: Case, levels: Levels, generator: Generator) -> Case:
        to, move = dtype_of(dtype), scale * moves[levels["extreme"]]
        if len(case.parameters) > 1:  # of a network that was listed or accepted
            raise NoCase("what moves the biases of an output is a network without hidden layers")
        ((W, b),) = case.parameters
        b, (units, blocks) = b.astype(float), (case.network.units, case.network.output.blocks)
        b[units - units // blocks :] += move * (
            math.log(precision(dtype).largest) - BELOW if output == "poisson" else 1.0
        )
        moved = replace(case, parameters=((W, b.astype(to)),))
        if output == "gaussian":
            z = case.x.astype(float) @ W.astype(float) + b
            moved = replace(moved, y=(z + full(dtype, generator, z.shape) / 4).astype(to))
        return moved

    return network_plan(
        dtype,
        outputs=(output,),
        reductions=first_reduction(supported),
        depths=(0,),
        rows=(1, 2, 3),
        further={"extreme": tuple(moves)},
        change=change,
        supported=supported,
    )

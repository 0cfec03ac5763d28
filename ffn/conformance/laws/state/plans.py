"""What is tried of every output and activation at every seed: each may have something of its own that it remembers."""

from __future__ import annotations

from functools import partial

import numpy as np

from ffn.cases.case import ActivationCase, Case
from ffn.cases.networks import ACTIVATIONS, EVERYTHING, Supported, first_reduction, supported_of
from ffn.cases.plan import Levels, Plan
from ffn.cases.planned import PLAIN, built, full, unchanged
from ffn.cases.strategies import with_smaller_log_variances
from ffn.network.activations import ELEMENTWISE
from ffn.network.description import LEARNED_VARIANCE, OUTPUTS, Hidden, Output
from ffn.numbers.precision import dtype_of

NOT_IDENTITY = tuple(name for name in ELEMENTWISE if name != "identity")  # whose answer may be its argument
LENGTH = 6
SIZES = {"rows": 3, "inputs": 2, "width 1": 3, "width 2": 3, "units": 2}
MILD = {**PLAIN, **SIZES, "data": "plain", "targets": "whole", "magnitude": 0, "decay": 0.0}


def every_activation(dtype: str, supported: Supported = EVERYTHING) -> Plan:
    """A few numbers near 1 for each."""

    def made(levels: Levels, generator: np.random.Generator) -> ActivationCase:
        return ActivationCase(levels["activation"], full(dtype, generator, (LENGTH,)).astype(dtype_of(dtype)))

    return Plan({"activation": supported_of(NOT_IDENTITY, supported.functions, "activation")}, made)


def every_output(dtype: str, supported: Supported = EVERYTHING) -> Plan:
    """One network of each, with a hidden layer where there may be one."""
    made = partial(_mild, dtype)
    if supported.networks:
        listed = {network.output.name: network for network in reversed(supported.networks)}
        return Plan({"network": tuple(listed.values())}, made)
    names = supported_of((*OUTPUTS, *LEARNED_VARIANCE), supported.outputs, "output")
    depth = min(filter(None, supported.depths), default=0)
    layers = supported_of(ACTIVATIONS, supported.activations, "activation") if depth else ()
    factors = {
        "output": tuple(Output(name, 2 if name == "mixture" else None) for name in names),
        "reduction": first_reduction(supported),
        "depth": (depth,),
        **{f"layer {place}": (Hidden(1, layers[0]),) for place in range(1, min(depth, 2) + 1)},
    }
    return Plan(factors, made)


def _mild(dtype: str, levels: Levels, generator: np.random.Generator) -> Case:
    case = built(dtype, unchanged, {**MILD, **levels}, generator)
    return with_smaller_log_variances(case) if case.network.output.name in LEARNED_VARIANCE else case

"""The network as a whole: its output, its loss, and the gradient of every parameter."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from hypothesis import strategies as st

from ffn.cases import levels as standard
from ffn.cases.case import Case
from ffn.cases.networks import ACTIVATIONS, EVERYTHING, Supported, first_supported
from ffn.cases.plan import Plan
from ffn.cases.planned import network_plan
from ffn.cases.strategies import network_cases
from ffn.conformance.law import Law
from ffn.conformance.laws.arguments import as_they_lie
from ffn.conformance.laws.layouts import LAYOUTS, USUAL, laid
from ffn.network.description import OUTPUTS

_LAYOUTS: dict[str, tuple[Any, ...]] = {"layout": (USUAL, *(layout.name for layout in LAYOUTS))}
_one_layer, _one_layer_planned = partial(network_cases, min_depth=1, max_depth=1), partial(network_plan, depths=(1,))


def _one_hidden(activation: str, dtype: str, supported: Supported = EVERYTHING) -> st.SearchStrategy[Case]:
    outputs = first_supported(OUTPUTS, supported)
    return _one_layer(dtype, activations=(activation,), outputs=outputs, supported=supported)


def planned(dtype: str, supported: Supported = EVERYTHING) -> Plan:
    """Networks of every layer upon every other. Laws of several chapters judge the same cases, whose sets are there."""
    plan = network_plan(dtype, depths=standard.depths(dtype), further=_LAYOUTS, change=laid, supported=supported)
    return replace(plan, name="network")


def _one_hidden_planned(activation: str, dtype: str, supported: Supported = EVERYTHING) -> Plan:
    outputs = first_supported(OUTPUTS, supported)
    return _one_layer_planned(dtype, (activation,), outputs, supported=supported)


LAWS = (
    Law(
        "network/output",
        "The last affine output is admissible.",
        ("forward",),
        network_cases,
        as_they_lie,
        plan=planned,
    ),
    Law("network/loss", "The loss is admissible.", ("loss",), network_cases, as_they_lie, plan=planned),
    Law(
        "network/gradient",
        "The gradient of every parameter is admissible, at any depth.",
        ("gradient",),
        network_cases,
        as_they_lie,
        plan=planned,
    ),
    *(
        Law(
            f"gradient/{activation}",
            f"The gradient through one hidden layer of {activation} is admissible.",
            ("gradient",),
            partial(_one_hidden, activation),
            plan=partial(_one_hidden_planned, activation),
        )
        for activation in ACTIVATIONS
    ),
)

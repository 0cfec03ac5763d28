"""The network as a whole: its output, its loss, and the gradient of every parameter."""

from __future__ import annotations

from functools import partial

from hypothesis import strategies as st

from ffn.cases import levels as standard
from ffn.cases.case import Case
from ffn.cases.networks import ACTIVATIONS, EVERYTHING, Supported, first_supported, networks
from ffn.cases.plan import Plan
from ffn.cases.planned import network_plan
from ffn.cases.strategies import cases
from ffn.conformance.law import Law
from ffn.conformance.laws.arguments import as_they_lie
from ffn.conformance.laws.layouts import LAYOUTS, USUAL, laid
from ffn.network.description import OUTPUTS


def _random(dtype: str, supported: Supported = EVERYTHING) -> st.SearchStrategy[Case]:
    return cases(dtype, networks(supported=supported))


def _one_hidden(activation: str, dtype: str, supported: Supported = EVERYTHING) -> st.SearchStrategy[Case]:
    outputs = first_supported(OUTPUTS, supported)
    return cases(dtype, networks((activation,), outputs, min_depth=1, max_depth=1, supported=supported))


def _planned(dtype: str, supported: Supported = EVERYTHING) -> Plan:
    layouts = {"layout": (USUAL, *(layout.name for layout in LAYOUTS))}
    return network_plan(dtype, depths=standard.depths(dtype), further=layouts, change=laid, supported=supported)


def _one_hidden_planned(activation: str, dtype: str, supported: Supported = EVERYTHING) -> Plan:
    outputs = first_supported(OUTPUTS, supported)
    return network_plan(dtype, (activation,), outputs, depths=(1,), supported=supported)


LAWS = (
    Law("network/output", "The last affine output is admissible.", ("forward",), _random, as_they_lie, plan=_planned),
    Law("network/loss", "The loss is admissible.", ("loss",), _random, as_they_lie, plan=_planned),
    Law(
        "network/gradient",
        "The gradient of every parameter is admissible, at any depth.",
        ("gradient",),
        _random,
        as_they_lie,
        plan=_planned,
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

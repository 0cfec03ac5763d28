"""The network as a whole: its output, its loss, and the gradient of every parameter."""

from __future__ import annotations

from functools import partial

from hypothesis import strategies as st

from ffn.cases.case import Case
from ffn.cases.strategies import cases, networks
from ffn.conformance.law import Law
from ffn.network.activations import ELEMENTWISE


def _random(dtype: str) -> st.SearchStrategy[Case]:
    return cases(dtype, networks())


def _one_hidden(activation: str, dtype: str) -> st.SearchStrategy[Case]:
    return cases(dtype, networks((activation,), outputs=("gaussian",), min_depth=1, max_depth=1))


LAWS = (
    Law("network/output", "The last affine output is admissible.", ("forward",), _random),
    Law("network/loss", "The loss is admissible.", ("loss",), _random),
    Law(
        "network/gradient",
        "The gradient of every parameter is admissible, at any depth.",
        ("gradient",),
        _random,
    ),
    *(
        Law(
            f"gradient/{activation}",
            f"The gradient through one hidden layer of {activation} is admissible.",
            ("gradient",),
            partial(_one_hidden, activation),
        )
        for activation in (*ELEMENTWISE, "maxout")
    ),
)

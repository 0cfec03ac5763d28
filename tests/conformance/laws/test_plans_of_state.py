"""Sequences of calls are made of every output and activation: each may have something of its own that it remembers."""

from __future__ import annotations

import pytest

from ffn import Hidden, Network, Output
from ffn.cases.networks import EVERYTHING, Supported
from ffn.conformance.laws.state.plans import NOT_IDENTITY, every_activation, every_output
from ffn.network.description import LEARNED_VARIANCE, OUTPUTS
from ffn.numbers.precision import NAMES


def networks(dtype: str, supported: Supported) -> list[Network]:
    return [case.network for _, case in every_output(dtype, supported).cases("")]


@pytest.mark.parametrize("dtype", NAMES)
def test_every_output_and_every_activation_has_its_calls_at_every_seed(dtype: str) -> None:
    """Without it a table of factorials that is kept would be met where the seed happens to draw counts."""
    assert [network.output.name for network in networks(dtype, EVERYTHING)] == [*OUTPUTS, *LEARNED_VARIANCE]
    assert all(len(network.hidden) == 1 for network in networks(dtype, EVERYTHING))
    assert tuple(case.activation for _, case in every_activation(dtype).cases("")) == NOT_IDENTITY


def test_counts_are_whole_and_few_at_first() -> None:
    """Without it a table would be made for none, or for all that follow."""
    (counts,) = (case.y for _, case in every_output("float32").cases("") if case.network.output.name == "poisson")
    assert (counts == counts.round()).all()
    assert counts.max() < 16


@pytest.mark.parametrize(("depths", "expected"), [((0,), 0), ((0, 1, 2), 1), ((2, 3), 2), ((4,), 4)])
def test_networks_are_as_shallow_as_is_supported_with_a_hidden_layer(depths: tuple[int, ...], expected: int) -> None:
    """Without it who builds none of one layer would be asked about nothing."""
    supported = Supported(("relu",), ("laplace",), depths=depths)
    assert [(len(n.hidden), {layer.activation for layer in n.hidden}) for n in networks("float32", supported)] == [
        (expected, {"relu"} if expected else set())
    ]


def test_of_listed_networks_the_first_of_each_output_is_taken() -> None:
    """Without it each of a long list would be asked for."""
    listed = tuple(
        Network(inputs, 2, Output(name), (Hidden(2),)) for name in ("categorical", "gaussian") for inputs in (2, 3)
    )
    found = networks("float32", Supported(networks=listed))
    assert sorted((n.inputs, n.output.name) for n in found) == [(2, "categorical"), (2, "gaussian")]

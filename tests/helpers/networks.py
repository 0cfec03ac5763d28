"""Small networks on fractions, whose parameters are integers: they shrink to what one can compute by hand."""

from math import prod
from typing import Any

from hypothesis import strategies as st

from ffn.network.description import Hidden, Network, Output, Parameters
from ffn.numbers.exact import exact

integers = st.integers(-3, 3)


def arrays(shape: tuple[int, ...]) -> st.SearchStrategy[Any]:
    """Arrays of small whole numbers, as fractions."""
    entries = st.lists(integers, min_size=prod(shape), max_size=prod(shape))
    return entries.map(lambda values: exact.asarray(values).reshape(shape))


@st.composite
def small_networks(
    draw: st.DrawFn,
    inputs: int = 1,
    activations: tuple[str, ...] = ("relu",),
    most_layers: int = 2,
    most_units: int = 3,
    outputs: int = 1,
) -> tuple[Network, Parameters]:
    """A network with one to ``most_layers`` hidden layers, and its parameters."""
    layer = st.builds(Hidden, st.integers(1, most_units), st.sampled_from(activations))
    hidden = draw(st.lists(layer, min_size=1, max_size=most_layers))
    network = Network(inputs, outputs, Output("gaussian"), tuple(hidden))
    return network, tuple((draw(arrays(W)), draw(arrays(b))) for W, b in network.shapes)

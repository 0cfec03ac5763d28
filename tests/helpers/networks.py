"""Small networks on fractions, whose parameters are integers: they shrink to what one can compute by hand."""

from fractions import Fraction
from math import prod
from typing import Any

from hypothesis import strategies as st

from ffn.network.description import Hidden, Network, Output, Parameters
from ffn.network.forward import objective, trace
from ffn.numbers.exact import exact
from tests.helpers.strategies import integers, lists_of

GAUSSIAN = Output("gaussian")


def arrays(shape: tuple[int, ...]) -> st.SearchStrategy[Any]:
    """Arrays of small whole numbers, as fractions."""
    entries = lists_of(prod(shape), integers)
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
    network = Network(inputs, outputs, GAUSSIAN, tuple(hidden))
    return network, tuple((draw(arrays(W)), draw(arrays(b))) for W, b in network.shapes)


def column(values: Any) -> Any:
    """One number a row."""
    return exact.asarray(values).reshape(-1, 1)


def affine_layers(*arrays: tuple, xp: Any = exact) -> tuple:
    """The parameters ((W, b), …) on the numbers of xp."""
    return tuple((xp.asarray(W), xp.asarray(b)) for W, b in arrays)


def sum_of_units(units: Any, c: Any = 0, activation: str = "relu", reduction: Any = "mean") -> tuple[Network, tuple]:
    """The network Σ v g(wx + b) + c of the units (w, b, v), and its parameters."""
    w, b, v = zip(*units, strict=True)
    network = Network(1, 1, GAUSSIAN, (Hidden(len(w), activation),), reduction)
    return network, affine_layers(([w], b), (column(v), [c]))


def outputs(network: Network, parameters: Any, xs: Any) -> list:
    """The values of a network with one output at rows or, where it has one input, at numbers."""
    return trace(exact, network, parameters, exact.asarray(xs).reshape(len(xs), -1))[-1].h[:, 0].tolist()


def loss(network: Network, parameters: tuple, x: Any, y: Any) -> Fraction:
    """The shipped loss, without the constant that is no fraction."""
    return objective(exact, network, parameters, exact.asarray(x), exact.asarray(y), kernel_only=True)

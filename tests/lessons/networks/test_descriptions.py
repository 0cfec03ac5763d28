"""How a network is described: what its axes are called, what is refused, and that it can be written and read again.

A description says no number of the computation, and decides which are asked for: a wrong one is found by no gradient.
"""

from dataclasses import replace
from typing import Any

import pytest

from ffn.network.description import Hidden, Network, Output, Recurrent
from ffn.network.family import Family

MAXOUT = Network(3, 4, Output("categorical"), (Hidden(5, "maxout", pieces=7), Hidden(6, "tanh")), "sum", 0.5)
LEAKY = Network(2, 12, Output("mixture", 2), (Hidden(3, "leaky_relu", 0.25), Hidden(4, "maxout", pieces=3)))
RECURRENT = Recurrent(2, Hidden(3, "tanh"), 12, Output("mixture", 2), "sum")
DESCRIBED = (MAXOUT, LEAKY, Network(1, 1, Output("poisson")), RECURRENT)


def lengths(described: Network | Recurrent) -> set[tuple[str, int]]:
    """How long each axis is, wherever in the parameters its name stands."""
    arrays = zip(sum(described.axes, ()), sum(described.shapes, ()), strict=True)
    return {(axis, length) for axes, shape in arrays for axis, length in zip(axes, shape, strict=True)}


@pytest.mark.parametrize("described", DESCRIBED, ids=str)
def test_an_axis_has_one_length_wherever_it_stands(described: Network | Recurrent) -> None:
    """Units that are permuted in one array would stay where they were in the next."""
    assert len(dict(lengths(described))) == len(lengths(described))
    assert [len(layer) for layer in described.names] == [len(layer) for layer in described.shapes]


@pytest.mark.parametrize("described", DESCRIBED, ids=str)
def test_a_resized_axis_is_the_only_one_that_is_as_long_as_was_asked(described: Network | Recurrent) -> None:
    """A case that is cut down to a smaller one would be cut along another axis, or not at all."""
    for axis, length in lengths(described):
        resized = described.resized({axis: 2 * length})
        assert lengths(resized) == lengths(described) - {(axis, length)} | {(axis, 2 * length)}
        assert (resized.output, resized.reduction) == (described.output, described.reduction)
    assert described.resized({}) == described


@pytest.mark.parametrize("described", [LEAKY, RECURRENT], ids=str)
def test_components_are_resized_within_the_columns(described: Network | Recurrent) -> None:
    """A mixture would lose a component, and take its numbers for those of a target more."""
    resized = described.resized({"component": 4})
    assert (resized.units, resized.output) == (12, Output("mixture", 4))


@pytest.mark.parametrize("described", DESCRIBED, ids=str)
def test_a_description_can_be_written_and_read_again(described: Network | Recurrent) -> None:
    """A counterexample could not be repeated from what was reported of it."""
    assert type(described).from_json(described.to_json()) == described
    assert eval(repr(described)) == described


def test_what_is_left_out_is_the_default_and_is_not_written() -> None:
    """A description of yesterday would be another network today."""
    assert (Hidden(1).activation, Hidden(1).negative_slope, Hidden(1).pieces) == ("relu", None, None)
    assert Hidden(1, "leaky_relu") == Hidden(1, "leaky_relu", 0.01)
    assert Hidden(1, "maxout") == Hidden(1, "maxout", pieces=2)
    assert Output("mixture") == Output("mixture", 2)
    assert Network(1, 1, Output("gaussian")) == Network(1, 1, Output("gaussian"), (), "mean", 0.0)
    assert Network.from_json('{"inputs": 1, "units": 1, "output": {"name": "poisson"}}') == DESCRIBED[2]
    assert repr(Hidden(1)) == "Hidden(1, 'relu')"
    assert repr(Output("laplace")) == "Output('laplace')"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Hidden(0), "units is a whole number from 1 up, not 0"),
        (lambda: Hidden(True), "units is a whole number from 1 up, not True"),
        (lambda: Hidden(1, "swish"), "unknown activation 'swish': one of identity, relu, .* or maxout"),
        (lambda: Hidden(1, "relu", 0.5), "negative_slope belongs to leaky_relu, not to relu"),
        (lambda: Hidden(1, "relu", pieces=2), "pieces belongs to maxout, not to relu"),
        (lambda: Hidden(1, "maxout", pieces=0), "pieces is a whole number from 1 up, not 0"),
        (lambda: Hidden(1, "leaky_relu", float("inf")), "negative_slope is a finite number, not inf"),
        (lambda: Hidden(1, "leaky_relu", True), "negative_slope is a finite number, not True"),
        (lambda: Output("cauchy"), "unknown output 'cauchy': one of gaussian, .*, mixture"),
        (lambda: Output("poisson", 2), "components belongs to mixture, not to poisson"),
        (lambda: Output("mixture", 0), "components is a whole number from 1 up, not 0"),
        (lambda: Network(0, 1, Output("gaussian")), "inputs is a whole number from 1 up, not 0"),
        (lambda: Network(1, 0, Output("gaussian")), "units is a whole number from 1 up, not 0"),
        (lambda: Network(1, 1, "gaussian"), "output takes Output, not 'gaussian'"),
        (lambda: Network(1, 1, Output("heteroscedastic")), "units of heteroscedastic is a multiple of 2, not 1"),
        (lambda: Network(1, 1, Output("gaussian"), (8,)), "hidden takes Hidden, not 8"),
        (lambda: Network(1, 1, Output("gaussian"), (), "max"), "unknown reduction 'max': mean or sum"),
        (lambda: Network(1, 1, Output("gaussian"), (), "sum", -0.5), "weight_decay is at least 0, not -0.5"),
        (lambda: Network(1, 1, Output("gaussian"), (), "sum", "1"), "weight_decay is a finite number, not '1'"),
        (lambda: replace(RECURRENT, inputs=0), "inputs is a whole number from 1 up, not 0"),
        (lambda: replace(RECURRENT, hidden=3), "hidden takes Hidden, not 3"),
        (lambda: replace(RECURRENT, units=4), "units of mixture is a multiple of 6, not 4"),
        (lambda: replace(RECURRENT, reduction="max"), "unknown reduction 'max': mean or sum"),
        (lambda: Network.from_json('{"inputs": 1}'), "not the description of a Network: 'output'"),
        (lambda: Recurrent.from_json("[]"), "not the description of a Recurrent: .*"),
        (lambda: Family(LEAKY, units=(12, 13)), "units of mixture are multiples of 6, not 13"),
        (lambda: Family.from_json("{}"), "not the description of a family: 'network'"),
    ],
)
def test_what_is_no_description_is_refused_by_the_name_of_what_is_wrong(make: Any, message: str) -> None:
    """A slip in a description would show as a broadcast, or as another network's right answers."""
    with pytest.raises(ValueError, match=f"^{message}$"):
        make()

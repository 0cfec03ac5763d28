"""The factors of plans of networks: their levels, from what is asked for and what an implementation supports."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import Phase, find, settings

from ffn import ActivationCase, Hidden, Network, Output, Recurrent
from ffn.cases import levels as standard
from ffn.cases.networks import NothingSupported, Supported
from ffn.cases.plan import Plan
from ffn.cases.planned import described, layers_of, network_plan, of_plan, recurrent_plan
from ffn.network.description import OUTPUTS

FOUND = settings(max_examples=200, derandomize=True, database=None, deadline=None, phases=[Phase.generate])
GAUSSIAN = Network(2, 1, Output("gaussian"))
DEEP = tuple(replace(GAUSSIAN, hidden=(Hidden(3),) * depth) for depth in range(4))
VALUES = {
    "rows": (1, 2, 3, 5),
    "magnitude": (0, -3, 4),
    "weights": standard.WEIGHTS,
    "biases": standard.BIASES,
    "data": standard.INPUTS,
    "targets": standard.TARGETS,
}


def test_a_plan_of_networks_has_every_factor_with_its_levels() -> None:
    """Without it a factor could lose its levels, and a fault that needs one be found nowhere."""
    small, layers = (1, 2, 3), (Hidden(1, "relu"), Hidden(1, "tanh"))
    asked = partial(network_plan, "float16", ("relu", "tanh"), ("gaussian", "categorical"), ("sum",))
    ends = {
        **{"inputs": small, "units": small, "output": (Output("gaussian"), Output("categorical"))},
        **{"reduction": ("sum",), "decay": (0.0,), **VALUES},
    }
    two = {"layer 1": layers, "layer 2": layers, "width 1": small, "width 2": small}
    one = {name: levels for name, levels in two.items() if name.endswith("1")}
    assert asked(depths=(0,)).factors == {"depth": (0,), **ends}
    assert asked(depths=(0, 1)).factors == {"depth": (0, 1), **one, **ends}
    assert asked(depths=(1, 2)).factors == {"depth": (1, 2), **two, **ends}
    own = {"decay": (0.0, 0.5), "units": (2, 3), "rows": (7,), "kink": (0, 1)}
    assert asked((0.0, 0.5), (0,), (7,), 2, {"kink": (0, 1)}).factors == {"depth": (0,), **ends, **own}
    assert list(asked(depths=(1, 2)).later) == ["width 1", "width 2", "inputs", "units", "rows"]


def test_a_plan_of_networks_is_of_everything_where_nothing_else_is_said() -> None:
    """Without it a law on any network would be tried on some of them."""
    factors = network_plan("float32").factors
    assert factors["depth"] == (0, 1)
    assert [output.name for output in factors["output"]] == list(OUTPUTS)
    assert factors["reduction"] == ("mean", "sum")
    assert factors["layer 1"][-2:] == (Hidden(1, "maxout", pieces=2), Hidden(1, "maxout", pieces=1))
    assert {factors[name] for name in ("inputs", "units", "width 1")} == {(1, 2, 3, 4, 5, 8, 9, 17)}


def test_what_is_not_supported_is_not_planned() -> None:
    """Without it most rows of a limited implementation would be refused, and their pairs lost."""
    limited = Supported(("tanh",), ("poisson",), ("sum",), depths=(2,))
    factors = network_plan("float32", depths=(0, 1, 2), supported=limited).factors
    assert (factors["depth"], factors["layer 1"], factors["layer 2"]) == (
        (2,),
        (Hidden(1, "tanh"),) * 1,
        (Hidden(1, "tanh"),),
    )
    assert (factors["output"], factors["reduction"]) == ((Output("poisson"),), ("sum",))
    affine = replace(limited, activations=(), depths=(0,))
    assert "layer 1" not in network_plan("float32", supported=affine).factors
    for asked in ({"activations": ("relu",)}, {"outputs": ("laplace",)}, {"reductions": ("mean",)}, {"depths": (1,)}):
        with pytest.raises(NothingSupported, match=f"no {next(iter(asked)).removesuffix('s')} of"):
            network_plan("float32", **{"depths": (2,), **asked}, supported=limited)  # type: ignore[arg-type]


def test_networks_that_are_listed_are_planned_as_they_are() -> None:
    """Without it who builds two networks alone would be judged on others, or on those that a law does not mean."""
    listed = Supported(networks=(*DEEP, replace(DEEP[1], output=Output("laplace")), replace(DEEP[1], weight_decay=0.5)))
    asked = partial(network_plan, "float16", outputs=("gaussian",), weight_decays=(0.0,), supported=listed)
    assert asked(depths=(0, 1)).factors == {"network": DEEP, **VALUES}
    assert asked(depths=(1,)).factors["network"] == DEEP[1:]
    assert asked(depths=(2, 3)).factors["network"] == DEEP[2:]
    with pytest.raises(NothingSupported):
        asked(depths=(0, 1), min_units=2)
    with pytest.raises(NothingSupported):
        asked(activations=("tanh",), depths=(1,))
    with pytest.raises(NothingSupported):
        asked(reductions=("sum",))


def test_of_networks_that_are_not_as_deep_as_asked_those_of_one_layer_are_planned() -> None:
    """Without it a law on layers that follow one another would try nothing on who builds one alone."""
    shallow = Supported(networks=DEEP[:2])
    assert network_plan("float16", depths=(2,), supported=shallow).factors["network"] == DEEP[1:2]
    affine = Supported(networks=DEEP[:1])
    for depth in (1, 2):
        with pytest.raises(NothingSupported):
            network_plan("float16", depths=(depth,), supported=affine)


def test_layers_of_one_activation_have_every_slope_and_number_of_pieces_of_several_two_or_one() -> None:
    """Without it a plan of all activations would be one of slopes, or the law on leaky_relu miss some of them."""
    assert layers_of(("relu", "tanh")) == (Hidden(1, "relu"), Hidden(1, "tanh"))
    assert layers_of(("leaky_relu", "maxout")) == (
        *(Hidden(1, "leaky_relu", slope) for slope in (0.01, 0.5)),
        *(Hidden(1, "maxout", pieces=count) for count in (2, 1)),
    )
    for several in (True, False):
        assert [layer.negative_slope for layer in layers_of(("leaky_relu",), several)] == list(standard.SLOPES)
        assert [layer.pieces for layer in layers_of(("maxout",), several)] == list(standard.PIECES)
    one_each = layers_of(("leaky_relu", "maxout"), several=False)
    assert one_each == (Hidden(1, "leaky_relu", 0.5), Hidden(1, "maxout", pieces=2))
    assert one_each[0] != Hidden(1, "leaky_relu")  # or who forgets the slope would be right


def test_levels_describe_a_network() -> None:
    """Without it a width or a layer could be another one than its level says."""
    relu, tanh = Hidden(1, "relu"), Hidden(1, "tanh")
    levels: dict[str, Any] = {
        **{"layer 1": relu, "layer 2": tanh, "width 1": 3, "width 2": 5, "inputs": 4, "units": 2, "decay": 0.5},
        **{"reduction": "sum", "output": Output("mixture", 3)},
    }
    hidden = (Hidden(3, "relu"), Hidden(5, "tanh"), Hidden(3, "relu"), Hidden(5, "tanh"))
    for depth in range(5):
        network = Network(4, 2 * 9, Output("mixture", 3), hidden[:depth], "sum", 0.5)
        assert described(levels | {"depth": depth}) == network
    for output, units in (("categorical", [2, 2, 3]), ("gaussian", [1, 2, 3]), ("heteroscedastic", [2, 4, 6])):
        found = (described(levels | {"depth": 0, "units": asked, "output": Output(output)}) for asked in (1, 2, 3))
        assert [network.units for network in found] == units


def test_a_mixture_has_every_number_of_components() -> None:
    """Without it a log-sum over components could be one over two of them."""
    factors = network_plan("float32", outputs=("gaussian", "mixture")).factors
    assert factors["output"] == (Output("gaussian"), *(Output("mixture", count) for count in standard.COMPONENTS))


def test_what_is_drawn_of_a_plan_is_accepted() -> None:
    """Without it what an implementation refuses would use up the examples, or be judged."""
    odd = Supported(accepts=lambda network: network.inputs % 2 == 1)
    plan = partial(network_plan, outputs=("gaussian",), depths=(0,))
    inputs = set()
    for seed in range(12):
        drawn = find(of_plan(plan, "float32", odd), lambda case, seed=seed: len(case.x) > seed % 4, settings=FOUND)
        inputs.add(drawn.network.inputs % 2)
    assert inputs == {1}
    assert find(of_plan(plan, "float32"), lambda case: case.network.inputs == 2, settings=FOUND).dtype == "float32"
    none = Supported(accepts=lambda network: False)

    def pieces(dtype: str, supported: Supported) -> Plan:
        return Plan({"z": (1,)}, lambda levels, random: ActivationCase("relu", random.normal(size=2)))

    assert find(of_plan(pieces, "float64", none), lambda case: bool((case.z > 0).all()), settings=FOUND)


def test_a_plan_of_recurrent_layers_has_every_factor() -> None:
    """Without it the first state, or the number of steps, would be the same in every case."""
    plan = recurrent_plan("float16", ("tanh", "relu"), ("gaussian", "categorical"))
    small = (1, 2, 3)
    assert plan.factors == {
        **{"layer 1": (Hidden(1, "tanh"), Hidden(1, "relu")), "width 1": small, "inputs": small, "units": small},
        **{"output": (Output("gaussian"), Output("categorical")), "reduction": ("mean", "sum"), "steps": small},
        **{**VALUES, "first state": ("plain", "zero")},
    }
    assert recurrent_plan("float32", ("relu",), ("gaussian",)).factors["rows"] == (1, 2, 3, 5, 8, 9)
    case = plan.case(plan.rows()[0], "0")
    assert isinstance(case.network, Recurrent)
    assert case.dtype == "float16"
